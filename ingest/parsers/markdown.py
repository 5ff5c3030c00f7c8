"""Reads Markdown (CommonMark with tables and front matter): headings, paragraphs, lists, code and tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup
from markdown_it import MarkdownIt

from ingest.parsers.encoding import decode
from ingest.parsers.grids import grid_from_texts
from ingest.parsers.html import fill
from ingest.parsers.outline import Outline
from ingest.types import Parsed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

    from ingest.parsers.source import Source

MEDIA_TYPE = "text/markdown"
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*\n", re.DOTALL)
# CommonMark knows no footnotes: it would take theirs for the address of a link, which is not shown.
_FOOTNOTE = re.compile(r"^([ ]{0,3})\[\^([^\]\n]+)\]:", re.MULTILINE)
_TITLE = re.compile(r"^title\s*[:：]\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE | re.IGNORECASE)


def parse(source: Source) -> Parsed:
    """Reads the text through markdown-it; raw HTML in it is read as HTML."""
    text, _ = decode(source.data)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    front = _FRONT_MATTER.match(text)
    outline = Outline()
    title = ""
    if front:
        found = _TITLE.search(front.group(1))
        title = found.group(1) if found else ""
        outline.add(front.group(1), "notes")
        text = text[front.end() :]
    text = _FOOTNOTE.sub(r"\1\\[^\2\\]:", text)
    tokens = MarkdownIt("commonmark", {"maxNesting": 50}).enable(["table", "strikethrough"]).parse(text)
    _Reader(outline).read(tokens)
    title = title or outline.first_heading() or source.stem
    return Parsed(title, tuple(outline.blocks), tuple(outline.grids), 1, MEDIA_TYPE)


class _Reader:
    """Turns the flat list of tokens into blocks."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._lists: list[int | None] = []
        self._rows: list[list[str]] | None = None
        self._heading = 0

    def read(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            if token.type in ("bullet_list_open", "ordered_list_open"):
                start = token.attrGet("start")
                self._lists.append(int(start or 1) if token.type.startswith("ordered") else None)
            elif token.type in ("bullet_list_close", "ordered_list_close"):
                self._lists.pop()
            elif token.type == "heading_open":
                self._heading = int(token.tag[1:])
            elif token.type in ("table_open", "tr_open", "table_close"):
                self._table(token.type)
            else:
                self._leaf(token)

    def _table(self, kind: str) -> None:
        if kind == "table_open":
            self._rows = []
        elif kind == "tr_open" and self._rows is not None:
            self._rows.append([])
        elif kind == "table_close" and self._rows is not None:
            headings = self._outline.location.headings
            name = headings[-1] if headings else f"表{len(self._outline.grids) + 1}"
            self._outline.add_grid(grid_from_texts(name, self._rows, self._outline.location))
            self._rows = None

    def _leaf(self, token: Token) -> None:
        if token.type in ("fence", "code_block"):
            self._outline.add(token.content, "code")
        elif token.type == "html_block":
            fill(self._outline, BeautifulSoup(token.content, "lxml"))
        elif token.type == "inline":
            self._inline(inline_text(token.children or ()))

    def _inline(self, text: str) -> None:
        if self._rows is not None:
            if self._rows:
                self._rows[-1].append(text.strip())
        elif self._heading:
            self._outline.heading(text, self._heading)
            self._heading = 0
        elif self._lists:
            self._outline.add(self._numbered(text), "list", len(self._lists))
        else:
            self._outline.add(text)

    def _numbered(self, text: str) -> str:
        number = self._lists[-1]
        if number is None:
            return text
        self._lists[-1] = number + 1
        return f"{number}. {text}"


def inline_text(tokens: Sequence[Token]) -> str:
    """The text of a line without its marks; links and images keep their words."""
    parts: list[str] = []
    for token in tokens:
        if token.type in ("text", "code_inline"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif token.type == "image":
            parts.append(inline_text(token.children or ()) or token.content)
        elif token.type == "html_inline" and re.match(r"<br\s*/?>", token.content, re.IGNORECASE):
            parts.append("\n")
    return "".join(parts)
