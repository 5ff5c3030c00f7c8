"""The packaged word lists that anyone may edit: words that say the same, words of asking, and everyday English."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

_HERE = Path(__file__).parent
_LONGEST, _SHORTEST, _FEW = 8, 2, 4


@cache
def common_english() -> frozenset[str]:
    """Everyday English words, folded."""
    return frozenset(word for line in _lines("common_words.txt") for word in line.split())


@cache
def facets() -> frozenset[str]:
    """Words that say which side of a thing is asked for, or how it is asked (原因, 步骤, overview), folded."""
    return frozenset(word for line in _lines("facets.txt") for word in line.split())


@cache
def meaning_words() -> tuple[frozenset[str], frozenset[str]]:
    """Words that ask for a term's meaning, and words that may stand beside them, folded."""
    found: dict[str, set[str]] = {"asks": set(), "beside": set()}
    for line in _lines("meaning_words.txt"):
        name, _, words = line.partition(":")
        found.get(name, set()).update(words.casefold().split())
    return frozenset(found["asks"]), frozenset(found["beside"])


@lru_cache(maxsize=8192)
def synonyms(word: str) -> tuple[str, ...]:
    """Return the folded words that say the same as a folded word; empty where none is known."""
    return _synonyms().get(word, ())


def words_with_synonyms(text: str) -> tuple[str, ...]:
    """Return the Chinese words of a folded text that have synonyms, the longest first: a segmenter may cut them."""
    known = _synonyms()
    pieces = (
        text[at : at + length]
        for length in range(min(_LONGEST, len(text)), _SHORTEST - 1, -1)
        for at in range(len(text) - length + 1)
    )
    return tuple(dict.fromkeys(piece for piece in pieces if not piece.isascii() and piece in known))


def synonyms_in(question: str) -> str:
    """Return the synonyms of a question's words, the first few of each, as a text to search; empty where none is known."""
    text = question.casefold()
    words = (*words_with_synonyms(text), *re.findall(r"[a-z]{3,}", text))
    return " ".join(
        dict.fromkeys(form for word in words if word not in facets() for form in synonyms(word)[:_FEW])
    )


@cache
def _synonyms() -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for line in _lines("synonyms.txt"):
        group = [word.replace("_", " ") for word in line.casefold().split()]
        for word in group:
            found.setdefault(word, {}).update(dict.fromkeys(other for other in group if other != word))
    return {word: tuple(others) for word, others in found.items()}


def _lines(name: str) -> list[str]:
    return [line for line in (_HERE / name).read_text("utf-8").splitlines() if not line.startswith("#")]
