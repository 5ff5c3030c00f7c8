"""Of a long text the part that asks is read; what stands beside it is context."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from router.lengthy import LONGEST, asking_part, shortened
from router.types import Query

MAIL = "各位好，上周的例会改到周四，地点不变，请大家提前准备材料。\n" * 30


def asked(text: str) -> str:
    return text[slice(*asking_part(text))]


def test_a_question_is_read_whole() -> None:
    assert asked("AM是什么意思？") == "AM是什么意思？"
    assert asked("请" * LONGEST) == "请" * LONGEST


def test_the_last_sentence_with_a_question_mark_is_read() -> None:
    before = asked(f"{MAIL}另外，ESS培训每月几次？")
    assert before.endswith("另外，ESS培训每月几次？")
    behind = asked(f"ESS培训每月几次？\n{MAIL}")
    assert behind == "ESS培训每月几次？\n"


def test_without_a_question_mark_the_end_is_read() -> None:
    text = asked(f"{MAIL}ESS培训每月几次")
    assert text.endswith("ESS培训每月几次")
    assert len(text) <= LONGEST
    # Whole sentences, no cut one.
    assert text.startswith("各位好")


def test_a_sentence_that_is_too_long_is_cut_at_a_word() -> None:
    text = asked("and " * 400 + "what does AM mean?")
    assert text.endswith("what does AM mean?")
    assert text.startswith("and ")


def test_earlier_questions_are_shortened_and_the_rest_is_context() -> None:
    query, beside = shortened(
        Query(
            f"{MAIL}AM是什么意思？",
            history=(f"{MAIL}MIS呢？", "短"),
            turns=((f"{MAIL}MIS呢？", "管理信息系统"),),
        )
    )
    assert len(query.question) <= LONGEST
    assert query.question.endswith("AM是什么意思？")
    assert all(len(text) <= LONGEST for text in (*query.history, query.turns[0][0]))
    assert query.turns[0][1] == "管理信息系统"
    assert len(beside) == 1
    assert beside[0] + query.question == f"{MAIL}AM是什么意思？"


@given(st.text(alphabet="问a。？\n ，", max_size=1500))
def test_any_text_has_a_part_that_asks(text: str) -> None:
    start, end = asking_part(text)
    assert 0 <= start <= end <= len(text)
    assert end - start <= max(LONGEST, 0)
    assert not text.strip() or end > start
