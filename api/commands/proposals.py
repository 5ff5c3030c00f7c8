"""`termroute terms proposals`: what was discovered, for a person to accept or reject, one by one or in bulk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, cast, get_args

import typer

from api.terminal import Json, current_user, emit, open_application, out

if TYPE_CHECKING:
    from collections.abc import Iterable

commands = typer.Typer(no_args_is_help=True, help="Proposed terms; a person decides on each.")

Ids = Annotated[list[int] | None, typer.Argument(help="The ids of the proposals.")]
Everything = Annotated[bool, typer.Option("--all", help="All open proposals, limited by the filters.")]
FoundBy = Annotated[
    str | None, typer.Option("--found-by", help="Only those found so: definition, table, document or question.")
]
AtLeast = Annotated[int, typer.Option(min=1, help="Only those seen at least so often.")]
Text = Annotated[str | None, typer.Option(help="Only those with this text in term, names or evidence.")]


@commands.command("list")
def list_proposals(
    status: Annotated[str, typer.Option(help="open, accepted or rejected")] = "open",
    found_by: FoundBy = None,
    at_least: AtLeast = 1,
    text: Text = None,
    as_json: Json = False,
) -> None:
    """List proposals with their evidence, the most frequent first."""
    from dataclasses import asdict

    from api.proposals import Filter, proposals

    if status not in {"open", "accepted", "rejected"}:
        raise typer.BadParameter("allowed: open, accepted, rejected", param_hint="--status")
    chosen = cast("Literal['open', 'accepted', 'rejected']", status)
    with open_application() as application:
        found = proposals(application, Filter(_known(found_by), at_least, text), status=chosen)
    show_proposals([asdict(each) for each in found], as_json)


@commands.command("accept")
def accept_proposals(  # noqa: PLR0913 - options of a command
    ids: Ids = None,
    everything: Everything = False,
    found_by: FoundBy = None,
    at_least: AtLeast = 1,
    text: Text = None,
    english: Annotated[str, typer.Option(help="The English name, for one proposal.")] = "",
    chinese: Annotated[str, typer.Option(help="The Chinese name, for one proposal.")] = "",
    as_json: Json = False,
) -> None:
    """Make senses of proposals, all in one change that `terms undo` takes back."""
    from api.proposals import Filter, Selection, accept
    from api.schemas import SenseSchema

    selection = Selection(tuple(ids or ()), everything, Filter(_known(found_by), at_least, text))
    _check(selection.ids, everything, named=bool(english or chinese))
    with open_application() as application:
        done = accept(application, selection, current_user(), english, chinese)
    if as_json:
        emit(
            [
                {
                    "accepted": list(done.ids),
                    "senses": [SenseSchema.of(sense).model_dump() for sense in done.senses],
                    "skipped": [{"id": number, "reason": reason} for number, reason in done.skipped],
                }
            ]
        )
        return
    out(f"{len(done.ids)} accepted, {len(done.senses)} new senses")
    for number, reason in done.skipped:
        out(f"  {number}: not accepted: {reason}")


@commands.command("reject")
def reject_proposals(
    ids: Ids = None,
    everything: Everything = False,
    found_by: FoundBy = None,
    at_least: AtLeast = 1,
    text: Text = None,
    as_json: Json = False,
) -> None:
    """Reject proposals for good: they are not proposed again."""
    from api.proposals import Filter, Selection, reject

    selection = Selection(tuple(ids or ()), everything, Filter(_known(found_by), at_least, text))
    _check(selection.ids, everything, named=False)
    with open_application() as application:
        rejected = reject(application, selection, current_user())
    emit([{"rejected": list(rejected)}]) if as_json else out(f"{len(rejected)} rejected")


def show_proposals(found: Iterable[dict[str, Any]], as_json: bool) -> None:
    """Write proposals to stdout."""
    if as_json:
        emit(found)
        return
    for item in found:
        shown = item["evidence"][0]["sentence"] if item["evidence"] else ""
        names = f"{item['english']}\t{item['chinese']}"
        out(f"{item['id']}\t{item['term']}\t{names}\t{item['count']}\t{item['found_by']}\t{shown}")


def _known(found_by: str | None) -> str | None:
    from terminology.types import FoundBy as HowFound

    if found_by is not None and found_by not in get_args(HowFound):
        raise typer.BadParameter(f"allowed: {', '.join(get_args(HowFound))}", param_hint="--found-by")
    return found_by


def _check(ids: tuple[int, ...], everything: bool, *, named: bool) -> None:
    if bool(ids) == everything:
        raise typer.BadParameter("give the ids of proposals, or --all, and not both")
    if named and len(ids) != 1:
        raise typer.BadParameter("--english and --chinese are for one proposal")
