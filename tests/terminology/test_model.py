"""The terminology model over a model of random weights: it scores, generates, swaps adapters, and knows its limits."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from threading import Thread

import pytest

from terminology.card import ModelCard, read_card, write_card
from terminology.errors import TermModelError
from terminology.model import TerminologyModel
from terminology.prompt import choice_prompt, choice_texts
from terminology.template import end_token, prompt_text, stop_tokens
from terminology.types import Sense
from terminology.vote import probabilities, votes
from tests.finetune.micro import make_adapter, make_micro_base, senses

QUESTION = "销售部的AM是什么？"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_micro_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def adapters(base: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("adapters")
    return make_adapter(base, folder / "a", seed=3), make_adapter(base, folder / "b", seed=4)


@pytest.fixture
def model(base: Path) -> TerminologyModel:
    return TerminologyModel(str(base), device="cpu")


def test_likelihoods_are_those_of_each_completion_alone(model: TerminologyModel) -> None:
    both = senses("AM")
    texts = [*choice_texts(both), "短"]
    prompt = choice_prompt(QUESTION, "AM", both)
    together = model.likelihoods(prompt, texts)
    assert together == pytest.approx([model.likelihoods(prompt, [text])[0] for text in texts], abs=1e-3)
    assert all(each < 0 for each in together)


def test_scores_are_log_probabilities_and_kept(
    model: TerminologyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = model.score(QUESTION, senses("AM"))
    assert sum(math.exp(each) for each in found) == pytest.approx(1.0)
    monkeypatch.setattr("terminology.model.log_likelihoods", None)
    assert model.score(QUESTION, senses("AM")) == found
    with pytest.raises(TypeError):
        model.score("另一个问题里的AM", senses("AM"))


def test_a_question_that_says_nothing_gets_no_vote(model: TerminologyModel) -> None:
    assert model.score("AM是什么意思？", senses("AM")) == pytest.approx([math.log(0.5)] * 2)


def test_answers_hold_no_special_token_and_do_not_depend_on_the_batch(model: TerminologyModel) -> None:
    prompts = [
        choice_prompt(question, "AM", senses("AM")) for question in (QUESTION, "AM？", "请问AM是什么意思？" * 3)
    ]
    alone = [model.generate(prompt, 8) for prompt in prompts]
    assert model.generate_many(prompts, 8) == alone
    assert not any("<|" in answer for answer in alone)


def test_adapters_are_swapped_without_a_restart(model: TerminologyModel, adapters: tuple[Path, Path]) -> None:
    prompt, texts = choice_prompt(QUESTION, "AM", senses("AM")), choice_texts(senses("AM"))
    bare = model.likelihoods(prompt, texts)
    seen = [bare]
    for adapter in adapters:
        model.load(adapter)
        seen.append(model.likelihoods(prompt, texts))
        assert model.info.adapter == str(adapter)
    assert abs(seen[0][0] - seen[1][0]) > 1e-3
    assert abs(seen[1][0] - seen[2][0]) > 1e-3
    model.load(None)
    assert model.likelihoods(prompt, texts) == pytest.approx(bare, abs=1e-4)


def test_a_swap_forgets_the_scores_of_the_old_adapter(
    model: TerminologyModel, adapters: tuple[Path, Path]
) -> None:
    before = model.score(QUESTION, senses("AM"))
    model.load(adapters[0])
    assert model.score(QUESTION, senses("AM")) != before


@pytest.mark.parametrize("damage", ["truncated", "lacking", "other rank", "missing"])
def test_an_adapter_that_does_not_fit_is_refused_and_the_old_one_stays(
    damage: str, model: TerminologyModel, adapters: tuple[Path, Path], tmp_path: Path
) -> None:
    model.load(adapters[0])
    prompt, texts = choice_prompt(QUESTION, "AM", senses("AM")), choice_texts(senses("AM"))
    before = model.likelihoods(prompt, texts)
    broken = tmp_path / "broken"
    shutil.copytree(adapters[1], broken)
    damaged(broken, damage)
    with pytest.raises(TermModelError):
        model.load(broken)
    assert model.info.adapter == str(adapters[0])
    assert model.likelihoods(prompt, texts) == pytest.approx(before, abs=1e-4)


def damaged(folder: Path, how: str) -> None:
    from safetensors.numpy import load_file, save_file

    weights, config = folder / "adapter_model.safetensors", folder / "adapter_config.json"
    if how == "truncated":
        weights.write_bytes(weights.read_bytes()[:-10])
    elif how == "lacking":
        kept = load_file(weights)
        del kept[sorted(kept)[0]]
        save_file(kept, weights)
    elif how == "other rank":
        config.write_text(json.dumps({**json.loads(config.read_text()), "r": 2}))
    else:
        weights.unlink()


def test_memory_that_runs_out_in_a_swap_leaves_the_old_adapter(
    model: TerminologyModel, adapters: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    model.load(adapters[0])
    before = model.score(QUESTION, senses("AM"))

    def no_memory(_model: object, _folder: Path) -> object:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr("terminology.model.add_adapter", no_memory)
        with pytest.raises(MemoryError):
            model.load(adapters[1])
    assert model.info.adapter == str(adapters[0])
    assert model.score(QUESTION, senses("AM")) == pytest.approx(before)


def test_threads_may_score_while_another_swaps(model: TerminologyModel, adapters: tuple[Path, Path]) -> None:
    failures: list[BaseException] = []

    def score() -> None:
        try:
            for number in range(8):
                assert len(model.score(f"问题{number}里的AM", senses("AM"))) == 2
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [Thread(target=score) for _ in range(3)]
    for thread in threads:
        thread.start()
    for adapter in (*adapters, None):
        model.load(adapter)
    for thread in threads:
        thread.join()
    assert not failures


def test_nothing_is_loaded_by_asking_what_there_is(base: Path, tmp_path: Path) -> None:
    model = TerminologyModel(str(base), None, "cpu")
    model.check()
    assert model.info.base == str(base)
    assert model._model is None
    with pytest.raises(TermModelError, match=r"config\.json"):
        TerminologyModel(str(tmp_path / "nowhere")).check()
    with pytest.raises(TermModelError, match="adapter"):
        TerminologyModel(str(base), tmp_path).check()


def test_a_vote_is_never_surer_than_the_model_was_measured_to_be() -> None:
    sure = votes([0.0, -50.0], accuracy=0.9)
    assert math.exp(sure[0]) == pytest.approx(0.9)
    assert votes([0.0, -50.0], accuracy=0.5) == pytest.approx([math.log(0.5)] * 2)
    assert votes([0.0, -50.0], accuracy=0.3) == pytest.approx([math.log(0.5)] * 2)
    among_four = [math.exp(each) for each in votes([0.0, -50.0, -50.0, -50.0], accuracy=0.7, choices=4)]
    assert among_four == pytest.approx([0.7, 0.1, 0.1, 0.1])
    assert probabilities([1000.0, 1000.0]) == [0.5, 0.5]


def test_a_card_is_read_back_and_a_damaged_one_counts_as_none(tmp_path: Path) -> None:
    card = ModelCard("tuned", 0.93, 3.0, "80 held-out choices")
    write_card(tmp_path, card)
    assert read_card(tmp_path) == card
    (tmp_path / "termroute.json").write_text('{"sense_accuracy": "high", "demonstration": 1, "choices": 3}')
    assert read_card(tmp_path) == ModelCard(choices=3)
    (tmp_path / "termroute.json").write_text("[")
    assert read_card(tmp_path) is None
    assert read_card(None) is None


def test_the_end_of_an_answer_is_the_templates_not_the_tokenizers(base: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base)
    end = tokenizer.convert_tokens_to_ids("<|im_end|>")
    tokenizer.eos_token = "<|endoftext|>"
    assert end_token(tokenizer) == end
    assert stop_tokens(tokenizer, [end, 1]) == [end, tokenizer.eos_token_id, 1]


def test_a_reasoning_template_gets_its_thought_closed(base: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.chat_template = "{{ messages[0].content }}{% if add_generation_prompt %}<think>\n{% endif %}"
    assert prompt_text(tokenizer, [{"role": "user", "content": "问"}]) == "问<think>\n\n</think>\n\n"
    tokenizer.chat_template = None
    with pytest.raises(TermModelError, match="chat template"):
        prompt_text(tokenizer, [{"role": "user", "content": "问"}])


def test_one_sense_and_equal_names_do_no_harm(model: TerminologyModel) -> None:
    assert model.score("AM？", senses("AM")[:1]) == [pytest.approx(0.0, abs=1e-6)]
    twins = [Sense("AM", "Account Manager", "客户经理", id=number) for number in (1, 2)]
    assert len(model.score("AM？", twins)) == 2
