"""Texts in two scripts, as tables of international companies have them: `Flag 船旗`, `大副 Chief Officer`."""

from __future__ import annotations

import re
from functools import lru_cache

_CJK = r"㐀-鿿"
_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
_LATIN_FIRST = re.compile(
    rf"^(?P<latin>[^{_CJK}]*[A-Za-z][^{_CJK}]*?)[\s/／|·,，:：\-–—]+(?P<chinese>[{_CJK}][^A-Za-z]*)$"
)
_CHINESE_FIRST = re.compile(
    rf"^(?P<chinese>[^A-Za-z]*[{_CJK}])[\s/／|·,，:：\-–—]+(?P<latin>[A-Za-z][^{_CJK}]*)$"
)
_INSIDE = re.compile(r"^(?P<outer>[^(（\[【]+?)\s*[(（\[【](?P<inner>[^)）\]】]+)[)）\]】]\s*$")
_WORD = re.compile(r"[a-z]{3,}")
_ABBREVIATION = 4


@lru_cache(maxsize=16_384)
def in_each_script(text: str) -> tuple[str, ...]:
    """The Latin and the Chinese half of a text that says one thing in both, as written; empty where it does not.

    IP 地址 and IMO 编号 are one name each: an abbreviation in front is no translation of what follows.
    """
    shown = " ".join(text.split())
    match = _INSIDE.match(shown)
    if match is not None and _differ(match["outer"], match["inner"]):
        return _halves(match["outer"].strip(), match["inner"].strip())
    bare = " ".join(_BRACKETS.sub(" ", shown).split())
    match = _LATIN_FIRST.match(bare) or _CHINESE_FIRST.match(bare)
    return _halves(match["latin"].strip(), match["chinese"].strip()) if match is not None else ()


def _differ(outer: str, inner: str) -> bool:
    chinese = [re.search(f"[{_CJK}]", part) is not None for part in (outer, inner)]
    latin = [re.search("[A-Za-z]", part) is not None for part in (outer, inner)]
    return chinese[0] != chinese[1] and latin[0] != latin[1] and chinese[0] != latin[0]


def _halves(first: str, second: str) -> tuple[str, ...]:
    latin = first if first.isascii() else second
    word = _WORD.search(latin.casefold())
    abbreviated = latin.isupper() and len(latin) <= _ABBREVIATION
    chinese = second if latin is first else first
    enough = len(re.findall(f"[{_CJK}]", chinese)) > 1
    return (first, second) if word and enough and not abbreviated else ()
