"""Runs labelled questions through the whole program and counts: routes, terms, facts, refusals, citations, time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from router.evaluation import report
from router.evaluation.checks import check, invented_values, key_points_found
from router.evaluation.figures import figures
from router.evaluation.labels import ROUTES, STATUSES, Label, fingerprint, read_labels
from router.evaluation.outcomes import Expected, Outcome
from router.types import Answer, AnswerEvent, Query, RouteEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from router.evaluation.checks import SourceTexts
    from router.types import Event

__all__ = [
    "ROUTES",
    "STATUSES",
    "Answers",
    "Evaluation",
    "Label",
    "Run",
    "evaluate_file",
    "read_labels",
    "write_report",
]


class Answers(Protocol):
    """Whatever answers a query."""

    def stream(self, query: Query) -> Iterator[Event]:
        """Yield the road with its probability first, and the whole answer last."""
        ...


def _nothing_more(_: object) -> Sequence[str]:
    return ()


def _no_tokens() -> Mapping[str, int]:
    return {}


@dataclass(frozen=True, slots=True)
class Run:
    """What a run needs beside the answers.

    `sources` gives the texts of the place that a citation names, beyond its quote. `tokens` tells how many tokens the
    language model has read (`prompt`) and written (`completion`) so far. `progress` is told (done, all).
    """

    sources: SourceTexts = _nothing_more
    tokens: Callable[[], Mapping[str, int]] = _no_tokens
    progress: Callable[[int, int], None] | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All outcomes, and the figures made from them; `labels` is the fingerprint of the questions."""

    outcomes: tuple[Outcome, ...]
    labels: str = ""
    figures: dict[str, Any] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Count once."""
        object.__setattr__(self, "figures", figures(self.outcomes))

    def markdown(self) -> str:
        """Return the figures and every failed question as Markdown."""
        return report.markdown(self.outcomes, self.figures)


def evaluate_file(path: Path, answers: Answers, split: str | None = None, run: Run | None = None) -> Evaluation:
    """Run every label of `path`, or those of one `split`. Raises LabelsError."""
    run, labels = run or Run(), read_labels(path, split)
    outcomes = []
    for done, label in enumerate(labels, 1):
        outcomes.append(_outcome(label, answers, run))
        if run.progress is not None:
            run.progress(done, len(labels))
    return Evaluation(tuple(outcomes), fingerprint(labels))


def write_report(result: Evaluation, folder: Path) -> None:
    """Write report.json (figures and outcomes), report.md and the plots into `folder`."""
    report.write_report(folder, result.outcomes, result.figures)


def _outcome(label: Label, answers: Answers, run: Run) -> Outcome:
    query = Query(label.question, label.department, history=label.history, turns=_turns(label, answers))
    before, started = run.tokens(), time.perf_counter()
    answer, confidence = _ask(query, answers)
    milliseconds = (time.perf_counter() - started) * 1000
    return Outcome(
        id=label.id,
        question=label.question,
        expected=Expected(label.route, label.status, label.kind, label.language),
        route=answer.route.value,
        status=answer.status.value,
        answer=answer.answer,
        checks=check(label, answer),
        milliseconds=milliseconds,
        confidence=confidence,
        key_points=key_points_found(label, answer),
        invented=invented_values(answer, run.sources),
        tokens={name: count - before.get(name, 0) for name, count in run.tokens().items()},
    )


def _ask(query: Query, answers: Answers) -> tuple[Answer, float]:
    """The whole answer, and the router's probability of its road."""
    confidence = 0.0
    for event in answers.stream(query):
        if isinstance(event, RouteEvent):
            confidence = event.decision.confidence
        elif isinstance(event, AnswerEvent):
            return event.answer, confidence
    raise AssertionError("a stream ends with its answer")


def _turns(label: Label, answers: Answers) -> tuple[tuple[str, str], ...]:
    """The earlier turns with their answers: those that the label gives, and for the others what we answer to them."""
    turns: list[tuple[str, str]] = []
    for question, given in zip(label.history, label.answers, strict=True):
        asked = tuple(earlier for earlier, _ in turns)
        query = Query(question, label.department, history=asked, turns=tuple(turns))
        turns.append((question, given if given is not None else _ask(query, answers)[0].answer))
    return tuple(turns)
