"""Of several values in a sentence, the one whose clause speaks of the asked thing; else none."""

from __future__ import annotations

import pytest

from retrieval.facts.sentences import SentenceFacts
from retrieval.types import Chunk, Document, Location, Passage


def ask(question: str, text: str) -> str:
    document = Document("手册.docx", "/x/手册.docx", "手册.docx", "h", "x")
    found = SentenceFacts().find(
        question, [Passage(Chunk("c", "手册.docx", 0, text, Location()), document, 1.0)]
    )
    return found.facts[0].value if found.status == "found" else found.status


SUBMISSION = (
    "Submission to Sony takes on average 5 working days, Microsoft 4 working days and Nintendo 10 working days."
)


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("how long does Nintendo submission take", SUBMISSION, "10 working days"),
        ("how long does Sony submission take", SUBMISSION, "5 working days"),
        ("gold版本保存多久", "每个 build 保留 180 天，Gold 版本永久保存。", "永久"),
        ("洗手依从率目标是多少", "每月对各科室洗手依从率抽查一次，目标值不低于85%。", "85%"),
        (
            "培训费用多高要签服务期",
            "单次培训费用达到10,000元的，员工须签订服务期协议，服务期为24个月。",
            "10,000元",
        ),
        ("工作满十年有几天年假", "满一年的员工每年享有7天年假，满十年的享有12天。", "12天"),
        ("晋升窗口是几月", "晋升窗口为 4 月和 10 月。", "4 月和 10 月"),
        ("试用期多久", "试用期员工前 3 个月不得远程。试用期为 6 个月。", "6 个月"),
    ],
)
def test_the_value_of_the_clause_that_is_asked_about(question: str, text: str, value: str) -> None:
    assert ask(question, text) == value


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("工作8年年假有几天", "后勤人员实行每周五天工作制。"),
        ("灭火器多久换一次", "灭火器压力每月检查一次。"),
        ("how often are hard hats tested", "Hard hats are replaced every three years."),
        ("主任医师每天查房几次", "住院医师每天查房2次，主任医师每周查房1次。"),
        ("二线班夜班费多少", "夜班职工可领取夜宵，每张夜餐券面值15元。"),
        ("儿童院区有几个科", "医院由总院、东院、儿童院区等五个院区组成。"),
        ("which day do invoices go out", "Disputed invoices must be raised within ten days."),
    ],
)
def test_a_value_of_something_else_is_none(question: str, text: str) -> None:
    assert ask(question, text) in {"absent", "several", "not_a_table_question"}
