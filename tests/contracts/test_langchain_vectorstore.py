"""LangChain's own standard tests for our vector store, over SQLite and FAISS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from langchain_tests.integration_tests import VectorStoreIntegrationTests

from retrieval.langchain import TermRouteEmbeddings, TermRouteVectorStore
from retrieval.store import KnowledgeStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from langchain_core.vectorstores import VectorStore


class TestWithForeignEmbeddings(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self, tmp_path: Path) -> Iterator[VectorStore]:
        store = KnowledgeStore(f"sqlite:///{tmp_path / 'knowledge.db'}")
        store.create_schema()
        yield TermRouteVectorStore(store, self.get_embeddings(), tmp_path / "vectors")
        store.close()


class TestInMemoryWithOurEmbeddings(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self) -> Iterator[VectorStore]:
        store = KnowledgeStore("sqlite://")
        store.create_schema()
        yield TermRouteVectorStore(store, TermRouteEmbeddings("hashed"))
        store.close()
