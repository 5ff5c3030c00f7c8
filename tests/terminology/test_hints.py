"""What a question says beside an abbreviation hints at the sense: characters of its name, a department, its business."""

from __future__ import annotations

import pytest

from terminology.hints import hints
from terminology.resolve import FixedGlossary, TermResolver
from terminology.types import Sense, TermContext

SENSES = (
    Sense("TRC", "Temperature Recorder Card", "温度记录卡", id=1, department="冷链部"),
    Sense("TRC", "Training Review Committee", "培训评审委员会", id=2, department="人力资源部"),
)


def test_characters_of_a_name_speak_for_it() -> None:
    assert hints("贴在箱门上要填的", SENSES, "TRC") == [0.0, 0.0]
    card, committee = hints("箱里那张卡", SENSES, "TRC")
    assert card > committee == 0.0


@pytest.mark.parametrize("around", ["HR让讲师去开", "the trainer's salary"])
def test_a_departments_name_and_business_speak_for_its_sense(around: str) -> None:
    other, own = hints(around, SENSES, "TRC")
    assert own > other


def test_how_it_is_asked_says_nothing() -> None:
    assert hints("请问是什么意思，英文全称是什么", SENSES, "TRC") == [0.0, 0.0]


@pytest.mark.parametrize(
    ("question", "meaning"),
    [("讲师说课程要过TRC，TRC是什么", "培训评审委员会"), ("每张TRC卡要记温度，TRC指什么", "温度记录卡")],
)
def test_a_clear_context_chooses_the_sense(question: str, meaning: str) -> None:
    term = TermResolver(FixedGlossary(SENSES)).resolve(question, TermContext()).terms[-1]
    assert (term.chosen.sense.chinese, term.close) == (meaning, False)


def test_without_context_it_is_asked_back() -> None:
    assert TermResolver(FixedGlossary(SENSES)).resolve("TRC是什么意思", TermContext()).terms[0].close
