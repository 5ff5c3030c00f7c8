"""Small hints at a sense in a question: characters of its name, its department's name, and words of that department's business."""

from __future__ import annotations

import math
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from terminology.normalize import fold, fold_key
from terminology.words import without_asking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from terminology.types import Sense

_CJK = re.compile(r"[\u3400-\u9fff]")
_SUFFIX = re.compile(r"(?:中心|[部组科室处队司])$")
# What one more character of a name, one word of a department's business, and its name add in log-odds.
_CHARACTER, _WORD, _NAMED, _MOST = 0.45, 0.8, 1.3, 2.2


def hints(around: str, senses: Sequence[Sense], term: str) -> list[float]:
    """Return what the words around a term add to the log-odds of each of its senses."""
    text = fold(without_asking(around)).text
    return [
        min(_MOST, _CHARACTER * shared + _of_department(text, sense, term))
        for sense, shared in zip(senses, _shared(text, senses), strict=True)
    ]


def _shared(text: str, senses: Sequence[Sense]) -> list[float]:
    """How many telling characters of each sense's Chinese name the text has that no other sense's name has."""
    names = [{c for c in fold(sense.chinese).text if _CJK.match(c)} for sense in senses]
    found = []
    for at, own in enumerate(names):
        others = set().union(*(name for place, name in enumerate(names) if place != at))
        found.append(sum(_telling(c) for c in own - others if c in text))
    return found


def _of_department(text: str, sense: Sense, term: str) -> float:
    names, words = _business(fold_key(sense.department), fold_key(sense.chinese))
    own = fold_key(term)
    named = any(found != own for found in names.findall(text)) if names else False
    said = len(set(words.findall(text))) if words else 0
    return (_NAMED if named else 0.0) + _WORD * math.sqrt(said)


@lru_cache(maxsize=4096)
def _business(department: str, chinese: str) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    """What finds the names of a sense's department in a text, and the words of its business."""
    groups = [
        group for group in _groups() if any(_stands(name, f"{department} {chinese}") for name in group[0])
    ]
    stem = _SUFFIX.sub("", department)
    names = {stem, *(name for group, _ in groups for name in group)}
    return _any_of({name for name in names if len(name) > 1}), _any_of(
        {word for _, words in groups for word in words}
    )


def _any_of(words: set[str]) -> re.Pattern[str] | None:
    """A pattern for any of `words`, the longest first; Latin ones must not be cut out of a longer word."""
    forms = [
        rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])" if word.isascii() else re.escape(word)
        for word in sorted(words, key=len, reverse=True)
    ]
    return re.compile("|".join(forms)) if forms else None


def _stands(word: str, text: str) -> bool:
    if not word.isascii():
        return word in text
    return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", text) is not None


@cache
def _telling(character: str) -> float:
    """How much a character tells (0 to 1): the rarer it is among the words of the dictionary, the more."""
    import rjieba

    return 1.0 - min(1.0, math.log(rjieba.suggest_freq(character) + 1) / math.log(400_000))


@cache
def _groups() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    groups = []
    for line in (Path(__file__).parent / "department_words.txt").read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            names, _, words = line.casefold().partition(" : ")
            groups.append((_listed(names), _listed(words)))
    return tuple(groups)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())
