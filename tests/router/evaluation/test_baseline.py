"""A baseline names every figure that falls beyond its tolerance, and every mistake in the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from router.errors import BaselineError
from router.evaluation.baseline import read_baseline, write_baseline

FIGURES: dict[str, Any] = {
    "right": 0.9,
    "refused_wrongly": 0.02,
    "invented_values": 0,
    "route_accuracy": 0.95,
    "key_point_recall": None,
    "latency_ms": {"all": {"p50": 3.0}},
}


def test_what_is_written_is_read_and_holds(tmp_path: Path) -> None:
    path = tmp_path / "new" / "baseline.json"
    write_baseline(path, FIGURES, "abc")
    found = read_baseline(path)
    assert found.labels == "abc"
    assert set(found.figures) == {"right", "refused_wrongly", "invented_values", "route_accuracy"}
    assert found.fallen(FIGURES) == ()


@pytest.mark.parametrize(
    ("figure", "value", "falls"),
    [
        ("right", 0.89, False),
        ("right", 0.889, True),
        ("right", 1.0, False),
        ("refused_wrongly", 0.03, False),
        ("refused_wrongly", 0.04, True),
        ("invented_values", 1, True),
        ("route_accuracy", None, True),
    ],
)
def test_a_figure_may_fall_within_its_tolerance(tmp_path: Path, figure: str, value: Any, falls: bool) -> None:
    path = tmp_path / "baseline.json"
    write_baseline(path, FIGURES, "abc")
    fallen = read_baseline(path).fallen(FIGURES | {figure: value})
    assert [each.figure for each in fallen] == ([figure] if falls else [])
    if falls:
        assert figure in str(fallen[0])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("no json", "is not JSON"),
        ("[]", "figures: is missing"),
        (
            {"figures": {"right": {"value": 1}}},
            "figures.right: must have exactly the keys better, tolerance, value",
        ),
        ({"figures": {"right": {"value": 1, "tolerance": 0, "better": "up"}}}, "allowed: higher, lower"),
        (
            {"figures": {"right": {"value": "1", "tolerance": 0, "better": "higher"}}},
            "value is '1', not a number",
        ),
        ({"figures": {"right": {"value": 1, "tolerance": -1, "better": "higher"}}}, "tolerance is below 0"),
    ],
)
def test_a_bad_baseline_is_named(tmp_path: Path, content: object, message: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    with pytest.raises(BaselineError) as caught:
        read_baseline(path)
    assert message in str(caught.value)


def test_a_missing_baseline_is_named(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match=r"none\.json"):
        read_baseline(tmp_path / "none.json")
