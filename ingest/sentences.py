"""Cuts Chinese and English text into sentences, and over-long ones into pieces, never inside a word or a code."""

from __future__ import annotations

import re

# Chinese sentences end at their mark; English ones at a mark before a blank and a capital, digit, quote or Chinese.
_END = re.compile(
    r"[。！？!?…]+[”’」』）)\"'】]*"
    r"|；"
    r"|(?<=[^\s.])\.[”’)\"']*(?=\s+[\"'“‘(\[]?[A-Z\d\u4e00-\u9fff])"
    r"|\n+"
)
_ABBREVIATIONS = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "sr",
        "jr",
        "st",
        "no",
        "nos",
        "fig",
        "figs",
        "eq",
        "eqs",
        "vs",
        "etc",
        "inc",
        "ltd",
        "co",
        "corp",
        "dept",
        "est",
        "approx",
        "act",
        "ca",
        "cf",
        "e.g",
        "i.e",
        "al",
        "vol",
        "pp",
        "p",
        "ed",
        "eds",
        "rev",
        "gen",
        "gov",
        "sen",
        "rep",
        "hon",
        "u.s",
        "u.k",
        "ph.d",
        "a.m",
        "p.m",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
    ]
)
_LAST_WORD = re.compile(r"([A-Za-z][A-Za-z.]*)$")
_CLAUSE_END = re.compile(r"[，,；;：:、]\s*|\s+")
_INSIDE = re.compile(r"[A-Za-z0-9_.+/@%-]")


def sentences(text: str) -> list[str]:
    """The sentences of a text; joined they are the text again."""
    parts: list[str] = []
    start = 0
    for match in _END.finditer(text):
        if text[match.start()] == "." and _is_abbreviation(text[start : match.start()]):
            continue
        parts.append(text[start : match.end()])
        start = match.end()
    if start < len(text):
        parts.append(text[start:])
    return parts


def _is_abbreviation(before: str) -> bool:
    word = _LAST_WORD.search(before)
    return word is not None and (len(word.group(1)) == 1 or word.group(1).lower() in _ABBREVIATIONS)


def pieces(text: str, limit: int) -> list[str]:
    """The sentences of a text, those above `limit` characters cut at clauses, blanks, or between words.

    Joined they are the text again.
    """
    found: list[str] = []
    for sentence in sentences(text):
        while len(sentence) > limit:
            cut = _cut(sentence, limit)
            found.append(sentence[:cut])
            sentence = sentence[cut:]
        if sentence:
            found.append(sentence)
    return found


def _cut(sentence: str, limit: int) -> int:
    """Where to cut a long sentence: behind the last clause in the later half, else where no word or code is open."""
    ends = [match.end() for match in _CLAUSE_END.finditer(sentence, 0, limit) if match.end() <= limit]
    if ends and ends[-1] > limit // 3:
        return ends[-1]
    cut = limit
    while cut > limit // 2 and _INSIDE.match(sentence[cut - 1]) and _INSIDE.match(sentence[cut]):
        cut -= 1
    return cut if cut > limit // 2 else limit
