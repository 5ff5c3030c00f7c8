"""Reads one worksheet of SpreadsheetML row by row: every cell as it is shown, in little memory."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ingest.parsers.grids import EMPTY, address, column_letters
from ingest.parsers.numberformat import show
from ingest.parsers.package import attribute, children, descendants, iterate_xml, local
from retrieval.facts.types import Grid, GridCell
from retrieval.types import Location

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import IO

_REFERENCE = re.compile(r"^\$?([A-Za-z]{1,3})\$?(\d{1,7})$")
_DIGITS = re.compile(r"^(0|[1-9]\d{0,30})$")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MOST_LETTERS = 3
MAX_CELLS = 6_000_000


@dataclass(frozen=True, slots=True)
class Strings:
    """What the sheets of one workbook share: texts, the number format of each style, and the epoch of dates."""

    shared: Sequence[GridCell] = ()
    formats: Sequence[str] = ()
    epoch_1904: bool = False


@dataclass(slots=True)
class SheetData:
    """The cells of a sheet by row and column, and what the sheet hides, merges and lacks."""

    rows: dict[int, dict[int, GridCell]] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    uncalculated: list[str] = field(default_factory=list)


@lru_cache(maxsize=20_000)
def column_number(letters: str) -> int:
    """The 1-based number of column letters: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def parse_reference(reference: str) -> tuple[int, int] | None:
    """Row and column of an A1 address, 1-based; None where it is none."""
    match = _REFERENCE.match(reference.strip())
    return (int(match.group(2)), column_number(match.group(1))) if match else None


def rich_text(element: Any) -> str:
    """The text of a string item, its runs joined, without the phonetic guide."""
    parts: list[str] = []
    for node in element:
        name = local(node)
        if name == "t":
            parts.append(node.text or "")
        elif name == "r":
            parts.extend(t.text or "" for t in children(node, "t"))
    return unescape("".join(parts))


def unescape(text: str) -> str:
    """Resolves `_x000D_` and the like, the format's way of writing control characters."""
    if "_x" not in text:
        return text
    return (
        _joined(_ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), text))
        .replace("\r\n", "\n")
        .replace("\r", "\n")
    )


def _joined(text: str) -> str:
    """The same text with the two halves of one character, escaped one after the other, as that character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def read_sheet(stream: IO[bytes], strings: Strings) -> SheetData:
    """Reads a worksheet part. Raises UnreadableError where its zip member is damaged."""
    data = SheetData()
    next_row = 1
    for element in iterate_xml(stream, ("row", "col", "mergeCell")):
        name = local(element)
        if name == "row":
            next_row = _read_row(element, next_row, strings, data) + 1
        elif name == "col" and attribute(element, "hidden") in ("1", "true"):
            data.hidden_columns.append((_integer(element, "min", 1), _integer(element, "max", 1)))
        elif name == "mergeCell":
            _read_merge(element, data)
    return data


def _integer(element: Any, name: str, default: int) -> int:
    value = element.get(name)
    return int(value) if value and value.isdigit() else default


def _read_row(element: Any, expected: int, strings: Strings, data: SheetData) -> int:
    row = _integer(element, "r", expected)
    if element.get("hidden") in ("1", "true"):
        data.hidden_rows.append(row)
    cells: dict[int, GridCell] = {}
    column = 0
    for node in element:
        if local(node) != "c":
            continue
        letters = (node.get("r") or "").rstrip("0123456789")
        column = (
            column_number(letters)
            if letters.isascii() and letters.isalpha() and len(letters) <= _MOST_LETTERS
            else column + 1
        )
        cell = _read_cell(node, strings)
        if cell is None:
            data.uncalculated.append(address(row, column))
        elif cell.text:
            cells[column] = cell
    if cells:
        data.rows.setdefault(row, {}).update(cells)
    return row


def _read_cell(node: Any, strings: Strings) -> GridCell | None:
    """The cell as shown; None for a formula whose result was never calculated."""
    kind = node.get("t") or "n"
    raw: str | None = None
    formula = False
    for part in node:
        name = local(part)
        if name == "v":
            raw = part.text or ""
        elif name == "f":
            formula = True
        elif name == "is":
            return GridCell(rich_text(part))
    if formula and not raw and kind != "str":
        return None
    return _typed_cell(kind, raw or "", node.get("s") or "0", strings) if raw else EMPTY


def _typed_cell(kind: str, raw: str, style: str, strings: Strings) -> GridCell:
    if kind == "s":
        index = int(raw) if raw.strip().isdigit() else -1
        return strings.shared[index] if 0 <= index < len(strings.shared) else EMPTY
    if kind == "b":
        truth = raw.strip() in ("1", "true")
        return GridCell("TRUE" if truth else "FALSE", "true" if truth else "false", "boolean")
    if kind == "d":
        return GridCell(raw.replace("T00:00:00", "").replace("T", " "), raw.removesuffix("T00:00:00"), "date")
    if kind == "n":
        code = (
            strings.formats[int(style)] if style.isdigit() and int(style) < len(strings.formats) else "General"
        )
        # The great majority of numbers; they need no arithmetic.
        if code in ("General", "0") and _DIGITS.match(raw):
            return GridCell(raw, raw, "number")
        return show(raw, code, epoch_1904=strings.epoch_1904)
    return GridCell(unescape(raw))


def _read_merge(element: Any, data: SheetData) -> None:
    first, _, last = (element.get("ref") or "").partition(":")
    start, end = parse_reference(first), parse_reference(last)
    if start and end:
        data.merges.append((*start, *end))


def to_grid(name: str, data: SheetData) -> tuple[Grid | None, bool]:
    """The used rectangle of a sheet as a grid (None for an empty sheet), and whether it had to be cut short."""
    if not data.rows:
        return None, False
    first = min(min(cells) for cells in data.rows.values())
    last = max(max(cells) for cells in data.rows.values())
    _spread_merges(data, last)
    width = last - first + 1
    numbers = sorted(data.rows)
    kept = numbers[: max(1, MAX_CELLS // width)]
    rows = tuple(tuple(data.rows[n].get(c, EMPTY) for c in range(first, last + 1)) for n in kept)
    hidden = set(data.hidden_rows)
    unseen = (c for c in range(first, last + 1) if any(a <= c <= b for a, b in data.hidden_columns))
    grid = Grid(
        name, rows, tuple(kept), first, sheet=name, hidden_rows=tuple(n for n in kept if n in hidden),
        hidden_columns=tuple(unseen),
    )  # fmt: skip
    return grid, len(kept) < len(numbers)


def place_of(grid: Grid) -> Location:
    """Where a sheet's grid stands: the sheet, and the range of its cells."""
    first = address(grid.row_numbers[0], grid.first_column)
    last = address(grid.row_numbers[-1], grid.first_column + len(grid.rows[0]) - 1)
    return Location(sheet=grid.sheet, cell=f"{first}:{last}")


def hidden_parts(name: str, data: SheetData, grid: Grid | None) -> list[str]:
    """Warnings about rows and columns that a sheet hides and that were read all the same."""
    found: list[str] = []
    if grid is not None and grid.hidden_rows:
        found.append(f"sheet {name}: {len(grid.hidden_rows)} hidden rows were read")
    used = range(grid.first_column, grid.first_column + len(grid.rows[0])) if grid else range(0)
    hidden = [column_letters(c) for c in used if any(first <= c <= last for first, last in data.hidden_columns)]
    if hidden:
        found.append(f"sheet {name}: hidden columns ({', '.join(hidden)}) were read")
    return found


def _spread_merges(data: SheetData, last_column: int) -> None:
    """Gives covered cells the text of their anchor, inside the used rectangle only."""
    last_row = max(data.rows)
    for top, left, bottom, right in data.merges:
        anchor = data.rows.get(top, {}).get(left)
        if anchor is None:
            continue
        covered = GridCell(anchor.text, anchor.typed, anchor.kind, address(top, left))
        for row in range(top, min(bottom, last_row) + 1):
            for column in range(left, min(right, last_column) + 1):
                if (row, column) != (top, left):
                    data.rows.setdefault(row, {})[column] = covered


def read_formats(root: Any, built_in: dict[int, str]) -> list[str]:
    """The number format code of each cell style."""
    codes = dict(built_in)
    for node in descendants(root, "numFmt"):
        identifier, code = node.get("numFmtId"), node.get("formatCode")
        if identifier and identifier.isdigit() and code is not None:
            codes[int(identifier)] = code
    styles: list[str] = []
    for block in children(root, "cellXfs"):
        styles += [codes.get(_integer(xf, "numFmtId", 0), "General") for xf in children(block, "xf")]
    return styles
