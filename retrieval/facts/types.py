"""The vocabulary of exact facts: grids as read from files, tables as understood, and the facts looked up in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ColumnKind = Literal["text", "identifier", "number", "money", "percent", "date", "boolean"]


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell exactly as shown (or as typed where it is text); `typed` is the ISO or decimal form when known.

    `merged_from` is the A1 address of the anchor when this cell is covered by a merge (its text is the
    anchor's text).
    """

    text: str
    typed: str | None = None
    kind: ColumnKind = "text"
    merged_from: str | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """A rectangle of cells as a parser saw it: a sheet, or one table of a page or slide.

    `rows[i]` stands at row number `row_numbers[i]` (1-based, as in the file); column 0 of `rows` is column
    `first_column` (1-based). `hidden_rows` lists the row numbers that the file hides,
    `hidden_columns` the columns (1-based, as in the file).
    """

    name: str
    rows: tuple[tuple[GridCell, ...], ...]
    row_numbers: tuple[int, ...]
    first_column: int = 1
    sheet: str | None = None
    page: int | None = None
    slide: int | None = None
    headings: tuple[str, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column as understood; `name` joins the header rows, `unit` is what the header says in brackets."""

    name: str
    index: int
    kind: ColumnKind = "text"
    unit: str = ""
    key: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its header found; rows are kept in the store, not here."""

    id: str
    document_id: str
    name: str
    columns: tuple[Column, ...]
    header_rows: tuple[int, ...]
    row_count: int
    sheet: str | None = None
    page: int | None = None
    slide: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """One value, character for character, with the cell or the sentence that it stands in.

    For a cell: `table`, `row` (1-based, as in the file), `column` and `cell` are set. For a sentence: `sentence`
    is the quoted sentence and `chunk_id` its chunk; `table` and `column` are empty. `unit` is what the column's
    header says in brackets; the value itself is as in its cell.
    """

    value: str
    document_id: str
    document: str
    table: str = ""
    table_id: str = ""
    row: int | None = None
    column: str = ""
    sheet: str | None = None
    page: int | None = None
    cell: str | None = None
    sentence: str = ""
    chunk_id: str = ""
    label: str = ""
    unit: str = ""


FactStatus = Literal["found", "several", "absent", "wrong_identifier", "not_a_table_question"]


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person says about one table; it survives re-ingestion because it names the source, not the document.

    `table` is the grid's name (the sheet, or the name a parser gave) and `ordinal` counts the tables of that
    grid from 0. `header_rows` are row numbers as in the file (empty tuple: the table has no header); None keeps
    what was found. `column_names` and `key_columns` count columns from 0 within the table.
    """

    source: str
    table: str
    ordinal: int = 0
    header_rows: tuple[int, ...] | None = None
    key_columns: tuple[int, ...] | None = None
    column_names: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LaidTable:
    """A table found in a grid: its columns, and which of the grid's rows are its body.

    `body` holds positions in `Grid.rows`, `summaries` those of them that sum others up (合计, total); `notes` are
    the texts around the table (titles above, remarks below).
    """

    name: str
    columns: tuple[Column, ...]
    header_rows: tuple[int, ...]
    body: tuple[int, ...]
    notes: tuple[str, ...] = ()
    summaries: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table with what is needed to read, cite and correct it.

    `number` is the database's integer key, never reused; `grid` and `ordinal` are what a `Correction` names it by;
    `hidden_columns` are 1-based columns of the file.
    """

    table: Table
    number: int
    document: str
    source: str
    groups: tuple[str, ...] = ()
    modified: str = ""
    first_column: int = 1
    ordinal: int = 0
    headings: tuple[str, ...] = ()
    title: str = ""
    grid: str = ""
    hidden_columns: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TableRow:
    """One body row: `cells` runs parallel to the table's columns; `anchors` has the cells covered by a merge.

    `number` is the row's number as in the file.
    """

    id: int
    table_number: int
    number: int
    cells: tuple[str, ...]
    hidden: bool = False
    anchors: tuple[tuple[int, str], ...] = ()
    summary: bool = False


@dataclass(frozen=True, slots=True)
class CellMatch:
    """A cell whose folded text was asked for: `position` counts the table's columns from 0."""

    row_id: int
    position: int
    table_number: int
    folded: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on one column of a table: its folded text is one of `texts`, or its number lies between two ends.

    `rows` is about how many rows meet it, where that is known: the rarest is looked up first. `negated`: the rows
    that do not meet it are meant. `bounded`: `texts` are the amounts that lie within a bound of the question.
    """

    position: int
    texts: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False
    rows: int | None = None
    negated: bool = False
    bounded: bool = False


@dataclass(frozen=True, slots=True)
class RowGroup:
    """The selected rows that have the same text in one column: `first` is one of them, `total` the sum of `numbers`."""

    text: str
    rows: int
    first: int
    numbers: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows of one table that meet all conditions, ordered by the number in column `order` where it is set."""

    table_number: int
    conditions: tuple[Condition, ...] = ()
    order: int | None = None
    descending: bool = False


@dataclass(frozen=True, slots=True)
class RunQuery:
    """What a selection ran as: the statement and its parameters, for the trace."""

    statement: str
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowChange:
    """An entry of the change log that the derived row index follows: one table came or went."""

    id: int
    kind: Literal["add", "remove"]
    table_number: int


ProposedOperation = Literal["list", "count", "max", "min", "sum", "average"]


@dataclass(frozen=True, slots=True)
class TableOutline:
    """What a language model may know of a table: its names, and some of the values that tell its rows apart.

    `columns` has name, kind, unit and a few different texts of each column.
    """

    id: str
    name: str
    document: str
    columns: tuple[tuple[str, str, str, tuple[str, ...]], ...]

    def shown(self) -> dict[str, object]:
        """The outline as plain data for a prompt."""
        columns = [
            {
                "name": name,
                "kind": kind,
                **({"unit": unit} if unit else {}),
                **({"values": list(values)} if values else {}),
            }
            for name, kind, unit, values in self.columns
        ]
        return {"id": self.id, "name": self.name, "document": self.document, "columns": columns}


@dataclass(frozen=True, slots=True)
class ProposedCondition:
    """A condition that a language model proposes: the column's name, one of = < <= > >=, and what to compare with."""

    column: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class ProposedQuery:
    """A query that a language model proposes where the rules cannot compile a question; it holds no answers.

    `columns` are the columns to show, or the one to take the extreme, sum or average of.
    """

    table_id: str
    operation: ProposedOperation
    columns: tuple[str, ...] = ()
    conditions: tuple[ProposedCondition, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A near name offered when there is no single answer; it carries no value."""

    name: str
    table: str
    row: int | None = None
    document_id: str = ""
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class FactResult:
    """What the exact-fact lane found, or why it found nothing.

    `found` has one answer (one row, or one computed figure with the rows behind it), or a complete list;
    `several` has names to choose from; `absent` and `wrong_identifier` have no values. `computed` is the figure
    of a count, sum, average, comparison or yes/no, empty otherwise. `total` counts all matching rows, of which
    `facts` holds the page that starts at `offset`. `query` is the read-only query that was run, with its
    parameters in `parameters`. `empty` are the asked cells of the found row that hold nothing (`value` is empty).
    """

    status: FactStatus
    reason: str
    facts: tuple[Fact, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    column: str = ""
    confidence: float = 0.0
    operation: str = ""
    computed: str = ""
    total: int = 0
    offset: int = 0
    query: str = ""
    parameters: tuple[str, ...] = ()
    subject: str = ""
    details: tuple[Fact, ...] = field(default_factory=tuple)
    empty: tuple[Fact, ...] = ()
