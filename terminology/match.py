"""Finds the glossary's terms in a question: every surface at once, whole words only, the longest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from ahocorasick_rs import AhoCorasick, MatchKind

from terminology.boundaries import FIRST_WITHOUT_SPACES, whole_word_end
from terminology.casing import Occurrence, is_meant, looks_ordinary
from terminology.glossary import distinct
from terminology.normalize import Folded, fold, is_chinese
from terminology.settings import MatchSettings
from terminology.slips import SlipFinder
from terminology.types import TermMatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from terminology.glossary import Glossary, Surface
    from terminology.types import Sense

_SHORTEST_CHINESE = 2
MatchKindName = Literal["exact", "folded", "alias", "english", "chinese", "typo", "pinyin"]
_KINDS: dict[str, MatchKindName] = {
    "term": "folded",
    "alias": "alias",
    "english": "english",
    "chinese": "chinese",
}


_LATIN, _DELICATE = 1, 2
_Entry: TypeAlias = "tuple[int, str, MatchKindName, tuple[Sense, ...]]"


class TermMatcher:
    """Finds terms in a text, in time linear in its length whatever the size of the glossary.

    Aho and Corasick (1975), by `ahocorasick_rs`, over folded text. Misspelt terms are looked for only in what the
    exact search left unexplained.
    """

    def __init__(self, glossary: Glossary, settings: MatchSettings | None = None) -> None:
        """Build the automaton over all surfaces of `glossary`."""
        self.glossary = glossary
        settings = settings or MatchSettings()
        keys = [key for key in glossary.surfaces if len(key) >= _SHORTEST_CHINESE or not is_chinese(key)]
        named = [_named(glossary.surfaces[key]) for key in keys]
        self._keys = keys
        # One small tuple for each surface, so that a hit touches as little memory as can be.
        self._entries = [_entry(key, surfaces) for key, surfaces in zip(keys, named, strict=True)]
        self._slips = SlipFinder(glossary, settings) if settings.typos or settings.homophones else None
        # All overlapping hits: the longest may turn out to lie inside a longer word and a shorter one still stand.
        self._automaton = AhoCorasick(keys, matchkind=MatchKind.Standard) if keys else None

    def find(self, text: str) -> tuple[TermMatch, ...]:
        """Return the terms in `text` by position; they never overlap. Offsets are characters of `text`."""
        folded = fold(text)
        found = self._find_as_written(folded)
        if self._slips is not None and self._slips.is_worthwhile(folded, found):
            found += self._slips.find(folded, found)
            found.sort(key=lambda match: match.start)
        return tuple(found)

    def _find_as_written(self, folded: Folded) -> list[TermMatch]:
        """Take hits from left to right, the longest first, leaving out parts of words and ordinary words."""
        found: list[TermMatch] = []
        if self._automaton is None:
            return found
        original, origins, text = folded
        free, last, entries = 0, len(text), self._entries
        for start, minus_end, index in self._hits(text):
            if start < free:
                continue
            end = whole = -minus_end
            flags, written, kind, senses = entries[index]
            # Blanks or Chinese on both sides, the common case, are decided without a call: a question has microseconds.
            if flags & _LATIN and (
                (start and " " != text[start - 1] < FIRST_WITHOUT_SPACES)
                or (end < last and " " != text[end] < FIRST_WITHOUT_SPACES)
            ):
                whole = whole_word_end(folded, start, end)
                if not whole:
                    continue
            if origins is None and whole == end and not flags & _DELICATE:
                surface = original[start:end]
                spelling = "exact" if surface == written else kind
                match: TermMatch | None = TermMatch(surface, start, end, senses, spelling)
            else:
                match = self._delicate(folded, (start, whole), whole - end, index)
            if match is not None:
                found.append(match)
                free = whole
        return found

    def _hits(self, text: str) -> list[tuple[int, int, int]]:
        """Return every surface in the folded `text` as start, minus its end, and index, in the order of preference."""
        if self._automaton is None:
            return []
        hits = [
            (start, -end, index) for index, start, end in self._automaton.find_matches_as_indexes(text, True)
        ]
        if len(hits) > 1:
            hits.sort()
        return hits

    def _delicate(self, folded: Folded, span: tuple[int, int], ending: int, index: int) -> TermMatch | None:
        """Make the match of a hit that needs a closer look; its last `ending` characters are a plural ending."""
        start, end = folded.span(*span)
        stem_end = folded.span(span[0], span[1] - ending)[1]
        written = folded.original[start:stem_end]
        surfaces = _named(self.glossary.surfaces[self._keys[index]])
        exact = [each for each in surfaces if each.kind == "term" and each.written == written]
        kind: MatchKindName = "exact" if exact else _KINDS[surfaces[0].kind]
        if looks_ordinary(self._keys[index], surfaces[0].kind) and not is_meant(
            Occurrence(folded.original, start, stem_end, bool(exact), surfaces[0].kind)
        ):
            return None
        # Ct and CT are two terms: the one written so is meant, and aliases that are spelt alike.
        named = [*exact, *(each for each in surfaces if each.kind == "alias")] if exact else surfaces
        senses = distinct(each.sense for each in named)
        return TermMatch(folded.original[start:end], start, end, senses, kind)


def _named(surfaces: Sequence[Surface]) -> Sequence[Surface]:
    """Return what a surface names: abbreviations and aliases outrank full names that happen to be spelt the same."""
    return [each for each in surfaces if each.kind in ("term", "alias")] or surfaces


def _entry(key: str, surfaces: Sequence[Surface]) -> _Entry:
    """Return what a hit of `key` needs: flags, the abbreviation as written, the kind of a match, and the senses."""
    first = surfaces[0]
    latin = not (is_chinese(key[0]) and is_chinese(key[-1]))
    several = len({each.written for each in surfaces if each.kind == "term"}) > 1
    delicate = several or (latin and looks_ordinary(key, first.kind))
    written = first.written if first.kind == "term" else ""
    return (
        _LATIN * latin + _DELICATE * delicate,
        written,
        _KINDS[first.kind],
        distinct(each.sense for each in surfaces),
    )
