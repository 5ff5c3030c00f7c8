"""Questions that say words of the tables for short, or years relatively, are answered as if they were written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from retrieval.facts import relative
from retrieval.facts.relative import with_years
from tests.retrieval.facts.grids import grid_of

if TYPE_CHECKING:
    from tests.retrieval.facts.grids import Lane

MONTHS = [
    ["月份", "营业收入（万元）", "客户投诉（件）", "新签合同（份）"],
    ["2025-01", "310", "4", "7"],
    ["2025-02", "280", "9", "5"],
    ["2025-03", "450", "6", "11"],
]
SCHOOLS = [
    ["乡村教学点一览"],
    ["村名", "类别", "教师人数", "复训周期", "复训课时"],
    ["柳庄", "寄宿制小学", "12", "每两年", "16"],
    ["石桥", "寄宿制小学", "9", "每年", "8"],
    ["梨沟", "全日制小学", "5", "每年", "8"],
    ["杏坪", "全日制小学", "7", "每年", "8"],
]


@pytest.fixture
def lane(lane: Lane) -> Lane:
    lane.put("月报.xlsx", grid_of(MONTHS))
    lane.put("教学点.xlsx", grid_of(SCHOOLS))
    return lane


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("2025年哪个月营收最高", "2025-03"),
        ("2025年哪个月投诉最多", "2025-02"),
        ("去年哪个月营收最高", "2025-03"),
        ("去年2月份营收多少", "280"),
    ],
)
def test_short_words_and_relative_years(lane: Lane, question: str, value: str) -> None:
    found = lane.lookup.query(question)
    assert found.status == "found"
    assert value in [fact.value for fact in found.facts]


@pytest.mark.parametrize("question", ["前年哪个月营收最高", "去年5月营收多少", "去年哪个月营养最高"])
def test_other_years_and_other_words_are_refused(lane: Lane, question: str) -> None:
    assert lane.lookup.query(question).status != "found"


def test_what_may_stand_for_two_words_is_not_written_out(lane: Lane) -> None:
    question = "2025年哪个月新签最多"
    assert lane.lookup.query(question).facts[0].value == "2025-03"
    lane.put("订单.xlsx", grid_of([["月份", "新签订单（台）"], ["2025-01", "3"], ["2025-02", "4"]]))
    assert lane.lookup.query(question).status != "found"


def test_years_are_told_from_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relative, "this_year", lambda: 2030)
    assert with_years("去年和今年的产量") == "2029年和2030年的产量"
    assert with_years("output last year") == "output in 2029"
    assert with_years("产量多少") == ""
