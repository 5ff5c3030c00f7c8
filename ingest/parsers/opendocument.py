"""Reads OpenDocument files (.odt, .ods, .odp): text with headings and lists, sheets as shown, slides with notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.errors import EncryptedError, UnreadableError
from ingest.parsers.grids import SpannedCell
from ingest.parsers.outline import Outline
from ingest.parsers.package import Package, attribute, child, children, descendants, local
from ingest.parsers.sheet import SheetData, hidden_parts, place_of, to_grid
from ingest.types import Parsed
from retrieval.facts.types import GridCell
from retrieval.types import Location

if TYPE_CHECKING:
    from ingest.parsers.source import Source
    from retrieval.facts.types import ColumnKind

_SKIPPED = frozenset({"tracked-changes", "annotation-end", "sequence-decls", "forms", "note", "annotation"})
_KINDS: dict[str, ColumnKind] = {
    "float": "number", "percentage": "percent", "currency": "money", "date": "date", "time": "date",
    "boolean": "boolean",
}  # fmt: skip
_VALUES = {"date": "date-value", "time": "time-value", "boolean": "boolean-value"}
# Rows and columns that are repeated to the end of the sheet are layout; data are rarely repeated this often.
_MOST_REPEATED = 1_000


def parse(source: Source) -> Parsed:
    """Reads the content part. Raises EncryptedError or UnreadableError."""
    package = Package(source)
    if next(descendants(package.optional_xml("META-INF/manifest.xml"), "encryption-data"), None) is not None:
        raise EncryptedError
    root = package.xml("content.xml")
    body = child(root, "body")
    if body is None:
        raise UnreadableError("is damaged (no content): open it in LibreOffice and save it again")
    reader = _Reader()
    for part in body:
        reader.part(part)
    title = _title(package) or reader.outline.first_heading() or source.stem
    kind = (package.read("mimetype") or b"").decode("ascii", "replace").strip()
    outline = reader.outline
    return Parsed(
        title,
        tuple(outline.blocks),
        tuple(outline.grids),
        reader.pages,
        kind or "application/zip",
        tuple(reader.warnings),
    )


def _title(package: Package) -> str:
    written = next(descendants(package.optional_xml("meta.xml"), "title"), None)
    return " ".join((written.text or "").split()) if written is not None else ""


class _Reader:
    """Walks the content and fills an outline."""

    def __init__(self) -> None:
        self.outline = Outline()
        self.pages = 1
        self.warnings: list[str] = []

    def part(self, part: Any) -> None:
        """A text, a workbook or a presentation."""
        name = local(part)
        if name == "presentation" or name == "drawing":
            pages = children(part, "page")
            self.pages = len(pages)
            for number, page in enumerate(pages, 1):
                self._slide(page, number)
        elif name == "spreadsheet":
            tables = children(part, "table")
            self.pages = len(tables)
            for table in tables:
                self._sheet(table)
        else:
            self._items(part, 0)

    def _slide(self, page: Any, number: int) -> None:
        self.outline.clear_headings()
        self.outline.move(Location(slide=number))
        frames = [node for node in page if local(node) != "notes"]
        frames.sort(key=lambda node: attribute(node, "class") not in ("title",))
        for frame in frames:
            if attribute(frame, "class") == "title":
                self.outline.heading(" ".join(text(p) for p in descendants(frame, "p")), 1)
            else:
                self._items(frame, 0)
        for notes in children(page, "notes"):
            self.outline.add("\n".join(text(p) for p in descendants(notes, "p")), "notes")

    def _items(self, container: Any, depth: int) -> None:
        """Headings, paragraphs, lists and tables in order; frames and sections are opened."""
        for node in container:
            name = local(node)
            if name == "h":
                level = attribute(node, "outline-level") or "1"
                self.outline.heading(text(node), int(level) if level.isdigit() else 1)
            elif name == "p":
                self.outline.add(text(node), "list" if depth else "paragraph", depth)
                self._inside(node)
            elif name == "list":
                self._items(node, depth + 1)
            elif name == "table":
                self._table(node)
            elif name not in _SKIPPED and len(node):
                self._items(node, depth)

    def _inside(self, paragraph: Any) -> None:
        """Text boxes, footnotes and comments anchored in a paragraph."""
        for node in descendants(paragraph, "text-box"):
            self._items(node, 0)
        for node in descendants(paragraph, "note-body", "annotation"):
            self.outline.add("\n".join(text(p) for p in descendants(node, "p")), "notes")

    def _table(self, table: Any) -> None:
        rows = [
            [_spanned(cell) for cell in children(row, "table-cell")] for row in descendants(table, "table-row")
        ]
        self.outline.table(attribute(table, "name") or f"表{len(self.outline.grids) + 1}", rows)

    def _sheet(self, table: Any) -> None:
        name = attribute(table, "name") or f"Sheet{len(self.outline.grids) + 1}"
        self.outline.clear_headings()
        data = _sheet_data(table)
        grid, cut = to_grid(name, data)
        if grid is not None:
            self.outline.add_grid(grid, place_of(grid))
        if cut:
            self.warnings.append(f"sheet {name} is too large: only its first rows were read")
        self.warnings += hidden_parts(name, data, grid)
        if any(_is_cut(node) for node in descendants(table, "table-row")):
            self.warnings.append(
                f"sheet {name}: rows alike, one after the other, were read {_MOST_REPEATED:,} times"
            )
        self.outline.move(Location(sheet=name))
        for note in descendants(table, "annotation"):
            self.outline.add("\n".join(text(p) for p in descendants(note, "p")), "notes")


def text(element: Any) -> str:
    """The words of a paragraph, with its blanks, tabs and line breaks."""
    parts = [element.text or ""]
    for node in element:
        name = local(node)
        if name == "s":
            count = attribute(node, "c") or "1"
            parts.append(" " * min(1_000, int(count) if count.isdigit() else 1))
        elif name == "tab":
            parts.append("\t")
        elif name == "line-break":
            parts.append("\n")
        elif name not in _SKIPPED and name != "frame":
            parts.append(text(node))
        parts.append(node.tail or "")
    return "".join(parts)


def _spanned(cell: Any) -> SpannedCell:
    return SpannedCell(
        _cell_text(cell), _count(cell, "number-columns-spanned"), _count(cell, "number-rows-spanned")
    )


def _cell_text(cell: Any) -> str:
    return "\n".join(text(node) for node in descendants(cell, "p", "h") if not _in_note(node))


def _in_note(node: Any) -> bool:
    return any(local(above) == "annotation" for above in node.iterancestors())


def _count(element: Any, name: str) -> int:
    value = attribute(element, name) or "1"
    return max(1, int(value)) if value.isdigit() else 1


def _is_cut(row: Any) -> bool:
    """Whether a row with text is repeated more often than it is read."""
    return _count(row, "number-rows-repeated") > _MOST_REPEATED and bool(_row(row, 1)[0])


def _sheet_data(table: Any) -> SheetData:
    data = SheetData()
    row = 1
    for node in descendants(table, "table-row"):
        repeated = _count(node, "number-rows-repeated")
        cells, merges = _row(node, row)
        if cells:
            for copy in range(min(repeated, _MOST_REPEATED)):
                data.rows[row + copy] = dict(cells)
            data.merges += merges
        if attribute(node, "visibility") in ("collapse", "filter"):
            data.hidden_rows += range(row, row + min(repeated, _MOST_REPEATED))
        row += repeated
    return data


def _row(node: Any, row: int) -> tuple[dict[int, GridCell], list[tuple[int, int, int, int]]]:
    cells: dict[int, GridCell] = {}
    merges: list[tuple[int, int, int, int]] = []
    column = 1
    for cell in children(node, "table-cell", "covered-table-cell"):
        repeated = _count(cell, "number-columns-repeated")
        shown = _cell_text(cell)
        if shown and local(cell) == "table-cell":
            for copy in range(min(repeated, _MOST_REPEATED)):
                cells[column + copy] = _grid_cell(cell, shown)
            across, down = _count(cell, "number-columns-spanned"), _count(cell, "number-rows-spanned")
            if across > 1 or down > 1:
                merges.append((row, column, row + down - 1, column + across - 1))
        column += repeated
    return cells, merges


def _grid_cell(cell: Any, shown: str) -> GridCell:
    kind = attribute(cell, "value-type") or "string"
    if kind not in _KINDS:
        return GridCell(shown)
    return GridCell(shown, attribute(cell, _VALUES.get(kind, "value")), _KINDS[kind])
