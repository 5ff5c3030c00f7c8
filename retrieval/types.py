"""The vocabulary of retrieval: documents, chunks, where they stand, and the passages that a search returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from retrieval.facts.types import Grid


@dataclass(frozen=True, slots=True)
class Location:
    """Where a text stands in its document.

    `page` and `slide` count from 1; `cell` is one cell or a range in A1 notation (`B7`, `A2:F40`); `headings`
    is the path of headings above the text, outermost first.
    """

    page: int | None = None
    slide: int | None = None
    sheet: str | None = None
    cell: str | None = None
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A document in the catalogue.

    `id` is a content hash: the first 32 hex digits of SHA-256 over the source, a NUL and the file's bytes.
    `source` is the absolute path (or `upload:NAME`); `name` is its last part; `groups` is empty for everyone.
    """

    id: str
    source: str
    name: str
    content_hash: str
    media_type: str
    title: str = ""
    category: str = ""
    groups: tuple[str, ...] = ()
    pages: int = 0
    size: int = 0
    modified: str = ""
    ingested: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage-sized piece of a document.

    `id` is a content hash over document id, ordinal and text. `number` is the database's integer key, never
    reused, which the derived indexes carry (0 before the chunk is stored). `extra` is what a caller attached:
    JSON values by name.
    """

    id: str
    document_id: str
    ordinal: int
    text: str
    location: Location = Location()
    number: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class NewDocument:
    """Everything that enters the database in one transaction for one document."""

    document: Document
    chunks: tuple[Chunk, ...]
    grids: tuple[Grid, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk found by a search, best first; `scores` has each stage's own score, `score` the final one."""

    chunk: Chunk
    document: Document
    score: float
    scores: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the log that derived indexes follow: chunk `number` came in (`add`) or left (`remove`).

    `stamp` names the transaction; an index that remembers it can tell that it follows this very log.
    """

    id: int
    kind: Literal["add", "remove"]
    number: int
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Statistics:
    """How much the database holds; `embeddings` counts vectors by model name."""

    documents: int
    chunks: int
    tables: int
    rows: int
    embeddings: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much one document has in the database."""

    chunks: int
    tables: int
    rows: int
