"""Rows in whose names all that was asked stands word for word, where the stricter reading of names knew none.

People say less than a name (Zenith Coal for Zenith Coal Trading) and more (坐旅游专线1号, the Iceland trip). Where the
words that tell it stand whole in the name of one row, that row is meant; where they stand in several, these are asked
about. A word, a number or an ordinal that the name lacks makes another thing of it, and a name that says a number more
than was asked is asked about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from retrieval.facts.agreement import Agreement
from retrieval.facts.around_names import around_names
from retrieval.facts.finding import Found, Outcome
from retrieval.facts.leftovers import plural, said
from retrieval.facts.lexicon import bases, lexicon
from retrieval.facts.normalize import plain
from retrieval.facts.subject import stop_words

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.finding import RowFinder
    from retrieval.facts.names import NameReader
    from retrieval.facts.row_index import NameHit, RowIndex
    from retrieval.facts.store import FactStore
    from retrieval.facts.types import TableRow

_LOOKED_AT, _LONGEST, _MOST_OPTIONS = 50, 60, 10
# A list of no more places than this is a company's own, and has all of them.
_OWN_PLACES = 300
_PIECE = re.compile(r"[a-z0-9]+(?:[-_./&+'][a-z0-9]+)*|[㐀-鿿]+(?:[0-9a-z]+[㐀-鿿]+)*")
_CJK = re.compile(r"[㐀-鿿]")
_WORD_CHARACTER = re.compile(r"[0-9a-z]")
# What turns a name into something that is not meant, or into a span.
_TURNED = re.compile(r"[不没未非除]|\bno\b(?!$)|\b(?:not|without|except|other|between|than|and|or|versus|vs)\b")
# What tells things of one name apart: a number, an ordinal, a direction, new and old.
_TELLING = re.compile(
    r"[0-9一二三四五六七八九十甲乙丙丁东西南北新老旧大小]|\b(?:[a-z]|[ivx]+|new|old|north|south|east|west|upper|lower)\b"
)
_WORDS = around_names()
_NUMBER = re.compile(r"\d+(?:\.\d+)*|[ivx]{1,4}")
_SURE, _ASKED, _MAYBE, _REFUSED = 0.8, 0.6, 0.6, 0.4
# Names of different tables share a word without being of one kind: what a sentence states comes before asking back.
_SCATTERED = 0.5


@dataclass(frozen=True, slots=True)
class _Fit:
    """What an asked name has in common with a stored one: `open` is what the stored one says more, `said` what both say.

    `other`: the asked one has a number that the stored one lacks, so that it is another thing's; `lacking`: a word.
    """

    said: frozenset[str]
    open: str
    unsure: bool
    other: bool = False
    lacking: bool = False


class WholeNames:
    """Finds rows by the words of their names."""

    def __init__(self, store: FactStore, index: RowIndex, finder: RowFinder, reader: NameReader) -> None:
        self._store = store
        self._index = index
        self._finder = finder
        self._reader = reader

    def instead_of(
        self, outcome: Outcome, name: str, tables: Mapping[int, KnownTable], *, bare: bool
    ) -> Outcome:
        """What the words of names say where `outcome` names nothing, or one row that it is not sure of.

        `bare`: no column is asked for; then only a code is told what it stands for (explain the rules for dangerous goods
        does not ask for the row of that name).
        """
        many = outcome.state == "several" and len(outcome.rows) > 1
        if many and (outcome.certainty >= _ASKED or len(outcome.rows) > _MOST_OPTIONS):
            # All that was asked stands in too many names: its words cannot tell them apart either.
            return outcome
        found = self.find(name, tables)
        if many and found is not None and found.state != "several":
            return outcome
        if found is None or (bare and not (found.state == "clear" and _by_code(found))):
            return outcome
        return found

    def find(self, name: str, tables: Mapping[int, KnownTable]) -> Outcome | None:
        """The row, or rows, of `tables` in whose names all of `name` stands; None where there is none."""
        asked = plain(name)
        if not asked or len(asked) > _LONGEST or _TURNED.search(asked):
            return None
        near = self._fitting(asked, self._index.search(asked, _LOOKED_AT, list(tables)), tables)
        fits = [(found, fit) for found, fit in near if not fit.other]
        if not fits:
            return Outcome("near", tuple(found for found, _ in near), _REFUSED, "编号不同") if near else None
        most = max((fit.said for _, fit in fits), key=lambda words: sum(map(len, words)))
        # The best by BM25 need not be all of them.
        pairs = list(dict.fromkeys(word[at : at + 2] for word in most for at in range(len(word) - 1)))
        more = self._fitting(asked, self._index.containing(pairs, _LOOKED_AT, list(tables)), tables)
        fits += [(found, fit) for found, fit in more if not fit.other]
        return _chosen(list({(f.row.id, f.position): (f, fit) for f, fit in fits}.values()))

    def _fitting(
        self, asked: str, hits: Sequence[NameHit], tables: Mapping[int, KnownTable]
    ) -> list[tuple[Found, _Fit]]:
        rows = self._store.rows({hit.row_id for hit in hits})
        fitting = []
        for hit in hits:
            row = rows.get(hit.row_id)
            table = tables.get(row.table_number) if row is not None else None
            if row is None or table is None or hit.position not in table.naming:
                continue
            fit = self._fit(asked, row, hit.position, table)
            if fit is not None:
                score = sum(map(len, fit.said)) / max(len(row.cells[hit.position]), 1)
                missing = (fit.open,) if fit.open else ()
                agreement = Agreement("part" if fit.open else "same", min(score, 1.0), missing)
                fitting.append((Found(table, row, hit.position, agreement), fit))
        return fitting

    def _fit(self, asked: str, row: TableRow, position: int, table: KnownTable) -> _Fit | None:
        """How `asked` fits the name of a row; None where it says something that neither the name nor the row does."""
        name = plain(row.cells[position])
        if table.stored.table.columns[position].kind == "identifier" and name not in asked:
            return None
        idle = _Idle(self._finder.kind_words(table), self._finder.title(table), row, position)
        words, lacking, last = _in_both(asked, name, idle)
        telling = {word for word in words if self._reader.canonical(word) and not idle.general(word)}
        if telling and lacking and all(_NUMBER.fullmatch(part) for part in lacking):
            rest = self._left_open(name, words)
            alike = not rest or _NUMBER.fullmatch(rest) is not None
            return _Fit(frozenset(telling), rest, unsure=True, other=True) if alike else None
        if not telling or any(_CJK.search(part) or _TELLING.search(part) for part in lacking):
            return None
        # the Prince of Kells award: a word too many behind two that are there makes it worth asking.
        if lacking and (len(lacking) > 1 or lacking[0] != last or len(telling) < 2):
            return None
        rest = self._left_open(name, words)
        person = "person" in table.wide[position]
        rules = self._reader.rules
        unit = name.endswith(rules.units) or any(word in name for word in rules.organisations)
        telling_rest = _TELLING.search(rest) is not None
        if unit and self._own_list(table) and any(name.startswith(word) for word in telling):
            # Of the places on a company's own list only one begins so; of all banks there are more than are listed.
            unit, telling_rest = False, any(_TELLING.fullmatch(word) for word in _cut(rest))
        open_end = bool(rest) and (person or unit or telling_rest)
        unsure = bool(lacking) or open_end or (bool(rest) and any(_cuts_a_word(word, name) for word in telling))
        return _Fit(frozenset(telling), rest, unsure, lacking=bool(lacking))

    @staticmethod
    def _own_list(table: KnownTable) -> bool:
        return table.stored.table.row_count <= _OWN_PLACES

    def _left_open(self, name: str, words: Collection[str]) -> str:
        """What a stored name says more than the words that were said, without legal forms."""
        rest = name
        for word in sorted(words, key=len, reverse=True):
            rest = re.sub(plural(word) if word.isascii() else re.escape(word), " ", rest)
        more = [word for word in _PIECE.findall(rest) if _CJK.search(word) or not _asking(word)]
        return " ".join(word for word in more if self._reader.canonical(word))


class _Idle:
    """The words that tell no row from others: of asking, of what the table lists, and what the row's other cells say."""

    def __init__(self, kinds: Sequence[str], title: str, row: TableRow, position: int) -> None:
        self._kinds, self._title = kinds, title
        self._row, self._position = row, position

    @cached_property
    def _cells(self) -> frozenset[str]:
        """The words of the row's other cells."""
        cells = (cell for at, cell in enumerate(self._row.cells) if at != self._position)
        return frozenset(word for cell in cells for word in _pieces(cell))

    def alone(self, part: str) -> bool:
        """Whether a word tells no row from others, or the row says it in another cell, or the table's title does."""
        return self.general(part) or (part in self._cells and len(part) > 1) or self._titled(part)

    def general(self, part: str) -> bool:
        """Whether a word is one of asking, or says what the table lists."""
        if len(part) == 1 and _CJK.match(part):
            # 中 alone may be what tells a name from another (中海银行, 上海银行).
            return any(len(word) == 2 and _CJK.match(word) and part in word for word in self._kinds)
        forms = (part, part.removesuffix("s"), part.removesuffix("'s"), *bases(part))
        if part in _WORDS.doing or any(form in self._kinds or _asking(form) for form in forms):
            return True
        return part in _WORDS.things or any(other in self._kinds for other in lexicon().other(part))

    def beside(self, part: str) -> bool:
        """Whether what touches a Chinese name makes no other name of it."""
        if len(part) == 1:
            # 中 before a name is no 中文, but 库 behind one is short for 仓库; `_shared` took that away already.
            return part in self._kinds
        return part in self._kinds or part in stop_words() or part in self._cells

    def _titled(self, part: str) -> bool:
        return any(said(form, self._title) for form in (part, *lexicon().other(part)) if len(form) > 1)

    def kind(self, part: str) -> bool:
        """Whether a text behind a name says what the table lists, in full or for short: 库 in a table of 仓库."""
        return part in self._kinds or (
            len(part) == 1 and any(len(w) == 2 and w[1] == part for w in self._kinds)
        )


@lru_cache(maxsize=16_384)
def _pieces(cell: str) -> tuple[str, ...]:
    """The words and Chinese stretches of a cell; of a long text none."""
    shown = plain(cell)
    return tuple(_PIECE.findall(shown)) if len(shown) <= _LONGEST else ()


def _asking(word: str) -> bool:
    return word in stop_words() and word not in _WORDS.may_tell


def _in_both(asked: str, name: str, idle: _Idle) -> tuple[set[str], list[str], str]:
    """The words of a question that a name has, those that it lacks, and the last one that tells anything."""
    words: set[str] = set()
    lacking: list[str] = []
    last = ""
    for piece in _PIECE.findall(asked):
        held, others = _shared(piece, name, idle)
        known = idle.beside if held else idle.alone
        strange = [part for part in others if not known(part)]
        words.update(held)
        lacking += strange
        last = piece if held or strange else last
    return words, lacking, last


def _by_code(outcome: Outcome) -> bool:
    return all(f.table.stored.table.columns[f.position].kind == "identifier" for f in outcome.rows)


def _shared(piece: str, name: str, idle: _Idle) -> tuple[list[str], list[str]]:
    """The stretch of an asked piece that stands whole in a name, and what of the piece does not."""
    if not _CJK.search(piece):
        forms = (piece, piece.removesuffix("'s"), piece.removesuffix("s"))
        held = next((form for form in forms if len(form) > 1 and _stands(form, name)), None)
        return ([held], []) if held else ([], [piece])
    start, end = _longest(piece, name)
    if end - start < 2:
        return [], [piece]
    before, after = piece[:start], piece[end:]
    if idle.kind(after) or (after and set(after) <= _WORDS.behind):
        after = ""
    if before and (set(before) <= _WORDS.before or (len(before) > 1 and before in stop_words())):
        before = ""
    return [piece[start:end]], [part for part in (before, after) if part]


def _longest(piece: str, name: str) -> tuple[int, int]:
    """Where the longest stretch of a piece lies that stands in a name and cuts no number or Latin word on either side."""
    if not _WORD_CHARACTER.search(piece):
        return _longest_shared(piece, name)
    spans = (
        (start, end)
        for length in range(len(piece), 1, -1)
        for start in range(len(piece) - length + 1)
        for end in (start + length,)
    )
    return next((span for span in spans if _whole_in(piece, span, name)), (0, 0))


def _longest_shared(piece: str, name: str) -> tuple[int, int]:
    """As `_longest`, of a piece without numbers and Latin words, which nothing can cut."""
    begin = length = 0
    for start in range(len(piece)):
        while start + length < len(piece) and piece[start : start + length + 1] in name:
            begin, length = start, length + 1
    return (begin, begin + length) if length > 1 else (0, 0)


def _whole_in(piece: str, span: tuple[int, int], name: str) -> bool:
    start, end = span
    return _stands(piece[start:end], name) and not _joined(piece, start) and not _joined(piece, end)


def _stands(part: str, name: str) -> bool:
    """Whether a text stands in a name without cutting a number or a Latin word of it."""
    at = name.find(part)
    while at >= 0:
        if not _joined(name, at) and not _joined(name, at + len(part)):
            return True
        at = name.find(part, at + 1)
    return False


def _joined(text: str, at: int) -> bool:
    """Whether a place lies within a Latin word or a number."""
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    return left.isascii() and right.isascii() and left.isalnum() and right.isalnum()


def _cut(text: str) -> list[str]:
    """The words of a Chinese text: 小微 and 支行, where 小 alone would tell another place."""
    import rjieba

    return [str(word) for word in rjieba.cut(text)]


def _cuts_a_word(part: str, name: str) -> bool:
    """Whether a Chinese text begins or ends within a word of a name (王府 in 王府井店)."""
    import rjieba

    at = name.find(part)
    if not _CJK.search(part) or at < 0:
        return False
    borders, place = {0}, 0
    for word in rjieba.cut(name):
        place += len(str(word))
        borders.add(place)
    return not {at, at + len(part)} <= borders


def _chosen(fits: Sequence[tuple[Found, _Fit]]) -> Outcome | None:
    """One row that fits whole is meant; of several, and of one that says a number more, it is asked."""
    most = max((sum(map(len, fit.said)) for _, fit in fits), default=0)
    best = [(found, fit) for found, fit in fits if sum(map(len, fit.said)) == most]
    best = [(found, fit) for found, fit in best if not fit.open and not fit.unsure] or best
    by_row: dict[int, tuple[Found, _Fit]] = {}
    for each, fit in best:
        by_row.setdefault(each.row.id, (each, fit))
    if len(by_row) > _MOST_OPTIONS:
        return None
    rows = tuple(sorted((each for each, _ in by_row.values()), key=lambda f: -f.agreement.score))
    one = len({plain(each.name) for each in rows}) == 1 and len({f.table.number for f in rows}) == len(rows)
    if not one:
        together = len({each.table.number for each in rows}) == 1
        return Outcome("several", rows, _ASKED if together else _SCATTERED, "有多行的名称含有所问的词语")
    if any(fit.lacking and fit.open for _, fit in by_row.values()):
        # Norfolk Timber Exports is not Norfolk Timber Imports.
        return None
    if any(fit.unsure for _, fit in by_row.values()):
        return Outcome("near", rows, _MAYBE, "只有一行的名称与所问的相近")
    return Outcome("clear", rows, _SURE, "只有一行的名称含有所问的全部词语")
