"""Figures are counted as their names say."""

from __future__ import annotations

from typing import Any

import pytest

from router.evaluation.calibration import expected_calibration_error, reliability
from router.evaluation.figures import figures, latency
from router.evaluation.outcomes import Expected, Outcome


def outcome(wanted: str, got: str, **other: Any) -> Outcome:
    (route, status), (taken, ended) = wanted.split("/"), got.split("/")
    judged = None if status == "refused" else route == taken
    checks = {"route_accuracy": judged, "status_accuracy": status == ended}
    values: dict[str, Any] = {"milliseconds": 1.0, "confidence": 0.9} | other
    return Outcome("id", "q", Expected(route, status), taken, ended, "", checks, **values)


def test_refusals_and_clarifications_have_precision_and_recall() -> None:
    found = figures(
        [
            outcome("term/answered", "term/answered"),
            outcome("fact/answered", "fact/refused"),
            outcome("fact/refused", "analysis/refused"),
            outcome("fact/refused", "fact/answered"),
            outcome("fact/refused", "fact/refused"),
            outcome("term/clarify", "term/clarify"),
        ]
    )
    assert found["refusal_precision"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["refusal_recall"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["refused_wrongly"] == 0.5
    assert found["clarify_precision"] == found["clarify_recall"] == 1.0
    assert found["endings"]["fact"] == {"refused wrongly": 1, "right": 2, "wrong": 1}


def test_macro_f1_is_the_mean_over_routes() -> None:
    found = figures([outcome("term/answered", "term/answered"), outcome("fact/answered", "term/answered")])
    # term: precision 1/2, recall 1, F1 2/3; fact: 0.
    assert found["route_macro_f1"] == pytest.approx(1 / 3, abs=1e-4)


def test_percentiles_are_nearest_rank() -> None:
    assert latency([float(n) for n in range(100, 0, -1)]) == {"p50": 50.0, "p95": 95.0, "p99": 99.0}
    assert latency([7.0]) == {"p50": 7.0, "p95": 7.0, "p99": 7.0}


def test_latency_is_told_by_route_and_over_all() -> None:
    found = figures([outcome("term/answered", "term/answered", milliseconds=3.0)])
    assert found["latency_ms"] == {name: {"p50": 3.0, "p95": 3.0, "p99": 3.0} for name in ("term", "all")}


def test_bins_are_of_equal_width_and_closed_above() -> None:
    bins = reliability([(0.0, False), (0.1, True), (0.11, True), (1.0, True)])
    assert [(each.low, each.count) for each in bins] == [(0.0, 2), (0.1, 1), (0.9, 1)]


def test_calibration_error_is_the_weighted_gap() -> None:
    pairs = [(0.9, True)] * 8 + [(0.9, False)] * 2 + [(0.6, True)] * 10
    assert expected_calibration_error(reliability(pairs)) == pytest.approx((10 * 0.1 + 10 * 0.4) / 20)
    assert expected_calibration_error(()) is None


def test_an_outcome_goes_to_json_and_back() -> None:
    one = outcome("term/answered", "fact/refused", key_points=(1, 2), invented=("30",), tokens={"prompt": 4})
    assert Outcome.from_json(one.to_json()) == one
    with pytest.raises(KeyError):
        Outcome.from_json({"id": "x"})
