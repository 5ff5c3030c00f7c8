"""The database, the one source of truth: documents, chunks, embeddings, and the log that indexes follow."""

from __future__ import annotations

import json
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import numpy as np
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    delete,
    event,
    func,
    insert,
    make_url,
    or_,
    select,
    text,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from retrieval.errors import DatabaseUnavailableError, MissingEmbeddingsError
from retrieval.facts.store import delete_tables, insert_grids, metadata
from retrieval.rows import (
    check_document,
    check_vectors,
    chunk_from,
    chunk_values,
    document_from,
    document_values,
)
from retrieval.types import Change, Counts, Statistics

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import URL, Connection, Engine, Select

    from retrieval.types import Chunk, Document, NewDocument

BUSY_SECONDS = 30
# Below SQLite's and PostgreSQL's limits on bound values in one statement.
_IN_ONE_STATEMENT = 5_000
# PostgreSQL hands out change ids before commit; one advisory lock makes them become visible in order.
_WRITERS_LOCK = 0x7E12_0073
_T = TypeVar("_T")
_Number = BigInteger().with_variant(Integer, "sqlite")

documents = Table(
    "documents",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("source", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("content_hash", String(128), nullable=False),
    Column("media_type", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("modified", String(64), nullable=False),
    Column("ingested", String(64), nullable=False),
    Column("warnings", JSON, nullable=False),
    Column("tables", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
)
document_groups = Table(
    "document_groups",
    metadata,
    Column("document_id", ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(255), primary_key=True),
)
chunks = Table(
    "chunks",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("document_id", ForeignKey("documents.id", ondelete="CASCADE"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("page", Integer),
    Column("slide", Integer),
    Column("sheet", Text),
    Column("cell", Text),
    Column("headings", JSON, nullable=False),
    Column("extra", JSON, nullable=False),
    UniqueConstraint("document_id", "ordinal"),
    sqlite_autoincrement=True,
)
embeddings = Table(
    "embeddings",
    metadata,
    Column("number", ForeignKey("chunks.number", ondelete="CASCADE"), primary_key=True),
    Column("model", String(255), primary_key=True),
    Column("vector", LargeBinary, nullable=False),
)
changes = Table(
    "changes",
    metadata,
    Column("id", _Number, primary_key=True, autoincrement=True),
    Column("kind", String(8), nullable=False),
    Column("number", _Number, nullable=False),
    Column("stamp", String(32), nullable=False),
    sqlite_autoincrement=True,
)
Index("embeddings_by_model", embeddings.c.model, embeddings.c.number)


class KnowledgeStore:
    """Documents with their chunks, embeddings and tables in one SQL database.

    A document enters or leaves in one transaction. Chunk numbers are never given twice. Several processes may
    use the same database; on SQLite one of them writes at a time and the others wait up to `BUSY_SECONDS`.
    """

    def __init__(self, database_url: str) -> None:
        """Opens nothing yet: `database_url` is an SQLAlchemy URL, `sqlite:///PATH` or `postgresql+psycopg://…`."""
        try:
            self._url = make_url(database_url)
        except SQLAlchemyError as error:
            raise DatabaseUnavailableError("(unreadable URL)", str(error)) from error
        self._engine = _open(self._url)
        self._writer = self._engine.execution_options(termroute_writes=True)
        self._reader = self._engine
        if self._url.get_backend_name() == "postgresql":
            # One snapshot for the statements of one read, as SQLite gives anyway.
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ")

    @property
    def url(self) -> str:
        """The database's URL with its password masked."""
        return self._url.render_as_string(hide_password=True)

    def create_schema(self) -> None:
        """Creates the tables that are missing (tests; production runs migrations)."""
        with self._writing() as connection:
            metadata.create_all(connection)

    def drop_schema(self) -> None:
        """Drops every table with all it holds (tests)."""
        with self._writing() as connection:
            metadata.drop_all(connection)

    def close(self) -> None:
        """Closes all connections; the store may be used again afterwards."""
        self._engine.dispose()

    # Documents in and out

    def put_document(
        self,
        new: NewDocument,
        embeddings: tuple[str, NDArray[np.float32]] | None = None,
        *,
        replaces: str | None = None,
    ) -> None:
        """Stores a document in one transaction; its old self leaves in the same one.

        `embeddings` is a model name with one vector per chunk, in order: shape (chunks, d). The document with
        the id `replaces`, the one with the same id and the one under the same source leave: a source holds one
        document. Raises InvalidDocumentError, InvalidEmbeddingsError and DatabaseUnavailableError.
        """
        check_document(new)
        if embeddings is not None:
            check_vectors(embeddings[0], embeddings[1], len(new.chunks))
        with self._writing() as connection:
            _replace(connection, new, embeddings, replaces)

    def put_documents(
        self, new: Sequence[NewDocument], embeddings: tuple[str, NDArray[np.float32]] | None = None
    ) -> None:
        """Stores many documents in one transaction, as `put_document` does; vectors for all chunks in order."""
        counts = [len(each.chunks) for each in new]
        for each in new:
            check_document(each)
        if embeddings is not None:
            check_vectors(embeddings[0], embeddings[1], sum(counts))
        start = 0
        with self._writing() as connection:
            for each, count in zip(new, counts, strict=True):
                rows = None if embeddings is None else (embeddings[0], embeddings[1][start : start + count])
                _replace(connection, each, rows, None)
                start += count

    def delete_document(self, document_id: str) -> bool:
        """Removes a document and every trace of it in one transaction; False if there is none."""
        return self.delete_documents([document_id]) == 1

    def delete_documents(self, document_ids: Collection[str]) -> int:
        """Removes documents and every trace of them in one transaction; returns how many there were."""
        with self._writing() as connection:
            known = [
                document_id
                for batch in _batches(dict.fromkeys(document_ids))
                for document_id in connection.scalars(select(documents.c.id).where(documents.c.id.in_(batch)))
            ]
            for document_id in known:
                _remove(connection, document_id, uuid4().hex)
        return len(known)

    def documents(self) -> list[Document]:
        """All documents, by source."""
        with self._reading() as connection:
            return _documents(connection, select(documents).order_by(documents.c.source))

    def document(self, document_id: str) -> Document | None:
        """The document with this id."""
        with self._reading() as connection:
            found = _documents(connection, select(documents).where(documents.c.id == document_id))
        return found[0] if found else None

    def document_by_source(self, source: str) -> Document | None:
        """The document that was read from this source."""
        with self._reading() as connection:
            found = _documents(connection, select(documents).where(documents.c.source == source))
        return found[0] if found else None

    def counts(self, document_id: str) -> Counts | None:
        """How many chunks, tables and table rows a document has; None if there is no such document."""
        of_document = select(func.count()).where(chunks.c.document_id == document_id).scalar_subquery()
        query = select(of_document, documents.c.tables, documents.c.rows).where(documents.c.id == document_id)
        with self._reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else Counts(row[0], row[1], row[2])

    # Chunks

    def chunks(self, document_id: str) -> list[Chunk]:
        """A document's chunks in reading order."""
        query = select(chunks).where(chunks.c.document_id == document_id).order_by(chunks.c.ordinal)
        with self._reading() as connection:
            return [chunk_from(row) for row in connection.execute(query)]

    def passages(self, numbers: Sequence[int]) -> dict[int, tuple[Chunk, Document]]:
        """Chunks with their documents by chunk number; numbers that are gone are left out."""
        with self._reading() as connection:
            return dict(_passages(connection, numbers))

    def passages_by_id(self, chunk_ids: Sequence[str]) -> dict[str, tuple[Chunk, Document]]:
        """Chunks with their documents by chunk id; unknown ids are left out."""
        with self._reading() as connection:
            numbers = [
                number
                for batch in _batches(chunk_ids)
                for number in connection.scalars(select(chunks.c.number).where(chunks.c.id.in_(batch)))
            ]
            return {chunk.id: (chunk, document) for _, (chunk, document) in _passages(connection, numbers)}

    def passages_after(self, number: int, limit: int) -> list[tuple[Chunk, Document]]:
        """The next `limit` chunks with a number above `number`, ascending, with their documents."""
        query = select(chunks.c.number).where(chunks.c.number > number).order_by(chunks.c.number).limit(limit)
        with self._reading() as connection:
            found = dict(_passages(connection, list(connection.scalars(query))))
        return [found[each] for each in sorted(found)]

    def visible_numbers(
        self, groups: frozenset[str] | None, document_ids: Collection[str] | None = None
    ) -> NDArray[np.int64]:
        """Sorted numbers of the chunks that `groups` may see (None: all), of `document_ids` only if given."""
        query = select(chunks.c.number).order_by(chunks.c.number)
        if groups is not None:
            restricted = select(document_groups.c.document_id)
            shared = restricted.where(document_groups.c.name.in_(sorted(groups)))
            query = query.where(or_(chunks.c.document_id.not_in(restricted), chunks.c.document_id.in_(shared)))
        with self._reading() as connection:
            if document_ids is None:
                return np.fromiter(connection.scalars(query), dtype=np.int64)
            parts = [
                number
                for batch in _batches(sorted(document_ids))
                for number in connection.scalars(query.where(chunks.c.document_id.in_(batch)))
            ]
        return np.sort(np.asarray(parts, dtype=np.int64))

    # The log of changes

    def latest_change(self) -> int:
        """The id of the last change, 0 when nothing was ever stored; cheap enough to ask at every question."""
        with self._reading() as connection:
            return connection.scalar(select(func.max(changes.c.id))) or 0

    def changes_since(self, change: int, limit: int = 10_000) -> list[Change]:
        """Up to `limit` changes after `change`, oldest first."""
        query = select(changes).where(changes.c.id > change).order_by(changes.c.id).limit(limit)
        with self._reading() as connection:
            return [Change(row.id, row.kind, row.number, row.stamp) for row in connection.execute(query)]

    def stamp(self, change: int) -> str:
        """The stamp of one change, empty if the log has no such change."""
        with self._reading() as connection:
            return connection.scalar(select(changes.c.stamp).where(changes.c.id == change)) or ""

    # Embeddings

    def chunks_without_embedding(self, model: str, limit: int) -> list[Chunk]:
        """The first `limit` chunks that have no vector of this model."""
        has_one = select(embeddings.c.number).where(
            embeddings.c.number == chunks.c.number, embeddings.c.model == model
        )
        query = select(chunks).where(~has_one.exists()).order_by(chunks.c.number).limit(limit)
        with self._reading() as connection:
            return [chunk_from(row) for row in connection.execute(query)]

    def put_embeddings(self, model: str, numbers: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Stores vectors, shape (len(numbers), d), in one transaction and logs their chunks as added again.

        A number whose chunk has left in the meantime is passed over.
        """
        check_vectors(model, vectors, len(numbers))
        with self._writing() as connection:
            alive = {
                number
                for batch in _batches(numbers)
                for number in connection.scalars(select(chunks.c.number).where(chunks.c.number.in_(batch)))
            }
            kept = [place for place, number in enumerate(numbers) if number in alive]
            kept_numbers = [numbers[place] for place in kept]
            for batch in _batches(kept_numbers):
                connection.execute(
                    delete(embeddings).where(embeddings.c.model == model, embeddings.c.number.in_(batch))
                )
            _insert_vectors(connection, model, kept_numbers, vectors[kept])
            _log(connection, "add", kept_numbers, uuid4().hex)

    def embeddings(self, model: str, numbers: Sequence[int]) -> NDArray[np.float32]:
        """Vectors of these chunks in this order, shape (n, d); MissingEmbeddingsError if one has none."""
        found = self.embeddings_by_number(model, numbers)
        missing = [number for number in numbers if number not in found]
        if missing:
            raise MissingEmbeddingsError(model, missing)
        return np.stack([found[number] for number in numbers]) if numbers else np.zeros((0, 0), np.float32)

    def embeddings_by_number(self, model: str, numbers: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        """The vectors that these chunks have, by chunk number."""
        query = select(embeddings.c.number, embeddings.c.vector).where(embeddings.c.model == model)
        found: dict[int, NDArray[np.float32]] = {}
        with self._reading() as connection:
            for batch in _batches(numbers):
                for number, vector in connection.execute(query.where(embeddings.c.number.in_(batch))):
                    found[number] = np.frombuffer(vector, dtype="<f4")
        return found

    def embeddings_after(
        self, model: str, number: int, limit: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The next `limit` vectors of chunks above `number`, ascending: numbers (n,) and vectors (n, d)."""
        query = (
            select(embeddings.c.number, embeddings.c.vector)
            .where(embeddings.c.model == model, embeddings.c.number > number)
            .order_by(embeddings.c.number)
            .limit(limit)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        vectors = [np.frombuffer(row.vector, dtype="<f4") for row in rows]
        numbers = np.asarray([row.number for row in rows], dtype=np.int64)
        return numbers, np.stack(vectors) if vectors else np.zeros((0, 0), np.float32)

    def embedding_models(self) -> dict[str, int]:
        """How many vectors each model has."""
        query = select(embeddings.c.model, func.count()).group_by(embeddings.c.model)
        with self._reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def delete_embeddings_except(self, model: str) -> int:
        """Removes the vectors of all other models; returns how many."""
        with self._writing() as connection:
            return connection.execute(delete(embeddings).where(embeddings.c.model != model)).rowcount

    def statistics(self) -> Statistics:
        """How much the database holds."""
        sums = select(
            func.count(),
            func.coalesce(func.sum(documents.c.tables), 0),
            func.coalesce(func.sum(documents.c.rows), 0),
        ).select_from(documents)
        with self._reading() as connection:
            count, tables, rows = connection.execute(sums).one()
            chunk_count = connection.scalar(select(func.count()).select_from(chunks)) or 0
        return Statistics(count, chunk_count, int(tables), int(rows), self.embedding_models())

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _explained(self.url), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _explained(self.url), self._writer.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS_LOCK})
            yield connection


def _batches(values: Iterable[_T]) -> Iterator[list[_T]]:
    rest = iter(values)
    while batch := list(islice(rest, _IN_ONE_STATEMENT)):
        yield batch


@contextmanager
def _explained(url: str) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise DatabaseUnavailableError(url, f"{type(cause).__name__}: {cause}") from error


def _open(url: URL) -> Engine:
    options: dict[str, Any] = {"json_serializer": lambda value: json.dumps(value, ensure_ascii=False)}
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, **options)
    options["connect_args"] = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    if url.database in (None, "", ":memory:"):
        options["poolclass"] = StaticPool
    engine = create_engine(url, **options)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own BEGIN comes too late to lock before the first read; `_begin_sqlite` sends it instead.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA foreign_keys = ON")
    if connection.execute("PRAGMA journal_mode").fetchone()[0] not in ("wal", "memory"):
        connection.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("termroute_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _ids_to_leave(connection: Connection, document: Document, replaces: str | None) -> list[str]:
    same = or_(
        documents.c.id.in_([document.id, replaces or document.id]), documents.c.source == document.source
    )
    return list(connection.scalars(select(documents.c.id).where(same)))


def _replace(
    connection: Connection,
    new: NewDocument,
    embeddings: tuple[str, NDArray[np.float32]] | None,
    replaces: str | None,
) -> None:
    stamp = uuid4().hex
    for old in _ids_to_leave(connection, new.document, replaces):
        _remove(connection, old, stamp)
    numbers = _add(connection, new, stamp)
    if embeddings is not None:
        _insert_vectors(connection, embeddings[0], numbers, embeddings[1])


def _add(connection: Connection, new: NewDocument, stamp: str) -> list[int]:
    """Inserts everything of a document; returns its chunk numbers in the order of `new.chunks`."""
    document = new.document
    connection.execute(insert(documents).values(document_values(document)))
    names = sorted(set(document.groups))
    if names:
        connection.execute(
            insert(document_groups), [{"document_id": document.id, "name": name} for name in names]
        )
    tables, rows = insert_grids(connection, document.id, new.grids)
    if tables:
        connection.execute(
            documents.update().where(documents.c.id == document.id).values(tables=tables, rows=rows)
        )
    if not new.chunks:
        return []
    connection.execute(insert(chunks), [chunk_values(chunk) for chunk in new.chunks])
    numbered = select(chunks.c.id, chunks.c.number).where(chunks.c.document_id == document.id)
    by_id = {row.id: row.number for row in connection.execute(numbered)}
    numbers = [by_id[chunk.id] for chunk in new.chunks]
    _log(connection, "add", numbers, stamp)
    return numbers


def _remove(connection: Connection, document_id: str, stamp: str) -> None:
    gone = select(chunks.c.number).where(chunks.c.document_id == document_id).order_by(chunks.c.number)
    _log(connection, "remove", list(connection.scalars(gone)), stamp)
    delete_tables(connection, document_id)
    # Chunks, embeddings and groups go with it (ON DELETE CASCADE).
    connection.execute(delete(documents).where(documents.c.id == document_id))


def _log(connection: Connection, kind: str, numbers: Sequence[int], stamp: str) -> None:
    if numbers:
        rows = [{"kind": kind, "number": number, "stamp": stamp} for number in numbers]
        connection.execute(insert(changes), rows)


def _insert_vectors(
    connection: Connection, model: str, numbers: Sequence[int], vectors: NDArray[np.float32]
) -> None:
    if numbers:
        rows = [
            {"number": number, "model": model, "vector": vector.astype("<f4").tobytes()}
            for number, vector in zip(numbers, vectors, strict=True)
        ]
        connection.execute(insert(embeddings), rows)


def _documents(connection: Connection, query: Select[Any]) -> list[Document]:
    rows = connection.execute(query).all()
    groups: dict[str, list[str]] = {row.id: [] for row in rows}
    for batch in _batches(groups):
        named = (
            select(document_groups)
            .where(document_groups.c.document_id.in_(batch))
            .order_by(document_groups.c.name)
        )
        for document_id, name in connection.execute(named):
            groups[document_id].append(name)
    return [document_from(row, tuple(groups[row.id])) for row in rows]


def _passages(connection: Connection, numbers: Sequence[int]) -> Iterator[tuple[int, tuple[Chunk, Document]]]:
    for batch in _batches(numbers):
        found = [
            chunk_from(row) for row in connection.execute(select(chunks).where(chunks.c.number.in_(batch)))
        ]
        owners = sorted({chunk.document_id for chunk in found})
        by_id = {
            each.id: each
            for each in _documents(connection, select(documents).where(documents.c.id.in_(owners)))
        }
        for chunk in found:
            yield chunk.number, (chunk, by_id[chunk.document_id])
