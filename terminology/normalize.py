"""Folds text to one form for comparing, and knows for every folded character where it came from."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from importlib import resources
from itertools import chain
from typing import NamedTuple

# Look-alikes that NFKC keeps apart: hyphens, dashes and minus; apostrophes; middle dots.
_LOOK_ALIKES = {
    **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
    **dict.fromkeys("’‘ʼ＇′`´", "'"),
    **dict.fromkeys("・•∙⋅", "·"),
}
# Chinese punctuation ends a term in any width, so there is no need to fold it; most questions have some.
_KEPT = frozenset("，。？！；：、“”…")
_CHINESE = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
# Lower case of a capital sigma depends on its place in the word.
_SIGMAS = frozenset("Σς")
# Where only OpenCC's table and the compatibility forms of NFKC can change a character.
_UNIFORM = (range(0x3400, 0xA000), range(0xAC00, 0xE000))


@cache
def _simplified() -> dict[str, str]:
    """Return OpenCC's table from traditional to simplified characters (Apache-2.0)."""
    table = resources.files("opencc").joinpath("dictionary", "TSCharacters.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in table.splitlines() if "\t" in line)
    return {traditional: simplified.split(" ")[0] for traditional, simplified in pairs}


def _fold_character(character: str) -> str:
    if character in _KEPT:
        return character
    if character in _LOOK_ALIKES:
        return _LOOK_ALIKES[character]
    if character.isspace():
        return " "
    if "\ud800" <= character <= "\udfff":
        # Half of a character, as broken JSON brings it: nothing can be made of it, and nothing may stumble over it.
        return "\ufffd"
    if unicodedata.category(character) in ("Cf", "Cc") or "\u0300" <= character <= "\u036f":
        return ""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())
    if _CHINESE.match(folded):
        # One character at a time: lengths stay equal, and the choice cannot depend on the neighbours.
        return "".join(_simplified().get(each, each) for each in folded)
    return _without_accents(folded)


def _without_accents(text: str) -> str:
    """Drop accents of Latin, Greek and Cyrillic letters; other scripts carry meaning in their marks."""
    decomposed = unicodedata.normalize("NFD", text)
    stripped = "".join(each for each in decomposed if not "\u0300" <= each <= "\u036f")
    return unicodedata.normalize("NFC", stripped)


class _Folding(dict[int, str]):
    """A table for `str.translate` that fills itself; `uneven` holds the characters that change the length."""

    def __init__(self) -> None:
        super().__init__()
        self.uneven: set[str] = set()

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = _fold_character(character)
        if len(folded) != 1:
            self.uneven.add(character)
        self[code] = folded
        return folded


_TABLE = _Folding()


@cache
def _unusual() -> re.Pattern[str]:
    """Return a class of the characters that lower case alone does not fold, and everything beyond the first plane."""
    scanned = chain(
        range(_UNIFORM[0].start), range(_UNIFORM[0].stop, _UNIFORM[1].start), range(_UNIFORM[1].stop, 0x10000)
    )
    codes = {code for code in scanned if _fold_character(chr(code)) != chr(code).lower()}
    codes |= {ord(each) for each in (*_SIGMAS, *_simplified()) if ord(each) < 0x10000}
    ranges: list[list[int]] = []
    for code in sorted((*codes, *range(0xD800, 0xE000))):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    members = "".join(f"\\u{first:04x}-\\u{last:04x}" for first, last in ranges)
    return re.compile(f"[{members}\\U00010000-\\U0010ffff]")


class Folded(NamedTuple):
    """A folded text with its origin; a plain tuple, since one is made for every question.

    `origins` is None where folding kept every position; else `origins[i]` is the index in `original` of the
    character that the folded character `i` came from, with one more entry, the length of `original`, at the end.
    """

    original: str
    origins: tuple[int, ...] | None
    text: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Translate a non-empty range of folded characters into the smallest range of original ones covering it."""
        if self.origins is None:
            return start, end
        return self.origins[start], self.origins[end - 1] + 1


def fold(text: str) -> Folded:
    """Fold `text` for matching, keeping offsets.

    Unicode NFKC (full width becomes half width) and case folding, character by character; traditional Chinese to
    simplified; accents dropped; kinds of hyphen, apostrophe and space made one; runs of spaces made one;
    invisible characters dropped. Chinese punctuation stays.
    """
    if _unusual().search(text) is None and "  " not in text:
        # Nearly every question: one pass to see that there is nothing unusual in it, one for the case.
        return Folded(text, None, text.lower())
    folded = text.translate(_TABLE)
    if _TABLE.uneven.isdisjoint(text) and "  " not in folded:
        return Folded(text, None, folded)
    return _fold_unevenly(text)


def _fold_unevenly(text: str) -> Folded:
    pieces: list[str] = []
    origins: list[int] = []
    previous = ""
    for index, character in enumerate(text):
        piece = _TABLE[ord(character)]
        if piece == " " and previous == " ":
            continue
        pieces.append(piece)
        origins.extend([index] * len(piece))
        previous = piece[-1:] or previous
    return Folded(text, (*origins, len(text)), "".join(pieces))


@lru_cache(maxsize=65_536)
def fold_key(text: str) -> str:
    """Return the folded form of a whole surface, without spaces around it."""
    return fold(text).text.strip()


def is_chinese(text: str) -> bool:
    """Whether `text` holds a Chinese character."""
    return _CHINESE.search(text) is not None
