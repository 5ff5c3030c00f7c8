"""Questions about the 419 real rows and the 40 real names with aliases, read from ../shared, never copied."""

from __future__ import annotations

import csv
import random
from typing import TYPE_CHECKING

from benchmarks.facts.questions import Asked

if TYPE_CHECKING:
    from pathlib import Path


def real_questions(folder: Path, seed: int = 5) -> list[Asked]:
    """Full and shortened names and codes of the real rows; none where the folder is missing."""
    if not (folder / "cnaps_sample.csv").exists():
        return []
    dice = random.Random(seed)
    with (folder / "cnaps_sample.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    asked = []
    for row in dice.sample(rows, 120):
        name, code = row["LName"], row["BankCode"]
        short = (
            name.replace("股份有限公司", "").replace("农村商业银行", "农商行").replace("中国工商银行", "工行")
        )
        short = short.removeprefix("湖北")
        asked.append(Asked("real, full name", f"{name}的联行号是多少", "value", code, name))
        asked.append(Asked("real, reverse", code, "value", name, name))
        if short.endswith("行") and "农商行" in short and short.endswith("农商行"):
            continue
        asked.append(Asked("real, shortened", f"{short}联行号", "value", code, name))
    return asked
