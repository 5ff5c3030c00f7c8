"""How the figures of an evaluation before and after are shown: one row per figure, one column per arm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Field of an arm, and what people call it.
ROWS = (
    ("sense_accuracy", "right sense"),
    ("sense_cases", "questions about known terms"),
    ("abstention", "abstained on unknown terms"),
    ("abstention_by", "abstention decided by"),
    ("abstained_wrongly", "abstained on known terms"),
    ("exact_match", "exact match"),
    ("bleu_characters", "BLEU-4, characters"),
    ("bleu_words", "BLEU-4, words (jieba)"),
    ("rouge_1", "ROUGE-1"),
    ("rouge_2", "ROUGE-2"),
    ("rouge_l", "ROUGE-L"),
    ("repeating", "answers that repeat themselves"),
    ("leaking", "answers with leaked tokens"),
    ("inventing", "answers with invented codes"),
    ("general_exact", "general questions right"),
    ("general_kept", "general answers kept"),
    ("general_same", "general answers unchanged"),
    ("tokens_per_second", "tokens a second"),
    ("memory", "peak memory"),
)
_COUNTS = frozenset({"sense_cases", "repeating", "leaking", "inventing"})


def arms_of(content: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the columns of a table as `before_after` wrote it."""
    arms: Sequence[Mapping[str, Any]] = content["table"]["arms"]
    return arms


def cell(field: str, arm: Mapping[str, Any]) -> str:
    """Return one figure as people read it; a dash where nothing was asked."""
    value = arm.get(field)
    if value is None:
        return "–"
    if isinstance(value, str) or field in _COUNTS:
        return str(value)
    if field == "memory":
        return size(int(value))
    if field == "tokens_per_second":
        return f"{value:.0f}"
    return f"{value:.1%}"


def size(number: float) -> str:
    """Return a number of bytes as people read it."""
    for unit in ("B", "KiB", "MiB"):
        if number < 1024:
            return f"{number:.0f} {unit}"
        number /= 1024
    return f"{number:.1f} GiB"
