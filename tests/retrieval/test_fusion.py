"""Reciprocal rank fusion, by its formula and in its ties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.fusion import Ranking, fuse


def test_the_formula() -> None:
    found = dict(fuse([Ranking([(1, 9.0), (2, 8.0)]), Ranking([(2, 0.5)], weight=2.0)], constant=60))
    assert found == {1: pytest.approx(1 / 61), 2: pytest.approx(1 / 62 + 2 / 61)}


def test_a_tie_goes_to_the_stronger_scores() -> None:
    first = Ranking([(1, 10.0), (2, 9.9)])
    second = Ranking([(2, 10.0), (1, 1.0)])
    assert [number for number, _ in fuse([first, second])] == [2, 1]
    assert [number for number, _ in fuse([second, first])] == [2, 1]


def test_weight_zero_has_no_say_and_adds_nothing() -> None:
    assert fuse([Ranking([(1, 1.0)]), Ranking([(7, 1.0)], weight=0.0)]) == [(1, pytest.approx(1 / 61))]


def test_nothing_gives_nothing() -> None:
    assert fuse([]) == []
    assert fuse([Ranking([])]) == []


@given(st.lists(st.tuples(st.integers(0, 30), st.floats(-5, 50)), unique_by=lambda hit: hit[0], max_size=20))
def test_one_ranking_keeps_its_order(hits: list[tuple[int, float]]) -> None:
    ordered = sorted(hits, key=lambda hit: -hit[1])
    assert [number for number, _ in fuse([Ranking(ordered)])] == [number for number, _ in ordered]
