"""Builds what is measured: our indexes over a collection, and each way of ranking with them."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

from benchmarks.retrieval.baseline import PlainBM25, bigrams, jieba_words
from benchmarks.retrieval.measures import LIMIT
from retrieval.fusion import Ranking, fuse
from retrieval.hashed import HashedEmbedder
from retrieval.keywords import KeywordIndex, KeywordWeights
from retrieval.search import SearchEngine
from retrieval.store import KnowledgeStore
from retrieval.types import Chunk, Document, NewDocument
from retrieval.vectors import VectorIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from benchmarks.retrieval.data import Collection

_BATCH = 1_000


class Built:
    """A collection in a store of its own with both indexes; places of texts are chunk numbers less one."""

    def __init__(self, folder: Path, texts: Sequence[str], titles: Sequence[str] | None = None) -> None:
        """Stores and indexes everything, with hashed vectors."""
        self.embedder = HashedEmbedder()
        self.store = KnowledgeStore(f"sqlite:///{folder / 'knowledge.db'}")
        self.store.create_schema()
        documents = [
            _document(place, text, titles[place] if titles else "") for place, text in enumerate(texts)
        ]
        for start in range(0, len(documents), _BATCH):
            batch = documents[start : start + _BATCH]
            vectors = self.embedder.embed_documents_array([each.chunks[0].text for each in batch])
            self.store.put_documents(batch, (self.embedder.name, vectors))
        self.keywords = KeywordIndex(folder / "keywords", KeywordWeights())
        start_time = time.perf_counter()
        self.keywords.catch_up(self.store)
        self.keyword_seconds = time.perf_counter() - start_time
        self.vectors = VectorIndex(folder / "vectors", self.embedder.name)
        self.vectors.catch_up(self.store)
        self.engine = SearchEngine(self.store, self.keywords, self.vectors, self.embedder)
        self.engine.catch_up()


def baselines(collection: Collection) -> Iterator[tuple[str, Callable[[str], Sequence[int]]]]:
    """Plain BM25 as others have it."""
    words, pairs = PlainBM25(collection.texts, jieba_words), PlainBM25(collection.texts, bigrams)
    yield "baseline: BM25, jieba words", lambda query: words.search(query, LIMIT)
    yield "baseline: BM25, character bigrams", lambda query: pairs.search(query, LIMIT)


def ours(built: Built) -> Iterator[tuple[str, Callable[[str], Sequence[int]]]]:
    """Each stage alone, and the ways to fuse them."""

    def keywords(query: str, *fields: str) -> list[tuple[int, float]]:
        return built.keywords.search(query, LIMIT, fields=fields)

    def vectors(query: str) -> list[tuple[int, float]]:
        return built.vectors.search(built.embedder.embed_query_array(query), LIMIT)

    def places(hits: Sequence[tuple[int, float]]) -> list[int]:
        return [number - 1 for number, _ in hits]

    def by_rank(*rankings: list[tuple[int, float]]) -> list[int]:
        return places(fuse([Ranking(hits) for hits in rankings]))

    yield "words alone", lambda query: places(keywords(query, "words"))
    yield "grams alone", lambda query: places(keywords(query, "grams"))
    yield (
        "words + grams, fused by rank",
        lambda query: by_rank(keywords(query, "words"), keywords(query, "grams")),
    )
    yield (
        "words + grams, BM25 added (the keyword ranking)",
        lambda query: places(keywords(query, "words", "grams")),
    )
    yield "hashed vectors alone", lambda query: places(vectors(query))
    yield (
        "keyword ranking + hashed vectors, fused by rank (not used: weight 0)",
        lambda query: by_rank(keywords(query, "words", "grams"), vectors(query)),
    )
    yield (
        "SearchEngine.search, top 10, all stages scored",
        lambda query: [passage.chunk.number - 1 for passage in built.engine.search(query)],
    )


def _document(place: int, text: str, title: str) -> NewDocument:
    digest = hashlib.sha256(str(place).encode()).hexdigest()[:32]
    # No name: a file's name counts like a title, and these texts have none.
    document = Document(digest, f"/benchmark/{place}", "", digest, "text/plain", title=title)
    return NewDocument(document, (Chunk(f"{digest}-0", digest, 0, text),))
