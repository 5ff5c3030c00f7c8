"""Folding of cell texts and questions to the form in which they are compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_DASHES = "‐‑‒–—―−﹣－"
_TO_DASH = str.maketrans(dict.fromkeys(_DASHES, "-"))
_DROPPED = re.compile(r"[\s\u200b-\u200f\u2060\ufeff·•‧・_'\"‘’“”`]+|(?<=[0-9a-z\u3400-\u9fff])-+|-+(?![0-9.])")


@lru_cache(maxsize=16_384)
def plain(text: str) -> str:
    """`text` in NFKC, lower case, with one kind of dash; spaces are kept, runs of them become one."""
    folded = unicodedata.normalize("NFKC", text).translate(_TO_DASH).casefold()
    return " ".join(folded.split())


def fold(text: str) -> str:
    """The form in which two texts count as the same: as `plain`, without spaces, quotes, dots between words, dashes.

    A minus before a number stays, so that -5 and 5 differ.
    """
    if text.isalnum() and unicodedata.is_normalized("NFKC", text):
        return text.casefold()
    return _DROPPED.sub("", plain(text))


def fold_plain(text: str) -> str:
    """As `fold`, of a text that is in plain form already."""
    return text if text.isalnum() else _DROPPED.sub("", text)


def letters_of(column: int) -> str:
    """The letters of the 1-based `column` in A1 notation (1 is A, 27 is AA)."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def address(column: int, row: int) -> str:
    """The A1 address of the 1-based `column` and `row`."""
    return f"{letters_of(column)}{row}"
