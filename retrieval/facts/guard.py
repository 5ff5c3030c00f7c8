"""Finds the numbers, dates, codes and addresses in a text, and those of them that no source supports."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Literal

from retrieval.facts.values import CHINESE_DIGITS, chinese_number

if TYPE_CHECKING:
    from collections.abc import Sequence

ValueKind = Literal["url", "email", "date", "time", "identifier", "number"]


# Full-width letters, digits and signs; one character each, so that places stay.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code) not in "，；：？！（）"}


@dataclass(frozen=True, slots=True)
class TextValue:
    """A value in a text: `text` as written, from `start` to `end`."""

    kind: ValueKind
    text: str
    start: int
    end: int


_URL = re.compile(r"(?:https?://|www\.)[^\s，。；、）)】」』\"'<>]+", re.I)
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_DATE = re.compile(
    r"(?<!\d)(?P<y>\d{4})(?:年|[-/.])(?P<m>\d{1,2})(?:月|[-/.])(?P<d>\d{1,2})(?:日|号|(?!\d))"
    r"|(?<!\d)(?P<y2>\d{4})年(?P<m2>\d{1,2})月|(?<!\d)(?P<y4>(?:19|20)\d{2})-(?P<m4>0[1-9]|1[0-2])(?![\d-])"
    r"|(?<!\d)(?P<m3>\d{1,2})月(?P<d3>\d{1,2})[日号]|(?<!\d)(?P<y3>(?:19|20)\d{2})年(?!\d)"
)
_TIME = re.compile(r"(?<![\d:])([01]?\d|2[0-3])[:：]([0-5]\d)(?:[:：]([0-5]\d))?(?![\d:])")
_SCALED = r"(?:百万|千万|十亿|百亿|千亿|万亿|[百千万亿])"
_NUMBER = re.compile(
    rf"(?<![\d.A-Za-z_])[-−]?(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?(?:\s?{_SCALED})?\s?(?:%|‰)?(?!\d)"
)
_GROUPED = re.compile(
    rf"(?<![\d.,A-Za-z_])[-−]?\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?(?:\s?{_SCALED})?\s?(?:%|‰)?(?![\d,]*\d)"
)
_TOKEN = re.compile(r"[A-Za-z0-9]+(?:[-_/.][A-Za-z0-9]+)*(?:[+#](?![A-Za-z0-9]))?")
_PHONE = re.compile(
    r"(?<![\dA-Za-z])(?:\+?86[- ]?)?(?:1[3-9]\d{9}|0\d{2,3}[- ]?\d{7,8}|400[- ]?\d{3}[- ]?\d{4})(?:[-转]\d{1,6})?(?!\d)"
)
_MEASURES = "次|个月|个小时|小时|分钟|秒|天|日|周|年|月|人|名|位|台|件|套|份|家|项|条|页|倍|成|元|万|亿|折|级|层|楼|号|米|公里|公斤|吨|度|分|点|季度|工作日|班|轮|期|章|类|款|门|科|岁|年级|个"
_CHINESE = re.compile(
    rf"(?<![{CHINESE_DIGITS}])(?:百分之([{CHINESE_DIGITS}点]+)|([{CHINESE_DIGITS}]+(?:点[{CHINESE_DIGITS}]+)?)(?={_MEASURES}))"
)
# 一个, 一下, 一些: words rather than counts.
_IDLE_ONE = re.compile(
    r"^[一两](?:个(?!月|工作日|小时|季度|星期|人)|种|份|项|条|类|家|位|名|台|件|套|级|层|号|点|分|期|成|日(?!内)|周年|月(?!内)|人)"
)
_MARKER = re.compile(
    r"(?m)^\s*[（(]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[.、)）．]\s*(?=\D)|\[\d{1,3}(?:[,，、-]\s?\d{1,3})*\]|【\d{1,3}】|［\d{1,3}］"
)


def values_in(text: str) -> list[TextValue]:
    """The values in `text` in order; list markers (1.) and citation marks ([1]) are none.

    An identifier is a code of letters and digits, a telephone number, or digits that are no quantity: more than
    nine of them, or with a leading zero.
    """
    found: list[TextValue] = []
    free = list(text.translate(_NARROW))
    for match in _MARKER.finditer(text):
        _blank(free, match.start(), match.end())
    for kind, pattern in (
        ("url", _URL),
        ("email", _EMAIL),
        ("identifier", _PHONE),
        ("date", _DATE),
        ("time", _TIME),
    ):
        _take(kind, pattern, free, found)  # type: ignore[arg-type]
    _take("number", _GROUPED, free, found)
    _take_tokens(free, found)
    _take("number", _NUMBER, free, found)
    _take_chinese(free, found)
    shown = [TextValue(value.kind, text[value.start : value.end], value.start, value.end) for value in found]
    return sorted(shown, key=lambda value: value.start)


def _blank(free: list[str], start: int, end: int) -> None:
    free[start:end] = "\0" * (end - start)


def _take(kind: ValueKind, pattern: re.Pattern[str], free: list[str], found: list[TextValue]) -> None:
    for match in pattern.finditer("".join(free)):
        shown = match[0].rstrip(".,;:!?") if kind == "url" else match[0].strip()
        start = match.start() + (len(match[0]) - len(match[0].lstrip()))
        found.append(TextValue(kind, shown, start, start + len(shown)))
        _blank(free, match.start(), match.end())


def _take_tokens(free: list[str], found: list[TextValue]) -> None:
    """Codes: letters with digits, long digit strings and those that begin with a zero."""
    for match in _TOKEN.finditer("".join(free)):
        token = match[0]
        digits = sum(char.isdigit() for char in token)
        letters = sum(char.isalpha() for char in token)
        plain_number = letters == 0 and re.fullmatch(r"\d+(?:\.\d+)?", token) is not None
        if not digits or re.fullmatch(r"\d+(?:\.\d+)?[A-Za-z]{1,4}", token):
            continue
        if plain_number and len(token) <= 9 and not (len(token) > 1 and token[0] == "0" and "." not in token):
            continue
        if plain_number and "." in token:
            continue
        found.append(TextValue("identifier", token, match.start(), match.end()))
        _blank(free, match.start(), match.end())


def _take_chinese(free: list[str], found: list[TextValue]) -> None:
    text = "".join(free)
    for match in _CHINESE.finditer(text):
        before = text[max(0, match.start() - 1) : match.start()]
        in_a_word = len(match[0]) == 1 and before in {"统", "同", "唯", "某"}
        if in_a_word or (_IDLE_ONE.match(text[match.start() :]) and before != "第"):
            continue
        if chinese_number(match[1] or match[2]) is not None:
            found.append(TextValue("number", match[0], match.start(), match.end()))


def unsupported(text: str, sources: Sequence[str]) -> list[TextValue]:
    """The values of `text` that stand in none of `sources`.

    Numbers are compared by value (1,000 = 一千 = 0.1万, 15% = 百分之十五), dates by day, identifiers, addresses
    and telephone numbers by character.
    """
    values = values_in(text)
    if not values:
        return []
    shown = list(dict.fromkeys(form for s in sources for form in (s, unicodedata.normalize("NFKC", s))))
    numbers: set[Decimal] = set()
    dates: set[tuple[int | None, int | None, int | None]] = set()
    times: set[tuple[int, int]] = set()
    for source in shown:
        numbers |= _numbers(source)
        dates |= {day for match in _DATE.finditer(source) if (day := _day(match))}
        times |= {(int(m[1]), int(m[2])) for m in _TIME.finditer(source)}
    return [value for value in values if not _supported(value, shown, numbers, dates, times)]


def _supported(
    value: TextValue,
    sources: Sequence[str],
    numbers: set[Decimal],
    dates: set[tuple[int | None, int | None, int | None]],
    times: set[tuple[int, int]],
) -> bool:
    shown = unicodedata.normalize("NFKC", value.text)
    if value.kind == "number":
        number = _value(shown)
        return number is None or number in numbers
    if value.kind == "date":
        match = _DATE.search(shown)
        day = _day(match) if match else None
        return day is None or any(all(a is None or a == b for a, b in zip(day, d, strict=True)) for d in dates)
    if value.kind == "time":
        match = _TIME.search(shown)
        return match is None or (int(match[1]), int(match[2])) in times
    pattern = re.compile(rf"(?<![0-9A-Za-z]){re.escape(shown)}(?![0-9A-Za-z])")
    return any(pattern.search(source) for source in sources)


def _numbers(source: str) -> set[Decimal]:
    """The numbers that a source states; digits of its dates, codes and addresses are none, but its years are."""
    chars = list(source)
    found: set[Decimal] = set()
    for value in values_in(source):
        if value.kind == "number":
            number = _value(unicodedata.normalize("NFKC", value.text))
            found |= {number} if number is not None else set()
        elif value.kind != "identifier" or len(value.text) > 9 or not value.text.isalnum():
            _blank(chars, value.start, value.end)
        if value.kind == "date":
            found |= {Decimal(year) for year in re.findall(r"(?:19|20)\d{2}", value.text)}
    rest = "".join(chars)
    # A number glued to letters (30days, MH5) counts by its digits too.
    found |= {Decimal(digits) for digits in re.findall(r"(?<![\d.,])\d{1,9}(?![\d,]|\.\d)", rest)}
    found |= {Decimal(digits) for digits in re.findall(r"(?<![\d.])\d{1,9}\.\d{1,6}(?![\d.])", rest)}
    found |= {n for match in _NUMBER.finditer(rest) if (n := _value(match[0])) is not None}
    for match in re.finditer(
        rf"百分之([{CHINESE_DIGITS}点]+)|[{CHINESE_DIGITS}]+(?:点[{CHINESE_DIGITS}]+)?", rest
    ):
        number = chinese_number(match[1] or match[0])
        if number is not None:
            found.add(number / 100 if match[1] else number)
    return found


def _value(shown: str) -> Decimal | None:
    if shown.startswith("百分之"):
        number = chinese_number(shown[3:])
        return None if number is None else number / 100
    match = re.fullmatch(rf"([-−]?)([\d,]+(?:\.\d+)?)\s?({_SCALED})?\s?(%|‰)?", shown)
    if match is None:
        return chinese_number(shown)
    try:
        number = Decimal(match[2].replace(",", ""))
    except InvalidOperation:
        return None
    for char in match[3] or "":
        number *= {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}[char]
    if match[4]:
        number /= 100 if match[4] == "%" else 1000
    return -number if match[1] else number


def _day(match: re.Match[str]) -> tuple[int | None, int | None, int | None] | None:
    groups = match.groupdict()
    year = groups["y"] or groups["y2"] or groups["y3"] or groups["y4"]
    month = groups["m"] or groups["m2"] or groups["m3"] or groups["m4"]
    day = groups["d"] or groups["d3"]
    found = tuple(int(part) if part else None for part in (year, month, day))
    return (found[0], found[1], found[2]) if any(found) else None
