"""Questions about many rows: lists, counts, extremes, totals, comparisons and yes or no, as read-only queries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.facts.catalogue import columns_for, match_columns
from retrieval.facts.comparing import RowQuestions
from retrieval.facts.conditions import comparisons
from retrieval.facts.normalize import fold
from retrieval.facts.operations import NUMERIC, number_column, oldest_is_smallest, unexplained
from retrieval.facts.running import TableQueries
from retrieval.facts.spans import ValueReader
from retrieval.facts.types import Condition, FactResult, Selection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.columns import Vocabulary
    from retrieval.facts.conditions import Comparison
    from retrieval.facts.finding import RowFinder
    from retrieval.facts.questions import Mention, Question
    from retrieval.facts.settings import FactSettings
    from retrieval.facts.spans import Span
    from retrieval.facts.store import FactStore

_LONGEST_QUESTION = 120


@dataclass(frozen=True, slots=True)
class Plan:
    """A question as understood for one table; `rest` is what nothing explains."""

    table: KnownTable
    selection: Selection
    spans: tuple[Span, ...]
    mentions: tuple[Mention, ...]
    rest: str
    anchored: bool


class TableQuestions:
    """Answers questions that select, count or compare rows."""

    def __init__(
        self, store: FactStore, finder: RowFinder, vocabulary: Vocabulary, settings: FactSettings
    ) -> None:
        self._finder = finder
        self._vocabulary = vocabulary
        self._queries = TableQueries(store, settings)
        self._values = ValueReader(store, vocabulary)
        self._rows = RowQuestions(finder, self._values, vocabulary)

    def answer(self, read: Question, tables: Mapping[int, KnownTable], offset: int = 0) -> FactResult | None:
        """The answer, or None where the question is of no such kind or not wholly understood."""
        if len(read.text) > _LONGEST_QUESTION:
            return None
        bounds = comparisons(read.text)
        if read.operation == "compare":
            compared = self._rows.compare(read, tables)
            if compared is not None or not bounds:
                return compared
        if read.operation == "check":
            return self._rows.check(read, bounds, tables)
        plans = self._plans(read, bounds, tables)
        if not plans:
            return None
        if len(plans) > 1:
            plans = self._by_mentions(plans)
        results = [result for plan in plans if (result := self._run(read, plan, offset)) is not None]
        if len(results) == 1:
            return results[0]
        return None

    # Understanding

    def _plans(
        self, read: Question, bounds: Sequence[Comparison], tables: Mapping[int, KnownTable]
    ) -> list[Plan]:
        spans = self._values.spans(read, bounds, tables)
        plans = [self._plan(read, bounds, table, spans.get(number, [])) for number, table in tables.items()]
        whole = [plan for plan in plans if plan is not None and not plan.rest and plan.anchored]
        most = max((sum(s.end - s.start for s in plan.spans) for plan in whole), default=0)
        return [plan for plan in whole if sum(s.end - s.start for s in plan.spans) == most]

    def _by_mentions(self, plans: list[Plan]) -> list[Plan]:
        """Those of the plans whose columns the question's words fit best."""
        fits = [sum(match_columns(m, plan.table, self._vocabulary)[0] for m in plan.mentions) for plan in plans]
        return [plan for plan, fit in zip(plans, fits, strict=True) if fit == max(fits)]

    def _plan(
        self, read: Question, bounds: Sequence[Comparison], table: KnownTable, spans: Sequence[Span]
    ) -> Plan | None:
        mentions = [m for m in read.mentions if columns_for(m, table, self._vocabulary)]
        chosen = self._chosen(read, spans, mentions, table)
        mentions = [m for m in mentions if all(m.end <= s.start or s.end <= m.start for s in chosen)]
        mentions = [m for m in mentions if all(m.end <= b.start or b.end <= m.start for b in bounds)]
        conditions: list[Condition] = []
        for position in dict.fromkeys(s.position for s in chosen):
            texts = tuple(dict.fromkeys(t for s in chosen if s.position == position for t in s.texts))
            rows = sum(s.rows for s in chosen if s.position == position)
            conditions.append(Condition(position, texts, rows=rows))
        for bound in bounds:
            condition = self._values.condition(read, bound, table, mentions)
            if condition is None:
                return None
            conditions.append(condition)
        taken = [(s.start, s.end) for s in chosen] + [(b.start, b.end) for b in bounds]
        taken += [(m.start, m.end) for m in mentions]
        columns = [c.position for c in conditions] + [
            p for m in mentions for p in columns_for(m, table, self._vocabulary)
        ]
        operated = self._operated(read, table)
        if _clash(read.text, chosen):
            return None
        rest, named = self._rest(read.text, taken, table, [*columns, *operated])
        anchored = (
            bool(conditions) or named or bool(operated) or any(self._names_rows(m, table) for m in mentions)
        )
        return Plan(
            table, Selection(table.number, tuple(conditions)), tuple(chosen), tuple(mentions), rest, anchored
        )

    def _chosen(
        self, read: Question, spans: Sequence[Span], mentions: Sequence[Mention], table: KnownTable
    ) -> list[Span]:
        """The values that stand: longest first, none overlapping; a column's own name is no value of it."""
        names = {fold(column.name) for column in table.stored.table.columns}
        kept: list[Span] = []
        for span in sorted(spans, key=lambda s: (s.start - s.end, s.position in table.naming, s.position)):
            text = fold(read.text[span.start : span.end])
            if text in names or any(m.asks and m.start <= span.start and span.end <= m.end for m in mentions):
                continue
            if any(span.start < k.end and k.start < span.end for k in kept):
                continue
            if not (len(text) == 1 and not self._told(read, span, table)):
                kept.append(span)
        return kept

    def _told(self, read: Question, span: Span, table: KnownTable) -> bool:
        """Whether a single character may be a value: 男 and 女 and grades are, digits and particles are not."""
        text = read.text[span.start : span.end]
        return text in "男女" or bool(table.concepts[span.position] & {"gender", "size", "kind", "position"})

    def _operated(self, read: Question, table: KnownTable) -> list[int]:
        """The column whose extreme or total is asked, where the question names it or an adjective tells."""
        if read.operation not in {"max", "min", "sum", "average"}:
            return []
        kinds = [*sorted(NUMERIC), *(["date"] if read.operation in {"max", "min"} else [])]
        position = number_column(read, table, self._vocabulary, kinds)
        return [] if position is None else [position]

    def _names_rows(self, mention: Mention, table: KnownTable) -> bool:
        return any(position in table.naming for position in columns_for(mention, table, self._vocabulary))

    def _rest(
        self, text: str, taken: Sequence[tuple[int, int]], table: KnownTable, columns: Sequence[int]
    ) -> tuple[str, bool]:
        """What of the question nothing explains, and whether it names what the table lists.

        Parts of the headers of the columns in use say nothing new (入职 beside 入职日期).
        """
        chars = list(text)
        for start, end in taken:
            chars[start:end] = " " * (end - start)
        rest = "".join(chars)
        named = False
        for word in self._finder.kind_words(table):
            if re.search(_plural(word), rest):
                rest, named = re.sub(_plural(word), " ", rest), True
        headers = [fold(table.stored.table.columns[position].name) for position in columns]
        left = [
            part
            for part in unexplained(rest).split()
            if not any(part in h or _verb(part) in h for h in headers)
        ]
        return "".join(left), named

    # Running

    def _run(self, read: Question, plan: Plan, offset: int) -> FactResult | None:
        operation, table = read.operation, plan.table
        if operation == "count" or (operation == "sum" and _counts(read.text)):
            return self._queries.count(table, plan.selection, self._columns(plan))
        if operation in {"max", "min"}:
            position = number_column(read, table, self._vocabulary, [*sorted(NUMERIC), "date"])
            if position is None:
                return None
            largest = operation == "max" and not oldest_is_smallest(read, table, position)
            return self._queries.extreme(table, plan.selection, position, largest=largest)
        if operation in {"sum", "average"}:
            position = number_column(read, table, self._vocabulary, sorted(NUMERIC))
            average = operation == "average"
            return (
                None
                if position is None
                else self._queries.total(table, plan.selection, position, average=average)
            )
        if operation in {"list", "compare"} or plan.selection.conditions:
            return self._queries.page(table, plan.selection, self._columns(plan), offset)
        return None

    def _columns(self, plan: Plan) -> list[int]:
        """The columns that are shown of each row: its name, and those that the question mentions."""
        asked = [p for m in plan.mentions for p in columns_for(m, plan.table, self._vocabulary)[:1]]
        fixed = {c.position for c in plan.selection.conditions if c.texts}
        return list(dict.fromkeys([plan.table.key, *(p for p in asked if p not in fixed)]))


def _clash(text: str, spans: Sequence[Span]) -> bool:
    """Whether two values of one column stand in a question without an "and" or "or" between them."""
    ordered = sorted(spans, key=lambda s: s.start)
    return any(
        a.position == b.position and not re.search(r"和|或|与|及|、|,|，|\band\b|\bor\b", text[a.end : b.start])
        for i, a in enumerate(ordered)
        for b in ordered[i + 1 :]
    )


def _counts(text: str) -> bool:
    return re.search(r"多少(?!钱|元)[一-鿿]|几[个家种台名位人款]|how many", text) is not None


def _plural(word: str) -> str:
    """A pattern for a word of the question; an English one may have a plural s."""
    return rf"(?<![a-z]){re.escape(word)}(?:s|es)?(?![a-z])" if word.isascii() else re.escape(word)


def _verb(word: str) -> str:
    """The stem that an English verb shares with its noun: purchased, purchase."""
    return word[:-1] if word.isascii() and word.endswith(("ed", "es")) and len(word) > 4 else word
