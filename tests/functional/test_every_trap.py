"""A workbook with every trap that tables hold goes in, and comes out of the program character for character."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from api.settings import Settings
from api.wiring import Application

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from retrieval.facts.types import StoredTable

pytestmark = pytest.mark.functional

# Each cell as typed, its number format, and how Excel shows it.
CELLS = [
    ("001100011002", None, "001100011002"), ("6222021234567890123", None, "6222021234567890123"), (102100099996, "0", "102100099996"),
    (102100099996, "0.000E+00", "1.021E+11"), (12800, "#,##0.00", "12,800.00"), (0.125, "0%", "13%"), (0.125, "0.0%", "12.5%"),
    (-1234.5, "#,##0.00_);(#,##0.00)", "(1,234.50)"), (99.5, "¥#,##0.00", "¥99.50"), (True, None, "TRUE"), ("第一行\n第二行", None, "第一行\n第二行"),
    ("１２３ＡＢ", None, "１２３ＡＢ"), ("#N/A", None, "#N/A"), (3, "00000", "00003"), (1.5, "0.00\" kg\"", "1.50 kg"),
]  # fmt: skip
DATES = [("2026-03-05", "yyyy-mm-dd", "2026-03-05"), ("2026-03-05", 'yyyy"年"m"月"d"日"', "2026年3月5日")]


def build(path: Path) -> None:
    """The workbook; formulas get their stored results afterwards, since openpyxl writes none."""
    book = openpyxl.Workbook()
    _formats(book.active)
    _headers(book.create_sheet("表头"))
    _several(book.create_sheet("多表"))
    _hidden(book.create_sheet("隐藏"))
    book.create_sheet("暗表").sheet_state = "hidden"
    for row in (["编号", "密语"], ["S1", "芝麻开门"], ["S2", "月下独酌"]):
        book["暗表"].append(row)
    book.save(path)
    _store_results(path, {"<f>B5*2</f>": "84", "<f>SUM(C5:C7)</f>": "213"})


def _formats(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    from datetime import date

    sheet.title = "格式"
    sheet.append(["项目名称", "值"])
    for number, (typed, code, _) in enumerate(CELLS, 1):
        sheet.append([f"格式{number:02d}", typed])
        if code:
            sheet.cell(sheet.max_row, 2).number_format = code
    for number, (typed, code, _) in enumerate(DATES, 1):
        sheet.append([f"日期{number:02d}", date.fromisoformat(typed)])
        sheet.cell(sheet.max_row, 2).number_format = code


def _headers(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    """Titles above, a header of two rows with merges, a unit in the header, merged cells, a total and notes below."""
    for row in (
        ["2026年设备台账"], ["部门：生产部"], ["设备", "检修费用（元）", None, "车间"], [None, "计划", "实际", None], ["磨床01", 42, "=B5*2", "一车间"],
        ["磨床02", 50, 60, None], ["铣床03", 33, 69, "二车间"], ["合计", 125, "=SUM(C5:C7)", None], ["注：费用含税"],
    ):  # fmt: skip
        sheet.append(row)
    for area in ("A1:D1", "A3:A4", "B3:C3", "D3:D4", "D5:D6"):
        sheet.merge_cells(area)


def _several(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    """Two tables side by side, one below them after a blank row, and a header that comes again inside a table."""
    left = [["姓名", "工号"], ["甘宁", "0007"], ["乐进", "0012"]]
    right = [["仓库", "工号"], ["东仓", "W-01"], ["西仓", "W-02"], ["北仓", "W-03"]]
    for start, rows in ((1, left), (4, right)):
        for r, row in enumerate(rows, 1):
            for c, text in enumerate(row):
                sheet.cell(r, start + c, text)
    below = [
        ["物料", "库位", "结存"],
        ["轴承", "K1-01", 5],
        ["皮带", "K1-02", 0],
        ["物料", "库位", "结存"],
        ["油封", "K2-01", 17],
    ]
    for r, row in enumerate(below, 7):
        for c, text in enumerate(row, 1):
            sheet.cell(r, c, text)


def _hidden(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    for row in (["商品名称", "进价", "售价"], ["青瓷杯", 18, 36], ["旧款壶", 55, 80], ["紫砂壶", 120, 260]):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions[get_column_letter(2)].hidden = True


def _store_results(path: Path, results: dict[str, str]) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet2.xml"
    text = parts[name].decode()
    for formula, value in results.items():
        assert formula in text
        text = text.replace(f"{formula}<v />", f"{formula}<v>{value}</v>").replace(
            f"{formula}<v></v>", f"{formula}<v>{value}</v>"
        )
    parts[name] = text.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for each, content in parts.items():
            archive.writestr(each, content)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    folder = tmp_path_factory.mktemp("traps")
    (folder / "files").mkdir()
    build(folder / "files" / "陷阱.xlsx")
    with Application(Settings(data_dir=folder / "data", embedding_model="hashed")) as application:
        reports = list(application.pipeline.ingest([folder / "files"]))
        application.catch_up()
        assert [report.status for report in reports] == ["indexed"]
        yield application


def table(program: Application, sheet: str, number: int = 0) -> StoredTable:
    return [t for t in program.tables() if t.table.sheet == sheet][number]


def rows(program: Application, stored: StoredTable) -> list[tuple[str, ...]]:
    return [row.cells for row in program.fact_store.table_rows(stored.number)]


def ask(program: Application, question: str) -> list[str]:
    return [fact.value for fact in program.find_facts(question, None).facts]


@pytest.mark.parametrize(("number", "shown"), [(n, shown) for n, (_, _, shown) in enumerate(CELLS, 1)])
def test_every_cell_is_as_shown(program: Application, number: int, shown: str) -> None:
    stored = {row[0]: row[1] for row in rows(program, table(program, "格式"))}
    assert stored[f"格式{number:02d}"] == shown
    assert ask(program, f"格式{number:02d}的值是多少") == [shown]


@pytest.mark.parametrize(("number", "shown"), [(n, shown) for n, (_, _, shown) in enumerate(DATES, 1)])
def test_dates_are_as_shown(program: Application, number: int, shown: str) -> None:
    assert ask(program, f"日期{number:02d}的值") == [shown]


def test_a_header_of_two_rows_below_titles(program: Application) -> None:
    stored = table(program, "表头")
    assert stored.table.header_rows == (3, 4)
    assert [(c.name, c.unit) for c in stored.table.columns] == [
        ("设备", ""),
        ("检修费用/计划", "元"),
        ("检修费用/实际", "元"),
        ("车间", ""),
    ]
    assert set(stored.table.notes) == {"2026年设备台账", "部门：生产部", "注：费用含税"}
    assert rows(program, stored) == [
        ("磨床01", "42", "84", "一车间"), ("磨床02", "50", "60", "一车间"), ("铣床03", "33", "69", "二车间"), ("合计", "125", "213", ""),
    ]  # fmt: skip
    assert ask(program, "磨床01的实际检修费用") == ["84"]
    assert ask(program, "磨床02在哪个车间") == ["一车间"]
    assert program.find_facts("检修费用实际一共多少", None).computed == "213元"


def test_several_tables_on_a_sheet(program: Application) -> None:
    found = [t for t in program.tables() if t.table.sheet == "多表"]
    assert [[c.name for c in t.table.columns] for t in found] == [
        ["姓名", "工号"],
        ["仓库", "工号"],
        ["物料", "库位", "结存"],
    ]
    assert rows(program, found[0]) == [("甘宁", "0007"), ("乐进", "0012")]
    assert rows(program, found[1]) == [("东仓", "W-01"), ("西仓", "W-02"), ("北仓", "W-03")]
    assert rows(program, found[2]) == [("轴承", "K1-01", "5"), ("皮带", "K1-02", "0"), ("油封", "K2-01", "17")]
    assert ask(program, "甘宁的工号") == ["0007"]
    assert ask(program, "油封的结存是多少") == ["17"]


def test_what_is_hidden_is_kept_and_marked(program: Application) -> None:
    stored = table(program, "隐藏")
    assert ask(program, "旧款壶的进价") == ["55"]
    assert program.fact_store.hidden_rows(stored.number) == (3,)
    assert stored.hidden_columns == (2,)
    assert ask(program, "S1的密语是什么") == ["芝麻开门"]
    (document,) = program.documents(None)
    assert any("暗表" in warning for warning in document.warnings)
