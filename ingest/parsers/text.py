"""Reads plain text: paragraphs between blank lines, and headings as Chinese documents number them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ingest.parsers.encoding import decode
from ingest.parsers.outline import Outline
from ingest.types import Parsed

if TYPE_CHECKING:
    from ingest.parsers.source import Source

MEDIA_TYPE = "text/plain"
# 第一章 总则 · 一、目的 · （二）范围 · 1.2 Scope · underlined headings are left to Markdown.
_NUMBERED = (
    (re.compile(r"^第[一二三四五六七八九十百零〇\d]{1,5}[章编篇部分]\s*\S"), 1),
    (re.compile(r"^第[一二三四五六七八九十百零〇\d]{1,5}节\s*\S"), 2),
    (re.compile(r"^[一二三四五六七八九十]{1,3}、\s*\S"), 2),
    (re.compile(r"^[（(][一二三四五六七八九十]{1,3}[）)]\s*\S"), 3),
    (re.compile(r"^\d{1,2}(?:\.\d{1,2}){1,3}\.?\s+\S"), 3),
)
_LONGEST_HEADING = 40
_ENDS_SENTENCE = re.compile(r"[。！？；.!?;，,：:]$")


def parse(source: Source) -> Parsed:
    """Reads a text in any encoding that `encoding.decode` knows."""
    text, encoding = decode(source.data)
    outline = Outline()
    for paragraph in re.split(r"\n[ \t\u3000]*\n+", text.replace("\r\n", "\n").replace("\r", "\n")):
        _add(outline, paragraph)
    bad = text.count("\ufffd")
    warnings = (f"{bad} characters could not be read as {encoding}",) if bad else ()
    return Parsed(source.stem, tuple(outline.blocks), (), 1, MEDIA_TYPE, warnings)


def _add(outline: Outline, paragraph: str) -> None:
    """A paragraph; a numbered short line in it is a heading of what follows."""
    lines: list[str] = []
    for line in paragraph.split("\n"):
        level = heading_level(line)
        if level:
            outline.add("\n".join(lines))
            lines = []
            outline.heading(line, level)
        else:
            lines.append(line.rstrip())
    outline.add("\n".join(lines))


def heading_level(line: str) -> int:
    """The depth of a heading numbered in the usual ways; 0 where the line is none."""
    line = line.strip()
    if not line or len(line) > _LONGEST_HEADING or _ENDS_SENTENCE.search(line):
        return 0
    return next((level for pattern, level in _NUMBERED if pattern.match(line)), 0)
