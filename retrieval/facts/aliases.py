"""Cells under the name that a question has in the other script: 汉堡 for Hamburg, 大副 for `Chief Officer 大副`.

The pairs are those of the editable `places.toml`, and what a company's own tables say: cells that hold both names, and
tables with one column for the Chinese and one for the English name.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from retrieval.facts.bilingual import in_each_script
from retrieval.facts.forms import kind_forms
from retrieval.facts.lexicon import in_headers
from retrieval.facts.normalize import fold, fold_plain, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from retrieval.facts.store import FactStore
    from retrieval.facts.types import Column, TableRow

_CJK, _LATIN = re.compile(r"[㐀-鿿]"), re.compile(r"[a-z]{2}")
_LANGUAGE = re.compile(r"中文|英文|外文|拼音|英语|汉语|\b(?:chinese|english|in)\b|\b(?:cn|en|zh)\b")
_NAME = re.compile(r"(?:名称|全称|名|\s*\b(?:name|full name))$")
_MOSTLY, _LEAST = 0.7, 2
_LONGEST = 24


class Aliases:
    """The other names of cell texts, folded, both ways."""

    def __init__(self) -> None:
        self._forms: dict[str, tuple[str, ...]] = {}
        self._begun: frozenset[str] = frozenset()

    def of(self, folded: str) -> tuple[str, ...]:
        """The folded texts under which cells hold what `folded` says."""
        return self._forms.get(folded, ())

    def refresh(self, store: FactStore, numbers: Sequence[int], learned: Iterable[tuple[str, str]]) -> None:
        """Takes the pairs that were learned from tables, and of the packaged ones those that a cell holds."""
        found: dict[str, dict[str, None]] = {}
        for key, form in learned:
            found.setdefault(key, {})[form] = None
        packaged = _packaged()
        held = {text for text, *_ in store.find_values(sorted({f for _, f in packaged}), numbers)}
        for key, form in packaged:
            if form in held:
                found.setdefault(key, {})[form] = None
        self._forms = {key: tuple(forms) for key, forms in found.items()}
        self._begun = frozenset(key[:2] for key in self._forms)

    def renamed(self, name: str) -> Iterator[str]:
        """A name in plain form with the stretches that have other names replaced by these, all at once."""
        spots = self._spots(name)
        for at in range(max((len(forms) for *_, forms in spots), default=0)):
            text = name
            for start, end, forms in reversed(spots):
                text = f"{text[:start]} {forms[min(at, len(forms) - 1)]} {text[end:]}"
            yield " ".join(text.split())

    def _spots(self, name: str) -> list[tuple[int, int, tuple[str, ...]]]:
        """The longest stretches of a name that have other names, none overlapping and none cutting a word."""
        spots = []
        for start in range(len(name) - 1):
            if name[start : start + 2] not in self._begun:
                continue
            for end in range(min(len(name), start + _LONGEST), start + 1, -1):
                forms = self._forms.get(fold_plain(name[start:end]), ())
                if forms and _whole(name, start, end):
                    spots.append((start, end, forms))
        found: list[tuple[int, int, tuple[str, ...]]] = []
        for spot in sorted(spots, key=lambda each: each[0] - each[1]):
            if all(spot[1] <= s or e <= spot[0] for s, e, _ in found):
                found.append(spot)
        return sorted(found)


def _whole(text: str, start: int, end: int) -> bool:
    def joined(left: str, right: str) -> bool:
        return left.isascii() and right.isascii() and left.isalnum() and right.isalnum()

    cut_before = start > 0 and joined(text[start - 1], text[start])
    cut_after = end < len(text) and joined(text[end - 1], text[end])
    return not (cut_before or cut_after or text[start].isspace() or text[end - 1].isspace())


@cache
def _packaged() -> tuple[tuple[str, str], ...]:
    """All pairs of the packaged list, each name with each other one of its place."""
    raw = tomllib.loads((resources.files("retrieval.facts") / "places.toml").read_text(encoding="utf-8"))
    found = []
    for places in raw.values():
        for chinese, others in places.items():
            names = [fold(name) for name in (chinese, *others)]
            found += [(a, b) for a in names for b in names if a != b]
    return tuple(dict.fromkeys(found))


def learned(columns: Sequence[Column], rows: Sequence[TableRow]) -> tuple[tuple[str, str], ...]:
    """The pairs of folded names that the rows of one table tell, both ways."""
    texts = [[row.cells[p].strip() for row in rows if not row.summary] for p in range(len(columns))]
    found: list[tuple[str, str]] = []
    for position, column in enumerate(columns):
        if column.kind == "text" and bilingual(texts[position]):
            found += [pair for text in dict.fromkeys(texts[position]) for pair in _of_cell(text)]
    for first, second in _translations(columns, texts):
        found += [(first, second), (second, first)]
    return tuple(dict.fromkeys(found))


def bilingual(texts: Sequence[str]) -> bool:
    """Whether most cells of a column say their name in both scripts, and each half is of one cell only."""
    told = {text: halves for text in texts if text and (halves := in_each_script(text))}
    counts = Counter(fold(half) for halves in told.values() for half in halves)
    filled = [text for text in texts if text]
    return (
        len(told) >= _LEAST
        and sum(text in told for text in filled) >= _MOSTLY * len(filled)
        and max(counts.values()) == 1
    )


def _of_cell(text: str) -> list[tuple[str, str]]:
    return [(fold(half), fold(text)) for half in in_each_script(text)]


def _translations(columns: Sequence[Column], texts: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """The names of two columns that call one thing in two scripts, row by row."""
    named = [p for p, column in enumerate(columns) if column.kind == "text"]
    scripts = {p: _script(texts[p]) for p in named}
    for first in named:
        for second in named:
            if scripts[first] != "chinese" or scripts[second] != "latin":
                continue
            pairs = {(fold(a), fold(b)) for a, b in zip(texts[first], texts[second], strict=True) if a and b}
            if _same_thing(columns[first].name, columns[second].name) and _one_to_one(pairs):
                yield from sorted(pairs)


def _script(texts: Sequence[str]) -> str:
    filled = [plain(text) for text in texts if text]
    if len(filled) < _LEAST:
        return ""
    chinese = sum(_CJK.search(text) is not None for text in filled)
    latin = sum(_LATIN.search(text) is not None and not _CJK.search(text) for text in filled)
    least = _MOSTLY * len(filled)
    return "chinese" if chinese >= least else "latin" if latin >= least else ""


def _same_thing(first: str, second: str) -> bool:
    """Whether two headers call one thing: 港口中文名 and Port, 中文名 and 英文名, Name (EN) and Name (CN)."""
    stems = [_stem(header) for header in (first, second)]
    if stems[0] == stems[1]:
        return bool(_LANGUAGE.search(plain(first)) or _LANGUAGE.search(plain(second)))
    if not all(stems):
        return bool(_LANGUAGE.search(plain(first if not stems[0] else second)))
    others = {form for word in kind_forms(stems[0]) for form in (word, *in_headers(word))}
    return any(word in others or bool(set(in_headers(word)) & others) for word in kind_forms(stems[1]))


def _stem(header: str) -> str:
    bare = re.sub(r"[(（\[【)）\]】]", " ", plain(header))
    return _NAME.sub("", " ".join(_LANGUAGE.sub(" ", bare).split())).strip()


def _one_to_one(pairs: set[tuple[str, str]]) -> bool:
    firsts, seconds = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    return len(pairs) >= _LEAST and max(firsts.values()) == 1 and max(seconds.values()) == 1
