"""Reads PowerPoint 97-2003 presentations (.ppt): through LibreOffice where it is installed, else the text records.

Source of the layout: MS-PPT, sections 2.3.1 (record header), 2.4.14.3 (slide list) and 2.9.41 (text atoms).
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import olefile

from ingest.errors import EncryptedError, UnreadableError
from ingest.parsers import office, pptx
from ingest.parsers.outline import Outline
from ingest.types import Parsed
from retrieval.types import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.parsers.source import Source

MEDIA_TYPE = "application/vnd.ms-powerpoint"
_SLIDE, _NOTES, _LIST, _PERSIST = 0x03EE, 0x03F0, 0x0FF0, 0x03F3
_HEADER, _CHARS, _BYTES, _CRYPT = 0x0F9F, 0x0FA0, 0x0FA8, 0x2F14
_NOTES_ATOM = 0x03F1
_TITLE_TYPES = (0, 6)
_DEEPEST = 30
_LIMITED = (
    "read without LibreOffice: its tables were taken as plain text (install LibreOffice, or save as .pptx)"
)


@dataclass(frozen=True, slots=True)
class _Record:
    kind: int
    instance: int
    body: bytes
    is_container: bool


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    is_title: bool


def parse(source: Source) -> Parsed:
    """Reads a presentation. Raises EncryptedError or UnreadableError."""
    try:
        with olefile.OleFileIO(io.BytesIO(source.data)) as ole, ole.openstream("PowerPoint Document") as stream:
            data = stream.read()
    except (OSError, IndexError, KeyError, TypeError, ValueError) as error:
        raise UnreadableError(f"is damaged ({error}): open it in PowerPoint and save it as .pptx") from error
    records = list(_records(data))
    if any(record.kind == _CRYPT for record in records):
        raise EncryptedError
    converted = office.convert(source, "pptx")
    if converted is not None:
        return replace(pptx.parse(replace(source, data=converted)), media_type=MEDIA_TYPE)
    outline = Outline()
    slides = _slides(records)
    for number, texts in enumerate(slides, 1):
        outline.clear_headings()
        outline.move(Location(slide=number))
        _fill(outline, texts)
    _add_notes(outline, records)
    title = outline.first_heading() or source.stem
    return Parsed(title, tuple(outline.blocks), (), len(slides), MEDIA_TYPE, (_LIMITED,))


def _records(data: bytes) -> Iterator[_Record]:
    at = 0
    while at + 8 <= len(data):
        version, kind, size = struct.unpack_from("<HHI", data, at)
        yield _Record(kind, version >> 4, data[at + 8 : at + 8 + size], version & 0xF == 0xF)
        at += 8 + size


def _slides(records: list[_Record]) -> list[list[_Text]]:
    """The texts of each slide: those of the outline, and those of the boxes drawn on it."""
    slide_list = _slide_list(records)
    pending: list[list[_Record]] = []
    for record in _records(slide_list.body) if slide_list else ():
        if record.kind == _PERSIST:
            pending.append([])
        elif pending:
            pending[-1].append(record)
    outlines = [list(_texts(slide)) for slide in pending]
    drawn = [list(_texts_below(record, 0)) for record in records if record.kind == _SLIDE]
    slides: list[list[_Text]] = []
    for index in range(max(len(outlines), len(drawn))):
        known = outlines[index] if index < len(outlines) else []
        words = {text.text for text in known}
        slides.append(
            [*known, *(text for text in (drawn[index] if index < len(drawn) else []) if text.text not in words)]
        )
    return slides


def _texts(records: list[_Record]) -> Iterator[_Text]:
    title = False
    for record in records:
        if record.kind == _HEADER and len(record.body) >= 4:
            title = struct.unpack_from("<I", record.body)[0] in _TITLE_TYPES
        elif record.kind == _CHARS:
            yield _Text(record.body.decode("utf-16-le", "replace"), title)
        elif record.kind == _BYTES:
            yield _Text(record.body.decode("latin-1"), title)


def _texts_below(record: _Record, depth: int) -> Iterator[_Text]:
    inner = list(_records(record.body)) if record.is_container and depth < _DEEPEST else []
    yield from _texts(inner)
    for one in inner:
        yield from _texts_below(one, depth + 1)


def _fill(outline: Outline, texts: list[_Text]) -> None:
    for text in sorted(texts, key=lambda one: not one.is_title):
        words = text.text.replace("\x0b", "\n").replace("\r", "\n").strip("\x00 \n")
        if text.is_title:
            outline.heading(" ".join(words.split()), 1)
        elif words not in ("*", "‹#›"):
            for line in words.split("\n"):
                outline.add(line, "list", 1)


def _add_notes(outline: Outline, records: list[_Record]) -> None:
    numbers = {slide_id: number for number, slide_id in enumerate(_slide_ids(records), 1)}
    for record in records:
        if record.kind != _NOTES:
            continue
        atom = next((one.body for one in _records(record.body) if one.kind == _NOTES_ATOM), b"")
        number = numbers.get(struct.unpack_from("<I", atom)[0]) if len(atom) >= 4 else None
        if number is None:
            # The master of all notes pages belongs to no slide.
            continue
        outline.clear_headings()
        outline.move(Location(slide=number))
        for text in _texts_below(record, 0):
            words = text.text.replace("\r", "\n").replace("\x0b", "\n").strip("\x00 \n")
            if words not in ("*", "‹#›"):
                outline.add(words, "notes")


def _slide_ids(records: list[_Record]) -> list[int]:
    """The ids of the slides in their order."""
    slide_list = _slide_list(records)
    persists = _records(slide_list.body) if slide_list else ()
    return [
        struct.unpack_from("<I", one.body, 12)[0]
        for one in persists
        if one.kind == _PERSIST and len(one.body) >= 16
    ]


def _slide_list(records: list[_Record]) -> _Record | None:
    """The list of slides; the last one is the present one, earlier ones are left over from quick saves."""
    lists = [
        inner
        for record in records
        if record.is_container
        for inner in _records(record.body)
        if inner.kind == _LIST and inner.instance == 0
    ]
    return lists[-1] if lists else None
