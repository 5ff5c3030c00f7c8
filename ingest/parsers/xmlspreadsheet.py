"""Reads XML spreadsheets of Excel 2003, which many programs still export under the name .xls.

Source of the layout: Microsoft's XML Spreadsheet Reference (urn:schemas-microsoft-com:office:spreadsheet).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.errors import UnreadableError
from ingest.parsers.grids import EMPTY
from ingest.parsers.numberformat import show
from ingest.parsers.package import attribute, child, children, descendants, parse_xml
from ingest.parsers.sheet import SheetData, hidden_parts, place_of, to_grid
from ingest.types import Block, Parsed
from retrieval.facts.types import Grid, GridCell

if TYPE_CHECKING:
    from ingest.parsers.source import Source

MEDIA_TYPE = "application/vnd.ms-excel"
NAMESPACE = "urn:schemas-microsoft-com:office:spreadsheet"
# Formats that the file names instead of writing them out.
_NAMED = {
    "Fixed": "0.00",
    "Standard": "#,##0.00",
    "Percent": "0.00%",
    "Scientific": "0.00E+00",
    "General Number": "General",
}


def parse(source: Source) -> Parsed:
    """Reads all worksheets. Raises UnreadableError where there is none."""
    root = parse_xml(source.data)
    sheets = children(root, "Worksheet")
    if not sheets:
        raise UnreadableError("is damaged (no worksheet): open it in Excel and save it as .xlsx")
    formats = {attribute(style, "ID") or "": _format(style) for style in descendants(root, "Style")}
    blocks: list[Block] = []
    grids: list[Grid] = []
    warnings: list[str] = []
    for position, sheet in enumerate(sheets, 1):
        name = attribute(sheet, "Name") or f"Sheet{position}"
        data = _read(child(sheet, "Table"), formats)
        grid, cut = to_grid(name, data)
        if grid is not None:
            blocks.append(Block("", "table", 0, place_of(grid), len(grids)))
            grids.append(grid)
        if cut:
            warnings.append(f"sheet {name} is too large: only its first rows were read")
        warnings += hidden_parts(name, data, grid)
    return Parsed(source.stem, tuple(blocks), tuple(grids), len(sheets), MEDIA_TYPE, tuple(warnings))


def _format(style: Any) -> str:
    node = child(style, "NumberFormat")
    code = (attribute(node, "Format") or "General") if node is not None else "General"
    return _NAMED.get(code, code)


def _read(table: Any | None, formats: dict[str, str]) -> SheetData:
    data = SheetData()
    column = row = 0
    for node in children(table, "Column"):
        column = _number(node, "Index", column + 1)
        span = _number(node, "Span", 0)
        if attribute(node, "Hidden") == "1":
            data.hidden_columns.append((column, column + span))
        column += span
    for node in children(table, "Row"):
        row = _number(node, "Index", row + 1)
        if attribute(node, "Hidden") == "1":
            data.hidden_rows.append(row)
        _read_row(node, row, formats, data)
        row += _number(node, "Span", 0)
    return data


def _read_row(row_node: Any, row: int, formats: dict[str, str], data: SheetData) -> None:
    column = 0
    for node in children(row_node, "Cell"):
        column = _number(node, "Index", column + 1)
        cell = _cell(node, formats)
        if cell.text:
            data.rows.setdefault(row, {})[column] = cell
        across, down = _number(node, "MergeAcross", 0), _number(node, "MergeDown", 0)
        if across or down:
            data.merges.append((row, column, row + down, column + across))
        column += across


def _cell(node: Any, formats: dict[str, str]) -> GridCell:
    held = child(node, "Data")
    text = "".join(held.itertext()) if held is not None else ""
    kind = (attribute(held, "Type") or "String") if held is not None else ""
    if not text:
        return EMPTY
    if kind == "Number":
        return show(text, formats.get(attribute(node, "StyleID") or "", "General"), epoch_1904=False)
    if kind == "DateTime":
        day = text.partition(".")[0].removesuffix("T00:00:00").replace("T", " ")
        return GridCell(day, day, "date")
    if kind == "Boolean":
        return GridCell("TRUE" if text == "1" else "FALSE", "true" if text == "1" else "false", "boolean")
    return GridCell(text)


def _number(node: Any, name: str, default: int) -> int:
    value = attribute(node, name) or ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 8 else default
