"""LangChain's own standard tests for our retriever, and a chain of retriever and reranker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.documents import Document
from langchain_tests.integration_tests import RetrieversIntegrationTests

from retrieval.hashed import HashedEmbedder
from retrieval.langchain import RerankCompressor, TermRouteRetriever
from retrieval.search import SearchEngine, open_engine
from retrieval.store import KnowledgeStore
from tests.retrieval.samples import document

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from langchain_core.retrievers import BaseRetriever


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> SearchEngine:
    folder: Path = tmp_path_factory.mktemp("retriever")
    store = KnowledgeStore(f"sqlite:///{folder / 'knowledge.db'}")
    store.create_schema()
    texts = [f"第{number}条：客户经理负责第{number}阶段的售后工作" for number in range(1, 7)]
    store.put_document(document("售后流程.docx", texts))
    store.put_document(document("秘密.docx", ["客户经理的工资表"], groups=("hr",)))
    return open_engine(store, folder, HashedEmbedder())


class TestRetriever(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def _engine(self, engine: SearchEngine) -> None:
        self._built = engine

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return TermRouteRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"engine": self._built}

    @property
    def retriever_query_example(self) -> str:
        return "客户经理负责什么"


def test_metadata_says_where_the_passage_stands(engine: SearchEngine) -> None:
    found = TermRouteRetriever(engine=engine, k=1, groups=frozenset()).invoke("第3条")[0]
    assert found.metadata["document"] == "售后流程.docx"
    assert found.metadata["page"] == 3
    assert found.metadata["score"] == pytest.approx(found.metadata["scores"]["fused"])


def test_groups_are_kept_from_others(engine: SearchEngine) -> None:
    everyone = TermRouteRetriever(engine=engine, k=10, groups=frozenset()).invoke("工资表")
    assert "秘密.docx" not in {each.metadata["document"] for each in everyone}
    staff = TermRouteRetriever(engine=engine, k=10, groups=frozenset({"hr"})).invoke("工资表")
    assert staff[0].metadata["document"] == "秘密.docx"


class _LongestFirst:
    name = "longest"

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        return [float(len(text)) for text in texts]


def test_compressor_keeps_the_best_with_their_scores() -> None:
    given = [Document(page_content="a" * size, metadata={"size": size}) for size in (2, 9, 5)]
    kept = RerankCompressor(reranker=_LongestFirst(), top_n=2).compress_documents(given, "x")
    assert [each.metadata for each in kept] == [
        {"size": 9, "relevance_score": 9.0},
        {"size": 5, "relevance_score": 5.0},
    ]
