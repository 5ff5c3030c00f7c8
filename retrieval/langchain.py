"""LangChain's interfaces over this room: embeddings, vector store, retriever and document compressor."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from itertools import repeat
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
from langchain_core.callbacks import Callbacks  # noqa: TC002 - pydantic reads the annotations
from langchain_core.documents import BaseDocumentCompressor
from langchain_core.documents import Document as LangChainDocument
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.vectorstores import VectorStore
from langchain_core.vectorstores.utils import maximal_marginal_relevance
from pydantic import ConfigDict

from retrieval.embed import open_embedder
from retrieval.errors import InvalidDocumentError
from retrieval.store import KnowledgeStore
from retrieval.types import Chunk, Document, NewDocument
from retrieval.vectors import VectorIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from langchain_core.callbacks import CallbackManagerForRetrieverRun
    from numpy.typing import NDArray

    from retrieval.embed import Embedder
    from retrieval.types import Passage

_MEDIA_TYPE = "application/x-langchain-document"


class TermRouteEmbeddings(Embeddings):
    """Our embedders as LangChain embeddings: `auto`, `hashed`, a folder or a model on the hub."""

    def __init__(self, model: str = "auto", device: str = "auto", *, embedder: Embedder | None = None) -> None:
        """`embedder` takes the place of `model`; raises EmbedderUnavailableError for a model that cannot load."""
        self.embedder = embedder or open_embedder(model, device)[0]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector of unit length per text."""
        found: list[list[float]] = self.embedder.embed_documents_array(texts).tolist()
        return found

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question, with the model's query instruction."""
        found: list[float] = self.embedder.embed_query_array(text).tolist()
        return found


class LangChainEmbedder:
    """Any LangChain embeddings as our embedder; vectors are brought to unit length."""

    semantic = True

    def __init__(self, embeddings: Embeddings, name: str) -> None:
        """`name` is written into the index: give another model another name."""
        self.embeddings, self.name = embeddings, name

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return len(self.embeddings.embed_query(" "))

    def embed_documents_array(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (len(texts), dimension)."""
        return _unit(np.asarray(self.embeddings.embed_documents(list(texts)), dtype=np.float32))

    def embed_query_array(self, text: str) -> NDArray[np.float32]:
        """Shape (dimension,)."""
        return _unit(np.asarray(self.embeddings.embed_query(text), dtype=np.float32))


class TermRouteVectorStore(VectorStore):
    """FAISS by chunk number, with the database as document store; nothing is ever pickled.

    Finds what was ingested and what was added here. A document added here is one chunk whose id is the LangChain
    id; adding an id again replaces it. `groups` restricts what is found, as in `SearchEngine.search`.
    """

    def __init__(
        self,
        store: KnowledgeStore,
        embedding: Embeddings,
        folder: Path | None = None,
        *,
        model: str = "",
        groups: frozenset[str] | None = None,
    ) -> None:
        """`model` names embeddings that are not ours (their class by default); `folder` None keeps no copy."""
        self._store, self._embedding, self._groups = store, embedding, groups
        if isinstance(embedding, TermRouteEmbeddings):
            self._embedder: Embedder = embedding.embedder
        else:
            self._embedder = LangChainEmbedder(embedding, model or f"langchain:{type(embedding).__name__}")
        self._index = VectorIndex(folder, self._embedder.name)

    @property
    def embeddings(self) -> Embeddings:
        """The embeddings that the store was made with."""
        return self._embedding

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **_kwargs: Any,
    ) -> list[str]:
        """Stores texts in one transaction; metadata must be JSON values. Returns the ids, made up where None."""
        listed = list(texts)
        names = [name or uuid4().hex for name in (ids or [""] * len(listed))]
        if len(names) != len(listed) or (metadatas is not None and len(metadatas) != len(listed)):
            raise ValueError(f"{len(listed)} texts, {len(names)} ids, {len(metadatas or listed)} metadatas")
        # The last of several texts with one id wins, as if they had come one after the other.
        last = dict(zip(names, zip(listed, metadatas or repeat({}), strict=False), strict=True))
        self._refuse_ingested(list(last))
        new = [_new_document(name, text, metadata) for name, (text, metadata) in last.items()]
        vectors = self._embedder.embed_documents_array([text for text, _ in last.values()])
        if new:
            self._store.put_documents(new, (self._embedder.name, vectors))
        return names

    def delete(self, ids: list[str] | None = None, **_kwargs: Any) -> bool | None:
        """Deletes what was added here under these ids; None deletes all that was added here."""
        if ids is None:
            every = [each.id for each in self._store.documents() if each.media_type == _MEDIA_TYPE]
            self._store.delete_documents(every)
            return True
        self._refuse_ingested(ids)
        self._store.delete_documents([_document_id(name) for name in ids])
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[LangChainDocument]:
        """Documents by LangChain id or chunk id, in this order; unknown ids are left out."""
        found = self._store.passages_by_id(ids)
        visible = self._visible()
        return [
            _to_langchain(*found[name])
            for name in dict.fromkeys(ids)
            if name in found and (visible is None or found[name][0].number in visible)
        ]

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[LangChainDocument]:
        """The `k` nearest documents."""
        return [document for document, _ in self.similarity_search_with_score(query, k, **kwargs)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, **_kwargs: Any
    ) -> list[tuple[LangChainDocument, float]]:
        """The `k` nearest documents with their cosine, 1 is nearest."""
        return self._nearest(self._embedder.embed_query_array(query), k)

    def similarity_search_by_vector(
        self, embedding: list[float], k: int = 4, **_kwargs: Any
    ) -> list[LangChainDocument]:
        """The `k` documents nearest to a vector."""
        vector = _unit(np.asarray(embedding, dtype=np.float32))
        return [document for document, _ in self._nearest(vector, k)]

    def max_marginal_relevance_search(
        self, query: str, k: int = 4, fetch_k: int = 20, lambda_mult: float = 0.5, **_kwargs: Any
    ) -> list[LangChainDocument]:
        """`k` of the `fetch_k` nearest, chosen to be near the query and unlike each other."""
        vector = self._embedder.embed_query_array(query)
        return self._diverse(vector, k, fetch_k, lambda_mult)

    def max_marginal_relevance_search_by_vector(
        self, embedding: list[float], k: int = 4, fetch_k: int = 20, lambda_mult: float = 0.5, **_kwargs: Any
    ) -> list[LangChainDocument]:
        """As `max_marginal_relevance_search`, for a vector."""
        return self._diverse(_unit(np.asarray(embedding, dtype=np.float32)), k, fetch_k, lambda_mult)

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> TermRouteVectorStore:
        """A store with these texts, in `database_url` (kept in memory by default) and `folder`."""
        store = KnowledgeStore(kwargs.pop("database_url", "sqlite://"))
        store.create_schema()
        made = cls(store, embedding, **kwargs)
        made.add_texts(texts, metadatas, ids=ids)
        return made

    def _select_relevance_score_fn(self) -> Callable[[float], float]:
        return lambda cosine: (1.0 + cosine) / 2.0

    def _nearest(self, vector: NDArray[np.float32], k: int) -> list[tuple[LangChainDocument, float]]:
        hits = self._hits(vector, k)
        found = self._store.passages([number for number, _ in hits])
        return [(_to_langchain(*found[number]), score) for number, score in hits if number in found]

    def _diverse(
        self, vector: NDArray[np.float32], k: int, fetch_k: int, lambda_mult: float
    ) -> list[LangChainDocument]:
        numbers = [number for number, _ in self._hits(vector, fetch_k)]
        if not numbers:
            return []
        vectors = self._store.embeddings(self._embedder.name, numbers)
        chosen = maximal_marginal_relevance(vector, list(vectors), lambda_mult, k)
        found = self._store.passages(numbers)
        return [_to_langchain(*found[numbers[place]]) for place in chosen]

    def _hits(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        self._index.catch_up(self._store)
        allowed = None if self._groups is None else self._store.visible_numbers(self._groups)
        return self._index.search(vector, k, allowed)

    def _visible(self) -> set[int] | None:
        return None if self._groups is None else set(self._store.visible_numbers(self._groups).tolist())

    def _refuse_ingested(self, ids: Sequence[str]) -> None:
        for chunk, document in self._store.passages_by_id(ids).values():
            if document.media_type != _MEDIA_TYPE:
                problem = f"{chunk.id} is a passage of this ingested document; it changes and leaves with the whole file"
                raise InvalidDocumentError(document.source, problem)


class TermRouteRetriever(BaseRetriever):
    """The search engine as a LangChain retriever: keyword and vector rankings fused, reranked if set."""

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True)

    engine: Any
    """A `SearchEngine`, or anything with its `search`."""
    k: int = 10
    groups: frozenset[str] | None = None

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, **kwargs: Any
    ) -> list[LangChainDocument]:
        del run_manager
        passages: list[Passage] = self.engine.search(query, top_k=kwargs.get("k", self.k), groups=self.groups)
        return [_passage_to_langchain(passage) for passage in passages]


class RerankCompressor(BaseDocumentCompressor):
    """A cross-encoder as a LangChain document compressor: the `top_n` best, with `relevance_score`."""

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True)

    reranker: Any
    """A `CrossEncoderReranker`, or anything with its `scores`."""
    top_n: int = 3

    def compress_documents(
        self, documents: Sequence[LangChainDocument], query: str, callbacks: Callbacks | None = None
    ) -> Sequence[LangChainDocument]:
        """Scores every document against the query and keeps the best."""
        del callbacks
        scores = self.reranker.scores(query, [document.page_content for document in documents])
        order = sorted(zip(documents, scores, strict=True), key=lambda pair: -pair[1])
        return [
            LangChainDocument(
                id=document.id,
                page_content=document.page_content,
                metadata={**document.metadata, "relevance_score": score},
            )
            for document, score in order[: self.top_n]
        ]


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(lengths == 0, 1, lengths), dtype=np.float32)


def _document_id(name: str) -> str:
    return hashlib.sha256(f"langchain\0{name}".encode()).hexdigest()[:32]


def _new_document(name: str, text: str, metadata: dict[str, Any]) -> NewDocument:
    document = Document(
        id=_document_id(name),
        source=f"langchain:{name}",
        name=name,
        content_hash=hashlib.sha256(text.encode()).hexdigest(),
        media_type=_MEDIA_TYPE,
        size=len(text.encode()),
        ingested=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return NewDocument(document, (Chunk(name, document.id, 0, text, extra=dict(metadata)),))


def _to_langchain(chunk: Chunk, document: Document) -> LangChainDocument:
    """What was added here comes back as it was; of what was ingested, the metadata says where it stands."""
    if document.media_type == _MEDIA_TYPE:
        return LangChainDocument(id=chunk.id, page_content=chunk.text, metadata=dict(chunk.extra))
    place = chunk.location
    where = {
        "page": place.page,
        "slide": place.slide,
        "sheet": place.sheet,
        "cell": place.cell,
        "headings": list(place.headings),
    }
    metadata = {
        "source": document.source,
        "document": document.name,
        "document_id": document.id,
        "chunk_id": chunk.id,
        **{name: value for name, value in where.items() if value},
        **chunk.extra,
    }
    return LangChainDocument(id=chunk.id, page_content=chunk.text, metadata=metadata)


def _passage_to_langchain(passage: Passage) -> LangChainDocument:
    document = _to_langchain(passage.chunk, passage.document)
    metadata = {**document.metadata, "score": passage.score, "scores": dict(passage.scores)}
    return LangChainDocument(id=document.id, page_content=document.page_content, metadata=metadata)
