"""The vocabulary of the terminology room: terms, senses, matches and what a question resolved to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

ChosenBy = Literal["only", "department", "context", "model", "user"]


@dataclass(frozen=True, slots=True)
class TermSource:
    """Where a sense was read: a workbook file, its sheet and the 1-based row (None for a sense typed by hand)."""

    file: str
    sheet: str | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of one abbreviation: a glossary row, verbatim.

    `id` is the database key (0 before the sense is stored). `term` is the abbreviation as written in the
    workbook (`Act.`, `T+1`); `english` and `chinese` may be empty, never both.
    """

    term: str
    english: str
    chinese: str
    id: int = 0
    number: str = ""
    department: str = ""
    note: str = ""
    aliases: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    valid_from: str = ""
    valid_to: str = ""
    source: TermSource | None = None


class TermMatch(NamedTuple):
    """A stretch of the question that names one or more senses; offsets in characters of the question.

    A tuple rather than a dataclass: several are made for every question, and it takes half the time.
    """

    surface: str
    start: int
    end: int
    senses: tuple[Sense, ...]
    kind: Literal["exact", "folded", "alias", "english", "chinese", "typo", "pinyin"] = "exact"


@dataclass(frozen=True, slots=True)
class ScoredSense:
    """A candidate sense with its calibrated probability; the scores of one match sum to 1."""

    sense: Sense
    score: float


@dataclass(frozen=True, slots=True)
class ResolvedTerm:
    """A match with its sense chosen; `close` says that the runner-up is too near to choose alone."""

    match: TermMatch
    chosen: ScoredSense
    chosen_by: ChosenBy
    alternatives: tuple[ScoredSense, ...] = ()
    close: bool = False


@dataclass(frozen=True, slots=True)
class Resolution:
    """What terminology understood of a question.

    `rewritten_question` has each matched abbreviation expanded in place, as in
    `客户经理（AM，Account Manager）负责哪些事情？`. `search_terms` are the further forms (Chinese name, English
    name, abbreviation) that retrieval may search beside the question.
    """

    question: str
    rewritten_question: str
    terms: tuple[ResolvedTerm, ...] = ()
    search_terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TermContext:
    """What is known beside the question: the asker's department, the turns before, and choices the user made.

    `chosen` maps a folded surface to the id of the sense that the user picked in this conversation.
    """

    department: str | None = None
    history: tuple[str, ...] = ()
    chosen: tuple[tuple[str, int], ...] = ()


RowStatus = Literal["added", "changed", "unchanged", "duplicate", "incomplete"]


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """What an import did, or with a dry run would do, with one row of the file.

    `reason` says why a row is a duplicate or incomplete, what a change changed, and what could not be taken as
    typed. `sense_id` is 0 where the row leads to no stored sense.
    """

    source: TermSource
    status: RowStatus
    term: str
    english: str
    chinese: str
    reason: str = ""
    sense_id: int = 0


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The outcome of an import, row by row in the order of the file.

    `change` is the id under which the import can be undone, 0 when nothing changed or with a dry run.
    """

    file: str
    rows: tuple[ImportedRow, ...]
    titles: tuple[TermSource, ...] = ()
    warnings: tuple[str, ...] = ()
    dry_run: bool = False
    change: int = 0

    def count(self, status: RowStatus) -> int:
        """Return how many rows have this status."""
        return sum(1 for row in self.rows if row.status == status)


@dataclass(frozen=True, slots=True)
class Revision:
    """How often the glossary and the feedback have changed; both only ever grow."""

    glossary: int
    feedback: int


@dataclass(frozen=True, slots=True)
class SenseEdit:
    """One sense before and after a change; None before it was added and after it was removed."""

    sense_id: int
    before: Sense | None
    after: Sense | None


@dataclass(frozen=True, slots=True)
class GlossaryChange:
    """One entry of the glossary's history: who did what, when (ISO 8601, UTC), and every sense it touched.

    `undoes` is the change that this one took back, `undone_by` the one that took this back; 0 for none. `touched` is
    how many senses it touched, also where a history gives only some of its `edits`.
    """

    id: int
    at: str
    who: str
    action: Literal["import", "add", "edit", "remove", "accept", "undo"]
    edits: tuple[SenseEdit, ...] = ()
    undoes: int = 0
    undone_by: int = 0
    touched: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """A person's word on one choice: in `question`, `surface` did (or did not) mean the sense `sense_id`."""

    surface: str
    sense_id: int
    question: str
    right: bool = True
    who: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that speaks for a proposal, and the document (or `question`) that it stands in."""

    sentence: str
    document: str = ""


FoundBy = Literal["definition", "table", "document", "question"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A term that documents or questions use and the glossary lacks; a person accepts or rejects it.

    `english` and `chinese` are empty where no full name was found. `count` is how often it was seen. `found_by`:
    `definition` a pair in a sentence, `table` a glossary table in a document, `document` and `question` an abbreviation
    that they use without saying what it means.
    """

    term: str
    english: str = ""
    chinese: str = ""
    found_by: FoundBy = "definition"
    evidence: tuple[Evidence, ...] = ()
    count: int = 1
    id: int = 0
    status: Literal["open", "accepted", "rejected"] = "open"


@dataclass(frozen=True, slots=True)
class UnknownTerm:
    """An abbreviation that questions used and the glossary lacks: how often, and the last question with it."""

    surface: str
    count: int
    question: str
    at: str


class SenseScorer(Protocol):
    """A model that scores the glossary's senses of a term in a question; it never writes one."""

    def score(self, question: str, senses: Sequence[Sense]) -> list[float]:
        """Return one log-likelihood per sense, in their order; only differences count."""
        ...


class ContextSource(Protocol):
    """Sentences of the ingested documents."""

    def contexts(self, term: str) -> Sequence[str]:
        """Return sentences or short passages in which documents use `term`, the most typical first."""
        ...

    def change(self) -> int:
        """Return a number that differs once documents have come or gone; asked every second or so."""
        ...


class Embedder(Protocol):
    """Turns texts into vectors of length 1; the embedders of retrieval fit."""

    def embed_documents_array(self, texts: list[str]) -> NDArray[np.float32]:
        """Return one vector per text, shape (len(texts), d)."""
        ...

    def embed_query_array(self, text: str) -> NDArray[np.float32]:
        """Return the vector of one question, shape (d,)."""
        ...
