"""The canonical prompt: the same text in training and in use, with completions that tell the candidates apart."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminology.prompt import (
    ABSTAIN,
    abstains,
    choice_prompt,
    choice_texts,
    chosen_text,
    messages_of,
    propose_prompt,
    sense_text,
    sense_texts,
)
from terminology.types import Sense

AM = (
    Sense("AM", "Account Manager", "客户经理", department="销售部"),
    Sense("AM", "Amplitude Modulation", "调幅"),
)
CELLS = st.text(alphabet="AM客户 \n部1", max_size=6)


def test_a_choice_reads_like_this() -> None:
    (message,) = choice_prompt("AM负责哪些事情？", "AM", AM)
    assert message == {
        "role": "user",
        "content": "从候选中选出缩略语在问题里的含义，只写该项。\n问题：AM负责哪些事情？\n缩略语：AM\n"
        "1. 客户经理（Account Manager）｜销售部\n2. 调幅（Amplitude Modulation）",
    }


def test_the_answer_to_a_choice_is_a_line_of_the_prompt_with_its_number_first() -> None:
    assert choice_texts(AM) == ["1. 客户经理（Account Manager）", "2. 调幅（Amplitude Modulation）"]
    (message,) = choice_prompt("AM负责哪些事情？", "AM", AM)
    assert all(f"\n{text}" in message["content"] for text in choice_texts(AM))
    assert [chosen_text(text) for text in choice_texts(AM)] == sense_texts(AM)


@pytest.mark.parametrize("text", ["客户经理", "5S 管理", "3.5 mm 接口", "客户经理（Account Manager）"])
def test_a_text_without_a_number_stays_as_it_is(text: str) -> None:
    assert chosen_text(text) == text
    assert chosen_text(f"12. {text}") == text


def test_a_proposal_reads_like_this() -> None:
    assert propose_prompt("XQ")[0]["content"] == f"写出缩略语的含义；不认识的写“{ABSTAIN}”。\n缩略语：XQ"
    assert "问题：XQ是谁？\n缩略语：XQ" in propose_prompt("XQ", "XQ是谁？")[0]["content"]


def test_instruction_and_input_are_one_turn() -> None:
    assert messages_of("问") == [{"role": "user", "content": "问"}]
    assert messages_of("问", "文") == [{"role": "user", "content": "问\n文"}]


@pytest.mark.parametrize(
    ("english", "chinese", "text"),
    [
        ("Account Manager", "客户经理", "客户经理（Account Manager）"),
        ("", "客户经理", "客户经理"),
        ("Actual", "", "Actual"),
        ("PostScript", "postscript", "postscript"),
        ("Account\nManager", " 客户经理 ", "客户经理（Account Manager）"),
    ],
)
def test_completions(english: str, chinese: str, text: str) -> None:
    assert sense_text(Sense("X", english, chinese)) == text


def test_like_names_are_told_apart() -> None:
    senses = [
        Sense("PM", "", "经理", department="项目部"),
        Sense("PM", "", "经理", department="产品部"),
        Sense("PM", "", "经理", note="兼职"),
        Sense("PM", "", "经理"),
        Sense("PM", "", "经理"),
    ]
    assert sense_texts(senses) == ["经理，项目部", "经理，产品部", "经理，兼职", "经理", "经理，2"]


@settings(deadline=None)
@given(
    st.lists(
        st.builds(Sense, term=CELLS, english=CELLS, chinese=CELLS, department=CELLS, note=CELLS), max_size=6
    )
)
def test_completions_are_always_different_and_on_one_line(senses: list[Sense]) -> None:
    texts = sense_texts(senses)
    assert len(set(texts)) == len(senses)
    assert not any("\n" in text for text in texts)


@pytest.mark.parametrize(
    ("answer", "says_so"),
    [
        (ABSTAIN, True),
        (f"{ABSTAIN}。", True),
        ("该缩略语未收录。", True),
        ("It is not in the glossary.", True),
        ("客户经理（Account Manager）", False),
        ("", False),
    ],
)
def test_abstaining(answer: str, says_so: bool) -> None:
    assert abstains(answer) is says_so
