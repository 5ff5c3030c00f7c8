"""Comparisons in a question: over 1万元, at least 5, between A and B, after 2020."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from retrieval.facts.values import CHINESE_DIGITS, number_of

if TYPE_CHECKING:
    from collections.abc import Iterable

ComparisonOperator = Literal["lt", "le", "gt", "ge", "eq"]

# Possessive: a run of digits is one number, and must not be tried in every way that it can be cut.
_NUMBER = rf"(?:[¥￥$€£]\s*+)?(?:\d[\d,]*+(?:\.\d++)?|[{CHINESE_DIGITS}]++)\s*+(?:百万|千万|万|千|百|亿|k\b|m\b)?\s*(?:%|‰|元|块|美元|欧元|天|个?工作日|周(?!末)|个星期|个月|月|年|岁|小时|分钟|秒|台|件|个|人|名|套|份|本|张|条|家|间|床|分|学分|页|平方米|平方|平米|平(?=的|以|之)|㎡|米|公里|千米|厘米|毫米|公斤|千克|克|升|毫升|度|℃|伏|瓦|千瓦|马力|吨|次|(?:mwh|kwh|mw|gw|kva|kv|mva|mpa|kpa|bar|psi|teu|ha|ah|kw|kg|km|mm|cm|ml|hz|rpm|ppm|gb|mb|tb|w|v|g|t|m|rmb|yuan|usd|eur|dollars?|euros?|days?|months?|years?|hours?|units?|pieces?|people)(?![a-z]))?"
_DATE = r"\d{4}\s*(?:年\s*(?:底|末|初)|[-/.年]\s*\d{1,2}\s*(?:[-/.月]\s*\d{1,2}\s*日?|月\s*(?:底|末)?)?|年)?(?!\d|\s*(?:[百千万亿元块个台人吨米平㎡]|公斤|km|kg|mm))"
_VALUE = rf"({_DATE}|{_NUMBER})"
_FORMS: tuple[tuple[ComparisonOperator, str], ...] = (
    ("ge", rf"(?:不低于|不少于|不小于|不早于|至少|最少|大于等于|大于或等于|>=|≥|at least|no less than|not less than|since|from)\s*{_VALUE}"),
    ("le", rf"(?:不超过|不高于|不多于|不大于|不晚于|至多|最多|小于等于|小于或等于|<=|≤|at most|no more than|not more than|up to|until)\s*{_VALUE}"),
    ("gt", rf"(?:超过|大于|高于|多于|贵于|晚于|长于|超出|>|over|above|more than|greater than|higher than|later than|after|longer than|exceeding|exceeds?|older than)\s*{_VALUE}"),
    ("lt", rf"(?:低于|小于|少于|早于|短于|不足|不到|便宜于|<|under|below|less than|lower than|cheaper than|earlier than|before|shorter than|fewer than|younger than)\s*{_VALUE}"),
    ("ge", rf"{_VALUE}\s*(?:\(含\))?(?:及以上|或以上|以上|以来|起(?![一-鿿])|or more|and above|or above)"),
    ("le", rf"{_VALUE}\s*(?:\(含\))?(?:及以下|或以下|以下|以内|之内|or less|and below|or below)"),
    ("gt", rf"{_VALUE}\s*(?:之后|以后|往后)"),
    ("lt", rf"{_VALUE}\s*(?:之前|以前|往前|前(?![\d一二三四五六七八九十名]))"),
    ("eq", r"(?:在|于|是|in|during)\s*(\d{4}年(?:\d{1,2}月)?(?:\d{1,2}日)?|(?:19|20)\d{2}(?!\d))"),
    ("eq", r"(?<![\d第])((?:19|20)\d{2}年(?:\d{1,2}月(?:\d{1,2}日)?)?)(?![底末初以之前后版度新\d])"),
    ("eq", rf"(?:等于|正好是|刚好|恰好|=|equal to|exactly)\s*{_VALUE}"),
)  # fmt: skip
_SCALE_BEHIND = re.compile(r"(?:百万|千万|万|千|百|亿|k)\s*[^\d\s]{0,3}$")
_BARE, _LEADING = re.compile(r"\d+(?:\.\d+)?"), re.compile(r"\d+(?:\.\d+)?")
_DAY = r"(?<![\d年.])(?P<month>1[0-2]|[1-9])月(?:份|(?P<day>[12]\d|3[01]|[1-9])(?:日|号)?)?"
_DAY_BOUND = re.compile(
    rf"(?:在|从|自|到)?{_DAY}(?P<way>之前|以前|之后|以后|往后|起|开始|以来|为止|前(?!后)|后(?!天))"
)
_DAY_NAMED = re.compile(_DAY)
_MAY_COMPARE = re.compile(
    r"[超大高多贵晚长出低小少早短不足便介到以之间前后至等正刚恰于起内<>≥≤=]|[a-z]{2}|在\s*\d|是\s*\d|从\s*\d|\d年"
)
# 14 m are metres; $14m are millions.
_METRES = re.compile(r"^(\d[\d,]*(?:\.\d+)?)\s+m$")
_PATTERNS = tuple((operator, re.compile(form)) for operator, form in _FORMS)
_FREE = re.compile(
    r"(?P<free>(?:是|都|全部?)?(?:免费|免收费?|不用钱|不要钱|不收[费钱])的?|(?:for |is |are )?\bfree\b(?! of)(?: of charge)?)"
    r"|(?P<paid>(?:要|需要|得|会)?(?:另外|额外|单独)?(?:收费|收钱|要钱|付费|交钱)(?=吗|[?？]?$))"
)
_STATED_BEHIND = re.compile(rf"\s*(?:是|为|有|=)?\s*({_NUMBER})(?=\s*(?:的|$|[?？,，]))")
_STATED_BEFORE = re.compile(
    rf"(?<![第\d.])((?:\d+|[{CHINESE_DIGITS}]+)\s*(?:台|个|张|间|辆|名|位|件|套|条|只|把|盏|部|艘|架|座)?)\s*$"
)
_BETWEEN = re.compile(
    rf"(?:介于|在|从|between|from)?\s*{_VALUE}\s*(?:到|至|和|与|-|~|and|to)\s*{_VALUE}\s*(?:之间|以内|的范围)?"
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A bound that the question sets: on numbers (`low`, `high` in plain units) or on days (as ordinals).

    Both ends may be infinite; `open_low` and `open_high` say that the end itself does not count. `start` and
    `end` are where it stands in the question; `unit` is what it counts in, if it says so.
    `yearless`: the days are of the year 2000, and stand for those of the column's year (11月10日之前).
    """

    low: float
    high: float
    start: int
    end: int
    dated: bool = False
    open_low: bool = False
    open_high: bool = False
    unit: str = ""
    shown: str = ""
    yearless: bool = False


def comparisons(text: str) -> list[Comparison]:
    """The comparisons in a question in plain form, none overlapping."""
    if not _MAY_COMPARE.search(text):
        return []
    found: list[Comparison] = _without_year(text)
    for match in _BETWEEN.finditer(text) if not found else ():
        said = match[0].startswith(("介于", "在", "从", "between", "from")) or match[0].endswith(
            ("之间", "范围")
        )
        counted = bool(_unit(match[2])) and text[match.end() : match.end() + 1] == "的"
        if (said or counted) and _reading(match[1], match[0]) and _reading(match[2], match[0]):
            low, high = _reading(_scaled_alike(match[1], match[2]), match[0]), _reading(match[2], match[0])
            if low and high and low[2] == high[2]:
                found.append(
                    Comparison(
                        low[0],
                        high[1],
                        match.start(),
                        match.end(),
                        low[2],
                        unit=_unit(match[2]),
                        shown=match[0],
                    )
                )
    for operator, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if any(match.start() < c.end and c.start < match.end() for c in found):
                continue
            comparison = _comparison(operator, match)
            if comparison is not None:
                found.append(comparison)
    return sorted(found, key=lambda c: c.start)


def _scaled_alike(first: str, second: str) -> str:
    """The lower end of a range with the scale and unit that only its upper end says: 50 in 50到100万."""
    scale = _SCALE_BEHIND.search(second.strip())
    bare = _BARE.fullmatch(first.strip())
    top = _LEADING.match(second.strip())
    if scale is None or bare is None or top is None or float(bare[0]) >= float(top[0]):
        return first
    return f"{first.strip()}{scale[0]}"


def _without_year(text: str) -> list[Comparison]:
    """The days before or after a day or month that no year is said of."""
    found = []
    infinite = float("inf")
    for match in _DAY_BOUND.finditer(text):
        days = _day_of(match["month"], match["day"])
        if days is None:
            continue
        first, last = (float(day.toordinal()) for day in days)
        word = match["way"]
        ends = {
            "前": (-infinite, first, False, True),
            "底": (-infinite, last, False, False),
            "后": (last, infinite, True, False),
            "起": (first, infinite, False, False),
        }[word[-1] if word[-1] in "前后" else "底" if word in {"为止", "止"} else "起"]
        found.append(
            Comparison(
                ends[0],
                ends[1],
                match.start(),
                match.end(),
                True,
                ends[2],
                ends[3],
                shown=match[0],
                yearless=True,
            )
        )
    return found


def days_stated(text: str) -> list[Comparison]:
    """A day or month that is named without a year (11月18日出发的): the days that it means, of the year 2000."""
    return [
        Comparison(
            float(days[0].toordinal()),
            float(days[1].toordinal()),
            m.start(),
            m.end(),
            True,
            shown=m[0],
            yearless=True,
        )
        for m in _DAY_NAMED.finditer(text)
        if (days := _day_of(m["month"], m["day"])) is not None
    ][:1]


def _day_of(month: str, day: str | None) -> tuple[date, date] | None:
    try:
        first = date(2000, int(month), int(day or 1))
    except ValueError:
        return None
    following = date(2000 + int(month) // 12, int(month) % 12 + 1, 1)
    return (first, first) if day else (first, following - timedelta(days=1))


def stated(text: str, words: Iterable[tuple[int, int]]) -> list[Comparison]:
    """The numbers that stand beside words of columns at these places without a word of comparing: 合同金额2210万的, 三台呼吸机的."""
    found = []
    for start, end in words:
        behind = _STATED_BEHIND.match(text, end)
        before = _STATED_BEFORE.search(text[:start])
        match = behind or before
        comparison = _comparison("eq", match) if match else None
        if comparison is not None:
            found.append(comparison)
    return found


def free_or_not(text: str) -> list[Comparison]:
    """What costs nothing (免费, for free), or something (要收费吗): a bound on an amount of money."""
    infinite = float("inf")
    return [
        Comparison(0.0, 0.0, m.start(), m.end(), unit="元", shown=m[0])
        if m["free"]
        else Comparison(0.0, infinite, m.start(), m.end(), open_low=True, unit="元", shown=m[0])
        for m in _FREE.finditer(text)
    ][:1]


def _comparison(operator: ComparisonOperator, match: re.Match[str]) -> Comparison | None:
    reading = _reading(match[1], match[0])
    if reading is None:
        return None
    first, last, dated = reading
    infinite = float("inf")
    ends = {
        "lt": (-infinite, first, False, True),
        "le": (-infinite, last, False, False),
        "gt": (last, infinite, True, False),
        "ge": (first, infinite, False, False),
        "eq": (first, last, False, False),
    }[operator]
    return Comparison(
        ends[0], ends[1], match.start(), match.end(), dated, ends[2], ends[3], _unit(match[1]), match[0].strip()
    )


def _reading(value: str, around: str) -> tuple[float, float, bool] | None:
    """The first and last number that a value stands for (a year is all its days), and whether they are days."""
    days = _days(value)
    if days is not None and (
        re.search(r"[-/.年月]", value)
        or re.search(r"[晚早]于|之[前后]|以[前后来]|before|after|since|in |在", around)
    ):
        return float(days[0].toordinal()), float(days[1].toordinal()), True
    metres = _METRES.match(value.strip())
    number = number_of(metres[1] if metres else value)
    return None if number is None else (float(number), float(number), False)


def _days(value: str) -> tuple[date, date] | None:
    ended = re.match(r"^\s*((?:19|20)\d{2})\s*年\s*(?:(\d{1,2})\s*月\s*)?([底末初])\s*$", value)
    if ended is not None:
        return _end_of(int(ended[1]), int(ended[2] or 12), ended[3])
    match = re.match(
        r"^\s*((?:19|20)\d{2})(?:\s*[-/.年]\s*(\d{1,2})?(?:\s*[-/.月]\s*(\d{1,2})?\s*日?)?)?\s*$", value
    )
    if match is None:
        return None
    year, month, day = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    try:
        first = date(year, month or 1, day or 1)
        if day:
            return first, first
        following = date(year + (month == 12 or not month), month % 12 + 1 if month else 1, 1)
    except ValueError:
        return None
    return first, following - timedelta(days=1)


def _end_of(year: int, month: int, end: str) -> tuple[date, date] | None:
    """The days that 年底前 and 年底后 part at: before is up to the last day, after is from the next one on."""
    if not 1 <= month <= 12:
        return None
    if end == "初":
        return date(year, 1, 1), date(year, 1, 31)
    after = date(year + month // 12, month % 12 + 1, 1)
    return after, after - timedelta(days=1)


def _unit(value: str) -> str:
    match = re.search(
        r"(元|块|美元|欧元|rmb|yuan|usd|eur|dollars?|euros?|[¥￥$€£]|%|‰|天|个?工作日|周|个星期|个月|月|年|岁|小时|分钟|秒|台|件|个|人|名|套|份|本|张|条|家|间|床|学分|分|页|平方米|平方|平米|㎡|米|公里|千米|厘米|毫米|公斤|千克|克|升|毫升|度|℃|伏|瓦|千瓦|马力|mwh|kwh|mw|gw|kva|kv|mva|mpa|kpa|bar|psi|teu|kw|kg|km|mm|cm|ml|hz|rpm|ppm|w|v|吨|次|days?|months?|years?|hours?|平$)",
        value,
    )
    return match[1] if match else ""
