"""A question for Saturday is answered from the column for Saturday, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from retrieval.facts.days import days_in, of_other_days, without_days
from tests.retrieval.facts.grids import grid_of

if TYPE_CHECKING:
    from tests.retrieval.facts.grids import Lane

_POOLS = [
    ["泳馆", "工作日开放时间", "周末开放时间", "水温"],
    ["碧波馆", "6:30-21:00", "不开放", "27℃"],
    ["蓝湾馆", "7:00-22:00", "9:00-20:00", "28℃"],
]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("周末几点开门", {"sat", "sun"}),
        ("周一至周五 9:00-17:00", {"mon", "tue", "wed", "thu", "fri"}),
        ("open Monday to Saturday", {"mon", "tue", "wed", "thu", "fri", "sat"}),
        ("要几个工作日", set()),
        ("3个工作日内答复", set()),
    ],
)
def test_the_days_in_a_text(text: str, days: set[str]) -> None:
    assert days_in(text) == days


def test_headers_of_other_days() -> None:
    assert of_other_days("周日几点开门", "工作日开放时间")
    assert of_other_days("国庆几点开门", "周末开放时间")
    assert not of_other_days("春节几点开门", "节假日开放时间")
    assert not of_other_days("几点开门", "工作日开放时间")
    assert without_days("周末开放时间") == "开放时间"


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("碧波馆周末几点", "不开放"),
        ("碧波馆周六几点开门", "不开放"),
        ("碧波馆周日开门吗", "不开放"),
        ("蓝湾馆周六开放到几点", "9:00-20:00"),
        ("蓝湾馆周三几点开门", "7:00-22:00"),
        ("碧波馆平时几点关门", "6:30-21:00"),
    ],
)
def test_the_column_of_the_day(lane: Lane, question: str, value: str) -> None:
    lane.put("泳馆.csv", grid_of(_POOLS))
    result = lane.lookup.query(question)
    assert (result.status, [fact.value for fact in result.facts]) == ("found", [value])


def test_holidays_without_a_column_are_refused(lane: Lane) -> None:
    lane.put("泳馆.csv", grid_of(_POOLS))
    assert lane.lookup.query("蓝湾馆节假日几点开门").status != "found"


def test_days_in_a_header_are_no_count_of_all_rows(lane: Lane) -> None:
    lane.put("泳馆.csv", grid_of(_POOLS))
    assert lane.lookup.query("周末开放的泳馆有几家").status != "found"
    assert lane.lookup.query("周末不开放的泳馆有几家").computed == "1"
