"""The order of samples: complete, repeatable, alike lengths together."""

from __future__ import annotations

import random

import pytest

from finetune.batches import EpochSampler, epoch_order

_DRAW = random.Random(5)
LENGTHS = [_DRAW.randint(10, 200) for _ in range(333)]


@pytest.mark.parametrize("grouped", [True, False])
def test_every_sample_comes_once_and_the_order_repeats(grouped: bool) -> None:
    order = epoch_order(LENGTHS, 8, (42, 0), grouped=grouped)
    assert sorted(order) == list(range(333))
    assert order == epoch_order(LENGTHS, 8, (42, 0), grouped=grouped)
    assert order != epoch_order(LENGTHS, 8, (42, 1), grouped=grouped)
    assert order != epoch_order(LENGTHS, 8, (43, 0), grouped=grouped)


def padding(order: list[int], batch: int) -> float:
    batches = [[LENGTHS[at] for at in order[start : start + batch]] for start in range(0, len(order), batch)]
    return 1 - sum(LENGTHS) / sum(max(each) * len(each) for each in batches)


def test_grouping_leaves_little_padding() -> None:
    assert padding(epoch_order(LENGTHS, 8, (1, 0), grouped=False), 8) > 0.3
    assert padding(epoch_order(LENGTHS, 8, (1, 0), grouped=True), 8) < 0.06


def test_the_longest_sample_comes_in_the_first_batch() -> None:
    order = epoch_order(LENGTHS, 8, (1, 3), grouped=True)
    assert max(LENGTHS) in [LENGTHS[at] for at in order[:8]]


def test_few_samples_and_none() -> None:
    assert epoch_order([], 8, (1, 0), grouped=True) == []
    assert sorted(epoch_order([3, 2, 1], 8, (1, 0), grouped=True)) == [0, 1, 2]


def test_the_sampler_follows_the_epoch() -> None:
    sampler = EpochSampler(LENGTHS, 8, 42, grouped=True)
    first = list(sampler)
    sampler.set_epoch(1)
    assert list(sampler) != first
    sampler.set_epoch(0)
    assert list(sampler) == first
    assert len(sampler) == 333
