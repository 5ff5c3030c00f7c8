"""Reads Word documents (.docx, .docm, .dotx): the body in order, then notes and comments.

The XML is read here rather than through python-docx, which leaves out inserted text, content controls and text
boxes, and refuses packages with a dangling relationship.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ingest.errors import UnreadableError
from ingest.parsers import attachments, charts
from ingest.parsers.grids import SpannedCell
from ingest.parsers.outline import Outline
from ingest.parsers.package import Package, attribute, child, children, core_title, descendants, local
from ingest.parsers.text import heading_level
from ingest.parsers.wordnumbers import Numbers
from ingest.parsers.wordstyles import Styles
from ingest.parsers.wordtext import (
    body_items,
    cell_text,
    deleted_mark,
    notes,
    paragraph_text,
    properties,
    row_cells,
    table_rows,
    text_boxes,
)
from ingest.types import Parsed
from retrieval.types import Location

if TYPE_CHECKING:
    from ingest.parsers.source import Source
    from ingest.parsers.wordstyles import ListPlace

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_CAPTION_STYLES = frozenset({"caption", "题注"})
_TITLE_STYLES = frozenset({"title", "标题"})
_MAX_DEPTH = 25
_GUESSED_LEVELS = 2


def parse(source: Source) -> Parsed:
    """Reads the document part. Raises UnreadableError where it is missing or broken."""
    package = Package(source)
    part = next(iter(package.related("", "officeDocument")), "word/document.xml")
    root = package.xml(part)
    body = child(root, "body")
    if body is None:
        raise UnreadableError("is damaged (no document body): open it in Word and save it again")
    reader = _read(package, part, body, guess_headings=False)
    if not reader.outline.first_heading():
        # Nobody used the styles: numbered lines such as 一、目的 are the headings then.
        reader = _read(package, part, body, guess_headings=True)
    outline = reader.outline
    title = core_title(package) or reader.title or outline.first_heading() or source.stem
    parsed = Parsed(title, tuple(outline.blocks), tuple(outline.grids), reader.page, MEDIA_TYPE)
    return attachments.append_embedded(parsed, package, [part], source)


def _read(package: Package, part: str, body: Any, *, guess_headings: bool) -> _Reader:
    styles = Styles(_part(package, part, "styles"))
    numbers = Numbers(_part(package, part, "numbering"))
    reader = _Reader(styles, numbers, _page_break_kind(body), guess_headings=guess_headings)
    reader.margins(package, part, "header")
    reader.margins(package, part, "footer")
    reader.container(body)
    reader.appendix(package, part)
    return reader


def _page_break_kind(body: Any) -> str:
    """What ends a page here: the breaks that Word noted when it last drew the pages, else those typed by hand."""
    return (
        "lastRenderedPageBreak" if next(descendants(body, "lastRenderedPageBreak"), None) is not None else "br"
    )


def _part(package: Package, part: str, kind: str) -> Any | None:
    """The first related part of a kind; None where there is none that can be read."""
    return next((package.optional_xml(target) for target in package.related(part, kind)), None)


class _Reader:
    """Walks the body and fills an outline."""

    def __init__(self, styles: Styles, numbers: Numbers, break_kind: str, *, guess_headings: bool) -> None:
        self.outline = Outline()
        self.title = ""
        self.page = 1
        self._break_kind = break_kind
        self._styles = styles
        self._numbers = numbers
        self._guess_headings = guess_headings
        self._tables = 0
        self._carried = ""
        if break_kind == "lastRenderedPageBreak":
            self.outline.move(Location(page=1))

    def container(self, element: Any, depth: int = 0) -> None:
        """Paragraphs and tables of the body or of a text box, in order."""
        for item in body_items(element):
            self._turn_page(item, leading=True)
            if local(item) == "p":
                self._paragraph(item, depth)
            else:
                self._table(item, depth)
            self._turn_page(item, leading=False)
        if self._carried:
            self.outline.add(self._carried)
            self._carried = ""

    def _turn_page(self, item: Any, *, leading: bool) -> None:
        """Counts page breaks: one before the first text of an item moves it, the others move what follows."""
        breaks = [
            node
            for node in descendants(item, self._break_kind)
            if self._break_kind != "br" or attribute(node, "type") == "page"
        ]
        first = bool(breaks) and local(item) == "p" and not _text_before(item, breaks[0])
        turned = (1 if first else 0) if leading else len(breaks) - (1 if first else 0)
        if turned:
            self.page += turned
            self.outline.move(Location(page=self.page))

    def _paragraph(self, paragraph: Any, depth: int) -> None:
        style = properties(paragraph, "pPr", "pStyle") or ""
        place = self._styles.list_place(paragraph, style)
        label = self._numbers.label(place.number, place.depth) if place else ""
        text = self._carried + paragraph_text(paragraph)
        self._carried = text if deleted_mark(paragraph) else ""
        if not self._carried and text.strip():
            self._add(paragraph, style, label + text, place)
        if depth < _MAX_DEPTH:
            for box in text_boxes(paragraph):
                if not any(local(node) == "txbxContent" for node in _between(box, paragraph)):
                    self.container(box, depth + 1)

    def _add(self, paragraph: Any, style: str, text: str, place: ListPlace | None) -> None:
        level = self._styles.heading_level(paragraph, style)
        if self._guess_headings and 0 < (guessed := heading_level(text)) <= _GUESSED_LEVELS:
            level = guessed
        name = self._styles.name(style)
        if level:
            self.outline.heading(text, level)
        elif name in _TITLE_STYLES and not self.title:
            self.title = " ".join(text.split())
            self.outline.add(text, "paragraph")
        elif name in _CAPTION_STYLES:
            self.outline.add(text, "caption")
        elif name.startswith("toc ") or name == "table of figures":
            return
        elif place is not None:
            self.outline.add(text, "list", place.depth + 1)
        else:
            self.outline.add(text)

    def _table(self, table: Any, depth: int) -> None:
        rows = table_rows(table)
        if _is_frame(rows) and depth < _MAX_DEPTH:
            # A box around text, or columns that hold tables side by side: no data of its own.
            for cell in row_cells(rows[0]):
                self.container(cell, depth + 1)
            return
        self._tables += 1
        self.outline.table(self._name_above() or f"表{self._tables}", _spanned(rows))

    def _name_above(self) -> str:
        """Return the caption, or else the heading, that stands right above."""
        last = self.outline.blocks[-1] if self.outline.blocks else None
        return " ".join(last.text.split()) if last and last.kind in {"caption", "heading"} else ""

    def margins(self, package: Package, part: str, kind: str) -> None:
        """Headers or footers: each different text once."""
        seen: set[str] = set()
        for target in package.related(part, kind):
            root = package.optional_xml(target)
            text = cell_text(root) if root is not None else ""
            if text.strip() and not re.fullmatch(r"[\W\d]*", text) and text not in seen:
                seen.add(text)
                self.outline.add(text, "notes")

    def appendix(self, package: Package, part: str) -> None:
        """Footnotes, endnotes, comments, diagrams and charts."""
        self.outline.clear_headings()
        for kind, tag in (("footnotes", "footnote"), ("endnotes", "endnote"), ("comments", "comment")):
            for target in package.related(part, kind):
                for text in notes(package.optional_xml(target), tag):
                    self.outline.add(text, "notes")
        for target in package.related(part, "diagramData"):
            self.outline.add(drawing_text(package.optional_xml(target)), "caption")
        for number, target in enumerate(package.related(part, "chart"), 1):
            root = package.optional_xml(target)
            words = drawing_text(root)
            self.outline.add(words, "caption")
            charts.add_tables(self.outline, root, words.partition("\n")[0] or f"图表{number}")


def drawing_text(root: Any | None) -> str:
    """The words of a chart or diagram, each paragraph on its line."""
    lines = ["".join(t.text or "" for t in descendants(p, "t")) for p in descendants(root, "p")]
    return "\n".join(line for line in lines if line.strip())


def _between(node: Any, ancestor: Any) -> list[Any]:
    found = []
    for above in node.iterancestors():
        if above is ancestor:
            break
        found.append(above)
    return found


def _text_before(paragraph: Any, mark: Any) -> bool:
    for node in paragraph.iter():
        if node is mark:
            return False
        if local(node) == "t" and (node.text or "").strip():
            return True
    return False


def _is_frame(rows: list[Any]) -> bool:
    if len(rows) != 1:
        return False
    cells = row_cells(rows[0])
    return len(cells) == 1 or any(
        len(table_rows(inner)) > 1 for cell in cells for inner in children(cell, "tbl")
    )


def _spanned(rows: list[Any]) -> list[list[SpannedCell]]:
    """The cells of a table with their spans; a cell that continues a vertical merge is left to its anchor."""
    layout: list[list[tuple[int, int, Any]]] = []
    for row in rows:
        column = _integer(properties(row, "trPr", "gridBefore"), 0)
        placed = []
        for cell in row_cells(row):
            width = max(1, _integer(properties(cell, "tcPr", "gridSpan"), 1))
            placed.append((column, width, cell))
            column += width
        layout.append(placed)
    result: list[list[SpannedCell]] = []
    for index, placed in enumerate(layout):
        cells = [SpannedCell("")] * (placed[0][0] if placed else 0)
        for column, width, cell in placed:
            if not _continues(cell):
                cells.append(SpannedCell(cell_text(cell), width, 1 + _continued_below(layout, index, column)))
            elif not _anchored(layout, index, column):
                cells.append(SpannedCell(cell_text(cell), width))
        result.append(cells)
    return result


def _integer(value: str | None, default: int) -> int:
    return min(int(value), 1_000) if value and value.isdigit() else default


def _continues(cell: Any) -> bool:
    merge = properties(cell, "tcPr", "vMerge")
    return merge is not None and merge != "restart"


def _cell_at(layout: list[list[tuple[int, int, Any]]], row: int, column: int) -> Any | None:
    return next((cell for start, _, cell in layout[row] if start == column), None)


def _continued_below(layout: list[list[tuple[int, int, Any]]], row: int, column: int) -> int:
    if properties(_cell_at(layout, row, column), "tcPr", "vMerge") != "restart":
        return 0
    count = 0
    for below in range(row + 1, len(layout)):
        cell = _cell_at(layout, below, column)
        if cell is None or not _continues(cell):
            break
        count += 1
    return count


def _anchored(layout: list[list[tuple[int, int, Any]]], row: int, column: int) -> bool:
    """Whether a continuing cell has a restart above it in its column."""
    for above in range(row - 1, -1, -1):
        cell = _cell_at(layout, above, column)
        if cell is None:
            return False
        if not _continues(cell):
            return properties(cell, "tcPr", "vMerge") == "restart"
    return False
