"""Runs a selection of rows as a list, a count, an extreme or a total; the values come from the cells alone."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from retrieval.facts.answers import fact, facts_of
from retrieval.facts.types import Condition, FactResult
from retrieval.facts.values import comparable, number_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.settings import FactSettings
    from retrieval.facts.store import FactStore
    from retrieval.facts.types import Column, FactStatus, Selection, TableRow

_CERTAINTY = 0.9


class TableQueries:
    """The read-only queries on one table; every result carries the statement that was run."""

    def __init__(self, store: FactStore, settings: FactSettings) -> None:
        self._store = store
        self._page_size = settings.page_size

    def count(self, table: KnownTable, selection: Selection, columns: Sequence[int]) -> FactResult:
        """How many rows there are, with the first page of them."""
        total = self._store.count(selection)
        rows = self._store.select(selection, limit=self._page_size)
        result = self._result(table, selection, columns, rows)
        return replace(
            result, operation="count", computed=str(total), total=total, reason=f"符合条件的有 {total} 行"
        )

    def page(
        self, table: KnownTable, selection: Selection, columns: Sequence[int], offset: int = 0
    ) -> FactResult:
        """One page of the rows, from `offset` on; `total` counts all of them."""
        total = self._store.count(selection)
        rows = self._store.select(selection, offset, self._page_size) if total else []
        result = self._result(table, selection, columns, rows)
        status: FactStatus = "found" if total else "absent"
        reason = f"符合条件的有 {total} 行" if total else "没有符合条件的行"
        return replace(result, status=status, operation="list", total=total, offset=offset, reason=reason)

    def extreme(
        self, table: KnownTable, selection: Selection, position: int, *, largest: bool
    ) -> FactResult | None:
        """All rows with the largest or smallest number in a column; None where no cell has a number."""
        ordered = replace(selection, order=position, descending=largest)
        first = self._store.select(ordered, limit=1)
        column = table.stored.table.columns[position]
        best = comparable(first[0].cells[position], column.kind) if first else None
        if best is None:
            return None
        same = replace(ordered, conditions=(*selection.conditions, Condition(position, (), best, best)))
        total = self._store.count(same)
        rows = self._store.select(same, limit=self._page_size) or first
        result = self._result(table, ordered, [table.key, position], rows)
        word = "最大" if largest else "最小"
        return replace(
            result, operation="max" if largest else "min", total=max(total, 1), subject=rows[0].cells[table.key],
            reason=f"{column.name}{word}的一行" if total < 2 else f"{column.name}{word}的有 {total} 行并列",
            query=f"{result.query} ORDER BY {column.name} {'DESC' if largest else 'ASC'}",
        )  # fmt: skip

    def total(
        self, table: KnownTable, selection: Selection, position: int, *, average: bool
    ) -> FactResult | None:
        """The exact decimal sum or the average of a column; None where no cell has a number."""
        found = self._store.numbers(selection, position)
        column = table.stored.table.columns[position]
        values = [number_of(folded) or Decimal(repr(number)) for _, folded, number in found]
        if not values:
            return None
        total = sum(values, Decimal(0))
        rows = self._store.rows([row_id for row_id, _, _ in found[: self._page_size]])
        facts = tuple(fact(table, rows[row_id], position) for row_id in sorted(rows))
        result = self._result(table, selection, [position], [])
        return replace(
            result, facts=facts, operation="average" if average else "sum", total=len(values),
            computed=_shown(_rounded(total / len(values), values) if average else total, column),
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


def _rounded(value: Decimal, values: Sequence[Decimal]) -> Decimal:
    """An average with two more places than the values have."""
    places = max(0, *(-int(v.as_tuple().exponent) for v in values))
    return round(value, places + 2).normalize()


def _shown(number: Decimal, column: Column) -> str:
    """A computed number with the unit of its column, if that is a single one."""
    if column.kind == "percent":
        return f"{number * 100:,f}".rstrip("0").rstrip(".") + "%"
    return f"{number:,f}" + ("" if re.search(r"[,，/]", column.unit) else column.unit)
