"""Documents made up for the tests of this room."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from retrieval.types import Chunk, Document, Location, NewDocument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def document(
    name: str, texts: Sequence[str], *, groups: tuple[str, ...] = (), title: str = "", version: str = "1"
) -> NewDocument:
    """A document whose chunks stand on pages 1, 2, 3, …; another `version` is another content of one source."""
    source = f"/documents/{name}"
    digest = hashlib.sha256(f"{source}\0{version}".encode()).hexdigest()[:32]
    owner = Document(
        id=digest,
        source=source,
        name=name,
        content_hash=hashlib.sha256(version.encode()).hexdigest(),
        media_type="text/plain",
        title=title,
        groups=groups,
    )
    chunks = tuple(
        Chunk(f"{digest}-{place}", digest, place, text, Location(page=place + 1, headings=("章",)))
        for place, text in enumerate(texts)
    )
    return NewDocument(owner, chunks)


def vectors(count: int, start: int = 0) -> NDArray[np.float32]:
    """Vectors that differ, shape (count, 4)."""
    return np.arange(start, start + 4 * count, dtype=np.float32).reshape(count, 4)
