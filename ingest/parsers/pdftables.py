"""Finds ruled tables on PDF pages, within a budget of time, and draws those that run over several pages together."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ingest.parsers.pdflayout import TEXT_FLAGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.parsers.pdflayout import Box
    from ingest.parsers.source import Source

# A page with fewer rules has no table; one with more is a drawing, and looking for tables there takes minutes.
_FEWEST_RULES, _MOST_PATHS = 4, 4_000
_SHARE_OF_TIME = 0.35
_THIN = 3.0
_WHOLE_WORDS = 0.5
_CJK = "\u3000-\u303f\u3400-\u9fff\uff00-\uffef"
_JOIN_CJK = re.compile(rf"(?<=[{_CJK}])\s*\n\s*(?=[{_CJK}])")
_JOIN_CODE = re.compile(r"(?<=\d)\n(?=\d)")


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table: its rows of texts, its place on the page, and which table of the page it is."""

    rows: tuple[tuple[str, ...], ...]
    box: Box
    ordinal: int


class Tables:
    """Looks for tables on one page after the other."""

    def __init__(self, source: Source) -> None:
        self._budget = max(0.0, min(source.settings.time_limit, source.seconds_left()) * _SHARE_OF_TIME)
        self._last: tuple[FoundTable, float] | None = None
        self._skipped: list[int] = []

    @property
    def warnings(self) -> list[str]:
        """What a person should know about pages whose tables were not looked for."""
        if not self._skipped:
            return []
        pages = ", ".join(str(number) for number in self._skipped[:20])
        return [f"tables on pages {pages} were read as text: there was no time, raise ingest.time_limit"]

    def find(self, page: Any) -> tuple[FoundTable, ...]:
        """The tables of a page from top to bottom; empty when the budget is spent."""
        if not _has_rules(page):
            self._last = None
            return ()
        if self._budget <= 0:
            self._skipped.append(page.number + 1)
            return ()
        start = time.monotonic()
        found = _tables(page)
        self._budget -= time.monotonic() - start
        height = float(page.rect.height) or 1.0
        continued = tuple(self._continued(table, height) if i == 0 else table for i, table in enumerate(found))
        self._last = (continued[-1], height) if continued else None
        return continued

    def _continued(self, table: FoundTable, height: float) -> FoundTable:
        """A table at the top that goes on from the page before gets that one's header."""
        if self._last is None:
            return table
        before, before_height = self._last
        same_columns = len(before.rows[0]) == len(table.rows[0]) and abs(before.box[0] - table.box[0]) < 6
        touching = before.box[3] > before_height * 0.75 and table.box[1] < height * 0.25
        if same_columns and touching and before.rows[0] != table.rows[0]:
            return FoundTable((before.rows[0], *table.rows), table.box, table.ordinal)
        return table


def _has_rules(page: Any) -> bool:
    """Whether a page has about as many thin or rectangular paths as a table needs; much cheaper than looking."""
    paths = [box for kind, box, *_ in page.get_bboxlog() if kind in ("stroke-path", "fill-path")]
    if not _FEWEST_RULES <= len(paths) <= _MOST_PATHS:
        return _one_big_path(paths)
    thin = sum(1 for x0, y0, x1, y1 in paths if min(x1 - x0, y1 - y0) <= _THIN < max(x1 - x0, y1 - y0))
    boxes = sum(1 for x0, y0, x1, y1 in paths if min(x1 - x0, y1 - y0) > _THIN)
    return thin >= _FEWEST_RULES or boxes >= _FEWEST_RULES


def _one_big_path(paths: list[Any]) -> bool:
    """Some programs draw all rules of a table as one path."""
    return 0 < len(paths) < _FEWEST_RULES and any(x1 - x0 > 100 and y1 - y0 > 20 for x0, y0, x1, y1 in paths)


def _tables(page: Any) -> list[FoundTable]:
    candidates = sorted(
        page.find_tables(strategy="lines", use_layout=False).tables, key=lambda one: one.bbox[1]
    )
    glyphs = _glyphs(page) if candidates else []
    words = page.get_text("words") if candidates else []
    found: list[FoundTable] = []
    for table in candidates:
        rows = tuple(row for row in _rows(table, glyphs) if any(row))
        if _is_data(rows) and _keeps_words(rows, tuple(table.bbox), words):
            found.append(FoundTable(rows, tuple(table.bbox), len(found) + 1))
    return found


@dataclass(frozen=True, slots=True)
class _Glyph:
    """A character with its middle, and the block and line that it stands in."""

    x: float
    y: float
    character: str
    line: tuple[int, int]


def _glyphs(page: Any) -> list[_Glyph]:
    """Every character of a page in reading order."""
    return [
        _Glyph(
            (char["bbox"][0] + char["bbox"][2]) / 2,
            (char["bbox"][1] + char["bbox"][3]) / 2,
            char["c"],
            (block_at, line_at),
        )
        for block_at, block in enumerate(page.get_text("rawdict", flags=TEXT_FLAGS)["blocks"])
        for line_at, line in enumerate(block.get("lines", ()))
        for span in line["spans"]
        for char in span["chars"]
    ]


def _rows(table: Any, glyphs: list[_Glyph]) -> Iterator[tuple[str, ...]]:
    """The texts of each row's cells. Raises nothing for cells that a merge covers: they are empty."""
    inside = _within(glyphs, tuple(table.bbox))
    for row in table.rows:
        in_row = _within(inside, tuple(row.bbox))
        yield tuple(_cell_text(in_row, box) for box in row.cells)


def _within(glyphs: list[_Glyph], box: Box) -> list[_Glyph]:
    left, top, right, bottom = box
    return [glyph for glyph in glyphs if left <= glyph.x <= right and top <= glyph.y <= bottom]


def _cell_text(glyphs: list[_Glyph], box: Box | None) -> str:
    """The characters whose middle lies in a cell, in reading order; None is a cell that a merge covers.

    PyMuPDF's own `extract` sorts by glyph boxes and so moves points and commas (2.5 came out as `25 .`), and its
    words run from one cell into the next where the gap is small.
    """
    if box is None:
        return ""
    lines: dict[tuple[int, int], list[str]] = {}
    for glyph in _within(glyphs, box):
        lines.setdefault(glyph.line, []).append(glyph.character)
    return join_lines("\n".join("".join(line).strip() for line in lines.values()))


def _is_data(rows: tuple[tuple[str, ...], ...]) -> bool:
    """At least two rows and columns, and not mostly empty: frames and charts give grids too."""
    if len(rows) < 2 or len(rows[0]) < 2:
        return False
    filled = sum(1 for row in rows for cell in row if cell)
    wide = sum(1 for row in rows if sum(1 for cell in row if cell) >= 2)
    return filled * 3 >= len(rows) * len(rows[0]) and wide >= 2


def _keeps_words(rows: tuple[tuple[str, ...], ...], box: Box, words: list[Any]) -> bool:
    """Whether the words on the page stand whole in the cells; rules that cut words are the rules of no table."""
    left, top, right, bottom = box
    inside = [
        text
        for x0, y0, x1, y1, text, *_ in words
        if left < (x0 + x1) / 2 < right and top < (y0 + y1) / 2 < bottom
    ]
    everything = "\n".join(cell for row in rows for cell in row)
    whole = sum(1 for word in inside if word in everything)
    return whole >= _WHOLE_WORDS * len(inside)


def join_lines(text: str) -> str:
    """The lines of a cell as one: Chinese and digits run on, other words get a blank."""
    text = _JOIN_CJK.sub("", text.strip())
    return _JOIN_CODE.sub("", text).replace("\n", " ").strip()
