"""Makes `examples/tiny-base`: a Qwen2 model of four million parameters that reads the canonical prompt, trained from nothing.

Run it with `python -m examples.make_tiny_base` (about half an hour on two quiet cores, most of it training). Everything it
learns is invented here or in `tiny_words.py`; a seed fixes all draws.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from examples.tiny_world import ENGLISH_LETTERS, World, characters
from terminology.card import ModelCard, write_card
from terminology.workbook import read_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transformers import PreTrainedTokenizerBase

    from examples.tiny_world import Example
    from terminology.types import Sense

HERE = Path(__file__).parent
TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
END, PAD = "<|im_end|>", "<|endoftext|>"
VOCABULARY = 5600
# The base of the rotary positions, as in Qwen2.5.
THETA = 1_000_000.0
# How many batches are drawn at once; what share of the prompts' tokens is predicted too, and at which weight.
POOL = 10
PROMPT_SHARE, PROMPT_WEIGHT = 0.06, 0.1


def main() -> None:
    """Train and save the model with its tokenizer, and its measures in `measures.json`."""
    options = _options()
    import torch

    torch.manual_seed(options.seed)
    tokenizer = make_tokenizer(options.out)
    model = make_model(tokenizer)
    started = time.monotonic()
    loss = train(model, tokenizer, options)
    figures = {
        "loss": round(loss, 4),
        "steps": options.steps,
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
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=6e-4)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


def make_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Build a Qwen2 tokenizer: one token per common Chinese character, byte pairs for English; save it to `folder`."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import Qwen2Tokenizer

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        min_frequency=2,
        special_tokens=[PAD, "<|im_start|>", END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_words(), trainer)
    learnt = json.loads(tokenizer.to_str())["model"]
    merges = [tuple(pair) for pair in learnt["merges"]]
    made = Qwen2Tokenizer(vocab=learnt["vocab"], merges=merges, pad_token=PAD, eos_token=END, unk_token=PAD)
    made.add_special_tokens({"additional_special_tokens": ["<|im_start|>"]})
    made.chat_template = TEMPLATE
    made.model_max_length = 1024
    made.save_pretrained(folder)
    return made


def _words() -> Iterator[str]:
    """Each Chinese character alone, so that pairs of characters are not merged, and the English words."""
    for character in (*characters(), *"，。？！：；（）｜、“”"):
        yield from (character,) * 50
    for word in World(random.Random(0)).english_words():
        yield from (word, f" {word}", word.lower(), f" {word.lower()}") * 4
    yield from ("user", "assistant") * 50
    for letter in ENGLISH_LETTERS:
        yield from (letter, f" {letter}") * 3


def make_model(tokenizer: PreTrainedTokenizerBase) -> Any:
    """Four layers of 256 with tied embeddings: about four million parameters."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=256,
        intermediate_size=640,
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
    seed_copying(model, *tokenizer.convert_tokens_to_ids(["Ċ", "Ġ"]))
    return model


def seed_copying(model: Any, line_break: int, space: int) -> None:
    """Let three heads begin as what copying needs and what would take most of the training to form by itself.

    A head of the first layer looks at the token before and writes it down; one of the second layer looks for where
    the present token was the one before, and says what stood there: an induction head (Olsson and others, 2022).
    Its neighbour looks, from the line break that opens the answer, for what stands after a space: there the candidates
    begin. Copying one is the first skill of the canonical prompt. Everything stays free to be trained.
    """
    import torch

    before, induction = (layer.self_attn for layer in model.model.layers[:2])
    size, hidden = before.head_dim, model.config.hidden_size
    half = size // 2
    turns = THETA ** (-torch.arange(half) / half)
    told, copied = (torch.linalg.qr(torch.randn(hidden, size))[0] for _ in range(2))
    written = torch.linalg.qr(torch.randn(hidden, size))[0]
    with torch.no_grad():
        # Wide enough that the likeliest token stands out among thousands from the start.
        model.model.embed_tokens.weight.mul_(5.0)
        # Constant queries and keys: under rotary positions their product depends on the distance alone, and the
        # query is turned so that it is greatest at distance one. Fast frequencies tell near distances apart.
        fast = (torch.arange(half) < half // 4).float() * 7.75
        for projection in (before.q_proj, before.k_proj):
            projection.weight[:size].zero_()
        before.k_proj.bias[:size] = torch.cat([fast, torch.zeros(half)])
        before.q_proj.bias[:size] = torch.cat([fast * turns.cos(), -fast * turns.sin()])
        before.v_proj.weight[:size] = told.T
        before.o_proj.weight[:, :size] = written * 0.2
        # Slow frequencies hardly turn within a prompt, so that only the content of these dimensions counts.
        slow = (torch.arange(size) % half >= half * 3 // 8).float()[:, None] * 3.2
        induction.q_proj.weight[:size] = told.T * slow
        induction.k_proj.weight[:size] = written.T * slow
        induction.v_proj.weight[:size] = copied.T
        induction.o_proj.weight[:, :size] = copied * 4.0
        table = torch.nn.functional.normalize(model.model.embed_tokens.weight, dim=1)
        induction.q_proj.weight[size : 2 * size] = slow * torch.outer(told.T @ table[space], table[line_break])
        induction.o_proj.weight[:, size : 2 * size] = copied * 4.0


def train(model: Any, tokenizer: PreTrainedTokenizerBase, options: argparse.Namespace) -> float:
    """Teach the model on an endless stream of invented examples; returns the mean answer loss of the last 50 steps.

    Computes in bfloat16 over weights kept in float32.
    """
    import torch

    computing = model.bfloat16()
    kept = [parameter.detach().float().clone().requires_grad_() for parameter in computing.parameters()]
    optimizer = torch.optim.AdamW(kept, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.05, fused=True)
    recent: list[float] = []
    started = time.monotonic()
    for step, batch in enumerate(_batches(tokenizer, options)):
        optimizer.param_groups[0]["lr"] = options.rate * _schedule(step, options.steps)
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
            computing.save_pretrained(options.out)
    model.float()
    with torch.no_grad():
        for weights, parameter in zip(kept, model.parameters(), strict=True):
            parameter.copy_(weights)
    return sum(recent) / len(recent)


def _batches(tokenizer: PreTrainedTokenizerBase, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Yield `steps` batches; each is a slice of a pool sorted by length, so that little of it is padding."""
    draw = random.Random(options.seed)
    world = World(draw)
    for first in range(0, options.steps, POOL):
        pool = [world.example(first / options.steps) for _ in range(options.batch * POOL)]
        rows = sorted((_row(tokenizer, example) for example in pool), key=lambda row: len(row[0]))
        batches = list(_chunks(rows, options.batch))
        draw.shuffle(batches)
        yield from (_stacked(batch) for batch in batches[: options.steps - first])


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
    warm = min(1.0, (step + 1) / 30)
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
    return {"ids": ids, "answer": (places >= lengths - answers) & (places < lengths), "real": places < lengths}


def _losses(model: Any, batch: dict[str, Any]) -> tuple[Any, float]:
    """Return the loss (answers, and a sample of the prompts' tokens at a low weight), and that of the answers alone."""
    import torch

    ids, answer = batch["ids"], batch["answer"][:, 1:]
    sampled = (torch.rand(answer.shape) < PROMPT_SHARE) & batch["real"][:, 1:] & ~answer
    # Padded on the right under a causal mask: no real token sees the padding, so no mask is needed.
    states = model.model(input_ids=ids).last_hidden_state[:, :-1]
    chosen = answer | sampled
    losses = torch.nn.functional.cross_entropy(
        model.lm_head(states[chosen]).float(), ids[:, 1:][chosen], reduction="none"
    )
    own = answer[chosen]
    return losses[own].mean() + PROMPT_WEIGHT * losses[~own].mean(), float(losses[own].detach().mean())


def measure(model: Any, tokenizer: PreTrainedTokenizerBase, count: int = 300) -> dict[str, float]:
    """Return how many of `count` fresh examples of each kind are answered exactly."""
    world = World(random.Random(1_000_003))
    return {
        kind: round(_exact(model, tokenizer, [world.example(1.0, kind) for _ in range(count)]), 3)
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
