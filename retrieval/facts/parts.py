"""Two questions in one (厂长是谁，电话多少; who runs it and what is its phone?): cut into parts that each ask something."""

from __future__ import annotations

import re

_ASKS = re.compile(
    r"谁|哪|什么|啥|多少|几|吗|多久|多长|多大|怎么|何时|呢$|\b(?:who|whose|what|which|where|when|how)\b|^(?:is|are|does|do|has|have|can)\b"
)
_WORD_OF_ASKING = r"who|whose|what|what's|which|where|when|how"
_CUT = re.compile(
    rf"[?？。；;！!]+\s*|[，,]\s*|(?<=是谁)(?=[^的和跟与及，,?？\s])|\s+and\s+(?=(?:{_WORD_OF_ASKING})\b)",
    re.IGNORECASE,
)
_JOINS = re.compile(r"^(?:还有|另外|以及|然后|顺便问下?|再问下?|和|and|also)\s*[，,]?\s*", re.IGNORECASE)
# What stands for the thing of the first part; an owner's pronoun is followed by what is owned.
_ITS = re.compile(r"\b(?:its|their|his|her)\b", re.IGNORECASE)
_IT = re.compile(r"\b(?:it|they|he|she)\b", re.IGNORECASE)
_PRONOUN = re.compile(r"^(?:他|她|它|其|该处|那里|那边|那儿|这里)(?:们)?的?")
_NO_MORE = re.compile(
    r"多少|几[个位名台家]?|是?什么|是?谁|吗|呢|\bhow (?:much|many)\b|\bwhat\b|\bwho\b|[的是有\s]|请问|谢谢"
)
_MOST = 3


def asking_parts(question: str) -> list[str]:
    """The parts of a question if there are two or three and each asks for something; else nothing."""
    cut = [_JOINS.sub("", part.strip()) for part in _CUT.split(question)]
    parts = [part for part in cut if part]
    if not 1 < len(parts) <= _MOST or not all(_ASKS.search(part.casefold()) for part in parts):
        return []
    # 要收费吗，多少: the second asks nothing of its own.
    return parts if all(_NO_MORE.sub("", part.casefold()) for part in parts) else []


def about(subject: str, part: str) -> str:
    """A later part as a question of its own about the thing that the first one named."""
    if _ITS.search(part):
        return _ITS.sub(lambda _: f"{subject}'s", part, count=1)
    if _IT.search(part):
        return _IT.sub(lambda _: subject, part, count=1)
    if part.isascii():
        return f"{part} of {subject}"
    return f"{subject}的{_PRONOUN.sub('', part)}"
