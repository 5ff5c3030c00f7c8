"""Tables in the database: verbatim, corrected for good, and gone without a trace."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from retrieval.errors import DatabaseUnavailableError
from retrieval.facts.errors import BadCorrectionError, UnknownTableError
from retrieval.facts.store import FactStore
from retrieval.facts.types import Condition, Correction, Grid, GridCell, Selection
from tests.retrieval.facts.grids import PRICES, STAFF, Lane, grid_of

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


def test_a_correction_survives_a_new_version_of_the_file(lane: Lane) -> None:
    rows = [["x", "y"], ["激光打印机", "12"], ["墨盒", "7"]]
    lane.put("报表.xlsx", grid_of(rows))
    correction = Correction(
        "/files/报表.xlsx", "Sheet1", header_rows=(1,), key_columns=(0,), column_names=((1, "库存"),)
    )
    (stored,) = lane.store.correct(correction)
    assert [c.name for c in stored.table.columns] == ["x", "库存"]
    assert lane.lookup.query("墨盒的库存").facts[0].value == "7"
    lane.put("报表.xlsx", grid_of([*rows[:2], ["墨盒", "8"]]))
    assert lane.lookup.query("墨盒的库存").facts[0].value == "8"
    assert lane.store.corrections() == [correction]


def test_a_correction_of_nothing_is_refused_and_changes_nothing(lane: Lane) -> None:
    lane.put("报表.xlsx", grid_of([["名称", "值"], ["甲", "1"]]))
    with pytest.raises(UnknownTableError, match="Sheet1"):
        lane.store.correct(Correction("/files/报表.xlsx", "Sheet9"))
    with pytest.raises(BadCorrectionError):
        lane.store.correct(Correction("/files/报表.xlsx", "Sheet1", key_columns=(5,)))
    assert lane.store.corrections() == []
    assert len(lane.store.tables()) == 1


def test_selections_are_read_only_queries_with_parameters(lane: Lane) -> None:
    lane.put("价格.xlsx", grid_of(PRICES))
    (stored,) = lane.store.tables()
    selection = Selection(stored.number, (Condition(2, low=9_000.0, high=13_000.0),), order=2, descending=True)
    assert [row.cells[1] for row in lane.store.select(selection)] == ["A100", "B200"]
    assert lane.store.count(selection) == 2
    run = lane.store.explain(selection)
    assert run.statement.startswith("SELECT")
    assert "9000" not in run.statement
    assert "9000.0" in run.parameters


def test_groups_see_only_their_tables(lane: Lane) -> None:
    lane.put("通讯录.xlsx", grid_of(STAFF), groups=("hr",))
    lane.put("价格.xlsx", grid_of(PRICES))
    assert len(lane.store.visible_tables(frozenset())) == 1
    assert len(lane.store.visible_tables(frozenset({"hr", "it"}))) == 2
    assert [t.document for t in lane.store.tables(frozenset({"it"}))] == ["价格.xlsx"]


def test_a_database_without_the_tables_is_told_as_unavailable(tmp_path: Path) -> None:
    store = FactStore(f"sqlite:///{tmp_path / 'empty.db'}")
    try:
        with pytest.raises(DatabaseUnavailableError, match="no such table") as caught:
            store.tables()
    finally:
        store.close()
    assert "empty.db" in caught.value.url
