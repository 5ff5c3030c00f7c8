"""Collects blocks in reading order while it keeps the path of headings above them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ingest.parsers.grids import grid_from_spans
from ingest.types import Block
from retrieval.types import Location

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.parsers.grids import SpannedCell
    from ingest.types import BlockKind
    from retrieval.facts.types import Grid

_HEADING_SHOWN = 120


class Outline:
    """The blocks and grids of a document under construction; each gets the headings that stand above it."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.grids: list[Grid] = []
        self.location = Location()
        self._path: list[tuple[int, str]] = []

    def move(self, location: Location) -> None:
        """Goes to another page, slide or sheet; the headings stay."""
        self.location = replace(location, headings=tuple(text for _, text in self._path))

    def clear_headings(self) -> None:
        """Forgets the headings, at the start of a part that does not belong to them."""
        self._path = []
        self.location = replace(self.location, headings=())

    def heading(self, text: str, level: int) -> None:
        """A heading; those of the same depth or deeper end."""
        text = text.strip()
        if not text:
            return
        level = max(1, level)
        self._path = [(depth, name) for depth, name in self._path if depth < level]
        above = tuple(name for _, name in self._path)
        self.blocks.append(Block(text, "heading", level, replace(self.location, headings=above)))
        self._path.append((level, " ".join(text.split())[:_HEADING_SHOWN]))
        self.location = replace(self.location, headings=tuple(name for _, name in self._path))

    def add(self, text: str, kind: BlockKind = "paragraph", level: int = 0) -> None:
        """A block of text under the present headings; nothing where it is blank."""
        if text.strip():
            self.blocks.append(Block(text.strip("\n"), kind, level, self.location))

    def table(self, name: str, rows: Sequence[Sequence[SpannedCell]]) -> None:
        """A table under the present headings; nothing where all its cells are blank."""
        self.add_grid(grid_from_spans(name, rows, self.location))

    def add_grid(self, grid: Grid | None, location: Location | None = None) -> None:
        """A table that is already a grid."""
        if grid is not None:
            self.blocks.append(Block("", "table", 0, location or self.location, len(self.grids)))
            self.grids.append(grid)

    def first_heading(self) -> str:
        """The text of the first heading on one line; empty where there is none."""
        return next((" ".join(b.text.split())[:_HEADING_SHOWN] for b in self.blocks if b.kind == "heading"), "")
