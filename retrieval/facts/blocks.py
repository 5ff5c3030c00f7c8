"""Cuts a grid into blocks of filled cells: one block for each table, title or remark that stands by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from retrieval.facts.types import Grid, GridCell


@dataclass(frozen=True, slots=True)
class Block:
    """Rows `rows` (positions in the grid, blank ones left out) over the columns `columns` of a grid."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]


def text_at(grid: Grid, row: int, column: int) -> str:
    """The stripped text of a cell; empty beyond the end of a short row."""
    cells = grid.rows[row]
    return cells[column].text.strip() if column < len(cells) else ""


def own_texts(grid: Grid, row: int, columns: Sequence[int]) -> list[str]:
    """The texts of the row's cells, each merged stretch counted once."""
    found: list[str] = []
    seen: set[str] = set()
    for column in columns:
        cell = _cell(grid, row, column)
        if cell is None or not cell.text.strip():
            continue
        anchor = cell.merged_from
        if anchor is not None and (anchor in seen or (found and found[-1] == cell.text.strip())):
            continue
        if anchor is not None:
            seen.add(anchor)
        found.append(cell.text.strip())
    return found


def _cell(grid: Grid, row: int, column: int) -> GridCell | None:
    cells = grid.rows[row]
    return cells[column] if column < len(cells) else None


def blocks_of(grid: Grid) -> list[Block]:
    """The blocks of a grid, from top to bottom and left to right."""
    found: list[Block] = []
    for rows in _runs(grid):
        columns = sorted({c for r in rows for c, cell in enumerate(grid.rows[r]) if cell.text.strip()})
        found.extend(_side_by_side(grid, rows, columns))
    return found


def _runs(grid: Grid) -> Iterator[list[int]]:
    run: list[int] = []
    for position, row in enumerate(grid.rows):
        skipped = position > 0 and grid.row_numbers[position] > grid.row_numbers[position - 1] + 1
        filled = any(cell.text and not cell.text.isspace() for cell in row)
        if run and (skipped or not filled):
            yield run
            run = []
        if filled:
            run.append(position)
    if run:
        yield run


def _side_by_side(grid: Grid, rows: list[int], columns: list[int]) -> list[Block]:
    """One block, or several where a blank column parts tables that stand beside each other."""
    parts: list[list[int]] = []
    for column in columns:
        if parts and column == parts[-1][-1] + 1:
            parts[-1].append(column)
        else:
            parts.append([column])
    whole = [Block(tuple(rows), tuple(columns))]
    if len(parts) < 2 or any(len(part) < 2 for part in parts):
        return whole
    extents = [[r for r in rows if any(text_at(grid, r, c) for c in part)] for part in parts]
    tops = [extent[0] for extent in extents]
    heads = [{text_at(grid, top, c) for c in part} for top, part in zip(tops, parts, strict=True)]
    repeated = any(heads[i] & heads[j] - {""} for i in range(len(heads)) for j in range(i))
    if not repeated and len({(e[0], e[-1]) for e in extents}) == 1:
        return whole
    return [Block(tuple(extent), tuple(part)) for extent, part in zip(extents, parts, strict=True)]
