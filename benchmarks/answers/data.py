"""Reads RGB's Chinese questions with their positive and negative texts from ../shared/data/retrieval."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

PATH = Path(__file__).resolve().parents[3] / "shared" / "data" / "retrieval" / "rgb_zh.jsonl"


@dataclass(frozen=True, slots=True)
class Question:
    """A question; `answer` holds its key strings, each as a tuple of which one is enough; all of them count."""

    id: int
    text: str
    answer: tuple[tuple[str, ...], ...]
    positive: tuple[str, ...]
    negative: tuple[str, ...]

    def answered_by(self, text: str) -> bool:
        """Tell whether every key string stands in `text`, as RGB itself scores (Chen et al. 2024)."""
        shown = _packed(text)
        return all(any(_packed(wording) in shown for wording in key) for key in self.answer)


def questions() -> list[Question]:
    """Return all questions in the order of the file."""
    rows = [json.loads(line) for line in PATH.read_text("utf-8").splitlines()]
    return [
        Question(
            row["id"],
            row["query"],
            tuple((key,) if isinstance(key, str) else tuple(key) for key in row["answer"]),
            tuple(row["positive"]),
            tuple(row["negative"]),
        )
        for row in rows
    ]


def halves(asked: list[Question]) -> dict[str, list[Question]]:
    """Return the half that rules may be tuned on, and the half that is only measured: the file's first and second."""
    middle = len(asked) // 2
    return {"first half (tuned on)": asked[:middle], "second half (only measured)": asked[middle:]}


def _packed(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text).casefold())
