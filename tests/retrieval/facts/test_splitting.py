"""Bullets and lines of their own are sentences; a line that was wrapped is not cut; the head of a mail tells of the mail alone."""

from __future__ import annotations

import pytest

from retrieval.facts.sentences import SentenceFacts
from retrieval.facts.splitting import sentences, told_under
from retrieval.types import Chunk, Document, Location, Passage

PLANS = (
    "扩建计划\n新馆“听涛阁”于2027年5月开业，投资3.2亿元\n老馆“观澜阁”于2026年8月改造，投资6800万元\n"
    "停车楼“泊云”于2027年1月开业，投资2300万元\n总负责人：方远"
)
MAIL = (
    "From: gao@hotel.example\nTo: all@hotel.example\nDate: Fri, 18 Sep 2026 09:12:00 +0800\n"
    "Subject: 关于月末盘点的通知\n各部门：\n月末盘点于当日21:00开始。"
)


def passage(text: str, name: str) -> Passage:
    document = Document(name, f"/x/{name}", name, "h", "x")
    return Passage(Chunk(f"c-{name}", document.id, 0, text, Location()), document, 1.0)


def told(question: str, text: str, name: str) -> list[str]:
    return [fact.value for fact in SentenceFacts().find(question, [passage(text, name)]).facts]


@pytest.mark.parametrize("name", ["扩建.pptx", "扩建.txt"])
@pytest.mark.parametrize(
    ("question", "value"),
    [("观澜阁投资多少", "6800万元"), ("泊云投资多少钱", "2300万元"), ("听涛阁投资多少", "3.2亿元"), ("“泊云”投资多少", "2300万元")],
)  # fmt: skip
def test_a_bullet_is_a_sentence_of_its_own(name: str, question: str, value: str) -> None:
    assert told(question, PLANS, name) == [value]


def lines(text: str, **how: bool) -> list[str]:
    return [text[start:end].strip() for start, end in sentences(text, **how)]


def test_a_wrapped_line_is_not_cut() -> None:
    english = "The tenant shall keep the rooms clean and pay for\ncleaning of the windows twice a year."
    assert len(lines(english)) == 1
    chinese = "员工离职时应当在最后一个工作日之前归还门禁卡以及全部\n办公设备，并由行政部在归还清单上签字确认，未归还的按\n原价赔偿。"
    assert len(lines(chinese)) == 1
    assert len(lines(chinese, keeps_lines=True)) == 3


def test_lines_that_never_stop_are_several() -> None:
    assert len(lines(PLANS)) == 5


def test_the_head_of_a_mail_states_no_time_of_its_subject() -> None:
    assert told("盘点几点开始", MAIL, "盘点通知.eml") == ["21:00"]
    assert told("盘点几点开始", MAIL.splitlines()[2], "盘点通知.eml") == []


def test_an_answer_stands_under_its_question() -> None:
    text = "问：年假怎么休？\n答：满1年的7天。未休完的可延到次年3月31日。\n问：病假要证明吗？\n答：超过3天须提供证明。"
    at = passage(text, "问答.md")
    assert told_under(at, text.index("未休完")) == ("年假怎么休？",)
    assert told_under(at, text.index("超过3天")) == ("病假要证明吗？",)
    assert told("病假超过几天要证明", text, "问答.md") == ["3天"]
