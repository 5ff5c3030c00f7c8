"""The order in which samples are seen: alike lengths together, the same in every run of the same seed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# So many batches are sorted by length together; more would make the epochs alike.
_POOL = 50


def epoch_order(lengths: Sequence[int], batch: int, shuffle: tuple[int, int], *, grouped: bool) -> list[int]:
    """Return the positions of all samples in the order of one epoch.

    `batch` is the effective batch, so that the order does not depend on how it is cut into smaller ones. `shuffle` is
    the seed and the epoch. Grouped: pools of 50 batches are sorted by length, then the batches are shuffled, the
    one with the longest sample first, so that memory runs out at the start if at all.
    """
    chance = random.Random(f"{shuffle[0]} {shuffle[1]}")  # noqa: S311 (an order, no secret)
    order = list(range(len(lengths)))
    chance.shuffle(order)
    if not grouped:
        return order
    pools = [order[at : at + batch * _POOL] for at in range(0, len(order), batch * _POOL)]
    order = [at for pool in pools for at in sorted(pool, key=lambda at: -lengths[at])]
    batches = [order[at : at + batch] for at in range(0, len(order), batch)]
    rest = [batches.pop()] if batches and len(batches[-1]) < batch else []
    chance.shuffle(batches)
    batches.sort(key=lambda each: max(lengths[at] for at in each) != max(lengths))
    return [at for each in (*batches, *rest) for at in each]


class EpochSampler:
    """`epoch_order` as a sampler for torch's data loader, which is told the epoch."""

    def __init__(self, lengths: Sequence[int], batch: int, seed: int, *, grouped: bool) -> None:
        self._lengths, self._batch, self._seed, self._grouped = lengths, batch, seed, grouped
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Draw the order of this epoch from now on."""
        self._epoch = epoch

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self._lengths)

    def __iter__(self) -> Iterator[int]:
        """Return the positions of the samples."""
        return iter(epoch_order(self._lengths, self._batch, (self._seed, self._epoch), grouped=self._grouped))
