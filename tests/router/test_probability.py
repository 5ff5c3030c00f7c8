"""A decision's probability is the measured share of right ones."""

from __future__ import annotations

from benchmarks.router.calibrate import fit
from router import probability as calibrated
from router.decide import Evidence, decide
from router.questions import QuestionForm


def test_points_rise_and_lie_between_zero_and_one() -> None:
    for points in calibrated._points().values():
        assert [p for _, p in points] == sorted(p for _, p in points)
        assert all(0 < p < 1 for _, p in points)


def test_an_unmeasured_ground_keeps_its_score() -> None:
    assert calibrated.probability("never measured", 0.4) == 0.4


def test_every_ground_of_a_decision_may_be_calibrated() -> None:
    forms = (QuestionForm("zh", value=True), QuestionForm("zh", explanation=True), QuestionForm("zh"))
    for form in forms:
        decision = decide(form, Evidence())
        assert decision.ground
        assert 0 < decision.confidence <= 1


def test_isotonic_regression_pools_what_falls() -> None:
    observed = [("g", 0.5, True)] * 20 + [("g", 0.6, False)] * 20 + [("g", 0.9, True)] * 20
    (low, below), (high, above) = fit(observed)["g"]
    assert low < high
    assert below < 0.6 < above


def test_few_observations_stay_modest() -> None:
    ((_, share),) = fit([("g", 0.9, True)] * 3)["g"]
    assert 0.9 < share < 1.0
