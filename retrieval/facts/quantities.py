"""Amounts with the unit that their cell writes (30年, 60个月, 1.5 kg), on one scale for each kind of measure.

A column is usually in one unit, and its bare numbers are compared. Where its cells are in several, or a question
counts in another one, the amounts are brought to the smallest unit of their kind. How many days a month or a working
day comes to is not fixed: such an amount is a stretch from the least to the most, and two stretches that overlap are
not compared.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from retrieval.facts.normalize import plain
from retrieval.facts.values import CHINESE_DIGITS, number_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

_SCALE = {"百万": 10**6, "千万": 10**7, "万": 10**4, "千": 10**3, "百": 100, "亿": 10**8}
_PART = re.compile(
    rf"\s*(?P<number>[+-]?(?:\d[\d,]*+(?:\.\d++)?|[{CHINESE_DIGITS}]++))\s*(?P<scale>百万|千万|万|千|百|亿)?\s*"
    r"(?P<unit>[^\d\s,.，。;；、/()（）+-][^\d,.，。;；、/()（）+-]{0,11})?"
)
_SIGNED = re.compile(r"(?P<sign>rmb|cny|usd|eur|gbp|hkd|us\$|hk\$|[¥$€£])\s*(?P<rest>\d.*)")
_BARE = re.compile(r"[+-]?\d[\d,]*(?:\.\d+)?\s*(?:百万|千万|万|千|百|亿)?")
_RATE = re.compile(r"(?P<amount>[^/]+?)\s*(?:/|每)\s*(?P<per>[^/每]+)")
_HALF = re.compile(r"(?<!\d)半(?=年|天|个?小时|个月|日)")
_TIMES = frozenset({"clock", "calendar", "working"})
_DAY = 86_400
# A month has 28 to 31 days; working days come with the days between them, and with holidays.
_LEAST_MONTH, _MOST_MONTH, _WORKING, _HOLIDAYS = 28, 31, Decimal("1.4"), 4


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of one `kind` in the smallest unit of it; `unit` tells what it was written in, by its kind and size."""

    kind: str
    value: Decimal
    unit: str

    def above(self, other: Amount) -> bool | None:
        """Whether this is more than `other`; None where that is not sure, or they are of different kinds."""
        if self.equals(other):
            return False
        if self._family != other._family:
            return None
        mine, theirs = self._stretch(other), other._stretch(self)
        if mine[0] > theirs[1]:
            return True
        return False if mine[1] < theirs[0] else None

    def equals(self, other: Amount) -> bool:
        """Whether both are the same amount."""
        return self.kind == other.kind and self.value == other.value

    @property
    def _family(self) -> str:
        return "time" if self.kind in _TIMES else self.kind

    def _stretch(self, other: Amount) -> tuple[Decimal, Decimal]:
        """From the least to the most, in the smallest unit of the kind, or in seconds beside another kind of time."""
        if self.kind == other.kind or self.kind == "clock":
            return self.value, self.value
        if self.kind == "calendar":
            return self.value * _LEAST_MONTH * _DAY, self.value * _MOST_MONTH * _DAY
        return self.value * _DAY, (self.value * _WORKING + _HOLIDAYS) * _DAY


@cache
def _units() -> dict[str, tuple[str, Decimal]]:
    path = resources.files("retrieval.facts") / "quantities.toml"
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    return {plain(unit): (kind, Decimal(size)) for kind, units in raw.items() for unit, size in units.items()}


def kind_of_unit(unit: str) -> str:
    """The kind of measure that a unit counts; empty for one that is not known (台, 份)."""
    return (_known(unit) or ("", Decimal(0)))[0]


def _known(unit: str) -> tuple[str, Decimal] | None:
    shown = plain(unit).strip()
    units = _units()
    return units.get(shown) or (units.get(shown.removesuffix("s")) if shown.isascii() else None)


@lru_cache(maxsize=8_192)
def amount_of(text: str, unit: str = "") -> Amount | None:
    """The amount that a whole text states; `unit` is that of its column, for a bare number. None where there is no known unit.

    Several parts of one kind are added up (1年6个月); what is paid for a stretch of time is of a kind of its own (5元/月).
    """
    shown = _HALF.sub("0.5", plain(text))
    signed = _SIGNED.fullmatch(shown)
    if signed:
        shown, unit = signed["rest"], signed["sign"]
    if _BARE.fullmatch(shown):
        return _in_unit(shown, unit) if unit else None
    rate = _RATE.fullmatch(shown)
    if rate:
        return _paid(amount_of(rate["amount"], unit), rate["per"])
    parts, at = [], 0
    while at < len(shown) and (match := _PART.match(shown, at)) and match.end() > at:
        parts.append(match)
        at = match.end()
    found = [_measured(f"{m['number']}{m['scale'] or ''}", m["unit"] or "") for m in parts]
    known = [each for each in found if each is not None]
    if at < len(shown) or not known or len(known) < len(found) or len({each.kind for each in known}) != 1:
        return None
    written = "+".join(sorted({each.unit for each in known}))
    return Amount(known[0].kind, sum((each.value for each in known), Decimal(0)), written)


def _in_unit(number: str, unit: str) -> Amount | None:
    """A bare number in the unit of its column, which may be a rate (元/月)."""
    first, _, per = plain(unit).partition("/")
    amount = _measured(number, first)
    return _paid(amount, per) if per else amount


def _paid(amount: Amount | None, per: str) -> Amount | None:
    """An amount for each stretch of time; None for each of something else (元/份)."""
    time = _known(per.removeprefix("每"))
    if amount is None or time is None or time[0] not in _TIMES or amount.kind in _TIMES:
        return None
    kind = f"{amount.kind} by {time[0]}"
    return Amount(kind, amount.value / time[1], f"{amount.unit}/{time[0]} {time[1]}")


def _measured(number: str, unit: str) -> Amount | None:
    """A number in a unit; one such as 万元 multiplies it."""
    shown = plain(unit).strip()
    scale = next((word for word in _SCALE if shown.startswith(word) and _known(shown.removeprefix(word))), "")
    known = _known(shown.removeprefix(scale))
    value = number_of(number)
    if known is None or value is None:
        return None
    kind, size = known
    size *= _SCALE.get(scale, 1)
    return Amount(kind, value * size, f"{kind} {size}")


def units_in(texts: Iterable[str], unit: str) -> frozenset[str]:
    """The known units that the amounts of a column are written in; `unit` is that of its header."""
    found = (amount_of(text, unit) for text in texts)
    return frozenset(each.unit for each in found if each is not None)


def of_time(units: Collection[str]) -> bool:
    """Whether all these units, as `units_in` tells them, count time."""
    return bool(units) and all(unit.split(" ", 1)[0] in _TIMES for unit in units)


def largest(amounts: Mapping[str, Amount], *, smallest: bool = False) -> tuple[str, ...] | None:
    """The texts of the largest (or smallest) of several amounts, all that are equal; None where it is not sure which that is."""
    best: str | None = None
    for text, amount in amounts.items():
        if best is None or amount.equals(amounts[best]):
            best = text if best is None else best
            continue
        above = amount.above(amounts[best])
        if above is None:
            continue
        best = text if above != smallest else best
    if best is None:
        return None
    for amount in amounts.values():
        if not amount.equals(amounts[best]) and amount.above(amounts[best]) is not smallest:
            return None
    return tuple(text for text, amount in amounts.items() if amount.equals(amounts[best]))


def in_order(texts: Sequence[str], units: Sequence[str]) -> tuple[float, float] | None:
    """Two numbers in the order of two amounts that are written in different units; None where the order is not sure."""
    first, second = (amount_of(text, unit) for text, unit in zip(texts, units, strict=True))
    if first is None or second is None:
        return None
    if first.equals(second):
        return 1.0, 1.0
    above = first.above(second)
    return None if above is None else (2.0, 1.0) if above else (1.0, 2.0)
