"""Tables, rows and corrections in the database: written inside a document's transaction, read by the fact lane."""

from __future__ import annotations

import hashlib
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from retrieval.facts.errors import UnknownTableError
from retrieval.facts.layout import lay_out
from retrieval.facts.records import (
    pack_cell,
    read_correction,
    read_row,
    read_table,
    record_of_column,
    records_of_cells,
    unpack_cell,
)
from retrieval.facts.types import (
    CellMatch,
    Correction,
    Grid,
    GridCell,
    RowChange,
    RunQuery,
    StoredTable,
    TableRow,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from retrieval.facts.types import Condition, LaidTable, Selection

metadata = sa.MetaData()

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_OWNER = "documents.id"
# A row's id is its table's number and its position in one integer: unique and never reused without asking
# the database for each of 150,000 rows.
_POSITIONS = 1 << 24
_BATCH = 2_000

fact_grids = sa.Table(
    "fact_grids",
    metadata,
    sa.Column("id", _ID, primary_key=True, autoincrement=True),
    sa.Column(
        "document_id", sa.String(64), sa.ForeignKey(_OWNER, ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("head", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)
fact_grid_parts = sa.Table(
    "fact_grid_parts",
    metadata,
    sa.Column("grid_id", _ID, sa.ForeignKey("fact_grids.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
fact_tables = sa.Table(
    "fact_tables",
    metadata,
    sa.Column("number", _ID, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(32), nullable=False, unique=True),
    sa.Column(
        "document_id", sa.String(64), sa.ForeignKey(_OWNER, ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("grid_id", _ID, sa.ForeignKey("fact_grids.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("columns", sa.Text, nullable=False),
    sa.Column("header_rows", sa.Text, nullable=False),
    sa.Column("notes", sa.Text, nullable=False),
    sa.Column("row_count", sa.Integer, nullable=False),
    sqlite_autoincrement=True,
)
fact_rows = sa.Table(
    "fact_rows",
    metadata,
    sa.Column("id", _ID, primary_key=True, autoincrement=False),
    sa.Column("table_number", _ID, sa.ForeignKey("fact_tables.number", ondelete="CASCADE"), nullable=False),
    sa.Column("row_number", sa.Integer, nullable=False),
    sa.Column("hidden", sa.Boolean, nullable=False),
    sa.Column("summary", sa.Boolean, nullable=False),
    sa.Column("cells", sa.Text, nullable=False),
    sa.Column("anchors", sa.Text, nullable=False, server_default=""),
)
fact_cells = sa.Table(
    "fact_cells",
    metadata,
    sa.Column("row_id", _ID, sa.ForeignKey("fact_rows.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("table_number", _ID, nullable=False),
    sa.Column("folded", sa.Text, nullable=False),
    sa.Column("number", sa.Float, nullable=True),
    sa.Index("ix_fact_cells_folded", "folded", "table_number", "position"),
    sqlite_with_rowid=False,
)
sa.Index(
    "ix_fact_cells_number", fact_cells.c.table_number, fact_cells.c.position, fact_cells.c.number,
    sqlite_where=fact_cells.c.number.is_not(None), postgresql_where=fact_cells.c.number.is_not(None),
)  # fmt: skip
fact_corrections = sa.Table(
    "fact_corrections",
    metadata,
    sa.Column("id", _ID, primary_key=True, autoincrement=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("grid", sa.Text, nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.UniqueConstraint("source", "grid", "ordinal"),
)
fact_changes = sa.Table(
    "fact_changes",
    metadata,
    sa.Column("id", _ID, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("table_number", _ID, nullable=False),
    sqlite_autoincrement=True,
)
# retrieval/store.py defines these two in the same metadata; here only the columns read are named.
_documents = sa.table("documents", *(sa.column(n) for n in ("id", "source", "name", "title", "modified")))
_document_groups = sa.table("document_groups", sa.column("document_id"), sa.column("name"))

# What every question asks is built once: building it anew takes longer than running it.
_LATEST = sa.select(sa.func.max(fact_changes.c.id))
_ROWS = sa.select(fact_rows).where(fact_rows.c.id.in_(sa.bindparam("ids", expanding=True)))
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


def insert_grids(connection: sa.Connection, document_id: str, grids: Sequence[Grid]) -> tuple[int, int]:
    """Stores the grids of a document and the tables found in them; the caller's transaction commits.

    The document's own row must be there already. Returns how many tables and how many rows were stored.
    """
    source = connection.execute(sa.select(_documents.c.source).where(_documents.c.id == document_id)).scalar()
    words = _corrections(connection, source or "")
    counts = [0, 0]
    for ordinal, grid in enumerate(grids):
        grid_id = _store_grid(connection, document_id, ordinal, grid)
        _derive(connection, (document_id, grid_id, ordinal), grid, words.get(grid.name, {}), counts)
    return counts[0], counts[1]


def delete_tables(connection: sa.Connection, document_id: str) -> None:
    """Removes every trace of a document's grids, tables and rows and logs it; the caller's transaction commits."""
    _drop_derived(connection, fact_tables.c.document_id == document_id)
    mine = sa.select(fact_grids.c.id).where(fact_grids.c.document_id == document_id)
    connection.execute(sa.delete(fact_grid_parts).where(fact_grid_parts.c.grid_id.in_(mine)))
    connection.execute(sa.delete(fact_grids).where(fact_grids.c.document_id == document_id))


def _drop_derived(connection: sa.Connection, which: sa.ColumnElement[bool]) -> None:
    numbers = connection.execute(sa.select(fact_tables.c.number).where(which)).scalars().all()
    for number in numbers:
        connection.execute(sa.delete(fact_cells).where(_of_table(fact_cells.c.row_id, number)))
        connection.execute(sa.delete(fact_rows).where(_of_table(fact_rows.c.id, number)))
        connection.execute(sa.insert(fact_changes).values(kind="remove", table_number=number))
    connection.execute(sa.delete(fact_tables).where(which))


def _of_table(row_id: sa.ColumnElement[int], number: int) -> sa.ColumnElement[bool]:
    """The condition that a row id belongs to a table: its ids are one range."""
    return row_id.between(number * _POSITIONS, (number + 1) * _POSITIONS - 1)


def _inserted(connection: sa.Connection, statement: sa.Insert) -> int:
    """Runs an insert of one row and returns its key."""
    key = connection.execute(statement).inserted_primary_key
    return int(key[0]) if key is not None else 0


def _store_grid(connection: sa.Connection, document_id: str, ordinal: int, grid: Grid) -> int:
    head = {
        "name": grid.name, "sheet": grid.sheet, "page": grid.page, "slide": grid.slide, "headings": grid.headings,
        "first_column": grid.first_column, "hidden_rows": grid.hidden_rows,
    }  # fmt: skip
    record = {
        "document_id": document_id,
        "ordinal": ordinal,
        "name": grid.name,
        "head": orjson.dumps(head).decode(),
    }
    grid_id = _inserted(connection, sa.insert(fact_grids).values(record))
    for part, start in enumerate(range(0, len(grid.rows), _BATCH)):
        batch = [
            [number, [pack_cell(cell) for cell in row]]
            for number, row in zip(
                grid.row_numbers[start : start + _BATCH], grid.rows[start : start + _BATCH], strict=True
            )
        ]
        content = zlib.compress(orjson.dumps(batch), 1)
        connection.execute(sa.insert(fact_grid_parts).values(grid_id=grid_id, part=part, content=content))
    return grid_id


def _load_grid(connection: sa.Connection, grid_id: int) -> Grid:
    head = orjson.loads(
        connection.execute(sa.select(fact_grids.c.head).where(fact_grids.c.id == grid_id)).scalar_one()
    )
    query = (
        sa.select(fact_grid_parts.c.content)
        .where(fact_grid_parts.c.grid_id == grid_id)
        .order_by(fact_grid_parts.c.part)
    )
    numbers: list[int] = []
    body: list[tuple[GridCell, ...]] = []
    for content in connection.execute(query).scalars():
        for number, packed in orjson.loads(zlib.decompress(content)):
            numbers.append(number)
            body.append(tuple(unpack_cell(value) for value in packed))
    head["headings"], head["hidden_rows"] = tuple(head["headings"]), tuple(head["hidden_rows"])
    return Grid(rows=tuple(body), row_numbers=tuple(numbers), **head)


def _derive(
    connection: sa.Connection,
    place: tuple[str, int, int],
    grid: Grid,
    words: dict[int, Correction],
    counts: list[int],
) -> None:
    document_id, grid_id, grid_ordinal = place
    for ordinal, laid in enumerate(lay_out(grid, words)):
        identity = f"{document_id}\0{grid_ordinal}\0{ordinal}".encode()
        number = _inserted(
            connection,
            sa.insert(fact_tables).values(
                id=hashlib.sha256(identity).hexdigest()[:32],
                document_id=document_id,
                grid_id=grid_id,
                ordinal=ordinal,
                name=laid.name,
                columns=orjson.dumps([record_of_column(c) for c in laid.columns]).decode(),
                header_rows=orjson.dumps(laid.header_rows).decode(),
                notes=orjson.dumps(laid.notes).decode(),
                row_count=len(laid.body),
            ),
        )
        _insert_rows(connection, number, grid, laid)
        connection.execute(sa.insert(fact_changes).values(kind="add", table_number=number))
        counts[0] += 1
        counts[1] += len(laid.body)


def _insert_rows(connection: sa.Connection, table_number: int, grid: Grid, laid: LaidTable) -> None:
    hidden = frozenset(grid.hidden_rows)
    for start in range(0, len(laid.body), _BATCH):
        row_records: list[dict[str, Any]] = []
        cell_records: list[dict[str, Any]] = []
        for offset, position in enumerate(laid.body[start : start + _BATCH], start):
            row_id = table_number * _POSITIONS + offset
            raw = [
                grid.rows[position][c.index] if c.index < len(grid.rows[position]) else GridCell("")
                for c in laid.columns
            ]
            anchors = {i: cell.merged_from for i, cell in enumerate(raw) if cell.merged_from}
            row_records.append(
                {
                    "id": row_id,
                    "table_number": table_number,
                    "row_number": grid.row_numbers[position],
                    "hidden": grid.row_numbers[position] in hidden,
                    "summary": position in laid.summaries,
                    "cells": orjson.dumps([cell.text for cell in raw]).decode(),
                    "anchors": orjson.dumps(list(anchors.items())).decode() if anchors else "",
                }
            )
            cell_records.extend(records_of_cells(row_id, table_number, raw, laid.columns))
        connection.execute(sa.insert(fact_rows), row_records)
        if cell_records:
            connection.execute(sa.insert(fact_cells), cell_records)


def _corrections(connection: sa.Connection, source: str) -> dict[str, dict[int, Correction]]:
    found: dict[str, dict[int, Correction]] = {}
    query = sa.select(fact_corrections.c.content).where(fact_corrections.c.source == source)
    for content in connection.execute(query).scalars():
        correction = read_correction(content)
        found.setdefault(correction.table, {})[correction.ordinal] = correction
    return found


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "mmap_size=1073741824",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


class FactStore:
    """Reads tables and rows, and takes a person's corrections, in the database that `KnowledgeStore` writes."""

    def __init__(self, database_url: str) -> None:
        self._engine = sa.create_engine(database_url)
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _set_up_sqlite)

    def close(self) -> None:
        """Gives the database connections back."""
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with self._engine.connect() as connection:
            yield connection

    def tables(self, groups: frozenset[str] | None = None) -> list[StoredTable]:
        """The tables that someone in `groups` may see (None: all of them), in the order of their entry."""
        query = (
            sa.select(
                fact_tables, fact_grids.c.head, fact_grids.c.name.label("grid"),
                _documents.c.name.label("document"), _documents.c.source, _documents.c.title, _documents.c.modified,
            )
            .join_from(fact_tables, fact_grids, fact_tables.c.grid_id == fact_grids.c.id)
            .join(_documents, _documents.c.id == fact_tables.c.document_id)
            .order_by(fact_tables.c.number)
        )  # fmt: skip
        with self._reading() as connection:
            named = connection.execute(sa.select(_document_groups)).all()
            owners: dict[str, tuple[str, ...]] = {}
            for document_id, name in named:
                owners[document_id] = (*owners.get(document_id, ()), name)
            found = [read_table(record, owners) for record in connection.execute(query)]
        return [t for t in found if groups is None or not t.groups or groups & set(t.groups)]

    def visible_tables(self, groups: frozenset[str]) -> frozenset[int]:
        """The numbers of the tables that someone in `groups` may see; asked anew each time, since rights change."""
        restricted = sa.select(_document_groups.c.document_id)
        shared = restricted.where(_document_groups.c.name.in_(sorted(groups)))
        owner = fact_tables.c.document_id
        query = sa.select(fact_tables.c.number).where(sa.or_(owner.not_in(restricted), owner.in_(shared)))
        with self._reading() as connection:
            return frozenset(connection.execute(query).scalars())

    def rows(self, ids: Iterable[int]) -> dict[int, TableRow]:
        """The rows with these ids; an id that is gone is left out."""
        wanted = list(ids)
        if not wanted:
            return {}
        with self._reading() as connection:
            found = connection.execute(_ROWS, {"ids": wanted}).all()
        return {record.id: read_row(record) for record in found}

    def table_rows(self, table_number: int, offset: int = 0, limit: int | None = None) -> Iterator[TableRow]:
        """The rows of one table in the file's order, read in batches."""
        query = sa.select(fact_rows).where(_of_table(fact_rows.c.id, table_number)).order_by(fact_rows.c.id)
        if offset:
            query = query.where(fact_rows.c.id >= table_number * _POSITIONS + offset)
        if limit is not None:
            query = query.limit(limit)
        with self._reading() as connection:
            for record in connection.execution_options(yield_per=_BATCH).execute(query):
                yield read_row(record)

    def find_cells(self, folded: Sequence[str], limit: int = 10_000) -> list[CellMatch]:
        """The cells whose whole text, folded, is one of `folded`."""
        if not folded:
            return []
        with self._reading() as connection:
            found = connection.execute(_CELLS, {"folded": list(folded), "limit": limit})
            return [CellMatch(*record) for record in found]

    def find_values(self, folded: Sequence[str], tables: Sequence[int]) -> list[tuple[str, int, int, int]]:
        """Which of the texts stand in which columns: folded text, table number, position, and how many rows."""
        if not folded or not tables:
            return []
        allowed = set(tables)
        with self._reading() as connection:
            found = connection.execute(_VALUES, {"folded": list(folded)})
            return [(r[0], r[1], r[2], r[3]) for r in found if r[1] in allowed]

    def select(self, selection: Selection, offset: int = 0, limit: int = 50) -> list[TableRow]:
        """One page of the rows that a selection means; by their place in the file unless it orders them."""
        query = _selected(sa.select(fact_rows), selection)
        if selection.order is not None:
            ordering = fact_cells.alias("ordering")
            query = query.join(
                ordering, (ordering.c.row_id == fact_rows.c.id) & (ordering.c.position == selection.order)
            ).where(ordering.c.number.is_not(None), ordering.c.table_number == selection.table_number)
            number = ordering.c.number
            query = query.order_by(number.desc() if selection.descending else number.asc())
        query = query.order_by(fact_rows.c.id).offset(offset).limit(limit)
        with self._reading() as connection:
            return [read_row(record) for record in connection.execute(query)]

    def count(self, selection: Selection) -> int:
        """How many rows a selection means."""
        query = _selected(sa.select(sa.func.count(fact_rows.c.id)), selection)
        with self._reading() as connection:
            return int(connection.execute(query).scalar_one())

    def numbers(self, selection: Selection, position: int) -> list[tuple[int, str, float]]:
        """Row id, folded text and number of every selected cell in a column that has a number."""
        value = fact_cells.alias("value")
        query = _selected(sa.select(fact_rows.c.id, value.c.folded, value.c.number), selection)
        query = query.join(value, (value.c.row_id == fact_rows.c.id) & (value.c.position == position))
        query = query.where(value.c.number.is_not(None), value.c.table_number == selection.table_number)
        with self._reading() as connection:
            return [(r[0], r[1], r[2]) for r in connection.execute(query.order_by(fact_rows.c.id))]

    def explain(self, selection: Selection) -> RunQuery:
        """The read-only statement of a selection with its parameters, as text."""
        compiled = _selected(sa.select(fact_rows), selection).compile(self._engine)
        names = compiled.positiontup or list(compiled.params)
        return RunQuery(" ".join(str(compiled).split()), tuple(str(compiled.params[name]) for name in names))

    def latest_change(self) -> int:
        """The id of the newest entry of the change log, 0 when there is none."""
        with self._reading() as connection:
            return int(connection.execute(_LATEST).scalar() or 0)

    def changes_since(self, change: int, limit: int = 10_000) -> list[RowChange]:
        """The entries after `change`, oldest first."""
        query = (
            sa.select(fact_changes).where(fact_changes.c.id > change).order_by(fact_changes.c.id).limit(limit)
        )
        with self._reading() as connection:
            return [RowChange(r.id, r.kind, r.table_number) for r in connection.execute(query)]

    def correct(self, correction: Correction) -> list[StoredTable]:
        """Keeps a person's words about a table and derives it anew from the stored grid, in one transaction.

        Raises `UnknownTableError` when no stored document of that source has such a table.
        """
        with self._engine.begin() as connection:
            places = connection.execute(
                sa.select(fact_grids.c.id, fact_grids.c.ordinal, fact_grids.c.document_id)
                .join_from(fact_grids, _documents, _documents.c.id == fact_grids.c.document_id)
                .where(_documents.c.source == correction.source, fact_grids.c.name == correction.table)
            ).all()
            if not places:
                raise UnknownTableError(
                    correction.source,
                    correction.table,
                    correction.ordinal,
                    self._names(connection, correction.source),
                )
            _keep(connection, correction)
            words = _corrections(connection, correction.source).get(correction.table, {})
            for place in places:
                _drop_derived(connection, fact_tables.c.grid_id == place.id)
                grid = _load_grid(connection, place.id)
                _derive(connection, (place.document_id, place.id, place.ordinal), grid, words, [0, 0])
        return [t for t in self.tables() if t.source == correction.source]

    def corrections(self) -> list[Correction]:
        """All corrections that people made."""
        with self._reading() as connection:
            query = sa.select(fact_corrections.c.content).order_by(fact_corrections.c.id)
            return [read_correction(content) for content in connection.execute(query).scalars()]

    @staticmethod
    def _names(connection: sa.Connection, source: str) -> tuple[str, ...]:
        query = (
            sa.select(fact_grids.c.name)
            .join_from(fact_grids, _documents, _documents.c.id == fact_grids.c.document_id)
            .where(_documents.c.source == source)
            .order_by(fact_grids.c.ordinal)
        )
        return tuple(connection.execute(query).scalars())


def _selected(query: sa.Select[Any], selection: Selection) -> sa.Select[Any]:
    """The query over rows with a selection's conditions; rows that sum others up are never among them."""
    query = query.where(fact_rows.c.summary.is_(False))
    if not selection.conditions:
        return query.where(_of_table(fact_rows.c.id, selection.table_number))
    ordered = sorted(selection.conditions, key=lambda c: (c.rows is None, c.rows or 0))
    for count, condition in enumerate(ordered):
        cell = fact_cells.alias(f"c{count}")
        meeting = _meeting(cell, selection.table_number, condition)
        if count == 0:
            query = query.where(fact_rows.c.id.in_(meeting))
        else:
            query = query.where(meeting.where(cell.c.row_id == fact_rows.c.id).exists())
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


def _keep(connection: sa.Connection, correction: Correction) -> None:
    content = orjson.dumps(correction).decode()
    where = (
        (fact_corrections.c.source == correction.source)
        & (fact_corrections.c.grid == correction.table)
        & (fact_corrections.c.ordinal == correction.ordinal)
    )
    if connection.execute(sa.update(fact_corrections).where(where).values(content=content)).rowcount == 0:
        connection.execute(
            sa.insert(fact_corrections).values(
                source=correction.source, grid=correction.table, ordinal=correction.ordinal, content=content
            )
        )
