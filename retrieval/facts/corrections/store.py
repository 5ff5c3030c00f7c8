"""Corrections of tables: kept beside the grids and applied by deriving the tables anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from retrieval.facts.errors import UnknownTableError
from retrieval.facts.layout import lay_out
from retrieval.facts.records import read_correction
from retrieval.facts.tables.store import (
    corrections_by_table,
    derive,
    drop_derived,
    fact_corrections,
    fact_grids,
    fact_tables,
    load_grid,
    owners,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.facts.types import Column, Correction


def correct(connection: sa.Connection, correction: Correction) -> None:
    """Keeps a person's words about a table and derives it anew from the stored grid; the caller's transaction commits.

    Raises `UnknownTableError` when no stored document of that source has such a table and `BadCorrectionError` when
    the words do not fit it.
    """
    places = _places(connection, correction)
    # A correction that does not fit must not be kept: this raises.
    for place in places:
        lay_out(load_grid(connection, place.id), {correction.ordinal: correction})
    _keep(connection, correction)
    _derive_anew(connection, correction.source, correction.table, places)


def columns_with(connection: sa.Connection, correction: Correction) -> tuple[Column, ...]:
    """The columns that the corrected table would have, without keeping anything; raises as `correct` does."""
    places = _places(connection, correction)
    laid = lay_out(load_grid(connection, places[0].id), {correction.ordinal: correction})
    if correction.ordinal >= len(laid):
        raise UnknownTableError(correction.source, correction.table, correction.ordinal, ())
    return laid[correction.ordinal].columns


def forget(connection: sa.Connection, source: str, table: str, ordinal: int) -> bool:
    """Takes a correction back and reads the table anew as found; returns whether there was one."""
    if connection.execute(sa.delete(fact_corrections).where(_of(source, table, ordinal))).rowcount == 0:
        return False
    _derive_anew(connection, source, table, _grids(connection, source, table))
    return True


def all_corrections(connection: sa.Connection) -> list[Correction]:
    """All corrections that people made, oldest first."""
    query = sa.select(fact_corrections.c.content).order_by(fact_corrections.c.id)
    return [read_correction(content) for content in connection.execute(query).scalars()]


def _of(source: str, table: str, ordinal: int) -> sa.ColumnElement[bool]:
    return (
        (fact_corrections.c.source == source)
        & (fact_corrections.c.grid == table)
        & (fact_corrections.c.ordinal == ordinal)
    )


def _places(connection: sa.Connection, correction: Correction) -> Sequence[Any]:
    places = _grids(connection, correction.source, correction.table)
    if not places:
        names = _names(connection, correction.source)
        raise UnknownTableError(correction.source, correction.table, correction.ordinal, names)
    return places


def _grids(connection: sa.Connection, source: str, table: str) -> Sequence[Any]:
    return connection.execute(
        sa.select(fact_grids.c.id, fact_grids.c.ordinal, fact_grids.c.document_id)
        .join_from(fact_grids, owners, owners.c.id == fact_grids.c.document_id)
        .where(owners.c.source == source, fact_grids.c.name == table)
    ).all()


def _names(connection: sa.Connection, source: str) -> tuple[str, ...]:
    query = (
        sa.select(fact_grids.c.name)
        .join_from(fact_grids, owners, owners.c.id == fact_grids.c.document_id)
        .where(owners.c.source == source)
        .order_by(fact_grids.c.ordinal)
    )
    return tuple(connection.execute(query).scalars())


def _derive_anew(connection: sa.Connection, source: str, table: str, places: Sequence[Any]) -> None:
    words = corrections_by_table(connection, source).get(table, {})
    for place in places:
        drop_derived(connection, fact_tables.c.grid_id == place.id)
        grid = load_grid(connection, place.id)
        derive(connection, (place.document_id, place.id, place.ordinal), grid, words)


def _keep(connection: sa.Connection, correction: Correction) -> None:
    content = orjson.dumps(correction).decode()
    where = _of(correction.source, correction.table, correction.ordinal)
    if connection.execute(sa.update(fact_corrections).where(where).values(content=content)).rowcount == 0:
        connection.execute(
            sa.insert(fact_corrections).values(
                source=correction.source, grid=correction.table, ordinal=correction.ordinal, content=content
            )
        )
