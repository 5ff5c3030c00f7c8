"""Whether a clause asks for nothing but what a term means, by the words in it, however they are put together."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from router.grounding import content_words, fold
from router.wordlists import meaning_words

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORD = re.compile(r"[a-z]+|[\u3400-\u9fff]+")
# 我想问一下, could you: who asks, and that he does.
_POLITE = re.compile(
    r"(?:请问|请教|想问|问一?下|麻烦|劳驾|帮忙|帮我?(?:查|看)?一?下?|告诉我?|谁知道|有人知道|你知道|知道|弄懂|搞懂|搞不懂|不懂|没懂|不明白|不清楚|新人|刚来|求|各位|大家|老师|大佬)|"
    r"\b(?:hi|hello|hey|there|team|everyone|guys|sorry|thanks|thank|quick|question|kindly|remind|wondering|curious|confused|new|again)\b"
)
# 什么叫, 何谓, 哪四个C, 哪几个词, 给我解释解释: nothing else is asked with these.
_ASKING = re.compile(
    r"(?:什么|啥)叫|何谓|解释|科普|哪[几两二三四五六七八九]个?(?:英文|英语)?(?:单?词|词组|字母?|[a-z])(?![a-z])"
)
# Who, where and at what price is no meaning.
_OTHER = re.compile(r"谁|哪里|哪儿|在哪|钱|吗$|为什么|\bwho|\bwhere\b|\bwhen\b|\bwhy\b")
_LONGEST = 60


def asks_meaning(clause: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether `clause` names a term (at `spans`) and says nothing beside it but words that ask for a meaning."""
    if not spans or len(clause) > _LONGEST:
        return False
    rest = fold(clause)
    if len(rest) != len(clause):
        return False
    for start, end in sorted(spans, reverse=True):
        rest = f"{rest[:start]} {rest[end:]}"
    rest = _POLITE.sub(" ", rest)
    asks, beside = meaning_words()
    said = _ASKING.search(rest) or _asking(asks).search(rest) or any(word in asks for word in _cut(rest))
    if _OTHER.search(rest) or not said:
        return False
    rest = _ASKING.sub(" ", rest)
    return all(_says_nothing(word, asks | beside) for word, _ in content_words(rest))


def _says_nothing(word: str, known: frozenset[str]) -> bool:
    """A word of the lists, or one that the segmenter glued together of such words: 英文名, 叫什么."""
    return word in known or bool(not word.isascii() and _composed(known).fullmatch(word))


def _cut(text: str) -> list[str]:
    import rjieba

    words: list[str] = []
    for run in _WORD.findall(text):
        words += [run] if run.isascii() else rjieba.cut(run)
    return words


@cache
def _asking(asks: frozenset[str]) -> re.Pattern[str]:
    """The Chinese words of two characters or more, which a segmenter may glue to others: 翻译成."""
    return re.compile("|".join(re.escape(word) for word in asks if not word.isascii() and len(word) > 1))


@cache
def _composed(known: frozenset[str]) -> re.Pattern[str]:
    pieces = sorted((word for word in known if not word.isascii()), key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(map(re.escape, pieces))}|[几两三四的]|什么|哪|啥|个|种|是|到底|究竟)+")
