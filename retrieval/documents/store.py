"""Documents, chunks, embeddings and the log of changes as tables; what one transaction writes and reads of them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

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
    delete,
    insert,
    or_,
    select,
)

from retrieval.database.store import metadata
from retrieval.facts.tables.store import delete_tables, insert_grids
from retrieval.rows import chunk_from, chunk_values, document_from, document_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from sqlalchemy import Connection, Select

    from retrieval.types import Chunk, Document, NewDocument

# Below SQLite's and PostgreSQL's limits on bound values in one statement.
_IN_ONE_STATEMENT = 5_000
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


def batches(values: Iterable[_T]) -> Iterator[list[_T]]:
    """The values in lists short enough for one statement."""
    rest = iter(values)
    while batch := list(islice(rest, _IN_ONE_STATEMENT)):
        yield batch


def _ids_to_leave(connection: Connection, document: Document, replaces: str | None) -> list[str]:
    same = or_(
        documents.c.id.in_([document.id, replaces or document.id]), documents.c.source == document.source
    )
    return list(connection.scalars(select(documents.c.id).where(same)))


def replace_document(
    connection: Connection,
    new: NewDocument,
    embeddings: tuple[str, NDArray[np.float32]] | None,
    replaces: str | None,
) -> None:
    """Stores a document in place of its old selves, with its vectors; the caller's transaction commits."""
    stamp = uuid4().hex
    for old in _ids_to_leave(connection, new.document, replaces):
        remove_document(connection, old, stamp)
    numbers = _add(connection, new, stamp)
    if embeddings is not None:
        insert_vectors(connection, embeddings[0], numbers, embeddings[1])


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
    log_changes(connection, "add", numbers, stamp)
    return numbers


def remove_document(connection: Connection, document_id: str, stamp: str) -> None:
    """Removes a document and every trace of it and logs it; the caller's transaction commits."""
    gone = select(chunks.c.number).where(chunks.c.document_id == document_id).order_by(chunks.c.number)
    log_changes(connection, "remove", list(connection.scalars(gone)), stamp)
    delete_tables(connection, document_id)
    # Chunks, embeddings and groups go with it (ON DELETE CASCADE).
    connection.execute(delete(documents).where(documents.c.id == document_id))


def log_changes(connection: Connection, kind: str, numbers: Sequence[int], stamp: str) -> None:
    """Writes down that chunks came or went; one stamp for all changes of a transaction."""
    if numbers:
        rows = [{"kind": kind, "number": number, "stamp": stamp} for number in numbers]
        connection.execute(insert(changes), rows)


def insert_vectors(
    connection: Connection, model: str, numbers: Sequence[int], vectors: NDArray[np.float32]
) -> None:
    """Stores vectors, shape (len(numbers), d), as little-endian 32-bit numbers."""
    if numbers:
        rows = [
            {"number": number, "model": model, "vector": vector.astype("<f4").tobytes()}
            for number, vector in zip(numbers, vectors, strict=True)
        ]
        connection.execute(insert(embeddings), rows)


def read_documents(connection: Connection, query: Select[Any]) -> list[Document]:
    """The documents that a query over `documents` gives, with their groups."""
    rows = connection.execute(query).all()
    groups: dict[str, list[str]] = {row.id: [] for row in rows}
    for batch in batches(groups):
        named = (
            select(document_groups)
            .where(document_groups.c.document_id.in_(batch))
            .order_by(document_groups.c.name)
        )
        for document_id, name in connection.execute(named):
            groups[document_id].append(name)
    return [document_from(row, tuple(groups[row.id])) for row in rows]


def read_passages(
    connection: Connection, numbers: Sequence[int]
) -> Iterator[tuple[int, tuple[Chunk, Document]]]:
    """Chunks with their documents by chunk number; numbers that are gone are left out."""
    for batch in batches(numbers):
        found = [
            chunk_from(row) for row in connection.execute(select(chunks).where(chunks.c.number.in_(batch)))
        ]
        owners = sorted({chunk.document_id for chunk in found})
        by_id = {
            each.id: each
            for each in read_documents(connection, select(documents).where(documents.c.id.in_(owners)))
        }
        for chunk in found:
            yield chunk.number, (chunk, by_id[chunk.document_id])
