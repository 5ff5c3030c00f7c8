"""Everyday words around a row's name: the very cell, what several cells come to, yes or no; or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from retrieval.facts.columns import split_unit
from retrieval.facts.everyday import everyday_words
from retrieval.facts.guard import values_in
from retrieval.facts.occasions import months_in, no_clock, of_another_event, of_another_period, quarters_in
from retrieval.facts.row_index import headed_as_names
from retrieval.facts.row_lines import lacks_column
from retrieval.facts.sentences import SentenceFacts
from retrieval.facts.values import date_of
from tests.retrieval.facts import eighth_company
from tests.retrieval.facts.test_industries import lane_with, right
from tests.retrieval.facts.test_seventh_company import passage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.retrieval.facts.grids import Lane


@pytest.fixture(scope="module")
def lane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    opened = lane_with(tmp_path_factory.mktemp("gardens"), eighth_company.TABLES)
    yield opened
    opened.close()


@pytest.mark.parametrize(("kind", "question", "wanted"), eighth_company.QUESTIONS)
def test_the_eighth_company(lane: Lane, kind: str, question: str, wanted: str) -> None:
    result = lane.lookup.query(question)
    assert right(kind, wanted, result), result


def test_a_verdict_shows_its_cell(lane: Lane) -> None:
    result = lane.lookup.query("滴灌管网抢修那份合同还在履行吗？")
    assert [(fact.column, fact.value) for fact in result.facts] == [("状态", "暂停")]
    assert "状态" in result.facts[0].label


def test_all_cells_of_a_sum_are_shown(lane: Lane) -> None:
    result = lane.lookup.query("白芷一期一季度入园人次合计多少")
    assert [fact.value for fact in result.facts] == ["1878", "1605", "2056"]


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("二月份受理", {2}),
        ("3月6日", {3}),
        ("in march 2026", {3}),
        ("12月", {12}),
        ("三个月内", set()),
        ("may i", set()),
    ],
)
def test_months_in_a_text(text: str, months: set[int]) -> None:
    assert months_in(text) == months


def test_quarters_in_a_text() -> None:
    assert quarters_in("2025q3安全回顾，第二季度") == {2, 3}


@pytest.mark.parametrize(
    ("question", "said", "around", "another"),
    [
        ("二月份接待了几个团", "三月共接待团队214个", "月报", True),
        ("二月份接待了几个团", "共接待团队214个", "三月月报", True),
        ("二月份接待了几个团", "二月共接待团队198个", "三月月报", False),
        ("接待了几个团", "三月共接待团队214个", "", False),
        ("三季度成活率多少", "成活率由二季度的71%上升到78%", "2025q3回顾", False),
    ],
)
def test_another_month_is_no_answer(question: str, said: str, around: str, another: bool) -> None:
    assert of_another_period(question, said, around) is another


def test_another_event_is_no_answer() -> None:
    assert of_another_event("祝融哪年入职的", "主编：祝融 2025年12月第二版")
    assert not of_another_event("祝融哪年入职的", "祝融2019年入职")
    assert not of_another_event("祝融几点到", "祝融9点到")


def test_a_time_of_day_needs_a_clock() -> None:
    assert no_clock("餐厅几点开门", "每天")
    assert not no_clock("餐厅几点开门", "每天11:00")
    assert not no_clock("餐厅哪天开门", "每天")


MANUAL = passage("手册.txt", "编号：FZ-SY-03　主编：祝融　审定：雷鸣　2025年12月第二版", "养护手册")
REPORT = passage("三月月报.txt", "三月共接待团队214个，其中学校团队27个。", "三月月报")
KIOSK = passage("园内服务.txt", "园内餐厅在北门，午餐补贴每天20元。", "园内服务")
ORDER = passage(
    "升级.xlsx", "顺序: 4；升级对象: 总经理 祝融；触发条件: 30天内发生2次停水；联系方式: 由席远转报"
)


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("祝融哪年入职的", MANUAL),
        ("二月份接待了多少个团队", REPORT),
        ("园内餐厅几点开门？", KIOSK),
        ("祝融今年多大", ORDER),
    ],
)
def test_a_sentence_about_another_thing_is_no_answer(question: str, document: object) -> None:
    assert SentenceFacts().find(question, [document]).facts == ()  # type: ignore[list-item]


def test_the_month_asked_for_is_found() -> None:
    found = SentenceFacts().find("三月接待了多少个团队", [REPORT])
    assert [fact.value for fact in found.facts] == ["214个"]


MONTHS = passage("用水.xlsx", "分区: 木兰区；1月: 257；2月: 103；3月: 228；4月: 190；水表位置: 北门")


def test_a_row_of_other_months_is_not_quoted() -> None:
    assert lacks_column("木兰区7月用了多少水", MONTHS.chunk.text, MONTHS)
    assert not lacks_column("木兰区3月用了多少水", MONTHS.chunk.text, MONTHS)


def test_a_plus_between_digits_ends_no_code() -> None:
    assert [value.text for value in values_in("C++版本")] == []
    assert "0+" not in [value.text for value in values_in("0+0")]


@pytest.mark.parametrize(
    ("text", "day"), [("3272.1", None), ("2021.3", "2021-03-01"), ("2021-03-08", "2021-03-08")]
)
def test_an_amount_is_no_month(text: str, day: str | None) -> None:
    found = date_of(text)
    assert (found.isoformat() if found else None) == day


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("园名", True),
        ("厂名", True),
        ("主楼/楼名称", True),
        ("域名", False),
        ("排名", False),
        ("用户名", False),
    ],
)
def test_a_header_that_says_names(header: str, names: bool) -> None:
    assert headed_as_names(header) is names


def test_a_unit_per_school_year_is_a_unit() -> None:
    assert split_unit("住宿费（元/学年）") == ("住宿费", "元/学年")


def test_everyday_words_are_of_one_group_each() -> None:
    words = [word for group in everyday_words().events.values() for word in group]
    assert len(words) == len(set(words))
    assert not everyday_words().light & everyday_words().verbs
