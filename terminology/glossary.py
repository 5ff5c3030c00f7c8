"""The glossary as it stands at one moment, in memory: every surface that names a sense, and look-up by any of them."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from terminology.near import NearIndex
from terminology.normalize import fold_key, is_chinese
from terminology.pinyin import syllables
from terminology.shortforms import ShortForms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from terminology.types import Sense

SurfaceKind = Literal["term", "alias", "english", "chinese"]
_ORDER: dict[SurfaceKind, int] = {"term": 0, "alias": 1, "english": 2, "chinese": 3}
_PARENTHESES = re.compile(r"^(.*?)\s*[（(]([^（）()]{2,})[）)]\s*(.*)$")
_ALTERNATIVES = re.compile(r"\s*[;；\n]\s*")
_SPOKEN_ENDING = re.compile(r"[\s?？!！。.,，:：]+$")
_INITIALS = re.compile(r"(?:[A-Za-z]\.){2,}")
TYPO_LENGTH = 4
_LONGEST_SHORT_FORM = 5


@dataclass(frozen=True, slots=True)
class Surface:
    """One way of writing a sense: `written` as in the glossary, and what it is of the sense."""

    written: str
    kind: SurfaceKind
    sense: Sense


class Glossary:
    """An immutable snapshot of the glossary.

    `version` is the store's glossary version that it was read at. With `on`, senses outside their validity dates
    are left out.
    """

    def __init__(self, senses: Iterable[Sense], version: int = 0, on: date | None = None) -> None:
        """Index `senses` in the order given, which is the order of every answer."""
        self.version = version
        self.all: tuple[Sense, ...] = tuple(each for each in senses if on is None or is_valid(each, on))
        surfaces: dict[str, list[Surface]] = {}
        for sense in self.all:
            for surface in surfaces_of(sense):
                key = fold_key(surface.written)
                if key:
                    surfaces.setdefault(key, []).append(surface)
        self._surfaces = {key: _unique(found) for key, found in surfaces.items()}

    def __len__(self) -> int:
        """Return the number of senses."""
        return len(self.all)

    @property
    def surfaces(self) -> Mapping[str, tuple[Surface, ...]]:
        """Every folded surface with what it names; abbreviations first, then aliases, English, Chinese."""
        return self._surfaces

    def get(self, sense_id: int) -> Sense | None:
        """Return the sense with this id, or None."""
        return self._by_id.get(sense_id)

    def senses(self, term: str) -> tuple[Sense, ...]:
        """Return every sense of an abbreviation or alias; one written exactly so outranks one in other case."""
        named = [each for each in self._surfaces.get(fold_key(term), ()) if each.kind in ("term", "alias")]
        exact = [each for each in named if each.written == term.strip()]
        return distinct(each.sense for each in exact or named)

    def lookup(self, text: str) -> tuple[Sense, ...]:
        """Return the senses that `text` names: as written, then with one typo, by how it sounds, or as a short form.

        `text` is an abbreviation, an alias, an English or a Chinese name, in any case and width.
        """
        for key in dict.fromkeys((fold_key(text), fold_key(_SPOKEN_ENDING.sub("", text)))):
            named = self._surfaces.get(key, ())
            if named:
                exact = [each for each in named if each.written == text.strip() and each.kind == "term"]
                return distinct(each.sense for each in exact or named)
        return self._lookup_loosely(fold_key(_SPOKEN_ENDING.sub("", text)))

    def starting_with(self, prefix: str) -> tuple[Sense, ...]:
        """Return the senses whose abbreviation starts with `prefix`, in alphabetical order."""
        key = fold_key(prefix)
        if not key:
            return ()
        first = bisect_left(self._by_term, key, key=lambda pair: pair[0])
        found = []
        for term, sense in self._by_term[first:]:
            if not term.startswith(key):
                break
            found.append(sense)
        return tuple(found)

    def _lookup_loosely(self, key: str) -> tuple[Sense, ...]:
        keys = self.near.within_one(key) or self.by_sound.get(syllables(key), ()) or self._abbreviated(key)
        return distinct(surface.sense for each in keys for surface in self._surfaces[each])

    def _abbreviated(self, key: str) -> tuple[str, ...]:
        """Return the Chinese name that `key` is the short form of (北大 of 北京大学), if one fits."""
        if not is_chinese(key) or len(key) > _LONGEST_SHORT_FORM:
            return ()
        ranked = self.short_forms.rank(key)
        fitting = [name for name, _ in ranked if key not in name and len(name) >= 1.5 * len(key)]
        return tuple(fitting[:1])

    @cached_property
    def near(self) -> NearIndex:
        """The folded surfaces by one typo."""
        return NearIndex(self._surfaces, TYPO_LENGTH)

    @cached_property
    def short_forms(self) -> ShortForms:
        """The folded Chinese names by their short forms."""
        return ShortForms(key for key in self._surfaces if is_chinese(key))

    @cached_property
    def by_sound(self) -> Mapping[str, tuple[str, ...]]:
        """The folded Chinese surfaces by their syllables without tones."""
        sounds: dict[str, list[str]] = {}
        for key in self._surfaces:
            if is_chinese(key) and len(key) > 1:
                sounds.setdefault(syllables(key), []).append(key)
        return {sound: tuple(keys) for sound, keys in sounds.items()}

    @cached_property
    def _by_id(self) -> dict[int, Sense]:
        return {each.id: each for each in self.all if each.id}

    @cached_property
    def _by_term(self) -> list[tuple[str, Sense]]:
        return sorted(((fold_key(each.term), each) for each in self.all), key=lambda pair: pair[0])


def is_valid(sense: Sense, on: date) -> bool:
    """Whether `sense` is in force on this day; dates are ISO (`2026-01-31`), empty for no limit."""
    day = on.isoformat()
    return (not sense.valid_from or sense.valid_from <= day) and (not sense.valid_to or day <= sense.valid_to)


def distinct(senses: Iterable[Sense]) -> tuple[Sense, ...]:
    """Return `senses` without repetitions, in their order."""
    return tuple(dict.fromkeys(senses))


def surfaces_of(sense: Sense) -> Iterable[Surface]:
    """Yield every way of writing `sense`: the abbreviation, aliases, and the names inside the two name cells."""
    yield Surface(sense.term, "term", sense)
    bare = (
        sense.term.rstrip(".").replace(".", "") if _INITIALS.fullmatch(sense.term) else sense.term.rstrip(".")
    )
    if bare and bare != sense.term:
        yield Surface(bare, "term", sense)
    for alias in sense.aliases:
        yield Surface(alias, "alias", sense)
    for name in names_in(sense.english):
        yield Surface(name, "english", sense)
    for name in names_in(sense.chinese):
        yield Surface(name, "chinese", sense)


def names_in(cell: str) -> tuple[str, ...]:
    """Return the names that one cell gives: the whole, its alternatives, and those in and before parentheses.

    `展览会（全印展）；展会` gives the whole cell, `展览会（全印展）`, `展览会`, `全印展` and `展会`.
    """
    names = [cell.strip()]
    for part in _ALTERNATIVES.split(cell.strip()):
        names.append(part)
        if match := _PARENTHESES.match(part):
            before, inside, after = match.groups()
            names += [f"{before} {after}".strip() if is_ascii_word(before) else before + after, inside]
    return tuple(dict.fromkeys(each.strip() for each in names if len(each.strip()) > 1))


def is_ascii_word(text: str) -> bool:
    """Whether `text` ends in a Latin letter or digit, so that what follows needs a space."""
    return text[-1:].isascii() and text[-1:].isalnum()


def _unique(found: list[Surface]) -> tuple[Surface, ...]:
    return tuple(sorted(dict.fromkeys(found), key=lambda each: _ORDER[each.kind]))
