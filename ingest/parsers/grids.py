"""Builds grids from tables of documents, with spans spread over the cells that they cover."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.facts.types import Grid, GridCell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.types import Location

EMPTY = GridCell("")
_MAX_SPAN = 1_000
_MAX_COLUMNS = 2_000
_MAX_COVERED = 200_000


@dataclass(frozen=True, slots=True)
class SpannedCell:
    """A cell of a table as written, with the columns and rows that it covers."""

    text: str
    columns: int = 1
    rows: int = 1


def column_letters(column: int) -> str:
    """The letters of a 1-based column: 1 is A, 27 is AA."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """The A1 address of a 1-based row and column."""
    return f"{column_letters(column)}{row}"


def grid_from_spans(name: str, rows: Sequence[Sequence[SpannedCell]], location: Location) -> Grid | None:
    """A rectangular grid; None where no cell has text. Covered cells repeat the text of their anchor."""
    placed: dict[tuple[int, int], GridCell] = {}
    covered = 0
    for index, row in enumerate(rows):
        column = 0
        for cell in row:
            while (index, column) in placed:
                column += 1
            # A page may claim a thousand by a thousand cells for each of its own.
            covered += cell.columns * min(cell.rows, len(rows)) - 1
            _place(
                placed, cell if covered <= _MAX_COVERED else SpannedCell(cell.text), (index, column), len(rows)
            )
            column += max(1, cell.columns)
    width = min(_MAX_COLUMNS, max((column for _, column in placed), default=-1) + 1)
    table = tuple(tuple(placed.get((r, c), EMPTY) for c in range(width)) for r in range(len(rows)))
    return grid_from_cells(name, table, location)


def grid_from_cells(name: str, table: tuple[tuple[GridCell, ...], ...], location: Location) -> Grid | None:
    """A grid that starts at row 1 and column 1; None where no cell has text."""
    if not any(cell.text for row in table for cell in row):
        return None
    return Grid(
        name=name,
        rows=table,
        row_numbers=tuple(range(1, len(table) + 1)),
        sheet=location.sheet,
        page=location.page,
        slide=location.slide,
        headings=location.headings,
    )


def grid_from_texts(name: str, rows: Sequence[Sequence[str]], location: Location) -> Grid | None:
    """A grid of plain texts; short rows are filled up. None where no cell has text."""
    width = max((len(row) for row in rows), default=0)
    table = tuple(
        tuple(GridCell(text) if text else EMPTY for text in row) + (EMPTY,) * (width - len(row)) for row in rows
    )
    return grid_from_cells(name, table, location)


def _place(
    placed: dict[tuple[int, int], GridCell], cell: SpannedCell, at: tuple[int, int], height: int
) -> None:
    row, column = at
    below = min(max(1, cell.rows), height - row, _MAX_SPAN)
    across = min(max(1, cell.columns), _MAX_SPAN)
    anchor = address(row + 1, column + 1)
    for r in range(row, row + below):
        for c in range(column, column + across):
            covered = (r, c) != at
            placed.setdefault((r, c), GridCell(cell.text, merged_from=anchor if covered else None))
