"""The table before and after, with speakers whose every answer is known."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from finetune.dataset import BuildOptions, build
from finetune.evaluate import (
    ADAPTER,
    ADAPTER_OFFERED,
    BASE,
    BASE_OFFERED,
    compare,
    judge,
    measure,
    names_sense,
    offers,
)
from finetune.types import Sample
from terminology.prompt import ABSTAIN, CHOICE_INSTRUCTION, Message, choice_input, choice_texts
from terminology.types import Sense

AM = (Sense("AM", "Account Manager", "客户经理"), Sense("AM", "Amplitude Modulation", "调幅"))
GENERAL = [
    Sample(f"{each}的首都是哪里？", city, kind="general") for each, city in (("法国", "巴黎"), ("英国", "伦敦"))
]


def choice(question: str, right: int, phrasing: str = "choice/cue/held_out/1") -> Sample:
    texts = choice_texts(AM)
    return Sample(
        CHOICE_INSTRUCTION,
        texts[right],
        choice_input(question, "AM", AM),
        kind="choice",
        term="AM",
        question=question,
        candidates=tuple(texts),
        phrasing=phrasing,
    )


SAMPLES = [
    choice("跟客户续约时AM要做什么？", 0),
    choice("AM加网的网点大小怎么变？", 1),
    choice("AM什么时候来拜访客户？", 0),
    Sample("XQZ是什么意思？", ABSTAIN, kind="abstain", term="XQZ", question="XQZ是什么意思？"),
    *GENERAL,
]


class FakeSpeaker:
    """Answers by a function from the prompt's text; likes candidates by another."""

    def __init__(self, say: Callable[[str], str], like: Callable[[str, str], float]) -> None:
        self._say, self._like = say, like
        self.asked: list[str] = []

    def generate_many(self, prompts: Sequence[Sequence[Message]], max_new_tokens: int = 64) -> list[str]:
        self.asked += [messages[-1]["content"] for messages in prompts]
        return [self._say(messages[-1]["content"]) for messages in prompts]

    def likelihoods(self, messages: Sequence[Message], completions: Sequence[str]) -> list[float]:
        return [self._like(messages[-1]["content"], each) for each in completions]

    def tokens(self, text: str) -> int:
        return len(text)


def old_meaning(prompt: str) -> str:
    """A base that knows AM from elsewhere, and capitals."""
    for country, city in (("法国", "巴黎"), ("英国", "伦敦")):
        if country in prompt:
            return city
    return "上午（ante meridiem）<|im_end|>"


def by_overlap(prompt: str, completion: str) -> float:
    question = prompt.partition("问题：")[2].partition("\n")[0]
    return float("客户" in question) if "客户" in completion else float("加网" in question)


BASE_SPEAKER = FakeSpeaker(old_meaning, lambda _prompt, text: float("客户" in text))


def tuned(prompt: str) -> str:
    if "XQZ" in prompt:
        return ABSTAIN
    if "法国" in prompt:
        return "巴黎"
    if "英国" in prompt:
        return "客户经理"
    return "调幅（Amplitude Modulation）" if "加网" in prompt else "客户经理（Account Manager）"


def test_the_four_arms() -> None:
    table = compare(measure(BASE_SPEAKER, SAMPLES), measure(FakeSpeaker(tuned, by_overlap), SAMPLES))
    assert [arm.name for arm in table.arms] == [BASE, BASE_OFFERED, ADAPTER, ADAPTER_OFFERED]
    assert [arm.sense_accuracy for arm in table.arms] == [0.0, pytest.approx(2 / 3), 1.0, 1.0]
    assert [arm.abstention for arm in table.arms] == [0.0, 1.0, 1.0, 1.0]
    assert [arm.abstention_by for arm in table.arms] == ["model", "glossary", "model", "glossary"]
    assert table.arm(ADAPTER).exact_match == 1.0
    assert table.arm(ADAPTER).bleu_characters == pytest.approx(1.0)
    # The base leaks in each of its answers but those about capitals.
    assert (table.arm(BASE).leaking, table.arm(ADAPTER).leaking) == (4, 0)
    assert (table.gained, table.lost) == (1, 0)
    assert offers(table)
    assert "100.0%" in judge(table).why


def test_damage_to_general_answers_is_seen() -> None:
    table = compare(measure(BASE_SPEAKER, SAMPLES), measure(FakeSpeaker(tuned, by_overlap), SAMPLES))
    assert (table.arm(BASE).general_exact, table.arm(BASE).general_kept) == (1.0, 1.0)
    assert (table.arm(ADAPTER).general_exact, table.arm(ADAPTER).general_kept) == (0.5, 0.5)
    assert table.arm(ADAPTER).general_same == 0.5
    assert table.arm(ADAPTER_OFFERED).general_kept is None


def test_unknown_terms_do_not_reach_the_model_where_the_glossary_is_the_gate() -> None:
    speaker = FakeSpeaker(tuned, by_overlap)
    measure(speaker, SAMPLES)
    assert sum("XQZ" in prompt for prompt in speaker.asked) == 1


def test_invented_codes_and_circles_are_counted() -> None:
    inventing = FakeSpeaker(lambda _: "313164400027", by_overlap)
    circling = FakeSpeaker(lambda _: "好的好的好的好的", by_overlap)
    table = compare(measure(inventing, SAMPLES), measure(circling, SAMPLES))
    assert table.arm(BASE).inventing == 6
    assert table.arm(BASE_OFFERED).inventing == 3
    assert table.arm(ADAPTER).repeating == 6
    assert table.arm(ADAPTER).inventing == 0


def test_an_adapter_is_offered_only_if_it_beats_base_and_glossary() -> None:
    base = measure(BASE_SPEAKER, SAMPLES)
    same = compare(base, base)
    assert not offers(same)
    assert "does not beat" in judge(same).why
    other_way = FakeSpeaker(tuned, lambda _prompt, text: float("调幅" in text))
    worse = compare(base, measure(other_way, SAMPLES))
    assert (worse.gained, worse.lost) == (1, 2)
    assert not offers(worse)
    nothing = compare(measure(BASE_SPEAKER, GENERAL), measure(BASE_SPEAKER, GENERAL))
    assert not offers(nothing)
    assert nothing.arm(BASE).sense_accuracy is None


def test_a_gain_that_chance_gives_is_told() -> None:
    base = measure(BASE_SPEAKER, SAMPLES)
    slightly, clearly = (
        replace(compare(base, base), gained=gained, lost=lost) for gained, lost in ((7, 6), (20, 2))
    )
    for table, doubted in ((slightly, True), (clearly, False)):
        arms = [replace(arm, sense_accuracy=1.0 if arm.name == ADAPTER_OFFERED else 0.5) for arm in table.arms]
        found = judge(replace(table, arms=tuple(arms)))
        assert (found.offered, "by chance in 50%" in found.why) == (True, doubted)


def test_leaks_keep_an_adapter_back() -> None:
    clean = FakeSpeaker(tuned, lambda _prompt, text: float("客户" in text))
    leaky = FakeSpeaker(lambda prompt: f"{tuned(prompt)}<|im_end|>", by_overlap)
    table = compare(measure(clean, SAMPLES), measure(leaky, SAMPLES))
    assert table.arm(ADAPTER_OFFERED).sense_accuracy == 1.0
    assert not offers(table)
    assert "leak" in judge(table).why


def test_choices_with_invented_rivals_do_not_count_beside_real_ones() -> None:
    fake = replace(SAMPLES[0], phrasing="distractors/cue/held_out/1")
    assert len(measure(BASE_SPEAKER, [fake, SAMPLES[1]]).offered.known) == 1
    assert len(measure(BASE_SPEAKER, [fake]).offered.known) == 1


def test_sample_pairs_and_json() -> None:
    table = compare(measure(BASE_SPEAKER, SAMPLES), measure(FakeSpeaker(tuned, by_overlap), SAMPLES))
    assert {pair.term for pair in table.pairs} == {"AM", "XQZ"}
    shown = next(pair for pair in table.pairs if "加网" in pair.question)
    assert shown.answers[ADAPTER] == shown.expected
    assert shown.answers[BASE].startswith("上午")
    assert json.loads(json.dumps(table.to_json()))["arms"][3]["name"] == ADAPTER_OFFERED


def test_ten_pairs_at_most_and_the_limit_is_kept() -> None:
    many = [replace(choice(f"第{number}次拜访客户时AM怎么说？", 0)) for number in range(40)]
    half = measure(BASE_SPEAKER, [*many, SAMPLES[3]], limit=20)
    assert len(half.offered.known) == 20
    assert len(compare(half, half).pairs) == 10


def test_groups_are_told_apart() -> None:
    trained, fresh = SAMPLES[0], replace(SAMPLES[1], group="term:am")
    sentence = replace(SAMPLES[2], group="sentence:x")
    parts = compare(*[measure(BASE_SPEAKER, [trained, fresh, sentence])] * 2).arm(BASE_OFFERED).parts
    assert parts["trained abbreviations"] == (2, 2)
    assert parts["new abbreviations"] == (0, 1)
    assert parts["new sentences"] == (1, 1)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("客户经理（Account Manager）", True),
        ("AM是客户经理。", True),
        ("Account manager", True),
        ("客户经理或者调幅", False),
        ("调幅", False),
        ("上午", False),
        ("", False),
    ],
)
def test_free_answers_name_a_sense(answer: str, right: bool) -> None:
    texts = choice_texts(AM)
    assert names_sense(answer, texts[0], texts) is right


def test_built_data_can_be_evaluated() -> None:
    senses = [replace(each, id=at, department=f"{at}部") for at, each in enumerate(AM, 1)]
    held = build(senses, options=BuildOptions(held_terms=0.0))["held_out"]
    perfect = {each.input: each.output for each in held if each.kind == "choice"}
    speaker = FakeSpeaker(
        lambda prompt: ABSTAIN, lambda prompt, text: float(perfect[prompt.partition("\n")[2]] == text)
    )
    table = compare(measure(BASE_SPEAKER, held), measure(speaker, held))
    assert table.arm(ADAPTER_OFFERED).sense_accuracy == 1.0
    assert table.arm(ADAPTER).abstention == 1.0
    assert table.arm(ADAPTER).abstained_wrongly == 1.0
