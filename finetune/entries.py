"""The abbreviations of a glossary as training data sees them: their senses, their groups, and which are held out."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from terminology.normalize import fold_key
from terminology.prompt import sense_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finetune.types import Split
    from terminology.types import Sense

_HELD_TERMS_FROM = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """An abbreviation with all its senses; entries of one `group` share an abbreviation, an alias or a meaning."""

    surface: str
    senses: tuple[Sense, ...]
    group: str
    held: bool = False


def entries_of(senses: Sequence[Sense], share: float, seed: int) -> tuple[Entry, ...]:
    """Return the abbreviations in the glossary's order, with a share of their groups marked as held out."""
    by_form: dict[str, list[Sense]] = {}
    for sense in senses:
        if sense_text(sense) and sense.term.strip():
            by_form.setdefault(name_form(sense.term), []).append(sense)
    by_surface = {own[0].term.strip(): own for own in by_form.values()}
    groups = _groups(by_surface)
    entries = [Entry(surface, tuple(own), groups[surface]) for surface, own in by_surface.items()]
    held = _held_groups(entries, share, seed)
    return tuple(replace(entry, held=entry.group in held) for entry in entries)


def _held_groups(entries: Sequence[Entry], share: float, seed: int) -> set[str]:
    """Choose the groups to hold out, among the ambiguous ones and the others alike."""
    held: set[str] = set()
    ambiguous = {entry.group for entry in entries if len(entry.senses) > 1}
    for some in (ambiguous, {entry.group for entry in entries} - ambiguous):
        ordered = sorted(some, key=lambda group: digest(f"{seed}:{group}"))
        wanted = round(len(some) * share)
        if share and len(some) >= _HELD_TERMS_FROM:
            wanted = max(1, wanted)
        held |= set(ordered[:wanted])
    return held


def _groups(by_surface: dict[str, list[Sense]]) -> dict[str, str]:
    """Join the abbreviations that share a folded form, an alias or a full name; a group is named by its first."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    for surface, own in by_surface.items():
        for sense in own:
            for other in (surface, *sense.aliases, *(f"name {name}" for name in names_of(sense))):
                first, second = root(fold_key(surface)), root(fold_key(other))
                parent[max(first, second)] = min(first, second)
    return {surface: root(fold_key(surface)) for surface in by_surface}


def name_form(written: str) -> str:
    """Return what two ways of writing one name share: width and spaces do not count, case does (CT, Ct)."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", written))


def names_of(sense: Sense) -> list[str]:
    """Return the full names that a sense has."""
    return [name for name in dict.fromkeys((sense.chinese.strip(), sense.english.strip())) if name]


def digest(text: str) -> str:
    """Return SHA-256 in hexadecimal: an order, and a place, that follow from the text alone."""
    return hashlib.sha256(text.encode()).hexdigest()


def split_of(key: str) -> Split:
    """Return the split that a sentence or an unknown abbreviation belongs to: seven tenths are trained on."""
    tenth = int(digest(key)[:8], 16) % 10
    return "held_out" if tenth < 2 else "validation" if tenth < 3 else "train"
