"""Queries that a language model proposes: checked against the visible tables, then run like any other.

The model chooses a table, columns and conditions in the same restricted form that the rules compile to; it never
gives a value, so what is answered still comes from the cells alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.facts.errors import BadProposalError
from retrieval.facts.normalize import fold
from retrieval.facts.operations import NUMERIC
from retrieval.facts.types import Condition, FactResult, Selection
from retrieval.facts.values import comparable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.running import TableQueries
    from retrieval.facts.types import ProposedCondition, ProposedQuery

_OPERATORS = ("=", "<", "<=", ">", ">=")


def run_proposal(
    proposal: ProposedQuery, tables: Iterable[KnownTable], queries: TableQueries, offset: int = 0
) -> FactResult:
    """Runs a proposed query; raises `BadProposalError` naming what no visible table has."""
    known = {table.stored.table.id: table for table in tables}
    table = known.get(proposal.table_id)
    if table is None:
        raise BadProposalError(f"table {proposal.table_id!r}", tuple(known))
    conditions = tuple(_condition(table, condition) for condition in proposal.conditions)
    selection = Selection(table.number, conditions)
    columns = [_column(table, name) for name in proposal.columns] or [table.label]
    if proposal.operation == "list":
        return queries.page(table, selection, list(dict.fromkeys([table.label, *columns])), offset)
    if proposal.operation == "count":
        return queries.count(table, selection, [table.label])
    position = columns[-1]
    kind = table.stored.table.columns[position].kind
    if kind not in NUMERIC and not (kind == "date" and proposal.operation in {"max", "min"}):
        numeric = tuple(c.name for c in table.stored.table.columns if c.kind in NUMERIC)
        raise BadProposalError(f"{proposal.operation} of column {proposal.columns[-1:]}", numeric)
    if proposal.operation in {"max", "min"}:
        result = queries.extreme(table, selection, position, largest=proposal.operation == "max")
    else:
        result = queries.total(table, selection, position, average=proposal.operation == "average")
    return result or FactResult("absent", "没有符合条件的数值", operation=proposal.operation)


def _column(table: KnownTable, name: str) -> int:
    columns = table.stored.table.columns
    found = next((p for p, column in enumerate(columns) if fold(column.name) == fold(name)), None)
    if found is None:
        raise BadProposalError(f"column {name!r}", tuple(column.name for column in columns))
    return found


def _condition(table: KnownTable, proposed: ProposedCondition) -> Condition:
    position = _column(table, proposed.column)
    if proposed.operator not in _OPERATORS:
        raise BadProposalError(f"operator {proposed.operator!r}", _OPERATORS)
    if proposed.operator == "=":
        return Condition(position, (fold(proposed.value),))
    kind = table.stored.table.columns[position].kind
    number = comparable(proposed.value, kind)
    if number is None or table.mixed(position):
        raise BadProposalError(f"value {proposed.value!r} of column {proposed.column!r}", (f"a {kind}",))
    if proposed.operator in {"<", "<="}:
        return Condition(position, (), None, number, open_high=proposed.operator == "<")
    return Condition(position, (), number, None, open_low=proposed.operator == ">")
