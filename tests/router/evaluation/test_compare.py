"""Two runs are paired by question and compared with significance."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from router.errors import RunFileError
from router.evaluation.compare import compare, read_run
from router.evaluation.outcomes import Expected, Outcome
from router.evaluation.significance import bootstrap_difference, mcnemar


def outcome(number: int, *, right: bool, milliseconds: float = 1.0) -> Outcome:
    checks = {"route_accuracy": right}
    return Outcome(str(number), "q", Expected("term", "answered"), "term", "answered", "", checks, milliseconds)


@pytest.mark.parametrize(
    ("only_first", "only_second", "p"),
    # By hand: 2 * (1 + 6) / 2^6 = 14/64; 2 * 1 / 2^10; at equality 1.
    [(0, 0, 1.0), (1, 5, 0.21875), (10, 0, 0.001953125), (3, 3, 1.0)],
)
def test_mcnemar(only_first: int, only_second: int, p: float) -> None:
    assert mcnemar(only_first, only_second) == pytest.approx(p)
    assert mcnemar(only_second, only_first) == pytest.approx(p)


def test_the_interval_holds_a_constant_difference_exactly() -> None:
    assert bootstrap_difference([1.0, 2.0, 3.0], [2.0, 3.0, 4.0]) == (1.0, 1.0)


def test_the_interval_of_noise_spans_zero() -> None:
    first = [float(n % 7) for n in range(200)]
    low, high = bootstrap_difference(first, first[::-1])
    assert low < 0 < high


def test_runs_side_by_side() -> None:
    old = [outcome(n, right=n < 4, milliseconds=2.0) for n in range(8)]
    new = [outcome(n, right=n != 0) for n in range(1, 9)]
    found = compare(new, old, "old.json")
    row = next(row for row in found.shares if row.figure == "right")
    assert (row.questions, row.only_other, row.only_this) == (7, 0, 4)
    assert row.other == pytest.approx(3 / 7, abs=1e-4)
    assert row.this == 1.0
    assert row.p == 0.125
    time = next(row for row in found.means if row.figure.startswith("milliseconds"))
    assert (time.low, time.high) == (-1.0, -1.0)
    assert (found.only_other, found.only_this) == (1, 1)
    assert [key for key, _, right in found.changed if right] == ["4", "5", "6", "7"]


def test_runs_over_other_questions_cannot_be_compared() -> None:
    with pytest.raises(RunFileError, match="no question in common"):
        compare([outcome(1, right=True)], [outcome(2, right=True)], "old.json")


@pytest.mark.parametrize("text", ["no json", "{}", '{"outcomes": [{"id": "x"}]}', "[]"])
def test_a_file_that_is_no_run_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "old.json"
    path.write_text(text, "utf-8")
    with pytest.raises(RunFileError, match=r"old\.json"):
        read_run(path)


def test_a_run_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps({"outcomes": [outcome(1, right=True).to_json()]}), "utf-8")
    assert read_run(path) == (outcome(1, right=True),)
