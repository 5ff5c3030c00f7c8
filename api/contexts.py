"""Shows terminology how the ingested documents use a term: the sentences around it, under their headings."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from retrieval.embed import Embedder
    from retrieval.search import SearchEngine
    from retrieval.store import KnowledgeStore

# A person reads a term by its passage, not by its sentence alone; longer passages say too many other things.
_PASSAGES, _CHARACTERS = 40, 600
_MOST_KNOWN = 100_000


class DocumentContexts:
    """Passages that use a name, from the search engine; every reader's documents count, none is shown to anyone."""

    def __init__(self, search: SearchEngine) -> None:
        self._search = search
        self._numbers: dict[str, int] = {}

    def contexts(self, term: str) -> Sequence[str]:
        """Return passages that have `term` in them, with the headings above, the most typical first."""
        found = []
        pattern = _bounded(term)
        if len(self._numbers) > _MOST_KNOWN:
            self._numbers.clear()
        for passage in self._search.mentions(term, _PASSAGES):
            place = " ".join((PurePath(passage.document.name).stem, *passage.chunk.location.headings))
            text = f"{place}\n{passage.chunk.text}"
            if pattern.search(text):
                found.append(text[:_CHARACTERS])
                self._numbers[found[-1]] = passage.chunk.number
        return found

    def change(self) -> int:
        """Return the latest change of the documents."""
        return self._search.change()

    def number(self, text: str) -> int | None:
        """Return the number of the chunk that gave `text`, or None for a text from elsewhere."""
        return self._numbers.get(text)


class StoredEmbeddings:
    """An embedder that takes the vectors of contexts from the database, where ingestion has put them.

    Without it the first question about a term would wait until the model has read a hundred passages.
    """

    def __init__(self, embedder: Embedder, store: KnowledgeStore, contexts: DocumentContexts) -> None:
        """`contexts` knows which chunk a text is from."""
        self._embedder, self._store, self._contexts = embedder, store, contexts

    def embed_documents_array(self, texts: list[str]) -> NDArray[np.float32]:
        """Return one vector per text, shape (len(texts), d): its chunk's, or the model's."""
        numbers = {text: number for text in texts if (number := self._contexts.number(text)) is not None}
        stored = self._store.embeddings_by_number(self._embedder.name, list(set(numbers.values())))
        known = {text: stored[number] for text, number in numbers.items() if number in stored}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            known.update(zip(missing, self._embedder.embed_documents_array(missing), strict=True))
        return np.stack([known[text] for text in texts]).astype(np.float32)

    def embed_query_array(self, text: str) -> NDArray[np.float32]:
        """Return the model's vector of one question, shape (d,)."""
        return self._embedder.embed_query_array(text)


def _bounded(term: str) -> re.Pattern[str]:
    """Match `term` in any case, an ASCII one only as a word of its own."""
    before, after = ("(?<![A-Za-z0-9])", "(?![A-Za-z0-9])") if term.isascii() else ("", "")
    return re.compile(before + re.escape(term) + after, re.IGNORECASE)
