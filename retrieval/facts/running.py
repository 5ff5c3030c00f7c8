"""Runs a selection of rows as a list, a count, an extreme or a total; the values come from the cells alone."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from retrieval.facts.agreement import stands_in
from retrieval.facts.answers import empty_of, fact, facts_of
from retrieval.facts.normalize import fold, plain
from retrieval.facts.quantities import amount_of
from retrieval.facts.quantities import largest as largest_of
from retrieval.facts.refuting import answers_other, costs_elsewhere, refuted
from retrieval.facts.types import Candidate, Condition, FactResult
from retrieval.facts.units import other_unit
from retrieval.facts.values import comparable, number_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.compiling import Plan
    from retrieval.facts.settings import FactSettings
    from retrieval.facts.store import FactStore
    from retrieval.facts.types import Column, FactStatus, RowGroup, Selection, TableRow

_CERTAINTY, _SHORT_NUMBER, _LOOKED_THROUGH = 0.9, 3, 500


class TableQueries:
    """The read-only queries on one table; every result carries the statement that was run."""

    def __init__(self, store: FactStore, settings: FactSettings) -> None:
        self._store = store
        self._page_size = settings.page_size

    def count(self, table: KnownTable, selection: Selection, columns: Sequence[int]) -> FactResult:
        """How many rows there are, with the first page of them."""
        listed, _ = self._page(table, selection, columns, 0)
        result, total = replace(listed, status="found"), listed.total
        return replace(
            result, operation="count", computed=str(total), total=total, reason=f"符合条件的有 {total} 行"
        )

    def page(
        self, table: KnownTable, selection: Selection, columns: Sequence[int], offset: int = 0
    ) -> FactResult:
        """One page of the rows, from `offset` on; `total` counts all of them."""
        return self._page(table, selection, columns, offset)[0]

    def _page(
        self, table: KnownTable, selection: Selection, columns: Sequence[int], offset: int
    ) -> tuple[FactResult, list[TableRow]]:
        """One page, and its rows; they are counted only where they fill it."""
        rows = self._store.select(selection, offset, self._page_size)
        all_of_them = not offset and len(rows) < self._page_size
        total = len(rows) if all_of_them else self._store.count(selection)
        result = self._result(table, selection, columns, rows)
        status: FactStatus = "found" if total else "absent"
        reason = f"符合条件的有 {total} 行" if total else "没有符合条件的行"
        told = replace(result, status=status, operation="list", total=total, offset=offset, reason=reason)
        return told, rows

    def rows(
        self, plan: Plan, offset: int = 0, *, single: bool, columns: Sequence[int] = ()
    ) -> FactResult | None:
        """The rows of a plan with the asked columns; of one row, where a single one is meant, the asked cells alone.

        None where what is left of the question does not stand in every row.
        """
        table, asked = plan.table, list(columns or plan.asked)
        wanted = [p for p in asked if not self._fixed(plan, p) and p not in table.called]
        shown = list(dict.fromkeys([table.label, *wanted])) if wanted else table.called
        result, found = self._page(table, plan.selection, shown, offset)
        if result.status == "absent":
            return result if not plan.pending else None
        if offset:
            found = self._store.select(plan.selection, limit=self._page_size)
        if plan.pending and (result.total > len(found) or not all(_says(row, plan.pending) for row in found)):
            return None
        bounded = any(c.low is not None or c.high is not None or c.bounded for c in plan.selection.conditions)
        if not wanted and not bounded and costs_elsewhere(plan.text, result.facts):
            return None
        if not single:
            return result
        if result.total == 1:
            return self._one(plan, asked, found[0], result)
        labels = [row.cells[table.label] for row in found]
        if len(set(labels)) < len(labels) and result.total <= self._page_size:
            return self._which(plan, result, found)
        return result

    def are(self, plan: Plan, rows: int) -> bool:
        """Whether the rows of a plan are just so many."""
        return self._store.count(plan.selection) == rows

    def sharing(self, plan: Plan) -> Plan | None:
        """The plan for the rows in one of whose columns the pending piece stands, where they are as many as the question says.

        机房三台设备: three devices stand in a 机房; None where there are more, or fewer, or two columns could be meant.
        """
        if (
            len(plan.pending) != 1
            or plan.claimed is None
            or plan.table.stored.table.row_count > _LOOKED_THROUGH
        ):
            return None
        part = fold(plan.pending[0])
        rows = [row for row in self._store.select(plan.selection, limit=_LOOKED_THROUGH) if not row.summary]
        found = []
        for position, column in enumerate(plan.table.stored.table.columns):
            if column.kind == "text":
                holding = [fold(row.cells[position]) for row in rows if part in fold(row.cells[position])]
                if len(holding) == plan.claimed:
                    found.append(Condition(position, tuple(dict.fromkeys(holding)), rows=len(holding)))
        if len(found) != 1:
            return None
        selection = replace(plan.selection, conditions=(*plan.selection.conditions, found[0]))
        return replace(plan, selection=selection, pending=())

    @staticmethod
    def _fixed(plan: Plan, position: int) -> bool:
        return any(
            c.position == position and c.texts and not (c.negated or c.bounded)
            for c in plan.selection.conditions
        )  # fmt: skip

    def _one(self, plan: Plan, asked: Sequence[int], row: TableRow, result: FactResult) -> FactResult | None:
        """The asked cells of the only row; its name where no column is asked, or only those that the question gave."""
        table = plan.table
        # What the question gave is no answer: then the row's name is.
        wanted = [p for p in asked if not self._fixed(plan, p)]
        if not wanted:
            if self._fixed(plan, table.label):
                return None
            wanted = [table.label]
        if plan.asked and refuted(plan.text, wanted, row, table):
            return None
        if plan.asked and other_unit(plan.unit, wanted, row, table):
            return None
        facts = facts_of(table, row, wanted)
        if wanted == [table.label] and answers_other(plan.text, facts):
            return None
        if not facts:
            return FactResult(
                "absent", f"{row.cells[table.label]} 的这一栏是空的", column=table.stored.table.columns[wanted[0]].name,
                confidence=_CERTAINTY, operation="value", subject=row.cells[table.label], empty=empty_of(table, row, wanted),
            )  # fmt: skip
        return replace(
            result, facts=facts, operation="value", column=facts[0].column, subject=row.cells[table.label],
            reason="条件只与一行相符",
        )  # fmt: skip

    @staticmethod
    def _which(plan: Plan, result: FactResult, rows: Sequence[TableRow]) -> FactResult:
        """Asks back which of the rows with the same name is meant: each with the first text that tells it apart."""
        table = plan.table
        columns = table.stored.table.columns
        telling = [
            p for p, c in enumerate(columns)
            if c.kind == "text" and p != table.label and len({row.cells[p] for row in rows}) == len(rows)
        ]  # fmt: skip
        named = tuple(
            Candidate(
                f"{row.cells[telling[0]]}{row.cells[table.label]}" if telling else row.cells[table.label],
                table.stored.table.name, row.number, table.stored.table.document_id, 1.0,
            )
            for row in rows
        )  # fmt: skip
        return replace(
            result, status="several", facts=(), candidates=named, reason=f"有 {len(rows)} 行名称相同", confidence=0.5,
            subject=rows[0].cells[table.label],
        )  # fmt: skip

    @staticmethod
    def names_one(plan: Plan) -> bool:
        """Whether a plan's conditions name a single row by a column that tells rows apart."""
        naming = {*plan.table.naming, plan.table.key, plan.table.label}
        return any(c.position in naming and c.rows == 1 and not c.negated for c in plan.selection.conditions)

    def distinct(self, plan: Plan, position: int) -> FactResult | None:
        """How many different values a column has in the rows, with the first cell of each."""
        if plan.pending:
            return None
        found = self._store.groups(plan.selection, position)
        rows = self._store.rows([group.first for group in found[: self._page_size]])
        facts = tuple(
            replace(fact(plan.table, rows[g.first], position), label="") for g in found if g.first in rows
        )
        name = plan.table.stored.table.columns[position].name
        result = self._result(plan.table, plan.selection, [position], [])
        return replace(
            result, facts=facts, operation="count", computed=str(len(found)), total=len(found),
            reason=f"{name}有 {len(found)} 个不同的值", query=" ".join(("SELECT DISTINCT", name, "FROM", f"({result.query})")),
        )  # fmt: skip

    def groups(
        self,
        plan: Plan,
        position: int,
        measure: int | None,
        *,
        largest: bool | None = None,
        average: bool = False,
    ) -> FactResult | None:
        """For each text of a column how many rows it has, or the sum or average of their numbers in another.

        With `largest` only the group, or the groups, that have the most (True) or the fewest (False). The figures
        are in `computed`; the facts are the cells that name the groups.
        """
        table = plan.table
        if measure is not None and table.mixed(measure):
            return None
        found = self._store.groups(plan.selection, position, measure)
        figures = [
            (group, figure) for group in found if (figure := _figure(group, measure, average)) is not None
        ]
        if not figures:
            return None
        figures.sort(key=lambda each: -each[1])
        if largest is not None:
            end = (max if largest else min)(figure for _, figure in figures)
            figures = [each for each in figures if each[1] == end]
        rows = self._store.rows([group.first for group, _ in figures])
        column = table.stored.table.columns
        shown = [
            f"{rows[g.first].cells[position]}：{_shown(n, column[measure], [t for t, _ in g.numbers]) if measure is not None else f'{n:,f}'}"
            for g, n in figures
        ]
        what = column[measure].name if measure is not None else "行数"
        result = self._result(table, plan.selection, [position], [])
        return replace(
            result, facts=tuple(replace(fact(table, rows[g.first], position), label="") for g, _ in figures), operation="group",
            computed="；".join(shown), total=len(figures), column=column[position].name,
            subject=rows[figures[0][0].first].cells[position], reason=f"按{column[position].name}统计{what}",
            query=" ".join(("SELECT", f"{column[position].name},", what, "FROM", f"({result.query})", "GROUP BY", column[position].name)),
        )  # fmt: skip

    def top(self, plan: Plan, position: int, *, largest: bool) -> FactResult | None:
        """The first rows by the numbers of a column; rows equal to the last of them are told too."""
        table = plan.table
        if plan.top is None or not plan.top.count or table.mixed(position):
            return None
        ordered = replace(plan.selection, order=position, descending=largest)
        rows = self._store.select(ordered, limit=min(plan.top.count, self._page_size))
        column = table.stored.table.columns[position]
        last = comparable(rows[-1].cells[position], column.kind) if rows else None
        if last is None:
            return None
        same = Condition(position, (), last, None) if largest else Condition(position, (), None, last)
        whole = replace(ordered, conditions=(*ordered.conditions, same))
        total = self._store.count(whole)
        rows = self._store.select(whole, limit=min(total, self._page_size))
        result = self._result(table, ordered, [*table.called, position], rows)
        return replace(
            result, operation="max" if largest else "min", total=total,
            reason=f"{column.name}{'最大' if largest else '最小'}的 {total} 行",
            query=f"{result.query} ORDER BY {column.name} {'DESC' if largest else 'ASC'} LIMIT {plan.top.count}",
        )  # fmt: skip

    def extreme(
        self,
        table: KnownTable,
        selection: Selection,
        position: int,
        *,
        largest: bool,
        beside: Sequence[int] = (),
    ) -> FactResult | None:
        """All rows with the largest or smallest number in a column; None where no cell has a number.

        `beside` are columns of them that are asked for too.
        """
        if table.mixed(position):
            ordered = replace(selection, order=position, descending=largest)
            best_texts = self._best_amounts(table, selection, position, largest=largest)
            if best_texts is None:
                return None
            within = Condition(position, best_texts, bounded=True)
            same = replace(ordered, conditions=(*selection.conditions, within))
            return self._ends(table, ordered, same, beside)
        ordered = replace(selection, order=position, descending=largest)
        first = self._store.select(ordered, limit=1)
        kind = table.stored.table.columns[position].kind
        best = comparable(first[0].cells[position], kind) if first else None
        if best is None:
            return None
        same = replace(ordered, conditions=(*selection.conditions, Condition(position, (), best, best)))
        return self._ends(table, ordered, same, beside, first)

    def _best_amounts(
        self, table: KnownTable, selection: Selection, position: int, *, largest: bool
    ) -> tuple[str, ...] | None:
        """The folded texts of the largest or smallest of amounts in several units (30年, 60个月); None where it is not sure."""
        unit = table.stored.table.columns[position].unit
        groups = [g for g in self._store.groups(selection, position, position) if g.text]
        amounts = {group.text: amount_of(group.text, unit) for group in groups}
        if any(group.numbers and amounts[group.text] is None for group in groups):
            # 5 between 2小时 and 3天 may be either.
            return None
        return largest_of({t: a for t, a in amounts.items() if a is not None}, smallest=not largest)

    def _ends(
        self,
        table: KnownTable,
        ordered: Selection,
        same: Selection,
        beside: Sequence[int],
        first: Sequence[TableRow] = (),
    ) -> FactResult | None:
        """The rows that `same` means, as those with the largest or smallest number by which `ordered` orders."""
        position, largest = ordered.order, ordered.descending
        rows = self._store.select(same, limit=self._page_size) or list(first)
        if position is None or not rows:
            return None
        column = table.stored.table.columns[position]
        total = self._store.count(same)
        result = self._result(table, ordered, [*table.called, position, *beside], rows)
        word = "最大" if largest else "最小"
        return replace(
            result, operation="max" if largest else "min", total=max(total, 1), subject=rows[0].cells[table.label],
            reason=f"{column.name}{word}的一行" if total < 2 else f"{column.name}{word}的有 {total} 行并列",
            query=f"{result.query} ORDER BY {column.name} {'DESC' if largest else 'ASC'}",
        )  # fmt: skip

    def total(
        self, table: KnownTable, selection: Selection, position: int, *, average: bool
    ) -> FactResult | None:
        """The exact decimal sum or the average of a column; None where no cell has a number, or they are in several units."""
        if table.mixed(position):
            return None
        found = self._store.numbers(selection, position)
        column = table.stored.table.columns[position]
        values = [_exact(folded, number) for _, folded, number in found]
        if not values:
            return None
        total = sum(values, Decimal(0))
        rows = self._store.rows([row_id for row_id, _, _ in found[: self._page_size]])
        facts = tuple(fact(table, rows[row_id], position) for row_id in sorted(rows))
        result = self._result(table, selection, [position], [])
        return replace(
            result, facts=facts, operation="average" if average else "sum", total=len(values),
            computed=_shown(
                _rounded(total / len(values), values) if average else total, column, [text for _, text, _ in found]
            ),
            reason=f"{len(values)} 行的{column.name}{'的平均值' if average else '之和'}",
        )  # fmt: skip

    def _result(
        self, table: KnownTable, selection: Selection, columns: Sequence[int], rows: Sequence[TableRow]
    ) -> FactResult:
        run = self._store.explain(selection)
        return FactResult(
            "found", "", tuple(f for row in rows for f in facts_of(table, row, columns)),
            column=table.stored.table.columns[columns[-1]].name, confidence=_CERTAINTY,
            query=run.statement, parameters=run.parameters,
        )  # fmt: skip


def _says(row: TableRow, parts: Sequence[str]) -> bool:
    """Whether every part stands in some cell of the row; a single character only as the whole cell (海 of 丰海粮油 is no part), a Latin word only whole (east, breast)."""
    cells = [fold(cell) for cell in row.cells]
    words = " ".join(plain(cell) for cell in row.cells)
    folded = [fold(part) for part in parts]
    if any(part.isdecimal() and len(part) <= _SHORT_NUMBER for part in folded):
        # 流体力学2 is not 流体力学, though it gives 2 credits.
        return False
    return all(
        any(part == cell or (len(part) > 1 and part in cell) for cell in cells)
        and (not part.isascii() or stands_in(plain(shown), words))
        for part, shown in zip(folded, parts, strict=True)
    )


def _figure(group: RowGroup, measure: int | None, average: bool) -> Decimal | None:
    if measure is None:
        return Decimal(group.rows)
    values = [_exact(folded, number) for folded, number in group.numbers]
    if not values:
        return None
    total = sum(values, Decimal(0))
    return _rounded(total / len(values), values) if average else total


def _rounded(value: Decimal, values: Sequence[Decimal]) -> Decimal:
    """An average with two more places than the values have."""
    places = max(0, *(-int(v.as_tuple().exponent) for v in values))
    return round(value, places + 2).normalize()


def _exact(folded: str, number: float) -> Decimal:
    """The number as its cell writes it (0 has no decimals, which repr(0.0) would add)."""
    value = number_of(folded)
    return Decimal(repr(number)) if value is None else value


def _shown(number: Decimal, column: Column, cells: Sequence[str]) -> str:
    """A computed number with the unit of its column, if that is a single one; `cells` are those that it was computed from."""
    if column.kind == "percent" and any("%" in cell or "‰" in cell for cell in cells):
        return f"{number * 100:,f}".rstrip("0").rstrip(".") + "%"
    return f"{number:,f}" + ("" if re.search(r"[,，/]", column.unit) else column.unit)
