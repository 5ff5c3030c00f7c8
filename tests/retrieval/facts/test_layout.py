"""Tables found in grids, with every trap of real sheets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.facts.errors import BadCorrectionError
from retrieval.facts.layout import lay_out
from retrieval.facts.types import Correction, Grid, GridCell
from tests.retrieval.facts.grids import grid_of


def names(grid: Grid, table: int = 0) -> list[str]:
    return [column.name for column in lay_out(grid)[table].columns]


def test_a_header_below_titles_and_a_note_below_the_table() -> None:
    grid = grid_of(
        [
            ["2026年网点表", "", ""],
            ["单位：元", "", "日期：2026-01-01"],
            ["序号", "网点名称", "联行号"],
            ["1", "甲支行", "001100011002"],
            ["2", "乙支行", "102100000021"],
            ["注：仅供内部使用", "", ""],
        ],
        merges=[(0, 0, 0, 2)],
    )
    (table,) = lay_out(grid)
    assert table.header_rows == (3,)
    assert table.body == (3, 4)
    assert table.notes == ("2026年网点表", "单位：元", "日期：2026-01-01", "注：仅供内部使用")
    assert [c.kind for c in table.columns] == ["number", "text", "identifier"]
    assert [c.name for c in table.columns if c.key] == ["网点名称"]


def test_a_header_of_two_rows_with_merges() -> None:
    rows = [
        ["产品", "价格", "", "库存"],
        ["", "含税（元）", "未税（元）", ""],
        ["A100", "113", "100", "5"],
        ["B200", "226", "200", "6"],
    ]
    grid = grid_of(rows, merges=[(0, 0, 1, 0), (0, 1, 0, 2), (0, 3, 1, 3)])
    (table,) = lay_out(grid)
    assert table.header_rows == (1, 2)
    assert [(c.name, c.unit) for c in table.columns] == [
        ("产品", ""),
        ("价格/含税", "元"),
        ("价格/未税", "元"),
        ("库存", ""),
    ]


def test_a_header_of_two_rows_without_merges() -> None:
    rows = [
        ["产品", "价格", "", "库存"],
        ["", "含税", "未税", ""],
        ["A100", "113", "100", "5"],
        ["B200", "226", "200", "6"],
    ]
    assert names(grid_of(rows)) == ["产品", "价格/含税", "价格/未税", "库存"]


def test_several_tables_below_each_other() -> None:
    rows = [
        ["姓名", "部门"],
        ["张三", "销售部"],
        ["李四", "市场部"],
        [],
        ["产品", "单价（元）"],
        ["A100", "100"],
        ["B200", "200"],
    ]
    tables = lay_out(grid_of(rows))
    assert [[c.name for c in t.columns] for t in tables] == [["姓名", "部门"], ["产品", "单价"]]
    assert [t.header_rows for t in tables] == [(1,), (5,)]


def test_tables_beside_each_other() -> None:
    rows = [
        ["姓名", "部门", "", "产品", "单价"],
        ["张三", "销售部", "", "A100", "100"],
        ["李四", "市场部", "", "B200", "200"],
        ["王五", "财务部"],
    ]
    tables = lay_out(grid_of(rows))
    assert [[c.index for c in t.columns] for t in tables] == [[0, 1], [3, 4]]
    assert [len(t.body) for t in tables] == [3, 2]


def test_a_blank_row_inside_a_table_does_not_end_it() -> None:
    (table,) = lay_out(grid_of([["姓名", "天数"], ["张三", "5"], [], ["李四", "6"], ["备注：年假", ""]]))
    assert table.body == (1, 3)
    assert table.notes == ("备注：年假",)


@pytest.mark.parametrize("title", [[], [["设备一览", "", ""]]])
def test_a_blank_row_below_the_header_does_not_part_it_from_its_rows(title: list[list[str]]) -> None:
    rows = [
        *title,
        ["设备", "编号", "功率（kW）"],
        ["", "", ""],
        ["空压机", "KY-01", "22"],
        ["干燥机", "GZ-02", "4"],
        ["", "", ""],
        ["冷却塔", "LQ-03", "7.5"],
    ]
    (table,) = lay_out(grid_of(rows))
    assert [column.name for column in table.columns] == ["设备", "编号", "功率"]
    assert len(table.body) == 3


def test_a_row_alone_heads_nothing_that_has_its_own_header() -> None:
    rows = [["负责人", "韩雪", "工号 2208"], ["", "", ""], ["设备", "编号", "功率"], ["空压机", "KY-01", "22"]]
    tables = lay_out(grid_of(rows))
    assert [column.name for column in tables[-1].columns] == ["设备", "编号", "功率"]
    assert len(tables[-1].body) == 1


def key_of(grid: Grid) -> tuple[str, str]:
    (table,) = lay_out(grid)
    return next((column.name, column.kind) for column in table.columns if column.key)


def test_numbers_of_things_name_their_rows() -> None:
    bays = [
        ["Bay", "Hall", "Type"],
        ["112", "H1", "wet"],
        ["114", "H1", "dry"],
        ["215", "H2", "dry"],
        ["217", "H2", "dry"],
    ]
    assert key_of(grid_of(bays)) == ("Bay", "identifier")
    lines = [
        ["Train no.", "From", "To"],
        ["K101", "Oslo", "Bergen"],
        ["K103", "Voss", "Oslo"],
        ["K105", "Oslo", "Voss"],
    ]
    assert key_of(grid_of(lines)) == ("Train no.", "identifier")
    # Just counted on, they name nothing.
    counted = [["排名", "门店"], ["1", "东门店"], ["2", "西门店"], ["3", "南门店"]]
    assert key_of(grid_of(counted))[0] == "门店"


def test_sizes_above_bare_numbers_are_a_header() -> None:
    grid = grid_of(
        [["破损程度", "18寸", "22寸"], ["轻微", "90", "120"], ["中度", "240", "310"], ["严重", "480", "620"]]
    )
    assert names(grid) == ["破损程度", "18寸", "22寸"]


def test_a_table_without_a_header() -> None:
    (table,) = lay_out(grid_of([["张三", "13800138000", "销售部"], ["李四", "13900139000", "市场部"]]))
    assert [c.name for c in table.columns] == ["列1", "列2", "列3"]
    assert table.body == (0, 1)
    assert table.header_rows == ()


def test_texts_that_come_again_are_no_header() -> None:
    assert names(grid_of([["华东区", "销售部"], ["华东区", "市场部"], ["华北区", "市场部"]])) == ["列1", "列2"]


def test_years_may_be_headers() -> None:
    assert names(grid_of([["产品", "2024", "2025版"], ["A", "1", "2"], ["B", "3", "4"]])) == [
        "产品",
        "2024",
        "2025版",
    ]


def test_lists_of_one_column() -> None:
    assert names(grid_of([["供应商名单"], ["甲公司"], ["乙公司"]])) == ["供应商名单"]
    assert names(grid_of([["苹果"], ["梨"], ["桃"]])) == ["列1"]


def test_running_text_is_no_table() -> None:
    assert lay_out(grid_of([["这里写的是一段很长的说明文字，" * 8], ["第二段也是很长的说明文字，" * 8]])) == []
    assert lay_out(grid_of([[""], [" "]])) == []


def test_a_form_keeps_its_first_row() -> None:
    (table,) = lay_out(
        grid_of([["公司名称", "惠印科技"], ["地址", "北京市"], ["电话", "010-12345678"], ["邮箱", "a@b.c"]])
    )
    assert len(table.body) == 4


def test_sums_are_marked_and_repeated_headers_dropped() -> None:
    rows = [["产品", "数量"], ["A", "1"], ["产品", "数量"], ["B", "2"], ["合计", "3"]]
    (table,) = lay_out(grid_of(rows))
    assert table.body == (1, 3, 4)
    assert table.summaries == {4}


def test_merged_cells_of_the_body_count_for_every_row() -> None:
    grid = grid_of([["部门", "姓名"], ["销售部", "张三"], ["", "李四"]], merges=[(1, 0, 2, 0)])
    (table,) = lay_out(grid)
    assert table.body == (1, 2)
    assert grid.rows[2][0].text == "销售部"


def test_a_section_title_across_the_table_is_no_row() -> None:
    grid = grid_of([["姓名", "天数"], ["华东", ""], ["张三", "5"]], merges=[(1, 0, 1, 1)])
    (table,) = lay_out(grid)
    assert table.body == (2,)
    assert "华东" in table.notes


def test_equal_headers_are_told_apart() -> None:
    assert names(grid_of([["姓名", "电话", "电话"], ["张三", "1", "2"]])) == ["姓名", "电话", "电话 (2)"]


def test_a_correction_moves_the_header_and_names_columns() -> None:
    grid = grid_of([["一", "二"], ["甲", "1"], ["乙", "2"]])
    correction = Correction("/x", "Sheet1", header_rows=(), key_columns=(1,), column_names=((0, "名称"),))
    (table,) = lay_out(grid, {0: correction})
    assert [(c.name, c.key) for c in table.columns] == [("名称", False), ("列2", True)]
    assert table.body == (0, 1, 2)


@pytest.mark.parametrize(
    "wrong", [Correction("/x", "S", header_rows=(99,)), Correction("/x", "S", key_columns=(7,))]
)
def test_a_correction_that_fits_nothing_says_so(wrong: Correction) -> None:
    with pytest.raises(BadCorrectionError, match="allowed is"):
        lay_out(grid_of([["a", "b"], ["1", "2"]]), {0: wrong})


_text = st.one_of(
    st.just(""), st.text(max_size=6), st.sampled_from(["合计", "名称", "12", "2024-01-01", "注：", "电话"])
)


@given(st.lists(st.lists(_text, min_size=1, max_size=5), min_size=1, max_size=8))
def test_any_grid_can_be_laid_out(rows: list[list[str]]) -> None:
    grid = Grid("S", tuple(tuple(GridCell(t) for t in row) for row in rows), tuple(range(1, len(rows) + 1)))
    for table in lay_out(grid):
        assert table.columns
        assert table.body
        assert not set(table.header_rows) & {grid.row_numbers[row] for row in table.body}
        assert len({c.name for c in table.columns}) == len(table.columns)
