"""Writes the figures as JSON and as a page to read."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.machine import described, machine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.answers.__main__ import Result

FOLDER = Path(__file__).resolve().parents[1] / "results"


def write(results: Sequence[Result], sizes: Mapping[str, int]) -> None:
    """Write benchmarks/results/answers.json and answers.md."""
    where = machine()
    content = {"machine": where, "texts": dict(sizes), "results": [asdict(each) for each in results]}
    (FOLDER / "answers.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    lines = ["# Answers", "", "Made by `python -m benchmarks.answers`.", ""]
    lines += [described(where)]
    lines += ["", _DATA.format(**{name.split()[0]: count for name, count in sizes.items()}), ""]
    lines += ["| knowledge base | half | questions | refused | key string in the answer | median ms |"]
    lines += ["| --- | --- | ---: | ---: | ---: | ---: |"]
    for each in results:
        refused = each.endings.get("refused", 0)
        shown = sum(count for name, count in each.endings.items() if name.endswith(", with the key string"))
        lines.append(
            f"| {each.base} | {each.half} | {each.questions} | {refused} ({refused / each.questions:.1%}) "
            f"| {shown} ({shown / each.questions:.1%}) | {each.median_ms} |"
        )
    lines += [
        "",
        "## How they ended",
        "",
        "| knowledge base | half | ending | questions |",
        "| --- | --- | --- | ---: |",
    ]
    lines += [
        f"| {each.base} | {each.half} | {name} | {count} |"
        for each in results
        for name, count in each.endings.items()
    ]
    (FOLDER / "answers.md").write_text("\n".join(lines) + "\n" + _NOTES, "utf-8")


_DATA = (
    "RGB's Chinese questions (Chen et al. 2024; half of the set): each has news texts that hold the answer and texts that are "
    "about the same thing and do not. All questions' texts lie in one knowledge base ({negatives:,} negatives; {positives:,} texts with "
    "the positives), one document a text; the whole program answers, without a language model. The key string counts when every "
    "part of it stands in the answer, as RGB scores. Rules and thresholds were tuned on the first half of the file alone."
)
_NOTES = """
## What the figures say

- Without a language model an answer is quoted. A quoted sentence is refused where one thing is asked for (who, when, where,
  how many) and no sentence has such a thing close to what the question names (`router/statement.py`).
- Half of the negatives are still answered: they name the same event, the same year and a value of the same kind, which
  belongs to something else (the box office of another year, the champion of another season). Telling those apart takes reading. On the first half no measure
  of words, pairs of characters, their rarity or their distance to a value that we tried separated positives from negatives by more than 0.77 (area under the
  curve); a higher threshold refuses more of both.
- The fact lane answers some negatives with a value from such a sentence: those are the rows `fact answered, without the key string`.
- Some negatives are answered rightly: another question's text holds the answer.
"""
