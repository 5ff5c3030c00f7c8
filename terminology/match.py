"""Finds the glossary's terms in a question: every surface at once, whole words only, the longest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ahocorasick_rs import AhoCorasick, MatchKind

from terminology.boundaries import whole_word_end
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
_KINDS: dict[str, MatchKindName] = {"alias": "alias", "english": "english", "chinese": "chinese"}


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A folded surface with everything that a hit needs decided beforehand."""

    exact: dict[str, tuple[Sense, ...]]
    senses: tuple[Sense, ...]
    kind: MatchKindName
    latin: bool
    ordinary: bool


class TermMatcher:
    """Finds terms in a text, in time linear in its length whatever the size of the glossary.

    Aho and Corasick (1975), by `ahocorasick_rs`, over folded text. Misspelt terms are looked for only in what the
    exact search left unexplained.
    """

    def __init__(self, glossary: Glossary, settings: MatchSettings | None = None) -> None:
        """Build the automaton over all surfaces of `glossary`."""
        self.glossary = glossary
        self._settings = settings or MatchSettings()
        self._patterns: list[_Pattern] = []
        keys = []
        for key, surfaces in glossary.surfaces.items():
            if is_chinese(key) and len(key) < _SHORTEST_CHINESE:
                continue
            keys.append(key)
            self._patterns.append(_pattern(key, surfaces))
        # All overlapping hits: the longest may turn out to lie inside a longer word and a shorter one still stand.
        self._latin = [pattern.latin for pattern in self._patterns]
        self._slips = (
            SlipFinder(glossary, self._settings) if self._settings.typos or self._settings.homophones else None
        )
        self._automaton = AhoCorasick(keys, matchkind=MatchKind.Standard) if keys else None

    def find(self, text: str) -> tuple[TermMatch, ...]:
        """Return the terms in `text` by position; they never overlap. Offsets are characters of `text`."""
        folded = fold(text)
        found = self._exact(folded)
        if self._slips is not None and self._slips.is_worthwhile(folded, found):
            found += self._slips.find(folded, found)
            found.sort(key=lambda match: match.start)
        return tuple(found)

    def _exact(self, folded: Folded) -> list[TermMatch]:
        if self._automaton is None:
            return []
        text, latin = folded.text, self._latin
        hits: list[tuple[int, int, int, int]] = []
        for index, start, end in self._automaton.find_matches_as_indexes(text, True):
            if not latin[index]:
                hits.append((start, -end, 0, index))
            elif (whole := whole_word_end(folded, start, end)) > 0:
                # A surface spelt with its own s goes before the plural of a shorter one.
                hits.append((start, -whole, whole - end, index))
        if len(hits) > 1:
            hits.sort()
        return self._chosen(folded, hits)

    def _chosen(self, folded: Folded, hits: Sequence[tuple[int, int, int, int]]) -> list[TermMatch]:
        """Take hits from left to right, the longest first, leaving out those that mean an ordinary word."""
        found: list[TermMatch] = []
        free = 0
        for start, minus_end, ending, index in hits:
            if start >= free:
                match = self._match(folded, start, -minus_end, ending, self._patterns[index])
                if match is not None:
                    found.append(match)
                    free = -minus_end
        return found

    def _match(self, folded: Folded, start: int, end: int, ending: int, pattern: _Pattern) -> TermMatch | None:
        """Make the match of a hit; the last `ending` folded characters of it are a plural ending."""
        original = folded.original
        written = original[slice(*folded.span(start, end - ending))] if ending else ""
        if folded.origins is not None:
            start, end = folded.span(start, end)
        surface = original[start:end]
        exact = pattern.exact.get(written or surface)
        if pattern.ordinary and not is_meant(Occurrence(original, start, end, exact is not None, pattern.kind)):
            return None
        if exact is not None:
            return TermMatch(surface, start, end, exact, "exact")
        return TermMatch(surface, start, end, pattern.senses, pattern.kind)


def _pattern(key: str, surfaces: Sequence[Surface]) -> _Pattern:
    terms = [each for each in surfaces if each.kind == "term"]
    aliases = [each for each in surfaces if each.kind == "alias"]
    # An abbreviation outranks a full name that happens to be spelt the same.
    named = [*terms, *aliases] or list(surfaces)
    exact = {
        written: distinct(each.sense for each in (*(one for one in terms if one.written == written), *aliases))
        for written in {each.written for each in terms}
    }
    kind: MatchKindName = "folded" if terms else _KINDS[named[0].kind]
    senses = distinct(each.sense for each in named)
    latin = not (is_chinese(key[0]) and is_chinese(key[-1]))
    return _Pattern(exact, senses, kind, latin, latin and looks_ordinary(key, kind))
