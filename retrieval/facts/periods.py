"""Sums and extremes over the columns of one row that are periods: a half year of months, a quarter, the strongest month."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from retrieval.facts.answers import fact
from retrieval.facts.explaining import Left
from retrieval.facts.normalize import plain
from retrieval.facts.occasions import months_in, quarters_in
from retrieval.facts.operations import NUMERIC
from retrieval.facts.types import FactResult
from retrieval.facts.values import number_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from retrieval.facts.aliases import Aliases
    from retrieval.facts.anchored import Anchor, AnchoredCells
    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.questions import Question
    from retrieval.facts.types import Fact

_N = r"(?:1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])"
_SPAN = re.compile(
    rf"(?P<half>[上下]半年|(?:first|second) half(?: of (?:the|this) year)?)|(?P<quarter>第?[一二三四1-4]季度|\bq[1-4]\b)|"
    rf"(?P<year>全年|整年|一整年|一年(?=一?共|总|合计|累计|下来)|\b(?:full|whole|entire) year\b)|"
    rf"(?P<first>{_N})月?份?\s*(?:到|至|—|–|-|~)\s*(?P<last>{_N})月份?"
)
_SUM = re.compile(
    r"一共|总共|合计|总计|共计|累计|加起来|加在一起|总和|(?<![一-鿿])共|\b(?:in total|total|altogether|combined|sum)\b"
)
_MOST = re.compile(
    r"最(?P<way>[多高大少低小])|\b(?P<english>most|highest|largest|least|lowest|smallest|fewest)\b"
)
_WHICH = re.compile(r"哪一?个?(?P<what>月|季度)份?|\bwhich (?P<english>month|quarter)\b")
_LESS = frozenset({"少", "低", "小", "least", "lowest", "smallest", "fewest"})
_TEXTS, _LONGEST, _CERTAINTY, _LEAST = 3, 70, 0.85, 3


class PeriodColumns:
    """Answers questions over several columns of one row, each of which is a month or a quarter."""

    def __init__(self, cells: AnchoredCells, aliases: Aliases) -> None:
        self._cells = cells
        self._aliases = aliases

    def answer(self, read: Question, tables: Mapping[int, KnownTable]) -> FactResult | None:
        """The sum over the asked periods, or the period with the most; None where that is not asked or not wholly clear."""
        span, which = _SPAN.search(read.text), _WHICH.search(read.text)
        most = _MOST.search(read.text) if which else None
        if (span is None and most is None) or len(read.text) > _LONGEST:
            return None
        periodic = {
            n: t for n, t in tables.items() if len(_periods(t, "月")) + len(_periods(t, "季")) >= _LEAST
        }
        for text in (read.text, *self._aliases.renamed(read.text))[:_TEXTS] if periodic else ():
            asked = _SPAN.search(text) if span is not None else None
            bare = text if asked is None else _blank(text, *asked.span())
            for pattern in (_SUM, *((_WHICH, _MOST) if most else ())):
                bare = pattern.sub(lambda match: " " * len(match[0]), bare)
            anchors = self._cells.anchors(replace(read, text=bare, mentions=()), bare, periodic)
            found = [r for a in anchors if (r := self._over(bare, a, asked, (which, most))) is not None]
            if len(found) == 1:
                return found[0]
        return None

    def _over(
        self,
        bare: str,
        anchor: Anchor,
        span: re.Match[str] | None,
        strongest: tuple[re.Match[str] | None, re.Match[str] | None],
    ) -> FactResult | None:
        """What the periods of one row come to, where all else of the question is said by the table's title."""
        table, (which, most) = anchor.table, strongest
        unit = (
            "季" if which is not None and (which["what"] == "季度" or which["english"] == "quarter") else "月"
        )
        columns = _positions(table, span) if span is not None else tuple(_periods(table, unit).values())
        if not columns or (which is not None and most is None):
            return None
        left = Left.of(f"{bare[: anchor.start]}\0{bare[anchor.end :]}")
        if self._cells.column_words(table, columns[0]).weigh(left) is None:
            return None
        facts = tuple(fact(table, anchor.row, position) for position in columns)
        values = [number_of(each.value) for each in facts]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return None
        return _strongest(facts, known, most) if most is not None else _total(facts, known, table)


def _strongest(facts: Sequence[Fact], values: Sequence[Decimal], most: re.Match[str]) -> FactResult | None:
    less = (most["way"] or most["english"]) in _LESS
    end = (min if less else max)(values)
    best = tuple(each for each, value in zip(facts, values, strict=True) if value == end)
    return FactResult(
        "found", f"{len(facts)} 栏中{'最小' if less else '最大'}的", best, column=best[0].column, confidence=_CERTAINTY,
        operation="value", total=1, subject=best[0].label, query="SELECT periods FROM rows WHERE name = :name",
        parameters=(best[0].label,),
    )  # fmt: skip


def _total(facts: Sequence[Fact], values: Sequence[Decimal], table: KnownTable) -> FactResult:
    units = {table.stored.table.columns[p].unit for p in range(len(table.stored.table.columns))} - {""}
    unit = facts[0].unit if len(units) == 1 else ""
    return FactResult(
        "found", f"{len(facts)} 栏之和", tuple(facts), column=facts[0].column, confidence=_CERTAINTY, operation="sum",
        computed=f"{sum(values, Decimal(0)):,f}{unit}", total=1, subject=facts[0].label,
        query="SELECT periods FROM rows WHERE name = :name", parameters=(facts[0].label,),
    )  # fmt: skip


def _periods(table: KnownTable, unit: str) -> dict[int, int]:
    """The columns of numbers that are each one month (or quarter) of a year, by its number; none where two are the same."""
    found: dict[int, int] = {}
    for position, column in enumerate(table.stored.table.columns):
        last = plain(column.name).rsplit("/", 1)[-1]
        named = months_in(f"in {last}") if unit == "月" else quarters_in(last)
        if column.kind not in NUMERIC or len(named) != 1:
            continue
        number = next(iter(named))
        if number in found:
            return {}
        found[number] = position
    return found


def _positions(table: KnownTable, span: re.Match[str]) -> tuple[int, ...]:
    """The columns whose numbers make up a span of time; empty where one of them is missing, or one column is the span itself."""
    if any(plain(span[0]) in plain(column.name).rsplit("/", 1)[-1] for column in table.stored.table.columns):
        return ()
    wanted = _months(span)
    months, quarters = _periods(table, "月"), _periods(table, "季")
    if wanted and all(month in months for month in wanted):
        return tuple(months[month] for month in wanted)
    whole = sorted({(month - 1) // 3 + 1 for month in wanted})
    if len(whole) * 3 == len(wanted) and all(quarter in quarters for quarter in whole):
        return tuple(quarters[quarter] for quarter in whole)
    return ()


def _months(span: re.Match[str]) -> tuple[int, ...]:
    if span["half"]:
        return tuple(range(1, 7) if span["half"].startswith(("上", "first")) else range(7, 13))
    if span["year"]:
        return tuple(range(1, 13))
    if span["quarter"]:
        (number,) = quarters_in(span["quarter"]) or {0}
        return tuple(range(3 * number - 2, 3 * number + 1)) if number else ()
    ends = [next(iter(months_in(f"{span[side]}月")), 0) for side in ("first", "last")]
    return tuple(range(ends[0], ends[1] + 1)) if 0 < ends[0] < ends[1] else ()


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]
