"""Weighs what the words around a term say for each of its senses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from terminology.normalize import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from terminology.types import Sense, TermMatch

_UNIT = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+")


class WordEvidence:
    """Overlap of the question and the conversation with each sense's names, note and examples."""

    def log_odds(self, match: TermMatch, question: str, history: Sequence[str]) -> list[float]:
        """Return one log-odds per sense of `match`."""
        asked = units(question[: match.start] + " " + question[match.end :])
        earlier = units(" ".join(history))
        return [
            2.0 * len(units(_text(each)) & asked) + len(units(_text(each)) & earlier) for each in match.senses
        ]


def _text(sense: Sense) -> str:
    return " ".join((sense.english, sense.chinese, sense.department, sense.note, *sense.examples))


def units(text: str) -> set[str]:
    """Return the words of Latin text and the character pairs of Chinese text."""
    found: set[str] = set()
    for unit in _UNIT.findall(fold(text).text):
        found |= {unit} if unit.isascii() else {unit[at : at + 2] for at in range(len(unit) - 1)}
    return found
