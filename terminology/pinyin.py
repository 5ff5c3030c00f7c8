"""Turns Chinese characters into toneless syllables, so that names can be found by how they sound."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from terminology.normalize import is_chinese

if TYPE_CHECKING:
    from collections.abc import Callable

# Sounds that many speakers do not tell apart, and that input methods therefore merge.
_MERGED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ing", "in"), ("eng", "en"), ("ang", "an"))


@cache
def _reader() -> Callable[[str], list[str]]:
    from pypinyin import lazy_pinyin

    def read(text: str) -> list[str]:
        return lazy_pinyin(text, neutral_tone_with_five=False)

    return read


class _Sounds(dict[int, str]):
    """A table for `str.translate` from a Chinese character to one private-use character for its syllable."""

    def __init__(self) -> None:
        super().__init__()
        self._codes: dict[str, str] = {}

    def __missing__(self, code: int) -> str:
        character = chr(code)
        sound = character
        if is_chinese(character):
            syllable = _merge(_reader()(character)[0])
            sound = self._codes.setdefault(syllable, chr(0xF0000 + len(self._codes)))
        self[code] = sound
        return sound


_SOUNDS = _Sounds()


def syllables(text: str) -> str:
    """Return `text` with each Chinese character replaced by one character that stands for its syllable.

    Lengths and positions stay as they are. A character always gives the same syllable, its usual reading, so
    equal characters stay equal; syllables that are commonly confused (zh and z, in and ing) are one.
    """
    return text.translate(_SOUNDS)


def letters(text: str) -> str:
    """Return the pinyin of a Chinese name as plain letters without spaces (`kehujingli`)."""
    return "".join(_reader()(text)).casefold()


def _merge(syllable: str) -> str:
    for confused, merged in _MERGED:
        syllable = syllable.replace(confused, merged)
    return syllable
