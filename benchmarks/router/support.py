"""Runs the fit of router/support.json: `python -m benchmarks.router --support`; what it learns from is in `evidence.py`."""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.answers import data as rgb
from benchmarks.answers.loading import load
from benchmarks.retrieval import data as retrieval
from benchmarks.router import evidence
from benchmarks.router.second_company import build
from router.settings import RouterSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from api.wiring import Application
    from benchmarks.router.evidence import Example

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE.parents[1]
# The third company takes no part: it shows what the judgement is worth elsewhere.
_SAMPLE_LABELS = (
    ("examples", _ROOT / "examples" / "questions.jsonl", None),
    ("training questions", _HERE / "questions.jsonl", "train"),
    ("fresh questions", _HERE / "fresh.jsonl", None),
)
# Other wordings of known questions: half of the groups are learned from, the others only measured.
_WORDINGS = _HERE / "wordings.jsonl"
_PUBLIC_QUESTIONS = 350


def main(opened: Callable[[Path, Path, Path], Application], sample: tuple[Path, Path]) -> None:
    """Collect the examples, write the weights, and print how unseen groups do with them."""
    with tempfile.TemporaryDirectory() as name:
        examples = list(_companies(Path(name), opened, sample))
        examples += _public(Path(name))
    minimum = RouterSettings().minimum_support
    evidence.write(_ROOT / "router" / "support.json", evidence.fit(examples))
    print(
        f"{len(examples)} examples; router/support.json written. Refused at {minimum}, cross-validated by group:"
    )
    print(*evidence.shown(examples, evidence.cross_validated(examples), minimum), sep="\n")


def _companies(
    folder: Path, opened: Callable[[Path, Path, Path], Application], sample: tuple[Path, Path]
) -> Iterator[Example]:
    with opened(folder / "sample", *sample) as application:
        for source, path, split in _SAMPLE_LABELS:
            yield from evidence.company(source, application, _rows(path, split))
        yield from evidence.company("new wordings", application, _rows(_WORDINGS, "train", "sample"))
    pack = folder / "pack"
    with opened(folder / "second", build.write(pack), pack / "术语表.xlsx") as application:
        labels = _rows(_HERE / "second_company" / "questions.jsonl", None)
        labels += _rows(_WORDINGS, "train", "second")
        yield from evidence.company("second company", application, labels)


def _public(folder: Path) -> Iterator[Example]:
    if retrieval.missing():
        print("Without the public questions, these files are missing:", *retrieval.missing(), sep="\n  ")
        return
    reading = retrieval.cmrc2018()
    asked = random.Random(3).sample(reading.questions, _PUBLIC_QUESTIONS)
    with load(folder / "cmrc", reading.texts) as application:
        pairs = [(each.text, {reading.texts[at] for at in each.answers}) for each in asked]
        yield from evidence.public("public reading", application, pairs)
    news = rgb.questions()
    half = next(iter(rgb.halves(news).values()))
    texts = {
        "hidden": [text for each in news for text in each.negative],
        "answered": [text for each in news for text in (*each.positive, *each.negative)],
    }
    for kind, base in texts.items():
        with load(folder / kind, base) as application:
            yield from evidence.public("public news", application, [(each.text, ()) for each in half], kind)


def _rows(path: Path, split: str | None, company: str | None = None) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [row for row in rows if split in {None, row.get("split")} and company in {None, row.get("company")}]
