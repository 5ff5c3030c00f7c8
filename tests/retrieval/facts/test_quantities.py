"""Amounts in several units are compared as amounts; where their order is not sure, there is no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from retrieval.facts.quantities import amount_of, in_order, largest
from tests.retrieval.facts.grids import grid_of

if TYPE_CHECKING:
    from tests.retrieval.facts.grids import Lane

_TREES = [
    ["苗木名称", "养护周期", "最长保活期", "单株重量", "起订金额"],
    ["香樟", "2周", "36个月", "1.2吨", "2万元"],
    ["银杏", "10天", "5年", "800公斤", "8000元"],
    ["红枫", "3天", "18个月", "45公斤", "1200元"],
    ["月季", "36小时", "90天", "600克", "300元"],
]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("5年", "36个月", (2.0, 1.0)),
        ("12个月", "1年", (1.0, 1.0)),
        ("2小时", "3天", (1.0, 2.0)),
        ("1年6个月", "15个月", (2.0, 1.0)),
        ("半年", "5个月", (2.0, 1.0)),
        ("600克", "0.5kg", (2.0, 1.0)),
        ("5元/月", "48元/年", (2.0, 1.0)),
        ("1个月", "30天", None),
        ("5个工作日", "6天", None),
        ("3公斤", "3天", None),
        ("100美元", "500元", None),
    ],
)
def test_two_amounts_in_order(first: str, second: str, expected: tuple[float, float] | None) -> None:
    assert in_order([first, second], ["", ""]) == expected


def test_a_bare_number_is_in_the_unit_of_its_column() -> None:
    assert in_order(["30", "5000元"], ["万元", "万元"]) == (2.0, 1.0)
    assert amount_of("30") is None


def test_the_largest_must_be_sure() -> None:
    amounts = {text: amount for text in ("1个月", "30天", "2天") if (amount := amount_of(text)) is not None}
    assert largest(amounts) is None
    assert largest(amounts, smallest=True) == ("2天",)


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("哪种苗木的最长保活期最长", "5年"),
        ("保活期最短的苗木", "90天"),
        ("养护周期最短的苗木是哪个", "36小时"),
        ("养护周期最长的苗木", "2周"),
        ("单株重量最大的苗木", "1.2吨"),
        ("哪种苗木起订金额最低", "300元"),
    ],
)
def test_extremes_over_several_units(lane: Lane, question: str, value: str) -> None:
    lane.put("苗木.csv", grid_of(_TREES))
    result = lane.lookup.query(question)
    assert result.status == "found"
    assert result.facts[-1].value == value


def test_bounds_in_another_unit(lane: Lane) -> None:
    lane.put("苗木.csv", grid_of(_TREES))
    result = lane.lookup.query("保活期超过2年的苗木有哪些")
    assert {fact.label for fact in result.facts} == {"香樟", "银杏"}
    result = lane.lookup.query("养护周期不超过4天的苗木有哪些")
    assert {fact.label for fact in result.facts} == {"红枫", "月季"}


def test_comparisons_in_different_units(lane: Lane) -> None:
    lane.put("苗木.csv", grid_of(_TREES))
    assert lane.lookup.query("香樟和银杏哪个保活期长").computed == "银杏"
    assert lane.lookup.query("香樟和银杏哪个养护周期短").computed == "银杏"
    # 5年 less 36个月 is no 31 of anything.
    assert not lane.lookup.query("银杏比香樟保活期长多少").computed


def test_sums_over_several_units_are_refused(lane: Lane) -> None:
    lane.put("苗木.csv", grid_of(_TREES))
    assert lane.lookup.query("单株重量一共多少").status != "found"


def test_the_word_before_the_superlative_is_the_column(lane: Lane) -> None:
    lane.put("苗木.csv", grid_of(_TREES))
    result = lane.lookup.query("养护周期最长的苗木保活期是多少")
    assert [fact.value for fact in result.facts] == ["香樟", "2周", "36个月"]


def test_a_superlative_in_a_header_orders_nothing(lane: Lane) -> None:
    lane.put("苗木.csv", grid_of(_TREES))
    result = lane.lookup.query("最长保活期3年以上的苗木")
    assert (result.operation, {fact.label for fact in result.facts}) == ("list", {"香樟", "银杏"})


def test_averages_of_bare_percentages_stay_as_they_are(lane: Lane) -> None:
    rows = [["园区", "成活率（%）"], ["东园", "92.5"], ["西园", "90.5"], ["北园", "96.0"]]
    lane.put("成活率.csv", grid_of(rows))
    assert lane.lookup.query("平均成活率是多少").computed == "93%"
