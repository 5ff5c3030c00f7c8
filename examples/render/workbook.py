"""Excel workbooks described as data: a title row, a header, rows, merged cells and formulas."""

from __future__ import annotations

import datetime
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import xlsxwriter

from examples.render.archive import WRITTEN, normalised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula with the result that Excel would have stored beside it."""

    text: str
    result: float


@dataclass(frozen=True, slots=True)
class Money:
    """An amount shown with two decimals and thousands separators."""

    amount: float


Cell = str | int | float | datetime.date | Formula | Money | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. ``merged`` are ranges such as ``A3:A5`` whose first cell holds the value; ``notes`` follow the rows."""

    name: str
    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    widths: Sequence[int]
    merged: Sequence[str] = ()
    notes: Sequence[str] = ()


def workbook_bytes(sheets: Sequence[Sheet], *, author: str) -> bytes:
    """Return an Excel file of ``sheets``; every string is stored as text, so codes keep their leading zeros."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"author": author, "created": WRITTEN.replace(tzinfo=None)})
    formats = _Formats(book)
    for sheet in sheets:
        _write(book.add_worksheet(sheet.name), sheet, formats)
    book.close()
    return normalised(buffer.getvalue())


class _Formats:
    def __init__(self, book: Workbook) -> None:
        self.title = book.add_format({"bold": True, "font_size": 14, "align": "center"})
        self.header = book.add_format({"bold": True, "border": 1, "bg_color": "#D9E2F3", "text_wrap": True})
        self.text = book.add_format({"border": 1, "num_format": "@", "valign": "vcenter"})
        self.number = book.add_format({"border": 1})
        self.money = book.add_format({"border": 1, "num_format": "#,##0.00"})
        self.date = book.add_format({"border": 1, "num_format": "yyyy-mm-dd"})


def _write(target: Worksheet, sheet: Sheet, formats: _Formats) -> None:
    target.merge_range(0, 0, 0, len(sheet.header) - 1, sheet.title, formats.title)
    target.write_row(1, 0, sheet.header, formats.header)
    for column, width in enumerate(sheet.widths):
        target.set_column(column, column, width)
    for number, row in enumerate(sheet.rows, start=2):
        for column, value in enumerate(row):
            _write_cell(target, (number, column), value, formats)
    for area in sheet.merged:
        target.merge_range(area, _value_at(sheet, area), formats.text)
    for number, note in enumerate(sheet.notes, start=len(sheet.rows) + 3):
        target.write_string(number, 0, note)
    target.freeze_panes(2, 0)


def _write_cell(target: Worksheet, at: tuple[int, int], value: Cell, formats: _Formats) -> None:
    row, column = at
    if value is None:
        target.write_blank(row, column, None, formats.text)
    elif isinstance(value, str):
        target.write_string(row, column, value, formats.text)
    elif isinstance(value, Formula):
        target.write_formula(row, column, value.text, formats.money, value.result)
    elif isinstance(value, Money):
        target.write_number(row, column, value.amount, formats.money)
    elif isinstance(value, datetime.date):
        target.write_datetime(row, column, value, formats.date)
    else:
        target.write_number(row, column, value, formats.number)


def _value_at(sheet: Sheet, area: str) -> str:
    """Return the text in the first cell of a merged range; the range is one column, rows counted from 1."""
    column = ord(area[0]) - ord("A")
    row = int(area.split(":")[0][1:]) - 3
    return str(sheet.rows[row][column])
