"""Whether two names differ by slips of the finger only: characters left out, doubled, wrong, or in the wrong order."""

from __future__ import annotations

import re

from rapidfuzz.distance import OSA

_DIGITS = re.compile(r"\d+")
_CJK = re.compile(r"[㐀-鿿]")
# One slip in a name of fewer characters may well be another name (青水, 清水).
_LEAST_CHINESE, _LEAST_LATIN, _TWO_SLIPS = 4, 5, 12


def slipped(asked: str, stored: str, told: int) -> bool:
    """Whether two names differ by a slip or two and no more; `told` of their characters tell names apart (without 支行)."""
    chinese = _CJK.search(stored) is not None
    if told < (_LEAST_CHINESE if chinese else _LEAST_LATIN) or asked == stored:
        return False
    if asked in stored or stored in asked or _DIGITS.findall(asked) != _DIGITS.findall(stored):
        # What is only longer has other words beside it; another number is another thing.
        return False
    if another_word(asked, stored):
        return False
    most = 2 if told >= _TWO_SLIPS and not chinese else 1
    return OSA.distance(asked, stored, score_cutoff=most) <= most


def another_word(asked: str, stored: str) -> bool:
    """Whether two Chinese names differ in one of their words, and both of these are known ones: 蓝莓 and 草莓 of 酸奶."""
    import rjieba

    if not _CJK.search(asked) or len(asked) != len(stored):
        return False
    mine, theirs = ([str(word) for word in rjieba.cut(name)] for name in (asked, stored))
    if len(mine) < 2 or [len(word) for word in mine] != [len(word) for word in theirs]:
        return False
    differing = [(a, b) for a, b in zip(mine, theirs, strict=True) if a != b]
    return all(len(a) > 1 and rjieba.has_word(a) and rjieba.has_word(b) for a, b in differing)
