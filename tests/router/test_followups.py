"""What a question leans on, read by its form alone: in both languages, and not where it stands by itself."""

from __future__ import annotations

import pytest

from router.followups import is_attribute, is_glossary_field, read_follow_up


@pytest.mark.parametrize(
    ("question", "kind", "part"),
    [
        ("那建行呢？", "substitute", "建行"),
        ("那 CEO 呢", "substitute", "CEO"),
        ("企业版怎么样", "substitute", "企业版"),
        ("what about Beijing?", "substitute", "Beijing"),
        ("And for GET /v3/jobs/{id}?", "substitute", "GET /v3/jobs/{id}"),
        ("and Hamburg?", "substitute", "Hamburg"),
        ("那企业版的目录价呢", "substitute", "企业版的目录价"),
        ("印前的", "narrow", "印前"),
        ("我说的是加网那个", "narrow", "加网"),
        ("它的英文全称？", "refer", "它"),
        ("谁负责这台？", "refer", "这台"),
        ("这个项目有什么风险", "refer", "这个"),
        ("and its phone number?", "refer", "its"),
        ("Who approves it?", "refer", "it"),
        ("他在售后流程里不能做什么", "refer", "他"),
        ("那在售后中他有什么不可以做的吗", "refer", "他"),
        ("And how does authentication work there?", "refer", "there"),
        ("第二步详细说说", "part", "第二步"),
        ("Tell me more about step 2", "part", "step 2"),
        ("上一条的第二步详细说说", "previous", "上一条"),
        ("刚才说的流程由谁批准", "previous", "刚才说的"),
        ("跟铜牌相比区别在哪", "compare", ""),
        ("英文全称是什么", "attribute", "英文全称是什么"),
        ("责任人是谁", "attribute", "责任人是谁"),
        ("第二个", "choice", "第二个"),
        ("the second one", "choice", "the second one"),
        ("那认证是怎么做的", "doubtful", ""),
    ],
)
def test_follow_ups(question: str, kind: str, part: str) -> None:
    found = read_follow_up(question)
    assert found.kind == kind
    assert question[found.start : found.end].strip() == part


@pytest.mark.parametrize(
    ("question", "number"), [("第三个", 3), ("2", 2), ("前者", 1), ("option 4", 4), ("the latter", 2)]
)
def test_the_number_of_a_choice(question: str, number: int) -> None:
    assert (read_follow_up(question).kind, read_follow_up(question).number) == ("choice", number)


@pytest.mark.parametrize(
    "question",
    [
        "婚假几天",
        "MH-Flow支持哪些系统？",
        "AM的全称是什么呢",
        "在产品售后流程里，客户经理负责哪些事情？",
        "客户投诉了，他要求退款时由谁批准，他什么时候得到答复",
        "IT helpdesk opening hours?",
        "Where is there a printer on the second floor of the main building?",
        "其他费用的报销流程和标准是怎样规定的",
        "POST /v3/jobs这个接口的限制是多少",
        "RackNode那台服务器什么时候启用的",
        "What is the deadline of the annual report?",
    ],
)
def test_questions_that_stand_by_themselves(question: str) -> None:
    assert read_follow_up(question).kind in {"none", "doubtful"}


def test_a_term_of_its_own_is_not_an_attribute() -> None:
    assert read_follow_up("IT电话是多少").kind == "attribute"
    assert read_follow_up("IT电话是多少", [(0, 2)]).kind == "none"


def test_the_abbreviation_it_is_no_pronoun() -> None:
    assert read_follow_up("What does IT do?").kind != "refer"


def test_attributes_and_glossary_fields() -> None:
    assert is_attribute("电话")
    assert is_attribute("who is responsible")
    assert not is_attribute("婚假几天")
    assert not is_attribute("")
    assert is_glossary_field("英文全称？")
    assert is_glossary_field("full name是什么")
    assert not is_glossary_field("英文版手册在哪里下载")
