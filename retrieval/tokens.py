"""Cuts a text into what the keyword index counts: words of Chinese and English, codes kept whole, character grams."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

import rjieba
import snowballstemmer

if TYPE_CHECKING:
    from collections.abc import Iterator

# Goes into the index's manifest: an index cut by other rules is made anew.
VERSION = 1
LONGEST = 100

_HAN = r"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Not cut into words by spaces or by the Chinese segmenter: kana, Hangul, Thai, Lao, Burmese, Khmer.
_OTHER_SPACELESS = r"\u3040-\u30ff\u31f0-\u31ff\u1100-\u11ff\uac00-\ud7af\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_LETTER = rf"[^\W_{_HAN}{_OTHER_SPACELESS}]"
# Letters and digits, joined by the signs that stand inside codes (T+1, ISO-12647-2, v2.1, R&D, a@b.cn, 09:30).
_CODE = rf"{_LETTER}+(?:[-+./_&'’@:#*]+{_LETTER}+)*"
_PIECES = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<spaceless>[{_OTHER_SPACELESS}]+)|(?P<code>{_CODE})(?P<end>\.|\+\+|\+|#)?")
_PARTS = re.compile(r"\d+|[^\W\d_]+")
_THOUSANDS = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,])")
# An abbreviation may end in a full stop (Act., No.); a longer word before one ends a sentence.
_DOTTED = 5
_STEMMER = snowballstemmer.stemmer("english")


def fold(text: str) -> str:
    """The form in which texts are compared: NFKC, case folded, thousands separators removed."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _THOUSANDS.sub(lambda number: number[0].replace(",", ""), folded)


def words(text: str) -> list[str]:
    """Words of a text in order: Chinese cut for search, English stems, codes whole beside their parts."""
    found: list[str] = []
    for piece in _PIECES.finditer(fold(text)):
        if piece["han"]:
            found.extend(rjieba.cut_for_search(piece["han"]))
        elif piece["spaceless"]:
            found.append(piece["spaceless"])
        else:
            found.extend(_code_words(piece["code"], piece["end"] or ""))
    return [word for word in found if len(word) <= LONGEST]


def grams(text: str) -> list[str]:
    """Single characters and pairs of neighbours of scripts without spaces; codes and words of others whole."""
    found: list[str] = []
    for piece in _PIECES.finditer(fold(text)):
        run = piece["han"] or piece["spaceless"]
        if run:
            found.extend(run)
            found.extend(run[at : at + 2] for at in range(len(run) - 1))
        else:
            found.append(piece["code"])
    return [gram for gram in found if len(gram) <= LONGEST]


def _code_words(code: str, end: str) -> Iterator[str]:
    parts = _PARTS.findall(code)
    if end and (end != "." or (len(code) <= _DOTTED and not code.isdigit())):
        yield code + end
    if len(parts) > 1:
        yield code
    for part in parts:
        yield _stem(part)


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    return str(_STEMMER.stemWord(word)) if word.isascii() and word.isalpha() and len(word) > 2 else word
