"""Selections as statements."""

from __future__ import annotations

from retrieval.facts.types import Condition, Selection
from tests.retrieval.facts.grids import PRICES, Lane, grid_of


def test_selections_are_read_only_queries_with_parameters(lane: Lane) -> None:
    lane.put("价格.xlsx", grid_of(PRICES))
    (stored,) = lane.store.tables()
    selection = Selection(stored.number, (Condition(2, low=9_000.0, high=13_000.0),), order=2, descending=True)
    assert [row.cells[1] for row in lane.store.select(selection)] == ["A100", "B200"]
    assert lane.store.count(selection) == 2
    run = lane.store.explain(selection)
    assert run.statement.startswith("SELECT")
    assert "9000" not in run.statement
    assert "9000.0" in run.parameters
