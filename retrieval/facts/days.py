"""Which days a question and a column speak of: the hours of working days are no answer for Saturday."""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from retrieval.facts.normalize import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.types import FactResult

_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CHINESE = "一二三四五六日天"
_RANGE = re.compile(
    r"(?:周|星期|礼拜)(?P<a>[一二三四五六日天])\s*(?:至|到|-|~|—)\s*(?:周|星期|礼拜)?(?P<b>[一二三四五六日天])"
    r"|\b(?P<c>mon|tue|wed|thu|fri|sat|sun)[a-z]*\s*(?:to|through|until|-|~)\s*(?P<d>mon|tue|wed|thu|fri|sat|sun)[a-z]*"
)
# 3个工作日, and 工作日 behind what takes so many of them, count days and tell of none.
_COUNTED = re.compile(
    r"(?:[\d个几多少两半]|[一二三四五六七八九十]个?)\s*工作日|(?<=.)工作日(?=数?$)|工作日(?:内|之内|以内)"
)
_ASKED = re.compile(
    r"几点|时候|时间|营业|开门|关门|开放|上班|休息|\b(?:what time|when|hours|open|opens|close|closes|closed)\b"
)


@cache
def _raw() -> Mapping[str, Mapping[str, Sequence[str]]]:
    text = (resources.files("retrieval.facts") / "days.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _words() -> tuple[re.Pattern[str], dict[str, frozenset[str]]]:
    meant: dict[str, frozenset[str]] = {}
    for days, words in _raw()["days"].items():
        for word in words:
            meant[plain(word)] = frozenset(days.split())
    return _any_of(meant), meant


@cache
def _asking() -> re.Pattern[str]:
    return _any_of(_raw()["asking"]["words"])


def _any_of(words: Sequence[str] | Mapping[str, object]) -> re.Pattern[str]:
    longest_first = sorted((plain(word) for word in words), key=len, reverse=True)
    shown = [rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in longest_first]
    return re.compile("|".join(shown))


def _told(text: str) -> Iterator[tuple[int, int, frozenset[str]]]:
    """Where days are named in a text in plain form, and which they are."""
    pattern, meant = _words()
    counted = [match.span() for match in _COUNTED.finditer(text)]
    ranges = list(_RANGE.finditer(text))
    for match in ranges:
        first, last = (
            (_CHINESE.index(match["a"]), _CHINESE.index(match["b"]))
            if match["a"]
            else (_WEEK.index(match["c"]), _WEEK.index(match["d"]))
        )
        first, last = min(first, 6), min(last, 6)
        if first <= last:
            yield match.start(), match.end(), frozenset(_WEEK[first : last + 1])
    for match in pattern.finditer(text):
        within = [*counted, *(each.span() for each in ranges)]
        if not any(start <= match.start() and match.end() <= end for start, end in within):
            yield match.start(), match.end(), meant[match[0]]


@lru_cache(maxsize=8_192)
def days_in(text: str) -> frozenset[str]:
    """The days that a text names, without those that it only counts (3个工作日)."""
    return frozenset[str]().union(*(days for _, _, days in _told(plain(text))))


def of_other_days(question: str, said: str) -> bool:
    """Whether a question and a header, or a cell, name days, and none of them are the same."""
    asked, told = days_in(question), days_in(said)
    return bool(asked and told) and not asked & told


def without_days(header: str) -> str:
    """A header in plain form without the days that it names: 营业时间 of 周末营业时间."""
    shown = plain(header)
    for start, end, _ in sorted(_told(shown), reverse=True):
        shown = shown[:start] + shown[end:]
    return shown.strip(" /·-")


def asked_on_days(question: str, tables: Mapping[int, KnownTable]) -> list[tuple[str, str]]:
    """The columns of hours on the days that a question names, each with the question in its words: 城东店的周末营业时间."""
    asked = days_in(question)
    shown = plain(question)
    if not asked or not _ASKED.search(shown):
        return []
    name = shown
    for start, end, _ in sorted(_told(shown), reverse=True):
        name = f"{name[:start]} {name[end:]}"
    name = " ".join(_asking().sub(" ", re.sub(r"[?？!！。,，]", " ", name)).split())
    headers = dict.fromkeys(
        column.name
        for table in tables.values()
        for column in table.stored.table.columns
        if asked & days_in(column.name)
        and any(word in plain(column.name) for word in _raw()["asking"]["headers"])
    )
    if not name or (" " in name and not name.isascii()):
        return []
    return [(h, f"{h} of {name}" if name.isascii() else f"{name}的{h}") for h in headers]


def on_the_days(question: str, result: FactResult, cells: Sequence[str]) -> bool:
    """Whether what was found may be told for the days of a question: neither the column nor the cell is of others.

    `cells` are the other cells of the row: what one of them says of those very days comes before any other hours.
    """
    asked = days_in(question)
    if not asked:
        return True
    for fact in result.facts:
        if of_other_days(question, fact.column) or of_other_days(question, fact.value):
            return False
        if not days_in(fact.column) | days_in(fact.value) and _ASKED.search(plain(question)):
            beside = (cell for cell in cells if days_in(cell) & asked)
            if any(plain(cell) not in _words()[1] for cell in beside):
                return False
    return True
