"""The figures of a run: shares of right answers, confusion, refusals, calibration, latency and tokens."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from router.evaluation.calibration import expected_calibration_error, reliability
from router.evaluation.checks import CHECKS
from router.evaluation.labels import ROUTES, STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from router.evaluation.outcomes import Outcome

# How an answer ended, seen against its label: the bands of the plot.
ENDINGS = ("right", "wrong", "asked back needlessly", "refused wrongly")


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the figures by name; a share from 0 to 1, rounded to 4 places, is None where no label asks for it."""
    calibrated = reliability(routed(outcomes))
    return {
        "questions": len(outcomes),
        "right": share(outcome.right for outcome in outcomes),
        **{name: share(outcome.checks.get(name) for outcome in outcomes) for name in CHECKS},
        "route_macro_f1": _macro_f1(outcomes),
        **_agreement(outcomes, "refused", "refusal"),
        "refused_wrongly": share(o.status == "refused" for o in outcomes if o.expected.status == "answered"),
        **_agreement(outcomes, "clarify", "clarify"),
        "key_point_recall": mean([o.key_points[0] / o.key_points[1] for o in outcomes if o.key_points]),
        "invented_values": sum(len(o.invented) for o in outcomes),
        "answers_with_invented_values": share(bool(o.invented) for o in outcomes if o.status == "answered"),
        "calibration_error": expected_calibration_error(calibrated),
        "tokens_per_question": mean([sum(o.tokens.values()) for o in outcomes]),
        "tokens": _tokens(outcomes),
        "route_confusion": _counts((o.expected.route, o.route) for o in outcomes),
        "status_confusion": _counts((o.expected.status, o.status) for o in outcomes),
        "endings": _counts((o.expected.route, ending(o)) for o in outcomes),
        "right_by_kind": _by(outcomes, lambda outcome: outcome.expected.kind),
        "right_by_language": _by(outcomes, lambda outcome: outcome.expected.language),
        "reliability": [asdict(each) for each in calibrated],
        "latency_ms": {
            name: latency(times)
            for name in (*ROUTES, "all")
            if (times := [o.milliseconds for o in outcomes if name in {o.route, "all"}])
        },
    }


def ending(outcome: Outcome) -> str:
    """Return one of ENDINGS."""
    if outcome.right:
        return ENDINGS[0]
    if outcome.status != outcome.expected.status and outcome.status in {"clarify", "refused"}:
        return ENDINGS[2] if outcome.status == "clarify" else ENDINGS[3]
    return ENDINGS[1]


def routed(outcomes: Iterable[Outcome]) -> list[tuple[float, bool]]:
    """Return (confidence, whether the road was right) of every outcome whose road is judged."""
    return [
        (outcome.confidence, passed)
        for outcome in outcomes
        if (passed := outcome.checks.get("route_accuracy")) is not None
    ]


def latency(times: Iterable[float]) -> dict[str, float]:
    """Return the 50th, 95th and 99th percentile (nearest rank) of times in milliseconds."""
    ordered = sorted(times)

    def at(percent: int) -> float:
        return round(ordered[-(-percent * len(ordered) // 100) - 1], 2)

    return {"p50": at(50), "p95": at(95), "p99": at(99)}


def share(values: Iterable[bool | None]) -> float | None:
    """Return the share of true values among those that are not None."""
    return mean([float(value) for value in values if value is not None])


def mean(values: Sequence[float]) -> float | None:
    """Return the mean, rounded to 4 places, or None of nothing."""
    return round(sum(values) / len(values), 4) if values else None


def _agreement(outcomes: Sequence[Outcome], status: str, name: str) -> dict[str, float | None]:
    """Precision: how many of those that ended so should have; recall: how many of those that should have did."""
    return {
        f"{name}_precision": share(o.expected.status == status for o in outcomes if o.status == status),
        f"{name}_recall": share(o.status == status for o in outcomes if o.expected.status == status),
    }


def _macro_f1(outcomes: Sequence[Outcome]) -> float | None:
    """The mean over the routes asked for of the F1 of each; questions to be refused do not count."""
    judged = [o for o in outcomes if o.checks.get("route_accuracy") is not None]
    scores = []
    for route in ROUTES:
        wanted = sum(o.expected.route == route for o in judged)
        taken = sum(o.route == route for o in judged)
        both = sum(o.expected.route == o.route == route for o in judged)
        if wanted:
            scores.append(2 * both / (wanted + taken))
    return mean(scores)


def _tokens(outcomes: Sequence[Outcome]) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for outcome in outcomes:
        counted.update(outcome.tokens)
    return {"prompt": counted["prompt"], "completion": counted["completion"]}


def _counts(pairs: Iterable[tuple[str, str]]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for wanted, came in pairs:
        found[wanted][came] += 1
    order = (*ROUTES, *STATUSES)
    return {wanted: dict(found[wanted]) for wanted in sorted(found, key=order.index)}


def _by(outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> dict[str, dict[str, float | int | None]]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if key(outcome):
            groups[key(outcome)].append(outcome)
    return {
        name: {"questions": len(inside), "right": share(o.right for o in inside)}
        for name, inside in sorted(groups.items())
    }
