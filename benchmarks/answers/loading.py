"""Puts texts into a knowledge base of their own, one document a text, cut into passages as ingestion does."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from api.settings import Settings
from api.wiring import Application
from retrieval.types import Chunk, Document, NewDocument

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_BATCH = 500


def load(folder: Path, texts: Iterable[str]) -> Application:
    """Return the program over `texts`, each once; the caller closes it."""
    application = Application(Settings(data_dir=folder, embedding_model="hashed"))
    documents = [_document(place, text) for place, text in enumerate(dict.fromkeys(texts))]
    for start in range(0, len(documents), _BATCH):
        batch = documents[start : start + _BATCH]
        vectors = application.embedder.embed_documents_array([each.chunks[0].text for each in batch])
        application.store.put_documents(batch, (application.embedder.name, vectors))
    application.warm_up()
    return application


def _document(place: int, text: str) -> NewDocument:
    digest = hashlib.sha256(f"{place}{text}".encode()).hexdigest()[:32]
    document = Document(digest, f"/benchmark/{place}.txt", f"{place}.txt", digest, "text/plain")
    return NewDocument(document, (Chunk(f"{digest}-0", digest, 0, text),))
