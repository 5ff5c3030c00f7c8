"""Reads the public retrieval sets from ../shared/data/retrieval, which is never copied into the project."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "retrieval"


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the places of the texts that answer it."""

    text: str
    answers: frozenset[int]


@dataclass(frozen=True, slots=True)
class Collection:
    """Texts to search, their titles (empty where the set has none) and questions."""

    name: str
    texts: tuple[str, ...]
    titles: tuple[str, ...]
    questions: tuple[Question, ...]


def cmrc2018() -> Collection:
    """CMRC2018 dev: each question is answered by one passage."""
    passages = _lines("cmrc2018_passages.jsonl")
    place = {row["id"]: number for number, row in enumerate(passages)}
    questions = [
        Question(row["question"], frozenset({place[row["passage"]]}))
        for row in _lines("cmrc2018_questions.jsonl")
    ]
    titles = tuple(row["title"] for row in passages)
    return Collection("CMRC2018 dev", tuple(row["text"] for row in passages), titles, tuple(questions))


def rgb() -> Collection:
    """RGB Chinese: the positive and negative texts of all questions pooled, equal texts once."""
    places: dict[str, int] = {}
    questions = []
    for row in _lines("rgb_zh.jsonl"):
        for text in [*row["positive"], *row["negative"]]:
            places.setdefault(text, len(places))
        questions.append(Question(row["query"], frozenset(places[text] for text in row["positive"])))
    return Collection("RGB Chinese", tuple(places), ("",) * len(places), tuple(questions))


def pooled(*collections: Collection) -> Collection:
    """Several collections searched as one: harder, and less of one kind."""
    questions: list[Question] = []
    texts: list[str] = []
    for each in collections:
        moved = len(texts)
        questions += [
            Question(one.text, frozenset(place + moved for place in one.answers)) for one in each.questions
        ]
        texts += each.texts
    name = " and ".join(each.name for each in collections) + " pooled"
    return Collection(name, tuple(texts), ("",) * len(texts), tuple(questions))


def missing() -> list[str]:
    """Names of files that are not there."""
    names = ("cmrc2018_passages.jsonl", "cmrc2018_questions.jsonl", "rgb_zh.jsonl")
    return [str(FOLDER / name) for name in names if not (FOLDER / name).is_file()]


def _lines(name: str) -> list[dict[str, Any]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]
