"""What only the remarks of a row tell is answered from them, and never by a column of another name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.retrieval.facts.grids import grid_of

if TYPE_CHECKING:
    from tests.retrieval.facts.grids import Lane

_RENTALS = [
    ["大类", "租赁物品", "收费标准/会员", "收费标准/非会员", "备注"],
    ["露营", "四人帐篷", "60元/天", "90元/天", "押金400元"],
    ["露营", "折叠炉具", "15元/天", "25元/天", "气罐另购"],
    ["骑行", "山地车", "40元/天", "70元/天", "送货加收20元"],
]


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("四人帐篷押金多少", ["押金400元"]),
        ("四人帐篷的押金是多少", ["押金400元"]),
        ("山地车送货多少钱", ["送货加收20元"]),
        ("四人帐篷多少钱", ["60元/天", "90元/天"]),
        ("山地车收费", ["40元/天", "70元/天"]),
        ("折叠炉具租一天多少钱", ["15元/天", "25元/天"]),
    ],
)
def test_the_cell_that_tells_it(lane: Lane, question: str, values: list[str]) -> None:
    lane.put("租赁.csv", grid_of(_RENTALS))
    assert [fact.value for fact in lane.lookup.query(question).facts] == values


@pytest.mark.parametrize("question", ["折叠炉具押金多少", "山地车保险费多少", "山地车的押金"])
def test_what_no_cell_tells(lane: Lane, question: str) -> None:
    lane.put("租赁.csv", grid_of(_RENTALS))
    assert lane.lookup.query(question).facts == ()
