"""Which part of the last answer is asked for: 第三步详细说说 after an answer that lists the steps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.types import Passage

_NUMERALS = "一二三四五六七八九十"
_PART = re.compile(
    rf"第\s*(?P<zh>[{_NUMERALS}]|\d{{1,2}})\s*(?:步骤?|条|点|项|个|款)|\b(?:step|point|item)\s+(?P<en>\d{{1,2}})\b"
    r"|\b(?P<word>first|second|third|fourth|fifth|sixth) (?:step|point|item)\b",
    re.IGNORECASE,
)
_WORDS = ("first", "second", "third", "fourth", "fifth", "sixth")
_CITED = re.compile(r"\s*\[\d{1,2}\]\s*$")
_OWN_NUMBER = re.compile(rf"(?:第\s*)?(?P<n>\d{{1,2}}|[{_NUMERALS}])\s*(?:[.、)）:：]|步)")


def asked_part(
    question: str, turns: Sequence[tuple[str, str]], passages: Sequence[Passage]
) -> tuple[str, Passage] | None:
    """Return the line of the last answer that `question` asks more of, with the passage that it stands in.

    Lines that have numbers of their own are told by them, others are counted; None where no such part is asked for or known.
    """
    found = _PART.search(question)
    if found is None or not turns:
        return None
    number = _number(found)
    lines = [_CITED.sub("", line).strip() for line in turns[-1][1].splitlines() if _CITED.search(line)]
    own = [line for line in lines if (match := _OWN_NUMBER.match(line)) and _value(match["n"]) == number]
    numbered = any(_OWN_NUMBER.match(line) for line in lines)
    text = own[0] if own else lines[number - 1] if not numbered and 0 < number <= len(lines) else ""
    return next(((text, passage) for passage in passages if text and text in passage.chunk.text), None)


def _number(found: re.Match[str]) -> int:
    if found["word"]:
        return _WORDS.index(found["word"].casefold()) + 1
    return _value(found["zh"] or found["en"])


def _value(text: str) -> int:
    return int(text) if text.isdigit() else _NUMERALS.index(text) + 1
