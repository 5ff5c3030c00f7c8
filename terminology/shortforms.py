"""Finds the full Chinese name that a short form stands for: 北大 → 北京大学, 影协 → 香港电影业协会."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# A name is at most so much longer than its short form; beyond it almost anything would fit.
_LONGEST_NAME = 24


class _Weights(NamedTuple):
    """What speaks for a name; learnt on the train split of the short forms in `benchmarks/terms` (conditional logit)."""

    first_character: float = 0.81
    last_character: float = 0.19
    first_word: float = 0.56
    last_word: float = 1.48
    word_starts: float = 1.77
    words_left_out: float = -1.31
    words_per_character: float = -1.09
    contained: float = -0.3
    contained_at_edge: float = -1.3
    length: float = -0.307


_WEIGHTS = _Weights()


class ShortForms:
    """Full names, searched by a short form: some of a name's characters, in their order.

    Chinese short forms mostly take one character of each word, often its first, and keep the last word; a name
    that merely contains the short form as it stands is a longer phrase rather than what it stands for.
    """

    def __init__(self, names: Iterable[str]) -> None:
        """Index `names` (folded, Chinese)."""
        self._names = [name for name in dict.fromkeys(names) if 2 < len(name) <= _LONGEST_NAME]
        postings: dict[str, set[int]] = defaultdict(set)
        for at, name in enumerate(self._names):
            for character in set(name):
                postings[character].add(at)
        self._postings = dict(postings)

    def rank(self, short: str, limit: int = 5) -> list[tuple[str, float]]:
        """Return the names that `short` may stand for with their scores, best first; only differences count."""
        scored = [(name, fitness(short, name)) for name in self._candidates(short)]
        fitting = [(name, score) for name, score in scored if score is not None]
        return sorted(fitting, key=lambda pair: (-pair[1], len(pair[0]), pair[0]))[:limit]

    def _candidates(self, short: str) -> Iterator[str]:
        sets = sorted((self._postings.get(character, set()) for character in set(short)), key=len)
        if len(short) < 2 or not sets:
            return
        for at in set.intersection(*sets):
            if len(self._names[at]) > len(short):
                yield self._names[at]


def fitness(short: str, name: str) -> float | None:
    """Return how well `short` fits `name` as its short form; None if its characters are not in it, in order."""
    words = _word_of_each_character(name)
    places = _aligned(short, name, words)
    if places is None:
        return None
    count = words[-1] + 1
    covered = len({words[place] for place in places})
    starts = sum(1 for place in places if _begins_word(words, place))
    signs = _Weights(
        first_character=places[0] == 0,
        last_character=places[-1] == len(name) - 1,
        first_word=words[places[0]] == 0,
        last_word=words[places[-1]] == count - 1,
        word_starts=starts / len(places),
        words_left_out=(count - covered) / count,
        words_per_character=covered / len(places),
        contained=short in name,
        contained_at_edge=name.startswith(short) or name.endswith(short),
        length=len(name),
    )
    return sum(weight * sign for weight, sign in zip(_WEIGHTS, signs, strict=True))


def _aligned(short: str, name: str, words: Sequence[int]) -> tuple[int, ...] | None:
    """Return where in `name` the characters of `short` stand, at as many beginnings of words as can be."""
    paths: dict[int, tuple[float, tuple[int, ...]]] = {-1: (0.0, ())}
    for number, character in enumerate(short, 1):
        longer: dict[int, tuple[float, tuple[int, ...]]] = {}
        for last, (value, path) in paths.items():
            at = name.find(character, last + 1)
            while at >= 0:
                final = 0.5 if number == len(short) and at == len(name) - 1 else 0.0
                gained = value + _begins_word(words, at) + final
                if at not in longer or longer[at][0] < gained:
                    longer[at] = (gained, (*path, at))
                at = name.find(character, at + 1)
        paths = longer
    return max(paths.values())[1] if paths else None


def _begins_word(words: Sequence[int], place: int) -> bool:
    return place == 0 or words[place] != words[place - 1]


@lru_cache(maxsize=16_384)
def _word_of_each_character(name: str) -> tuple[int, ...]:
    import rjieba

    return tuple(number for number, word in enumerate(rjieba.cut(name)) for _ in word)
