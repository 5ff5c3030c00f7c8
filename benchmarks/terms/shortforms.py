"""Finds full names by their short forms, and asks back for the short forms of full names that have none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from terminology.glossary import Glossary
from terminology.shortforms import ShortForms
from terminology.types import Sense

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_Row = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class ShortFormScores:
    """Shares of first hits among all full forms; `invented` counts answers to full forms without a short one.

    `contradicted` counts rows without a short form whose full form has one in another row.
    """

    asked: int
    names: int
    first_hit: float
    subsequence_first_hit: float
    without: int
    invented: int
    contradicted: int


def measure(path: Path) -> ShortFormScores | None:
    """Measure on one file of `{"short", "full"}` lines; None where it is missing."""
    if not path.is_file():
        return None
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    rows: list[_Row] = [(each["short"], each["full"]) for each in lines]
    names = list(dict.fromkeys(full for _, full in rows))
    pairs = [(short, full) for short, full in rows if short]
    index = ShortForms(names)
    hits = sum(1 for short, full in pairs if [name for name, _ in index.rank(short, 1)] == [full])
    plain = sum(1 for short, full in pairs if _plain(short, names) == full)
    # As a glossary has it: the pairs are its rows; a full form without a short one must not be answered.
    glossary = Glossary([Sense(short, "", full, id=at) for at, (short, full) in enumerate(pairs, 1)])
    known = {full for _, full in pairs}
    without = [full for short, full in rows if not short]
    asked = [full for full in without if full not in known]
    invented = sum(1 for full in asked if glossary.lookup(full))
    contradicted = len(without) - len(asked)
    total = len(pairs)
    return ShortFormScores(
        total, len(names), round(hits / total, 4), round(plain / total, 4), len(asked), invented, contradicted
    )


def _plain(short: str, names: Sequence[str]) -> str:
    """Return the shortest name that holds the characters of `short` in order."""
    fitting = [name for name in names if _in_order(short, name)]
    return min(fitting, key=len, default="")


def _in_order(short: str, name: str) -> bool:
    rest = iter(name)
    return all(character in rest for character in short)
