"""Counts the automatic numbers of Word paragraphs, which stand in no text: 第一条, 1.2, (a) (ECMA-376 part 1, 17.9)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ingest.parsers.package import attribute, child, children

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 9
_DIGITS = "零一二三四五六七八九"
_LEGAL = "零壹贰叁肆伍陆柒捌玖"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
          (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_CHINESE = frozenset({"chineseCounting", "chineseCountingThousand", "taiwaneseCounting", "taiwaneseCountingThousand",
                      "japaneseCounting", "koreanCounting"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    style: str
    pattern: str
    joined: bool


@dataclass(slots=True)
class _List:
    """A numbered list: how its levels look, and how far each has counted."""

    levels: dict[int, _Level]
    counters: dict[int, int] = field(default_factory=dict)


class Numbers:
    """The numbers of one document; ask for each numbered paragraph once, in order."""

    def __init__(self, root: Any | None) -> None:
        self._abstract = {
            identifier: _List(dict(_levels(node)))
            for node in children(root, "abstractNum")
            if (identifier := attribute(node, "abstractNumId"))
        }
        self._lists: dict[str, _List] = {}
        for node in children(root, "num"):
            self._add(node)

    def _add(self, node: Any) -> None:
        identifier, link = attribute(node, "numId"), child(node, "abstractNumId")
        shared = self._abstract.get(attribute(link, "val") or "") if link is not None else None
        if not identifier or shared is None:
            return
        levels = dict(shared.levels)
        restarted = False
        for override in children(node, "lvlOverride"):
            depth = _integer(attribute(override, "ilvl"), 0)
            levels.update(_levels(override))
            start = child(override, "startOverride")
            if start is not None and depth in levels:
                old = levels[depth]
                levels[depth] = _Level(_integer(attribute(start, "val"), 1), old.style, old.pattern, old.joined)
                restarted = True
        # Lists of one kind count on from each other, unless one says where it starts.
        self._lists[identifier] = _List(levels) if restarted else _List(levels, shared.counters)

    def label(self, number_id: str, depth: int) -> str:
        """The number in front of the next paragraph of this list, with the blank behind it; empty for bullets."""
        counted = self._lists.get(number_id)
        level = counted.levels.get(depth) if counted else None
        if counted is None or level is None or not 0 <= depth < _DEEPEST:
            return ""
        counters = counted.counters
        counters[depth] = counters[depth] + 1 if depth in counters else level.start
        for deeper in [one for one in counters if one > depth]:
            del counters[deeper]
        if level.style in ("bullet", "none") or not level.pattern:
            return ""
        text = re.sub(r"%([1-9])", lambda match: _shown(counted, int(match.group(1)) - 1), level.pattern)
        return text if level.joined else f"{text} "


def _levels(node: Any) -> Iterator[tuple[int, _Level]]:
    for level in children(node, "lvl"):
        yield (
            _integer(attribute(level, "ilvl"), 0),
            _Level(
                _integer(_value(level, "start"), 1),
                _value(level, "numFmt") or "decimal",
                _value(level, "lvlText") or "",
                _value(level, "suff") == "nothing",
            ),
        )


def _value(level: Any, name: str) -> str | None:
    node = child(level, name)
    return attribute(node, "val") if node is not None else None


def _integer(value: str | None, default: int) -> int:
    return int(value) if value and value.isascii() and value.isdigit() else default


def _shown(counted: _List, depth: int) -> str:
    level = counted.levels.get(depth)
    if level is None:
        return ""
    return show_number(counted.counters.get(depth, level.start), level.style)


def show_number(number: int, style: str) -> str:
    """A number in one of the styles of ST_NumberFormat; digits where the style is not known here."""
    if style in _CHINESE:
        return chinese(number)
    if style.startswith("chineseLegal"):
        return chinese(number, _LEGAL, ("", "拾", "佰", "仟"))
    if style == "ideographTraditional" and 0 < number <= len(_STEMS):
        return _STEMS[number - 1]
    if style == "ideographZodiac" and 0 < number <= len(_BRANCHES):
        return _BRANCHES[number - 1]
    if style.startswith("decimalEnclosedCircle") and 0 < number <= 20:
        return chr(0x245F + number)
    if style == "ideographDigital":
        return "".join(_DIGITS[int(digit)] for digit in str(number)).replace("零", "〇")
    return _western(number, style)


def _western(number: int, style: str) -> str:
    if style in ("upperLetter", "lowerLetter") and number > 0:
        text = chr(97 + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return text.upper() if style == "upperLetter" else text
    if style in ("upperRoman", "lowerRoman") and 0 < number < 4_000:
        text = ""
        for value, letters in _ROMAN:
            count, number = divmod(number, value)
            text += letters * count
        return text.upper() if style == "upperRoman" else text
    return f"{number:02d}" if style == "decimalZero" else str(number)


def chinese(number: int, digits: str = _DIGITS, units: tuple[str, ...] = ("", "十", "百", "千")) -> str:
    """A number below ten thousand in Chinese: 12 is 十二, 105 is 一百零五; larger ones in digits."""
    if not 0 < number < 10_000:
        return str(number)
    text = ""
    gap = False
    for place in range(len(str(number)) - 1, -1, -1):
        digit = number // 10**place % 10
        if digit:
            text += (digits[0] if gap else "") + digits[digit] + units[place]
            gap = False
        else:
            gap = bool(text)
    # 十二, not 一十二; the legal style keeps the one.
    return text[1:] if 10 <= number < 20 and digits == _DIGITS else text
