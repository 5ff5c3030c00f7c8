"""Rules by steps in running text (满10年不满20年的10天, 5000元以下由部门经理批): the step that holds the amount of a question.

The steps of a line are laid out from left to right, each with what is said of it up to the next one. Only a step that
holds the amount, says one value of the asked kind and stands alone in that answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from retrieval.facts.lexicon import lexicon
from retrieval.facts.normalize import plain
from retrieval.facts.subject import Said, SubjectWord, subject_of
from retrieval.facts.values import CHINESE_DIGITS, chinese_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from retrieval.facts.passages import FoundPassage

# Possessive: a run of digits is one number, and must not be tried in every way that it can be cut.
_N = rf"(?:\d[\d,]*+(?:\.\d++)?|[{CHINESE_DIGITS}]++)(?:\s*+[百千万亿]++)?+"
_U = r"(?:年|个月|天|日|周|岁|元|美元|欧元|英镑|小时|公里|公斤|千克|吨|人|台|件|次|米|years?|months?|weeks?|days?|hours?|people|persons|tonnes?|km|kg|dollars?|euros?|pounds?)"


def _amount(number: str, unit: str) -> str:
    """A pattern for a number with its unit behind it, or with the sign of a currency before it (£5,000)."""
    return rf"(?P<q{number}>[£$€¥]\s?)?(?P<{number}>{_N})\s*(?P<{unit}>(?(q{number})|{_U}))"


_STEP = re.compile(
    rf"(?P<lo>已?满|年?满|超过|高于|多于|大于|达到?|over |more than |above |from |between )?\s*(?:[£$€¥]\s?)?(?P<a>{_N})\s*(?P<u>{_U})?(?:\(含\))?(?:以上|及以上)?\s*[、,，]?"
    rf"\s*(?P<to>但?不满|但?不足|但?未满|不到|至|到|-|~|—|但?不超过|但?低于|(?<=以上)|but less than |but under | to | and )\s*{_amount('b', 'v')}(?:\(不?含\))?(?:以下|以内|之间)?"
    rf"|(?P<below>不满|不足|未满|不到|低于|少于|小于|under |below |less than |fewer than )\s*{_amount('c', 'w')}"
    rf"|(?P<most>不超过|至多|up to |at most )\s*{_amount('d', 'x')}"
    rf"|{_amount('e', 'y')}(?:\(含\))?(?P<end>及?以下|以内|及?以上| or less| or more| and above| and over)"
    rf"|(?P<least>已?满|年?满|超过|高于|多于|大于|达到?|over |more than |above |at least |after )\s*{_amount('f', 'z')}(?:及?以上)?"
)
# 每满一年加1天 goes on step by step: nobody said how far.
_EACH = re.compile(r"每(?:满|增加?|超过?|多|年|一年)|\beach (?:additional|further)\b|\bfor every\b")
_ASKED = re.compile(rf"(?<![第\d.a-z])(?:{_amount('n', 'u')})")
_SAME = {
    "£": "pound",
    "$": "dollar",
    "€": "euro",
    "¥": "元",
    "英镑": "pound",
    "美元": "dollar",
    "欧元": "euro",
    "日": "天",
    "千克": "公斤",
    "kg": "公斤",
    "km": "公里",
    "persons": "人",
    "people": "人",
}
_ENGLISH = {"year": "年", "month": "个月", "week": "周", "day": "天", "hour": "小时", "tonne": "吨"}
_SERVICE = frozenset({"入职", "工作", "工龄", "司龄", "在职", "任职", "service", "seniority"})
_PAIR = re.compile(r"(?![的了在是有谁几哪多])[㐀-鿿]{2}")
_COVERED, _INFINITE = 0.6, Decimal("Infinity")


@dataclass(frozen=True, slots=True)
class StepFound:
    """The value of the step that holds the amount, the line that it stands in, and the passage."""

    value: str
    line: str
    passage: FoundPassage
    rank: int


@dataclass(frozen=True, slots=True)
class _Step:
    start: int
    end: int
    low: Decimal
    high: Decimal
    unit: str
    open_low: bool = False
    open_high: bool = False

    def holds(self, number: Decimal) -> bool:
        above = number > self.low if self.open_low else number >= self.low
        return above and (number < self.high if self.open_high else number <= self.high)


def by_steps(
    question: str,
    passages: Sequence[FoundPassage],
    values: Callable[[str], list[str]],
) -> list[StepFound]:
    """The values that steps say which hold the one amount of a question; empty where it has none, or several steps fit.

    `values` gives the values of the asked kind in a text.
    """
    text = plain(question)
    amounts = [m for m in _ASKED.finditer(text) if m["n"].strip() != "一"]
    number = _number(amounts[0]["n"]) if len(amounts) == 1 else None
    if number is None:
        return []
    asked = (number, _unit(_counted_in(amounts[0], "n", "u")))
    # 12年年假: without the amount, lest the words run into it.
    rest = f"{text[: amounts[0].start()]} {text[amounts[0].end() :]}"
    words = [_with_its_neighbour(word, rest) for word in subject_of(rest)]
    return [
        StepFound(value, line, passage, rank)
        for rank, passage in enumerate(passages)
        for line, before in _lines(passage.chunk.text)
        if (value := _said(line, asked, values)) and _about(words, line, before, passage)
    ]


def _with_its_neighbour(word: SubjectWord, text: str) -> SubjectWord:
    """A single Chinese character with the one before it: 年假 rather than any 假."""
    at = text.find(word.text)
    pair = text[at - 1 : at + 1] if at > 0 and len(word.text) == 1 else ""
    if not _PAIR.fullmatch(pair):
        return word
    return SubjectWord(pair, (pair, *lexicon().other(pair)), 1.0, True)


def says_another_step(question: str, sentence: str) -> bool:
    """Whether a sentence states a step in the unit of an amount of the question that does not hold that amount."""
    steps = _steps(plain(sentence))
    amounts = (
        [(_number(m["n"]), _unit(_counted_in(m, "n", "u"))) for m in _ASKED.finditer(plain(question))]
        if steps
        else []
    )
    return any(
        number is not None and step.unit == unit and not step.holds(number)
        for number, unit in amounts
        for step in steps
    )


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """The sentences of a text, each with the one before it; steps after a semicolon stay together."""
    before = ""
    for line in re.split(r"\n+|(?<=。)", text):
        if line.strip():
            yield line.strip(), before
            before = line.strip()


def _said(line: str, asked: tuple[Decimal, str], values: Callable[[str], list[str]]) -> str:
    """The one value that a line says of the step that holds an amount; empty where that is not clear."""
    number, unit = asked
    if _EACH.search(plain(line)) or len(plain(line)) != len(line):
        return ""
    steps = _steps(plain(line))
    holding = [at for at, step in enumerate(steps) if step.unit == unit and step.holds(number)]
    if len(holding) != 1 or values(line[: steps[0].start]):
        return ""
    at = holding[0]
    told = values(line[steps[at].end : steps[at + 1].start if at + 1 < len(steps) else len(line)])
    return told[0] if len(set(told)) == 1 else ""


def _steps(line: str) -> list[_Step]:
    return [step for match in _STEP.finditer(line) if (step := _step(match)) is not None]


def _step(match: re.Match[str]) -> _Step | None:
    start, end = match.span()
    if match["a"]:
        low, high = _number(match["a"]), _number(match["b"])
        opened = re.search(r"不满|不足|未满|不到|低于|less|under", match["to"]) is not None
        ends = (
            low,
            high,
            _counted_in(match, "b", "v"),
            (match["lo"] or "").startswith(("超", "高", "多", "大", "over", "more", "above")),
            opened,
        )
    elif match["c"]:
        ends = (Decimal(0), _number(match["c"]), _counted_in(match, "c", "w"), False, True)
    elif match["d"]:
        ends = (Decimal(0), _number(match["d"]), _counted_in(match, "d", "x"), False, False)
    elif match["e"]:
        bound, below = _number(match["e"]), re.search(r"下|内|less", match["end"]) is not None
        ends = (
            Decimal(0) if below else bound,
            bound if below else _INFINITE,
            _counted_in(match, "e", "y"),
            False,
            False,
        )
    else:
        more = not match["least"].strip().endswith(("满", "达", "达到", "at least", "after"))
        ends = (_number(match["f"]), _INFINITE, _counted_in(match, "f", "z"), more, False)
    low, high, unit, open_low, open_high = ends
    return (
        None if low is None or high is None else _Step(start, end, low, high, _unit(unit), open_low, open_high)
    )


def _counted_in(match: re.Match[str], number: str, unit: str) -> str:
    return str(match[unit] or (match[f"q{number}"] or "").strip())


def _number(text: str) -> Decimal | None:
    shown = text.replace(",", "").replace(" ", "")
    digits = re.match(r"\d+(?:\.\d+)?", shown)
    if digits is None:
        return chinese_number(shown)
    scale = chinese_number(f"一{shown[digits.end() :]}") if digits.end() < len(shown) else Decimal(1)
    return Decimal(digits[0]) * scale if scale is not None else None


def _unit(text: str) -> str:
    unit = text.strip()
    return _ENGLISH.get(unit.removesuffix("s"), _SAME.get(unit, unit.removesuffix("s")))


def _about(words: Sequence[SubjectWord], line: str, before: str, passage: FoundPassage) -> bool:
    """Whether a line, the one before it, its headings and titles speak of the subject."""
    at, document = passage.chunk.location, passage.document
    said = Said.of(line)
    around = Said.of(" ".join((before, *at.headings, document.title, document.name)))
    total = sum(word.weight for word in words)
    shares = [(word, max(said.share(word), 0.9 * around.share(word))) for word in words]
    if any(form in said.compact for form in _SERVICE):
        # 入职6年 is counted where 累计工作满 is.
        shares = [(word, 1.0 if word.text in _SERVICE else share) for word, share in shares]
    if not total or any(word.firm and share < 0.5 for word, share in shares):
        return False
    return sum(word.weight * share for word, share in shares) >= _COVERED * total
