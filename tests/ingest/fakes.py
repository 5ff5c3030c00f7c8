"""An in-memory store, an embedder, and readers that misbehave on purpose."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ingest.extract import extract_file
from ingest.types import Extracted, Piece
from retrieval.types import Counts, Document, NewDocument

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ingest.settings import IngestSettings


class MemoryStore:
    """Documents in a dict; counts every row of a grid."""

    def __init__(self) -> None:
        self.kept: dict[str, NewDocument] = {}
        self.vectors: dict[str, tuple[str, NDArray[np.float32]]] = {}
        self.puts = 0

    def documents(self) -> list[Document]:
        return [new.document for new in self.kept.values()]

    def document_by_source(self, source: str) -> Document | None:
        return next((d for d in self.documents() if d.source == source), None)

    def counts(self, document_id: str) -> Counts | None:
        new = self.kept.get(document_id)
        if new is None:
            return None
        return Counts(len(new.chunks), len(new.grids), sum(len(grid.rows) for grid in new.grids))

    def put_document(
        self,
        new: NewDocument,
        embeddings: tuple[str, NDArray[np.float32]] | None = None,
        *,
        replaces: str | None = None,
    ) -> None:
        self.puts += 1
        if replaces is not None:
            self.kept.pop(replaces)
        self.kept[new.document.id] = new
        if embeddings is not None:
            self.vectors[new.document.id] = embeddings

    def delete_document(self, document_id: str) -> bool:
        return self.kept.pop(document_id, None) is not None


class LengthEmbedder:
    """The length of each text as its vector."""

    name = "length"

    def embed_documents_array(self, texts: list[str]) -> NDArray[np.float32]:
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)


def misbehave(path: str, settings: IngestSettings) -> Extracted:
    """Does what the file's name says; runs in a worker process."""
    name = Path(path).stem
    if name.startswith("sleep"):
        time.sleep(600)
    if name.startswith("hog"):
        held = []
        while True:
            held.append(bytearray(b"x") * (50 * 1024 * 1024))
    if name.startswith("grow"):
        return Extracted("x", "text/plain", 1, (Piece("x" * 10),))
    if name.startswith("die"):
        os._exit(11)
    if name.startswith("raise"):
        raise ZeroDivisionError("a bug in a parser")
    if name.startswith("recurse"):
        return misbehave(path, settings)
    if name.startswith("shout"):
        os.write(1, b"noise on standard output\n")
    return extract_file(path, settings)
