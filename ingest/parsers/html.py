"""Reads web pages: headings, paragraphs, lists, code and tables with their spans; scripts and styles left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup
from bs4.element import CData, NavigableString, PageElement, Tag

from ingest.errors import UnreadableError
from ingest.parsers.encoding import decode
from ingest.parsers.grids import SpannedCell
from ingest.parsers.outline import Outline
from ingest.types import Parsed

if TYPE_CHECKING:
    from ingest.parsers.source import Source

MEDIA_TYPE = "text/html"
_DROPPED = frozenset({"script", "style", "noscript", "template", "head", "svg", "iframe", "object", "canvas",
                      "select", "datalist"})  # fmt: skip
_BLOCKS = frozenset({"address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "div",
                     "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr",
                     "html", "legend", "main", "nav", "p", "section", "summary", "ul", "ol", "li", "pre", "table",
                     "h1", "h2", "h3", "h4", "h5", "h6", "menu", "caption", "button", "option", "[document]"})  # fmt: skip
_HEADING = re.compile(r"^h([1-6])$")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"^\s*<\?xml[^>]*encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*>", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_MAX_DEPTH = 150
_LEAST_ROWS = 3


def parse(source: Source) -> Parsed:
    """Reads a page in the encoding it declares, if its bytes agree. Raises UnreadableError where it nests too deeply."""
    head = source.data[:4096]
    declared = _XML_ENCODING.search(head) or _CHARSET.search(head)
    text, _ = decode(source.data, declared.group(1).decode("ascii") if declared else None)
    return parse_text(text, source.stem)


def parse_text(text: str, fallback_title: str) -> Parsed:
    """Reads a page that is already decoded."""
    try:
        soup = BeautifulSoup(_XML_DECLARATION.sub("", text, count=1), "lxml")
        outline = Outline()
        fill(outline, soup)
    except RecursionError as error:
        raise UnreadableError("nests its elements too deeply: save the page again from a browser") from error
    written = soup.title.get_text(" ", strip=True) if soup.title else ""
    title = written or outline.first_heading() or fallback_title
    return Parsed(" ".join(title.split()), tuple(outline.blocks), tuple(outline.grids), 1, MEDIA_TYPE)


def fill(outline: Outline, root: Tag) -> None:
    """Adds what stands below `root` to an outline."""
    _Reader(outline).children(root, 0)


class _Reader:
    """Walks the tree; runs of inline content between block elements become paragraphs."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._inline: list[str] = []
        self._list_depth = 0
        self._numbers: list[int | None] = []

    def children(self, tag: Tag, depth: int) -> None:
        for node in tag.children:
            if isinstance(node, Tag):
                self._tag(node, depth + 1)
            elif type(node) in (NavigableString, CData):
                self._inline.append(str(node))
        if tag.name in _BLOCKS:
            self._flush()

    def _tag(self, tag: Tag, depth: int) -> None:
        name = tag.name.lower()
        if name in _DROPPED or tag.has_attr("hidden"):
            return
        if name == "br":
            self._inline.append("\x00")
        elif name == "img":
            self._inline.append(f" {tag.get('alt') or ''} ")
        elif name not in _BLOCKS:
            self._inline_tag(tag, depth)
        else:
            self._flush()
            self._block(tag, name, depth)

    def _inline_tag(self, tag: Tag, depth: int) -> None:
        if depth > _MAX_DEPTH:
            self._inline.append(tag.get_text(" "))
        else:
            self.children(tag, depth)

    def _block(self, tag: Tag, name: str, depth: int) -> None:
        heading = _HEADING.match(name)
        if heading:
            self._outline.heading(_text(tag), int(heading.group(1)))
        elif name == "pre":
            self._outline.add(tag.get_text(), "code")
        elif name == "table":
            self._table(tag, depth)
        elif depth > _MAX_DEPTH:
            self._outline.add(_text(tag))
        elif name in ("ul", "ol", "menu"):
            self._numbers.append(1 if name == "ol" else None)
            self.children(tag, depth)
            self._numbers.pop()
        else:
            if name == "li":
                self._inline.append(self._marker())
            self.children(tag, depth)

    def _marker(self) -> str:
        """The number of an item of an ordered list, as the browser shows it."""
        if not self._numbers or self._numbers[-1] is None:
            return ""
        number = self._numbers[-1]
        self._numbers[-1] = number + 1
        return f"{number}. "

    def _flush(self) -> None:
        text = _squeezed("".join(self._inline))
        self._inline = []
        if re.fullmatch(r"\d+\.", text):
            self._inline = [text + " "]
        elif self._numbers:
            self._outline.add(text, "list", len(self._numbers))
        else:
            self._outline.add(text)

    def _table(self, table: Tag, depth: int) -> None:
        rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
        cells = [[cell for cell in row.find_all(["td", "th"]) if cell.find_parent("tr") is row] for row in rows]
        caption = table.find("caption")
        if _is_layout(table, cells) and depth < _MAX_DEPTH:
            for cell in (cell for row in cells for cell in row):
                self.children(cell, depth + 1)
                self._flush()
            return
        headings = self._outline.location.headings
        name = _text(caption) if caption else headings[-1] if headings else f"表{len(self._outline.grids) + 1}"
        if caption:
            self._outline.add(_text(caption), "caption")
        self._outline.table(name, [[_spanned(cell) for cell in row] for row in cells])


def _is_layout(table: Tag, cells: list[list[Tag]]) -> bool:
    """Whether a table only arranges the page: it holds other tables, headings or lists, or is one column of one cell.

    One with header cells holds data all the same, and so does one of even rows that has lists in its cells.
    """
    widths = {sum(_span(cell, "colspan") for cell in row) for row in cells}
    if max(widths, default=0) <= 1 and len(cells) <= 1:
        return True
    several = len(cells) > 1 and min(widths) > 1
    if several and any(cell.name == "th" for row in cells for cell in row):
        return False
    if table.find(["table", "h1", "h2", "h3", "form"]) is not None:
        return True
    even = several and len(widths) == 1 and len(cells) >= _LEAST_ROWS
    return not even and table.find(["ul", "ol"]) is not None


def _spanned(cell: Tag) -> SpannedCell:
    return SpannedCell(_text(cell), _span(cell, "colspan"), _span(cell, "rowspan"))


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name) or "1").strip()
    return min(1_000, int(value)) if value.isascii() and value.isdigit() else 1


def _text(tag: Tag) -> str:
    """The words of an element on one line for each line break that it shows."""
    parts: list[str] = []
    for node in tag.descendants:
        if isinstance(node, Tag):
            if node.name in ("br", "p", "div", "li", "tr"):
                parts.append("\x00")
            elif node.name in ("td", "th"):
                parts.append(" ")
        elif type(node) in (NavigableString, CData) and not _inside_dropped(node, tag):
            parts.append(str(node))
    return _squeezed("".join(parts))


def _inside_dropped(node: PageElement, stop: Tag) -> bool:
    for parent in node.parents:
        if parent is stop:
            return False
        if parent.name in _DROPPED:
            return True
    return False


def _squeezed(text: str) -> str:
    """Blanks run together as a browser does; NUL marks the line breaks that are shown."""
    lines = (_SPACE.sub(" ", line).strip() for line in text.split("\x00"))
    return "\n".join(line for line in lines if line)
