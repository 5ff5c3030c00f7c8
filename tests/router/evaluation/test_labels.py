"""Labelled questions are read strictly: every bad row is named with its line and key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from router.errors import LabelsError
from router.evaluation.labels import fingerprint, read_labels

GOOD: dict[str, Any] = {"question": "AM是什么？", "route": "term", "status": "answered"}


def written(tmp_path: Path, *rows: object) -> Path:
    path = tmp_path / "labels.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_keys_of_the_authors_own_are_left_alone(tmp_path: Path) -> None:
    (label,) = read_labels(written(tmp_path, GOOD | {"group": "x", "note": "mine", "kind": "definition"}))
    assert label.id == "line-1"
    assert label.kind == "definition"


def test_key_points_may_have_several_wordings(tmp_path: Path) -> None:
    (label,) = read_labels(written(tmp_path, GOOD | {"key_points": ["a", ["b", "c"]]}))
    assert label.key_points == (("a",), ("b", "c"))


def test_one_split_alone(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD | {"split": "train"}, "", GOOD | {"id": "b", "split": "test"})
    assert [label.id for label in read_labels(path, "test")] == ["b"]
    with pytest.raises(LabelsError, match="nope"):
        read_labels(path, "nope")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("no json", "line 2: is not JSON"),
        ("[1]", "line 2: is list, not an object"),
        ({"route": "term", "status": "answered"}, "line 2: question: is missing"),
        (GOOD | {"question": " "}, "line 2: question: is ' '"),
        (GOOD | {"route": "terms"}, "line 2: route: is 'terms'; allowed: term, fact, analysis"),
        (
            GOOD | {"status": ["answered"]},
            "line 2: status: is ['answered']; allowed: answered, clarify, refused",
        ),
        (GOOD | {"history": "AM"}, "line 2: history: is not a list"),
        (GOOD | {"history": [{"answer": "x"}]}, "line 2: history: is not a list"),
        (GOOD | {"department": 3}, "line 2: department: is 3"),
        (GOOD | {"key_points": [[]]}, "line 2: key_points: is not a list"),
        (GOOD | {"expect": {"contain": ["x"]}}, "line 2: expect: has the unknown key contain; known: contains"),
        (GOOD | {"expect": {"contains": "x"}}, "line 2: expect: contains is 'x', not a list"),
        (GOOD | {"expect": {"facts": [550]}}, "line 2: expect: facts: is 550"),
        (GOOD | {"expect": {"terms": ["AM"]}}, "line 2: expect: terms: 'AM' is not an object"),
        (GOOD | {"id": "one"}, "line 2: id: 'one' stands in line 1 already"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: object, message: str) -> None:
    path = written(tmp_path, GOOD | {"id": "one"}, row)
    with pytest.raises(LabelsError) as caught:
        read_labels(path)
    assert message in str(caught.value)
    assert "labels.jsonl" in str(caught.value)


def test_every_bad_row_is_told_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, "no json", {"route": "x"}, GOOD)
    with pytest.raises(LabelsError) as caught:
        read_labels(path)
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "line 1",
        "line 2",
        "line 2",
        "line 2",
    ]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelsError, match=r"missing\.jsonl"):
        read_labels(tmp_path / "missing.jsonl")


def test_a_file_without_questions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabelsError, match="has no question"):
        read_labels(written(tmp_path, ""))


def test_the_fingerprint_follows_what_is_asked(tmp_path: Path) -> None:
    first = fingerprint(read_labels(written(tmp_path, GOOD)))
    assert first == fingerprint(read_labels(written(tmp_path, GOOD | {"note": "mine"})))
    assert first != fingerprint(read_labels(written(tmp_path, GOOD | {"question": "PM是什么？"})))
