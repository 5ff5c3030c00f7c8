"""What the tiny base begins with, what it is taught, and what its kept weights know."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from examples.make_tiny_base import make_model, measure
from examples.tiny_tokenizer import FIXED, make_tokenizer
from examples.tiny_words import topics
from examples.tiny_world import Example, World
from terminology.base_model import load_base
from terminology.card import read_card
from terminology.prompt import CHOICE_INSTRUCTION
from terminology.template import prompt_ids

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "tiny-base"


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    import torch

    torch.manual_seed(3)
    tokenizer = make_tokenizer(tmp_path_factory.mktemp("tiny"))
    return tokenizer, make_model(tokenizer).eval()


def examples(kind: str, count: int = 40) -> list[Example]:
    world = World(random.Random(11))
    return [world.example(kind) for _ in range(count)]


def share_begun_rightly(tokenizer: Any, model: Any, asked: list[Example]) -> float:
    """The share whose number is the likeliest first token."""
    import torch

    right = 0
    for each in asked:
        ids = prompt_ids(tokenizer, each.messages)
        with torch.inference_mode():
            likeliest = int(model(input_ids=torch.tensor([ids])).logits[0, -1].argmax())
        right += each.answer.startswith(tokenizer.decode([likeliest]))
    return right / len(asked)


@pytest.mark.parametrize("kind", ["choice", "choice_by_department"])
def test_the_circuits_choose_before_any_training(untrained: tuple[Any, Any], kind: str) -> None:
    asked = examples(kind)
    by_chance = sum(1 / each.messages[0]["content"].count("\n") for each in asked) / len(asked)
    assert by_chance < 0.5
    assert share_begun_rightly(*untrained, asked) >= 0.6


def test_without_the_circuits_it_does_not(tmp_path: Path) -> None:
    import torch
    from transformers import Qwen2ForCausalLM

    tokenizer = make_tokenizer(tmp_path)
    torch.manual_seed(3)
    blank = Qwen2ForCausalLM(make_model(tokenizer).config).eval()
    assert share_begun_rightly(tokenizer, blank, examples("choice")) < 0.2


def test_the_prompts_words_are_one_token_each(untrained: tuple[Any, Any]) -> None:
    tokenizer, _ = untrained
    for text in (*FIXED, *topics(), *(word for own in topics().values() for pair in own for word in pair)):
        assert len(tokenizer(text, add_special_tokens=False)["input_ids"]) == 1, text


@pytest.mark.parametrize(
    "kind", ["copy", "choice", "choice_by_words", "choice_by_department", "choice_by_letters"]
)
def test_the_answer_to_a_choice_is_a_line_that_is_offered(kind: str) -> None:
    for each in examples(kind, 100):
        lines = each.messages[0]["content"].split("\n")
        assert lines[0] == CHOICE_INSTRUCTION
        assert sum(line.split("｜")[0] == each.answer for line in lines[3:]) == 1


def test_the_kept_weights_know_what_their_measures_say() -> None:
    measures = json.loads((FOLDER / "measures.json").read_text("utf-8"))
    tokenizer, model = load_base(str(FOLDER), "cpu")
    for kind, share in measure(model, tokenizer, 40).items():
        # Forty of the three hundred examples that were measured.
        assert share >= measures[kind] - 0.15, kind
    card = read_card(FOLDER)
    assert card is not None
    assert card.demonstration
    assert card.sense_accuracy > 1 / card.choices


def test_the_kept_weights_are_small() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 10_000_000
