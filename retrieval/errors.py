"""What can go wrong in retrieval: each error carries its data and says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class RetrievalError(Exception):
    """Any error of this room."""


class DatabaseUnavailableError(RetrievalError):
    """The database cannot be opened, read or written; `url` has its password masked."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(
            f"The database {url} cannot be used: {reason}. Check TERMROUTE_DATABASE_URL, the free disk space and "
            "that the schema was created (start any termroute command once)."
        )


class InvalidDocumentError(RetrievalError):
    """A document cannot be stored as given."""

    def __init__(self, source: str, problem: str) -> None:
        self.source, self.problem = source, problem
        super().__init__(f"The document {source!r} cannot be stored: {problem}")


class InvalidEmbeddingsError(RetrievalError):
    """Vectors do not fit the chunks that they are for, or are not finite numbers."""

    def __init__(self, model: str, problem: str) -> None:
        self.model, self.problem = model, problem
        super().__init__(f"Embeddings of the model {model!r} refused: {problem}")


class MissingEmbeddingsError(RetrievalError):
    """Some chunks have no vector of this model."""

    def __init__(self, model: str, numbers: Sequence[int]) -> None:
        self.model, self.numbers = model, tuple(numbers)
        super().__init__(
            f"{len(numbers)} chunk(s) have no embedding of the model {model!r} (first: {self.numbers[:5]}). "
            "Run: termroute rebuild"
        )


class EmbedderUnavailableError(RetrievalError):
    """A model that was asked for by name cannot be loaded."""

    def __init__(self, model: str, reason: str) -> None:
        self.model, self.reason = model, reason
        super().__init__(
            f"The embedding model {model!r} cannot be loaded: {reason}. Set TERMROUTE_EMBEDDING_MODEL to a folder "
            "that holds the model, to a name on the hub, or to 'hashed' for keyword search without weights."
        )


class RerankerUnavailableError(RetrievalError):
    """A cross-encoder that was asked for by name cannot be loaded."""

    def __init__(self, model: str, reason: str) -> None:
        self.model, self.reason = model, reason
        super().__init__(
            f"The reranker {model!r} cannot be loaded: {reason}. Set TERMROUTE_RERANKER_MODEL to a folder that "
            "holds a cross-encoder or to a name on the hub, or leave it unset."
        )


class OtherModelError(RetrievalError):
    """The index was made with one embedding model and is asked to be searched with another."""

    def __init__(self, indexed: str, current: str) -> None:
        self.indexed, self.current = indexed, current
        super().__init__(
            f"The vector index was made with the embedding model {indexed!r}, but the model in use is {current!r}; "
            "their vectors cannot be compared. Run: termroute rebuild (embeds every passage with the model in "
            "use), or set TERMROUTE_EMBEDDING_MODEL back."
        )


class DamagedIndexError(RetrievalError):
    """A derived index on disk cannot be read; it can be made anew from the database."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"The index {path} is damaged ({problem}). It is derived data. Run: termroute rebuild")


class IndexBusyError(RetrievalError):
    """Another process is writing the index and did not finish in time."""

    def __init__(self, path: Path, seconds: float) -> None:
        self.path, self.seconds = path, seconds
        super().__init__(
            f"The index {path} is being written by another process (waited {seconds:g} s). Try again later."
        )


class VectorsUnavailableError(RetrievalError):
    """Vector search is not possible here; keyword search is."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"Vector search is off: {reason}. Keyword search goes on.")
