"""The knowledge in the database, the one source of truth: documents, chunks, embeddings, and the log that indexes follow."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np
from sqlalchemy import delete, func, or_, select

from retrieval.database.store import Database, metadata
from retrieval.documents.store import (
    batches,
    changes,
    chunks,
    document_groups,
    documents,
    embeddings,
    insert_vectors,
    log_changes,
    read_documents,
    read_passages,
    remove_document,
    replace_document,
)
from retrieval.errors import MissingEmbeddingsError
from retrieval.rows import check_document, check_vectors, chunk_from
from retrieval.types import Change, Counts, Statistics

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from retrieval.types import Chunk, Document, NewDocument

__all__ = ["KnowledgeStore", "metadata"]


class KnowledgeStore:
    """Documents with their chunks, embeddings and tables in one SQL database.

    A document enters or leaves in one transaction. Chunk numbers are never given twice. Several processes may
    use the same database, as `retrieval.database.store.Database` says.
    """

    def __init__(self, database_url: str) -> None:
        """Opens nothing yet: `database_url` is an SQLAlchemy URL, `sqlite:///PATH` or `postgresql+psycopg://…`."""
        self._database = Database(database_url)

    @property
    def url(self) -> str:
        """The database's URL with its password masked."""
        return self._database.url

    def create_schema(self) -> None:
        """Creates the tables that are missing (tests; production runs migrations)."""
        with self._database.writing() as connection:
            metadata.create_all(connection)

    def drop_schema(self) -> None:
        """Drops every table with all it holds (tests)."""
        with self._database.writing() as connection:
            metadata.drop_all(connection)

    def close(self) -> None:
        """Closes all connections; the store may be used again afterwards."""
        self._database.close()

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
        with self._database.writing() as connection:
            replace_document(connection, new, embeddings, replaces)

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
        with self._database.writing() as connection:
            for each, count in zip(new, counts, strict=True):
                rows = None if embeddings is None else (embeddings[0], embeddings[1][start : start + count])
                replace_document(connection, each, rows, None)
                start += count

    def delete_document(self, document_id: str) -> bool:
        """Removes a document and every trace of it in one transaction; False if there is none."""
        return self.delete_documents([document_id]) == 1

    def delete_documents(self, document_ids: Collection[str]) -> int:
        """Removes documents and every trace of them in one transaction; returns how many there were."""
        with self._database.writing() as connection:
            known = [
                document_id
                for batch in batches(dict.fromkeys(document_ids))
                for document_id in connection.scalars(select(documents.c.id).where(documents.c.id.in_(batch)))
            ]
            for document_id in known:
                remove_document(connection, document_id, uuid4().hex)
        return len(known)

    def documents(self) -> list[Document]:
        """All documents, by source."""
        with self._database.reading() as connection:
            return read_documents(connection, select(documents).order_by(documents.c.source))

    def document(self, document_id: str) -> Document | None:
        """The document with this id."""
        with self._database.reading() as connection:
            found = read_documents(connection, select(documents).where(documents.c.id == document_id))
        return found[0] if found else None

    def document_by_source(self, source: str) -> Document | None:
        """The document that was read from this source."""
        with self._database.reading() as connection:
            found = read_documents(connection, select(documents).where(documents.c.source == source))
        return found[0] if found else None

    def counts(self, document_id: str) -> Counts | None:
        """How many chunks, tables and table rows a document has; None if there is no such document."""
        of_document = select(func.count()).where(chunks.c.document_id == document_id).scalar_subquery()
        query = select(of_document, documents.c.tables, documents.c.rows).where(documents.c.id == document_id)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else Counts(row[0], row[1], row[2])

    # Chunks

    def chunks(self, document_id: str) -> list[Chunk]:
        """A document's chunks in reading order."""
        query = select(chunks).where(chunks.c.document_id == document_id).order_by(chunks.c.ordinal)
        with self._database.reading() as connection:
            return [chunk_from(row) for row in connection.execute(query)]

    def passages(self, numbers: Sequence[int]) -> dict[int, tuple[Chunk, Document]]:
        """Chunks with their documents by chunk number; numbers that are gone are left out."""
        with self._database.reading() as connection:
            return dict(read_passages(connection, numbers))

    def passages_by_id(self, chunk_ids: Sequence[str]) -> dict[str, tuple[Chunk, Document]]:
        """Chunks with their documents by chunk id; unknown ids are left out."""
        with self._database.reading() as connection:
            numbers = [
                number
                for batch in batches(chunk_ids)
                for number in connection.scalars(select(chunks.c.number).where(chunks.c.id.in_(batch)))
            ]
            return {chunk.id: (chunk, document) for _, (chunk, document) in read_passages(connection, numbers)}

    def passages_after(self, number: int, limit: int) -> list[tuple[Chunk, Document]]:
        """The next `limit` chunks with a number above `number`, ascending, with their documents."""
        query = select(chunks.c.number).where(chunks.c.number > number).order_by(chunks.c.number).limit(limit)
        with self._database.reading() as connection:
            found = dict(read_passages(connection, list(connection.scalars(query))))
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
        with self._database.reading() as connection:
            if document_ids is None:
                return np.fromiter(connection.scalars(query), dtype=np.int64)
            parts = [
                number
                for batch in batches(sorted(document_ids))
                for number in connection.scalars(query.where(chunks.c.document_id.in_(batch)))
            ]
        return np.sort(np.asarray(parts, dtype=np.int64))

    # The log of changes

    def latest_change(self) -> int:
        """The id of the last change, 0 when nothing was ever stored; cheap enough to ask at every question."""
        with self._database.reading() as connection:
            return connection.scalar(select(func.max(changes.c.id))) or 0

    def changes_since(self, change: int, limit: int = 10_000) -> list[Change]:
        """Up to `limit` changes after `change`, oldest first."""
        query = select(changes).where(changes.c.id > change).order_by(changes.c.id).limit(limit)
        with self._database.reading() as connection:
            return [Change(row.id, row.kind, row.number, row.stamp) for row in connection.execute(query)]

    def stamp(self, change: int) -> str:
        """The stamp of one change, empty if the log has no such change."""
        with self._database.reading() as connection:
            return connection.scalar(select(changes.c.stamp).where(changes.c.id == change)) or ""

    # Embeddings

    def chunks_without_embedding(self, model: str, limit: int) -> list[Chunk]:
        """The first `limit` chunks that have no vector of this model."""
        has_one = select(embeddings.c.number).where(
            embeddings.c.number == chunks.c.number, embeddings.c.model == model
        )
        query = select(chunks).where(~has_one.exists()).order_by(chunks.c.number).limit(limit)
        with self._database.reading() as connection:
            return [chunk_from(row) for row in connection.execute(query)]

    def put_embeddings(self, model: str, numbers: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Stores vectors, shape (len(numbers), d), in one transaction and logs their chunks as added again.

        A number whose chunk has left in the meantime is passed over.
        """
        check_vectors(model, vectors, len(numbers))
        with self._database.writing() as connection:
            alive = {
                number
                for batch in batches(numbers)
                for number in connection.scalars(select(chunks.c.number).where(chunks.c.number.in_(batch)))
            }
            kept = [place for place, number in enumerate(numbers) if number in alive]
            kept_numbers = [numbers[place] for place in kept]
            for batch in batches(kept_numbers):
                connection.execute(
                    delete(embeddings).where(embeddings.c.model == model, embeddings.c.number.in_(batch))
                )
            insert_vectors(connection, model, kept_numbers, vectors[kept])
            log_changes(connection, "add", kept_numbers, uuid4().hex)

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
        with self._database.reading() as connection:
            for batch in batches(numbers):
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
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        vectors = [np.frombuffer(row.vector, dtype="<f4") for row in rows]
        numbers = np.asarray([row.number for row in rows], dtype=np.int64)
        return numbers, np.stack(vectors) if vectors else np.zeros((0, 0), np.float32)

    def embedding_models(self) -> dict[str, int]:
        """How many vectors each model has."""
        query = select(embeddings.c.model, func.count()).group_by(embeddings.c.model)
        with self._database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def delete_embeddings_except(self, model: str) -> int:
        """Removes the vectors of all other models; returns how many."""
        with self._database.writing() as connection:
            return connection.execute(delete(embeddings).where(embeddings.c.model != model)).rowcount

    def statistics(self) -> Statistics:
        """How much the database holds."""
        sums = select(
            func.count(),
            func.coalesce(func.sum(documents.c.tables), 0),
            func.coalesce(func.sum(documents.c.rows), 0),
        ).select_from(documents)
        with self._database.reading() as connection:
            count, tables, rows = connection.execute(sums).one()
            chunk_count = connection.scalar(select(func.count()).select_from(chunks)) or 0
        return Statistics(count, chunk_count, int(tables), int(rows), self.embedding_models())
