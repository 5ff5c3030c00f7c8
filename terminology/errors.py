"""What can go wrong with the glossary: each error carries its data and says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class TerminologyError(Exception):
    """Any error of this room."""


class WorkbookError(TerminologyError):
    """A glossary file cannot be read or written at all; a bad row is reported in the import report instead."""

    def __init__(self, path: Path, problem: str, advice: str) -> None:
        self.path, self.problem, self.advice = path, problem, advice
        super().__init__(f"The glossary file {path} cannot be used: {problem} {advice}")


class InvalidSenseError(TerminologyError):
    """Senses that are to be stored break the rules of the glossary; `problems` lists all of them."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("The glossary refuses this: " + "; ".join(self.problems))


class SenseNotFoundError(TerminologyError):
    """No sense has this id."""

    def __init__(self, sense_id: int) -> None:
        self.sense_id = sense_id
        super().__init__(
            f"The glossary has no sense with the id {sense_id}. `termroute terms list --json` shows the ids."
        )


class ProposalNotFoundError(TerminologyError):
    """Some proposals do not exist, or a person has already decided on them."""

    def __init__(self, proposal_ids: Sequence[int]) -> None:
        self.proposal_ids = tuple(proposal_ids)
        super().__init__(
            f"No open proposal has the id(s) {', '.join(map(str, self.proposal_ids))}; nothing was decided. "
            "`termroute terms discover --json` shows the open ones."
        )


class UndoConflictError(TerminologyError):
    """A change cannot be undone, since a later change touched the same sense, or it was undone already."""

    def __init__(self, change: int, reason: str) -> None:
        self.change, self.reason = change, reason
        super().__init__(f"Change {change} cannot be undone: {reason}")


class GlossaryUnavailableError(TerminologyError):
    """The database cannot be opened, read or written; `url` has its password masked."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(
            f"The glossary database {url} cannot be used: {reason}. Check TERMROUTE_DATABASE_URL, free disk space and "
            "that the schema was created (start any termroute command once)."
        )


class TermModelError(TerminologyError):
    """The terminology model or its adapter cannot be loaded or used; `name` is its folder or hub name."""

    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(f"The terminology model {name} cannot be used: it {reason}.")
