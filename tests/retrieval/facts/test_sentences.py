"""Facts in sentences: stated, checked, quoted, or refused."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.facts.sentences import SentenceFacts
from retrieval.facts.splitting import sentences
from retrieval.types import Chunk, Document, Location, Passage

TEXT = (
    "公司员工培训分为三类。ESS培训每月举行3次，分别在第一周、第三周和第五周。讲师由培训部李明担任。"
    "ESS培训每次2小时，地点在三楼会议室。考试满分100分，80分及格。年假申请由部门经理审批，须提前5个工作日提交。"
    "客服热线：400-000-7316。"
)


def passage(text: str, name: str = "培训管理制度.docx", headings: tuple[str, ...] = ()) -> Passage:
    document = Document(name, f"/x/{name}", name, "h", "x", modified="2026-01-01")
    return Passage(Chunk(f"c-{name}", document.id, 0, text, Location(page=2, headings=headings)), document, 1.0)


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("ESS培训每月几次？", "3次"), ("一个月开几回ESS培训？", "3次"), ("ESS培训在哪几周？", "第一周、第三周和第五周"), ("ESS培训每次多长时间", "2小时"),
        ("ESS培训在哪里？", "三楼会议室"), ("考试多少分及格？", "80分"), ("年假申请由谁审批", "部门经理"), ("年假申请要提前几天提交？", "5个工作日"),
        ("客服热线电话是多少", "400-000-7316"), ("How many times a month does the ESS training take place?", "3次"),
    ],
)  # fmt: skip
def test_the_sentence_that_states_it(question: str, value: str) -> None:
    result = SentenceFacts().find(question, [passage(TEXT)])
    assert result.status == "found"
    (fact,) = result.facts
    assert fact.value == value
    assert fact.value in fact.sentence
    assert fact.sentence in TEXT
    assert (fact.document, fact.chunk_id, fact.page) == ("培训管理制度.docx", "c-培训管理制度.docx", 2)


@pytest.mark.parametrize(
    "question",
    [
        "安全培训每月几次？",
        "ESS培训每年几次？",
        "ESS培训费用多少钱",
        "病假申请由谁审批",
        "ESS培训由谁审批",
        "AM代表什么",
        "几次？",
        "QTR培训在哪里",
    ],
)
def test_no_value_of_the_asked_thing_is_no_answer(question: str) -> None:
    result = SentenceFacts().find(question, [passage(TEXT)])
    assert result.status in {"absent", "not_a_table_question"}
    assert not result.facts


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("除雪剂的喷洒温度是多少", "除雪剂的喷洒温度不低于55摄氏度。", "55摄氏度"),
        ("电池单件能量上限", "电池的单件能量不得超过160瓦时。", "160瓦时"),
        ("车间噪声限值是多少", "车间噪声限值为85分贝。", "85分贝"),
        ("泊位编号", "泊位共6个，编号为D1至D6。", "D1至D6"),
    ],
)
def test_a_value_keeps_its_unit_and_a_number_of_a_thing_is_no_count(
    question: str, text: str, value: str
) -> None:
    result = SentenceFacts().find(question, [passage(text)])
    assert [fact.value for fact in result.facts] == [value]


def test_english_sentences() -> None:
    found = SentenceFacts().find(
        "How often does the ESS training take place?",
        [
            passage(
                "The ESS training takes place three times a month, in weeks one, three and five.", "training.md"
            )
        ],
    )
    assert [fact.value for fact in found.facts] == ["three times a month"]
    keys = SentenceFacts().find(
        "How long is an API key valid?", [passage("An API key is valid for 90 days.", "api.md")]
    )
    assert [fact.value for fact in keys.facts] == ["90 days"]


def test_the_newest_version_counts() -> None:
    old = passage("一线城市住宿标准为每晚500元。", "差旅住宿标准_2024版.docx")
    new = passage("一线城市住宿标准为每晚600元。", "差旅住宿标准_2026版.docx")
    result = SentenceFacts().find("一线城市住宿标准是每晚多少元", [old, new])
    assert [fact.value for fact in result.facts] == ["600元"]
    assert "2026" in result.reason


def test_documents_that_disagree_are_both_shown() -> None:
    one = passage("加密狗补办费为1000元。", "价格说明.docx")
    other = passage("加密狗补办费为1200元。", "常见问题.docx")
    result = SentenceFacts().find("加密狗补办费多少钱", [one, other])
    assert result.status == "several"
    assert {fact.value for fact in result.facts} == {"1000元", "1200元"}
    same = SentenceFacts().find("加密狗补办费多少钱", [one, passage("加密狗补办费为1,000元。", "其他.docx")])
    assert same.status == "found"


def test_headings_may_carry_the_subject() -> None:
    result = SentenceFacts().find("婚假有几天", [passage("员工可享受13天。", "制度.pdf", ("假期", "婚假"))])
    assert [fact.value for fact in result.facts] == ["13天"]
    assert (
        not SentenceFacts()
        .find("产假有几天", [passage("员工可享受13天。", "制度.pdf", ("假期", "婚假"))])
        .facts
    )


def test_other_names_of_the_subject() -> None:
    text = "软件基础技能培训每月举行4次。"
    assert not SentenceFacts().find("ESS培训每月几次", [passage(text)]).facts
    found = SentenceFacts().find("ESS培训每月几次", [passage(text)], {"ESS": ("软件基础技能",)})
    assert [fact.value for fact in found.facts] == ["4次"]


@given(st.text(max_size=200))
def test_sentences_are_stretches_of_the_text(text: str) -> None:
    spots = list(sentences(text))
    assert all(text[start:end].strip() for start, end in spots)
    assert all(first[1] <= second[0] for first, second in pairwise(spots))


@given(
    st.text(max_size=120),
    st.sampled_from(
        ["ESS培训每月几次？", "费用多少钱", "谁负责售后", "在哪里报到", "how long is the warranty"]
    ),
)
def test_values_are_verbatim(text: str, question: str) -> None:
    for fact in (
        SentenceFacts().find(question, [passage(text), passage(f"ESS培训{text}3次，费用{text}元。")]).facts
    ):
        assert fact.value in fact.sentence


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("How many straps hold a large crate?", "Use four straps for small and six for large crates.", None),
        (
            "How many straps hold a small crate?",
            "Use four straps for small and six for large crates.",
            "four straps",
        ),
        (
            "How much grade A oil is in stock?",
            "We keep 300 litres of grade A and 90 litres of grade B oil.",
            "300 litres",
        ),
        (
            "How much grade B oil is in stock?",
            "We keep 300 litres of grade A and 90 litres of grade B oil.",
            "90 litres",
        ),
        ("游泳课每次多久", "游泳课每月3次，每次2小时。", "2小时"),
        ("坐5号线到厂区要多久", "5号线：南站—厂区，每15分钟一班。", None),
        ("门诊周末几点开始", "门诊工作日8:30开始。", None),
        ("门诊工作日几点开始", "门诊工作日8:30开始。", "8:30"),
    ],
)
def test_a_value_of_another_thing_or_time_is_no_answer(question: str, text: str, value: str | None) -> None:
    facts = SentenceFacts().find(question, [passage(text)]).facts
    assert [fact.value for fact in facts] in ([[value]] if value else [[], None])


@pytest.mark.parametrize("question", ["剧团什么时候成立的", "剧团是哪年成立的", "When was the troupe founded?"])
def test_a_year_answers_when(question: str) -> None:
    text = "剧团 (the troupe) 成立于2011年 (founded)，现有演员186人。"
    assert [fact.value for fact in SentenceFacts().find(question, [passage(text)]).facts] == ["2011年"]
