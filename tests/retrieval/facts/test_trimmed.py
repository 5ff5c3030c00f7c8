"""What is said behind a name and is no part of it keeps no row from being found; another office does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.retrieval.facts.grids import grid_of

if TYPE_CHECKING:
    from tests.retrieval.facts.grids import Lane

_FARMS = [
    ["养殖场", "负责人", "员工人数", "开办条件", "所需证件"],
    ["望海养殖场", "戚国强", "23", "海域使用权满3年", "营业执照、海域使用证"],
    ["青荷养殖场", "苏小曼", "11", "水面50亩以上", "营业执照、水质检测报告"],
]


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("望海养殖场场长是谁", "戚国强"),
        ("青荷养殖场的老大是谁", "苏小曼"),
        ("青荷养殖场多少人上班", "11"),
        ("望海养殖场要什么条件才能办", "海域使用权满3年"),
        ("青荷养殖场要哪些证件", "营业执照、水质检测报告"),
    ],
)
def test_the_row_is_found(lane: Lane, question: str, value: str) -> None:
    lane.put("养殖场.csv", grid_of(_FARMS))
    result = lane.lookup.query(question)
    assert (result.status, [fact.value for fact in result.facts]) == ("found", [value])


@pytest.mark.parametrize("question", ["望海养殖场副场长是谁", "望海养殖场会计是谁", "望海养殖场多少人退休"])
def test_another_office_is_not_the_one_in_charge(lane: Lane, question: str) -> None:
    lane.put("养殖场.csv", grid_of(_FARMS))
    assert lane.lookup.query(question).facts == ()
