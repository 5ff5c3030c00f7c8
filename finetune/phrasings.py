"""The wordings in which people ask for a term, by kind and split."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

from finetune.types import SPLITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from finetune.types import Split

Wording = Literal["definition", "english", "chinese", "reverse", "department", "cue", "sentence", "context"]


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One wording with its name (`definition/train/3`) and its places to fill (`{term}`)."""

    name: str
    text: str

    def fill(self, **words: str) -> str:
        """Return the wording with its places filled; a word that holds braces stays as it is."""
        filled = self.text
        for place, word in words.items():
            # Through a private character, so that a word cannot name another place.
            filled = filled.replace(f"{{{place}}}", word.replace("{", "\ue000"))
        return filled.replace("\ue000", "{")


def phrasings(wording: Wording, split: Split) -> tuple[Phrasing, ...]:
    """Return the wordings of one kind that belong to one split."""
    return _all()[wording, split]


@cache
def _all() -> Mapping[tuple[str, str], tuple[Phrasing, ...]]:
    text = resources.files("finetune").joinpath("phrasings.toml").read_text("utf-8")
    return {
        (wording, split): tuple(
            Phrasing(f"{wording}/{split}/{at}", each) for at, each in enumerate(lists[split], start=1)
        )
        for wording, lists in tomllib.loads(text).items()
        for split in SPLITS
    }
