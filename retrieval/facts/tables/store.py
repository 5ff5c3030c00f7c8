"""Grids and tables as they stand in the database; written inside a document's transaction, or derived anew."""

from __future__ import annotations

import hashlib
import logging
import zlib
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from retrieval.database.store import metadata
from retrieval.facts.errors import BadCorrectionError
from retrieval.facts.layout import lay_out
from retrieval.facts.records import pack_cell, read_correction, record_of_column, records_of_cells, unpack_cell
from retrieval.facts.types import Grid, GridCell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.facts.types import Correction, LaidTable

logger = logging.getLogger(__name__)

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_OWNER = "documents.id"
# A row's id is its table's number and its position in one integer: unique and never reused without asking
# the database for each of 150,000 rows.
POSITIONS = 1 << 24
BATCH = 2_000

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
# retrieval/documents/store.py defines these two in the same metadata; here only the columns read are named.
owners = sa.table("documents", *(sa.column(n) for n in ("id", "source", "name", "title", "modified")))
owner_groups = sa.table("document_groups", sa.column("document_id"), sa.column("name"))


def insert_grids(connection: sa.Connection, document_id: str, grids: Sequence[Grid]) -> tuple[int, int]:
    """Stores the grids of a document and the tables found in them; the caller's transaction commits.

    The document's own row must be there already. Returns how many tables and how many rows were stored.
    """
    source = connection.execute(sa.select(owners.c.source).where(owners.c.id == document_id)).scalar()
    words = corrections_by_table(connection, source or "")
    tables = rows = 0
    for ordinal, grid in enumerate(grids):
        grid_id = _store_grid(connection, document_id, ordinal, grid)
        made = derive(connection, (document_id, grid_id, ordinal), grid, words.get(grid.name, {}))
        tables += len(made)
        rows += sum(made)
    return tables, rows


def delete_tables(connection: sa.Connection, document_id: str) -> None:
    """Removes every trace of a document's grids, tables and rows and logs it; the caller's transaction commits."""
    drop_derived(connection, fact_tables.c.document_id == document_id)
    mine = sa.select(fact_grids.c.id).where(fact_grids.c.document_id == document_id)
    connection.execute(sa.delete(fact_grid_parts).where(fact_grid_parts.c.grid_id.in_(mine)))
    connection.execute(sa.delete(fact_grids).where(fact_grids.c.document_id == document_id))


def drop_derived(connection: sa.Connection, which: sa.ColumnElement[bool]) -> None:
    """Removes the tables that meet a condition, with their rows and cells, and logs it; their grids stay."""
    numbers = connection.execute(sa.select(fact_tables.c.number).where(which)).scalars().all()
    for number in numbers:
        connection.execute(sa.delete(fact_cells).where(of_table(fact_cells.c.row_id, number)))
        connection.execute(sa.delete(fact_rows).where(of_table(fact_rows.c.id, number)))
        connection.execute(sa.insert(fact_changes).values(kind="remove", table_number=number))
    connection.execute(sa.delete(fact_tables).where(which))


def of_table(row_id: sa.ColumnElement[int], number: int) -> sa.ColumnElement[bool]:
    """The condition that a row id belongs to a table: its ids are one range."""
    return row_id.between(number * POSITIONS, (number + 1) * POSITIONS - 1)


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
    for part, start in enumerate(range(0, len(grid.rows), BATCH)):
        batch = [
            [number, [pack_cell(cell) for cell in row]]
            for number, row in zip(
                grid.row_numbers[start : start + BATCH], grid.rows[start : start + BATCH], strict=True
            )
        ]
        content = zlib.compress(orjson.dumps(batch), 1)
        connection.execute(sa.insert(fact_grid_parts).values(grid_id=grid_id, part=part, content=content))
    return grid_id


def load_grid(connection: sa.Connection, grid_id: int) -> Grid:
    """A stored grid as it was read from the file."""
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


def derive(
    connection: sa.Connection, place: tuple[str, int, int], grid: Grid, words: dict[int, Correction]
) -> list[int]:
    """Stores the tables found in a stored grid, people's `words` about them counted, and logs them.

    `place` is the id of the document, the id of the grid and the grid's position in the document. Returns how many
    rows each table has.
    """
    counts = []
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
        counts.append(len(laid.body))
    return counts


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
    for start in range(0, len(laid.body), BATCH):
        row_records: list[tuple[Any, ...]] = []
        cell_records: list[tuple[Any, ...]] = []
        for offset, position in enumerate(laid.body[start : start + BATCH], start):
            row_id = table_number * POSITIONS + offset
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


def corrections_by_table(connection: sa.Connection, source: str) -> dict[str, dict[int, Correction]]:
    """What people said about the tables of a source: by the grid's name and the table's position in it."""
    found: dict[str, dict[int, Correction]] = {}
    query = sa.select(fact_corrections.c.content).where(fact_corrections.c.source == source)
    for content in connection.execute(query).scalars():
        correction = read_correction(content)
        found.setdefault(correction.table, {})[correction.ordinal] = correction
    return found
