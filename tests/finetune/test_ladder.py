"""The ladder that is climbed down when memory runs out."""

from __future__ import annotations

from itertools import pairwise

import pytest

from finetune.errors import TrainingSetupError
from finetune.ladder import SHORTEST, Rung, is_out_of_memory, lower, resumed, top
from finetune.load import preset


def all_rungs(rung: Rung) -> list[Rung]:
    found = [rung]
    while (below := lower(found[-1])) is not None:
        found.append(below)
    return found


@pytest.mark.parametrize(("batch", "accumulation"), [(16, 1), (6, 4), (7, 3), (1, 1), (4096, 1)])
def test_the_effective_batch_never_changes(batch: int, accumulation: int) -> None:
    rungs = all_rungs(Rung(batch, accumulation, False, 512))
    assert {each.batch_size * each.accumulation for each in rungs} == {batch * accumulation}
    assert rungs[-1].batch_size == 1
    assert rungs[-1].gradient_checkpointing
    assert SHORTEST <= rungs[-1].max_length < 512


def test_several_processes_share_the_effective_batch() -> None:
    recipe = preset("qwen2.5-1.5b")
    part = recipe.training
    for count in (1, 2, 4, 16):
        rung = top(recipe, count)
        assert rung.batch_size * rung.accumulation * count == part.batch_size * part.accumulation
        assert rung.batch_size <= part.batch_size
    with pytest.raises(TrainingSetupError, match="multiple of 3"):
        top(recipe, 3)


def test_the_batch_goes_first_then_checkpointing_then_length() -> None:
    for above, below in pairwise(all_rungs(Rung(8, 1, False, 256))):
        if above.batch_size > 1:
            assert below.batch_size < above.batch_size
            assert (below.gradient_checkpointing, below.max_length) == (False, 256)
        elif not above.gradient_checkpointing:
            assert below.gradient_checkpointing
            assert below.max_length == 256
        else:
            assert below.max_length == above.max_length * 3 // 4


def test_a_resume_begins_on_the_last_rung() -> None:
    recipe = preset("tiny")
    assert resumed(recipe, []) == top(recipe)
    rung = Rung(2, 8, True, 192)
    assert resumed(recipe, [{"batch_size": 8, "accumulation": 2}, {**rung.to_json(), "reason": "x"}]) == rung


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"), True),
        (RuntimeError("shape mismatch"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_what_counts_as_out_of_memory(error: Exception, expected: bool) -> None:
    assert is_out_of_memory(error) is expected
