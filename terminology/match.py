"""Finds the glossary's terms in a question: every surface at once, whole words only, the longest first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick, MatchKind

from terminology.boundaries import plural_end, stands_alone
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


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A folded surface with everything that a hit needs decided beforehand."""

    exact: dict[str, tuple[Sense, ...]]
    senses: tuple[Sense, ...]
    kind: str
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
        self._automaton = AhoCorasick(keys, matchkind=MatchKind.Standard) if keys else None

    def find(self, text: str) -> tuple[TermMatch, ...]:
        """Return the terms in `text` by position; they never overlap. Offsets are characters of `text`."""
        folded = fold(text)
        found = self._exact(folded)
        if self._slips is not None:
            found = sorted((*found, *self._slips.find(folded, found)), key=lambda match: match.start)
        return tuple(found)

    @cached_property
    def _slips(self) -> SlipFinder | None:
        settings = self._settings
        return SlipFinder(self.glossary, settings) if settings.typos or settings.homophones else None

    def _exact(self, folded: Folded) -> list[TermMatch]:
        if self._automaton is None:
            return []
        text, patterns = folded.text, self._patterns
        hits: list[tuple[int, int, int, int]] = []
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if not patterns[index].latin:
                hits.append((start, -end, 0, index))
                continue
            whole = plural_end(folded, start, end)
            if stands_alone(folded, start, whole):
                # A surface spelt with its own s goes before the plural of a shorter one.
                hits.append((start, -whole, whole - end, index))
        if not hits:
            return []
        hits.sort()
        return self._chosen(folded, hits)

    def _chosen(self, folded: Folded, hits: Sequence[tuple[int, int, int, int]]) -> list[TermMatch]:
        """Take hits from left to right, the longest first, leaving out those that mean an ordinary word."""
        found: list[TermMatch] = []
        free = 0
        for start, minus_end, _, index in hits:
            if start < free:
                continue
            match = self._match(folded, start, -minus_end, self._patterns[index])
            if match is not None:
                found.append(match)
                free = -minus_end
        return found

    def _match(self, folded: Folded, start: int, end: int, pattern: _Pattern) -> TermMatch | None:
        first, last = folded.span(start, end)
        surface = folded.original[first:last]
        exact = pattern.exact.get(surface)
        if pattern.ordinary and not is_meant(Occurrence(folded.original, first, last, exact is not None, pattern.kind)):
            return None
        if exact is not None:
            return TermMatch(surface, first, last, exact, "exact")
        return TermMatch(surface, first, last, pattern.senses, pattern.kind)  # type: ignore[arg-type]


def _pattern(key: str, surfaces: Sequence[Surface]) -> _Pattern:
    terms = [each for each in surfaces if each.kind == "term"]
    aliases = [each for each in surfaces if each.kind == "alias"]
    # An abbreviation outranks a full name that happens to be spelt the same.
    named = [*terms, *aliases] or list(surfaces)
    exact = {
        written: distinct(each.sense for each in (*(one for one in terms if one.written == written), *aliases))
        for written in {each.written for each in terms}
    }
    kind = "folded" if terms else named[0].kind
    senses = distinct(each.sense for each in named)
    latin = not (is_chinese(key[0]) and is_chinese(key[-1]))
    return _Pattern(exact, senses, kind, latin, latin and looks_ordinary(key, kind))


