"""The conditions that the values, numbers and yes-or-no words of a question set on one table."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from retrieval.facts.bands import holding
from retrieval.facts.catalogue import columns_for
from retrieval.facts.grammar import exception_after, negation_before
from retrieval.facts.normalize import fold, plain
from retrieval.facts.spans import column_scale
from retrieval.facts.types import Condition
from retrieval.facts.values import number_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.columns import Vocabulary
    from retrieval.facts.conditions import Comparison
    from retrieval.facts.finding import RowFinder
    from retrieval.facts.questions import Mention, Question
    from retrieval.facts.spans import Span, ValueReader

_AMOUNT = re.compile(
    r"(?<![\d.a-z第])(\d[\d,]*(?:\.\d+)?\s*(?:百万|千万|万|千|百|亿|k(?![a-z]))?)\s*(%|[a-z㎡℃]{1,6}|[一-鿿]{0,4})"
)
_TO = re.compile(r"\s*+(?:站|市)?\s*+(?:到|至|→|->|往|飞|\bto\b)\s*")
_ONLY_JOINT = re.compile(r"\s*(?:(?:和|或者?|与|以?及|跟|还有|、|,|，|\band\b|\bor\b|\bin\b)\s*)+")
_TRUE = ("是", "有", "yes", "y", "true", "√", "✓", "1")
_FALSE = ("否", "无", "no", "n", "false", "×", "✗", "0")
_NO = ("未", "不", "非", "没有", "没", "无", "not ", "un", "non-")
_OUT_OF = re.compile(r"\bout of\s*$")


@dataclass(slots=True)
class Draft:
    """A plan in the making: what of the text is explained, and the conditions so far."""

    text: str
    of_many: bool = False
    names: tuple[tuple[str, tuple[str, ...]], ...] = ()
    taken: list[tuple[int, int]] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)

    def free(self, start: int, end: int) -> bool:
        return all(end <= s or e <= start for s, e in self.taken)

    def rest(self) -> str:
        chars = list(self.text)
        for start, end in self.taken:
            chars[start:end] = " " * (end - start)
        return "".join(chars)


class ConditionSetter:
    """Turns what a question says of values into conditions on columns, and marks it as explained."""

    def __init__(self, finder: RowFinder, values: ValueReader, vocabulary: Vocabulary) -> None:
        self._finder = finder
        self._values = values
        self._vocabulary = vocabulary

    def values(self, draft: Draft, chosen: Sequence[Span], table: KnownTable) -> None:
        """The conditions that the values set; values joined by "or" are alternatives, and share a "not"."""
        negated: dict[int, bool] = {}
        ordered = sorted(chosen, key=lambda s: s.start)
        for at, span in enumerate(ordered):
            before = negation_before(draft.text, span.start)
            last = ordered[at - 1] if at else None
            joined = last is not None and _ONLY_JOINT.fullmatch(draft.text[last.end : span.start]) is not None
            negated[at] = before is not None or (joined and negated[at - 1])
            draft.taken.append((before[0] if before else span.start, exception_after(draft.text, span.end)))
            if (
                last is not None
                and last.position < span.position
                and _TO.fullmatch(draft.text[last.end : span.start])
            ):
                # 汉堡到卑尔根: what stands between the two ends of a way.
                draft.taken.append((last.end, span.start))
        for position, denied in dict.fromkeys((s.position, negated[at]) for at, s in enumerate(ordered)):
            mine = [s for at, s in enumerate(ordered) if (s.position, negated[at]) == (position, denied)]
            texts = tuple(dict.fromkeys(t for s in mine for t in s.texts))
            if denied and (own := self._own_words(table, position, texts)):
                # 没通过 where cells say 未通过: 有条件通过 is not meant.
                draft.conditions.append(Condition(position, own))
                continue
            draft.conditions.append(Condition(position, texts, rows=sum(s.rows for s in mine), negated=denied))

    def _own_words(self, table: KnownTable, position: int, texts: Sequence[str]) -> tuple[str, ...]:
        """The cells of a column that themselves say not: 未通过 for 通过; empty unless each of the texts has one."""
        found = self._values.standing([f"{no}{text}" for text in texts for no in _NO], table, position)
        return tuple(found) if len(found) == len(texts) else ()

    def bounds(
        self,
        draft: Draft,
        read: Question,
        bounds: Sequence[Comparison],
        table: KnownTable,
        mentions: Sequence[Mention],
    ) -> bool:
        for bound in bounds:
            if not draft.free(bound.start, bound.end):
                continue
            condition = self._values.condition(read, bound, table, mentions)
            dated = any(
                table.stored.table.columns[p].kind == "date"
                for m in mentions for p in columns_for(m, table, self._vocabulary)
            )  # fmt: skip
            titled = bool(bound.shown) and plain(bound.shown) in self._finder.title(table)
            if condition is None and titled and not dated:
                # 2026年 in a question to the table of that year is no condition on a column.
                draft.taken.append((bound.start, bound.end))
                continue
            if condition is None:
                return False
            draft.taken.append((bound.start, bound.end))
            draft.conditions.append(condition)
        return True

    def bands(self, draft: Draft, table: KnownTable, mentions: Sequence[Mention]) -> bool:
        """The conditions that numbers set on columns of ranges; False where a number may be meant for several."""
        for match in _AMOUNT.finditer(draft.text) if table.bands else ():
            number = number_of(match[1])
            if number is None or not draft.free(*match.span(1)):
                continue
            told = [
                p for p in table.bands if any(p in columns_for(m, table, self._vocabulary) for m in mentions)
            ]
            agreeing = [p for p in table.bands if self._same_unit(match[2], p, table)]
            fitting = (
                [p for p in agreeing if p in told]
                or agreeing
                or (told if not match[2] or len(told) == 1 else [])
            )
            if len(fitting) != 1:
                if fitting:
                    return False
                continue
            position = fitting[0]
            column = table.stored.table.columns[position]
            texts = holding(table.bands[position], float(number) / column_scale(column))
            unit = max((u for u in self._units(position, table) if match[2].startswith(u)), key=len, default="")
            draft.conditions.append(
                Condition(position, tuple(fold(text) for text in texts) or ("",), rows=len(texts))
            )
            draft.taken.append((match.start(1), match.start(2) + len(unit)))
        return True

    def _same_unit(self, said: str, position: int, table: KnownTable) -> bool:
        return any(said.startswith(unit) for unit in self._units(position, table))

    @staticmethod
    def _units(position: int, table: KnownTable) -> set[str]:
        units = {band.unit.removesuffix("的") for band in table.bands[position].values()}
        units.add(plain(table.stored.table.columns[position].unit))
        return {unit for unit in units if unit and not re.fullmatch(r"[百千万亿]+", unit)}

    def booleans(
        self, draft: Draft, read: Question, table: KnownTable, mentions: Sequence[Mention]
    ) -> list[Mention]:
        """Takes the words of yes-or-no columns for conditions (which parts are discontinued); returns the others."""
        columns = table.stored.table.columns
        if read.operation not in {"list", "count"} and (read.operation != "value" or draft.conditions):
            return list(mentions)
        kept = []
        for mention in mentions:
            found = columns_for(mention, table, self._vocabulary)
            before = negation_before(draft.text, mention.start)
            out_of = _OUT_OF.search(draft.text[: mention.start])
            before = out_of.span() if out_of else before
            if len(found) == 1 and before and self._may_be_none(table, found[0], draft.text[before[0] :]):
                # 哪些商品没有库存: none of them is zero of them.
                draft.conditions.append(Condition(found[0], (), 0.0, 0.0))
                draft.taken.append((before[0], mention.end))
                continue
            if len(found) != 1 or columns[found[0]].kind != "boolean":
                kept.append(mention)
                continue
            draft.conditions.append(Condition(found[0], _FALSE if before else _TRUE))
            draft.taken.append((before[0] if before else mention.start, mention.end))
        return kept

    @staticmethod
    def _may_be_none(table: KnownTable, position: int, rest: str) -> bool:
        """Whether 没有 before the word of a column means zero: it counts things, and 没有 is the word."""
        counts = table.stored.table.columns[position].kind == "number" and "quantity" in table.wide[position]
        return counts and rest.startswith(("没", "无", "no ", "without", "out of"))
