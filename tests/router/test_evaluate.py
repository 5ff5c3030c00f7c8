"""Labelled questions go through the program as a user's would, and are counted rightly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from router.evaluate import Run, evaluate_file, write_report
from router.types import (
    Answer,
    AnswerEvent,
    Citation,
    Decision,
    Event,
    Query,
    Route,
    RouteEvent,
    Status,
    Trace,
)

LABELS = [
    {
        "id": "a",
        "question": "AM是什么？",
        "route": "term",
        "status": "answered",
        "expect": {"contains": ["客户 经理"], "documents": ["g.xlsx"]},
        "key_points": ["客户经理", ["没有", "不存在"]],
        "kind": "definition",
    },
    {"id": "b", "question": "没有的？", "route": "fact", "status": "refused"},
    {
        "id": "c",
        "question": "为什么？",
        "route": "analysis",
        "status": "answered",
        "history": ["AM是什么？", {"question": "然后呢", "answer": "没了"}],
    },
]


class Scripted:
    def __init__(self) -> None:
        self.queries: list[Query] = []

    def stream(self, query: Query) -> Iterator[Event]:
        self.queries.append(query)
        refused = "没有" in query.question
        route = Route.ANALYSIS if refused else Route.TERM
        status = Status.REFUSED if refused else Status.ANSWERED
        text = "资料中没有。" if refused else "客户经理，电话 0512-8888，共 30 天"
        yield RouteEvent(Decision(route, 0.8, "r"))
        cited = (Citation("g.xlsx", "", "AM | 客户经理", page=3),)
        yield AnswerEvent(
            Answer(query.question, query.question, route, status, text, 0.5, Trace("r"), (), (), cited)
        )


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(json.dumps(label, ensure_ascii=False) for label in LABELS), "utf-8")
    return path


def test_figures(labels: Path) -> None:
    figures = evaluate_file(labels, Scripted()).figures
    assert figures["questions"] == 3
    # The refused question does not count for its road; "为什么" took the wrong one.
    assert figures["route_accuracy"] == 0.5
    assert figures["contains"] == 1.0
    assert figures["citation_hit"] == 1.0
    assert figures["refusal_recall"] == figures["refusal_precision"] == 1.0
    assert figures["refused_wrongly"] == 0.0
    assert figures["clarify_recall"] is None
    assert figures["fact_exact_match"] is None
    assert figures["key_point_recall"] == 0.5
    assert figures["route_confusion"]["analysis"] == {"term": 1}
    assert figures["right_by_kind"] == {"definition": {"questions": 1, "right": 1.0}}
    # One of two judged roads was right at a probability of 0.8.
    assert figures["calibration_error"] == pytest.approx(0.3)


def test_values_without_a_source_are_counted(labels: Path) -> None:
    first, second, _ = evaluate_file(labels, Scripted()).outcomes
    assert first.invented == ("0512-8888", "30")
    assert second.invented == ()


def test_the_cited_place_is_a_source_beyond_its_quote(labels: Path) -> None:
    def page(citation: Citation) -> tuple[str, ...]:
        return (f"第{citation.page}页：电话 0512-8888",)

    first = evaluate_file(labels, Scripted(), run=Run(sources=page)).outcomes[0]
    assert first.invented == ("30",)


def test_earlier_questions_are_answered_first_unless_the_label_gives_the_answer(labels: Path) -> None:
    answers = Scripted()
    evaluate_file(labels, answers)
    assert [query.question for query in answers.queries[2:]] == ["AM是什么？", "为什么？"]
    last = answers.queries[-1]
    assert last.history == ("AM是什么？", "然后呢")
    assert last.turns == (("AM是什么？", "客户经理，电话 0512-8888，共 30 天"), ("然后呢", "没了"))


def test_tokens_are_counted_a_question(labels: Path) -> None:
    answers = Scripted()

    def used() -> dict[str, int]:
        return {"prompt": 100 * len(answers.queries), "completion": 7 * len(answers.queries)}

    result = evaluate_file(labels, answers, run=Run(tokens=used))
    assert [outcome.tokens for outcome in result.outcomes] == [{"prompt": 100, "completion": 7}] * 3
    assert result.figures["tokens"] == {"prompt": 300, "completion": 21}
    assert result.figures["tokens_per_question"] == 107.0


def test_progress_is_told(labels: Path) -> None:
    told: list[tuple[int, int]] = []
    evaluate_file(labels, Scripted(), run=Run(progress=lambda done, all_: told.append((done, all_))))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_report_has_figures_failures_and_plots(labels: Path, tmp_path: Path) -> None:
    folder = tmp_path / "report"
    write_report(evaluate_file(labels, Scripted()), folder)
    plots = {"confusion.png", "latency.png", "reliability.png", "outcomes.png"}
    assert {path.name for path in folder.iterdir()} == {"report.json", "report.md"} | plots
    assert all((folder / name).read_bytes().startswith(b"\x89PNG") for name in plots)
    text = (folder / "report.md").read_text("utf-8")
    assert "为什么？ → term/answered: route_accuracy" in text
    assert "0512-8888" in text
