"""`termroute eval` over the sample pack: no figure falls below the committed baseline, and each option does its part."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.evaluation import run_of
from api.wiring import Application
from router.evaluate import evaluate_file
from router.evaluation.baseline import read_baseline
from tests.functional.conftest import ROOT

pytestmark = [pytest.mark.functional, pytest.mark.quality]

QUESTIONS = ROOT / "examples" / "questions.jsonl"
BASELINE = ROOT / "examples" / "baseline.json"


def test_the_sample_pack_holds_its_baseline(pack: Application) -> None:
    result = evaluate_file(QUESTIONS, pack.answerer, run=run_of(pack))
    fallen = read_baseline(BASELINE).fallen(result.figures)
    wrong = [(outcome.id, outcome.question) for outcome in result.outcomes if not outcome.right]
    assert not fallen, (*map(str, fallen), f"not right: {wrong}")


def test_the_baseline_was_made_from_these_questions(pack: Application) -> None:
    from router.evaluation.labels import fingerprint, read_labels

    # If not: run `termroute eval examples/questions.jsonl --write-baseline examples/baseline.json` over the pack.
    assert read_baseline(BASELINE).labels == fingerprint(read_labels(QUESTIONS))


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A handful of questions, one of which nobody can get right."""
    rows = [
        {
            "id": "right",
            "question": "AAP是什么的缩写？",
            "route": "term",
            "status": "answered",
            "key_points": ["实际成交价"],
        },
        {"id": "wrong", "question": "AAP是什么的缩写？", "route": "fact", "status": "refused"},
    ]
    path = tmp_path / "few.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def test_a_run_is_reported_compared_and_held_against_a_baseline(termroute, few: Path, tmp_path: Path) -> None:
    report, baseline = tmp_path / "report", tmp_path / "baseline.json"
    done = termroute("eval", str(few), "--json", "--report", str(report), "--write-baseline", str(baseline))
    assert done.returncode == 0, done.stderr
    (figures,) = map(json.loads, done.stdout.splitlines())
    assert figures["right"] == 0.5
    assert figures["key_point_recall"] == 1.0
    assert figures["tokens"] == {"prompt": 0, "completion": 0}
    limits = json.loads(baseline.read_text("utf-8"))
    limits["figures"]["right"]["value"] = 0.9
    baseline.write_text(json.dumps(limits), "utf-8")

    run = str(report / "report.json")
    done = termroute("eval", str(few), "--baseline", str(baseline), "--compare", run)
    assert done.returncode == 1
    assert "right is 0.5; the baseline is 0.9" in done.stderr
    assert "McNemar" in done.stdout


def test_bad_files_are_wrong_use(termroute, few: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"question": "x", "route": "terms", "status": "answered"}\n', "utf-8")
    for words, message in [
        (("eval", str(bad)), "bad.jsonl cannot be used: line 1: route: is 'terms'"),
        (("eval", str(few), "--baseline", str(bad)), "bad.jsonl cannot be used: figures: is missing"),
        (("eval", str(few), "--compare", str(few)), "few.jsonl cannot be compared with"),
    ]:
        done = termroute(*words)
        assert done.returncode == 2
        assert message in done.stderr
        assert done.stdout == ""
