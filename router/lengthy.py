"""The part of a long text that asks: rules and tables are made for questions, not for whole mails pasted before one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from router.types import Query

# What rules read in one go. Their patterns are fast on sentences; on thousands of characters some would take seconds.
LONGEST = 500
_CLOSE = 150
_SENTENCE = re.compile(r"[^。！？!?\n]{0,4000}(?:[。！？!?\n]+|$)")
_ASKS = re.compile(r"[？?]\s*$")
_WORD_BREAK = re.compile(r"[，,；;、\s]")


def asking_part(text: str) -> tuple[int, int]:
    """Return where the part of `text` that asks begins and ends: all of a text of at most `LONGEST` characters.

    Of a longer one the last sentence with a question mark, else the last one, with the whole sentences close before
    it; of a sentence that is too long by itself its end.
    """
    if len(text) <= LONGEST:
        return 0, len(text)
    sentences = [found.span() for found in _SENTENCE.finditer(text) if found[0].strip()]
    if not sentences:
        return 0, LONGEST
    asking = [span for span in sentences if _ASKS.search(text[span[0] : span[1]])]
    last, end = (asking or sentences)[-1]
    if end - last > LONGEST:
        return _at_a_break(text, end - LONGEST, end), end
    return min([last, *(start for start, _ in sentences if end - _CLOSE <= start <= last)]), end


def shortened(query: Query) -> tuple[Query, tuple[str, ...]]:
    """Return `query` with the parts that ask, of its own question and of the earlier ones, and what stands beside its own.

    What stands beside is context, as earlier questions are: it may tell which sense is meant.
    """
    start, end = asking_part(query.question)
    beside = tuple(part for part in (query.question[:start], query.question[end:]) if part.strip())
    history = tuple(_asking(text) for text in query.history)
    turns = tuple((_asking(text), answer) for text, answer in query.turns)
    return replace(query, question=query.question[start:end], history=history, turns=turns), beside


def _asking(text: str) -> str:
    return text[slice(*asking_part(text))]


def _at_a_break(text: str, start: int, end: int) -> int:
    """Move the cut to the next mark or space, if one is near, so that no word is cut in two."""
    found = _WORD_BREAK.search(text, start, min(end, start + 40))
    return found.end() if found else start
