"""Sentences that give one value for each of several things: eight for narrow-body and twelve for wide-body aircraft."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from retrieval.facts.normalize import plain
from retrieval.facts.values import CHINESE_DIGITS

if TYPE_CHECKING:
    from retrieval.facts.clauses import Spot
    from retrieval.facts.wanted import Wanted

_BETWEEN = re.compile(r"[,，;；、]|\b(?:and|but|while|whereas)\b|而|，?其中|[和与]")
_NUMERAL = re.compile(
    rf"\d|[{CHINESE_DIGITS}]|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|once|twice|half)\b"
)
_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*|[\u3400-\u9fff]+")
_SMALL = frozenset(
    [
        "a",
        "an",
        "at",
        "by",
        "do",
        "go",
        "i'm",
        "in",
        "is",
        "it",
        "of",
        "on",
        "or",
        "to",
        "we",
        "us",
        "the",
        "for",
        "and",
        "how",
    ]
)
# Behind these a single letter is a name: grade A, type I.
_LETTERED = frozenset(
    [
        "block",
        "building",
        "category",
        "class",
        "gate",
        "grade",
        "group",
        "level",
        "line",
        "phase",
        "plan",
        "section",
        "series",
        "terminal",
        "tier",
        "type",
        "zone",
    ]
)


def belongs_to_another(asked: Wanted, sentence: str, spot: Spot) -> bool:
    """Whether a value stands in a part of its sentence that the question does not speak of, while it does of another.

    What an earlier part says holds for the later ones too (培训每月3次，每次2小时), unless they say another thing of the
    same kind (type I … type IV); what a later part says does not hold for an earlier one.
    """
    parts = _valued_parts(sentence)
    mine = " ".join(text for start, end, text in parts if start < spot.end and spot.start < end)
    before = [text for _, end, text in parts if end <= spot.start]
    behind = [text for start, _, text in parts if start >= spot.end]
    phrases, words = _phrases(asked), _words(asked)
    contrasts = (phrase for phrase in phrases if not _stands(phrase, mine) and _stands(phrase.split()[0], mine))
    if any(_stands(phrase, other) for phrase in contrasts for other in before):
        return True
    for told in (phrases, words):
        if any(_stands(each, mine) and not any(_stands(each, other) for other in behind) for each in told):
            return False
        if any(_stands(each, other) and not _stands(each, mine) for other in behind for each in told):
            return True
    return False


def _valued_parts(sentence: str) -> list[tuple[int, int, str]]:
    """The parts of a sentence that hold a number: where each begins and ends, and its text in plain form."""
    bounds = [0, *(match.start() for match in _BETWEEN.finditer(sentence)), len(sentence)]
    parts = ((start, end, plain(sentence[start:end])) for start, end in pairwise(bounds))
    return [part for part in parts if _NUMERAL.search(part[2])]


def _phrases(asked: Wanted) -> list[str]:
    """Pairs of words that stand side by side in the question and are of its subject, in Latin letters."""
    words = [word for word in _WORD.findall(asked.text) if word.isascii()]
    subject = {*asked.subject, *(word for word in words if len(word) < 3)}
    return [
        f"{a} {b}"
        for a, b in pairwise(words)
        if a in asked.subject and b in subject and (b not in _SMALL or a in _LETTERED)
    ]


def _words(asked: Wanted) -> list[str]:
    measure = asked.measure.rstrip("s")
    return [word for word in asked.subject if len(word) > 1 and not (measure and word.startswith(measure))]


def _stands(word: str, text: str) -> bool:
    if not word.isascii():
        return word in text
    return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?:s|es)?(?![a-z0-9])", text) is not None
