"""Recall, reciprocal rank and latency of a ranking function."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.retrieval.data import Question

DEPTHS = (1, 5, 10)
LIMIT = 100


@dataclass(frozen=True, slots=True)
class Measured:
    """Shares of questions with an answer among the first 1, 5, 10; mean reciprocal rank; milliseconds."""

    system: str
    recall: dict[int, float]
    mrr: float
    median_ms: float
    p95_ms: float


def measure(system: str, search: Callable[[str], Sequence[int]], questions: Sequence[Question]) -> Measured:
    """Runs every question once, one after the other; `search` gives places of texts, best first."""
    ranks: list[int | None] = []
    seconds = []
    for question in questions:
        start = time.perf_counter()
        found = search(question.text)
        seconds.append(time.perf_counter() - start)
        ranks.append(
            next((rank for rank, place in enumerate(found, start=1) if place in question.answers), None)
        )
    recall = {depth: sum(rank is not None and rank <= depth for rank in ranks) / len(ranks) for depth in DEPTHS}
    mrr = sum(1 / rank for rank in ranks if rank) / len(ranks)
    return Measured(system, recall, mrr, *percentiles(seconds))


def percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds."""
    ordered = sorted(seconds)
    return ordered[len(ordered) // 2] * 1000, ordered[int(len(ordered) * 0.95)] * 1000
