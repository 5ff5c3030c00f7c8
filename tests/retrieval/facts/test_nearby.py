"""Sentences that state a value in other words than the question's."""

from __future__ import annotations

import pytest

from retrieval.facts.sentences import SentenceFacts
from retrieval.types import Chunk, Document, Location, Passage

HANDBOOK = (
    "公司成立于2015年，现有员工240人。入职满一年的员工每年享有7天带薪年假。报销单交齐后，财务部在5个工作日内付款。"
    "最细线宽0.2 mm，反白文字不小于6 pt。夜间值班每班补贴150元。试用期为3个月。"
)
GUIDE = (
    "Five failed attempts within 10 minutes lock the key for 30 minutes. The gateway listens on TCP 8443 for REST and TCP 9181 "
    "for events. Frozen seafood travels at -20 °C. The value is recalculated every 5 minutes."
)


def passage(text: str, name: str, *headings: str) -> Passage:
    document = Document(name, f"/x/{name}", name, "h", "x")
    return Passage(Chunk(f"c-{name}", document.id, 0, text, Location(headings=headings)), document, 1.0)


def ask(question: str) -> str:
    found = [passage(HANDBOOK, "员工手册.docx", "规定"), passage(GUIDE, "guide.md", "API keys")]
    result = SentenceFacts().find(question, found)
    return result.facts[0].value if result.status == "found" else result.status


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("How long is the probation period?", "3个月"),
        ("How many employees does the company have?", "240人"),
        ("报销单交齐以后财务几个工作日打款", "5个工作日内"),
        ("值一个夜班补贴多少钱", "150元"),
        ("反白文字至少多大", "6 pt"),
        ("How long is a key locked after five failed attempts?", "30 minutes"),
        ("Which port does the gateway use for events?", "9181"),
        ("How often is the value recalculated?", "every 5 minutes"),
    ],
)
def test_other_words_and_the_other_language(question: str, value: str) -> None:
    assert ask(question) == value


@pytest.mark.parametrize(
    "question",
    [
        "陪产假有几天",
        "What is the temperature for frozen strawberries?",
        "试用工资多少钱",
        "How much is the parking fee?",
        "为什么试用期是3个月",
        "入职要走哪几个步骤",
    ],
)
def test_a_thing_that_stands_nowhere_rules_a_sentence_out(question: str) -> None:
    assert ask(question) in {"absent", "not_a_table_question", "several"}
