"""Everyday words from which the one column that a question asks for is told, from the packaged list."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from retrieval.facts.normalize import plain

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class EverydayWords:
    """What each list is for stands in `everyday.toml`; all are in plain form."""

    light: frozenset[str]
    periods: frozenset[str]
    degrees: Mapping[str, tuple[str, ...]]
    units: Mapping[str, tuple[str, ...]]
    events: Mapping[str, tuple[str, ...]]
    verbs: frozenset[str]
    in_charge: tuple[str, ...]
    titles: tuple[str, ...]
    priced: tuple[str, ...]
    counted: tuple[str, ...]
    others: frozenset[str]


@cache
def everyday_words() -> EverydayWords:
    """The packaged list."""
    path = resources.files("retrieval.facts") / "everyday.toml"
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    groups = {name: _groups(raw[name]) for name in ("degrees", "units", "events")}
    return EverydayWords(
        light=frozenset(map(plain, raw["light"])),
        periods=frozenset(map(plain, raw["periods"])),
        degrees=groups["degrees"],
        units=groups["units"],
        events=groups["events"],
        verbs=frozenset(map(plain, raw["charge"]["verbs"])),
        in_charge=tuple(map(plain, raw["charge"]["headers"])),
        titles=_longest_first(raw["charge"]["titles"]),
        priced=_longest_first(raw["done"]["priced"]),
        counted=_longest_first(raw["done"]["counted"]),
        others=frozenset(map(plain, raw["others"])),
    )


def _longest_first(words: list[str]) -> tuple[str, ...]:
    return tuple(sorted(map(plain, words), key=len, reverse=True))


def _groups(raw: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {plain(key): tuple(plain(word) for word in words) for key, words in raw.items()}
