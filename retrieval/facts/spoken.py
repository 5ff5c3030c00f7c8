"""Brings everyday ways of asking (啥时候) to those that the words of columns are listed in (什么时候)."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources


@cache
def _instead() -> tuple[re.Pattern[str], dict[str, str]]:
    path = resources.files("retrieval.facts") / "spoken.toml"
    words: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))["instead"]
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))), words


def written(text: str) -> str:
    """A question in plain form with everyday words of asking replaced by the usual ones."""
    pattern, words = _instead()
    return pattern.sub(lambda match: words[match[0]], text)
