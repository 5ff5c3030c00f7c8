"""Reads Rich Text Format (.rtf) with striprtf, where it is installed."""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ingest.errors import UnreadableError, UnsupportedError
from ingest.parsers.outline import Outline
from ingest.parsers.text import heading_level
from ingest.types import Parsed

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.parsers.source import Source

MEDIA_TYPE = "application/rtf"
_FOOTNOTE = re.compile(r"\{\\footnote(?![a-z])(?:\\ftnalt)?")
_CODE_PAGE = re.compile(rb"\\ansicpg(\d+)")


def parse(source: Source) -> Parsed:
    """Reads the paragraphs. Raises UnsupportedError where striprtf is missing."""
    if find_spec("striprtf") is None:
        raise UnsupportedError("is an .rtf file: pip install striprtf, or save it as .docx")
    page = _CODE_PAGE.search(source.data[:2_000])
    encoding = (
        f"cp{page.group(1).decode('ascii')}" if page and page.group(1) not in (b"0", b"65001") else "cp1252"
    )
    try:
        text = _plain(source.data.decode("latin-1"), encoding)
    except (LookupError, ValueError, IndexError, TypeError) as error:
        raise UnreadableError(f"is damaged ({error}): open it in Word and save it as .docx") from error
    outline = Outline()
    for line in text.split("\n"):
        level = heading_level(line)
        if level:
            outline.heading(line, level)
        else:
            outline.add(line.replace("|", " | ").strip(" |") if line.count("|") > 1 else line)
    return Parsed(source.stem, tuple(outline.blocks), (), 1, MEDIA_TYPE)


def _plain(text: str, encoding: str) -> str:
    from striprtf import striprtf

    convert: Callable[..., str] = striprtf.rtf_to_text
    # striprtf leaves footnotes out; as a part of the text they stand where they are called.
    return convert(_FOOTNOTE.sub("{ ", text), encoding=encoding, errors="replace")
