"""A thing of the asked kind: a person and no passing brand, a place where something is, a number in its unit."""

from __future__ import annotations

import pytest

from router.grounding import fold
from router.statement import asked_kind, has_value, lacks_sort
from router.telling import told_in


def told(kind: str, question: str, sentence: str) -> list[str]:
    text = fold(sentence)
    return [text[start:end] for start, end in told_in(kind, "", text, fold(question))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "sentence", "who"),
    [
        ("舞剧的导演是谁", "舞剧由韩寒导演。", "韩寒"),
        ("谁审批出差", "出差由部门经理审批。", "经理"),
        ("谁负责验收", "验收由质量部负责。", "质量部"),
        ("谁带队", "本次由Kevin带队。", "kevin"),
        ("who approves leave", "Leave is approved by the ramp manager.", "manager"),
    ],
)
def test_who(question: str, sentence: str, who: str) -> None:
    assert any(who in found for found in told("who", question, sentence))


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("舞剧的导演是谁", "舞剧的IP形象征集开启，欢迎大家参加。"),
        ("舞剧的导演是谁", "导演工作由人力资源部统筹。"),
        ("吉祥物是谁", "一位工作人员在整理吉祥物商品。"),
        ("工厂在哪里", "德国总理谈到工厂的前景。"),
        ("招聘会在哪举办", "招聘会期间，中国专家将作报告。"),
    ],
)
def test_what_passes_by_is_neither_person_nor_place(question: str, sentence: str) -> None:
    kind = asked_kind(question)
    assert kind in {"who", "where"}
    assert not has_value(kind, sentence, question)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("招聘会在哪举办", "招聘会在天津举办。"),
        ("工牌去哪里领", "工牌到前台大厅领取。"),
        ("工厂地址在哪", "工厂：山东潍坊"),
    ],
)
def test_where(question: str, sentence: str) -> None:
    assert told("where", question, sentence)


def test_a_day_is_no_amount() -> None:
    assert told("number", "入口限高多少", "2024年5月3日起限高2.1米") == ["2.1"]
    assert told("number", "共有多少台电梯", "5月3日共有12台电梯") == ["12"]
    assert told("number", "月底有几台", "6月底剩3台") == ["3"]


def test_a_season_is_no_time() -> None:
    assert told("when", "联赛什么时候开始", "新赛季中段再定") == []
    assert told("when", "什么时候盘点", "每月底盘点") != []


@pytest.mark.parametrize(
    ("question", "sentence", "has"),
    [
        ("内部论坛叫什么名字", "内部论坛名为“蓝湾”。", True),
        ("内部论坛叫什么", "内部论坛已上线，欢迎使用。", False),
    ],
)
def test_what_a_thing_is_called(question: str, sentence: str, has: bool) -> None:
    assert asked_kind(question) == "name"
    assert has_value("name", sentence, question) is has


@pytest.mark.parametrize(
    ("question", "text", "lacks"),
    [
        ("老王今年多大", "老王：2026年3月1日批准", True),
        ("老王今年多大", "老王，45岁", False),
        ("How old was the driver?", "The driver approached at 14 km/h.", True),
        ("宿舍房间多大", "宿舍；房间数：120", True),
        ("宿舍房间多大", "宿舍房间面积20平方米", False),
        ("who signed the lease", "the lease was made on 17 april by the parties", True),
        ("who signed the lease", "the lease is signed by the director", False),
        ("平台是哪家公司做的", "平台12月上线，预算420万元", True),
        ("平台是哪家公司做的", "平台由蓝湾软件有限公司开发", False),
    ],
)
def test_the_sort_of_thing_that_is_asked_for(question: str, text: str, *, lacks: bool) -> None:
    assert lacks_sort(question, text) is lacks
