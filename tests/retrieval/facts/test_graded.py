"""Columns that are ranges: the number of the question chooses one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.retrieval.facts.grids import Lane, grid_of

if TYPE_CHECKING:
    from collections.abc import Iterator

RATES = [
    ["目的地", "0-1kg", "1-5kg", "5-20kg", "时效（天）"],
    ["华北", "8", "12", "26", "2"],
    ["华东", "6", "10", "22", "1"],
    ["西北", "12", "20", "48", "4"],
]


@pytest.fixture(scope="module")
def rates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    opened = Lane(tmp_path_factory.mktemp("rates"))
    opened.put("运价.xlsx", grid_of(RATES))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("question", "value", "column"),
    [
        ("寄华东3公斤多少钱", "10", "1-5kg"),
        ("寄到西北0.5kg多少钱", "12", "0-1kg"),
        ("华北 10kg 运价", "26", "5-20kg"),
    ],
)
def test_the_column_whose_range_holds_the_number(rates: Lane, question: str, value: str, column: str) -> None:
    (fact,) = rates.lookup.query(question).facts
    assert (fact.value, fact.column) == (value, column)


@pytest.mark.parametrize(
    "question",
    [
        "华东25kg多少钱",  # beyond all ranges
        "华东5kg多少钱",  # on the border of two
        "华南3kg多少钱",  # no such row
        "华东3人多少钱",  # not what the ranges count in
    ],
)
def test_in_doubt_there_is_no_column(rates: Lane, question: str) -> None:
    assert rates.lookup.query(question).status != "found"
