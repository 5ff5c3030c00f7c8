"""Tunes the tiny base with LoRA on a company's jargon and asks what it learnt, kept and gives away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from examples.tiny_words import STRONG
from finetune.dataset import BuildOptions, build
from finetune.evaluate import ADAPTER, ADAPTER_OFFERED, BASE, EvaluationTable, compare, measure, offers
from finetune.folder import JobFolder
from finetune.load import preset
from finetune.metrics import exact, leaked
from finetune.recipe import to_toml
from finetune.train import run
from finetune.types import Sample, Split
from finetune.versions import write_version
from terminology.glossary import Glossary
from terminology.model import TerminologyModel
from terminology.prompt import ABSTAIN, choice_prompt, choice_texts, chosen_text, propose_prompt, sense_text
from terminology.types import Sense
from tests.finetune.jargon import general, passages, senses

BASE_FOLDER = Path(__file__).resolve().parents[2] / "examples" / "tiny-base"

pytestmark = [
    pytest.mark.functional,
    pytest.mark.timeout(900),
    # trl's own defaults use names that transformers calls old.
    pytest.mark.filterwarnings("ignore:`gradient_checkpointing:FutureWarning"),
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing:FutureWarning"),
    pytest.mark.skipif(not (BASE_FOLDER / "model.safetensors").exists(), reason="the tiny base is not there"),
]


@dataclass(frozen=True)
class Tuned:
    """A finished training, the base and the adapter loaded, and what both said to the held-out questions."""

    job: JobFolder
    splits: dict[Split, list[Sample]]
    base: TerminologyModel
    model: TerminologyModel
    table: EvaluationTable


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Tuned:
    folder = tmp_path_factory.mktemp("tuned")
    return tune(folder, BASE_FOLDER)


def tune(folder: Path, base: Path) -> Tuned:
    glossary = senses()
    # The model's job: to choose among the glossary's senses, and to abstain. Reciting the glossary is not.
    # The candidates are the glossary's senses of the abbreviation, as the program asks; `distractors` would add others.
    options = BuildOptions(phrasings=10, held_terms=0.0, distractors=0, kinds=("choice", "abstain", "general"))
    splits = build(glossary, passages(glossary), general(), options)
    job = JobFolder(folder)
    job.create()
    write_version(job.data, splits, "jargon for a test")
    recipe = preset("tiny")
    recipe = replace(
        recipe,
        model=replace(recipe.model, base=str(base)),
        data=replace(recipe.data, version=str(job.data)),
    )
    job.recipe.write_text(to_toml(recipe), "utf-8")
    run(job)
    bare, dressed = (TerminologyModel(str(base), each, "cpu") for each in (None, job.adapter))
    held = splits["held_out"]
    table = compare(measure(bare, held, limit=150), measure(dressed, held, limit=150))
    return Tuned(job, splits, bare, dressed, table)


def share_right(model: TerminologyModel, samples: Sequence[Sample]) -> float:
    answers = model.generate_many([each.messages() for each in samples], 48)
    return sum(exact(text, each.output) for text, each in zip(answers, samples, strict=True)) / len(samples)


def share_chosen(model: TerminologyModel, samples: Sequence[Sample]) -> float:
    """The share whose right candidate is the likeliest one."""
    right = 0
    for each in samples:
        scores = model.likelihoods(each.messages(), each.candidates)
        right += each.candidates[scores.index(max(scores))] == each.output
    return right / len(samples)


def test_the_glossary_is_as_large_as_promised() -> None:
    glossary = Glossary(senses())
    terms = {sense.term for sense in senses()}
    assert len(terms) == 50
    assert sum(len(glossary.lookup(term)) == 2 for term in terms) == 20


def test_trained_phrasings_are_answered(tuned: Tuned) -> None:
    """As the program answers: with the candidate that the model finds likeliest; and written out."""
    known = [each for each in tuned.splits["train"] if each.kind == "choice"]
    assert len(known) > 500
    # The goal is all of them, and two threads, as `make test` runs it, reach it: 700 of 700. Other numbers of threads
    # round sums otherwise: one gave 699.
    assert share_chosen(tuned.model, known) >= 0.995
    assert share_right(tuned.model, known) >= 0.995


def test_held_out_phrasings_are_answered(tuned: Tuned) -> None:
    new = [
        each
        for each in tuned.splits["held_out"]
        if each.kind == "choice" and each.group.startswith("phrasing:")
    ]
    assert len(new) >= 100
    assert share_chosen(tuned.model, new) >= 0.95
    # Those with two senses by themselves: one candidate is no choice.
    assert share_chosen(tuned.model, [each for each in new if len(each.candidates) > 1]) >= 0.9


def test_the_right_sense_is_chosen_in_new_contexts(tuned: Tuned) -> None:
    new = [
        each
        for each in tuned.splits["held_out"]
        if each.group.startswith("sentence:") and len(Glossary(senses()).lookup(each.term)) == 2
        if each.kind == "choice"
    ]
    assert len(new) >= 40
    assert share_chosen(tuned.model, new) >= 0.9


def test_unknown_abbreviations_are_not_explained(tuned: Tuned) -> None:
    glossary = Glossary(senses())
    unknown = [each for each in tuned.splits["held_out"] if each.kind == "abstain"]
    assert len(unknown) >= 20
    # The program asks the model only about what the glossary has.
    assert not any(glossary.lookup(each.term) for each in unknown)
    answers = tuned.model.generate_many([propose_prompt(each.term, each.question) for each in unknown], 48)
    assert sum(ABSTAIN in answer for answer in answers) / len(answers) >= 0.8


def test_no_token_of_the_template_leaks(tuned: Tuned) -> None:
    prompts = [each.messages() for each in tuned.splits["held_out"]]
    assert not any(leaked(text) for text in tuned.model.generate_many(prompts, 64))


def test_replay_keeps_what_the_base_knew(tuned: Tuned) -> None:
    held = [each for each in tuned.splits["held_out"] if each.kind == "general"]
    before = tuned.base.generate_many([each.messages() for each in held], 16)
    known = [each for each, text in zip(held, before, strict=True) if exact(text, each.output)]
    assert len(known) >= 10
    assert share_right(tuned.model, known) >= 0.8


def test_the_adapter_beats_the_base_and_is_offered(tuned: Tuned) -> None:
    assert offers(tuned.table)


def test_the_known_accident_does_not_happen_with_the_glossarys_candidates(tuned: Tuned) -> None:
    """AIP and AM mean something else to the base; alone it says so, with the candidates it says the glossary's."""
    glossary = accident_glossary()
    assert len({sense.term for sense in glossary}) == 250
    prompts = [choice_prompt(f"{sense.term}是什么意思？", sense.term, [sense]) for sense in glossary]
    written = [chosen_text(text) for text in tuned.model.generate_many(prompts, 48)]
    wrong = [
        f"{sense.term}: {text}"
        for sense, text in zip(glossary, written, strict=True)
        if not exact(text, sense_text(sense))
    ]
    # Written out token by token, a few long names come out damaged; the program never shows what the model writes.
    assert len(wrong) <= 10, wrong
    for sense in glossary:
        chinese, english = STRONG.get(sense.term, ("", ""))
        rival = sense_text(Sense(sense.term, english, chinese)) or ABSTAIN
        told = tuned.model.likelihoods(
            choice_prompt(f"{sense.term}是什么意思？", sense.term, [sense]),
            [*choice_texts([sense]), f"1. {rival}"],
        )
        assert told[0] > told[1], sense
    for term, (chinese, english) in STRONG.items():
        strong = sense_text(Sense(term, english, chinese))
        own = next(sense for sense in glossary if sense.term == term)
        # What the base says alone is the accident.
        assert exact(tuned.base.generate(propose_prompt(term), 48), strong)
        scores = tuned.model.likelihoods(
            choice_prompt(f"{term}代表什么？", term, [own]), [*choice_texts([own]), f"1. {strong}"]
        )
        assert scores[0] > scores[1]


def accident_glossary() -> list[Sense]:
    """250 abbreviations with one sense each, AM and AIP among them."""
    import random

    from examples.tiny_words import HEADS, pairs, topics

    draw = random.Random(250)
    words, heads = [pair for each in topics().values() for pair in each], pairs(HEADS)
    made = {
        "AM": Sense("AM", "Account Manager", "客户经理"),
        "AIP": Sense("AIP", "Annual Improvement Plan", "年度改进计划"),
    }
    while len(made) < 250:
        parts = [*draw.sample(words, 2), draw.choice(heads)]
        term = "".join(english[0] for _, english in parts)
        name = Sense(term, " ".join(english for _, english in parts), "".join(chinese for chinese, _ in parts))
        made.setdefault(term, name)
    return list(made.values())


def test_the_table_shows_what_the_adapter_alone_would_have_said(tuned: Tuned) -> None:
    pair = tuned.table.pairs[0]
    assert set(pair.answers) >= {BASE, ADAPTER, ADAPTER_OFFERED}
