"""Reads labelled questions from JSON Lines, strictly: every bad row is named with its file, line and key."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from router.errors import LabelsError
from router.types import Route, Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROUTES = tuple(route.value for route in Route)
STATUSES = tuple(status.value for status in Status)
EXPECTATIONS = ("contains", "terms", "facts", "documents", "rewritten_contains")
# Read by us; any other key is the author's own and is left alone.
REQUIRED = ("question", "route", "status")


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled question; `expect` and `key_points` hold what a right answer shows (docs/evaluation.md).

    `history` holds the earlier questions of the conversation, oldest first; `answers` those answers to them that the
    label gives. Each key point is a tuple of wordings, of which one is enough.
    """

    id: str
    question: str
    route: str
    status: str
    department: str | None = None
    history: tuple[str, ...] = ()
    answers: tuple[str | None, ...] = ()
    expect: dict[str, list[Any]] = field(default_factory=dict)
    key_points: tuple[tuple[str, ...], ...] = ()
    kind: str = ""
    language: str = ""


def read_labels(path: Path, split: str | None = None) -> tuple[Label, ...]:
    """Read labelled questions, one JSON object a line, of one `split` if given. Raises LabelsError with every bad row."""
    labels: list[Label] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        found = _problems_of(line)
        if isinstance(found, list):
            problems += [f"line {number}: {problem}" for problem in found]
            continue
        identity = str(found.get("id") or f"line-{number}")
        if identity in seen:
            problems.append(f"line {number}: id: {identity!r} stands in line {seen[identity]} already")
        seen.setdefault(identity, number)
        if split is None or found.get("split") == split:
            labels.append(_label(found, identity))
    if problems or not labels:
        raise LabelsError(
            str(path), problems or [f"has no question{f' of the split {split!r}' if split else ''}"]
        )
    return tuple(labels)


def fingerprint(labels: tuple[Label, ...]) -> str:
    """Return a short hash (16 hex digits of SHA-256) of what the labels ask and expect."""
    text = json.dumps([repr(label) for label in labels], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _lines(path: Path) -> list[str]:
    try:
        # Only line feeds end a row: a question may hold other separators.
        return path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise LabelsError(str(path), [f"cannot be read: {error}"]) from error


def _problems_of(line: str) -> dict[str, Any] | list[str]:
    """Return the row as an object, or everything that is wrong with it."""
    try:
        raw = json.loads(line)
    except ValueError as error:
        return [f"is not JSON: {error}"]
    if not isinstance(raw, dict):
        return [f"is {type(raw).__name__}, not an object with the keys {', '.join(REQUIRED)}"]
    problems = [f"{key}: is missing" for key in REQUIRED if key not in raw]
    for key, check in _CHECKS.items():
        if raw.get(key) is not None:
            problem = check(raw[key])
            problems += [f"{key}: {problem}"] if problem else []
    return problems or raw


def _label(raw: dict[str, Any], identity: str) -> Label:
    history = [turn if isinstance(turn, dict) else {"question": turn} for turn in raw.get("history") or ()]
    return Label(
        id=identity,
        question=raw["question"],
        route=raw["route"],
        status=raw["status"],
        department=raw.get("department"),
        history=tuple(turn["question"] for turn in history),
        answers=tuple(turn.get("answer") for turn in history),
        expect={key: value for key, value in (raw.get("expect") or {}).items() if value},
        key_points=tuple(
            (point,) if isinstance(point, str) else tuple(point) for point in raw.get("key_points") or ()
        ),
        kind=str(raw.get("kind") or ""),
        language=str(raw.get("language") or ""),
    )


def _text(value: object) -> str:
    return "" if isinstance(value, str) and value.strip() else f"is {value!r}, not a text with characters in it"


def _one_of(allowed: tuple[str, ...]) -> Callable[[object], str]:
    return lambda value: "" if value in allowed else f"is {value!r}; allowed: {', '.join(allowed)}"


def _history(value: object) -> str:
    turns = value if isinstance(value, list) else [None]
    good = all(
        not _text(turn) or (isinstance(turn, dict) and not _text(turn.get("question"))) for turn in turns
    )
    return "" if good else "is not a list of questions, or of objects with `question` and `answer`"


def _key_points(value: object) -> str:
    points = value if isinstance(value, list) else [None]
    good = all(
        not _text(point) or (isinstance(point, list) and point and not any(_text(each) for each in point))
        for point in points
    )
    return "" if good else "is not a list of texts, or of lists of alternative texts"


def _expect(value: object) -> str:
    if not isinstance(value, dict):
        return f"is {value!r}, not an object"
    unknown = sorted(set(value) - set(EXPECTATIONS))
    if unknown:
        return f"has the unknown key {', '.join(unknown)}; known: {', '.join(EXPECTATIONS)}"
    for key, parts in value.items():
        if not isinstance(parts, list):
            return f"{key} is {parts!r}, not a list"
        for part in parts:
            wrong = _term(part) if key == "terms" else _text(part)
            if wrong:
                return f"{key}: {wrong}"
    return ""


def _term(value: object) -> str:
    if isinstance(value, dict) and not _text(value.get("surface")) and not _text(value.get("chinese")):
        return ""
    return f"{value!r} is not an object with `surface` and `chinese`"


_CHECKS: dict[str, Callable[[object], str]] = {
    "question": _text,
    "route": _one_of(ROUTES),
    "status": _one_of(STATUSES),
    "department": _text,
    "history": _history,
    "expect": _expect,
    "key_points": _key_points,
}
