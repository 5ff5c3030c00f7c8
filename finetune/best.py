"""Which of a training's adapters is kept: the most accurate one, and the latest of those that accuracy cannot tell apart."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Best:
    """The evaluations so far: the kept one's value (greater is better), the highest value, and the lowest loss."""

    value: float = -math.inf
    highest: float = -math.inf
    lowest_loss: float = math.inf

    def gains(self, value: float, loss: float) -> bool:
        """Whether the training still gets better by either measure."""
        return value > self.highest or loss < self.lowest_loss

    def after(self, value: float, loss: float, error: float) -> tuple[Best, bool]:
        """Return what is best after a further evaluation, and whether that one is kept.

        `error` is the standard error of the difference from the highest value. Within one of it, evaluations cannot be
        told apart (the one-standard-error rule of Breiman et al. 1984, applied to checkpoints). Of those the latest is
        kept: it knows most of what it was trained on, and its learning rate had come down furthest.
        """
        highest = max(value, self.highest)
        better = value >= highest - error
        kept = value if better else self.value
        return Best(kept, highest, min(loss, self.lowest_loss)), better


def standard_error(share: float, other: float, count: int) -> float:
    """Return the standard error of the difference of two shares, each of `count` samples.

    A share of 0 or 1 is not taken to be without error: two right and two wrong samples are added to each first
    (Agresti and Coull 1998).
    """
    return math.hypot(_error(share, count), _error(other, count)) if count else 0.0


def _error(share: float, count: int) -> float:
    moved = (share * count + 2) / (count + 4)
    return math.sqrt(moved * (1 - moved) / (count + 4))
