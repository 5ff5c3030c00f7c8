"""Runs labelled questions through the whole program and counts: routes, terms, facts, refusals, citations, time."""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from router.errors import LabelsError
from router.types import Query, Route, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from router.types import Answer

ROUTES = tuple(route.value for route in Route)
STATUSES = tuple(status.value for status in Status)
_EXPECTATIONS = {"contains", "terms", "facts", "documents", "rewritten_contains"}


class Answers(Protocol):
    """Whatever answers a query."""

    def answer(self, query: Query) -> Answer:
        """Return the whole answer."""
        ...


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled question; `expect` holds what a right answer shows (see examples/README.md)."""

    id: str
    question: str
    route: str
    status: str
    department: str | None = None
    history: tuple[str, ...] = ()
    expect: dict[str, list[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one label: the answer in short, which checks it passed (None: not asked for), and its time."""

    label: Label
    route: str
    status: str
    answer: str
    checks: dict[str, bool | None]
    milliseconds: float

    @property
    def right(self) -> bool:
        """Whether every check that applies was passed."""
        return all(passed is not False for passed in self.checks.values())


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All outcomes, and the figures made from them."""

    outcomes: tuple[Outcome, ...]

    @property
    def figures(self) -> dict[str, Any]:
        """The figures by name; a share is None where no label asks for it."""
        checks = {name: _share(outcome.checks[name] for outcome in self.outcomes) for name in _CHECKS}
        confusion: dict[str, Counter[str]] = defaultdict(Counter)
        for outcome in self.outcomes:
            confusion[outcome.label.route][outcome.route] += 1
        return {
            "questions": len(self.outcomes),
            "right": _share(outcome.right for outcome in self.outcomes),
            **checks,
            "refusal_recall": _share(
                o.status == "refused" for o in self.outcomes if o.label.status == "refused"
            ),
            "refused_wrongly": _share(
                o.status == "refused" for o in self.outcomes if o.label.status == "answered"
            ),
            "route_confusion": {route: dict(counts) for route, counts in confusion.items()},
            "latency_ms": {route: _latency(self._times(route)) for route in ROUTES if self._times(route)},
        }

    def _times(self, route: str) -> list[float]:
        return sorted(outcome.milliseconds for outcome in self.outcomes if outcome.route == route)

    def markdown(self) -> str:
        """Return the figures and every failed question as Markdown."""
        figures = self.figures
        lines = ["# Evaluation", "", "| figure | value |", "| --- | --- |"]
        lines += [
            f"| {name} | {_shown(figures[name])} |" for name in figures if not isinstance(figures[name], dict)
        ]
        lines += ["", "| route | p50 ms | p95 ms | p99 ms |", "| --- | --- | --- | --- |"]
        lines += [f"| {r} | {t['p50']} | {t['p95']} | {t['p99']} |" for r, t in figures["latency_ms"].items()]
        lines += ["", "| asked for | " + " | ".join(ROUTES) + " |", "| --- |" + " --- |" * len(ROUTES)]
        for wanted, counts in figures["route_confusion"].items():
            lines.append(f"| {wanted} | " + " | ".join(str(counts.get(route, 0)) for route in ROUTES) + " |")
        failed = [outcome for outcome in self.outcomes if not outcome.right]
        lines += ["", f"## Not right ({len(failed)})", ""]
        for outcome in failed:
            wrong = ", ".join(name for name, passed in outcome.checks.items() if passed is False)
            lines.append(
                f"- {outcome.label.id} {outcome.label.question} → {outcome.route}/{outcome.status}: {wrong}"
            )
        return "\n".join(lines) + "\n"


def read_labels(path: Path, split: str | None = None) -> tuple[Label, ...]:
    """Read labelled questions, one JSON object a line, of one `split` if given. Raises LabelsError with every bad line."""
    labels, problems = [], []
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
            if split is None or raw.get("split") == split:
                labels.append(_label(raw, number))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            problems.append(f"line {number}: {error}")
    if problems or not labels:
        raise LabelsError(
            str(path), problems or [f"has no question{f' of the split {split!r}' if split else ''}"]
        )
    return tuple(labels)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LabelsError(str(path), [f"cannot be read: {error}"]) from error


def evaluate_file(path: Path, answers: Answers, split: str | None = None) -> Evaluation:
    """Run every label of `path`, or those of one `split`. Raises LabelsError."""
    return Evaluation(tuple(_run(label, answers) for label in read_labels(path, split)))


def write_report(result: Evaluation, folder: Path) -> None:
    """Write report.json (figures and outcomes), report.md, and latency.png and routes.png into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    outcomes = [
        {
            "id": o.label.id,
            "question": o.label.question,
            "expected": {"route": o.label.route, "status": o.label.status},
            "route": o.route,
            "status": o.status,
            "answer": o.answer,
            "checks": o.checks,
            "milliseconds": round(o.milliseconds, 3),
        }
        for o in result.outcomes
    ]
    text = json.dumps({"figures": result.figures, "outcomes": outcomes}, ensure_ascii=False, indent=1)
    (folder / "report.json").write_text(text + "\n", "utf-8")
    (folder / "report.md").write_text(result.markdown(), "utf-8")
    _plot(result, folder)


def _label(raw: dict[str, Any], number: int) -> Label:
    for name, allowed in (("route", ROUTES), ("status", STATUSES)):
        if raw[name] not in allowed:
            raise ValueError(f"{name} is {raw[name]!r}; allowed: {', '.join(allowed)}")
    expect = raw.get("expect", {})
    unknown = set(expect) - _EXPECTATIONS
    if unknown:
        raise ValueError(
            f"unknown expectation {', '.join(sorted(unknown))}; known: {', '.join(sorted(_EXPECTATIONS))}"
        )
    if not raw["question"].strip():
        raise ValueError("the question is empty")
    identity = str(raw.get("id") or f"line-{number}")
    return Label(
        identity,
        raw["question"],
        raw["route"],
        raw["status"],
        raw.get("department"),
        tuple(raw.get("history", ())),
        expect,
    )


def _run(label: Label, answers: Answers) -> Outcome:
    started = time.perf_counter()
    answer = answers.answer(Query(label.question, label.department, history=label.history))
    milliseconds = (time.perf_counter() - started) * 1000
    checks = {name: check(label, answer) for name, check in _CHECKS.items()}
    return Outcome(label, answer.route.value, answer.status.value, answer.answer, checks, milliseconds)


def _route(label: Label, answer: Answer) -> bool | None:
    # A question without an answer is judged by its refusal: which road refused it is no one's concern.
    return None if label.status == "refused" else answer.route.value == label.route


def _status(label: Label, answer: Answer) -> bool | None:
    return answer.status.value == label.status


def _contains(label: Label, answer: Answer) -> bool | None:
    text = "\n".join([answer.answer, *(option.label + option.question for option in answer.options)])
    return _all(part in text for part in label.expect.get("contains", ()))


def _terms(label: Label, answer: Answer) -> bool | None:
    found = {(term.match.surface, term.chosen.sense.chinese) for term in answer.terms}
    return _all((term["surface"], term["chinese"]) in found for term in label.expect.get("terms", ()))


def _facts(label: Label, answer: Answer) -> bool | None:
    values = [fact.value for fact in answer.facts]
    return _all(any(_same(wanted, value) for value in values) for wanted in label.expect.get("facts", ()))


def _same(wanted: str, value: str) -> bool:
    """The value itself, or the same value in a longer or shorter stretch of its sentence."""
    return wanted == value or (len(wanted) > 1 and wanted in value) or (len(value) > 1 and value in wanted)


def _citations(label: Label, answer: Answer) -> bool | None:
    cited = {citation.document for citation in answer.citations}
    return _all(document in cited for document in label.expect.get("documents", ()))


def _rewritten(label: Label, answer: Answer) -> bool | None:
    return _all(part in answer.rewritten_question for part in label.expect.get("rewritten_contains", ()))


_CHECKS = {
    "route_accuracy": _route,
    "status_accuracy": _status,
    "contains": _contains,
    "term_accuracy": _terms,
    "fact_exact_match": _facts,
    "citation_hit": _citations,
    "rewritten": _rewritten,
}


def _all(results: Iterable[bool]) -> bool | None:
    values = list(results)
    return all(values) if values else None


def _share(values: Iterable[bool | None]) -> float | None:
    asked = [value for value in values if value is not None]
    return round(sum(asked) / len(asked), 4) if asked else None


def _latency(times: Sequence[float]) -> dict[str, float]:
    def at(share: float) -> float:
        return round(times[min(len(times) - 1, int(share * len(times)))], 2)

    return {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99)}


def _shown(value: Any) -> str:
    return "not asked" if value is None else str(value)


def _plot(result: Evaluation, folder: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    times = {route: [o.milliseconds for o in result.outcomes if o.route == route] for route in ROUTES}
    times = {route: values for route, values in times.items() if values}
    figure, axes = pyplot.subplots(figsize=(6, 4))
    axes.boxplot(list(times.values()), tick_labels=list(times))
    axes.set_yscale("log")
    axes.set_ylabel("milliseconds per question")
    axes.set_title("Latency by route")
    figure.savefig(folder / "latency.png", dpi=120, bbox_inches="tight")
    pyplot.close(figure)
    counts = result.figures["route_confusion"]
    matrix = [[counts.get(wanted, {}).get(taken, 0) for taken in ROUTES] for wanted in ROUTES]
    figure, axes = pyplot.subplots(figsize=(5, 4))
    axes.imshow(matrix, cmap="Blues")
    axes.set_xticks(range(len(ROUTES)), ROUTES)
    axes.set_yticks(range(len(ROUTES)), ROUTES)
    axes.set_xlabel("route taken")
    axes.set_ylabel("route asked for")
    for row, values in enumerate(matrix):
        for column, value in enumerate(values):
            axes.text(column, row, str(value), ha="center", va="center")
    figure.savefig(folder / "routes.png", dpi=120, bbox_inches="tight")
    pyplot.close(figure)
