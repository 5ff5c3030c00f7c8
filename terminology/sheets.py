"""Reads spreadsheet and CSV files into rows of text exactly as typed, and writes them."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from terminology.errors import WorkbookError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

_SPREADSHEETS = frozenset({".xlsx", ".xlsm", ".xltx", ".xltm"})
_TEXTS = frozenset({".csv", ".tsv", ".txt"})
_LARGEST = 200 * 1024 * 1024
_UNPACKED = 512 * 1024 * 1024
# So many good characters of UTF-8 for a bad one are no accident.
_MOSTLY = 4


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of one sheet: each its 1-based number in the file and its cells as text, outer blanks removed.

    `lost` says for a row's number which of its cells show no text, though something is in them.
    """

    name: str | None
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    lost: Mapping[int, str] = field(default_factory=dict)

    def label(self, file: str) -> str:
        """Return how to name this sheet of `file` to a person."""
        return f"{file}, sheet {self.name}" if self.name else file


def read_sheets(path: Path) -> list[Sheet]:
    """Return all sheets of a spreadsheet, or the one table of a text file; raises WorkbookError."""
    suffix = path.suffix.casefold()
    if suffix not in _SPREADSHEETS | _TEXTS:
        raise WorkbookError(
            path,
            f"files ending in {suffix or 'nothing'} are not read.",
            "Save it as .xlsx or .csv and try again.",
        )
    try:
        if path.stat().st_size > _LARGEST:
            raise WorkbookError(
                path, f"it is larger than {_LARGEST // 2**20} MiB.", "Split it into several files."
            )
        content = path.read_bytes()
    except OSError as error:
        raise WorkbookError(
            path, f"it cannot be opened ({error.strerror}).", "Check the path and its rights."
        ) from error
    return _read_spreadsheet(path, content) if suffix in _SPREADSHEETS else [_read_text(path, content)]


def _read_spreadsheet(path: Path, content: bytes) -> list[Sheet]:
    _check_archive(path, content)
    import openpyxl

    try:
        with closing(openpyxl.load_workbook(io.BytesIO(content), data_only=True)) as book:
            formulas = _formulas(content)
            return [
                Sheet(sheet.title, _sheet_rows(sheet), _lost(sheet, formulas.get(sheet.title, ())))
                for sheet in book.worksheets
            ]
    except MemoryError as error:
        raise WorkbookError(
            path, "it needs more memory than there is.", "Split it into several files."
        ) from error
    # openpyxl has no error of its own: a damaged part surfaces as whatever its XML reader raised.
    except Exception as error:
        raise WorkbookError(
            path,
            f"it is damaged ({type(error).__name__}: {error}).",
            "Open it in Excel or WPS and save it again.",
        ) from error


def _check_archive(path: Path, content: bytes) -> None:
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise WorkbookError(
            path, "it is an old .xls or is protected by a password.", "Save it as .xlsx without a password."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError) as error:
        raise WorkbookError(path, "it is not an .xlsx file inside.", "Save it as .xlsx again.") from error
    if size > _UNPACKED:
        raise WorkbookError(path, f"it unpacks to more than {_UNPACKED // 2**20} MiB.", "It is not read.")


def _formulas(content: bytes) -> dict[str, tuple[str, ...]]:
    """Return for each sheet the addresses of its cells with a formula; a second reading, only where there are any."""
    import openpyxl

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        if not any(b"<f>" in data or b"<f " in data for data in map(archive.read, sheets)):
            return {}
    with closing(openpyxl.load_workbook(io.BytesIO(content))) as book:
        return {
            sheet.title: tuple(
                cell.coordinate for _, row in _filled_rows(sheet) for cell in row if cell.data_type == "f"
            )
            for sheet in book.worksheets
        }


def _lost(sheet: Worksheet, formulas: Iterable[str]) -> dict[int, str]:
    """Say which cells hold an error, or a formula whose result the file does not have."""
    lost: dict[int, list[str]] = {}
    for address in formulas:
        if sheet[address].value is None:
            lost.setdefault(sheet[address].row, []).append(f"{address} is a formula without a stored result")
    for _, cells in _filled_rows(sheet):
        for cell in cells:
            if cell.data_type == "e":
                lost.setdefault(cell.row, []).append(f"{cell.coordinate} shows the error {cell.value}")
    return {row: "; ".join(said) for row, said in lost.items()}


def _filled_rows(sheet: Worksheet) -> Iterable[tuple[int, list[Any]]]:
    """Yield the cells that hold something, by row; a sheet may reach down to row 1,048,576 with nothing but colours."""
    filled: dict[int, list[Any]] = {}
    # Not iter_rows: it makes every cell of the rectangle.
    for (row, _), cell in sorted(sheet._cells.items()):
        if cell.value is not None:
            filled.setdefault(row, []).append(cell)
    return filled.items()


def _sheet_rows(sheet: Worksheet) -> tuple[tuple[int, tuple[str, ...]], ...]:
    texts: dict[int, dict[int, str]] = {}
    for row, cells in _filled_rows(sheet):
        for cell in cells:
            if text := cell_text(cell):
                texts.setdefault(row, {})[cell.column] = text
    last = max(texts, default=0)
    for block in sheet.merged_cells.ranges:
        text = texts.get(block.min_row, {}).get(block.min_col, "")
        # A name over several rows belongs to each of them; a title over several columns stands once.
        if text and block.min_col == block.max_col:
            for row in range(block.min_row + 1, min(block.max_row, last) + 1):
                texts.setdefault(row, {})[block.min_col] = text
    width = max((column for row in texts.values() for column in row), default=0)
    return tuple(
        (row, tuple(texts[row].get(column, "") for column in range(1, width + 1))) for row in sorted(texts)
    )


def cell_text(cell: Cell | Any) -> str:
    """Return a cell as the text that a person sees: typed text unchanged, numbers whole, dates in ISO form."""
    value = cell.value
    if value is None or cell.data_type == "e":
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return _number_text(value, str(cell.number_format or ""))
    return str(value)


def _number_text(value: float, layout: str) -> str:
    whole = int(value) if float(value).is_integer() else None
    if whole is None:
        return repr(value)
    padded = layout.split(";")[0].strip('"')
    return str(whole).zfill(len(padded)) if padded and set(padded) == {"0"} else str(whole)


def _read_text(path: Path, content: bytes) -> Sheet:
    text = decode(path, content)
    delimiter = "\t" if path.suffix.casefold() == ".tsv" else _delimiter(text)
    first = text.split("\n", 1)
    if first[0].strip().casefold().startswith("sep=") and len(first) == 2:
        text = "\n" + first[1]
    _check_quotes(path, text, delimiter)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = []
    try:
        start = 1
        for cells in reader:
            if any(cells):
                rows.append((start, tuple(cells)))
            start = reader.line_num + 1
    except csv.Error as error:
        raise WorkbookError(
            path, f"line {reader.line_num}: {error}.", "Check the quotes on that line."
        ) from error
    return Sheet(None, tuple(rows))


def _check_quotes(path: Path, text: str, delimiter: str) -> None:
    """Raise WorkbookError for a quote that is never closed: all rows after it would be one cell."""
    start = 1
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        for _ in reader:
            start = reader.line_num + 1
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise WorkbookError(
                path, f"a quote on line {start} is never closed.", "Check the quotes on that line."
            ) from error


def decode(path: Path, content: bytes) -> str:
    """Decode a text file: by its signature, else UTF-16 by its zero bytes, else UTF-8, else GB18030 or Big5."""
    _check_utf8(path, content)
    for encoding in _encodings(content):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise WorkbookError(
        path,
        "its characters are neither UTF-8, UTF-16, GB18030 nor Big5.",
        "Save it as CSV UTF-8 and try again.",
    )


def _encodings(content: bytes) -> tuple[str, ...]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    head = content[:4096]
    if b"\x00" in head:
        # Delimiters and line ends are ASCII in both: their zero byte stands at odd or at even places.
        odd, even = head[1::2].count(0), head[0::2].count(0)
        return ("utf-16-le",) if odd >= even else ("utf-16-be",)
    return ("utf-8-sig", *_by_likeliness(content))


def _check_utf8(path: Path, content: bytes) -> None:
    """Raise WorkbookError for UTF-8 with a damaged place: read as GB18030, every word of it would be another."""
    text = content.decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    if bad and sum(1 for c in text if c > "\x7f") - bad > _MOSTLY * bad:
        line = text[: text.index("\ufffd")].count("\n") + 1
        raise WorkbookError(
            path, f"line {line} has characters that are not UTF-8, as the rest is.", "Correct that line."
        )


def _by_likeliness(content: bytes) -> tuple[str, str]:
    """The two Chinese encodings, first the one in which more characters are common ones.

    Both order their characters, the common ones (GB2312 by sound, Big5 by strokes) before the rare ones.
    """
    simplified = content.decode("gb18030", errors="replace").encode("gb2312", errors="replace")
    traditional = content.decode("big5hkscs", errors="replace").encode("big5", errors="replace")
    common = len(re.findall(rb"[\xb0-\xd7][\xa1-\xfe]", simplified))
    other = len(re.findall(rb"[\xa4-\xc5][\x40-\x7e\xa1-\xfe]", traditional))
    return ("big5hkscs", "gb18030") if other > common else ("gb18030", "big5hkscs")


def _delimiter(text: str) -> str:
    lines = [line for line in text.splitlines()[:200] if line.strip()]
    declared = lines[0].strip().casefold() if lines else ""
    if declared.startswith("sep=") and len(declared) == 5:
        return declared[-1]
    counts = {each: sum(1 for line in lines if each in line) for each in (",", "\t", ";", "|", "，")}
    best = max(counts.values(), default=0)
    return next((each for each, count in counts.items() if count == best), ",") if best else ","


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table as UTF-8 CSV with a signature; every cell that needs it is quoted."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(header)
        writer.writerows(rows)


def write_xlsx(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table as a workbook of one sheet in which every cell is text, also one that looks like a formula."""
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    for row in (header, *rows):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=value or None)
            if value:
                cell.data_type = "s"
                cell.number_format = "@"
            cells.append(cell)
        sheet.append(cells)
    book.save(path)
