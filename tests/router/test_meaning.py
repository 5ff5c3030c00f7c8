"""A clause that names a term and says nothing but words that ask for a meaning asks for its meaning, however they are put."""

from __future__ import annotations

import re

import pytest

from router.meaning import asks_meaning
from router.questions import read_question

TERM = re.compile(r"(?<![A-Za-z])(?:ZQB|HVX)(?![A-Za-z])")


def spans(question: str) -> list[tuple[int, int]]:
    return [found.span() for found in TERM.finditer(question)]


@pytest.mark.parametrize(
    "question",
    [
        "ZQB怎么翻译成中文",
        "ZQB拆开是哪几个单词",
        "HVX english full name please",
        "ZQB是什么费用的简写",
        "HVX指的是什么时候",
        "ZQB这三个字母念什么、代表什么",
        "could someone spell out ZQB for me",
        "PPT里老看到的ZQB" + "是哪几个字母的缩写",
    ],
)
def test_it_asks_for_a_meaning(question: str) -> None:
    assert read_question(question, spans(question)).definition


@pytest.mark.parametrize(
    "question",
    [
        "ZQB的英文手册在哪下载",
        "HVX中文界面怎么切换",
        "ZQB的代表是谁",
        "HVX多少钱一套",
        "为什么ZQB要翻译",
        "翻译一下这份合同",
        "ZQB和发票一起交吗",
    ],
)
def test_something_else_is_asked_of_it(question: str) -> None:
    assert not asks_meaning(question, spans(question))


def test_the_clause_that_asks_is_found_after_a_story() -> None:
    form = read_question(
        "财务发来一份ZQB让我签，ZQB中文是啥文件", spans("财务发来一份ZQB让我签，ZQB中文是啥文件")
    )
    assert (form.definition, form.wanted) == (True, "chinese")


def test_many_meanings_are_no_number() -> None:
    question = "老版本要ZQB了是几个意思，ZQB全名叫啥"
    assert read_question(question, spans(question)).definition


@pytest.mark.parametrize(
    ("question", "letters"),
    [
        ("首字母是K的缩略语有哪些", "K"),
        ("缩写表里Q字母的有哪些", "Q"),
        ("W字母的术语有哪些", "W"),
        ("第一个字母是G的缩写", "G"),
    ],
)
def test_a_listing_by_letter(question: str, letters: str) -> None:
    assert read_question(question).prefix == letters


@pytest.mark.parametrize("question", ["介绍下你自己吧", "自我介绍下"])
def test_who_answers_may_be_asked(question: str) -> None:
    assert read_question(question).small_talk


def test_a_file_may_be_asked_for_by_what_it_is() -> None:
    assert read_question("排班计划是哪个文件").catalogue
