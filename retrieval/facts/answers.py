"""Builds facts and results from rows: each value verbatim, with its cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.facts.normalize import address
from retrieval.facts.types import Candidate, Fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.finding import Found
    from retrieval.facts.types import TableRow

_NAMES_SHOWN = 10


def fact(table: KnownTable, row: TableRow, position: int) -> Fact:
    """The cell of a row in one column of its table, as a fact."""
    stored = table.stored
    column = stored.table.columns[position]
    covered = dict(row.anchors).get(position)
    return Fact(
        value=row.cells[position],
        document_id=stored.table.document_id,
        document=stored.document,
        table=stored.table.name,
        table_id=stored.table.id,
        row=row.number,
        column=column.name,
        sheet=stored.table.sheet,
        page=stored.table.page,
        cell=covered or address(stored.first_column + column.index, row.number),
        label=row.cells[table.label] if table.label < len(row.cells) else "",
        unit=column.unit,
    )


def called(found: Found) -> str:
    """What a found row is called in an answer: by the name that was asked, unless that is a code."""
    columns = found.table.stored.table.columns
    by_code = columns[found.position].kind == "identifier"
    return found.row.cells[found.table.label] if by_code else found.name


def facts_of(table: KnownTable, row: TableRow, positions: Iterable[int]) -> tuple[Fact, ...]:
    """The non-empty cells of a row in these columns."""
    return tuple(fact(table, row, position) for position in positions if row.cells[position].strip())


def empty_of(table: KnownTable, row: TableRow, positions: Iterable[int]) -> tuple[Fact, ...]:
    """The empty cells of a row in these columns, so that an answer can say which they are."""
    return tuple(fact(table, row, position) for position in positions if not row.cells[position].strip())


def detail_columns(table: KnownTable, without: set[int], limit: int) -> list[int]:
    """The columns to show beside an answer: the first `limit` that are neither left out nor remarks."""
    columns = range(len(table.stored.table.columns))
    rest = [p for p in columns if p not in without and not table.concepts[p] & {"row_number", "note"}]
    return rest[:limit]


def candidates(found: Sequence[Found]) -> tuple[Candidate, ...]:
    """Names to choose from, best first, without values."""
    seen: dict[tuple[str, int], Candidate] = {}
    for each in found:
        key = (each.name, each.table.number)
        if key not in seen:
            stored = each.table.stored
            seen[key] = Candidate(
                each.name,
                stored.table.name,
                each.row.number,
                stored.table.document_id,
                round(each.agreement.score, 4),
            )
        if len(seen) == _NAMES_SHOWN:
            break
    return tuple(seen.values())
