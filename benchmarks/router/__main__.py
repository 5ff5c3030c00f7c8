"""Runs the benchmark of the router: `python -m benchmarks.router [--calibrate | --support]`."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.evaluation import run_of
from benchmarks.machine import described, machine
from benchmarks.router import calibrate, support
from benchmarks.router.second_company import build
from router.decide import Evidence, decide
from router.evaluate import evaluate_file, read_labels
from router.questions import read_question
from router.types import RouteEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.wiring import Application
    from router.evaluate import Evaluation
    from router.types import Decision, Event, Query

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE.parents[1]
_RESULTS = _HERE.parent / "results"
_LABELS = _HERE / "questions.jsonl"
_SAMPLE = (_ROOT / "examples" / "knowledge", _ROOT / "examples" / "glossary" / "公司常用缩略语.xlsx")
_SHOWN = (
    ("questions", "questions"), ("route_accuracy", "right road"), ("route_macro_f1", "macro F1 of the roads"),
    ("calibration_error", "expected calibration error"), ("refusal_recall", "unanswerable refused"),
    ("refused_wrongly", "answerable refused"), ("fact_exact_match", "fact exact"), ("contains", "answer holds what it must"),
    ("invented_values", "invented values"), ("right", "every check passed"),
)  # fmt: skip


class Recorder:
    """Passes answers through and remembers the decision on the last one."""

    def __init__(self, application: Application) -> None:
        self._answers = application.answerer
        self.last: Decision | None = None

    def stream(self, query: Query) -> Iterator[Event]:
        """Yield the events of one answer."""
        for event in self._answers.stream(query):
            if isinstance(event, RouteEvent):
                self.last = event.decision
            yield event


def main() -> None:
    """Measures the test questions and the second company, or with `--calibrate` fits on the training questions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--calibrate", action="store_true", help="write router/calibration.json from the train split"
    )
    parser.add_argument(
        "--support", action="store_true", help="write router/support.json from all questions but the test split"
    )
    options = parser.parse_args()
    if options.support:
        support.main(_opened, _SAMPLE)
        return
    with tempfile.TemporaryDirectory() as folder:
        with _opened(Path(folder) / "sample", *_SAMPLE) as sample:
            if options.calibrate:
                _calibrate(sample)
                return
            report: dict[str, Any] = {"machine": machine(), "runs": {}}
            for name, split in (("test questions", "test"), ("training questions", "train")):
                report["runs"][name] = _figures(_run(sample, _LABELS, split)[0])
            report["decision_ms"] = _decision_times(sample)
            report["classifier_alone"] = _classifier_alone(sample)
        pack = Path(folder) / "pack"
        with _opened(Path(folder) / "second", build.write(pack), pack / "术语表.xlsx") as second:
            labels = _HERE / "second_company" / "questions.jsonl"
            report["runs"]["second company"] = _figures(_run(second, labels, None)[0])
    _RESULTS.mkdir(exist_ok=True)
    text = json.dumps(report, ensure_ascii=False, indent=1)
    (_RESULTS / "router.json").write_text(text + "\n", "utf-8")
    (_RESULTS / "router.md").write_text(_page(report), "utf-8")
    print(_page(report))


def _opened(data: Path, documents: Path, glossary: Path) -> Application:
    from api.settings import load_settings
    from api.wiring import Application

    os.environ |= {"TERMROUTE_DATA_DIR": str(data), "TERMROUTE_EMBEDDING_MODEL": "hashed"}
    for words in (("terms", "import", str(glossary)), ("ingest", str(documents))):
        subprocess.run([sys.executable, "-m", "api", *words], check=True, capture_output=True)
    application = Application(load_settings())
    application.warm_up()
    return application


def _run(application: Application, labels: Path, split: str | None) -> tuple[Evaluation, list[Decision]]:
    recorder = Recorder(application)
    decisions: list[Decision] = []

    def answered(_done: int, _all: int) -> None:
        if recorder.last is not None:
            decisions.append(recorder.last)

    return evaluate_file(labels, recorder, split, run_of(application, answered)), decisions


def _calibrate(application: Application) -> None:
    result, decisions = _run(application, _LABELS, "train")
    observed = [
        (decision.ground, decision.score, bool(outcome.checks["route_accuracy"]))
        for decision, outcome in zip(decisions, result.outcomes, strict=True)
        if outcome.checks.get("route_accuracy") is not None
    ]
    path = _ROOT / "router" / "calibration.json"
    path.write_text(json.dumps(calibrate.fit(observed), indent=1) + "\n", "utf-8")
    print(f"{len(observed)} decisions; {path} written")


def _figures(result: Evaluation) -> dict[str, Any]:
    return {name: result.figures.get(name) for name, _ in _SHOWN} | {
        "reliability": result.figures["reliability"],
        "latency_ms": result.figures["latency_ms"],
        "route_confusion": result.figures["route_confusion"],
    }


def _decision_times(application: Application) -> dict[str, float]:
    """Milliseconds for the decision alone: the form is read, the classifier asked, the evidence weighed."""
    questions = [label.question for label in read_labels(_LABELS, "train")]
    form_of, times = application.classifier, []
    for question in questions:
        started = time.perf_counter()
        form = read_question(question)
        if form.silent:
            form_of.guess(question)
        decide(form, Evidence(table_status="absent", sentence_status="absent"))
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    return {
        "median": round(statistics.median(times), 3), "p99": round(times[int(0.99 * len(times))], 3),
        "questions": len(times),
    }  # fmt: skip


def _classifier_alone(application: Application) -> float:
    """The alternative: the road by the wording alone, as a text classifier or a prompt decides it, without evidence."""
    roads = {"definition": "term", "value": "fact"}
    right = []
    for label in read_labels(_LABELS, "test"):
        if label.status != "refused":
            terms = application.resolve(label.question, label.department).terms
            spans = [(term.match.start, term.match.end) for term in terms]
            guess = application.classifier.guess(label.question, spans)
            right.append(roads.get(guess.intent, "analysis") == label.route)
    return round(sum(right) / len(right), 4)


def _page(report: dict[str, Any]) -> str:
    runs = report["runs"]
    names = list(runs)
    lines = [
        "# The router, measured", "",
        "Made by `python -m benchmarks.router`. Keyword search only (no embedding model), no language model. The rules were",
        "tuned, and the probabilities fitted, on the training questions, the test of support on the second company as well; on",
        "the test questions nothing was. The labels: [benchmarks/router/README.md](../router/README.md).", "",
        described(report["machine"], "beginning"), "",
        "| figure | " + " | ".join(names) + " |", "| --- |" + " ---: |" * len(names),
    ]  # fmt: skip
    lines += [f"| {title} | " + " | ".join(str(runs[n][key]) for n in names) + " |" for key, title in _SHOWN]
    lines += [
        "", f"The road by the wording alone (the packaged classifier, no evidence), test questions: {report['classifier_alone']}.",
        "", f"Deciding takes {report['decision_ms']['median']} ms at the median and {report['decision_ms']['p99']} ms at the 99th "
        "percentile, beside the look-ups that bring the evidence.",
    ]  # fmt: skip
    for name in names:
        lines += [
            "",
            f"## {name}",
            "",
            "| asked for | term | fact | analysis |",
            "| --- | ---: | ---: | ---: |",
        ]
        for road, counts in runs[name]["route_confusion"].items():
            lines.append(
                f"| {road} | " + " | ".join(str(counts.get(r, 0)) for r in ("term", "fact", "analysis")) + " |"
            )
        lines += [
            "",
            "| told from | to | questions | mean told | right |",
            "| ---: | ---: | ---: | ---: | ---: |",
        ]
        lines += [
            "| " + " | ".join(str(value) for value in each.values()) + " |"
            for each in runs[name]["reliability"]
        ]
        lines += ["", "| road | p50 ms | p95 ms | p99 ms |", "| --- | ---: | ---: | ---: |"]
        lines += [
            f"| {road} | {t['p50']} | {t['p95']} | {t['p99']} |" for road, t in runs[name]["latency_ms"].items()
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
