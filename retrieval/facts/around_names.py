"""The words that may touch a name in a question and are no part of it, from the packaged list."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class AroundNames:
    """What each list is for stands in `around_names.toml`; lists of Chinese ones hold single characters."""

    may_tell: frozenset[str]
    things: frozenset[str]
    doing: frozenset[str]
    glue: frozenset[str]
    done: frozenset[str]
    sold: frozenset[str]
    placed: frozenset[str]
    answers: frozenset[str]
    this: frozenset[str]
    kinds: frozenset[str]
    before: frozenset[str]
    behind: frozenset[str]


@cache
def around_names() -> AroundNames:
    """The packaged list."""
    path = resources.files("retrieval.facts") / "around_names.toml"
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    return AroundNames(**{field.name: frozenset(raw[field.name]) for field in fields(AroundNames)})
