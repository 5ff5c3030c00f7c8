"""Shows serial dates of spreadsheets by their date format codes (ECMA-376 part 1, sections 18.8.30 and 18.17.4)."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LETTERS = frozenset("yYmMdDhHsSeEbBgGaA")
_ELAPSED = re.compile(r"^(h+|m+|s+)$", re.IGNORECASE)
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CHINESE_DAYS = "一二三四五六日"
_CHINESE_DIGITS = "〇一二三四五六七八九"
_HALF_DAYS = ("AM/PM", "am/pm", "A/P", "a/p", "上午/下午")
_LAST_SERIAL = 2_958_466


@dataclass(frozen=True, slots=True)
class DatePattern:
    """A date format as parts: `("yyyy", True)` is a field, `("年", False)` a literal text."""

    parts: tuple[tuple[str, bool], ...]
    twelve_hours: bool
    chinese: bool = False


@dataclass(frozen=True, slots=True)
class _Moment:
    """A serial number taken apart; `days` is whole days since the epoch, for elapsed hours."""

    date: tuple[int, int, int]
    weekday: int
    hour: int
    minute: int
    second: int
    fraction: Decimal
    serial: Decimal


def parse_date_pattern(tokens: Iterable[tuple[str, str]]) -> DatePattern | None:
    """The pattern of a date format from its tokens (kind, text); None where it is a number format."""
    reader = _PatternReader(list(tokens))
    reader.read()
    fields = [text for text, is_field in reader.parts if is_field and not set(text) <= {"0", "."}]
    if not fields or reader.numeric:
        return None
    minutes = _mark_minutes(reader.parts)
    return DatePattern(tuple(minutes), any(text in _HALF_DAYS for text, _ in reader.parts), reader.chinese)


class _PatternReader:
    """Sorts tokens into fields and literals.

    `chinese` tells that the format asks for Chinese numerals, `numeric` that it shows a plain number.
    """

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.parts: list[tuple[str, bool]] = []
        self.chinese = False
        self.numeric = False
        self._tokens = tokens

    def read(self) -> None:
        index = 0
        while index < len(self._tokens):
            half = _half_day(self._tokens, index)
            if half:
                self.parts.append((half, True))
            else:
                self._token(index, *self._tokens[index])
            index += len(half) or 1

    def _token(self, index: int, kind: str, text: str) -> None:
        if kind == "bracket":
            self.chinese = self.chinese or "DBNum1" in text
            if _ELAPSED.match(text):
                self.parts.append((f"[{text.lower()}]", True))
        elif kind == "exponent" and not any(k == "digit" for k, _ in self._tokens[:index]):
            # `e` is a year in East Asian formats; behind digits it is an exponent.
            self.parts += [("e", True), (text[1:], False)]
        elif (kind == "other" and text in _LETTERS) or (kind == "digit" and _subsecond(self.parts)):
            _extend(self.parts, text.lower())
        elif kind in ("digit", "general", "exponent"):
            self.numeric = True
        else:
            self._literal(kind, text)

    def _literal(self, kind: str, text: str) -> None:
        if kind == "space":
            self.parts.append((" ", False))
        elif kind != "fill" and (kind, text) != ("other", "@"):
            self.parts.append((text, False))


def _half_day(tokens: list[tuple[str, str]], index: int) -> str:
    ahead = "".join(text for kind, text in tokens[index : index + 5] if kind == "other")
    return next((mark for mark in _HALF_DAYS if ahead.startswith(mark)), "")


def _subsecond(parts: list[tuple[str, bool]]) -> bool:
    """Whether a digit here belongs to decimals of a second, as in `ss.00`."""
    if parts and parts[-1][1] and parts[-1][0].startswith("0"):
        return True
    return len(parts) > 1 and parts[-1] == (".", False) and parts[-2][1] and "s" in parts[-2][0]


def _extend(parts: list[tuple[str, bool]], letter: str) -> None:
    if parts and parts[-1][1] and parts[-1][0][-1] == letter:
        parts[-1] = (parts[-1][0] + letter, True)
    else:
        parts.append((letter, True))


def _mark_minutes(parts: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """`m` next to hours or seconds means minutes; it becomes `n` here."""
    fields = [i for i, (_, is_field) in enumerate(parts) if is_field]
    marked = list(parts)
    for position, index in enumerate(fields):
        text = parts[index][0]
        if set(text) != {"m"} or len(text) > 2:
            continue
        before = parts[fields[position - 1]][0] if position else ""
        after = parts[fields[position + 1]][0] if position + 1 < len(fields) else ""
        if before.strip("[]").startswith("h") or before in _HALF_DAYS or after.strip("[]").startswith("s"):
            marked[index] = ("n" * len(text), True)
    return marked


def show_date(value: Decimal, pattern: DatePattern, epoch_1904: bool) -> tuple[str, str | None]:
    """The text as shown and the ISO form; the ISO form is None where the number is no date (negative, too large)."""
    if value < 0 or value >= _LAST_SERIAL:
        return "", None
    moment = _moment(value, pattern, epoch_1904)
    text = "".join(_field(part, moment, pattern) if is_field else part for part, is_field in pattern.parts)
    return text.strip(), _iso(moment, pattern)


def _moment(value: Decimal, pattern: DatePattern, epoch_1904: bool) -> _Moment:
    digits = max((len(text) for text, is_field in pattern.parts if is_field and set(text) == {"0"}), default=0)
    seconds = (value * 86_400).quantize(Decimal(1).scaleb(-max(digits, 0)), rounding=ROUND_HALF_UP)
    days, rest = divmod(seconds, 86_400)
    whole = int(rest)
    year, month, day, weekday = _calendar(int(days), epoch_1904)
    return _Moment(
        (year, month, day), weekday, whole // 3600, whole // 60 % 60, whole % 60, rest - whole, seconds / 86_400
    )


def _calendar(days: int, epoch_1904: bool) -> tuple[int, int, int, int]:
    """Year, month, day, weekday; with Excel's 29 February 1900, which never was."""
    if epoch_1904:
        date = dt.date(1904, 1, 1) + dt.timedelta(days)
    elif days == 60:
        return 1900, 2, 29, 2
    elif days == 0:
        return 1900, 1, 0, 5
    else:
        date = dt.date(1899, 12, 31 if days < 60 else 30) + dt.timedelta(days)
    return date.year, date.month, date.day, date.weekday()


def _field(part: str, moment: _Moment, pattern: DatePattern) -> str:
    if part in _HALF_DAYS:
        morning, afternoon = part.split("/")
        return morning if moment.hour < 12 else afternoon
    letter = part.strip("[]")[0]
    if part.startswith("["):
        unit = {"h": 24, "m": 1_440, "s": 86_400}[letter]
        return str(int(moment.serial * unit)).zfill(len(part) - 2)
    if letter == "0":
        return f"{moment.fraction:.{len(part)}f}".partition(".")[2]
    if letter in "hns":
        return _time_field(letter, part, moment, pattern)
    return _date_field(letter, part, moment, pattern)


def _time_field(letter: str, part: str, moment: _Moment, pattern: DatePattern) -> str:
    hour = (moment.hour % 12 or 12) if pattern.twelve_hours else moment.hour
    number = {"h": hour, "n": moment.minute, "s": moment.second}[letter]
    return f"{number:0{min(2, len(part))}d}"


def _date_field(letter: str, part: str, moment: _Moment, pattern: DatePattern) -> str:
    year, month, day = moment.date
    if letter in "yeb":
        text = f"{year:04d}" if len(part) > 2 or letter == "e" else f"{year % 100:02d}"
        return "".join(_CHINESE_DIGITS[int(c)] for c in text) if pattern.chinese else text
    if letter == "m":
        return _named(part, month, _MONTHS[month - 1], pattern)
    if letter == "d":
        return _named(part, day, _DAYS[moment.weekday], pattern)
    if letter == "a":
        return ("星期" if len(part) > 3 else "") + _CHINESE_DAYS[moment.weekday]
    return ""


def _named(part: str, number: int, name: str, pattern: DatePattern) -> str:
    if len(part) == 5:
        return name[0]
    if len(part) >= 3:
        return name if len(part) > 3 else name[:3]
    return _chinese_number(number) if pattern.chinese else f"{number:0{len(part)}d}"


def _chinese_number(number: int) -> str:
    """1 to 31 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else _CHINESE_DIGITS[tens] + "十"
    return head + (_CHINESE_DIGITS[ones] if ones or not tens else "")


def _iso(moment: _Moment, pattern: DatePattern) -> str:
    letters = {text.strip("[]")[0] for text, is_field in pattern.parts if is_field}
    has_time = bool(letters & set("hns")) or bool(moment.hour or moment.minute or moment.second)
    has_date = bool(letters & set("ydebam") - set("n")) or moment.serial >= 1
    clock = f"{moment.hour:02d}:{moment.minute:02d}:{moment.second:02d}"
    date = "{:04d}-{:02d}-{:02d}".format(*moment.date)
    if any(text.startswith("[") for text, _ in pattern.parts):
        return f"PT{int(moment.serial * 86_400)}S"
    if has_date and has_time:
        return f"{date}T{clock}"
    return date if has_date else clock
