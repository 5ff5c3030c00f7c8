"""Reads Word 97-2003 documents (.doc): through LibreOffice where it is installed, else the text of the piece table.

Source of the layout: MS-DOC, sections 2.5 (FIB), 2.8.35 (PlcPcd) and 2.9.38 (Clx).
"""

from __future__ import annotations

import io
import re
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import olefile

from ingest.errors import EncryptedError, UnreadableError, UnsupportedError
from ingest.parsers import docx, office
from ingest.parsers.outline import Outline
from ingest.parsers.text import heading_level
from ingest.types import Parsed

if TYPE_CHECKING:
    from ingest.parsers.source import Source

MEDIA_TYPE = "application/msword"
_WORD_97 = 0xA5EC
_ENCRYPTED, _TABLE_1 = 0x0100, 0x0200
_COUNTS, _CLX = 0x4C, 0x01A2
_COMPRESSED = 0x4000_0000
_LIMITED = "read without LibreOffice: its headings and tables were taken as plain text (install LibreOffice, or save as .docx)"
_FIELD = re.compile("\x13[^\x13\x14\x15]*\x14([^\x13\x15]*)\x15|\x13[^\x13\x14\x15]*\x15")
_MARKS = str.maketrans({"\x0b": "\n", "\x1e": "-", "\xa0": " ", "\x1f": None, "\x01": None, "\x02": None, "\x03": None,
                        "\x04": None, "\x05": None, "\x08": None, "\x13": None, "\x14": None, "\x15": None})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Parts:
    """The characters of the main text, and of notes, comments and text boxes behind it."""

    main: str
    others: str


def parse(source: Source) -> Parsed:
    """Reads a document. Raises EncryptedError, UnreadableError, or UnsupportedError for Word 95 and older."""
    try:
        with olefile.OleFileIO(io.BytesIO(source.data)) as ole:
            parts = _text(ole)
    except (OSError, struct.error, IndexError, KeyError, TypeError, ValueError) as error:
        raise UnreadableError(f"is damaged ({error}): open it in Word and save it as .docx") from error
    converted = office.convert(source, "docx")
    if converted is not None:
        return replace(docx.parse(replace(source, data=converted)), media_type=MEDIA_TYPE)
    outline = Outline()
    _fill(outline, parts.main)
    outline.clear_headings()
    for line in _lines(parts.others):
        outline.add(line, "notes")
    title = outline.first_heading() or source.stem
    return Parsed(title, tuple(outline.blocks), (), 1 + parts.main.count("\x0c"), MEDIA_TYPE, (_LIMITED,))


def _text(ole: olefile.OleFileIO) -> _Parts:
    with ole.openstream("WordDocument") as stream:
        document = stream.read()
    magic, flags = struct.unpack_from("<H", document, 0)[0], struct.unpack_from("<H", document, 0x0A)[0]
    if magic != _WORD_97:
        raise UnsupportedError("is a Word 95 or older document: open it in Word and save it as .docx")
    if flags & _ENCRYPTED:
        raise EncryptedError
    with ole.openstream("1Table" if flags & _TABLE_1 else "0Table") as stream:
        table = stream.read()
    main, _, headers = struct.unpack_from("<3i", document, _COUNTS)
    text = "".join(_pieces(document, table))
    footnotes = struct.unpack_from("<i", document, _COUNTS + 4)[0]
    # Behind the main text come footnotes, then headers and footers, then the rest (MS-DOC 2.3).
    before, after = text[main : main + footnotes], text[main + footnotes + max(0, headers) :]
    return _Parts(text[:main], before + after)


def _pieces(document: bytes, table: bytes) -> list[str]:
    """The text piece by piece, as 16-bit or 8-bit characters."""
    start, size = struct.unpack_from("<2i", document, _CLX)
    clx = table[start : start + size]
    at = 0
    while at < len(clx) and clx[at] == 1:
        at += 3 + struct.unpack_from("<h", clx, at + 1)[0]
    if at >= len(clx) or clx[at] != 2:
        raise ValueError("no piece table")
    plan = clx[at + 5 : at + 5 + struct.unpack_from("<i", clx, at + 1)[0]]
    count = (len(plan) - 4) // 12
    ends = struct.unpack_from(f"<{count + 1}i", plan, 0)
    found: list[str] = []
    for index in range(count):
        place = struct.unpack_from("<I", plan, (count + 1) * 4 + index * 8 + 2)[0]
        length = ends[index + 1] - ends[index]
        if place & _COMPRESSED:
            begin = (place & ~_COMPRESSED) // 2
            found.append(document[begin : begin + length].decode("cp1252", "replace"))
        else:
            found.append(document[place : place + 2 * length].decode("utf-16-le", "replace"))
    return found


def _fill(outline: Outline, text: str) -> None:
    for line in _lines(text):
        level = heading_level(line)
        if level:
            outline.heading(line, level)
        else:
            outline.add(line)


def _lines(text: str) -> list[str]:
    """Paragraphs as read: fields by their result, the cells of a row on one line."""
    while (shown := _FIELD.sub(lambda match: match.group(1) or "", text)) != text:
        text = shown
    # A row ends with a cell mark that directly follows another one.
    text = re.sub("\x07\x07", "\r", text).replace("\x07", " | ").replace("\x0c", "\r")
    lines = (line.translate(_MARKS).strip(" |") for line in text.split("\r"))
    return [line for line in lines if line.strip()]
