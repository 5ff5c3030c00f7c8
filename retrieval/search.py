"""Searches passages: keyword and vector rankings fused, reranked if there is a reranker, kept up with the database."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.errors import IndexBusyError, VectorsUnavailableError
from retrieval.fusion import Ranking, fuse
from retrieval.keywords import Access, KeywordIndex
from retrieval.settings import SearchSettings
from retrieval.types import Passage
from retrieval.vectors import VectorIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from retrieval.embed import Embedder
    from retrieval.rerank import Reranker
    from retrieval.store import KnowledgeStore

_EMBED_BATCH = 256
_ACCESSES_KEPT = 64
_DEEPEST = 10_000
_SPARE = 3
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IndexState:
    """What `termroute status` shows: how far the indexes are, and which model they were made with."""

    change: int
    keyword_change: int
    vector_change: int | None
    keyword_chunks: int
    vector_chunks: int | None
    model: str | None
    indexed_model: str | None
    semantic: bool


class SearchEngine:
    """One way to ask for passages, safe for threads; several processes may search the same database.

    Without `vectors` or `embedder`, or with an embedder that is not semantic, the keyword index alone ranks.
    """

    def __init__(
        self,
        store: KnowledgeStore,
        keywords: KeywordIndex,
        vectors: VectorIndex | None = None,
        embedder: Embedder | None = None,
        reranker: Reranker | None = None,
        settings: SearchSettings | None = None,
    ) -> None:
        """Opens nothing new; call `catch_up` once at start, or let the first search do it."""
        self._store, self._keywords = store, keywords
        self._vectors = vectors if embedder is not None else None
        self._embedder, self._reranker = embedder, reranker
        self._settings = settings or SearchSettings()
        self._catching_up, self._remembering = threading.Lock(), threading.Lock()
        self._seen = -1
        self._writer_busy = False
        self._visible: OrderedDict[tuple[Access, int], NDArray[np.int64]] = OrderedDict()

    @property
    def semantic(self) -> bool:
        """Whether vectors take part in the ranking; if not, this is keyword search only."""
        return self._vectors is not None and self._embedder is not None and self._embedder.semantic

    def state(self) -> IndexState:
        """How far the indexes have followed the database."""
        vectors, embedder = self._vectors, self._embedder
        return IndexState(
            change=self._store.latest_change(),
            keyword_change=self._keywords.change,
            vector_change=vectors.change if vectors else None,
            keyword_chunks=len(self._keywords),
            vector_chunks=len(vectors) if vectors else None,
            model=embedder.name if embedder else None,
            indexed_model=vectors.indexed_model if vectors else None,
            semantic=self.semantic,
        )

    # Following the database

    def catch_up(self) -> None:
        """Brings both indexes up to the database; raises OtherModelError if the index has another model."""
        with self._catching_up:
            self._catch_up(self._store.latest_change())

    def _catch_up_if_moved(self) -> None:
        latest = self._store.latest_change()
        if latest != self._seen:
            with self._catching_up:
                if latest != self._seen:
                    self._catch_up(latest)

    def _catch_up(self, latest: int) -> None:
        if self._vectors is not None:
            self._vectors.catch_up(self._store)
        try:
            # While another process keeps writing, only the first search waits for it.
            self._keywords.catch_up(self._store, wait=0.0 if self._writer_busy else self._settings.writer_wait)
        except IndexBusyError as busy:
            if not self._writer_busy:
                _log.warning("%s Searching what the index has now.", busy)
            self._writer_busy = True
            self._keywords.refresh()
            return
        self._writer_busy = False
        self._seen = latest

    # Searching

    def search(
        self,
        query: str,
        *,
        top_k: int = 10,
        expansions: Sequence[str] = (),
        groups: frozenset[str] | None = None,
        document_ids: Collection[str] | None = None,
    ) -> list[Passage]:
        """The best passages for a question, best first.

        `expansions` are other names for what the question names (an abbreviation's full forms). `groups` None
        sees everything; otherwise documents without groups and those that share one. Passages of the same text
        count once. `Passage.scores` has `words` and `grams` (BM25 of each field), `keyword` (both, with titles
        and expansions), `vector` (cosine), `fused`, `rerank`, and `coverage`: the share of the question's words,
        weighted by rarity, that the passage has. Raises OtherModelError if the index was made with another model.
        """
        access = Access(groups, None if document_ids is None else frozenset(document_ids))
        passages, vectors = self.ranked(query, top_k, expansions, access)
        if passages and not vectors:
            vectors = self._query_vectors(query, ())
        return self._with_stage_scores(query, passages, vectors)

    def ranked(
        self, query: str, top_k: int, expansions: Sequence[str], access: Access
    ) -> tuple[list[Passage], list[NDArray[np.float32]]]:
        """The best passages without the scores of each stage, and the vectors of the question if it was ranked by them."""
        self._catch_up_if_moved()
        if top_k < 1:
            return [], []
        wanted = top_k if self._reranker is None else max(self._settings.rerank_depth, top_k)
        depth = max(self._settings.depth, wanted)
        vectors = self._query_vectors(query, expansions) if self.semantic else []
        while True:
            rankings = self._rankings(query, expansions, access, vectors, depth)
            passages = self._passages(rankings, access, wanted)
            full = any(len(ranking.hits) == depth for ranking in rankings.values())
            if len(passages) >= wanted or not full or depth >= _DEEPEST:
                break
            # Many passages had the same text: look deeper.
            depth *= 4
        return self._reranked(query, passages)[:top_k], vectors

    def mentions(self, query: str, limit: int) -> list[Passage]:
        """The passages whose words fit `query` best, of all readers, by keywords alone: cheaper than `search`."""
        self._catch_up_if_moved()
        everyone = Access(None, None)
        ranking = Ranking(self._keywords.search(query, 2 * limit, everyone), 1.0)
        return self._passages({"keyword": ranking}, everyone, limit)

    def rarities(self, words: Sequence[str]) -> list[float]:
        """How rare each word is in the collection: 0 stands in every passage, 1 in none."""
        return self._keywords.rarities(words)

    def change(self) -> int:
        """The latest change of the documents."""
        return self._store.latest_change()

    def standing(self) -> tuple[int, int, int]:
        """What a search draws on at this moment: the latest change, and how far each index has followed it."""
        followed = self._vectors.change if self._vectors else 0
        return self._store.latest_change(), self._keywords.change, followed

    def _rankings(
        self,
        query: str,
        expansions: Sequence[str],
        access: Access,
        vectors: Sequence[NDArray[np.float32]],
        depth: int,
    ) -> Mapping[str, Ranking]:
        hits = self._keywords.search(query, depth, access, expansions)
        found = {"keyword": Ranking(hits, self._settings.keyword_weight)}
        if vectors and self.semantic and self._vectors is not None:
            allowed = self._allowed(access)
            for place, vector in enumerate(vectors):
                weight = self._settings.vector_weight / len(vectors)
                found[f"vector {place}"] = Ranking(self._vectors.search(vector, depth, allowed), weight)
        return found

    def _query_vectors(self, query: str, expansions: Sequence[str]) -> list[NDArray[np.float32]]:
        """The question's vector and, with expansions, the vector of the question followed by them."""
        if self._vectors is None or self._embedder is None or not query.strip():
            return []
        texts = [query, " ".join([query, *expansions])] if expansions and self.semantic else [query]
        return [self._embedder.embed_query_array(text) for text in texts]

    def _allowed(self, access: Access) -> NDArray[np.int64] | None:
        if access.groups is None and access.document_ids is None:
            return None
        key = (access, self._seen)
        with self._remembering:
            if key not in self._visible:
                self._visible[key] = self._store.visible_numbers(access.groups, access.document_ids)
                while len(self._visible) > _ACCESSES_KEPT:
                    self._visible.popitem(last=False)
            return self._visible[key]

    def _passages(self, rankings: Mapping[str, Ranking], access: Access, wanted: int) -> list[Passage]:
        """The first `wanted` of the fused ranking, equal texts once."""
        fused = fuse(list(rankings.values()), self._settings.rrf_constant)
        keyword = dict(rankings["keyword"].hits)
        passages: list[Passage] = []
        texts: set[str] = set()
        # Few texts are equal, so few are fetched beyond those wanted: reading them is the dearest part of a search.
        step = wanted + _SPARE
        for start in range(0, len(fused), step):
            batch = fused[start : start + step]
            found = self._store.passages([number for number, _ in batch])
            for number, score in batch:
                # Gone since the index was made, or (which the indexes already rule out) not for this reader.
                if number not in found or not access.allows(found[number][1]):
                    continue
                chunk, document = found[number]
                text = " ".join(chunk.text.split())
                if text not in texts:
                    texts.add(text)
                    scores = {"keyword": keyword.get(number, 0.0), "fused": score}
                    passages.append(Passage(chunk, document, score, scores))
                if len(passages) == wanted:
                    return passages
        return passages

    def _reranked(self, query: str, passages: Sequence[Passage]) -> list[Passage]:
        if self._reranker is None or not passages:
            return list(passages)
        scores = self._reranker.scores(query, [passage.chunk.text for passage in passages])
        scored = [
            Passage(passage.chunk, passage.document, score, {**passage.scores, "rerank": score})
            for passage, score in zip(passages, scores, strict=True)
        ]
        return sorted(scored, key=lambda passage: -passage.score)

    def _with_stage_scores(
        self, query: str, passages: Sequence[Passage], vectors: Sequence[NDArray[np.float32]]
    ) -> list[Passage]:
        numbers = [passage.chunk.number for passage in passages]
        fields = self._keywords.field_scores(query, numbers)
        coverages = self._keywords.coverages(query, [passage.chunk.text for passage in passages])
        near = self._vectors.scores(vectors[0], numbers) if self._vectors is not None and vectors else {}
        result = []
        for passage, coverage in zip(passages, coverages, strict=True):
            number = passage.chunk.number
            stages = {field: fields[field].get(number, 0.0) for field in fields}
            stages["coverage"] = coverage
            if number in near:
                stages["vector"] = near[number]
            result.append(Passage(passage.chunk, passage.document, passage.score, {**stages, **passage.scores}))
        return result


@dataclass(frozen=True, slots=True)
class RankedSearch:
    """The engine for answers: the same passages in the same order, without the scores of each stage.

    Those are for people who look into a ranking, and take as long as the ranking itself.
    """

    engine: SearchEngine

    def search(
        self,
        query: str,
        *,
        top_k: int = 10,
        expansions: Sequence[str] = (),
        groups: frozenset[str] | None = None,
    ) -> list[Passage]:
        """The best passages for a question, best first, as `SearchEngine.search` ranks them."""
        return self.engine.ranked(query, top_k, expansions, Access(groups, None))[0]


def open_engine(
    store: KnowledgeStore,
    folder: Path,
    embedder: Embedder,
    reranker: Reranker | None = None,
    *,
    settings: SearchSettings | None = None,
    device: str = "auto",
) -> SearchEngine:
    """An engine over the indexes in `folder`; without FAISS it says so in the log and searches keywords only."""
    settings = settings or SearchSettings()
    keywords = KeywordIndex(folder / "keywords", settings.keywords)
    try:
        vectors: VectorIndex | None = VectorIndex(folder / "vectors", embedder.name, device)
    except VectorsUnavailableError as error:
        _log.warning("%s", error)
        vectors = None
    return SearchEngine(store, keywords, vectors, embedder, reranker, settings)


def rebuild(
    store: KnowledgeStore,
    folder: Path,
    embedder: Embedder,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Makes both indexes in `folder` anew from the database; returns how many passages were embedded.

    Passages that have no vector of this embedder's model get one; `progress` is told how many after each batch.
    Searches in other processes go on with the old indexes until the new ones take their place.
    """
    embedded = 0
    while chunks := store.chunks_without_embedding(embedder.name, _EMBED_BATCH):
        vectors = embedder.embed_documents_array([chunk.text for chunk in chunks])
        store.put_embeddings(embedder.name, [chunk.number for chunk in chunks], vectors)
        embedded += len(chunks)
        if progress is not None:
            progress(embedded)
    KeywordIndex(folder / "keywords").rebuild(store)
    try:
        VectorIndex(folder / "vectors", embedder.name).rebuild(store)
    except VectorsUnavailableError as error:
        _log.warning("%s", error)
    return embedded
