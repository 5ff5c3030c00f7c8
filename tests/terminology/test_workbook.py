"""Glossary workbooks are read in every shape that people make them, and nothing is dropped in silence."""

from __future__ import annotations

import datetime
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from terminology.errors import WorkbookError
from terminology.types import Sense
from terminology.workbook import incomplete, read_workbook, sense_of, write_workbook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def _xlsx(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path


def _names(path: Path) -> list[tuple[str, str, str]]:
    return [(each.term, each.english, each.chinese) for each in read_workbook(path).senses]


_AM = ("AM", "Account Manager", "客户经理")
_ACT = ("Act.", "Actual", "实际的")


@pytest.mark.parametrize(
    "rows",
    [
        [["序号", "缩略语", "英文全称", "中文解释"], [1, *_AM], [2, *_ACT]],
        [
            ["公司常用缩略语"],
            [],
            ["编制：行政部", "2025"],
            ["序号", "缩略语", "英文全称", "中文解释"],
            [1, *_AM],
            [2, *_ACT],
        ],
        [[1, *_AM], [2, *_ACT]],
        [["公司常用缩略语"], [1, *_AM], [2, *_ACT]],
        [[*_AM], [*_ACT]],
        [
            ["中文解释", "缩略语", "英文全称"],
            ["客户经理", "AM", "Account Manager"],
            ["实际的", "Act.", "Actual"],
        ],
        [["No.", "Abbreviation", "Full Name", "Chinese Meaning"], [1, *_AM], [2, *_ACT]],
        [["No.", "ACRONYM ", "English\nName", "Chinese"], [1, *_AM], [2, *_ACT]],
        [["序号", "缩写（必填）", "英文全称*", "中文含义"], [1, *_AM], [2, *_ACT]],
        [["序號", "縮略語", "英文全稱", "中文解釋"], [1, *_AM], [2, *_ACT]],
        [
            ["序号", "缩略语", "英文全称", "中文解释"],
            [1, *_AM],
            ["序号", "缩略语", "英文全称", "中文解释"],
            [2, *_ACT],
        ],
        [[], ["", "序号", "缩略语", "英文全称", "中文解释"], ["", 1, *_AM], [], ["", 2, *_ACT]],
    ],
)
def test_layouts(tmp_path: Path, rows: list[list[object]]) -> None:
    assert _names(_xlsx(tmp_path / "a.xlsx", rows)) == [_AM, _ACT]


def test_source_is_the_row_of_the_sheet_that_a_person_sees(tmp_path: Path) -> None:
    path = _xlsx(
        tmp_path / "公司常用缩略语.xlsx", [["标题"], [], ["序号", "缩略语", "英文全称", "中文解释"], [1, *_AM]]
    )
    source = read_workbook(path).senses[0].source
    assert source is not None
    assert (source.file, source.sheet, source.row) == ("公司常用缩略语.xlsx", "Sheet", 4)


def test_further_columns_are_used_when_the_header_names_them(tmp_path: Path) -> None:
    header = ["缩略语", "英文全称", "中文解释", "部门", "备注", "别名", "例句", "生效日期", "失效日期", "颜色"]
    row = [
        "AM",
        "Account Manager",
        "客户经理",
        "销售部",
        "常用",
        "客经；A.M.",
        "AM负责跟进。\n找AM。",
        "2025/1/5",
        "2026年12月31日",
        "红",
    ]
    reading = read_workbook(_xlsx(tmp_path / "a.xlsx", [header, row]))
    sense = reading.senses[0]
    assert (sense.department, sense.note, sense.aliases) == ("销售部", "常用", ("客经", "A.M."))
    assert sense.examples == ("AM负责跟进。", "找AM。")
    assert (sense.valid_from, sense.valid_to) == ("2025-01-05", "2026-12-31")
    assert "颜色" in reading.warnings[0]


def test_cells_are_text_as_shown(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["缩略语", "英文全称", "中文解释", "生效日期"])
    sheet.append([802, "Eight O Two", "标准", datetime.datetime(2026, 1, 31)])  # noqa: DTZ001
    sheet.append(["001", "One", "一号", None])
    sheet.append([7, "Seven", "七号", None])
    sheet["A4"].number_format = "000"
    book.save(tmp_path / "a.xlsx")
    senses = read_workbook(tmp_path / "a.xlsx").senses
    assert [each.term for each in senses] == ["802", "001", "007"]
    assert senses[0].valid_from == "2026-01-31"


def test_a_term_merged_over_two_rows_belongs_to_both(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["序号", "缩略语", "英文全称", "中文解释"],
        [1, *_AM],
        [2, None, "Amplitude Modulation", "调幅"],
    ):
        sheet.append(row)
    sheet.merge_cells("B2:B3")
    book.save(tmp_path / "a.xlsx")
    assert _names(tmp_path / "a.xlsx") == [_AM, ("AM", "Amplitude Modulation", "调幅")]


def test_several_sheets_and_a_cover_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["本表由行政部维护"])
    for title, row in (("一", _AM), ("二", _ACT)):
        sheet = book.create_sheet(title)
        sheet.append(["缩略语", "英文全称", "中文解释"])
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    reading = read_workbook(tmp_path / "a.xlsx")
    assert [each.term for each in reading.senses] == ["AM", "Act."]
    assert any("说明" in each for each in reading.warnings)


def test_incomplete_rows_say_why(tmp_path: Path) -> None:
    rows = [
        ["缩略语", "英文全称", "中文解释"],
        ["", "Account Manager", "客户经理"],
        ["AM", "", ""],
        ["AM", "Account Manager", ""],
    ]
    reading = read_workbook(_xlsx(tmp_path / "a.xlsx", rows))
    assert ["缩略语" in each.reason or "no meaning" in each.reason for each in reading.rows] == [
        True,
        True,
        False,
    ]
    assert reading.rows[0].typed.chinese == "客户经理"
    assert reading.rows[2].notes == ("中文解释 is empty",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [["序号", "缩略语", "英文全称", "中文解释"], ["1", *_AM], ["2", "Act.", '"Actual"', "实际的"]]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    assert _names(tmp_path / "a.csv") == [_AM, _ACT]


def test_csv_rows_are_numbered_by_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        '缩略语,英文全称,中文解释\nAM,"Account\nManager",客户经理\nAct.,Actual,实际的\n', "utf-8"
    )
    assert [row.source.row for row in read_workbook(tmp_path / "a.csv").rows] == [2, 4]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", b"not a workbook"),
        ("a.xlsx", b"PK\x03\x04 truncated"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0 old"),
        ("a.pdf", b"%PDF"),
        ("a.csv", b""),
        ("a.csv", "只有一列\n没有表头\n".encode()),
        ("a.csv", b"\xff\xff\xff\x81"),
    ],
)
def test_files_that_cannot_be_read_say_what_to_do(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WorkbookError, match=name):
        read_workbook(tmp_path / name)


def test_a_missing_file_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError):
        read_workbook(tmp_path / "missing.xlsx")


_CELL = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12).map(str.strip)
_DAY = st.dates().map(lambda day: day.isoformat())


@st.composite
def _any_sense(draw: st.DrawFn) -> Sense:
    cells = {"term": draw(_CELL.filter(bool)), "english": draw(_CELL), "chinese": draw(_CELL.filter(bool))}
    days = sorted(draw(st.lists(_DAY, min_size=2, max_size=2)))
    typed, _ = sense_of({**cells, "number": draw(_CELL), "department": draw(_CELL), "note": draw(_CELL)})
    lists = st.lists(_CELL.filter(bool), max_size=3, unique=True).map(tuple)
    return replace(typed, aliases=draw(lists), examples=draw(lists), valid_from=days[0], valid_to=days[1])


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_any_sense(), min_size=1, max_size=5))
@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_import_export_import_is_the_identity(tmp_path: Path, suffix: str, senses: list[Sense]) -> None:
    senses = [each for each in senses if not incomplete(each)]
    path = tmp_path / f"a{suffix}"
    assert write_workbook(path, senses) == len(senses)
    if senses:
        read = [replace(each, source=None) for each in read_workbook(path).senses]
        assert read == senses


def test_formulas_are_exported_as_text(tmp_path: Path) -> None:
    sense = Sense("=1+1", "=cmd()", "公式")
    write_workbook(tmp_path / "a.xlsx", [sense])
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").active["B2"].data_type == "s"
    assert read_workbook(tmp_path / "a.xlsx").senses[0].term == "=1+1"


@pytest.mark.parametrize(
    ("rows", "read"),
    [
        ([[1, "客户经理"], [2, "总经理"]], [("", "客户经理"), ("", "总经理")]),
        ([[1, "AM"], [2, "BM"]], [("AM", ""), ("BM", "")]),
        ([[404, "未找到"]], [("", "未找到")]),
    ],
)
def test_numbers_beside_one_column_are_never_abbreviations(
    tmp_path: Path, rows: list[list[object]], read: list[tuple[str, str]]
) -> None:
    path = tmp_path / "a.xlsx"
    _book(path, rows)
    found = read_workbook(path).rows
    assert [(row.typed.term, row.typed.chinese) for row in found] == read
    assert all(row.reason for row in found)


def test_a_list_of_names_and_numbers_is_no_glossary(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    _book(path, [["姓名", "电话"], ["张三", "123"], ["李四", "456"]])
    with pytest.raises(WorkbookError, match="no sheet"):
        read_workbook(path)


def test_cells_that_show_nothing_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    header = ["序号", "缩略语", "英文全称", "中文解释"]
    _book(path, [header, [1, "AM", "#N/A", "客户经理"], [2, "BM", '="a"', None], ["=1", None, "=2", None]])
    reading = read_workbook(path)
    assert "C2 shows the error #N/A" in reading.rows[0].notes
    assert "C3 is a formula without a stored result" in reading.rows[1].reason
    assert any("row 4" in warning for warning in reading.warnings)


def test_a_quote_that_is_never_closed_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('缩略语,中文\nAM,"客户经理\nBM,分行\n', "utf-8")
    with pytest.raises(WorkbookError, match="line 2"):
        read_workbook(path)


def _book(path: Path, rows: list[list[object]]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)


def test_cells_that_hold_only_a_colour_cost_nothing(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["缩略语", "中文解释"], ["AM", "客户经理"]):
        sheet.append(row)
    sheet.cell(1_048_576, 16_384).number_format = "0.00"
    book.save(tmp_path / "far.xlsx")
    began = time.monotonic()
    assert [(s.term, s.chinese) for s in read_workbook(tmp_path / "far.xlsx").senses] == [("AM", "客户经理")]
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("encoding", ["big5", "gb18030", "utf-8", "utf-16"])
def test_traditional_and_simplified_files(tmp_path: Path, encoding: str) -> None:
    words = "客戶經理" if encoding == "big5" else "客户经理"
    (tmp_path / "a.csv").write_bytes(f"縮略語,英文全稱,中文解釋\nAM,Account Manager,{words}\n".encode(encoding))
    assert [s.chinese for s in read_workbook(tmp_path / "a.csv").senses] == [words]


def test_damaged_utf8_is_not_read_as_another_encoding(tmp_path: Path) -> None:
    lines = "缩略语,英文全称,中文解释\nAM,Account Manager,客户经理\nESS,Employee Skill School,员工技能学校\n".encode()
    # GB18030 would take the pieces for other characters without a word.
    (tmp_path / "a.csv").write_bytes(lines.replace("客户".encode(), "客户".encode()[:-2] + b"aa"))
    with pytest.raises(WorkbookError, match="line 2 has characters that are not UTF-8"):
        read_workbook(tmp_path / "a.csv")
