"""Rules by steps in sentences: the step that holds the amount answers, and no other one does."""

from __future__ import annotations

import pytest

from retrieval.facts.sentences import SentenceFacts
from retrieval.types import Chunk, Document, Location, Passage


def passage(name: str, text: str, *headings: str) -> Passage:
    document = Document(name, f"/x/{name}", name, "h", "x")
    return Passage(Chunk(name, name, 0, text, Location(headings=headings)), document, 1.0)


LEAVE = passage(
    "员工手册.docx",
    "第八条 职工累计工作已满1年不满10年的，年休假5天；已满10年不满20年的，年休假10天；已满20年的，年休假15天。\n第九条 试用期为三个月。",
    "休假",
)
BUYING = passage(
    "采购制度.docx",
    "单次采购金额5000元以下由部门经理审批，5000元以上2万元以下由分管副总审批，超过2万元由总经理审批。",
)
TRAVEL = passage(
    "差旅.docx",
    "出差连续不超过3天的，每天补贴80元；超过3天不超过10天的，每天补贴60元；超过10天的，每天补贴40元。",
)
STORAGE = passage(
    "仓储.md", "货物存放不足7天免收仓储费；满7天不满30天的，每吨每天收费2元；满30天的，每吨每天收费3元。"
)
SERVICE = passage(
    "leave.md",
    "Employees with less than 3 years of service get 20 days of annual leave; from 3 to 8 years 24 days; over 8 years 28 days.",
)
FURTHER = passage("补偿.md", "工作满1年的补偿1个月工资，每满一年增加1个月。")


@pytest.mark.parametrize(
    ("passages", "question", "value"),
    [
        ([LEAVE, BUYING], "我工作12年了年假有几天", "10天"),
        ([LEAVE, TRAVEL], "入职6年年假几天", "5天"),
        ([LEAVE], "工作25年年假多少天", "15天"),
        ([BUYING, LEAVE], "3000元的采购谁批", "部门经理"),
        ([BUYING], "采购8000元谁审批", "分管副总"),
        ([BUYING], "采购3万元由谁审批", "总经理"),
        ([TRAVEL], "出差5天每天补贴多少钱", "60元"),
        ([TRAVEL, STORAGE], "出差12天一天补贴多少", "40元"),
        ([STORAGE], "存放20天的仓储费每吨多少钱", "2元"),
        ([SERVICE], "How many days of annual leave after 5 years?", "24 days"),
        ([SERVICE, BUYING], "how many days of annual leave do I get with 9 years of service", "28 days"),
    ],
)
def test_the_step_that_holds_the_amount_answers(passages: list[Passage], question: str, value: str) -> None:
    result = SentenceFacts().find(question, passages)
    assert (result.status, [fact.value for fact in result.facts]) == ("found", [value])


@pytest.mark.parametrize(
    ("passages", "question", "never"),
    [
        ([LEAVE], "工作20年年假几天", "10天"),
        ([LEAVE], "工作半年年假几天", "5天"),
        ([LEAVE], "产假12年几天", "10天"),
        ([LEAVE], "工作12年的病假几天", "10天"),
        ([BUYING], "报销3000元谁批", "部门经理"),
        ([FURTHER], "工作5年补偿几个月工资", "1个月"),
    ],
)
def test_no_other_step_answers(passages: list[Passage], question: str, never: str) -> None:
    result = SentenceFacts().find(question, passages)
    assert never not in [fact.value for fact in result.facts], result
