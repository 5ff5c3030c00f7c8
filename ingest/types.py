"""The vocabulary of ingestion: what a parser reads, what a worker hands back, and the report on one file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from retrieval.types import Location

if TYPE_CHECKING:
    from retrieval.facts.types import Grid

BlockKind = Literal["heading", "paragraph", "list", "table", "notes", "caption", "code"]
FileStatus = Literal["indexed", "unchanged", "replaced", "deleted", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a document in reading order.

    `level` is the depth of a heading (1 is outermost) or of a list item, 0 otherwise. A table has its index in
    `Parsed.grids` in `grid`; its `text` may stay empty, since its passages are made from the grid.
    """

    text: str
    kind: BlockKind = "paragraph"
    level: int = 0
    location: Location = field(default_factory=Location)
    grid: int | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file as read: blocks in reading order, tables as grids, and what a person should know about it."""

    title: str
    blocks: tuple[Block, ...]
    grids: tuple[Grid, ...] = ()
    pages: int = 0
    media_type: str = "application/octet-stream"
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """The text of one chunk, and where it stands."""

    text: str
    location: Location = field(default_factory=Location)


@dataclass(frozen=True, slots=True)
class Extracted:
    """A file after parsing, cleaning and chunking: what a worker process hands back."""

    title: str
    media_type: str
    pages: int
    pieces: tuple[Piece, ...]
    grids: tuple[Grid, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileReport:
    """What happened to one file; the fields of `termroute ingest --json`.

    `error` says why a file failed or was skipped and what to do about it; `warnings` are things that were read
    only in part.
    """

    path: str
    status: FileStatus
    error: str = ""
    document_id: str = ""
    pages: int = 0
    chunks: int = 0
    tables: int = 0
    rows: int = 0
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingestion is: files done of all, pages read so far, and seconds since it began."""

    done: int
    total: int
    pages: int
    seconds: float
    path: str = ""

    @property
    def rate(self) -> float:
        """Files per second so far."""
        return self.done / self.seconds if self.seconds > 0 else 0.0
