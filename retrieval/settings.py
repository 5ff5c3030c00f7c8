"""The settings of retrieval: how rankings are made and weighed."""

from __future__ import annotations

from dataclasses import dataclass, field

from retrieval.fusion import RRF_CONSTANT
from retrieval.keywords import KeywordWeights


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
