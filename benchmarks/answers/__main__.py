"""Measures refusals and extractive answers on RGB: python -m benchmarks.answers."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.answers.data import PATH, Question, halves, questions
from benchmarks.answers.loading import load
from benchmarks.answers.report import write
from router.types import Query

if TYPE_CHECKING:
    from api.wiring import Application


@dataclass(frozen=True, slots=True)
class Result:
    """How the questions of one half ended over one knowledge base."""

    half: str
    base: str
    questions: int
    endings: dict[str, int]
    median_ms: float


def main() -> int:
    """Run everything and write benchmarks/results/answers.{json,md}."""
    if not PATH.is_file():
        print(f"Skipped, this file is missing: {PATH}")
        return 0
    asked = questions()
    bases = {
        "negatives alone": [text for each in asked for text in each.negative],
        "positives and negatives": [text for each in asked for text in (*each.positive, *each.negative)],
    }
    results, sizes = [], {}
    with tempfile.TemporaryDirectory() as name:
        for place, (base, texts) in enumerate(bases.items()):
            sizes[base] = len(set(texts))
            with load(Path(name) / str(place), texts) as application:
                results += [_measured(half, base, part, application) for half, part in halves(asked).items()]
                print(*results[-2:], sep="\n", flush=True)
    write(results, sizes)
    return 0


def _measured(half: str, base: str, asked: list[Question], application: Application) -> Result:
    endings: Counter[str] = Counter()
    times = []
    for question in asked:
        started = time.perf_counter()
        answer = application.answerer.answer(Query(question.text))
        times.append((time.perf_counter() - started) * 1000)
        held = "with" if question.answered_by(answer.answer) else "without"
        endings[
            "refused"
            if answer.status == "refused"
            else f"{answer.route} {answer.status}, {held} the key string"
        ] += 1
    return Result(half, base, len(asked), dict(sorted(endings.items())), round(statistics.median(times), 1))


if __name__ == "__main__":
    sys.exit(main())
