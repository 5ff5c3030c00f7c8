"""Ranges inside cells (10-20人, ≥500万, 超过36000元至144000元的部分): which of them a number falls into."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.facts.normalize import plain
from retrieval.facts.values import number_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_INFINITE = float("inf")
_NUMBER = r"(?:[¥￥$€£]\s*)?\d[\d,]*(?:\.\d+)?\s*(?:百万|千万|万|千|百|亿|k\b|m\b)?"
_UNIT = r"(?:%|‰|℃|°c|[a-z²³㎡/]{1,8}|[一-鿿/]{1,5}?)?"
_BETWEEN = re.compile(
    rf"^(?P<over>超过|大于|高于|多于|over|above|more than|>)?\s*(?P<a>{_NUMBER})\s*(?P<u>{_UNIT})\s*(?P<no>\(不含\))?(?:\(含\))?\s*(?:-|~|～|–|—|至|到|to)\s*"
    rf"(?P<under>不满|未满|小于|低于|不足|不到|<)?(?:不超过)?\s*(?P<b>{_NUMBER})\s*(?P<v>{_UNIT})\s*(?P<open>\((?:不含|exclusive)\))?(?:\(含\))?(?:之间|的部分|以内|以下|部分|\(含\))*$"
)
_LEAST = re.compile(
    rf"^(?:(?P<ge>不低于|不少于|不小于|至少|满|大于等于|≥|>=|⩾|at least|from)|(?P<gt>超过|大于|高于|多于|>|over|above|more than))\s*(?P<a>{_NUMBER})\s*(?P<u>{_UNIT})(?:的部分|部分|\(含\)|的)*$"
)
_MOST = re.compile(
    rf"^(?:(?P<le>不超过|不高于|不多于|不大于|至多|最多|小于等于|≤|<=|⩽|up to|at most)|(?P<lt>低于|小于|少于|不足|不满|未满|<|under|below|less than))\s*(?P<a>{_NUMBER})\s*(?P<u>{_UNIT})(?:的部分|部分|\(含\)|的)*$"
)
_AFTER = re.compile(
    rf"^(?P<a>{_NUMBER})\s*(?P<u>{_UNIT})\s*(?P<no>\(不含\))?(?:\(含\))?(?:(?P<ge>\+|及以上|或以上|以上|起|or more|and above|and over|and up|or above)|(?P<le>及以下|或以下|以内|之内|or less|and below|or below)|(?P<soft>以下))(?:\(含\)|的部分|的)*$"
)


# 1年以上不满10年, 60分及以上80分以下: a lower and an upper end in one breath.
_STEPS = re.compile(
    r"(?:及以上|(?:\(含\))?以上(?:\(含\))?)\s*[,，、]?\s*(?:至|到)?(?=\s*(?:不满|不足|未满|小于|低于|不到|不超过|\d))"
)


@dataclass(frozen=True, slots=True)
class Band:
    """A range of numbers; `open_low` and `open_high` leave the end itself out, `soft` says that its end is doubtful."""

    low: float
    high: float
    unit: str = ""
    open_low: bool = False
    open_high: bool = False
    soft: bool = False

    def holds(self, number: float) -> bool:
        """Whether a number lies in the range."""
        above = number > self.low if self.open_low else number >= self.low
        below = number < self.high if self.open_high else number <= self.high
        return above and below


def band_of(text: str) -> Band | None:
    """The range that a whole cell states, or None (a single number is no range)."""
    shown = plain(text)
    if len(shown) > 40 or not any(char.isdigit() for char in shown):
        return None
    for read in (_between, _least, _most, _after):
        band = read(shown)
        if band is not None:
            return band
    return None


def _between(shown: str) -> Band | None:
    match = _BETWEEN.match(_STEPS.sub("-", shown, count=1))
    if match is None:
        return None
    low, high = _value(match["a"]), _value(match["b"])
    if low is None or high is None:
        return None
    first, second = _scale(match["a"]), _scale(match["b"])
    if first == 1 < second and low < high / second:
        # 10-20万: the scale behind the second number is that of the first too.
        low *= second
    if low >= high or _coded(match["a"]) or _coded(match["b"]):
        return None
    open_low, open_high = bool(match["over"] or match["no"]), bool(match["under"] or match["open"])
    return Band(low, high, match["v"] or match["u"], open_low, open_high)


def _least(shown: str) -> Band | None:
    match = _LEAST.match(shown)
    low = _value(match["a"]) if match else None
    return None if match is None or low is None else Band(low, _INFINITE, match["u"], match["gt"] is not None)


def _most(shown: str) -> Band | None:
    match = _MOST.match(shown)
    high = _value(match["a"]) if match else None
    if match is None or high is None:
        return None
    return Band(-_INFINITE, high, match["u"], open_high=match["lt"] is not None)


def _after(shown: str) -> Band | None:
    match = _AFTER.match(shown)
    number = _value(match["a"]) if match else None
    if match is None or number is None:
        return None
    soft = bool(match["soft"] or match["no"] or (match["ge"] in {"以上"}))
    if match["ge"]:
        return Band(number, _INFINITE, match["u"], open_low=bool(match["no"]), soft=soft)
    return Band(-_INFINITE, number, match["u"], open_high=bool(match["no"]), soft=soft)


def _coded(number: str) -> bool:
    """Whether digits are a code rather than an amount: 010-88886666 is no range."""
    return len(number.strip()) > 1 and number[0] == "0" and number[1].isdigit()


def _value(text: str) -> float | None:
    number = number_of(text)
    return None if number is None else float(number)


def _scale(text: str) -> float:
    match = re.search(r"百万|千万|万|千|百|亿", text)
    return {"百": 1e2, "千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8}[match[0]] if match else 1.0


def bands_of(texts: Iterable[str]) -> dict[str, Band]:
    """The ranges among the cells of a column, by text; empty where most of its cells are none."""
    told = [text for text in dict.fromkeys(texts) if text.strip()]
    found = {text: band for text in told if (band := band_of(text)) is not None}
    return found if len(found) > 1 and len(found) * 2 >= len(told) else {}


def holding(bands: dict[str, Band], number: float) -> list[str]:
    """The cells whose range holds a number; one that holds it only by a doubtful end gives way to the others."""
    found = [text for text, band in bands.items() if band.holds(number)]
    firm = [text for text in found if not (bands[text].soft and number in {bands[text].low, bands[text].high})]
    return firm or found
