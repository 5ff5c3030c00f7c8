"""The fact lane's look into the database: tables, rows and cells, and a person's corrections of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from retrieval.database.store import Database
from retrieval.facts.corrections.store import all_corrections, columns_with, correct, forget
from retrieval.facts.records import read_row, read_table
from retrieval.facts.selections.store import all_rows_meant, how_many, numbers_of, rows_meant, texts_of
from retrieval.facts.tables.store import (
    BATCH,
    POSITIONS,
    fact_cells,
    fact_changes,
    fact_grids,
    fact_rows,
    fact_tables,
    of_table,
    owner_groups,
    owners,
)
from retrieval.facts.types import CellMatch, RowChange, RowGroup, RunQuery

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from retrieval.facts.types import Column, Correction, Selection, StoredTable, TableRow

# Thousands of small reads: the file is mapped into memory.
_PRAGMAS = ("synchronous = NORMAL", "mmap_size = 1073741824")
# Sorts after every character that a text may hold.
_LAST = "\U0010ffff"

# What every question asks is built once: building it anew takes longer than running it.
_LATEST = sa.select(sa.func.max(fact_changes.c.id))
_ROWS = sa.select(fact_rows).where(fact_rows.c.id.in_(sa.bindparam("ids", expanding=True)))
_ROWS_SQLITE = sa.text(
    "SELECT id, table_number, row_number, hidden, summary, cells, anchors FROM fact_rows "
    "WHERE id IN (SELECT value FROM json_each(:ids))"
).columns(*fact_rows.c)
_CELLS = (
    sa.select(fact_cells.c.row_id, fact_cells.c.position, fact_cells.c.table_number, fact_cells.c.folded)
    .where(fact_cells.c.folded.in_(sa.bindparam("folded", expanding=True)))
    .order_by(fact_cells.c.row_id, fact_cells.c.position)
    .limit(sa.bindparam("limit"))
)
_VALUES = (
    sa.select(fact_cells.c.folded, fact_cells.c.table_number, fact_cells.c.position, sa.func.count())
    .where(fact_cells.c.folded.in_(sa.bindparam("folded", expanding=True)))
    .group_by(fact_cells.c.folded, fact_cells.c.table_number, fact_cells.c.position)
)
_BEGINNING = (
    sa.select(fact_cells.c.position, fact_cells.c.folded)
    .where(
        fact_cells.c.folded >= sa.bindparam("first"),
        fact_cells.c.folded < sa.bindparam("last"),
        fact_cells.c.table_number == sa.bindparam("number"),
    )
    .distinct()
    .limit(sa.bindparam("limit"))
)
# Hundreds of stretches as one parameter: binding each of them takes longer than looking it up.
_VALUES_SQLITE = sa.text(
    "SELECT folded, table_number, position, count(*) FROM fact_cells "
    "WHERE folded IN (SELECT value FROM json_each(:folded)) GROUP BY folded, table_number, position"
)


class FactStore:
    """Reads tables and rows, and takes a person's corrections, in the database that `KnowledgeStore` writes."""

    def __init__(self, database_url: str) -> None:
        self._database = Database(database_url, _PRAGMAS)

    def close(self) -> None:
        """Gives the database connections back."""
        self._database.close()

    def tables(self, groups: frozenset[str] | None = None) -> list[StoredTable]:
        """The tables that someone in `groups` may see (None: all of them), in the order of their entry."""
        query = (
            sa.select(
                fact_tables, fact_grids.c.head, fact_grids.c.name.label("grid"),
                owners.c.name.label("document"), owners.c.source, owners.c.title, owners.c.modified,
            )
            .join_from(fact_tables, fact_grids, fact_tables.c.grid_id == fact_grids.c.id)
            .join(owners, owners.c.id == fact_tables.c.document_id)
            .order_by(fact_tables.c.number)
        )  # fmt: skip
        with self._database.reading() as connection:
            named = connection.execute(sa.select(owner_groups)).all()
            groups_of: dict[str, tuple[str, ...]] = {}
            for document_id, name in named:
                groups_of[document_id] = (*groups_of.get(document_id, ()), name)
            found = [read_table(record, groups_of) for record in connection.execute(query)]
        return [t for t in found if groups is None or not t.groups or groups & set(t.groups)]

    def visible_tables(self, groups: frozenset[str]) -> frozenset[int]:
        """The numbers of the tables that someone in `groups` may see; asked anew each time, since rights change."""
        restricted = sa.select(owner_groups.c.document_id)
        shared = restricted.where(owner_groups.c.name.in_(sorted(groups)))
        owner = fact_tables.c.document_id
        query = sa.select(fact_tables.c.number).where(sa.or_(owner.not_in(restricted), owner.in_(shared)))
        with self._database.reading() as connection:
            return frozenset(connection.execute(query).scalars())

    def rows(self, ids: Iterable[int]) -> dict[int, TableRow]:
        """The rows with these ids; an id that is gone is left out."""
        wanted = list(ids)
        if not wanted:
            return {}
        with self._database.reading() as connection:
            if self._database.is_sqlite:
                found = connection.execute(_ROWS_SQLITE, {"ids": orjson.dumps(wanted).decode()}).all()
            else:
                found = connection.execute(_ROWS, {"ids": wanted}).all()
        return {record.id: read_row(record) for record in found}

    def table_rows(self, table_number: int, offset: int = 0, limit: int | None = None) -> Iterator[TableRow]:
        """The rows of one table in the file's order, read in batches."""
        query = sa.select(fact_rows).where(of_table(fact_rows.c.id, table_number)).order_by(fact_rows.c.id)
        if offset:
            query = query.where(fact_rows.c.id >= table_number * POSITIONS + offset)
        if limit is not None:
            query = query.limit(limit)
        with self._database.reading() as connection:
            for record in connection.execution_options(yield_per=BATCH).execute(query):
                yield read_row(record)

    def find_cells(self, folded: Sequence[str], limit: int = 10_000) -> list[CellMatch]:
        """The cells whose whole text, folded, is one of `folded`."""
        if not folded:
            return []
        with self._database.reading() as connection:
            found = connection.execute(_CELLS, {"folded": list(folded), "limit": limit})
            return [CellMatch(*record) for record in found]

    def find_values(self, folded: Sequence[str], tables: Sequence[int]) -> list[tuple[str, int, int, int]]:
        """Which of the texts stand in which columns: folded text, table number, position, and how many rows."""
        if not folded or not tables:
            return []
        allowed = set(tables)
        with self._database.reading() as connection:
            if self._database.is_sqlite:
                found = connection.execute(_VALUES_SQLITE, {"folded": orjson.dumps(list(folded)).decode()})
            else:
                found = connection.execute(_VALUES, {"folded": list(folded)})
            return [(r[0], r[1], r[2], r[3]) for r in found if r[1] in allowed]

    def values_beginning(self, folded: str, table_number: int, limit: int) -> list[tuple[int, str]]:
        """The different texts of a table that begin with a folded text, each with its position; at most `limit`."""
        bounds = {"first": folded, "last": folded + _LAST, "number": table_number, "limit": limit}
        with self._database.reading() as connection:
            return [(record[0], record[1]) for record in connection.execute(_BEGINNING, bounds)]

    def select(self, selection: Selection, offset: int = 0, limit: int = 50) -> list[TableRow]:
        """One page of the rows that a selection means; by their place in the file unless it orders them."""
        with self._database.reading() as connection:
            return [read_row(record) for record in connection.execute(rows_meant(selection, offset, limit))]

    def count(self, selection: Selection) -> int:
        """How many rows a selection means."""
        with self._database.reading() as connection:
            return int(connection.execute(how_many(selection)).scalar_one())

    def numbers(self, selection: Selection, position: int) -> list[tuple[int, str, float]]:
        """Row id, folded text and number of every selected cell in a column that has a number."""
        with self._database.reading() as connection:
            return [(r[0], r[1], r[2]) for r in connection.execute(numbers_of(selection, position))]

    def groups(self, selection: Selection, position: int, measure: int | None = None) -> list[RowGroup]:
        """The selected rows by their text in column `position`, in the file's order; with the numbers of `measure`."""
        found: dict[str, list[Any]] = {}
        with self._database.reading() as connection:
            for record in connection.execute(texts_of(selection, position, measure)):
                found.setdefault(record[0], []).append(record)
        return [
            RowGroup(text, len(records), records[0][1],
                     tuple((r[2], r[3]) for r in records if measure is not None and r[3] is not None))
            for text, records in found.items()
        ]  # fmt: skip

    def explain(self, selection: Selection) -> RunQuery:
        """The read-only statement of a selection with its parameters, as text."""
        compiled = all_rows_meant(selection).compile(dialect=self._database.dialect)
        names = compiled.positiontup or list(compiled.params)
        return RunQuery(" ".join(str(compiled).split()), tuple(str(compiled.params[name]) for name in names))

    def latest_change(self) -> int:
        """The id of the newest entry of the change log, 0 when there is none."""
        with self._database.reading() as connection:
            return int(connection.execute(_LATEST).scalar() or 0)

    def changes_since(self, change: int, limit: int = 10_000) -> list[RowChange]:
        """The entries after `change`, oldest first."""
        query = (
            sa.select(fact_changes).where(fact_changes.c.id > change).order_by(fact_changes.c.id).limit(limit)
        )
        with self._database.reading() as connection:
            return [RowChange(r.id, r.kind, r.table_number) for r in connection.execute(query)]

    def hidden_rows(self, table_number: int) -> tuple[int, ...]:
        """The numbers of a table's rows that the file hides."""
        query = sa.select(fact_rows.c.row_number).where(
            of_table(fact_rows.c.id, table_number), fact_rows.c.hidden.is_(True)
        )
        with self._database.reading() as connection:
            return tuple(connection.execute(query.order_by(fact_rows.c.id)).scalars())

    # Corrections

    def correct(self, correction: Correction) -> list[StoredTable]:
        """Keeps a person's words about a table and derives it anew from the stored grid, in one transaction.

        Raises `UnknownTableError` when no stored document of that source has such a table and `BadCorrectionError`
        when it does not fit.
        """
        with self._database.writing() as connection:
            correct(connection, correction)
        return [t for t in self.tables() if t.source == correction.source]

    def columns_with(self, correction: Correction) -> tuple[Column, ...]:
        """The columns that the corrected table would have, without keeping anything; raises as `correct` does."""
        with self._database.reading() as connection:
            return columns_with(connection, correction)

    def forget(self, source: str, table: str, ordinal: int) -> bool:
        """Takes a correction back, and reads the table anew as found; returns whether there was one."""
        with self._database.writing() as connection:
            return forget(connection, source, table, ordinal)

    def corrections(self) -> list[Correction]:
        """All corrections that people made."""
        with self._database.reading() as connection:
            return all_corrections(connection)

    def correction(self, source: str, table: str, ordinal: int) -> Correction | None:
        """What people said about one table, or None."""
        return next(
            (c for c in self.corrections() if (c.source, c.table, c.ordinal) == (source, table, ordinal)), None
        )
