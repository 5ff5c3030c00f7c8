"""Cells that are months, however they are written: 2026-06, 2026年6月, 6月份, Jun-26."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.facts.normalize import plain
from retrieval.facts.values import chinese_number

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ENGLISH_MONTH = rf"(?:{'|'.join(_NAMES)})[a-z]{{0,6}}\.?"
MONTH_NUMBER = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_CELL = (
    re.compile(r"(?P<year>(?:19|20)\d{2})\s*[-/.年]\s*(?P<month>1[0-2]|0?[1-9])\s*月?(?:份)?"),
    re.compile(r"(?P<year>(?:19|20)\d{2})[-/.](?P<month>1[0-2]|0?[1-9])[-/.](?:0?1|2[89]|30|31)"),
    re.compile(rf"(?:(?P<year>\d{{2}})年)?(?P<month>{MONTH_NUMBER})月(?:份)?"),
    re.compile(rf"(?P<month>{ENGLISH_MONTH})[\s'/-]*(?P<year>(?:20)?\d{{2}})?"),
    re.compile(r"(?P<year>20\d{2})(?P<month>0[1-9]|1[0-2])"),
)
# Which year that is, no table says.
_ANOTHER_YEAR = re.compile(r"去年|前年|上一?年|明年|后年|同期|\b(?:last|next|previous) year\b")
_LEAST = 2


def month_of(text: str) -> tuple[int | None, int] | None:
    """The year, if it is told, and the month that a whole cell means; None for any other text."""
    shown = plain(text)
    for pattern in _CELL:
        match = pattern.fullmatch(shown)
        if match:
            year = match["year"]
            return (int(year) + (2000 if len(year) < 4 else 0) if year else None), month_number(match["month"])
    return None


def months_told(cells: Iterable[str]) -> dict[tuple[int | None, int], str]:
    """The months that the cells of a column are, with a cell of each; empty unless all of them are months."""
    found: dict[tuple[int | None, int], str] = {}
    for cell in cells:
        month = month_of(cell) if cell.strip() else None
        if month is None and cell.strip():
            return {}
        if month is not None:
            found.setdefault(month, cell)
    return found if len(found) >= _LEAST else {}


def month_number(text: str) -> int:
    """The number of a month by its name or its numeral."""
    if text[:3] in _NAMES:
        return _NAMES.index(text[:3]) + 1
    return int(text) if text.isdecimal() else int(chinese_number(text) or 0)


def says_another_year(text: str) -> bool:
    """Whether a question in plain form speaks of last year or next, which no table's month can be told to be of."""
    return _ANOTHER_YEAR.search(text) is not None
