"""Documents and chunks as rows of the database and back, and what cannot be stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.errors import InvalidDocumentError, InvalidEmbeddingsError
from retrieval.types import Chunk, Document, Location

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from retrieval.types import NewDocument


def check_document(new: NewDocument) -> None:
    """Raises InvalidDocumentError for chunks that contradict their document and texts no database takes."""
    source = new.document.source
    ordinals = [chunk.ordinal for chunk in new.chunks]
    if len(set(ordinals)) != len(ordinals):
        raise InvalidDocumentError(source, "two chunks have the same ordinal")
    if any(chunk.document_id != new.document.id for chunk in new.chunks):
        raise InvalidDocumentError(source, "a chunk belongs to another document")
    document = new.document
    texts = [
        document.source,
        document.name,
        document.title,
        document.category,
        *document.groups,
        *document.warnings,
    ]
    for each in [*texts, *(chunk.text for chunk in new.chunks)]:
        problem = _unstorable(each)
        if problem:
            raise InvalidDocumentError(source, f"{problem} in {each[:60]!r}")


def _unstorable(value: str) -> str:
    """PostgreSQL refuses NUL, and no database takes half of a surrogate pair."""
    if "\0" in value:
        return "a NUL character"
    try:
        value.encode()
    except UnicodeEncodeError:
        return "a lone surrogate"
    return ""


def check_vectors(model: str, vectors: NDArray[np.float32], count: int) -> None:
    """Raises InvalidEmbeddingsError unless `vectors` has `count` rows of finite numbers."""
    if vectors.ndim != 2 or len(vectors) != count:
        raise InvalidEmbeddingsError(model, f"{count} chunk(s), but an array of shape {vectors.shape}")
    if not np.isfinite(vectors).all():
        raise InvalidEmbeddingsError(model, "not all numbers are finite")


def document_values(document: Document) -> dict[str, Any]:
    """A row of `documents`; its tables are counted later."""
    return {
        "id": document.id,
        "source": document.source,
        "name": document.name,
        "content_hash": document.content_hash,
        "media_type": document.media_type,
        "title": document.title,
        "category": document.category,
        "pages": document.pages,
        "size": document.size,
        "modified": document.modified,
        "ingested": document.ingested,
        "warnings": list(document.warnings),
        "tables": 0,
        "rows": 0,
    }


def chunk_values(chunk: Chunk) -> dict[str, Any]:
    """A row of `chunks` without its number, which the database gives."""
    place = chunk.location
    return {
        "id": chunk.id,
        "document_id": chunk.document_id,
        "ordinal": chunk.ordinal,
        "text": chunk.text,
        "page": place.page,
        "slide": place.slide,
        "sheet": place.sheet,
        "cell": place.cell,
        "headings": list(place.headings),
        "extra": dict(chunk.extra),
    }


def chunk_from(row: Any) -> Chunk:
    """The chunk in a row of `chunks`."""
    location = Location(row.page, row.slide, row.sheet, row.cell, tuple(row.headings))
    return Chunk(row.id, row.document_id, row.ordinal, row.text, location, row.number, row.extra)


def document_from(row: Any, groups: tuple[str, ...]) -> Document:
    """The document in a row of `documents`, with its groups from their own table."""
    return Document(
        id=row.id,
        source=row.source,
        name=row.name,
        content_hash=row.content_hash,
        media_type=row.media_type,
        title=row.title,
        category=row.category,
        groups=groups,
        pages=row.pages,
        size=row.size,
        modified=row.modified,
        ingested=row.ingested,
        warnings=tuple(row.warnings),
    )
