"""The baseline: plain BM25 over jieba's words, without any of our folding, stemming or codes."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import rjieba

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

K1, B = 1.5, 0.75


def jieba_words(text: str) -> list[str]:
    """jieba's cut, without what is only punctuation or space."""
    return [word for word in rjieba.cut(text) if any(character.isalnum() for character in word)]


def bigrams(text: str) -> list[str]:
    """Pairs of neighbouring characters."""
    return [text[at : at + 2] for at in range(len(text) - 1)]


class PlainBM25:
    """Okapi BM25 (Robertson and Zaragoza 2009) with an inverted index in Python."""

    def __init__(self, texts: Sequence[str], cut: Callable[[str], list[str]]) -> None:
        """Counts all words of all texts."""
        self._cut = cut
        counts = [Counter(cut(text)) for text in texts]
        lengths = [sum(count.values()) for count in counts]
        mean = sum(lengths) / max(len(lengths), 1)
        self._postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, (count, length) in enumerate(zip(counts, lengths, strict=True)):
            for word, times in count.items():
                weight = times * (K1 + 1) / (times + K1 * (1 - B + B * length / mean))
                self._postings[word].append((place, weight))
        self._size = len(texts)

    def search(self, query: str, limit: int) -> list[int]:
        """Places of the best texts."""
        scores: defaultdict[int, float] = defaultdict(float)
        for word in self._cut(query):
            found = self._postings.get(word, ())
            idf = math.log(1 + (self._size - len(found) + 0.5) / (len(found) + 0.5))
            for place, weight in found:
                scores[place] += idf * weight
        return sorted(scores, key=lambda place: (-scores[place], place))[:limit]
