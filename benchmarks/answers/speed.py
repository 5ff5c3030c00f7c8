"""How long a whole answer takes over many passages, without a model: python -m benchmarks.answers.speed [--chunks 100000]."""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.answers.loading import load
from benchmarks.machine import described, machine
from benchmarks.retrieval.data import cmrc2018, missing
from benchmarks.retrieval.report import FOLDER
from benchmarks.retrieval.scale import WORDS_PER_TEXT, made_up
from router.types import Query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.wiring import Application

_ROUNDS, _QUESTIONS = 3, 200


def main() -> int:
    """Load the texts, ask, and write benchmarks/results/analysis.{json,md}."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--chunks", type=int, default=100_000)
    chunks = arguments.parse_args().chunks
    if missing():
        print("Skipped, these files are missing:", *missing(), sep="\n  ")
        return 0
    collection = cmrc2018()
    texts = [*made_up(collection, max(chunks - len(collection.texts), 0)), *collection.texts]
    asked = [each.text for each in random.Random(1).sample(collection.questions, _QUESTIONS)]
    with tempfile.TemporaryDirectory() as name:
        started = time.perf_counter()
        with load(Path(name), texts) as application:
            print(f"{len(texts):,} passages loaded in {time.perf_counter() - started:.0f} s", flush=True)
            rounds = [_asked(application, asked) for _ in range(_ROUNDS)]
    _write(len(texts), rounds)
    return 0


def _asked(application: Application, questions: Sequence[str]) -> dict[str, list[tuple[float, float]]]:
    """Milliseconds on the clock and of the processor for each question, by the road that answered it."""
    times: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for question in questions:
        clock, processor = time.perf_counter(), time.process_time()
        answer = application.answerer.answer(Query(question))
        took = ((time.perf_counter() - clock) * 1000, (time.process_time() - processor) * 1000)
        for name in ("all", f"{answer.route} {answer.status}"):
            times[name].append(took)
    return times


def _write(passages: int, rounds: Sequence[Mapping[str, Sequence[tuple[float, float]]]]) -> None:
    where = machine()
    rows = [_row(name, rounds) for name in sorted({name for each in rounds for name in each})]
    content = {"machine": where, "passages": passages, "rounds": len(rounds), "rows": rows}
    (FOLDER / "analysis.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    lines = ["# Analysis answers at size", "", "Made by `python -m benchmarks.answers.speed`.", ""]
    lines += [described(where)]
    lines += ["", _DATA.format(passages=passages, words=WORDS_PER_TEXT, questions=_QUESTIONS), ""]
    lines += [
        "| ended | questions a round | median ms, each round | p95 ms, each round | median ms of the processor |"
    ]
    lines += ["| --- | ---: | --- | --- | --- |"]
    lines += ["| " + " | ".join(str(cell) for cell in row.values()) + " |" for row in rows]
    (FOLDER / "analysis.md").write_text("\n".join(lines) + "\n", "utf-8")
    print(*lines[-len(rows) :], sep="\n")


def _row(name: str, rounds: Sequence[Mapping[str, Sequence[tuple[float, float]]]]) -> dict[str, object]:
    found = [each[name] for each in rounds if name in each]
    clock = [sorted(ms for ms, _ in each) for each in found]
    return {
        "ended": name,
        "questions": len(found[0]),
        "median_ms": ", ".join(f"{statistics.median(each):.1f}" for each in clock),
        "p95_ms": ", ".join(f"{each[-(-95 * len(each) // 100) - 1]:.1f}" for each in clock),
        "processor_ms": ", ".join(f"{statistics.median(ms for _, ms in each):.1f}" for each in found),
    }


_DATA = (
    "{passages:,} passages, one document each: made-up ones of {words} real words in random order, and CMRC2018's own. {questions} of CMRC2018's "
    "questions, one after another, through the whole program (terms, tables, search, sentences, quotation) without a language model and "
    "with keyword search. Processor time tells what the clock would on a quiet machine."
)

if __name__ == "__main__":
    sys.exit(main())
