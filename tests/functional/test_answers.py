"""The promises of the first issue, kept by the whole program over the sample pack."""

from __future__ import annotations

import re

import pytest

from api.auth import OPERATOR
from api.chat import Question
from api.schemas import AnswerSchema
from api.wiring import Application

pytestmark = pytest.mark.functional


def ask(pack: Application, question: str, department: str | None = None) -> AnswerSchema:
    return AnswerSchema.of(pack.chat.answer(Question(question, department), OPERATOR))


def test_a_definition_is_the_workbook_row(pack: Application) -> None:
    answer = ask(pack, "AM代表什么职位？")
    assert (answer.route, answer.status) == ("term", "answered")
    assert "客户经理" in answer.answer
    term = answer.terms[0]
    assert (term.surface, term.start, term.end, term.chinese) == ("AM", 0, 2, "客户经理")
    assert (term.source.file, term.source.sheet, term.source.row) == ("公司常用缩略语.xlsx", "Sheet1", 7)


def test_a_process_question_is_answered_from_the_process(pack: Application) -> None:
    answer = ask(pack, "在产品售后流程里，AM负责哪些事情？")
    assert (answer.route, answer.status) == ("analysis", "answered")
    assert "客户经理" in answer.rewritten_question
    assert "售后流程.docx" in {citation.document for citation in answer.citations}


def test_how_often_is_a_fact_with_its_sentence(pack: Application) -> None:
    answer = ask(pack, "ESS培训每月几次？")
    assert (answer.route, answer.status) == ("fact", "answered")
    assert answer.facts[0].value == "3次"
    assert "3次" in answer.facts[0].sentence
    assert answer.facts[0].sentence in answer.citations[0].quote


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("湖北青槐农村商业银行股份有限公司兴发支行的联行号是多少？", "314535092252"),
        ("青槐农商行兴发支行联行号", "314535092252"),
        ("314535092252", "湖北青槐农村商业银行股份有限公司兴发支行"),
    ],
)
def test_a_branch_by_full_name_short_name_and_code(pack: Application, question: str, value: str) -> None:
    answer = ask(pack, question)
    assert (answer.route, answer.status) == ("fact", "answered")
    assert answer.facts[0].value == value
    assert value in answer.answer
    assert answer.citations[0].document == "银行网点联行号.xlsx"
    assert answer.citations[0].cell


@pytest.mark.parametrize(
    "question",
    [
        "农行苏州栎桥路支行的联行号是多少？",
        "湖北青槐农村商业银行股份有限公司兴隆支行联行号",
        "What is the bank code of 中国银行股份有限公司南京网屏路支行?",
    ],
)
def test_a_branch_that_does_not_exist_is_refused_without_a_code(pack: Application, question: str) -> None:
    answer = ask(pack, question)
    assert answer.status == "refused"
    assert not re.search(r"\d{12}", answer.answer)
    assert answer.facts == []


def test_every_answer_says_why(pack: Application) -> None:
    for question in ("AM代表什么职位？", "ESS培训每月几次？", "公司食堂的红烧肉怎么做？"):
        assert ask(pack, question).trace.reason


def test_extractive_answers_say_so_and_quote_word_for_word(pack: Application) -> None:
    answer = ask(pack, "西装布料的照片印出来有龟纹，该怎么办？")
    assert answer.status == "answered"
    assert "extractive" in answer.flags
    texts = {d.id: "\n".join(c.text for c in pack.store.chunks(d.id)) for d in pack.documents(None)}
    for citation in answer.citations:
        assert citation.quote in texts[citation.document_id]


@pytest.mark.parametrize(
    "question", ["火星基地的氧气循环系统怎么维护？", "Who won the 1998 football world cup?", "ZQX是什么意思？"]
)
def test_what_nothing_supports_is_refused(pack: Application, question: str) -> None:
    answer = ask(pack, question)
    assert answer.status == "refused"
    assert not re.search(r"\d", answer.answer)


def test_an_ambiguous_term_is_asked_about_and_each_option_chooses_its_sense(pack: Application) -> None:
    answer = ask(pack, "POD是什么意思？")
    assert answer.status == "clarify"
    assert len(answer.options) == 2
    for option, meaning in zip(answer.options, ("按需印刷", "交付证明（签收单）"), strict=True):
        chosen = ask(pack, option.question)
        assert chosen.status == "answered", option
        assert meaning in chosen.answer


def test_department_chooses_the_sense(pack: Application) -> None:
    assert ask(pack, "AM是什么意思？", "印前技术部").terms[0].chinese == "调幅（调幅加网）"
    assert ask(pack, "AM是什么意思？", "销售部").terms[0].chosen_by == "department"


def test_a_conversation_is_kept_and_belongs_to_its_user(pack: Application) -> None:
    pack.chat.answer(Question("AM代表什么职位？", conversation_id="c1"), OPERATOR)
    assert [turn.question for turn in pack.conversations.history("c1", OPERATOR.user)] == ["AM代表什么职位？"]
    assert pack.conversations.history("c1", "someone else") == ()


def test_the_whole_answer_is_a_runnable(pack: Application) -> None:
    chain = pack.runnable | (lambda answer: answer["answer"])
    assert "客户经理" in chain.invoke({"question": "AM代表什么职位？"})
    pieces = list(pack.runnable.stream("AM代表什么职位？"))
    assert pieces[-1]["route"] == "term"


def test_cells_of_pdf_tables_are_character_for_character(pack: Application) -> None:
    cells = {
        cell
        for stored in pack.tables()
        if stored.document.endswith(".pdf")
        for row in pack.fact_store.table_rows(stored.number)
        for cell in row.cells
    }
    assert {"2.5", "150 lpi", "20,000元", "300元/人·次", "年假（工龄1–9年）"} <= cells


def test_an_option_of_a_question_about_something_else_chooses_its_sense(pack: Application) -> None:
    answer = ask(pack, "PS怎么收费？")
    if answer.status == "clarify":
        for option in answer.options:
            assert ask(pack, option.question).status != "clarify", option
