"""Reads Excel 97-2003 workbooks (.xls) with xlrd: sheets as grids, cells as shown."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xlrd

from ingest.errors import EncryptedError, UnreadableError
from ingest.parsers.grids import EMPTY, address
from ingest.parsers.numberformat import show
from ingest.parsers.sheet import SheetData, hidden_parts, place_of, to_grid
from ingest.types import Block, Parsed
from retrieval.facts.types import Grid, GridCell
from retrieval.types import Location

if TYPE_CHECKING:
    from ingest.parsers.source import Source

MEDIA_TYPE = "application/vnd.ms-excel"


def parse(source: Source) -> Parsed:
    """Reads all sheets. Raises EncryptedError or UnreadableError."""
    book = _open(source.data)
    blocks: list[Block] = []
    grids: list[Grid] = []
    warnings: list[str] = []
    for sheet in book.sheets():
        data = _read(book, sheet)
        grid, cut = to_grid(sheet.name, data)
        if grid is not None:
            blocks.append(Block("", "table", 0, place_of(grid), len(grids)))
            grids.append(grid)
        blocks += _notes(sheet)
        if cut:
            warnings.append(f"sheet {sheet.name} is too large: only its first rows were read")
        warnings += hidden_parts(sheet.name, data, grid)
        if sheet.visibility:
            warnings.append(f"sheet {sheet.name} is hidden in the workbook; it was read")
    return Parsed(source.stem, tuple(blocks), tuple(grids), book.nsheets, MEDIA_TYPE, tuple(warnings))


def _open(data: bytes) -> Any:
    try:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            return xlrd.open_workbook(file_contents=data, logfile=nowhere, formatting_info=True)
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            return _open(_decrypted(data))
        raise UnreadableError(f"is damaged ({error}): open it in Excel and save it as .xlsx") from error
    except NotImplementedError:
        return xlrd.open_workbook(file_contents=data)


def _decrypted(data: bytes) -> bytes:
    """The workbook without the password that Excel itself uses to lock a structure; no other one is tried."""
    import msoffcrypto
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError

    plain = io.BytesIO()
    try:
        locked = msoffcrypto.OfficeFile(io.BytesIO(data))
        locked.load_key(password="VelvetSweatshop")  # noqa: S106 (a published constant of the format)
        locked.decrypt(plain)
    except (DecryptionError, FileFormatError, InvalidKeyError, ValueError, TypeError) as error:
        raise EncryptedError from error
    return plain.getvalue()


def _read(book: Any, sheet: Any) -> SheetData:
    data = SheetData()
    for row in range(sheet.nrows):
        cells = {
            column + 1: cell
            for column in range(sheet.row_len(row))
            if (cell := _cell(book, sheet, row, column)).text
        }
        if cells:
            data.rows[row + 1] = cells
    data.hidden_rows = [row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden]
    data.hidden_columns = [(c + 1, c + 1) for c, info in sorted(sheet.colinfo_map.items()) if info.hidden]
    data.merges = [(top + 1, left + 1, bottom, right) for top, bottom, left, right in sheet.merged_cells]
    return data


def _cell(book: Any, sheet: Any, row: int, column: int) -> GridCell:
    kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
    if kind == xlrd.XL_CELL_TEXT:
        return GridCell(value)
    if kind in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        return show(_digits(value), _format(book, sheet, row, column), epoch_1904=bool(book.datemode))
    if kind == xlrd.XL_CELL_BOOLEAN:
        return GridCell("TRUE" if value else "FALSE", "true" if value else "false", "boolean")
    if kind == xlrd.XL_CELL_ERROR:
        return GridCell(xlrd.error_text_from_code.get(value, "#ERR"))
    return EMPTY


def _digits(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e300 else repr(value)


def _format(book: Any, sheet: Any, row: int, column: int) -> str:
    """The number format of a cell; General where the file does not say."""
    if not book.formatting_info:
        return "yyyy/m/d" if sheet.cell_type(row, column) == xlrd.XL_CELL_DATE else "General"
    index = sheet.cell_xf_index(row, column)
    if not 0 <= index < len(book.xf_list):
        return "General"
    known = book.format_map.get(book.xf_list[index].format_key)
    return str(known.format_str) if known is not None else "General"


def _notes(sheet: Any) -> list[Block]:
    return [
        Block(note.text, "notes", 0, Location(sheet=sheet.name, cell=address(row + 1, column + 1)))
        for (row, column), note in sorted(sheet.cell_note_map.items())
        if note.text.strip()
    ]
