"""In every lane, each number, code, date and identifier of an answer stands in what the answer cites."""

from __future__ import annotations

import pytest

from api.auth import OPERATOR
from api.chat import Question
from api.wiring import Application
from retrieval.facts.guard import unsupported

pytestmark = pytest.mark.functional


@pytest.mark.parametrize(
    "question",
    [
        "AM代表什么职位？",
        "GCR和UCR有什么区别",
        "以J开头的缩略语有哪些",
        "青槐农商行兴发支行的联行号是多少？",
        "314535092252",
        "货号00120101是什么",
        "TR-301的单人价格",
        "新闻纸50%处TVI",
        "MH-Flow 5 标准版的目录价是多少",
        "5月29日TAC夜间值班主班是谁",
        "MH-Link的含税价是多少？",
        "ESS培训每月几次？",
        "婚假几天",
        "What is the rate limit of GET /v3/devices?",
        "在产品售后流程里，AM负责哪些事情？",
        "产品售后流程的处理步骤有哪些",
    ],
)
def test_no_value_without_a_source(pack: Application, question: str) -> None:
    answer = pack.chat.answer(Question(question), OPERATOR)
    assert answer.status.value == "answered"
    quotes = [f"{citation.document} {citation.quote}" for citation in answer.citations]
    assert [value.text for value in unsupported(answer.answer, quotes)] == []
    for citation in answer.citations:
        placed = citation.page or citation.slide or citation.sheet or citation.cell
        assert placed or citation.document.endswith((".md", ".txt", ".html", ".docx", ".eml", ".csv"))
