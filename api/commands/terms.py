"""`termroute terms`: the glossary from a terminal; every change has its author, its history and its way back."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api import problems
from api.commands.proposals import commands as proposal_commands
from api.commands.proposals import show_proposals
from api.terminal import Department, Json, Text, current_user, emit, open_application, out

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from terminology.columns import Field
    from terminology.types import Sense

commands = typer.Typer(no_args_is_help=True, help="The glossary.")
commands.add_typer(proposal_commands, name="proposals")

English = Annotated[str | None, typer.Option(help="The English full name.")]
Chinese = Annotated[str | None, typer.Option(help="The Chinese meaning.")]
Owner = Annotated[str | None, typer.Option("--department", help="The department that uses this sense.")]
Note = Annotated[str | None, typer.Option(help="A remark, shown with the sense.")]
Number = Annotated[str | None, typer.Option(help="The number (序号) of the row.")]
Alias = Annotated[list[str] | None, typer.Option(help="Another way to write it; may be given several times.")]
Example = Annotated[list[str] | None, typer.Option(help="A sentence that uses it; may be given several times.")]
From = Annotated[str | None, typer.Option("--valid-from", help="First day of validity, such as 2026-01-31.")]
Until = Annotated[str | None, typer.Option("--valid-to", help="Last day of validity.")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many.")]
Offset = Annotated[int, typer.Option(min=0, help="Leave out so many first.")]


@commands.command("import")
def import_terms(
    file: Annotated[Path, typer.Argument(help="A glossary workbook: .xlsx or .csv.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report only; change nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Import a glossary; the report tells what became of every row. Ends with 1 where a row was incomplete."""
    from api.glossary import import_terms as import_glossary

    with open_application() as application:
        report = import_glossary(application, file, dry_run=dry_run, who=current_user())
        if report["change"]:
            # Now rather than at the first question that needs it.
            application.resolver.prepare()
    emit([report]) if as_json else _tell(report)
    if report["counts"]["incomplete"]:
        # Done, but not with every row: scripts must be able to tell.
        raise typer.Exit(problems.SOME_FAILED)


def _tell(report: dict[str, Any]) -> None:
    counts, dry_run = report["counts"], report["dry_run"]
    out(", ".join(f"{name} {count}" for name, count in counts.items()) + (" (dry run)" if dry_run else ""))
    for row in report["rows"]:
        if row["reason"] or row["status"] in {"incomplete", "duplicate"}:
            place = f"sheet {row['sheet']}, row {row['row']}" if row["sheet"] else f"row {row['row']}"
            out(f"  {place}: {row['term']}: {row['status']}: {row['reason']}")
    for warning in report["warnings"]:
        out(f"  note: {warning}")
    if report["change"]:
        out(f"  change {report['change']}: `termroute terms undo {report['change']}` takes it back")


@commands.command("export")
def export_terms(
    file: Annotated[
        Path | None, typer.Argument(help="Where to write: .xlsx or .csv; without it, CSV on standard output.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Export the glossary."""
    from api.glossary import export_terms as export_glossary
    from api.glossary import exported

    with open_application() as application:
        if file is not None:
            count = export_glossary(application, file)
        elif as_json:
            _show_senses(application.senses(), as_json)
        else:
            out(exported(application, "csv").decode("utf-8-sig").rstrip("\r\n"))
    if file is not None:
        emit([{"file": str(file), "senses": count}]) if as_json else out(f"{count} senses written to {file}")


@commands.command("list")
def list_terms(
    search: Annotated[str | None, typer.Option(help="Only rows that hold this text.")] = None,
    department: Annotated[str | None, typer.Option(help="Only rows of this department.")] = None,
    prefix: Annotated[str | None, typer.Option(help="Only abbreviations that begin so.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    offset: Offset = 0,
    as_json: Json = False,
) -> None:
    """List the glossary rows."""
    from api.glossary import Wanted, list_senses

    with open_application() as application:
        found, _ = list_senses(application, Wanted(search, department, prefix), offset, limit)
    _show_senses(found, as_json)


@commands.command("lookup")
def lookup_term(text: Text, as_json: Json = False) -> None:
    """Look a name up: abbreviation, English or Chinese."""
    with open_application() as application:
        found = application.lookup(text)
    if not found:
        typer.echo(f"termroute: the glossary has no {text!r}", err=True)
    _show_senses(found, as_json)


@commands.command("resolve")
def resolve_terms(question: Text, department: Department = None, as_json: Json = False) -> None:
    """Find, disambiguate and expand the terms of a question."""
    from api.schemas import ResolutionSchema

    with open_application() as application:
        shown = ResolutionSchema.of(application.resolve(question, department)).model_dump()
    emit([shown]) if as_json else out(json.dumps(shown, ensure_ascii=False, indent=2))


@commands.command("add")
def add_term(  # noqa: PLR0913 - options of a command
    term: Annotated[str, typer.Argument(help="The abbreviation.")],
    english: English = None,
    chinese: Chinese = None,
    department: Owner = None,
    note: Note = None,
    number: Number = None,
    alias: Alias = None,
    example: Example = None,
    valid_from: From = None,
    valid_to: Until = None,
    as_json: Json = False,
) -> None:
    """Add one sense by hand; an abbreviation that is there already gets a further sense."""
    from terminology.editing import typed

    given = _given(locals(), term=term)
    with open_application() as application:
        added = application.glossary.add(typed(given), current_user())
    _show_senses([added], as_json)


@commands.command("edit")
def edit_term(  # noqa: PLR0913 - options of a command
    sense_id: Annotated[int, typer.Argument(help="The id, as `terms list --json` shows it.")],
    term: Annotated[str | None, typer.Option(help="The abbreviation.")] = None,
    english: English = None,
    chinese: Chinese = None,
    department: Owner = None,
    note: Note = None,
    number: Number = None,
    alias: Alias = None,
    example: Example = None,
    valid_from: From = None,
    valid_to: Until = None,
    as_json: Json = False,
) -> None:
    """Change one sense; what is not given stays, an empty text empties the field."""
    from terminology.editing import revised

    given = _given(locals(), term=term)
    if not given:
        raise typer.BadParameter("name at least one field to change, such as --chinese TEXT")
    with open_application() as application:
        changed = application.glossary.revise(sense_id, lambda sense: revised(sense, given), current_user())
    _show_senses([changed], as_json)


@commands.command("remove")
def remove_term(
    sense_id: Annotated[int, typer.Argument(help="The id, as `terms list --json` shows it.")],
    as_json: Json = False,
) -> None:
    """Remove one sense; `terms undo` brings it back."""
    with open_application() as application:
        application.glossary.remove(sense_id, current_user())
    emit([{"id": sense_id, "status": "removed"}]) if as_json else out(f"removed {sense_id}")


@commands.command("history")
def show_history(
    sense_id: Annotated[int | None, typer.Argument(help="Only the changes of this sense.")] = None,
    limit: Limit = 20,
    offset: Offset = 0,
    as_json: Json = False,
) -> None:
    """Show who changed what and when, newest first."""
    from api.term_schemas import ChangeSchema

    with open_application() as application:
        changes = application.glossary.history(sense_id, limit, offset)
    if as_json:
        emit(ChangeSchema.of(change).model_dump() for change in changes)
        return
    for change in changes:
        undone = f", undone by change {change.undone_by}" if change.undone_by else ""
        undoes = f" of change {change.undoes}" if change.undoes else ""
        out(
            f"{change.id}\t{change.at}\t{change.who}\t{change.action}{undoes}, {change.touched} sense(s){undone}"
        )
        for edit in change.edits[:10]:
            out(f"    {edit.sense_id}: {_line(edit.before)} -> {_line(edit.after)}")


@commands.command("undo")
def undo_change(
    change: Annotated[
        int | None, typer.Argument(help="The change, as `terms history` shows it; else the latest.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Take one change back exactly; the undo is a change itself and can be undone."""
    from api.term_schemas import ChangeSchema

    with open_application() as application:
        done = application.glossary.undo(change, current_user())
    if as_json:
        emit([ChangeSchema.of(done).model_dump()])
        return
    out(f"change {done.undoes} is undone ({done.touched} sense(s)); this is change {done.id}")


@commands.command("discover")
def discover_terms(
    at_least: Annotated[
        int,
        typer.Option(min=1, help="How often documents or questions must have used an unknown abbreviation."),
    ] = 2,
    as_json: Json = False,
) -> None:
    """Propose terms that documents define or use, or questions use, but the glossary lacks; a person decides."""
    from api.glossary import discover

    with open_application() as application:
        found = [asdict(proposal) for proposal in discover(application, at_least)]
    show_proposals(found, as_json)


def _given(options: dict[str, Any], *, term: str | None) -> dict[Field, str | Sequence[str]]:
    """Return the fields that were named on the command line."""
    named: dict[Field, Any] = {
        "term": term,
        "english": options["english"],
        "chinese": options["chinese"],
        "department": options["department"],
        "note": options["note"],
        "number": options["number"],
        "aliases": options["alias"],
        "examples": options["example"],
        "valid_from": options["valid_from"],
        "valid_to": options["valid_to"],
    }
    return {field: value for field, value in named.items() if value is not None}


def _show_senses(senses: Iterable[Sense], as_json: bool) -> None:
    from api.schemas import SenseSchema

    shown = [SenseSchema.of(sense).model_dump() for sense in senses]
    if as_json:
        emit(shown)
        return
    for item in shown:
        out(f"{item['id']}\t{item['term']}\t{item['english']}\t{item['chinese']}\t{item['department']}")


def _line(sense: Sense | None) -> str:
    if sense is None:
        return "(none)"
    return " | ".join(part for part in (sense.term, sense.english, sense.chinese, sense.department) if part)
