"""How a found value is worded: with the unit of its header, and in the language that the question is put in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retrieval.facts.types import Fact, FactResult
    from router.questions import Language

_BARE_NUMBER = re.compile(r"[-−+]?\d[\d,.]*")
_VERDICTS = {"是": "Yes", "否": "No", "相同": "Equal"}
# An English question may name things in Chinese (is the lease of 太仓冷库 longer …), and the other way round.
_ENGLISH = re.compile(
    r"\b(?:what|which|who|whose|where|when|how|why|is|are|was|were|do|does|did|has|have|the|of|than|for)\b",
    re.IGNORECASE,
)
_CHINESE = re.compile(r"[的是吗呢几哪谁]|什么|多少|怎么|多久|有没有|何时|最")
_ENGLISH_WORDS = 2


def worded_in(question: str, language: Language) -> Language:
    """The language of a question by its words of asking, where names in the other one stand in it; else `language`."""
    english = len(_ENGLISH.findall(question)) >= _ENGLISH_WORDS
    return "en" if english and not _CHINESE.search(question) else language


def shown_value(fact: Fact, language: Language) -> str:
    """The value as its cell has it, with the unit of its column beside a bare number."""
    if not fact.unit or not _BARE_NUMBER.fullmatch(fact.value.strip()):
        return fact.value
    return f"{fact.value}（{fact.unit}）" if language == "zh" else f"{fact.value} ({fact.unit})"


def shown_computed(result: FactResult, language: Language) -> str:
    """A computed figure in words: a verdict in the question's language, a count with what it counts."""
    text = result.computed
    if language == "en":
        text = _VERDICTS.get(text, text)
        if result.operation == "group":
            text = text.replace("：", ": ").replace("；", "; ")
    if result.operation != "count" or not result.facts or not result.facts[0].column:
        return text
    what = result.facts[0].column
    return f"{text}（{what}）" if language == "zh" else f"{text} ({what})"


def empty_cell(fact: Fact, language: Language) -> str:
    """What is said of an asked cell that holds nothing."""
    name = fact.label
    if language == "zh":
        return (
            f"{name}的“{fact.column}”一栏是空的，表中没有填写。"
            if name
            else f"“{fact.column}”一栏是空的，表中没有填写。"
        )
    return f'The cell "{fact.column}" is empty for {name}.' if name else f'The cell "{fact.column}" is empty.'
