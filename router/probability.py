"""Turns a decision's score into a probability: how often decisions on the same ground took the right road."""

from __future__ import annotations

import json
from bisect import bisect_left
from functools import cache
from pathlib import Path

PACKAGED = Path(__file__).parent / "calibration.json"


def probability(ground: str, score: float) -> float:
    """Return the measured probability (0 to 1) that a decision on `ground` with `score` takes the right road.

    Between measured scores it is interpolated, outside them the nearest holds; an unmeasured ground keeps its score.
    Isotonic regression on the training questions gave the points (`python -m benchmarks.router --calibrate`).
    """
    points = _points().get(ground)
    if not points:
        return score
    at = bisect_left(points, (score, 0.0))
    if at == 0:
        return points[0][1]
    if at == len(points):
        return points[-1][1]
    (low, below), (high, above) = points[at - 1], points[at]
    return round(below + (above - below) * (score - low) / (high - low), 4)


@cache
def _points() -> dict[str, list[tuple[float, float]]]:
    raw = json.loads(PACKAGED.read_text("utf-8")) if PACKAGED.exists() else {}
    return {ground: [(float(s), float(p)) for s, p in points] for ground, points in raw.items()}
