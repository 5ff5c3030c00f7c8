"""Whether a probability means what it says: a reliability table and the expected calibration error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers whose confidence lies from `low` (over it, but for the first) up to `high`, the means of both sides."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def reliability(pairs: Iterable[tuple[float, bool]], bins: int = BINS) -> tuple[Bin, ...]:
    """Sort (confidence from 0 to 1, right) pairs into `bins` of equal width; empty bins are left out.

    Guo et al., "On Calibration of Modern Neural Networks" (ICML 2017), equations 1 and 2.
    """
    sorted_in: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in pairs:
        place = min(max(-int(-confidence * bins // 1) - 1, 0), bins - 1)
        sorted_in.setdefault(place, []).append((confidence, right))
    return tuple(
        Bin(
            place / bins,
            (place + 1) / bins,
            len(inside),
            round(sum(confidence for confidence, _ in inside) / len(inside), 4),
            round(sum(right for _, right in inside) / len(inside), 4),
        )
        for place, inside in sorted(sorted_in.items())
    )


def expected_calibration_error(bins: Sequence[Bin]) -> float | None:
    """Return the mean gap (0 to 1) between confidence and accuracy, weighted by count (Guo et al. 2017, equation 3)."""
    total = sum(each.count for each in bins)
    if not total:
        return None
    return round(sum(each.count * abs(each.confidence - each.accuracy) for each in bins) / total, 4)
