"""How likely a language model finds given answers: many prompts and answers in few padded batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_BATCH = 16


class Scored(NamedTuple):
    """What an answer's tokens have: their summed log-likelihood, their number, and whether each was the likeliest."""

    total: float
    tokens: int
    greedy: bool


def log_likelihoods(model: Any, rows: Sequence[tuple[list[int], list[int]]], pad: int) -> list[Scored]:
    """Return what `model` thinks of each row of prompt ids and answer ids (the end token included), in their order."""
    order = sorted(range(len(rows)), key=lambda at: len(rows[at][0]) + len(rows[at][1]))
    found: dict[int, Scored] = {}
    for start in range(0, len(order), _BATCH):
        places = order[start : start + _BATCH]
        found.update(zip(places, _batch(model, [rows[at] for at in places], pad), strict=True))
    return [found[at] for at in range(len(rows))]


def _batch(model: Any, rows: Sequence[tuple[list[int], list[int]]], pad: int) -> list[Scored]:
    """Score one batch, padded on the right, shape (rows, longest)."""
    import torch

    width = max(len(prompt) + len(answer) for prompt, answer in rows)
    filled = [prompt + answer + [pad] * (width - len(prompt) - len(answer)) for prompt, answer in rows]
    ids = torch.tensor(filled, device=model.device)
    first = min(len(prompt) for prompt, _ in rows)
    with torch.inference_mode():
        # Under a causal mask no real token sees the padding behind it, so the batch needs no mask. Only the tokens
        # from the first answer on need logits, which for a large vocabulary are most of the memory.
        logits = model(input_ids=ids, logits_to_keep=width - first + 1, use_cache=False).logits[:, :-1].float()
        targets = ids[:, first:]
        chosen = torch.log_softmax(logits, dim=-1).gather(-1, targets[..., None])[..., 0]
        likeliest = logits.argmax(-1) == targets
    spans = [(len(prompt) - first, len(prompt) - first + len(answer)) for prompt, answer in rows]
    return [
        Scored(float(chosen[at, start:end].sum()), end - start, bool(likeliest[at, start:end].all()))
        for at, (start, end) in enumerate(spans)
    ]
