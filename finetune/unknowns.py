"""Invents abbreviations that the glossary lacks, from which the model learns to abstain."""

from __future__ import annotations

import random
import string
from typing import TYPE_CHECKING

from finetune.entries import split_of
from terminology.normalize import fold_key

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from finetune.types import Split

_SHAPES = (
    (string.ascii_uppercase, str.isupper),
    (string.ascii_lowercase, str.islower),
    (string.digits, str.isdigit),
)


def invented(
    known: Sequence[str], taken: Container[str], wanted: int, split: Split, seed: int = 0
) -> list[str]:
    """Return at most `wanted` unknown abbreviations that look like the known ones, another set for each split.

    `taken` holds the folded keys that are no unknown ones. The same arguments give the same abbreviations.
    """
    chance = random.Random(f"{seed}:unknown")  # noqa: S311
    made: dict[str, str] = {}
    for _ in range(wanted * 100):
        if len(made) == wanted:
            break
        surface = _like(chance.choice(known), chance)
        key = fold_key(surface)
        if key not in taken and key not in made and split_of(f"unknown {key}") == split:
            made[key] = surface
    return list(made.values())


def _like(surface: str, chance: random.Random) -> str:
    """Return another abbreviation of the same shape."""
    made = ""
    for character in surface:
        letters = next((pool for pool, fits in _SHAPES if character.isascii() and fits(character)), character)
        made += chance.choice(letters)
    if made == surface or len(made) < 2:
        made = "".join(chance.choice(string.ascii_uppercase) for _ in range(chance.randint(3, 5)))
    return made
