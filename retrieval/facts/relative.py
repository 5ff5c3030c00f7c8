"""Which calendar years 去年, 今年, 前年, last year and the like mean on the day of the question."""

from __future__ import annotations

import re
from datetime import datetime

from retrieval.facts.normalize import plain

# Years before or after the present one.
_YEARS = {
    "大前年": -3, "前年": -2, "去年": -1, "上一年": -1, "今年": 0, "本年度": 0, "本年": 0, "明年": 1, "后年": 2,
    "last year": -1, "this year": 0, "next year": 1,
}  # fmt: skip
_SAID = re.compile("|".join(_YEARS))


def this_year() -> int:
    """The present year by this machine's clock."""
    return datetime.now().astimezone().year


def with_years(question: str) -> str:
    """`question` in plain form with calendar years for relative ones; empty where it has none."""
    text = plain(question)
    if _SAID.search(text) is None:
        return ""
    return _SAID.sub(lambda match: _as_year(match[0]), text)


def _as_year(said: str) -> str:
    year = this_year() + _YEARS[said]
    return f"in {year}" if said.isascii() else f"{year}年"
