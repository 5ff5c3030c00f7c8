"""Which of a training's adapters is kept: accuracy decides where it can tell, the loss where it cannot."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Best:
    """The evaluation whose adapter is kept: its value (greater is better), its loss, and the highest value of any."""

    value: float = -math.inf
    loss: float = math.inf
    highest: float = -math.inf

    def gains(self, value: float, loss: float) -> bool:
        """Whether the training still gets better by either measure."""
        return value > self.highest or loss < self.loss

    def after(self, value: float, loss: float, error: float) -> tuple[Best, bool]:
        """Return what is best after a further evaluation, and whether that one is it.

        `error` is the standard error of the values. Evaluations within one of the highest value cannot be told apart
        by it, and the one with the lower loss is kept (the one-standard-error rule of Breiman et al. 1984, applied to
        checkpoints).
        """
        highest = max(value, self.highest)
        near = highest - error
        better = value >= near and (self.value < near or (-loss, value) > (-self.loss, self.value))
        kept = (value, loss) if better else (self.value, self.loss)
        return Best(*kept, highest), better


def standard_error(share: float, count: int) -> float:
    """Return the standard error of a share of `count` samples; one that is 0 or 1 is not taken to be without error.

    Two right and two wrong samples are added first (Agresti and Coull 1998).
    """
    moved = (share * count + 2) / (count + 4)
    return math.sqrt(moved * (1 - moved) / (count + 4)) if count else 0.0
