"""Selections as statements: the rows of a table that meet conditions, their numbers and their groups."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from retrieval.facts.tables.store import fact_cells, fact_rows, of_table

if TYPE_CHECKING:
    from retrieval.facts.types import Condition, Selection


def rows_meant(selection: Selection, offset: int, limit: int) -> sa.Select[Any]:
    """One page of the rows; by their place in the file unless the selection orders them."""
    query = all_rows_meant(selection)
    if selection.order is not None:
        ordering = _cells("ordering")
        query = query.join(
            ordering, (ordering.c.row_id == fact_rows.c.id) & (ordering.c.position == selection.order)
        ).where(ordering.c.number.is_not(None), ordering.c.table_number == selection.table_number)
        number = ordering.c.number
        query = query.order_by(number.desc() if selection.descending else number.asc())
    return query.order_by(fact_rows.c.id).offset(offset).limit(limit)


def all_rows_meant(selection: Selection) -> sa.Select[Any]:
    """All rows, in no order."""
    return _selected(sa.select(fact_rows), selection)


def how_many(selection: Selection) -> sa.Select[Any]:
    """The number of rows."""
    return _selected(sa.select(sa.func.count(fact_rows.c.id)), selection)


def numbers_of(selection: Selection, position: int) -> sa.Select[Any]:
    """Row id, folded text and number of every cell of the column `position` that has a number."""
    value = _cells("value")
    query = _selected(sa.select(fact_rows.c.id, value.c.folded, value.c.number), selection)
    query = query.join(value, (value.c.row_id == fact_rows.c.id) & (value.c.position == position))
    query = query.where(value.c.number.is_not(None), value.c.table_number == selection.table_number)
    return query.order_by(fact_rows.c.id)


def texts_of(selection: Selection, position: int, measure: int | None) -> sa.Select[Any]:
    """Folded text of the column `position` and row id, with folded text and number of `measure` where one is given."""
    by = _cells("by")
    query = _selected(sa.select(by.c.folded, fact_rows.c.id), selection)
    query = query.join(by, (by.c.row_id == fact_rows.c.id) & (by.c.position == position))
    query = query.where(by.c.table_number == selection.table_number).order_by(fact_rows.c.id)
    if measure is None:
        return query
    value = _cells("value")
    return query.add_columns(value.c.folded, value.c.number).outerjoin(
        value, (value.c.row_id == fact_rows.c.id) & (value.c.position == measure)
    )


@cache
def _cells(name: str) -> Any:
    """The table of cells under another name; made once, since making it takes longer than most look-ups."""
    return fact_cells.alias(name)


def _selected(query: sa.Select[Any], selection: Selection) -> sa.Select[Any]:
    """The query over rows with a selection's conditions; rows that sum others up are never among them."""
    query = query.where(fact_rows.c.summary.is_(False))
    if not selection.conditions:
        return query.where(of_table(fact_rows.c.id, selection.table_number))
    ordered = sorted(selection.conditions, key=lambda c: (c.negated, c.rows is None, c.rows or 0))
    for count, condition in enumerate(ordered):
        cell = _cells(f"c{count}")
        meeting = _meeting(cell, selection.table_number, condition)
        if count == 0 and not condition.negated:
            query = query.where(fact_rows.c.id.in_(meeting))
        else:
            if count == 0:
                query = query.where(of_table(fact_rows.c.id, selection.table_number))
            exists = meeting.where(cell.c.row_id == fact_rows.c.id).exists()
            query = query.where(sa.not_(exists) if condition.negated else exists)
    return query


def _meeting(cell: Any, table_number: int, condition: Condition) -> sa.Select[Any]:
    """The ids of the rows that meet one condition."""
    meeting = sa.select(cell.c.row_id).where(
        cell.c.table_number == table_number, cell.c.position == condition.position
    )
    if condition.texts:
        meeting = meeting.where(cell.c.folded.in_(condition.texts))
    if condition.low is not None:
        meeting = meeting.where(
            cell.c.number > condition.low if condition.open_low else cell.c.number >= condition.low
        )
    if condition.high is not None:
        meeting = meeting.where(
            cell.c.number < condition.high if condition.open_high else cell.c.number <= condition.high
        )
    return meeting
