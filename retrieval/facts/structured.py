"""Questions about many rows: lists, counts, extremes, totals, comparisons and yes or no, as read-only queries."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from retrieval.facts.answers import fact, facts_of
from retrieval.facts.catalogue import columns_for, match_columns
from retrieval.facts.comparing import RowQuestions
from retrieval.facts.conditions import comparisons
from retrieval.facts.normalize import fold
from retrieval.facts.operations import NUMERIC, is_earlier_larger, number_column, unexplained
from retrieval.facts.spans import ValueReader
from retrieval.facts.types import Condition, FactResult, Selection
from retrieval.facts.values import comparable, number_of

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
    from retrieval.facts.types import Column, Fact, FactStatus, TableRow

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
        self._store = store
        self._finder = finder
        self._vocabulary = vocabulary
        self._settings = settings
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
            conditions.append(Condition(position, texts))
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
        operation = read.operation
        if operation == "count" or (operation == "sum" and _counts(read.text)):
            return self._count(plan)
        if operation in {"max", "min"}:
            return self._extreme(read, plan)
        if operation in {"sum", "average"}:
            return self._total(read, plan)
        if operation in {"list", "compare"} or plan.selection.conditions:
            return self._list(plan, offset)
        return None

    def _count(self, plan: Plan) -> FactResult:
        total = self._store.count(plan.selection)
        rows = self._store.select(plan.selection, limit=self._settings.page_size)
        return self._result(plan, rows, "count", str(total), total, f"符合条件的有 {total} 行")

    def _list(self, plan: Plan, offset: int) -> FactResult:
        total = self._store.count(plan.selection)
        rows = self._store.select(plan.selection, offset, self._settings.page_size)
        if not total:
            return self._result(plan, (), "list", "", 0, "没有符合条件的行")
        result = self._result(plan, rows, "list", "", total, f"符合条件的有 {total} 行")
        return replace(result, offset=offset)

    def _result(
        self, plan: Plan, rows: Sequence[TableRow], operation: str, computed: str, total: int, reason: str
    ) -> FactResult:
        table = plan.table
        asked = [p for m in plan.mentions for p in columns_for(m, table, self._vocabulary)[:1]]
        fixed = {c.position for c in plan.selection.conditions if c.texts}
        columns = list(dict.fromkeys([table.key, *(p for p in asked if p not in fixed)]))
        facts: list[Fact] = []
        for row in rows:
            facts.extend(facts_of(table, row, columns))
        run = self._store.explain(plan.selection)
        status: FactStatus = "found" if total or operation == "count" else "absent"
        return FactResult(
            status, reason, tuple(facts), column=table.stored.table.columns[columns[-1]].name, confidence=0.9,
            operation=operation, computed=computed, total=total, query=run.statement, parameters=run.parameters,
        )  # fmt: skip

    def _extreme(self, read: Question, plan: Plan) -> FactResult | None:
        position = number_column(read, plan.table, self._vocabulary, [*sorted(NUMERIC), "date"])
        if position is None:
            return None
        largest = read.operation == "max" and not is_earlier_larger(read, plan.table, position)
        selection = replace(plan.selection, order=position, descending=largest)
        first = self._store.select(selection, limit=1)
        if not first:
            return None
        column = plan.table.stored.table.columns[position]
        best = comparable(first[0].cells[position], column.kind)
        same = replace(selection, conditions=(*selection.conditions, Condition(position, (), best, best)))
        total = self._store.count(same)
        rows = self._store.select(same, limit=self._settings.page_size) if best is not None else first
        facts = [f for row in rows for f in facts_of(plan.table, row, [plan.table.key, position])]
        run = self._store.explain(selection)
        return FactResult(
            "found", f"{column.name}{'最大' if largest else '最小'}的一行" if total < 2 else f"有 {total} 行并列",
            tuple(facts), column=column.name, confidence=0.9, operation=read.operation, total=max(total, 1),
            query=f"{run.statement} ORDER BY {column.name} {'DESC' if largest else 'ASC'}", parameters=run.parameters,
            subject=rows[0].cells[plan.table.key],
        )  # fmt: skip

    def _total(self, read: Question, plan: Plan) -> FactResult | None:
        position = number_column(read, plan.table, self._vocabulary, sorted(NUMERIC))
        if position is None:
            return None
        found = self._store.numbers(plan.selection, position)
        column = plan.table.stored.table.columns[position]
        values = [number_of(folded) or Decimal(repr(number)) for _, folded, number in found]
        if not values:
            return None
        total = sum(values, Decimal(0))
        shown = total if read.operation == "sum" else _rounded(total / len(values), values)
        rows = list(self._store.rows([row_id for row_id, _, _ in found[: self._settings.page_size]]).values())
        facts = tuple(fact(plan.table, row, position) for row in sorted(rows, key=lambda r: r.id))
        run = self._store.explain(plan.selection)
        word = "之和" if read.operation == "sum" else "的平均值"
        return FactResult(
            "found", f"{len(values)} 行的{column.name}{word}", facts, column=column.name, confidence=0.9,
            operation=read.operation, computed=_shown(shown, column),
            total=len(values), query=run.statement, parameters=run.parameters,
        )  # fmt: skip


def _counts(text: str) -> bool:
    return re.search(r"多少(?!钱|元)[一-鿿]|几[个家种台名位人款]|how many", text) is not None


def _rounded(value: Decimal, values: Sequence[Decimal]) -> Decimal:
    """An average with two more places than the values have."""
    places = max(0, *(-int(v.as_tuple().exponent) for v in values))
    return round(value, places + 2).normalize()


def _shown(number: Decimal, column: Column) -> str:
    """A computed number with the unit of its column, if that is a single one."""
    if column.kind == "percent":
        return f"{number * 100:,f}".rstrip("0").rstrip(".") + "%"
    return f"{number:,f}" + ("" if re.search(r"[,，/]", column.unit) else column.unit)


def _plural(word: str) -> str:
    """A pattern for a word of the question; an English one may have a plural s."""
    return rf"(?<![a-z]){re.escape(word)}(?:s|es)?(?![a-z])" if word.isascii() else re.escape(word)


def _verb(word: str) -> str:
    """The stem that an English verb shares with its noun: purchased, purchase."""
    return word[:-1] if word.isascii() and word.endswith(("ed", "es")) and len(word) > 4 else word
