"""Grids and tables in the database: verbatim, in their place, and gone without a trace."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from retrieval.facts.types import Grid, GridCell
from tests.retrieval.facts.grids import PRICES, Lane, grid_of

if TYPE_CHECKING:
    from pathlib import Path


TRAPS = [
    "001100011002",
    "8800000000000000731",
    " 带 空格 ",
    "1.50",
    "１２",
    "2026/3/5",
    "换\n行",
    '"引"，号',
    "50%",
    "-0",
]


def test_texts_come_out_character_for_character(lane: Lane) -> None:
    lane.put("traps.xlsx", grid_of([["编号", "内容"], *([str(i), text] for i, text in enumerate(TRAPS))]))
    (stored,) = lane.store.tables()
    assert [row.cells[1] for row in lane.store.table_rows(stored.number)] == TRAPS


def test_rows_keep_their_place(lane: Lane) -> None:
    cells = tuple(tuple(GridCell(t) for t in row) for row in (("名称", "数值"), ("甲", "1"), ("乙", "2")))
    grid = Grid("S", cells, (4, 5, 9), first_column=3, sheet="S", page=2, hidden_rows=(9,))
    lane.put("a.xlsx", grid)
    (stored,) = lane.store.tables()
    assert stored.table.header_rows == (4,)
    assert [(row.number, row.hidden) for row in lane.store.table_rows(stored.number)] == [(5, False), (9, True)]
    fact = lane.lookup.query("乙的数值是多少").facts[0]
    assert (fact.value, fact.cell, fact.row, fact.sheet, fact.page) == ("2", "D9", 9, "S", 2)


def test_a_merged_cell_is_cited_by_its_anchor(lane: Lane) -> None:
    lane.put("a.xlsx", grid_of([["部门", "姓名"], ["销售部", "张三"], ["", "李四"]], merges=[(1, 0, 2, 0)]))
    fact = lane.lookup.query("李四的部门").facts[0]
    assert (fact.value, fact.cell, fact.row) == ("销售部", "A2", 3)


def test_deletion_leaves_no_trace(lane: Lane, tmp_path: Path) -> None:
    key = lane.put("价格.xlsx", grid_of(PRICES))
    lane.knowledge.delete_document(key)
    with sqlite3.connect(tmp_path / "facts.db") as connection:
        for table in ("fact_grids", "fact_grid_parts", "fact_tables", "fact_rows", "fact_cells"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    connection.close()
    assert [change.kind for change in lane.store.changes_since(0)] == ["add", "remove"]
