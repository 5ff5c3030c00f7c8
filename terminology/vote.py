"""Turns likelihoods into a vote that is never surer than the model has been measured to be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Nobody is trusted further than this, however small the set was that it was measured on.
_MOST = 0.97


def probabilities(likelihoods: Sequence[float]) -> list[float]:
    """Return the share of each of the given log-likelihoods in their sum."""
    highest = max(likelihoods)
    raised = [math.exp(each - highest) for each in likelihoods]
    return [each / sum(raised) for each in raised]


def votes(likelihoods: Sequence[float], accuracy: float, choices: float = 2.0) -> list[float]:
    """Return log-probabilities of the senses, given that the model is right with probability `accuracy`.

    The model's own probabilities are mixed with ignorance (all senses alike), so that its surest choice counts as
    much as `accuracy` among `choices` deserves, and a model no better than guessing changes nothing.
    """
    guessing = 1.0 / max(choices, 2.0)
    trust = max(0.0, (min(accuracy, _MOST) - guessing) / (1.0 - guessing))
    ignorance = (1.0 - trust) / len(likelihoods)
    return [math.log(trust * each + ignorance) for each in probabilities(likelihoods)]
