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


@pytest.mark.parametrize(
    "question",
    [
        "老听人讲ZQB，给我解释解释呗",
        "麻烦讲一下什么叫ZQB",
        "HVX这个词怎么理解才对",
        "帮忙科普下ZQB",
        "ZQB到底是哪四个Z",
        "新来的同事问我HVX是什么模式，怎么跟他解释",
        "主任让我查一下HVX的含义",
        "仓库盘点单上写的ZQB",
        "班长老说做HVX，HVX啥玩意",
        "“ZQB”一职在缩略语中如何表示？",
        "护士长通知下周开HVX，此处HVX是何含义？",
        "ZQB这个缩略语归哪个部门用？",
        "哪位给讲讲HVX是什么东西",
        "HVX具体是哪三种颜色",
        "HVX这个工序叫什么名",
        "what are the five Z in ZQB",
        "I keep seeing HVX in the rota, what is it?",
        "any idea what ZQB means?",
        "List all meanings of HVX in our glossary.",
    ],
)
def test_a_meaning_is_asked_for_as_people_talk(question: str) -> None:
    assert read_question(question, spans(question)).definition


@pytest.mark.parametrize(
    "question",
    [
        "ZQB怎么用",
        "HVX归谁管",
        "Who is the HVX on duty on May 3?",
        "ZQB包括哪些步骤",
        "介绍一下ZQB的审批流程",
        "我想了解HVX的领用规定",
    ],
)
def test_what_is_done_with_a_term_is_no_meaning(question: str) -> None:
    assert not read_question(question, spans(question)).definition


def test_two_terms_may_be_asked_to_be_the_same() -> None:
    question = "ZQB和HVX是一回事吗"
    assert read_question(question, spans(question)).compare
    other = "ZQB和HVX的领用是一回事吗，怎么登记"
    assert not read_question(other, spans(other)).compare
