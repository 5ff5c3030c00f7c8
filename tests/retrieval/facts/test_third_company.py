"""The lane on companies that none of its words were made for: no wrong value, and most questions reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.retrieval.facts import fifth_company, fourth_company, third_company
from tests.retrieval.facts.grids import grid_of
from tests.retrieval.facts.test_industries import lane_with, right

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from retrieval.facts.types import FactResult
    from tests.retrieval.facts.grids import Lane

# What was reached when the sets were made, less a margin: (questions, right at least).
_REACHED = {"third": (100, 82), "fourth": (40, 29), "fifth": (40, 31)}
_SETS = {"third": third_company, "fourth": fourth_company, "fifth": fifth_company}


def wrong(kind: str, wanted: str, result: FactResult) -> bool:
    """Whether what is given does not say what is wanted; a refusal or asking back gives nothing.

    A value with a second one of its row beside it, each under its own header, is not reached but not wrong.
    """
    if kind == "v" and not result.computed and wanted in {fact.value for fact in result.facts}:
        return len({fact.row for fact in result.facts}) > 1 and result.status == "found"
    return result.status == "found" and not right(kind, wanted, result)


@pytest.mark.parametrize("name", list(_SETS))
def test_unseen_company(tmp_path: Path, name: str) -> None:
    asked = _SETS[name].QUESTIONS
    lane = lane_with(tmp_path, _SETS[name].TABLES)
    try:
        results = [(kind, question, wanted, lane.lookup.query(question)) for kind, question, wanted in asked]
    finally:
        lane.close()
    assert [
        (question, result) for kind, question, wanted, result in results if wrong(kind, wanted, result)
    ] == []
    reached = sum(right(kind, wanted, result) for kind, _, wanted, result in results)
    assert len(results) == _REACHED[name][0]
    assert reached >= _REACHED[name][1]


DEVICES = [
    ["设备保养台账"],
    ["资产编号", "设备名称", "启用日期", "保养周期(天)", "功率(kW)", "课时(小时)"],
    ["000103", "数码印刷机", "2023-04-20", "30", "18.5", "6"],
    ["000117", "制版机", "2020-11-11", "60", "7.2", "4"],
]
PLACES = [["门店", "城市", "库存"], ["东街店", "上海", "12"], ["西街店", "南京", "0"], ["南街店", "上海", "3"]]
DEPOTS = [["仓库", "城市"], ["一号仓", "成都"], ["二号仓", "重庆"], ["三号仓", "北京"]]


@pytest.fixture(scope="module")
def lane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    tables = {
        "设备.csv": grid_of(DEVICES, merges=[(0, 0, 0, 5)], name="设备"),
        "门店.csv": grid_of(PLACES, name="门店"),
        "仓库.csv": grid_of(DEPOTS, name="仓库"),
    }
    opened = lane_with(tmp_path_factory.mktemp("small"), tables)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "question",
    ["数码印刷机上次保养", "数码印刷机上次保养是什么时候", "数码印刷机哪天保养的", "数码印刷机什么时候保养"],
)
def test_another_date_is_no_answer(lane: Lane, question: str) -> None:
    result = lane.lookup.query(question)
    assert result.status != "found", result
    assert result.facts == ()


def test_none_of_what_is_counted_is_zero_of_it(lane: Lane) -> None:
    result = lane.lookup.query("哪些门店没有库存")
    assert {fact.label for fact in result.facts} == {"西街店"}


def test_two_tables_that_fit_are_asked_back_about(lane: Lane) -> None:
    result = lane.lookup.query("一共有多少个城市")
    assert (result.status, result.computed, result.facts) == ("several", "", ())
    assert {candidate.table for candidate in result.candidates} == {"门店", "仓库"}


@pytest.mark.parametrize(
    ("question", "wanted"), [("课时超过5小时的设备", "数码印刷机"), ("功率低于10kw的设备有哪些", "制版机")]
)
def test_units_of_headers_bound_their_columns(lane: Lane, question: str, wanted: str) -> None:
    result = lane.lookup.query(question)
    assert {fact.label for fact in result.facts} == {wanted}, result
