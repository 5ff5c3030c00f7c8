"""Fits the router's probabilities on the training questions: isotonic regression of "right road" on the score, by ground."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Observed = tuple[str, float, bool]
_LEAST, _PRIOR = 15, 0.9


def fit(observed: Iterable[Observed]) -> dict[str, list[tuple[float, float]]]:
    """Return for each ground its (score, probability) points; both rise.

    Scores are pooled until a block has 15 decisions and its share of right ones is no less than the block before
    it has (pool adjacent violators; Ayer et al., 1955). Two imagined decisions, 0.9 right, keep small grounds modest.
    """
    by_ground: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for ground, score, right in observed:
        by_ground[ground].append((score, right))
    return {ground: _isotonic(sorted(pairs)) for ground, pairs in sorted(by_ground.items())}


def _isotonic(pairs: list[tuple[float, bool]]) -> list[tuple[float, float]]:
    blocks: list[list[tuple[float, bool]]] = []
    for pair in pairs:
        if blocks and (len(blocks[-1]) < _LEAST or blocks[-1][-1][0] == pair[0]):
            blocks[-1].append(pair)
        else:
            blocks.append([pair])
    if len(blocks) > 1 and len(blocks[-1]) < _LEAST:
        last = blocks.pop()
        blocks[-1] += last
    merged: list[list[tuple[float, bool]]] = []
    for block in blocks:
        merged.append(block)
        while len(merged) > 1 and _share(merged[-1]) < _share(merged[-2]):
            merged[-2:] = [merged[-2] + merged[-1]]
    return [(round(sum(s for s, _ in block) / len(block), 4), _share(block)) for block in merged]


def _share(block: list[tuple[float, bool]]) -> float:
    return round((sum(right for _, right in block) + 2 * _PRIOR) / (len(block) + 2), 4)
