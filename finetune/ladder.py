"""What to give up, step by step, when memory runs out: the batch's size in memory, never its size for learning."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from finetune.errors import TrainingSetupError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from finetune.recipe import Recipe

SHORTEST = 64


@dataclass(frozen=True, slots=True)
class Rung:
    """How a training fits into memory: samples at once, steps gathered into one, recomputing, longest sample.

    Samples and steps are those of one process; where several train together, each has its share.
    """

    batch_size: int
    accumulation: int
    gradient_checkpointing: bool
    max_length: int

    def to_json(self) -> dict[str, Any]:
        """Return the rung as the fields of a `ladder` event."""
        return asdict(self)


def top(recipe: Recipe, processes: int = 1) -> Rung:
    """Return what the recipe asks for, shared by so many processes: the effective batch stays, and so does what is learnt.

    Raises TrainingSetupError where it cannot be shared.
    """
    part = recipe.training
    share, rest = divmod(part.batch_size * part.accumulation, processes)
    if rest:
        raise TrainingSetupError(
            f"The effective batch of {part.batch_size} times {part.accumulation} cannot be shared by {processes} processes.",
            f"Make training.batch_size times training.accumulation a multiple of {processes}.",
        )
    size = max(each for each in range(1, part.batch_size + 1) if share % each == 0)
    return Rung(size, share // size, part.gradient_checkpointing, recipe.data.max_length)


def resumed(recipe: Recipe, events: list[Mapping[str, Any]], processes: int = 1) -> Rung:
    """Return the rung that an earlier run of the same job had come down to; `events` are its `ladder` events.

    With several processes it is the top one: what fitted into one does not tell what fits into each.
    """
    start = top(recipe, processes)
    if processes > 1:
        return start
    if not events:
        return start
    known = {key: events[-1].get(key, value) for key, value in start.to_json().items()}
    return Rung(**known)


def lower(rung: Rung) -> Rung | None:
    """Return the next rung, or None at the bottom.

    First fewer samples at once with as many more steps gathered, so that their product stays; then activations are
    recomputed instead of kept; then samples longer than three quarters of the limit are left out, down to 64 tokens.
    """
    if rung.batch_size > 1:
        effective = rung.batch_size * rung.accumulation
        size = max(each for each in range(1, rung.batch_size // 2 + 1) if effective % each == 0)
        return replace(rung, batch_size=size, accumulation=effective // size)
    if not rung.gradient_checkpointing:
        return replace(rung, gradient_checkpointing=True)
    shorter = rung.max_length * 3 // 4
    return replace(rung, max_length=shorter) if shorter >= SHORTEST else None


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, on a GPU or in the allocator of the CPU."""
    if isinstance(error, MemoryError):
        return True
    text = str(error).casefold()
    return isinstance(error, RuntimeError) and ("out of memory" in text or "can't allocate memory" in text)
