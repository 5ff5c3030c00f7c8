"""Finds misspelt terms where nothing matched as written: typos, pinyin, characters that sound or look wrong."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick, MatchKind

from terminology.casing import looks_ordinary
from terminology.glossary import distinct
from terminology.near import NearIndex, is_a_slip, is_one_edit
from terminology.normalize import is_chinese
from terminology.pinyin import letters, syllables
from terminology.types import TermMatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from terminology.glossary import Glossary
    from terminology.normalize import Folded
    from terminology.settings import MatchSettings

_LATIN_WORD = re.compile(r"[a-z0-9](?:[a-z0-9+&'./-]*[a-z0-9])?")
_LONGER_LATIN_WORD = re.compile(r"[a-z0-9]{3,}")
_CHINESE_RUN = re.compile(r"[\u3400-\u9fff]+")
_MOST_WORDS = 5
# Latin words without a capital or a digit, in a text without Chinese, are taken for English below this length.
_PLAIN_LENGTH = 6
_LONGEST_NAME = 16
# A beginning that more names share than this cannot tell which name was meant.
_MOST_CANDIDATES = 256
_Span = tuple[int, int, tuple[str, ...], str]
_Half = dict[str, list[str]]


class SlipFinder:
    """Finds misspelt surfaces in the stretches of a text that the exact search left over."""

    def __init__(self, glossary: Glossary, settings: MatchSettings) -> None:
        """Indexes are built when the first text needs them."""
        self._glossary = glossary
        self._settings = settings

    def is_worthwhile(self, folded: Folded, found: Sequence[TermMatch]) -> bool:
        """Whether a misspelt term could be there: nothing was found, or a longer Latin word is unexplained."""
        if not found:
            return True
        if not self._settings.typos:
            return False
        if folded.origins is not None:
            return True
        for word in _LONGER_LATIN_WORD.finditer(folded.text):
            start = word.start()
            for match in found:
                if match.start <= start < match.end:
                    break
            else:
                return True
        return False

    def find(self, folded: Folded, found: Sequence[TermMatch]) -> list[TermMatch]:
        """Return matches of kind `typo` or `pinyin` that overlap neither each other nor those in `found`."""
        taken = [(match.start, match.end) for match in found]
        spans: list[_Span] = []
        if self._settings.typos:
            spans += self._latin(folded, taken)
        if self._settings.homophones and not found and is_chinese(folded.text):
            spans += self._by_sound(folded)
            if not spans:
                spans += self._wrong_character(folded.text)
        return self._matches(folded, spans, taken)

    def _matches(self, folded: Folded, spans: list[_Span], taken: list[tuple[int, int]]) -> list[TermMatch]:
        matches = []
        for start, end, keys, kind in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
            first, last = folded.span(start, end)
            if any(first < right and left < last for left, right in taken):
                continue
            taken.append((first, last))
            senses = distinct(surface.sense for key in keys for surface in self._glossary.surfaces[key])
            matches.append(
                TermMatch(
                    folded.original[first:last], first, last, senses, "typo" if kind == "typo" else "pinyin"
                )
            )
        return matches

    # Latin words

    def _latin(self, folded: Folded, taken: Sequence[tuple[int, int]]) -> Iterable[_Span]:
        words = [
            (word.start(), word.end())
            for word in _LATIN_WORD.finditer(folded.text)
            if not _overlaps(folded.span(*word.span()), taken)
        ]
        for position, (start, _) in enumerate(words):
            for _, end in words[position : position + _MOST_WORDS]:
                text = folded.text[start:end]
                if keys := self._misspelt(folded, text, start, end):
                    yield start, end, keys, "typo"
                elif keys := self._as_pinyin(folded.text, text):
                    yield start, end, keys, "pinyin"

    def _misspelt(self, folded: Folded, text: str, start: int, end: int) -> tuple[str, ...]:
        if len(text) + 1 < self._settings.typo_length or looks_ordinary(text, "term"):
            return ()
        several = " " in text
        if not several and not self._may_be_term(folded, text, start, end):
            return ()
        return tuple(key for key in self._near.within_one(text) if (" " in key) == several)

    def _may_be_term(self, folded: Folded, text: str, start: int, end: int) -> bool:
        first, last = folded.span(start, end)
        written = folded.original[first:last]
        marked = any(each.isupper() or each.isdigit() for each in written)
        return marked or len(text) >= _PLAIN_LENGTH or is_chinese(folded.text)

    def _as_pinyin(self, whole: str, text: str) -> tuple[str, ...]:
        joined = text.replace(" ", "").replace("'", "")
        if len(joined) < self._settings.typo_length or not joined.isalpha():
            return ()
        keys = self._by_letters.get(joined, ())
        enough = (
            2 if is_chinese(whole) or text == whole.strip(" ?？!！。.") else self._settings.homophone_length
        )
        return tuple(key for key in keys if len(key) >= enough)

    @cached_property
    def _near(self) -> NearIndex:
        latin = (key for key in self._glossary.surfaces if not is_chinese(key))
        return NearIndex(latin, self._settings.typo_length)

    @cached_property
    def _by_letters(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for key in self._glossary.surfaces:
            if _CHINESE_RUN.fullmatch(key) and 1 < len(key) <= _LONGEST_NAME:
                found.setdefault(letters(key), []).append(key)
        return {pinyin: tuple(keys) for pinyin, keys in found.items()}

    # Chinese names

    def _by_sound(self, folded: Folded) -> Iterable[_Span]:
        automaton, sounds = self._sounds
        if automaton is None:
            return
        text = folded.text
        for index, start, end in automaton.find_matches_as_indexes(syllables(text), overlapping=True):
            written = text[start:end]
            keys = tuple(key for key in sounds[index] if key != written and _shares_a_character(key, written))
            if keys:
                yield start, end, keys, "pinyin"

    @cached_property
    def _sounds(self) -> tuple[AhoCorasick | None, list[tuple[str, ...]]]:
        shortest = self._settings.homophone_length
        long_enough = {sound: keys for sound, keys in self._glossary.by_sound.items() if len(sound) >= shortest}
        if not long_enough:
            return None, []
        return AhoCorasick(list(long_enough), matchkind=MatchKind.Standard), list(long_enough.values())

    def _wrong_character(self, text: str) -> Iterable[_Span]:
        for run in _CHINESE_RUN.finditer(text):
            for start in range(run.start(), run.end()):
                for length, (heads, tails) in self._halves.items():
                    end, middle = start + length, start + length // 2
                    if end > run.end():
                        break
                    # One of the halves must be as written: nearly always neither is, which two look-ups tell.
                    candidates = (*heads.get(text[start:middle], ()), *tails.get(text[middle:end], ()))
                    if candidates and (keys := _one_character_off(text[start:end], candidates)):
                        yield start, end, keys, "typo"

    @cached_property
    def _halves(self) -> dict[int, tuple[_Half, _Half]]:
        """The names by their first and by their second half, for each length, shortest first."""
        found: dict[int, tuple[_Half, _Half]] = {}
        for key in self._glossary.surfaces:
            if is_chinese(key) and self._settings.wrong_character_length <= len(key) <= _LONGEST_NAME:
                middle = len(key) // 2
                heads, tails = found.setdefault(len(key), ({}, {}))
                heads.setdefault(key[:middle], []).append(key)
                tails.setdefault(key[middle:], []).append(key)
        return {
            length: (_without_crowds(heads), _without_crowds(tails))
            for length, (heads, tails) in sorted(found.items())
        }


def _one_character_off(written: str, candidates: Iterable[str]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(key for key in candidates if is_one_edit(written, key) and is_a_slip(written, key))
    )


def _without_crowds(index: _Half) -> _Half:
    return {half: keys for half, keys in index.items() if len(keys) <= _MOST_CANDIDATES}


def _shares_a_character(key: str, written: str) -> bool:
    return any(left == right for left, right in zip(key, written, strict=True))


def _overlaps(span: tuple[int, int], taken: Sequence[tuple[int, int]]) -> bool:
    return any(span[0] < right and left < span[1] for left, right in taken)
