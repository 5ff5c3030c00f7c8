"""The settings of retrieval: which models, on which device, and how rankings are weighed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from retrieval.errors import SettingError
from retrieval.fusion import RRF_CONSTANT
from retrieval.keywords import KeywordWeights

if TYPE_CHECKING:
    from collections.abc import Mapping

DEVICES = ("auto", "cpu", "cuda")


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How a search is made.

    `keyword_weight` and `vector_weight` weigh the two rankings in the fusion; vectors that are not semantic
    always weigh 0. `depth` is how many hits each ranking gives, `rerank_depth` how many passages a reranker reads.
    `writer_wait` is how many seconds a search waits for another process that writes the keyword index.
    """

    keyword_weight: float = 1.0
    vector_weight: float = 1.0
    rrf_constant: int = RRF_CONSTANT
    depth: int = 100
    rerank_depth: int = 30
    writer_wait: float = 1.0
    keywords: KeywordWeights = field(default_factory=KeywordWeights)


@dataclass(frozen=True, slots=True)
class RetrievalSettings:
    """The section `retrieval` of the settings; `reranker_model` None means no reranking."""

    embedding_model: str = "auto"
    reranker_model: str | None = None
    device: str = "auto"
    search: SearchSettings = field(default_factory=SearchSettings)


def read_settings(values: Mapping[str, str]) -> tuple[RetrievalSettings, list[SettingError]]:
    """Reads the keys of this section (`TERMROUTE_DEVICE`, …) from `values`; all errors are returned together."""
    device = values.get("TERMROUTE_DEVICE", "auto").strip() or "auto"
    errors = []
    if device not in DEVICES:
        errors.append(SettingError("TERMROUTE_DEVICE", device, ", ".join(DEVICES)))
        device = "auto"
    model = values.get("TERMROUTE_EMBEDDING_MODEL", "auto").strip() or "auto"
    reranker = values.get("TERMROUTE_RERANKER_MODEL", "").strip() or None
    return RetrievalSettings(model, reranker, device), errors
