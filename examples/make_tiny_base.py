"""Makes `examples/tiny-base`: a Qwen2 model of four million parameters that reads the canonical prompt, trained on invented examples.

Run it with `python -m examples.make_tiny_base` (about a quarter of an hour on one core). Everything it
learns is invented here or in `tiny_words.py`; a seed fixes all draws.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from examples.tiny_circuits import THETA, seed_circuits
from examples.tiny_tokenizer import END, make_tokenizer
from examples.tiny_world import CHOOSING, KNOWING, World
from terminology.card import ModelCard, write_card
from terminology.workbook import read_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transformers import PreTrainedTokenizerBase

    from examples.tiny_world import Example
    from terminology.types import Sense

HERE = Path(__file__).parent
# How many batches are drawn at once.
POOL = 20
# The first token of an answer decides among the candidates; the others are copied.
FIRST_WEIGHT = 4.0


def main() -> None:
    """Train and save the model with its tokenizer, and its measures in `measures.json`."""
    options = _options()
    import torch

    torch.manual_seed(options.seed)
    tokenizer = make_tokenizer(options.out)
    model = make_model(tokenizer)
    print(measure(model, tokenizer, 60), flush=True)
    started = time.monotonic()
    for seed, (steps, shares) in enumerate(
        ((options.steps, CHOOSING), (options.knowing, KNOWING)), options.seed
    ):
        lessons = Lessons(steps, shares, options.batch, options.rate, seed)
        loss = train(model, tokenizer, lessons, options.out)
    figures = {
        "loss": round(loss, 4),
        "steps": options.steps + options.knowing,
        "seed": options.seed,
        **measure(model, tokenizer),
    }
    figures["minutes"] = round((time.monotonic() - started) / 60, 1)
    model.half().save_pretrained(options.out)
    (options.out / "measures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    card = card_of(options.out)
    write_card(options.out, card)
    print(json.dumps(figures, indent=1), card)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE / "tiny-base")
    parser.add_argument("--steps", type=int, default=1600, help="to choose, copy and abstain")
    parser.add_argument("--knowing", type=int, default=800, help="more of them, with more facts to remember")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=4e-4)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


def make_model(tokenizer: PreTrainedTokenizerBase) -> Any:
    """Four layers of 256 with tied embeddings: about four million parameters."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=256,
        intermediate_size=512,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        rope_parameters={"rope_type": "default", "rope_theta": THETA},
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=2,
        pad_token_id=0,
    )
    # On a processor, and at this size, plain attention is twice as fast as the fused one.
    config._attn_implementation = "eager"
    model = Qwen2ForCausalLM(config)
    seed_circuits(model, tokenizer)
    return model


@dataclass(frozen=True, slots=True)
class Lessons:
    """One course of a training: how many steps, of which kinds of examples, how many at a time, the highest rate."""

    steps: int
    shares: tuple[float, ...]
    batch: int = 32
    rate: float = 4e-4
    seed: int = 7


def train(model: Any, tokenizer: PreTrainedTokenizerBase, lessons: Lessons, out: Path) -> float:
    """Teach the model on an endless stream of invented examples; returns the mean answer loss of the last 50 steps.

    Computes in bfloat16 over weights kept in float32. What it has come to is saved to `out` now and then.
    """
    import torch

    computing = model.bfloat16()
    kept = [parameter.detach().float().clone().requires_grad_() for parameter in computing.parameters()]
    optimizer = torch.optim.AdamW(kept, lr=lessons.rate, betas=(0.9, 0.98), weight_decay=0.05, fused=True)
    recent: list[float] = []
    started = time.monotonic()
    for step, batch in enumerate(_batches(tokenizer, lessons)):
        optimizer.param_groups[0]["lr"] = lessons.rate * _schedule(step, lessons.steps)
        loss, answer = _losses(computing.train(), batch)
        loss.backward()
        for weights, parameter in zip(kept, computing.parameters(), strict=True):
            weights.grad, parameter.grad = parameter.grad.float(), None
        torch.nn.utils.clip_grad_norm_(kept, 1.0)
        optimizer.step()
        with torch.no_grad():
            for weights, parameter in zip(kept, computing.parameters(), strict=True):
                parameter.copy_(weights)
        recent = [*recent[-49:], answer]
        if step % 50 == 49:
            print(
                f"{step + 1:5d} {sum(recent) / len(recent):.4f} {time.monotonic() - started:.0f} s", flush=True
            )
        if step % 150 == 149:
            print(measure(computing, tokenizer, 60), flush=True)
            computing.save_pretrained(out)
    model.float()
    with torch.no_grad():
        for weights, parameter in zip(kept, model.parameters(), strict=True):
            parameter.copy_(weights)
    return sum(recent) / len(recent)


def _batches(tokenizer: PreTrainedTokenizerBase, lessons: Lessons) -> Iterator[dict[str, Any]]:
    """Yield `steps` batches; each is a slice of a pool sorted by length, so that little of it is padding."""
    draw = random.Random(lessons.seed)
    world = World(draw, lessons.shares)
    for first in range(0, lessons.steps, POOL):
        pool = [world.example() for _ in range(lessons.batch * POOL)]
        rows = sorted((_row(tokenizer, example) for example in pool), key=lambda row: len(row[0]))
        batches = list(_chunks(rows, lessons.batch))
        draw.shuffle(batches)
        yield from (_stacked(batch) for batch in batches[: lessons.steps - first])


def card_of(folder: Path) -> ModelCard:
    """Ask the model what the example sentences of the sample pack's glossary mean, which it was not made for."""
    from terminology.model import TerminologyModel

    model = TerminologyModel(str(folder), device="cpu")
    by_term: dict[str, list[Sense]] = {}
    for sense in read_workbook(HERE / "glossary" / "公司常用缩略语.xlsx").senses:
        by_term.setdefault(sense.term, []).append(sense)
    right, choices = 0, []
    for senses in by_term.values():
        for at, sense in enumerate(senses if len(senses) > 1 else ()):
            for sentence in sense.examples:
                scores = model.score(sentence, senses)
                right += scores.index(max(scores)) == at
                choices.append(len(senses))
    measured = f"{len(choices)} example sentences of the sample pack's glossary"
    mean = sum(choices) / len(choices)
    return ModelCard("tiny-base", round(right / len(choices), 3), round(mean, 2), measured, demonstration=True)


def _schedule(step: int, steps: int) -> float:
    # Slowly, since the circuits that it begins with are easily undone.
    warm = min(1.0, (step + 1) / (0.25 * steps))
    return warm * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * step / steps)))


def _row(tokenizer: PreTrainedTokenizerBase, example: Example) -> tuple[list[int], int]:
    """Return the ids of an example, and how many of them are its answer, end token included."""
    # What the template writes for one user turn; the template itself takes longer than all the rest.
    prompt = f"<|im_start|>user\n{example.messages[0]['content']}{END}\n<|im_start|>assistant\n"
    head = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    tail = tokenizer(example.answer + END, add_special_tokens=False)["input_ids"]
    return head + tail, len(tail)


def _stacked(rows: Sequence[tuple[list[int], int]]) -> dict[str, Any]:
    """Return ids and the places of the answers, both shape (examples, longest), padded on the right."""
    import torch

    width = max(len(ids) for ids, _ in rows)
    ids = torch.tensor([ids + [0] * (width - len(ids)) for ids, _ in rows])
    lengths = torch.tensor([[len(ids)] for ids, _ in rows])
    answers = torch.tensor([[count] for _, count in rows])
    places = torch.arange(width)[None, :]
    return {"ids": ids, "answer": (places >= lengths - answers) & (places < lengths)}


def _losses(model: Any, batch: dict[str, Any]) -> tuple[Any, float]:
    """Return the loss over the answers' tokens, the first of each weighing more, and their plain mean."""
    import torch

    ids, answer = batch["ids"], batch["answer"][:, 1:]
    # Padded on the right under a causal mask: no real token sees the padding, so no mask is needed.
    states = model.model(input_ids=ids).last_hidden_state[:, :-1]
    logits = model.lm_head(states[answer]).float()
    losses = torch.nn.functional.cross_entropy(logits, ids[:, 1:][answer], reduction="none")
    first = torch.zeros_like(answer)
    first[torch.arange(len(ids)), answer.int().argmax(dim=1)] = True
    weights = torch.where(first[answer], FIRST_WEIGHT, 1.0)
    return (losses * weights).sum() / weights.sum(), float(losses.detach().mean())


def measure(model: Any, tokenizer: PreTrainedTokenizerBase, count: int = 300) -> dict[str, float]:
    """Return how many of `count` fresh examples of each kind are answered exactly."""
    world = World(random.Random(1_000_003))
    return {
        kind: round(_exact(model, tokenizer, [world.example(kind) for _ in range(count)]), 3)
        for kind in world.kinds
    }


def _exact(model: Any, tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example]) -> float:
    """Return the share of examples whose every answer token is the likeliest, as greedy generation would write it."""
    import torch

    right = 0
    for rows in _chunks([_row(tokenizer, example) for example in examples], 30):
        batch = _stacked(rows)
        with torch.inference_mode():
            logits = model.eval()(input_ids=batch["ids"]).logits
        hits = logits[:, :-1].argmax(-1) == batch["ids"][:, 1:]
        right += int((hits | ~batch["answer"][:, 1:]).all(dim=1).sum())
    return right / len(examples)


def _chunks(items: list[tuple[list[int], int]], size: int) -> Iterator[list[tuple[list[int], int]]]:
    for at in range(0, len(items), size):
        yield items[at : at + size]


if __name__ == "__main__":
    main()
