"""What kind of value a wording asks for, and what such a value looks like."""

from __future__ import annotations

import pytest

from retrieval.facts.sentences import SentenceFacts
from retrieval.facts.wanted import in_written_order, value_pattern, wanted
from retrieval.types import Chunk, Document, Location, Passage


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("丢一件扣多少", "money"), ("差评一次罚多少？", "money"), ("每班收多少人", "count"), ("滤芯几个月换一次", "how_often"), ("台秤使用年限", "how_long"),
        ("出差多少天内要报销", "how_long"), ("How late may orders be changed?", "when"), ("How late was the ferry?", "how_long"),
        ("How soon are complaints answered?", "how_long"), ("What is the deadline for returns?", "when"),
    ],
)  # fmt: skip
def test_the_kind_that_is_asked(question: str, kind: str) -> None:
    found = wanted(question)
    assert found is not None
    assert found.kind == kind


def test_what_cannot_be_told_by_one_value() -> None:
    assert wanted("甲班和乙班差多少") is None


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("percent", "interest of 6 per cent per year", "6 per cent"), ("amount", "credit of 5 per cent of it", "5 per cent"), ("amount", "a fee of USD 42,000.", "USD 42,000"),
        ("amount", "at 6 per year", "6"), ("when", "奖金于次季度首月25日发放", "次季度首月25日"), ("when", "最晚用到次年3月31日", "次年3月31日"), ("when", "房租于每月5日前交", "每月5日前"),
        ("money", "旷工1天扣3天工资", "3天工资"),
    ],
)  # fmt: skip
def test_a_value_is_whole(kind: str, text: str, value: str) -> None:
    found = [match[0].strip() for match in value_pattern(kind, "").finditer(text)]  # type: ignore[arg-type]
    assert found == [value]


@pytest.mark.parametrize(
    ("question", "ordered"),
    [
        ("几号发工资", "工资几号发"),
        ("什么时候交房租？", "房租什么时候交"),
        ("发工资是几号", "工资几号发"),
        ("工资几号发", "工资几号发"),
        ("几点开门", "几点开门"),
    ],
)
def test_the_order_in_which_rules_are_written(question: str, ordered: str) -> None:
    assert in_written_order(question) == ordered


def test_a_question_in_spoken_order_finds_its_sentence() -> None:
    document = Document("薪酬.docx", "/x/薪酬.docx", "薪酬.docx", "h", "x")
    text = "每月12日发放当月工资。房租于每月5日前交纳。"
    passage = Passage(Chunk("c", document.id, 0, text, Location()), document, 1.0)
    values = [SentenceFacts().find(q, [passage]).facts[0].value for q in ("几号发工资", "什么时候交房租")]
    assert values == ["每月12日", "每月5日前"]
