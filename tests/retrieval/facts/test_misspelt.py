"""A slip in a name is asked back about, a name said for short is answered, and no neighbour answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.retrieval.facts.grids import grid_of

if TYPE_CHECKING:
    from tests.retrieval.facts.grids import Lane

_ROUTES = [
    ["客运站", "站长电话", "发车班次", "候车座位"],
    ["梧桐岭客运站", "0571-2210", "18", "120"],
    ["白沙湾旅游客运站", "0571-2231", "9", "60"],
    ["青石镇客运站", "0571-2255", "12", "80"],
    ["青石镇东客运站", "0571-2256", "7", "40"],
]
_UNITS = [
    ["部门", "负责人", "分机"],
    ["车辆调度管理部", "耿志远", "6101"],
    ["安全与应急部", "卢晓燕", "6107"],
    ["票务营销部", "申屠静", "6112"],
    ["票务结算部", "白一鸣", "6115"],
]


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("梧桐领客运站的发车班次", "梧桐岭客运站"),
        ("梧铜岭客运站发车班次多少", "梧桐岭客运站"),
        ("白沙弯旅游客运站候车座位多少", "白沙湾旅游客运站"),
    ],
)
def test_a_slip_is_asked_back_about(lane: Lane, question: str, name: str) -> None:
    lane.put("客运站.csv", grid_of(_ROUTES))
    result = lane.lookup.query(question)
    assert (result.status, result.facts) == ("several", ())
    assert [candidate.name for candidate in result.candidates] == [name]
    assert result.confidence >= 0.5


@pytest.mark.parametrize("question", ["梧桐领客运站的停车费", "青石镇西客运站发车班次", "白鹭湾客运站发车班次"])
def test_what_is_no_slip_gives_no_value(lane: Lane, question: str) -> None:
    lane.put("客运站.csv", grid_of(_ROUTES))
    result = lane.lookup.query(question)
    assert result.facts == ()


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("白沙湾那家候车座位多少", "60"),
        ("车辆调度部的分机", "6101"),
        ("安全部负责人是谁", "卢晓燕"),
    ],
)
def test_a_name_for_short_is_answered(lane: Lane, question: str, value: str) -> None:
    lane.put("客运站.csv", grid_of(_ROUTES))
    lane.put("部门.csv", grid_of(_UNITS))
    result = lane.lookup.query(question)
    assert (result.status, [fact.value for fact in result.facts]) == ("found", [value])


def test_a_short_name_of_two_rows_is_no_answer(lane: Lane) -> None:
    lane.put("部门.csv", grid_of(_UNITS))
    assert lane.lookup.query("票务部的分机").facts == ()
