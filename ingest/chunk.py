"""Cuts a document into passages: along headings, pages and sentences; tables row by row with their headers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ingest.sentences import pieces
from ingest.tabletext import RowText, cell_range, row_texts
from ingest.types import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ingest.settings import IngestSettings
    from ingest.types import Block, Parsed
    from retrieval.facts.types import Grid
    from retrieval.types import Location

_PLAIN_SHEET = re.compile(r"^(sheet|工作表|表)\s*\d*$", re.IGNORECASE)
# A last passage shorter than this share of the target joins the one before.
_SCRAP = 0.25


def chunk(parsed: Parsed, settings: IngestSettings) -> tuple[list[Piece], list[str]]:
    """The passages of a document in reading order, and warnings about sheets too long to be passages in full.

    No passage is longer than `settings.chunk_limit` characters, and without white space the passages of text blocks
    together are the text blocks together.
    """
    warnings: list[str] = []
    found: list[Piece] = []
    packer = _Packer(settings)
    for block in parsed.blocks:
        if block.grid is None:
            found.extend(packer.add(block))
        else:
            grid = parsed.grids[block.grid]
            found.extend(packer.finish(keep_headings=True))
            found.extend(_table(grid, block, packer.take_headings(), settings))
            if len(grid.rows) > settings.table_rows:
                warnings.append(
                    f"{grid.name}: passages cover the first {settings.table_rows:,} of {len(grid.rows):,} rows;"
                    " all rows are found by exact facts"
                )
    found.extend(packer.finish())
    return found, warnings


@dataclass(slots=True)
class _Packer:
    """Fills passages with sentences until they reach the target size."""

    settings: IngestSettings
    _headings: list[Block] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)
    _size: int = 0
    _location: Location | None = None
    _waiting: Piece | None = None

    def add(self, block: Block) -> Iterator[Piece]:
        """Takes a block in; yields the passages that are full."""
        if block.kind == "heading":
            yield from self.finish(keep_headings=True)
            if len(block.text) > self.settings.chunk_limit // 4:
                yield from self._text(block)
            else:
                self._headings.append(block)
            return
        if self._location is not None and _place(self._location) != _place(block.location):
            yield from self.finish()
        yield from self._text(block)

    def _text(self, block: Block) -> Iterator[Piece]:
        if self._headings and not self._parts:
            yield from self._open(block.location)
        for number, part in enumerate(pieces(block.text, self.settings.chunk_limit // 2)):
            if self._parts and self._size + len(part) + 1 > self.settings.chunk_target:
                yield from self._flush()
            if self._location is None:
                self._location = block.location
            # Blocks stand on lines of their own; the sentences of one block run on.
            glue = "\n" if self._parts and number == 0 else ""
            self._parts.append(glue + part)
            self._size += len(glue) + len(part)

    def _open(self, location: Location) -> Iterator[Piece]:
        """Puts waiting headings at the head of a passage."""
        text = "\n".join(self.take_headings())
        if len(text) > self.settings.chunk_limit // 2:
            for part in _packed(text, self.settings):
                yield Piece(part, location)
            return
        self._parts, self._size, self._location = [text], len(text), location

    def take_headings(self) -> list[str]:
        """The headings that no passage has yet; they are forgotten here."""
        texts = [block.text for block in self._headings]
        self._headings = []
        return texts

    def finish(self, *, keep_headings: bool = False) -> Iterator[Piece]:
        """Yields what is begun; headings without text become a passage unless they are to be kept."""
        yield from self._flush(last=True)
        if self._headings and not keep_headings:
            location = self._headings[-1].location
            for part in _packed("\n".join(self.take_headings()), self.settings):
                yield Piece(part, location)

    def _flush(self, *, last: bool = False) -> Iterator[Piece]:
        text = "".join(self._parts).strip()
        piece = Piece(text, self._location) if text and self._location is not None else None
        self._parts, self._size, self._location = [], 0, None
        waiting, self._waiting = self._waiting, None
        if piece is not None and waiting is not None and self._is_scrap(waiting, piece):
            waiting, piece = replace(waiting, text=f"{waiting.text}\n{piece.text}"), None
        if waiting is not None:
            yield waiting
        if last:
            if piece is not None:
                yield piece
        else:
            self._waiting = piece

    def _is_scrap(self, before: Piece, piece: Piece) -> bool:
        small = len(piece.text) < self.settings.chunk_target * _SCRAP
        fits = len(before.text) + len(piece.text) < self.settings.chunk_limit
        return small and fits and _place(before.location) == _place(piece.location)


def _place(location: Location) -> tuple[object, ...]:
    return location.page, location.slide, location.sheet, location.cell, location.headings


def _packed(text: str, settings: IngestSettings) -> list[str]:
    """A text cut to the limit, its sentences drawn together up to the target."""
    found: list[str] = []
    for part in pieces(text, settings.chunk_limit // 2):
        if found and len(found[-1]) + len(part) <= settings.chunk_target:
            found[-1] += part
        else:
            found.append(part)
    return [part.strip() for part in found if part.strip()]


def split_text(text: str, settings: IngestSettings) -> list[str]:
    """Passages of a plain text, for users who have no blocks."""
    return _packed(text, settings)


def _table(grid: Grid, block: Block, headings: Sequence[str], settings: IngestSettings) -> Iterator[Piece]:
    """Passages of whole rows, each under the table's name; a row above the limit is cut into several."""
    opening = "\n".join(_opening(grid, headings))[: settings.chunk_limit // 2]
    head = "" if _PLAIN_SHEET.match(grid.name) else grid.name[: settings.chunk_target // 4]
    if not headings:
        opening = head
    rows: list[RowText] = []
    size = len(opening)
    for row in row_texts(grid, settings.table_rows):
        if rows and size + len(row.text) + 1 > settings.chunk_target:
            yield from _rows_piece(grid, block, opening, rows, settings)
            rows, size, opening = [], len(head), head
        rows.append(row)
        size += len(row.text) + 1
    if rows:
        yield from _rows_piece(grid, block, opening, rows, settings)


def _opening(grid: Grid, headings: Sequence[str]) -> list[str]:
    """The lines above the first rows: headings that wait, and the table's name if they do not say it."""
    named = bool(_PLAIN_SHEET.match(grid.name)) or any(grid.name in heading for heading in headings)
    return [*headings, *([] if named else [grid.name])]


def _rows_piece(
    grid: Grid, block: Block, head: str, rows: Sequence[RowText], settings: IngestSettings
) -> Iterator[Piece]:
    location = replace(block.location, cell=cell_range(grid, rows[0].position, rows[-1].position))
    text = "\n".join([*([head] if head else []), *(row.text for row in rows)])
    if len(text) <= settings.chunk_limit:
        yield Piece(text, location)
        return
    room = max(settings.chunk_limit - len(head) - 1, settings.chunk_limit // 2)
    body = "\n".join(row.text for row in rows)
    for part in _packed(
        body, replace(settings, chunk_target=min(settings.chunk_target, room), chunk_limit=room)
    ):
        yield Piece(f"{head}\n{part}" if head else part, location)
