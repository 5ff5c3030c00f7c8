"""Tables, rows and corrections in the database: written inside a document's transaction, read by the fact lane."""

from __future__ import annotations

import hashlib
import logging
import zlib
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from retrieval.errors import DatabaseUnavailableError
from retrieval.facts.errors import BadCorrectionError, UnknownTableError
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
    RowGroup,
    RunQuery,
    StoredTable,
    TableRow,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from retrieval.facts.types import Column, Condition, LaidTable, Selection

logger = logging.getLogger(__name__)
metadata = sa.MetaData()

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_OWNER = "documents.id"
# A row's id is its table's number and its position in one integer: unique and never reused without asking
# the database for each of 150,000 rows.
_POSITIONS = 1 << 24
_BATCH = 2_000
# Sorts after every character that a text may hold.
_LAST = "\U0010ffff"

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
        "first_column": grid.first_column, "hidden_rows": grid.hidden_rows, "hidden_columns": grid.hidden_columns,
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
    for field in ("headings", "hidden_rows", "hidden_columns"):
        head[field] = tuple(head.get(field, ()))
    return Grid(rows=tuple(body), row_numbers=tuple(numbers), **head)


def _derive(
    connection: sa.Connection,
    place: tuple[str, int, int],
    grid: Grid,
    words: dict[int, Correction],
    counts: list[int],
) -> None:
    document_id, grid_id, grid_ordinal = place
    for ordinal, laid in enumerate(_laid_out(grid, words)):
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


def _laid_out(grid: Grid, words: dict[int, Correction]) -> list[LaidTable]:
    """The tables of a grid; a correction that no longer fits the changed file is kept, but left aside."""
    fitting = dict(words)
    while True:
        try:
            return lay_out(grid, fitting)
        except BadCorrectionError as error:
            logger.warning("%s: left aside until the table fits it again", error)
            fitting = {ordinal: each for ordinal, each in fitting.items() if each is not error.correction}


def _insert_rows(connection: sa.Connection, table_number: int, grid: Grid, laid: LaidTable) -> None:
    hidden = frozenset(grid.hidden_rows)
    for start in range(0, len(laid.body), _BATCH):
        row_records: list[tuple[Any, ...]] = []
        cell_records: list[tuple[Any, ...]] = []
        for offset, position in enumerate(laid.body[start : start + _BATCH], start):
            row_id = table_number * _POSITIONS + offset
            raw = [
                grid.rows[position][c.index] if c.index < len(grid.rows[position]) else GridCell("")
                for c in laid.columns
            ]
            anchors = [(i, cell.merged_from) for i, cell in enumerate(raw) if cell.merged_from]
            number = grid.row_numbers[position]
            cells = orjson.dumps([cell.text for cell in raw]).decode()
            packed = orjson.dumps(anchors).decode() if anchors else ""
            row_records.append(
                (row_id, table_number, number, number in hidden, position in laid.summaries, cells, packed)
            )
            cell_records.extend(records_of_cells(row_id, table_number, raw, laid.columns))
        _insert_many(connection, fact_rows, row_records)
        _insert_many(connection, fact_cells, cell_records)


def _insert_many(connection: sa.Connection, table: sa.Table, records: Sequence[tuple[Any, ...]]) -> None:
    """Inserts records whose fields are in the order of the table's columns."""
    names = [column.name for column in table.columns]
    if not records:
        return
    if connection.dialect.name == "sqlite":
        # A million cells: what SQLAlchemy does to each set of parameters takes as long as storing it.
        statement = str(sa.insert(table).compile(dialect=connection.dialect, column_keys=names))
        connection.exec_driver_sql(statement, list(records))
        return
    connection.execute(sa.insert(table), [dict(zip(names, record, strict=True)) for record in records])


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
        try:
            self._engine = sa.create_engine(database_url)
        except SQLAlchemyError as error:
            raise DatabaseUnavailableError("(unreadable URL)", str(error)) from error
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _set_up_sqlite)

    def close(self) -> None:
        """Gives the database connections back."""
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with self._available(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with self._available(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _available(self) -> Iterator[None]:
        """Tells what goes wrong with the database as the package's own error."""
        try:
            yield
        except SQLAlchemyError as error:
            url = self._engine.url.render_as_string(hide_password=True)
            cause = error.__cause__ or error
            raise DatabaseUnavailableError(url, f"{type(cause).__name__}: {cause}") from error

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
            if self._engine.dialect.name == "sqlite":
                found = connection.execute(_ROWS_SQLITE, {"ids": orjson.dumps(wanted).decode()}).all()
            else:
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
            if self._engine.dialect.name == "sqlite":
                found = connection.execute(_VALUES_SQLITE, {"folded": orjson.dumps(list(folded)).decode()})
            else:
                found = connection.execute(_VALUES, {"folded": list(folded)})
            return [(r[0], r[1], r[2], r[3]) for r in found if r[1] in allowed]

    def values_beginning(self, folded: str, table_number: int, limit: int) -> list[tuple[int, str]]:
        """The different texts of a table that begin with a folded text, each with its position; at most `limit`."""
        bounds = {"first": folded, "last": folded + _LAST, "number": table_number, "limit": limit}
        with self._reading() as connection:
            return [(record[0], record[1]) for record in connection.execute(_BEGINNING, bounds)]

    def select(self, selection: Selection, offset: int = 0, limit: int = 50) -> list[TableRow]:
        """One page of the rows that a selection means; by their place in the file unless it orders them."""
        query = _selected(sa.select(fact_rows), selection)
        if selection.order is not None:
            ordering = _cells("ordering")
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
        value = _cells("value")
        query = _selected(sa.select(fact_rows.c.id, value.c.folded, value.c.number), selection)
        query = query.join(value, (value.c.row_id == fact_rows.c.id) & (value.c.position == position))
        query = query.where(value.c.number.is_not(None), value.c.table_number == selection.table_number)
        with self._reading() as connection:
            return [(r[0], r[1], r[2]) for r in connection.execute(query.order_by(fact_rows.c.id))]

    def groups(self, selection: Selection, position: int, measure: int | None = None) -> list[RowGroup]:
        """The selected rows by their text in column `position`, in the file's order; with the numbers of `measure`."""
        by = _cells("by")
        query = _selected(sa.select(by.c.folded, fact_rows.c.id), selection)
        query = query.join(by, (by.c.row_id == fact_rows.c.id) & (by.c.position == position))
        query = query.where(by.c.table_number == selection.table_number).order_by(fact_rows.c.id)
        if measure is not None:
            value = _cells("value")
            query = query.add_columns(value.c.folded, value.c.number).outerjoin(
                value, (value.c.row_id == fact_rows.c.id) & (value.c.position == measure)
            )
        found: dict[str, list[Any]] = {}
        with self._reading() as connection:
            for record in connection.execute(query):
                found.setdefault(record[0], []).append(record)
        return [
            RowGroup(text, len(records), records[0][1],
                     tuple((r[2], r[3]) for r in records if measure is not None and r[3] is not None))
            for text, records in found.items()
        ]  # fmt: skip

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
        with self._writing() as connection:
            places = self._places(connection, correction)
            # A correction that does not fit must not be kept: this raises.
            for place in places:
                lay_out(_load_grid(connection, place.id), {correction.ordinal: correction})
            _keep(connection, correction)
            self._derive_anew(connection, correction.source, correction.table, places)
        return [t for t in self.tables() if t.source == correction.source]

    def columns_with(self, correction: Correction) -> tuple[Column, ...]:
        """The columns that the corrected table would have, without keeping anything.

        Raises `UnknownTableError` when there is no such table and `BadCorrectionError` when it does not fit.
        """
        with self._reading() as connection:
            places = self._places(connection, correction)
            laid = lay_out(_load_grid(connection, places[0].id), {correction.ordinal: correction})
        if correction.ordinal >= len(laid):
            raise UnknownTableError(correction.source, correction.table, correction.ordinal, ())
        return laid[correction.ordinal].columns

    def correction(self, source: str, table: str, ordinal: int) -> Correction | None:
        """What people said about one table, or None."""
        return next(
            (c for c in self.corrections() if (c.source, c.table, c.ordinal) == (source, table, ordinal)), None
        )

    def forget(self, source: str, table: str, ordinal: int) -> bool:
        """Takes a correction back, and reads the table anew as found; returns whether there was one."""
        where = (
            (fact_corrections.c.source == source)
            & (fact_corrections.c.grid == table)
            & (fact_corrections.c.ordinal == ordinal)
        )
        with self._writing() as connection:
            if connection.execute(sa.delete(fact_corrections).where(where)).rowcount == 0:
                return False
            self._derive_anew(connection, source, table, self._grids(connection, source, table))
        return True

    def hidden_rows(self, table_number: int) -> tuple[int, ...]:
        """The numbers of a table's rows that the file hides."""
        query = sa.select(fact_rows.c.row_number).where(
            _of_table(fact_rows.c.id, table_number), fact_rows.c.hidden.is_(True)
        )
        with self._reading() as connection:
            return tuple(connection.execute(query.order_by(fact_rows.c.id)).scalars())

    def corrections(self) -> list[Correction]:
        """All corrections that people made."""
        with self._reading() as connection:
            query = sa.select(fact_corrections.c.content).order_by(fact_corrections.c.id)
            return [read_correction(content) for content in connection.execute(query).scalars()]

    def _places(self, connection: sa.Connection, correction: Correction) -> Sequence[Any]:
        places = self._grids(connection, correction.source, correction.table)
        if not places:
            names = self._names(connection, correction.source)
            raise UnknownTableError(correction.source, correction.table, correction.ordinal, names)
        return places

    @staticmethod
    def _grids(connection: sa.Connection, source: str, table: str) -> Sequence[Any]:
        return connection.execute(
            sa.select(fact_grids.c.id, fact_grids.c.ordinal, fact_grids.c.document_id)
            .join_from(fact_grids, _documents, _documents.c.id == fact_grids.c.document_id)
            .where(_documents.c.source == source, fact_grids.c.name == table)
        ).all()

    @staticmethod
    def _derive_anew(connection: sa.Connection, source: str, table: str, places: Sequence[Any]) -> None:
        words = _corrections(connection, source).get(table, {})
        for place in places:
            _drop_derived(connection, fact_tables.c.grid_id == place.id)
            grid = _load_grid(connection, place.id)
            _derive(connection, (place.document_id, place.id, place.ordinal), grid, words, [0, 0])

    @staticmethod
    def _names(connection: sa.Connection, source: str) -> tuple[str, ...]:
        query = (
            sa.select(fact_grids.c.name)
            .join_from(fact_grids, _documents, _documents.c.id == fact_grids.c.document_id)
            .where(_documents.c.source == source)
            .order_by(fact_grids.c.ordinal)
        )
        return tuple(connection.execute(query).scalars())


@cache
def _cells(name: str) -> Any:
    """The table of cells under another name; made once, since making it takes longer than most look-ups."""
    return fact_cells.alias(name)


def _selected(query: sa.Select[Any], selection: Selection) -> sa.Select[Any]:
    """The query over rows with a selection's conditions; rows that sum others up are never among them."""
    query = query.where(fact_rows.c.summary.is_(False))
    if not selection.conditions:
        return query.where(_of_table(fact_rows.c.id, selection.table_number))
    ordered = sorted(selection.conditions, key=lambda c: (c.negated, c.rows is None, c.rows or 0))
    for count, condition in enumerate(ordered):
        cell = _cells(f"c{count}")
        meeting = _meeting(cell, selection.table_number, condition)
        if count == 0 and not condition.negated:
            query = query.where(fact_rows.c.id.in_(meeting))
        else:
            if count == 0:
                query = query.where(_of_table(fact_rows.c.id, selection.table_number))
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
