"""Cuts texts into the units that carry meaning: stems of Latin words and character pairs of Chinese."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from terminology.normalize import fold

if TYPE_CHECKING:
    from collections.abc import Callable

_UNIT = re.compile(r"[a-z]+|[\u3400-\u9fff]+")
# How questions are asked says nothing of what they are about.
_ASKING = re.compile(
    r"什么|是啥|啥意思|意思|含义|涵义|代表|全称|缩写|简称|缩略语|怎么|怎样|如何|哪些|哪个|哪里|多少|请问|指的是|是指|为什么|是不是|有没有|"
    r"[的了吗呢吧啊呀么是在和与及或]|"
    r"\bmeans?\s*(?:[?？]|$)|\bstands?\s+for\b|\b(?:meaning|definition)\s+of\b|\bfull\s+(?:form|name)\b"
)
_FUNCTION_WORDS = """
abbreviation acronym please tell
a about above after again against al all also although an and another any are as at be because been before being below
between both but by can could did do does doing done down during each eg either et etc every few fig figure first for
from further had has have having he her here his how however i ie if in into is it its itself just let may me might
model models more moreover most much must my nor not of off on once one only or other our out over own paper per
propose proposed respectively result results same section shall she should show shown shows since so some such table
than that the their them then there therefore these they this those three through thus to too two under until up upon
us use used uses using very via was we were what when where whether which while who whom whose why will with within
without would yet you your
"""
_STOP = frozenset(_FUNCTION_WORDS.split())


@cache
def _stemmer() -> Callable[[str], str]:
    import snowballstemmer

    stem: Callable[[str], str] = snowballstemmer.stemmer("english").stemWord
    return stem


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    return _stemmer()(word)


def without_asking(text: str) -> str:
    """Return `text` without the words that say how a question is asked."""
    return _ASKING.sub(" ", text)


def units(text: str) -> list[str]:
    """Return the units of `text` in order: stems of English words that are not function words (Porter's second
    stemmer), and overlapping pairs of Chinese characters, apart from particles and words that only ask.
    """
    found: list[str] = []
    for run in _UNIT.findall(_ASKING.sub(" ", fold(text).text)):
        if not run.isascii():
            found += [run[at : at + 2] for at in range(len(run) - 1)]
        elif len(run) > 1 and run not in _STOP:
            found.append(_stem(run))
    return found
