"""Fuses rankings of different scorers into one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

RRF_CONSTANT = 60


@dataclass(frozen=True, slots=True)
class Ranking:
    """What one scorer found, best first: (number, score). A ranking of weight 0 has no say."""

    hits: Sequence[tuple[int, float]]
    weight: float = 1.0


def fuse(rankings: Sequence[Ranking], constant: int = RRF_CONSTANT) -> list[tuple[int, float]]:
    """Reciprocal rank fusion: each ranking gives `weight / (constant + rank)`, rank from 1; best first.

    Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning
    methods" (SIGIR 2009). Two rankings tie often (first and second against second and first); such ties are
    settled by the sum of the scores, each as a share of its ranking's best, then by the number.
    """
    fused: defaultdict[int, float] = defaultdict(float)
    shares: defaultdict[int, float] = defaultdict(float)
    for ranking in rankings:
        if ranking.weight <= 0 or not ranking.hits:
            continue
        best = max(score for _, score in ranking.hits)
        for rank, (number, score) in enumerate(ranking.hits, start=1):
            fused[number] += ranking.weight / (constant + rank)
            shares[number] += ranking.weight * (score / best if best > 0 else 0.0)
    # Sums of the same fractions in another order differ in their last bits, which must not settle a tie.
    order = sorted(fused, key=lambda number: (-round(fused[number], 12), -shares[number], number))
    return [(number, fused[number]) for number in order]
