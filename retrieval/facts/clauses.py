"""Which clause of a sentence a value belongs to, and whether that clause speaks of the asked thing.

A sentence often states several values: `Sony takes 5 days and Nintendo 10 days`. The value that answers stands in the
clause that names what sets the question apart; what an earlier clause says holds on, unless the clause says otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from retrieval.facts.normalize import plain
from retrieval.facts.subject import Said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.facts.subject import SubjectWord

_CLAUSE = re.compile(r"[，,；;。](?!\d{3})|\bbut\b|\bwhile\b|\bwhereas\b")
_PART = re.compile(r"[，,；;。、](?!\d{3})|\band\b|\bbut\b|\bwhile\b|\bwhereas\b")
_PERIOD = re.compile(
    r"每(?:个)?(?:天|日|周|星期|月|季度?|年|小时|班|晚|学期)|\b(?:per|a|each|every) (?:day|week|month|quarter|year)\b|\b(?:daily|weekly|monthly|yearly)\b"
)
_JOIN = re.compile(r"\s*(?:和|及|与|、|以及|\band\b|&)\s*")
# 5万元以上或者外币等值1万美元: either of them, told in one breath.
_EITHER = re.compile(
    r"\s*(?:\([^()]{1,6}\)|（[^（）]{1,6}）)?(?:[及以之]?[上下内外前后])?\s*(?:或者|或|\bor\b)\s*[一-鿿]{0,4}\s*"
)
_NAMED, _HELD = 1.4, 0.8


@dataclass(frozen=True, slots=True)
class Spot:
    """A value in a sentence, verbatim, and where it begins and ends there."""

    start: int
    end: int
    text: str


def joined(sentence: str, spots: Sequence[Spot]) -> list[Spot]:
    """The values, those in one breath as one: 4 月和 10 月, 3天或24小时."""
    whole: list[Spot] = []
    for spot in spots:
        last = whole[-1] if whole else None
        between = sentence[last.end : spot.start] if last is not None else ""
        apart = last is not None and last.text.endswith("次") and spot.text.endswith("次")
        if last is not None and not apart and (_JOIN.fullmatch(between) or _EITHER.fullmatch(between)):
            whole[-1] = Spot(last.start, spot.end, sentence[last.start : spot.end])
        else:
            whole.append(spot)
    return whole


def said_of(words: Sequence[SubjectWord], sentence: str, spots: Sequence[Spot]) -> list[Spot]:
    """Those of the values whose clause speaks of what the words name; all where the sentence has a single clause."""
    clauses = _clauses(sentence, spots)
    if len(clauses) < 2:
        return list(spots)
    held = [_held(words, sentence[a:b]) for a, b in clauses]
    valued = [any(a <= spot.start < b for spot in spots) for a, b in clauses]
    return [
        spot for spot in spots
        if _agrees(next(i for i, (a, b) in enumerate(clauses) if a <= spot.start < b), (clauses, held, valued), sentence)
    ]  # fmt: skip


def _clauses(sentence: str, spots: Sequence[Spot]) -> list[tuple[int, int]]:
    """Where the clauses of a sentence begin and end; one that has several values is cut at `and` too."""
    found = []
    for start, end in _cut(sentence, 0, len(sentence), _CLAUSE, spots):
        inside = [spot for spot in spots if start <= spot.start < end]
        found.extend(_cut(sentence, start, end, _PART, spots) if len(inside) > 1 else [(start, end)])
    return found


def _cut(
    sentence: str, start: int, end: int, pattern: re.Pattern[str], spots: Sequence[Spot]
) -> list[tuple[int, int]]:
    at = [m.end() for m in pattern.finditer(sentence, start, end)]
    at = [place for place in at if not any(s.start < place <= s.end for s in spots)]
    bounds = [start, *at, end]
    return [(a, b) for a, b in pairwise(bounds) if b > a]


@lru_cache(maxsize=8_192)
def _said(text: str) -> Said:
    return Said.of(text)


def _held(words: Sequence[SubjectWord], text: str) -> frozenset[SubjectWord]:
    said = _said(text)
    return frozenset(word for word in words if said.share(word) > _HELD)


def _agrees(
    at: int,
    read: tuple[list[tuple[int, int]], list[frozenset[SubjectWord]], list[bool]],
    sentence: str,
) -> bool:
    """Whether the clause at a place, with what earlier ones hand on to it, names what the whole sentence names of the question."""
    clauses, held, valued = read
    own_period = _PERIOD.search(plain(sentence[slice(*clauses[at])])) is not None
    earlier = {word for words in held[:at] for word in words}
    inherited = {word for word in earlier if not (own_period and _PERIOD.search(word.text))}
    mine = held[at] | inherited
    if any(word not in mine for word in earlier):
        return False
    if any(valued[u] and held[u] - held[at] and not held[at] - held[u] for u in range(at)):
        # An earlier value has all that this one has, and more.
        return False
    for later in range(at + 1, len(clauses)):
        new = held[later] - mine
        if any(word.firm and word.weight >= _NAMED for word in new) or (new and valued[later]):
            return False
    return True
