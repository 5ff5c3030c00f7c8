"""Reads Word documents (.docx, .docm, .dotx): the body in order, then notes and comments.

The XML is read here rather than through python-docx, which leaves out inserted text, content controls and text
boxes, and refuses packages with a dangling relationship.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ingest.errors import UnreadableError
from ingest.parsers.grids import SpannedCell
from ingest.parsers.outline import Outline
from ingest.parsers.package import Package, attribute, child, core_title, descendants, local
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

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_HEADING_STYLE = re.compile(r"^(?:heading|标题|überschrift|titre|título|titolo)\s*(\d)$", re.IGNORECASE)
_CAPTION_STYLES = frozenset({"caption", "题注"})
_TITLE_STYLES = frozenset({"title", "标题"})
_MAX_DEPTH = 25


@dataclass(frozen=True, slots=True)
class _Style:
    name: str = ""
    outline: int | None = None
    numbered: bool = False
    parent: str = ""


def parse(source: Source) -> Parsed:
    """Reads the document part. Raises UnreadableError where it is missing or broken."""
    package = Package(source)
    part = next(iter(package.related("", "officeDocument")), "word/document.xml")
    root = package.xml(part)
    body = child(root, "body")
    if body is None:
        raise UnreadableError("is damaged (no document body): open it in Word and save it again")
    reader = _Reader(_styles(package, part), _page_break_kind(body))
    reader.margins(package, part, "header")
    reader.margins(package, part, "footer")
    reader.container(body)
    reader.appendix(package, part)
    outline = reader.outline
    title = core_title(package) or reader.title or outline.first_heading() or source.stem
    return Parsed(title, tuple(outline.blocks), tuple(outline.grids), reader.page, MEDIA_TYPE)


def _page_break_kind(body: Any) -> str:
    """What ends a page here: the breaks that Word noted when it last drew the pages, else those typed by hand."""
    return (
        "lastRenderedPageBreak" if next(descendants(body, "lastRenderedPageBreak"), None) is not None else "br"
    )


def _styles(package: Package, part: str) -> dict[str, _Style]:
    found: dict[str, _Style] = {}
    for target in package.related(part, "styles")[:1]:
        for node in descendants(package.optional_xml(target), "style"):
            identifier = attribute(node, "styleId")
            if identifier:
                found[identifier] = _Style(
                    (_value(child(node, "name")) or "").strip(),
                    _level(_value(child(node, "pPr", "outlineLvl"))),
                    child(node, "pPr", "numPr") is not None,
                    _value(child(node, "basedOn")) or "",
                )
    return found


def _value(node: Any | None) -> str | None:
    return None if node is None else attribute(node, "val")


def _level(value: str | None) -> int | None:
    """A heading level from an outline level; 9 means body text."""
    return int(value) + 1 if value and value.isdigit() and int(value) < 9 else None


class _Reader:
    """Walks the body and fills an outline."""

    def __init__(self, styles: dict[str, _Style], break_kind: str) -> None:
        self.outline = Outline()
        self.title = ""
        self.page = 1
        self._break_kind = break_kind
        self._styles = styles
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
        text = self._carried + paragraph_text(paragraph)
        self._carried = text if deleted_mark(paragraph) else ""
        if not self._carried and text.strip():
            self._add(paragraph, text)
        if depth < _MAX_DEPTH:
            for box in text_boxes(paragraph):
                if not any(local(node) == "txbxContent" for node in _between(box, paragraph)):
                    self.container(box, depth + 1)

    def _add(self, paragraph: Any, text: str) -> None:
        style_id = properties(paragraph, "pPr", "pStyle") or ""
        style = self._styles.get(style_id, _Style(style_id))
        level = self._heading_level(paragraph, style_id)
        folded = style.name.lower()
        if level:
            self.outline.heading(text, level)
        elif folded in _TITLE_STYLES and not self.title:
            self.title = " ".join(text.split())
            self.outline.add(text, "paragraph")
        elif folded in _CAPTION_STYLES:
            self.outline.add(text, "caption")
        elif folded.startswith("toc ") or folded == "table of figures":
            return
        else:
            self._body_text(paragraph, style_id, text)

    def _body_text(self, paragraph: Any, style_id: str, text: str) -> None:
        numbering = child(paragraph, "pPr", "numPr")
        listed = numbering is not None or self._style_chain(style_id, "numbered") or "list" in style_id.lower()
        depth = _value(child(numbering, "ilvl")) or "0"
        if listed and _value(child(numbering, "numId")) != "0":
            self.outline.add(text, "list", int(depth) + 1 if depth.isdigit() else 1)
        else:
            self.outline.add(text)

    def _heading_level(self, paragraph: Any, style_id: str) -> int | None:
        own = properties(paragraph, "pPr", "outlineLvl")
        if own is not None:
            return _level(own)
        seen: set[str] = set()
        while style_id in self._styles and style_id not in seen:
            seen.add(style_id)
            style = self._styles[style_id]
            named = _HEADING_STYLE.match(style.name)
            if named:
                return int(named.group(1)) or 1
            if style.outline is not None:
                return style.outline
            style_id = style.parent
        named = _HEADING_STYLE.match(style_id)
        return int(named.group(1)) if named else None

    def _style_chain(self, style_id: str, name: str) -> bool:
        seen: set[str] = set()
        while style_id in self._styles and style_id not in seen:
            seen.add(style_id)
            if getattr(self._styles[style_id], name):
                return True
            style_id = self._styles[style_id].parent
        return False

    def _table(self, table: Any, depth: int) -> None:
        rows = table_rows(table)
        if _is_frame(rows) and depth < _MAX_DEPTH:
            # A table of one cell is a box around text, not data.
            for cell in row_cells(rows[0]):
                self.container(cell, depth + 1)
            return
        self._tables += 1
        caption = self._caption_above()
        self.outline.table(caption or f"表{self._tables}", _spanned(rows))

    def _caption_above(self) -> str:
        blocks = self.outline.blocks
        return " ".join(blocks[-1].text.split()) if blocks and blocks[-1].kind == "caption" else ""

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
        """Footnotes, endnotes, comments and the titles and categories of charts."""
        self.outline.clear_headings()
        for kind, tag in (("footnotes", "footnote"), ("endnotes", "endnote"), ("comments", "comment")):
            for target in package.related(part, kind):
                for text in notes(package.optional_xml(target), tag):
                    self.outline.add(text, "notes")
        for kind in ("diagramData", "chart"):
            for target in package.related(part, kind):
                self.outline.add(drawing_text(package.optional_xml(target)), "caption")


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
    return len(rows) == 1 and len(row_cells(rows[0])) == 1


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
