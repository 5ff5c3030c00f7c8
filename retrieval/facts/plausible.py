"""Whether a cell can be what a question asks for: no code for when, no number for who, no echo, no day for the highest."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from retrieval.facts.month_cells import month_of, says_another_year
from retrieval.facts.normalize import plain
from retrieval.facts.occasions import no_clock
from retrieval.facts.values import number_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.facts.types import Fact, FactResult

_EXTREMES, _ONE_CELL = frozenset({"max", "min"}), frozenset({"", "value", "list"})
_WHEN = re.compile(
    r"什么时候|啥时候|什么时间|何时|哪[天年]|几[号点](?![线楼门栋库泊位机口])|时间(?:是|为)?(?:多少|什么)?[？?\s]*$|^when\b|\bwhat (?:date|day|time)\b"
)
_WHO = re.compile(r"(?<![a-z])who(?:m)?(?![a-z])|谁(?:负责|管|批|审批|签字|主管|带队)|(?:是|由|找|归)谁")
_CODE = re.compile(r"[a-z]{1,6}[-_]?\d[a-z0-9]*(?:[-_/][a-z0-9]+)*")
_YEAR = re.compile(r"(?:19|20)\d{2}")
_DAY = re.compile(r"(?:19|20)\d{2}[-/.年]\d{1,2}(?:[-/.月]\d{1,2}日?)?月?")
# What is high, dear or heavy is no day; a range is no name of a row.
_OFTEN = re.compile(r"多久.{0,4}一[次回遍]|多长时间.{0,4}一[次回遍]|隔多久|频率|\bhow (?:often|frequently)\b")
_CYCLE = re.compile(r"频|周期|间隔|[每隔]|[次回]|interval|frequen|every|cycle")
_YEAR_NAMED = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_OF_AMOUNTS = re.compile(
    r"最(?:高|低|贵|便宜|大|小|重|轻|快|慢)|\b(?:highest|lowest|cheapest|dearest|heaviest|lightest|most expensive)\b"
)
_RANGE = re.compile(r"\bbetween\b.+\band\b|之间")
_PLAIN = re.compile(r"[\d.,%\s:/-]+")


def plausible(question: str, result: FactResult) -> FactResult:
    """Return `result`, or that no table answers where what was found cannot be what `question` asks for."""
    if result.status != "found":
        return result
    asked = plain(question)
    if _another_year(asked, result.facts) or _of_another_year(asked, result.facts):
        wrong = True
    elif result.operation in _EXTREMES:
        wrong = bool(_OF_AMOUNTS.search(asked)) and any(
            # 哪个月最低 is told by the day that names the row.
            _DAY.fullmatch(plain(f.value)) and f.value != f.label
            for f in result.facts
        )
    elif result.computed or result.operation not in _ONE_CELL:
        return result
    else:
        ranged = result.operation == "value" and _RANGE.search(asked) is not None
        wrong = ranged or _is_no_answer(asked, result.facts)
    if not wrong:
        return result
    reason = "这一格不是所问的那一种值"
    return replace(
        result, status="not_a_table_question", reason=reason, facts=(), details=(), computed="", total=0
    )


def _another_year(asked: str, facts: Sequence[Fact]) -> bool:
    """Whether last year is asked for, and the rows found are months of a year that nobody says is that."""
    months = (month_of(fact.label) for fact in facts) if says_another_year(asked) else ()
    return any(month is not None and month[0] is not None for month in months)


def _of_another_year(asked: str, facts: Sequence[Fact]) -> bool:
    """Whether a value stands in a column of another year than the question names: 2025签单 for 2026."""
    years = set(_YEAR_NAMED.findall(asked))
    told = [set(_YEAR_NAMED.findall(fact.column)) for fact in facts]
    return bool(years) and any(of and not of & years for of in told)


def _is_no_answer(asked: str, facts: Sequence[Fact]) -> bool:
    if len(facts) != 1 or facts[0].sentence:
        return False
    value = plain(facts[0].value)
    if (
        _OFTEN.search(asked)
        and number_of(value) is not None
        and not _CYCLE.search(plain(facts[0].column) + value)
    ):
        return True
    return (value == plain(facts[0].label) and _stands(value, asked)) or _is_another_kind(asked, value)


def _stands(value: str, asked: str) -> bool:
    """Whether the question itself says the value: its name is no answer to what it asks of the row."""
    return len(value) > 1 and re.search(rf"(?<![a-z0-9.]){re.escape(value)}(?![a-z0-9.])", asked) is not None


def _is_another_kind(asked: str, value: str) -> bool:
    if _WHEN.search(asked):
        bare = number_of(value) is not None and not _YEAR.fullmatch(value)
        return (
            no_clock(asked, value)
            or bool(_CODE.fullmatch(value))
            or (bare and _PLAIN.fullmatch(value) is not None)
        )
    return bool(_WHO.search(asked)) and _PLAIN.fullmatch(value) is not None
