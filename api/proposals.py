"""Proposed terms as the doors use them: listed with filters, accepted or rejected in bulk by a person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

from terminology.errors import ProposalNotFoundError
from terminology.normalize import fold_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.wiring import Application
    from terminology.types import Proposal, Sense

ProposalStatus = Literal["open", "accepted", "rejected"]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which proposals are meant: how they were found, how often at least, and a text in them."""

    found_by: str | None = None
    at_least: int = 1
    text: str | None = None

    def holds(self, proposal: Proposal) -> bool:
        """Whether `proposal` passes."""
        if self.found_by is not None and proposal.found_by != self.found_by:
            return False
        if proposal.count < self.at_least:
            return False
        if not self.text:
            return True
        said = (proposal.term, proposal.english, proposal.chinese, *(e.sentence for e in proposal.evidence))
        return any(fold_key(self.text) in fold_key(each) for each in said)


@dataclass(frozen=True, slots=True)
class Selection:
    """The proposals that a decision is about: these ids, or with `everything` all open ones that pass the filter."""

    ids: tuple[int, ...] = ()
    everything: bool = False
    filter: Filter = Filter()


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of an acceptance: ids taken, senses that are new, and ids left open with the reason."""

    ids: tuple[int, ...]
    senses: tuple[Sense, ...]
    skipped: tuple[tuple[int, str], ...] = ()


def proposals(
    application: Application,
    chosen: Filter = Filter(),
    groups: frozenset[str] | None = None,
    status: ProposalStatus = "open",
) -> list[Proposal]:
    """Return proposals, the most frequent first, with the evidence that `groups` may see (None: all).

    A proposal that stands only in documents that `groups` may not see is left out.
    """
    visible = _visible(application, groups)
    found = [_for_reader(each, visible) for each in application.glossary.proposals(status)]
    return [each for each in found if each is not None and chosen.holds(each)]


def accept(
    application: Application,
    selection: Selection,
    who: str,
    english: str = "",
    chinese: str = "",
    groups: frozenset[str] | None = None,
) -> Accepted:
    """Make senses of the selected proposals in one change.

    With `everything`, those without a meaning stay open and are reported; `english` and `chinese` fill one proposal up.
    Raises ProposalNotFoundError, InvalidSenseError.
    """
    ids, skipped = selection.ids, []
    _check_seen(application, ids, groups)
    if selection.everything:
        found = proposals(application, selection.filter, groups)
        ids = tuple(each.id for each in found if each.english or each.chinese)
        skipped = [(each.id, "no meaning was found") for each in found if not (each.english or each.chinese)]
    if not ids:
        return Accepted((), (), tuple(skipped))
    shareable = _visible(application, frozenset())
    senses = application.glossary.accept(ids, who, english, chinese, shareable)
    return Accepted(ids, tuple(senses), tuple(skipped))


def reject(
    application: Application, selection: Selection, who: str, groups: frozenset[str] | None = None
) -> tuple[int, ...]:
    """Reject the selected proposals for good and return their ids; raises ProposalNotFoundError."""
    ids = selection.ids
    _check_seen(application, ids, groups)
    if selection.everything:
        ids = tuple(each.id for each in proposals(application, selection.filter, groups))
    if ids:
        application.glossary.reject(ids, who)
    return ids


def _check_seen(application: Application, ids: tuple[int, ...], groups: frozenset[str] | None) -> None:
    """Raise ProposalNotFoundError for an id that `groups` may not see: it is as unknown as one that never was."""
    if groups is None or not ids:
        return
    visible = _visible(application, groups)
    hidden = [
        each.id
        for status in get_args(ProposalStatus)
        for each in application.glossary.proposals(status)
        if each.id in ids and _for_reader(each, visible) is None
    ]
    if hidden:
        raise ProposalNotFoundError(hidden)


def _visible(application: Application, groups: frozenset[str] | None) -> Callable[[str], bool]:
    """Return whether readers of `groups` may see the document of a piece of evidence; a question has none."""
    if groups is None:
        return lambda _: True
    # Evidence names its document: where two have one name, both must be visible.
    allowed = {document.id for document in application.documents(groups)}
    hidden = {document.name for document in application.documents(None) if document.id not in allowed}
    return lambda name: name not in hidden


def _for_reader(proposal: Proposal, visible: Callable[[str], bool]) -> Proposal | None:
    evidence = tuple(each for each in proposal.evidence if visible(each.document))
    if proposal.evidence and not evidence:
        return None
    return replace(proposal, evidence=evidence)
