"""The typed copy beside a text as shown: numbers, money, percentages and dates as one comparable decimal."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from retrieval.facts.normalize import plain

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0, "两": 2, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9, "俩": 2,
}  # fmt: skip
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE = {"万": 10**4, "萬": 10**4, "亿": 10**8}
CHINESE_DIGITS = "".join(_DIGITS) + "".join(_SMALL) + "万萬亿"
_CHINESE_UNITS = (
    "元|块钱?|美元|欧元|个|台|件|套|次|人|名|位|份|家|项|条|张|箱|天|日|周|个?月|年|岁|个?小时|分钟?|秒|米|公里|公斤|千克|克|吨|升|度|倍|层|楼|间|级|"
    "元/[一-鿿]{1,2}|工作日|个工作日"
)
_SCALE = {
    "万": 10**4,
    "千": 10**3,
    "百万": 10**6,
    "千万": 10**7,
    "亿": 10**8,
    "百": 100,
    "k": 10**3,
    "m": 10**6,
}
_CURRENCY = r"(?:rmb|cny|usd|eur|hk\$|us\$|[¥￥$€£])"
_NUMBER = re.compile(
    rf"^\(?\s*{_CURRENCY}?\s*([+-]?(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?|[+-]?\.\d+)\s*"
    r"(百万|千万|万|千|百|亿|k(?![a-z])|m(?![a-z]))?\s*(%|‰)?\s*(?P<unit>[^\d\s].{0,11})?$"
)
_DATE = re.compile(
    r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*(?:[-/.月]\s*(?:(\d{1,2})\s*日?)?)?"
    r"(?:[t\s]\s*(\d{1,2}):(\d{2})(?::(\d{2}))?.*)?$"
)

_YEARS = range(1900, 2100)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?:{'|'.join(_MONTHS)})[a-z]{{0,6}}\.?"
_ENGLISH_DATE = re.compile(
    rf"^(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-](?P<month>{_MONTH})|(?P<month2>{_MONTH})\s(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?),?[\s-](?P<year>(?:19|20)\d{{2}})$"
)


def chinese_number(text: str) -> Decimal | None:
    """The value of a numeral in Chinese characters (三百零五, 两万, 二〇二四, 二点五), or None."""
    if not text or any(c not in CHINESE_DIGITS and c != "点" for c in text):
        return None
    whole, point, rest = text.partition("点")
    if point and (not rest or any(c not in _DIGITS for c in rest)):
        return None
    if whole and all(c in _DIGITS for c in whole):
        value = Decimal("".join(str(_DIGITS[c]) for c in whole))
    else:
        value = _units(whole)
    if point:
        value += Decimal("0." + "".join(str(_DIGITS[c]) for c in rest))
    return value


def _units(text: str) -> Decimal:
    total = section = digit = 0
    last = 1
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _SMALL:
            section += (digit or 1) * _SMALL[char]
            digit, last = 0, _SMALL[char]
        else:
            total = (total + section + digit) * _LARGE[char]
            section, digit, last = 0, 0, _LARGE[char]
    if digit and last > 10 and "零" not in text and "〇" not in text and text[-1] in _DIGITS:
        digit *= last // 10
    return Decimal(total + section + digit)


def date_of(text: str) -> date | None:
    """The calendar day that a text shows (2024-03-05, 2024/3/5, 2024年3月5日, 5 March 2024, with or without a time), or None."""
    shown = plain(text)
    match = _DATE.match(shown)
    if match is not None:
        year, month, day = int(match[1]), int(match[2]), int(match[3] or 1)
        if match[3] is None and "." in shown and year not in _YEARS:
            # 3272.1 is an amount.
            return None
    elif (match := _ENGLISH_DATE.match(shown)) is not None:
        year, day = int(match["year"]), int(match["day"] or match["day2"])
        month = _MONTHS.index((match["month"] or match["month2"])[:3]) + 1
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def number_of(text: str) -> Decimal | None:
    """The value that a whole text states (12,500.00, ¥3千, 15%, 1.2万元, 三百); percentages as fractions of one.

    A unit after the number is allowed (`30天`, `4.5 kg`); a text that says more than one number is none.
    """
    shown = plain(text)
    if len(shown) > 40:
        return None
    match = _NUMBER.match(shown)
    if match is None or (match["unit"] and re.search(r"\d", match["unit"])):
        return _leading_chinese(shown)
    try:
        value = Decimal(match[1].replace(",", ""))
    except InvalidOperation:
        return None
    value *= _SCALE.get(match[2] or "", 1)
    if match[3]:
        value /= 100 if match[3] == "%" else 1000
    return -value if shown.startswith("(") and shown.endswith(")") else value


def _leading_chinese(shown: str) -> Decimal | None:
    match = re.match(rf"^([{CHINESE_DIGITS}]+(?:点[{CHINESE_DIGITS}]+)?)(?:{_CHINESE_UNITS})?$", shown)
    return chinese_number(match[1]) if match else None


def comparable(text: str, kind: str, typed: str | None = None) -> float | None:
    """The number by which a cell of `kind` is ordered and compared: days for a date, fractions for a percentage."""
    if kind == "date":
        day = date_of(typed or text) or date_of(text)
        return float(day.toordinal()) if day else None
    if kind in {"number", "money", "percent"}:
        value = number_of(text)
        return float(value) if value is not None else None
    return None
