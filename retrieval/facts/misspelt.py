"""The one row whose name a question seems to have misspelt: one character wrong, missing, doubled or out of order.

Only a name that tells enough is compared (three characters without 支行 or 店), no other name may be as near, and no name
that stands whole in the question is doubted. It is asked back about, and never answered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA

from retrieval.facts.lexicon import lexicon
from retrieval.facts.normalize import plain
from retrieval.facts.slips import another_word
from retrieval.facts.types import Candidate

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.store import FactStore

_ROWS, _NAMES, _LONGEST, _MOST = 2_000, 20_000, 24, 4
_LEAST_CHINESE, _LEAST_LATIN, _CLIPPED = 3, 6, 3
# What people keep of the end of a name that they say for short: 人力部 for 人力资源部.
_UNITS = frozenset("部处科室组院行店厂站校馆所局")
_CJK, _DIGIT = re.compile(r"[㐀-鿿]"), re.compile(r"\d+")
# Another number, side or size is another thing, and no slip.
_TELLING = frozenset(
    "0123456789零一二三四五六七八九十百千甲乙丙丁东南西北上中下前后左右大小新老旧男女早晚春夏秋冬"
)


@dataclass(frozen=True, slots=True)
class Misspelt:
    """A stretch of a question in plain form, and the stored name that it seems to mean."""

    written: str
    name: str
    table: KnownTable
    row: int


class NearNames:
    """Finds misspelt names of rows in questions; remembers the names of the tables that it has read."""

    def __init__(self, store: FactStore, telling: Callable[[str], int]) -> None:
        self._store = store
        self._telling = telling
        self._names: dict[int, list[tuple[str, str, int]]] = {}

    def find(self, question: str, tables: Mapping[int, KnownTable]) -> list[Misspelt]:
        """The names that a stretch of the question is one slip away from; none where too many are, or a name stands in it."""
        text = plain(question)
        chars = set(text)
        found: dict[str, Misspelt] = {}
        for table in tables.values():
            for name, shown, row in self._of(table):
                if name in text and len(name) > 1:
                    return []
                if len(set(name) - chars) > 1 or not self._tells(name):
                    continue
                written = next(_slips(text, name), None)
                if written is not None:
                    found.setdefault(name, Misspelt(written, shown, table, row))
        return list(found.values()) if len(found) <= _MOST else []

    def instead(self, question: str, tables: Mapping[int, KnownTable]) -> list[Misspelt]:
        """The names that a stretch of the question says for short (人力部), or with a word by another name (取钱 for 取现)."""
        text = plain(question)
        names = [(t, *each) for t in tables.values() for each in self._of(t)]
        if any(name in text and len(name) > 1 for _, name, _, _ in names):
            return []
        found: dict[str, Misspelt] = {}
        for written, name in _in_full(text, {name for _, name, _, _ in names}):
            table, _, shown, row = next(each for each in names if each[1] == name)
            found.setdefault(name, Misspelt(written, shown, table, row))
        return list(found.values()) if len(found) == 1 else []

    def _tells(self, name: str) -> bool:
        return self._telling(name) >= (_LEAST_CHINESE if _CJK.search(name) else _LEAST_LATIN)

    def _of(self, table: KnownTable) -> list[tuple[str, str, int]]:
        """The names of a table's rows in plain form, as they stand, and their rows' numbers; none of a large table."""
        known = self._names.get(table.number)
        if known is None:
            small = table.stored.table.row_count <= _ROWS and sum(map(len, self._names.values())) < _NAMES
            known = [
                (plain(cell), cell, row.number)
                for row in (self._store.table_rows(table.number) if small else ())
                for position in table.naming
                if table.stored.table.columns[position].kind == "text"
                and (cell := row.cells[position].strip())
                and len(cell) <= _LONGEST
            ]
            self._names[table.number] = known
        return known


def _in_full(text: str, names: Collection[str]) -> Iterator[tuple[str, str]]:
    """What a text says for names, each with the name: the beginning and the last character of one, or other words for its own."""
    for name in names:
        # The beginning is looked for first: most names have not even that, and there are many.
        if name[:2] in text and name[-1] in _UNITS and len(name) > _CLIPPED:
            shorter = (name[:length] + name[-1] for length in range(len(name) - 2, 1, -1))
            written = next((each for each in shorter if each in text), "")
            if written and not any(written in other for other in names if other != name):
                yield written, name
    for word in _words(text):
        for other in lexicon().other(word):
            said = text.replace(word, other)
            for name in names:
                if len(name) >= _CLIPPED and other in name and name in said:
                    yield name.replace(other, word), name


@lru_cache(maxsize=1_024)
def _words(text: str) -> tuple[str, ...]:
    import rjieba

    return tuple(str(word) for word in rjieba.cut(text) if len(word) > 1 and not str(word).isascii())


def _slips(text: str, name: str) -> Iterator[str]:
    """The stretches of a text that are one slip away from a name; no Latin word is cut, and no number differs."""
    for length in (len(name), max(len(name) - 1, _LEAST_CHINESE), len(name) + 1):
        for start in range(len(text) - length + 1):
            written = text[start : start + length]
            if written != written.strip() or _cut(text, start, start + length):
                continue
            if OSA.distance(written, name, score_cutoff=1) != 1:
                continue
            if _DIGIT.findall(written) == _DIGIT.findall(name) and not _tells_apart(written, name):
                yield written


def _tells_apart(written: str, name: str) -> bool:
    """Whether what differs is a word of its own, or a character that tells things of one kind apart."""
    differing = set(written) ^ set(name)
    return bool(differing & _TELLING) or another_word(written, name)


def _cut(text: str, start: int, end: int) -> bool:
    def joined(at: int) -> bool:
        return 0 < at < len(text) and all(c.isascii() and c.isalnum() for c in text[at - 1 : at + 1])

    return joined(start) or joined(end)


def candidate_of(near: Misspelt) -> Candidate:
    """The name as one to choose, without a value."""
    stored = near.table.stored
    return Candidate(near.name, stored.table.name, near.row, stored.table.document_id, 0.9)
