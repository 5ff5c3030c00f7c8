"""Writes a run: report.json for programs, report.md for people, and the plots."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from router.evaluation.figures import ENDINGS
from router.evaluation.labels import ROUTES, STATUSES
from router.evaluation.plots import write_plots

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from router.evaluation.baseline import Fallen
    from router.evaluation.compare import Comparison
    from router.evaluation.outcomes import Outcome

# Six is what one reads without tiring; the others are in report.json.
_VALUES_SHOWN = 6


def write_report(
    folder: Path,
    outcomes: Sequence[Outcome],
    figures: Mapping[str, Any],
    *,
    comparison: Comparison | None = None,
    fallen: Sequence[Fallen] | None = None,
) -> None:
    """Write report.json, report.md, confusion.png, latency.png, reliability.png and outcomes.png into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "figures": figures,
        "comparison": comparison.to_json() if comparison else None,
        "fallen": None if fallen is None else [str(each) for each in fallen],
        "outcomes": [outcome.to_json() for outcome in outcomes],
    }
    (folder / "report.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    text = markdown(outcomes, figures, comparison=comparison, fallen=fallen)
    (folder / "report.md").write_text(text, "utf-8")
    write_plots(folder, outcomes, figures)


def markdown(
    outcomes: Sequence[Outcome],
    figures: Mapping[str, Any],
    *,
    comparison: Comparison | None = None,
    fallen: Sequence[Fallen] | None = None,
) -> str:
    """Return the figures, the comparison, the baseline's verdict and every question that was not right."""
    lines = ["# Evaluation", "", *_plain(figures)]
    for section in (_latencies, _confusions, _slices, _reliability):
        lines += ["", *section(figures)]
    if comparison is not None:
        lines += ["", *_compared(comparison)]
    if fallen is not None:
        lines += ["", "## Against the baseline", ""]
        lines += [f"- fell: {each}" for each in fallen] or ["No figure fell beyond its tolerance."]
    return "\n".join([*lines, "", *_failures(outcomes)]) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    return lines + ["| " + " | ".join(_shown(cell) for cell in row) + " |" for row in rows]


def _shown(value: object) -> str:
    return "not asked" if value is None else str(value)


def _plain(figures: Mapping[str, Any]) -> list[str]:
    single = [(name, value) for name, value in figures.items() if not isinstance(value, (dict, list))]
    return _table(("figure", "value"), single)


def _latencies(figures: Mapping[str, Any]) -> list[str]:
    rows = [(route, t["p50"], t["p95"], t["p99"]) for route, t in figures["latency_ms"].items()]
    return ["## Latency by route", "", *_table(("route", "p50 ms", "p95 ms", "p99 ms"), rows)]


def _confusions(figures: Mapping[str, Any]) -> list[str]:
    lines = ["## Asked for (rows) and taken (columns)", ""]
    lines += _table(("route", *ROUTES), _matrix(figures["route_confusion"], ROUTES))
    lines += ["", *_table(("status", *STATUSES), _matrix(figures["status_confusion"], STATUSES))]
    return [*lines, "", *_table(("route asked for", *ENDINGS), _matrix(figures["endings"], ENDINGS))]


def _matrix(counts: Mapping[str, Mapping[str, int]], columns: Sequence[str]) -> list[list[object]]:
    return [[wanted, *(came.get(column, 0) for column in columns)] for wanted, came in counts.items()]


def _slices(figures: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for name in ("right_by_kind", "right_by_language"):
        rows = [(key, one["questions"], one["right"]) for key, one in figures[name].items()]
        if rows:
            heading = name.removeprefix("right_by_")
            lines += [f"## Right by {heading}", "", *_table((heading, "questions", "right"), rows), ""]
    return lines[:-1]


def _reliability(figures: Mapping[str, Any]) -> list[str]:
    rows = [
        (f"{b['low']:.1f} to {b['high']:.1f}", b["count"], b["confidence"], b["accuracy"])
        for b in figures["reliability"]
    ]
    head = ("confidence in the road", "questions", "mean confidence", "road right")
    return ["## Reliability", "", *_table(head, rows)]


def _compared(comparison: Comparison) -> list[str]:
    lines = [f"## Beside {comparison.other}", ""]
    lines += _table(
        ("share", "questions", "other", "this", "right in other alone", "in this alone", "p"),
        [(r.figure, r.questions, r.other, r.this, r.only_other, r.only_this, r.p) for r in comparison.shares],
    )
    lines += [
        "",
        "p: McNemar's exact test of the paired answers (1947), not corrected for the number of rows.",
        "",
    ]
    lines += _table(
        ("mean", "questions", "other", "this", "95 % interval of the difference"),
        [(r.figure, r.questions, r.other, r.this, f"{r.low:g} to {r.high:g}") for r in comparison.means],
    )
    lines += ["", "Interval: paired percentile bootstrap, 5,000 resamples (Efron and Tibshirani 1993)."]
    if comparison.only_other or comparison.only_this:
        lines += [
            f"Not compared: {comparison.only_other} questions of the other run alone, {comparison.only_this} of this."
        ]
    changes = [
        f"- {key} {question}: {'now right' if right else 'no longer right'}"
        for key, question, right in comparison.changed
    ]
    return [*lines, "", *changes] if changes else lines


def _failures(outcomes: Sequence[Outcome]) -> list[str]:
    failed = [outcome for outcome in outcomes if not outcome.right]
    lines = [f"## Not right ({len(failed)})", ""]
    for o in failed:
        wrong = ", ".join(name for name, passed in o.checks.items() if passed is False)
        lines.append(f"- {o.id} {o.question} → {o.route}/{o.status}: {wrong}")
    inventing = [outcome for outcome in outcomes if outcome.invented]
    if inventing:
        lines += ["", f"## Values that stand in no cited source ({len(inventing)} answers)", ""]
        lines += [f"- {o.id} {o.question}: {', '.join(o.invented[:_VALUES_SHOWN])}" for o in inventing]
    return lines
