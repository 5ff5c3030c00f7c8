"""Labelled questions are read strictly, counted rightly, and reported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from router.errors import LabelsError
from router.evaluate import evaluate_file, read_labels, write_report
from router.types import Answer, Query, Route, Status, Trace

LABELS = [
    {
        "id": "a",
        "question": "AM是什么？",
        "route": "term",
        "status": "answered",
        "expect": {"contains": ["客户经理"]},
        "split": "train",
    },
    {"id": "b", "question": "没有的？", "route": "fact", "status": "refused", "split": "test"},
    {
        "id": "c",
        "question": "为什么？",
        "route": "analysis",
        "status": "answered",
        "history": ["AM是什么？"],
        "split": "test",
    },
]


class Scripted:
    def __init__(self) -> None:
        self.queries: list[Query] = []

    def answer(self, query: Query) -> Answer:
        self.queries.append(query)
        refused = "没有" in query.question
        status = Status.REFUSED if refused else Status.ANSWERED
        route = Route.ANALYSIS if refused else Route.TERM
        return Answer(query.question, query.question, route, status, "客户经理", 0.9, Trace("r"))


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(json.dumps(label, ensure_ascii=False) for label in LABELS), "utf-8")
    return path


def test_figures(labels: Path) -> None:
    answers = Scripted()
    figures = evaluate_file(labels, answers).figures
    assert figures["questions"] == 3
    # The refused question does not count for its road; "为什么" took the wrong one.
    assert figures["route_accuracy"] == 0.5
    assert figures["contains"] == 1.0
    assert figures["refusal_recall"] == 1.0
    assert figures["refused_wrongly"] == 0.0
    assert figures["fact_exact_match"] is None
    assert figures["route_confusion"]["analysis"] == {"term": 1}
    assert answers.queries[2].history == ("AM是什么？",)


def test_one_split_alone(labels: Path) -> None:
    assert [label.id for label in read_labels(labels, "test")] == ["b", "c"]
    with pytest.raises(LabelsError, match="nope"):
        read_labels(labels, "nope")


def test_a_report_has_figures_failures_and_plots(labels: Path, tmp_path: Path) -> None:
    write_report(evaluate_file(labels, Scripted()), tmp_path / "report")
    names = {path.name for path in (tmp_path / "report").iterdir()}
    assert names == {"report.json", "report.md", "latency.png", "routes.png"}
    assert "为什么？" in (tmp_path / "report" / "report.md").read_text("utf-8")


def test_every_bad_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(
        '{"question": "x", "route": "terms", "status": "answered"}\nno json\n{"route": "term"}\n', "utf-8"
    )
    with pytest.raises(LabelsError) as caught:
        read_labels(path)
    assert len(caught.value.problems) == 3
    assert "line 1" in str(caught.value)
    assert "term, fact, analysis" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelsError, match=r"missing\.jsonl"):
        read_labels(tmp_path / "missing.jsonl")
