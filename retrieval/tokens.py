"""Cuts a text into what the keyword index counts: words of Chinese and English, codes kept whole, character grams."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# Goes into the index's manifest: an index cut by other rules is made anew.
VERSION = 1
LONGEST = 100

_HAN = r"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Not cut into words by spaces or by the Chinese segmenter: kana, Hangul, Thai, Lao, Burmese, Khmer.
_OTHER_SPACELESS = (
    r"\u3040-\u30ff\u31f0-\u31ff\u1100-\u11ff\uac00-\ud7af\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
)
_LETTER = rf"[^\W_{_HAN}{_OTHER_SPACELESS}]"
# Letters and digits, joined by the signs that stand inside codes (T+1, ISO-12647-2, v2.1, R&D, a@b.cn, 09:30).
_CODE = rf"{_LETTER}+(?:[-+./_&'’@:#*]+{_LETTER}+)*"
_PIECES = re.compile(
    rf"(?P<han>[{_HAN}]+)|(?P<spaceless>[{_OTHER_SPACELESS}]+)|(?P<code>{_CODE})(?P<end>\.|\+\+|\+|#)?"
)
_SPACELESS = re.compile(rf"[{_HAN}{_OTHER_SPACELESS}]")
_PARTS = re.compile(r"\d+|[^\W\d_]+")
_DECIMAL = re.compile(r"\d+\.\d+")
_THOUSANDS = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,])")
# An abbreviation may end in a full stop (Act., No.); a longer word before one ends a sentence.
_DOTTED = 5


def fold(text: str) -> str:
    """The form in which texts are compared: NFKC, case folded, thousands separators removed."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _THOUSANDS.sub(lambda number: number[0].replace(",", ""), folded)


def words(text: str) -> list[str]:
    """Words of a text in order: Chinese words, English stems, codes whole beside their parts."""
    found: list[str] = []
    for piece in _PIECES.finditer(fold(text)):
        if piece["han"]:
            found.extend(_segmenter().cut(piece["han"]))
        elif piece["spaceless"]:
            found.append(piece["spaceless"])
        else:
            found.extend(_code_words(piece["code"], piece["end"] or ""))
    return [word for word in found if len(word) <= LONGEST]


def grams(text: str) -> list[str]:
    """Units and pairs of neighbouring units; a unit is a character of a script without spaces, or a whole code.

    Neighbours may have punctuation between them (`《战国无双3》是` gives `3是`), since a question is seldom
    punctuated like the text that answers it. Two words of a script with spaces make no pair.
    """
    found: list[str] = []
    last = ""
    for piece in _PIECES.finditer(fold(text)):
        run = piece["han"] or piece["spaceless"]
        if run:
            found.extend(run)
            found.extend(run[at : at + 2] for at in range(len(run) - 1))
            first, next_last = run[0], run[-1]
        else:
            found.extend(_whole_and_parts(piece["code"]))
            first = next_last = piece["code"]
        if last and (run or _is_spaceless(last)):
            found.append(last + first)
        last = next_last
    return [gram for gram in found if len(gram) <= LONGEST]


def _is_spaceless(unit: str) -> bool:
    return len(unit) == 1 and _SPACELESS.match(unit) is not None


def _whole_and_parts(code: str) -> list[str]:
    parts = _PARTS.findall(code)
    return [code, *parts] if len(parts) > 1 and not _DECIMAL.fullmatch(code) else [code]


def _code_words(code: str, end: str) -> Iterator[str]:
    # `code` may also be written with a sign at its end that is part of it: Act., C++, C#.
    if end and (end != "." or (len(code) <= _DOTTED and not code.isdigit())):
        yield code + end
    whole, *parts = _whole_and_parts(code)
    if parts:
        yield whole
    for part in parts or [whole]:
        yield _stem(part)


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word)) if word.isascii() and word.isalpha() and len(word) > 2 else word


# Both dictionaries load when the first text is cut, not when the program starts.
@cache
def _segmenter() -> Any:
    import rjieba

    return rjieba


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")
