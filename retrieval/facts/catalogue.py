"""The tables that an asker may see, with what each of their columns means and which identifiers they hold."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from retrieval.facts.identifiers import CITIZEN_NUMBER, CNAPS, CREDIT_CODE, IdentifierPattern, fits, passes
from retrieval.facts.normalize import fold
from retrieval.facts.row_index import naming_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.facts.columns import Vocabulary
    from retrieval.facts.questions import Mention
    from retrieval.facts.types import StoredTable, TableRow

PLACES = frozenset({"city", "province", "district", "region", "country", "address", "place"})
_NOT_THE_CODE = frozenset({"city_code", "head_code", "zip", "phone", "fax", "account"})
_REMEMBERED = 2_000
_PATTERNS = (CNAPS, CREDIT_CODE, CITIZEN_NUMBER)


@dataclass(frozen=True, slots=True)
class TableDocument:
    """The document of a table: what tells versions of it apart."""

    id: str
    name: str
    title: str
    modified: str


@dataclass(frozen=True, slots=True)
class KnownTable:
    """A stored table as understood: concepts by column, the columns that name rows, and those that say places."""

    stored: StoredTable
    concepts: tuple[frozenset[str], ...]
    naming: tuple[int, ...]
    places: tuple[int, ...]
    key: int
    code: int | None
    patterns: tuple[tuple[int, IdentifierPattern], ...]
    fits: dict[tuple[str, bool], dict[int, float]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def dated(self) -> TableDocument:
        """The table's document, as its versions are told apart."""
        stored = self.stored
        return TableDocument(stored.table.document_id, stored.document, stored.title, stored.modified)

    @property
    def number(self) -> int:
        """The table's number in the database."""
        return self.stored.number


def understand(stored: StoredTable, sample: Sequence[TableRow], vocabulary: Vocabulary) -> KnownTable:
    """Reads the headers and a sample of the rows of one table."""
    columns = stored.table.columns
    concepts = tuple(vocabulary.concepts_of(column.name) for column in columns)
    naming = naming_columns(columns)
    key = next((i for i, c in enumerate(columns) if c.key), naming[0] if naming else 0)
    codes = [
        i
        for i, c in enumerate(columns)
        if c.kind == "identifier" and i != key and not concepts[i] & _NOT_THE_CODE
    ]
    coded = [i for i in codes if any("code" in vocabulary.wider(each) for each in concepts[i])]
    patterns = []
    for position, column in enumerate(columns):
        if column.kind == "identifier":
            pattern = _pattern([row.cells[position] for row in sample if row.cells[position].strip()])
            patterns.extend([(position, pattern)] if pattern else [])
    return KnownTable(
        stored=stored,
        concepts=concepts,
        naming=naming,
        places=tuple(i for i, found in enumerate(concepts) if found & PLACES),
        key=key,
        code=next(iter(coded), next(iter(codes), None)),
        patterns=tuple(patterns),
    )


def _pattern(texts: Sequence[str]) -> IdentifierPattern | None:
    """The kind of identifier that all the texts are; by their common shape where no known kind fits."""
    if len(texts) < 3:
        return None
    for pattern in _PATTERNS:
        if all(fits(text, pattern) and passes(text, pattern.check) for text in texts):
            return pattern
    shapes = Counter(_shape(text) for text in texts)
    shape, count = shapes.most_common(1)[0]
    return IdentifierPattern("编号", shape) if count == len(texts) else None


def _shape(text: str) -> str:
    """A regular expression of the text's run lengths: two letters and four digits become `[A-Z]{2}\\d{4}`."""
    runs: list[list[object]] = []
    for char in fold(text).upper():
        kind = r"\d" if char.isdigit() else "[A-Z]" if char.isascii() and char.isalpha() else char
        if runs and runs[-1][0] == kind:
            runs[-1][1] = int(str(runs[-1][1])) + 1
        else:
            runs.append([kind, 1])
    return "".join(
        f"{kind if kind in (chr(92) + 'd', '[A-Z]') else chr(92) + str(kind)}{{{count}}}"
        for kind, count in runs
    )


def columns_for(mention: Mention, table: KnownTable, vocabulary: Vocabulary) -> list[int]:
    """The columns that a mention can mean in a table: only the best, several where they are equally good."""
    return match_columns(mention, table, vocabulary)[1]


def match_columns(mention: Mention, table: KnownTable, vocabulary: Vocabulary) -> tuple[float, list[int]]:
    """How well a mention fits its best columns in a table (4 the very header, 0 none), and which these are."""
    fits = column_fits(mention, table, vocabulary)
    best = max(fits.values(), default=0.0)
    return best, [position for position, score in fits.items() if score == best]


def column_fits(mention: Mention, table: KnownTable, vocabulary: Vocabulary) -> dict[int, float]:
    """All the columns of a table that a mention can mean, with how well it fits each."""
    key = (mention.word, mention.asks)
    if key in table.fits:
        return table.fits[key]
    word = fold(mention.word)
    fits = {}
    for position, column in enumerate(table.stored.table.columns):
        score = _fit(word, mention, fold(column.name), table.concepts[position], vocabulary)
        if score:
            fits[position] = score
    if len(table.fits) < _REMEMBERED:
        table.fits[key] = fits
    return fits


def _fit(word: str, mention: Mention, header: str, concepts: frozenset[str], vocabulary: Vocabulary) -> float:
    score = 0.0
    if header == word:
        score = 4.0
    elif word in header.split("/"):
        score = 3.5
    elif concepts & mention.concepts:
        score = 3.25 if word in header else 3.0
    elif any(mention.concepts & vocabulary.wider(concept) for concept in concepts):
        score = 1.5 if concepts & _NOT_THE_CODE else 2.0
    elif len(word) > 1 and word in header:
        score = 1.5
    return min(score, 2.5) if mention.asks else score
