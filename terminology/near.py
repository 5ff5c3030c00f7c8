"""Finds the words that are one slip of the hand away: a wrong, missing, extra or swapped character."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Characters whose exchange makes another name, not a misspelt one: 第二军医大学 and 第三军医大学, 东区 and 西区.
_TELLING = re.compile(
    r"[^0-9+#一二三四五六七八九十百千万零〇两东南西北左右上下前后大小高低新旧内外男女正副省市县]+"
)
_CHINESE = re.compile(r"[\u3400-\u9fff]")


class NearIndex:
    """Words found by one slip, in time independent of how many there are.

    One edit leaves one half of a word intact (pigeonhole), so each word stands under its two halves. Edits that
    change a digit or another telling character do not count: `SF-12` is not a misspelt `SF-13`. Nor does a longer word
    that begins or ends with the whole term. In Chinese only a
    wrong character counts, since one more or less usually makes another name.
    """

    def __init__(self, words: Iterable[str], shortest: int) -> None:
        """Index those of `words` (folded) that have at least `shortest` characters."""
        self._shortest = shortest
        self._words: set[str] = set()
        self._heads: dict[tuple[int, str], list[str]] = {}
        self._tails: dict[tuple[int, str], list[str]] = {}
        for word in words:
            if len(word) >= shortest and word not in self._words:
                self._words.add(word)
                middle = len(word) // 2
                self._heads.setdefault((len(word), word[:middle]), []).append(word)
                self._tails.setdefault((len(word), word[middle:]), []).append(word)

    def within_one(self, word: str) -> list[str]:
        """Return the indexed words at a distance of exactly one edit from `word`, in the order of indexing."""
        if len(word) + 1 < self._shortest:
            return []
        near = (each for each in dict.fromkeys(self._candidates(word)) if is_one_edit(word, each))
        return [each for each in near if is_a_slip(word, each)]

    def _candidates(self, word: str) -> Iterable[str]:
        for length in (len(word), len(word) - 1, len(word) + 1):
            middle = length // 2
            yield from self._heads.get((length, word[:middle]), ())
            yield from self._tails.get((length, word[len(word) - (length - middle) :]), ())
        # A swap across the middle leaves neither half intact.
        middle = len(word) // 2
        if middle:
            swapped = word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
            if swapped in self._words:
                yield swapped


def is_a_slip(word: str, meant: str) -> bool:
    """Whether two words one edit apart may be the same word misspelt: what tells names apart is the same in both."""
    if len(word) != len(meant) and _CHINESE.search(meant):
        return False
    if len(word) > len(meant) and " " not in meant and (word.startswith(meant) or word.endswith(meant)):
        # The term stands whole inside a longer word or code: NAVPSX is not a misspelt NAVPS.
        return False
    return _TELLING.sub("", word) == _TELLING.sub("", meant)


def is_one_edit(left: str, right: str) -> bool:
    """Whether one substitution, insertion, deletion or swap of neighbours turns `left` into `right`."""
    if left == right or abs(len(left) - len(right)) > 1:
        return False
    start = 0
    shorter = min(len(left), len(right))
    while start < shorter and left[start] == right[start]:
        start += 1
    if len(left) == len(right):
        return left[start + 1 :] == right[start + 1 :] or (
            left[start : start + 2] == right[start : start + 2][::-1]
            and left[start + 2 :] == right[start + 2 :]
        )
    return left[start + 1 :] == right[start:] if len(left) > len(right) else left[start:] == right[start + 1 :]
