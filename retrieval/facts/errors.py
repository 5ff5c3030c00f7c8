"""What can go wrong with exact facts; each error carries the data that names the culprit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retrieval.facts.types import Correction


class FactError(Exception):
    """The root of the errors of exact facts."""


class UnknownTableError(FactError):
    """A correction or a reading names a table that is not there."""

    def __init__(self, source: str, table: str, ordinal: int, known: tuple[str, ...]) -> None:
        self.source, self.table, self.ordinal, self.known = source, table, ordinal, known
        names = ", ".join(known) or "none"
        super().__init__(
            f"{source} has no table {table!r} number {ordinal}; its tables are: {names}. "
            "`termroute facts tables` lists all of them."
        )


class BadCorrectionError(FactError):
    """A correction names a row or column that its table does not have."""

    def __init__(self, correction: Correction, what: str, allowed: str) -> None:
        self.correction, self.what, self.allowed = correction, what, allowed
        super().__init__(f"the correction of table {correction.table!r} names {what}; allowed is {allowed}")


class RowIndexError(FactError):
    """The derived index of row names cannot be read or written."""

    def __init__(self, path: str, cause: str) -> None:
        self.path, self.cause = path, cause
        super().__init__(f"the row index in {path} cannot be used ({cause}); `termroute rebuild` makes it anew")


class RuleFileError(FactError):
    """A file of column synonyms or name rules cannot be read."""

    def __init__(self, path: str, cause: str) -> None:
        self.path, self.cause = path, cause
        super().__init__(f"{path}: {cause}; correct the entry or remove the file to use the defaults")


class BadProposalError(FactError):
    """A proposed query names a table, column, operator or value that is not there or does not fit."""

    def __init__(self, what: str, allowed: tuple[str, ...]) -> None:
        self.what, self.allowed = what, allowed
        super().__init__(f"the proposed query names {what}; allowed: {', '.join(allowed) or 'nothing'}")
