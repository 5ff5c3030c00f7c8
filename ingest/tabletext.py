"""Turns grids into lines of text, one a row: `header: value；header: value`, with the range of their cells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ingest.parsers.grids import address
from retrieval.facts.layout import lay_out

if TYPE_CHECKING:
    from retrieval.facts.types import Column, Grid, GridCell, LaidTable


_LONGEST_NAME = 40
_LONGEST_REPEATED = 60


@dataclass(frozen=True, slots=True)
class RowText:
    """A row as text, and its position in `Grid.rows`."""

    text: str
    position: int


def row_texts(grid: Grid, limit: int) -> list[RowText]:
    """The first `limit` rows as text; rows of a table name each value's column, other rows only list their cells."""
    head = grid if len(grid.rows) <= limit else replace(
        grid, rows=grid.rows[:limit], row_numbers=grid.row_numbers[:limit]
    )  # fmt: skip
    owners: dict[int, list[LaidTable]] = {}
    for table in lay_out(head):
        if table.header_rows:
            for position in table.body:
                owners.setdefault(position, []).append(table)
    texts = [
        RowText(_row_text(head, position, owners.get(position, [])), position)
        for position in range(len(head.rows))
    ]
    return [row for row in texts if row.text]


def _row_text(grid: Grid, position: int, tables: list[LaidTable]) -> str:
    row = grid.rows[position]
    named = {column.index: column for table in tables for column in table.columns}
    parts: list[str] = []
    anchors: set[str] = set()
    here = address(grid.row_numbers[position], 0)
    for index, cell in enumerate(row):
        value = " ".join(cell.text.split())
        if not value or _repeats(cell, anchors, here):
            continue
        parts.append(_labelled(named[index], value) if index in named else value)
    return ("；" if tables else " | ").join(parts)


def _repeats(cell: GridCell, anchors: set[str], row_address: str) -> bool:
    """Whether a covered cell says again what its anchor said in this row, or a long text from a row above."""
    anchor = cell.merged_from
    if anchor is None:
        return False
    in_this_row = anchor.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == row_address
    seen = anchor in anchors
    anchors.add(anchor)
    return in_this_row or seen or len(cell.text) > _LONGEST_REPEATED


def _labelled(column: Column, value: str) -> str:
    """A value behind its column's name; a name as long as a sentence is none and is left out."""
    if len(column.name) > _LONGEST_NAME:
        return value
    unit = f"（{column.unit}）" if column.unit else ""
    return f"{column.name}{unit}: {value}"


def cell_range(grid: Grid, first: int, last: int) -> str:
    """The A1 range from the row at position `first` to the one at `last`, over all columns."""
    start = address(grid.row_numbers[first], grid.first_column)
    return f"{start}:{address(grid.row_numbers[last], grid.first_column + len(grid.rows[0]) - 1)}"
