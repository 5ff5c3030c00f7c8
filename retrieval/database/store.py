"""The database of documents and facts: opened once, read in snapshots, written by one at a time."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from retrieval.errors import DatabaseUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BUSY_SECONDS = 30
# PostgreSQL hands out change ids before commit; one advisory lock makes them become visible in order.
_WRITERS_LOCK = 0x7E12_0073
metadata = sa.MetaData()


class Database:
    """Connections to one database, each one transaction.

    What a reader sees is one snapshot, whatever others write meanwhile. On SQLite one process writes at a time
    and the others wait up to `BUSY_SECONDS`. Whatever fails is told as DatabaseUnavailableError.
    """

    def __init__(self, database_url: str, pragmas: Sequence[str] = ()) -> None:
        """Opens nothing yet: `database_url` is an SQLAlchemy URL, `sqlite:///PATH` or `postgresql+psycopg://…`.

        `pragmas` are set on each connection where the database is SQLite.
        """
        try:
            self._url = sa.make_url(database_url)
            self._engine = _engine(self._url, pragmas)
        except SQLAlchemyError as error:
            raise DatabaseUnavailableError("(unreadable URL)", str(error)) from error
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self._writer = self._engine.execution_options(termroute_writes=True)
        self._reader = self._engine
        if not self.is_sqlite:
            # One snapshot for the statements of one read, as SQLite gives anyway.
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ")

    @property
    def url(self) -> str:
        """The database's URL with its password masked."""
        return self._url.render_as_string(hide_password=True)

    @property
    def dialect(self) -> sa.Dialect:
        """The database's way of writing statements."""
        return self._engine.dialect

    def close(self) -> None:
        """Closes all connections; the database may be used again afterwards."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection that sees one state of the database."""
        with self._explained(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection whose changes count together, when the block ends, or not at all."""
        with self._explained(), self._writer.begin() as connection:
            if not self.is_sqlite:
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS_LOCK})
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            raise DatabaseUnavailableError(self.url, f"{type(cause).__name__}: {cause}") from error


def _engine(url: sa.URL, pragmas: Sequence[str]) -> sa.Engine:
    options: dict[str, Any] = {"json_serializer": lambda value: json.dumps(value, ensure_ascii=False)}
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_pre_ping=True, **options)
    options["connect_args"] = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    if url.database in (None, "", ":memory:"):
        options["poolclass"] = StaticPool
    engine = sa.create_engine(url, **options)

    def prepare(connection: Any, _record: object) -> None:
        _prepare_sqlite(connection)
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    sa.event.listen(engine, "connect", prepare)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any) -> None:
    # The driver's own BEGIN comes too late to lock before the first read; `_begin_sqlite` sends it instead.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA foreign_keys = ON")
    if connection.execute("PRAGMA journal_mode").fetchone()[0] not in ("wal", "memory"):
        connection.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("termroute_writes", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        # Straight to the driver: SQLAlchemy's way takes longer than the look-ups that a question makes.
        connection.connection.cursor().execute("BEGIN")
