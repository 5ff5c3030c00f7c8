"""Turns samples into token ids and labels of our own: the loss counts the answer and its end token, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from terminology.template import end_token, ids_of, prompt_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from finetune.types import Sample

# What torch's cross entropy leaves out.
IGNORED = -100


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids of a sample, and the labels beside them: the same ids where they count, `IGNORED` elsewhere."""

    input_ids: list[int]
    labels: list[int]


def encode(tokenizer: Any, sample: Sample) -> Encoded:
    """Encode one sample as the base's chat template writes it; of a plain text everything counts.

    Prompt and answer are tokenized apart, as they are in use: no token may span the border between them.
    """
    prompt = prompt_ids(tokenizer, sample.messages()) if not sample.is_text else []
    answer = [*ids_of(tokenizer, sample.output), end_token(tokenizer)]
    return Encoded(prompt + answer, [IGNORED] * len(prompt) + answer)


def encode_all(tokenizer: Any, samples: Iterable[Sample], max_length: int) -> tuple[list[Encoded], list[int]]:
    """Encode samples; return those of at most `max_length` tokens, and the positions of the longer ones.

    A sample is never cut: one without its end token would teach the model not to stop.
    """
    encoded: list[Encoded] = []
    too_long: list[int] = []
    for at, sample in enumerate(samples):
        row = encode(tokenizer, sample)
        if len(row.input_ids) > max_length:
            too_long.append(at)
        else:
            encoded.append(row)
    return encoded, too_long


def scoring_rows(tokenizer: Any, sample: Sample) -> Sequence[tuple[list[int], list[int]]]:
    """Return prompt and answer ids of each candidate of a sample, its own answer first."""
    prompt, end = prompt_ids(tokenizer, sample.messages()), end_token(tokenizer)
    others = [text for text in sample.candidates if text != sample.output]
    return [(prompt, [*ids_of(tokenizer, text), end]) for text in (sample.output, *others)]
