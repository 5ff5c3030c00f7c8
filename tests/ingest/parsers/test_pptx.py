"""Presentations: slides, tables, grouped shapes, charts and notes."""

from __future__ import annotations

import io

import openpyxl
import pptx
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.shapes import PROG_ID
from pptx.util import Inches

from ingest.parsers.pptx import parse
from ingest.parsers.source import Source
from tests.ingest.samples import saved

AREA = (Inches(1), Inches(2), Inches(5), Inches(2))


def test_slides_with_titles_points_and_notes() -> None:
    show = pptx.Presentation()
    for number in (1, 2):
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = f"第{number}张"
        slide.placeholders[1].text = "要点一\n要点二"
        slide.notes_slide.notes_text_frame.text = f"备注{number}"
    parsed = parse(Source("培训.pptx", saved(show)))
    assert parsed.pages == 2
    assert [(b.kind, b.text, b.location.slide) for b in parsed.blocks[:4]] == [
        ("heading", "第1张", 1), ("list", "要点一", 1), ("list", "要点二", 1), ("notes", "备注1", 1),
    ]  # fmt: skip
    assert parsed.blocks[-1].location.slide == 2
    assert parsed.blocks[-1].location.headings == ("第2张",)
    assert parsed.title == "第1张"


def test_tables_groups_and_charts() -> None:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    table = slide.shapes.add_table(2, 2, *AREA).table
    for position, text in enumerate(("型号", "价格", "X1", "0199")):
        table.cell(position // 2, position % 2).text = text
    group = slide.shapes.add_group_shape()
    inner = group.shapes.add_group_shape()
    inner.shapes.add_textbox(*AREA).text_frame.text = "组合里的字"
    data = CategoryChartData()
    data.categories = ["一月", "二月"]
    data.add_series("销量", (12, 15))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *AREA, data)
    parsed = parse(Source("x.pptx", saved(show)))
    assert [[cell.text for cell in row] for row in parsed.grids[0].rows] == [["型号", "价格"], ["X1", "0199"]]
    assert [[cell.text for cell in row] for row in parsed.grids[1].rows] == [
        ["类别", "销量"],
        ["一月", "12"],
        ["二月", "15"],
    ]
    assert any(block.text == "组合里的字" for block in parsed.blocks)
    assert parsed.grids[0].slide == 1


def test_merged_table_cells() -> None:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    table = slide.shapes.add_table(2, 2, *AREA).table
    table.cell(0, 0).merge(table.cell(0, 1))
    table.cell(0, 0).text = "合并"
    table.cell(1, 0).text, table.cell(1, 1).text = "a", "b"
    grid = parse(Source("x.pptx", saved(show))).grids[0]
    assert [[cell.text for cell in row] for row in grid.rows] == [["合并", "合并"], ["a", "b"]]
    assert grid.rows[0][1].merged_from == "A1"


def test_a_workbook_inside_a_slide_is_read() -> None:
    book = openpyxl.Workbook()
    for row in (["参数", "值"], ["功率", "55kW"]):
        book.active.append(row)
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    slide.shapes.add_ole_object(io.BytesIO(saved(book)), PROG_ID.XLSX, 0, 0)
    (grid,) = parse(Source("a.pptx", saved(show))).grids
    assert [[cell.text for cell in row] for row in grid.rows] == [["参数", "值"], ["功率", "55kW"]]
