"""A workbook with every trap goes in and comes out character for character."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from ingest.errors import UnreadableError
from ingest.parsers.sheet import unescape
from ingest.parsers.source import Source
from ingest.parsers.xlsx import parse
from tests.ingest.samples import saved

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.types import Parsed
    from retrieval.facts.types import GridCell

# What is typed, the number format (None: text or General), what is shown, and its typed form.
TRAPS: tuple[tuple[Any, str | None, str, str | None], ...] = (
    ("001100011002", None, "001100011002", None),
    ("402535510938", "@", "402535510938", None),
    ("1.10", None, "1.10", None),
    ("1E5", None, "1E5", None),
    ("0012-3", None, "0012-3", None),
    ("＝＋全角１２３", None, "＝＋全角１２３", None),
    ("第一行\n第二行", None, "第一行\n第二行", None),
    (402535510938, None, "402535510938", "402535510938"),
    (1100011002, "000000000000", "001100011002", "1100011002"),
    ("6222021234567890123", None, "6222021234567890123", None),
    (1234567890123456, None, "1234567890123456", "1234567890123456"),
    (1234567890123456, "0", "1234567890123456", "1234567890123456"),
    (0.1, None, "0.1", "0.1"),
    (0.30000000000000004, None, "0.3", "0.3"),
    (1234567.891, "#,##0.00", "1,234,567.89", "1234567.891"),
    (1234567, "#,##0", "1,234,567", "1234567"),
    (-12.5, "0.00", "-12.50", "-12.5"),
    (-1234.5, "#,##0.00_);(#,##0.00)", "(1,234.50)", "-1234.5"),
    (0.125, "0%", "13%", "0.125"),
    (0.125, "0.00%", "12.50%", "0.125"),
    (42, "000000", "000042", "42"),
    (1999, "¥#,##0.00", "¥1,999.00", "1999"),
    (1999, "[$¥-804]#,##0.00", "¥1,999.00", "1999"),
    (1999, '#,##0"元"', "1,999元", "1999"),
    (3, '0"次"', "3次", "3"),
    (0, '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "-", "0"),
    (dt.date(2024, 3, 5), "yyyy-mm-dd", "2024-03-05", "2024-03-05"),
    (dt.date(2024, 3, 5), 'yyyy"年"m"月"d"日"', "2024年3月5日", "2024-03-05"),
    (dt.date(2024, 3, 5), "yyyy/m/d", "2024/3/5", "2024-03-05"),
    (dt.date(2024, 3, 5), 'yyyy"年"mm"月"', "2024年03月", "2024-03-05"),
    (dt.datetime(2024, 3, 5, 14, 30), "yyyy-mm-dd hh:mm", "2024-03-05 14:30", "2024-03-05T14:30:00"),  # noqa: DTZ001 (a sheet knows no zones)
    (dt.time(9, 5), "h:mm AM/PM", "9:05 AM", "09:05:00"),
    (True, None, "TRUE", "true"),
)


def _read(data: bytes, name: str = "价目.xlsx") -> Parsed:
    return parse(Source(name, data))


def _book() -> tuple[Any, Any]:
    book = openpyxl.Workbook()
    return book, book.active


def test_every_trap_character_for_character() -> None:
    book, sheet = _book()
    for row, (value, code, _, _) in enumerate(TRAPS, 1):
        sheet.cell(row, 1, f"第{row}行")
        cell = sheet.cell(row, 2, value)
        if code:
            cell.number_format = code
    grid = _read(saved(book)).grids[0]
    cells = [row[1] for row in grid.rows]
    assert [cell.text for cell in cells] == [shown for _, _, shown, _ in TRAPS]
    assert [cell.typed for cell in cells] == [typed for _, _, _, typed in TRAPS]
    assert grid.row_numbers == tuple(range(1, len(TRAPS) + 1))


def _with_sheet_xml(change: Callable[[str], str], data: bytes) -> bytes:
    """The same workbook with its first sheet's XML changed."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(result, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = change(content.decode()).encode()
            new.writestr(name, content)
    return result.getvalue()


def test_digits_are_taken_as_written_in_the_file() -> None:
    book, sheet = _book()
    sheet["A1"] = 5
    data = _with_sheet_xml(lambda xml: xml.replace("<v>5</v>", "<v>6222021234567890123.0</v>"), saved(book))
    assert _read(data).grids[0].rows[0][0].text == "6222021234567890123"
    data = _with_sheet_xml(lambda xml: xml.replace("<v>5</v>", "<v>4.02535510938E11</v>"), saved(book))
    assert _read(data).grids[0].rows[0][0].text == "402535510938"


def test_formula_results_and_missing_results() -> None:
    book, sheet = _book()
    sheet["A1"], sheet["A2"] = 2, "=A1*2"
    data = saved(book)
    parsed = _read(data)
    assert [row[0].text for row in parsed.grids[0].rows] == ["2"]
    assert "1 formulas have no stored result (A2)" in parsed.warnings[0]
    calculated = _with_sheet_xml(lambda xml: re.sub(r"<v\s*/>|<v></v>", "<v>4</v>", xml), data)
    parsed = _read(calculated)
    assert [row[0].text for row in parsed.grids[0].rows] == ["2", "4"]
    assert not parsed.warnings


def test_merged_cells_repeat_their_anchor_and_say_so() -> None:
    book, sheet = _book()
    sheet.append(["区域", "产品", "价格"])
    sheet.append(["华东", "A", 1])
    sheet.append([None, "B", 2])
    sheet.merge_cells("A2:A3")
    rows = _read(saved(book)).grids[0].rows
    assert rows[2][0].text == "华东"
    assert rows[2][0].merged_from == "A2"
    assert rows[1][0].merged_from is None


def test_huge_merge_stays_inside_the_used_cells() -> None:
    book, sheet = _book()
    sheet["A1"], sheet["C2"] = "标题", "x"
    everything = '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    data = _with_sheet_xml(lambda xml: xml.replace("</sheetData>", f"</sheetData>{everything}"), saved(book))
    grid = _read(data).grids[0]
    assert len(grid.rows) == 2
    assert len(grid.rows[0]) == 3


def test_hidden_rows_columns_and_sheets_are_kept_and_marked() -> None:
    book, sheet = _book()
    for row in (["名称", "底价"], ["甲", 1], ["乙", 2]):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True
    secret = book.create_sheet("内部")
    secret["A1"] = "内部价"
    secret.sheet_state = "hidden"
    parsed = _read(saved(book))
    assert parsed.grids[0].hidden_rows == (3,)
    assert parsed.grids[1].rows[0][0].text == "内部价"
    warnings = " ".join(parsed.warnings)
    assert "1 hidden rows" in warnings
    assert "hidden columns (B)" in warnings
    assert "sheet 内部 is hidden" in warnings


def test_place_of_every_table_and_note() -> None:
    book, sheet = _book()
    sheet.title = "网点"
    sheet["C5"] = "行名"
    sheet["D6"] = "402535510938"
    sheet["D6"].comment = Comment("已核对", "审核")
    parsed = _read(saved(book))
    grid = parsed.grids[0]
    assert (grid.sheet, grid.first_column, grid.row_numbers) == ("网点", 3, (5, 6))
    assert parsed.blocks[0].location.cell == "C5:D6"
    note = parsed.blocks[1]
    assert (note.kind, note.location.cell) == ("notes", "D6")
    assert "已核对" in note.text


def test_dates_of_the_1904_epoch() -> None:
    book, sheet = _book()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet["A1"] = dt.date(2024, 3, 5)
    sheet["A1"].number_format = "yyyy-mm-dd"
    assert _read(saved(book)).grids[0].rows[0][0].text == "2024-03-05"


def test_rich_text_and_escaped_characters() -> None:
    book, sheet = _book()
    sheet["A1"] = "x"
    rich = "<is><r><t>客户</t></r><r><t>经理_x000D_</t></r><rPh sb='0' eb='1'><t>ke</t></rPh></is>"
    data = _with_sheet_xml(
        lambda xml: re.sub(r'<c r="A1".*?</c>', f'<c r="A1" t="inlineStr">{rich}</c>', xml), saved(book)
    )
    assert _read(data).grids[0].rows[0][0].text == "客户经理\n"


def test_broken_styles_do_not_matter() -> None:
    book, sheet = _book()
    sheet["A1"], sheet["B1"] = "代码", "0012"
    sheet["A1"].font, sheet["A1"].fill = Font(bold=True), PatternFill("solid", fgColor="FF0000")
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved(book))) as old, zipfile.ZipFile(result, "w") as new:
        for name in old.namelist():
            new.writestr(
                name, b"<styleSheet><fills><fill count=" if name == "xl/styles.xml" else old.read(name)
            )
    assert [cell.text for cell in _read(result.getvalue()).grids[0].rows[0]] == ["代码", "0012"]


def test_damaged_workbooks_say_what_to_do() -> None:
    book, _ = _book()
    data = saved(book)
    with pytest.raises(UnreadableError, match="save it again"):
        _read(data[: len(data) // 2])
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(UnreadableError, match="no list of sheets"):
        _read(stream.getvalue())


def _openpyxl_text(cell: GridCell | Any) -> str:
    value = cell.value
    return "" if value is None else str(value)


def test_agrees_with_openpyxl_on_text_cells() -> None:
    book, sheet = _book()
    texts = ["a", " b ", "１２３", "x\ny", "𠮷野家", "&<>\"'", "0", "=not a formula"[1:]]
    for row, text in enumerate(texts, 1):
        sheet.cell(row, 1, text)
    data = saved(book)
    other = openpyxl.load_workbook(io.BytesIO(data)).active
    ours = [row[0].text for row in _read(data).grids[0].rows]
    assert ours == [_openpyxl_text(cell) for (cell,) in other.iter_rows()]


def test_a_sheet_that_is_not_in_the_file_is_told() -> None:
    book = openpyxl.Workbook()
    book.active.append(["名", "值"])
    book.create_sheet("第二页").append(["名", "值"])
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved(book))) as whole, zipfile.ZipFile(packed, "w") as broken:
        for name in whole.namelist():
            data = whole.read(name)
            broken.writestr(
                name, data.replace(b'Id="rId2"', b'Id="rId77"') if "workbook.xml.rels" in name else data
            )
    parsed = parse(Source("a.xlsx", packed.getvalue()))
    assert len(parsed.grids) == 1
    assert parsed.warnings[0].startswith("sheet 第二页 is missing from the file")


def test_escaped_halves_of_a_character_are_one() -> None:
    assert unescape("ok _xD83D__xDE00_ 行_x000D_\n尾") == "ok 😀 行\n尾"
    assert unescape("_xD800_") == "\ufffd"
