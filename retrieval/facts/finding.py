"""Finds the row that a name means, or says that several or none do."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from retrieval.facts.agreement import TELLS_APART, Agreement, Judge, RowWords
from retrieval.facts.forms import kind_forms
from retrieval.facts.lexicon import in_headers
from retrieval.facts.normalize import fold, plain
from retrieval.facts.slips import slipped
from retrieval.facts.tiling import Segment, tile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.columns import Vocabulary
    from retrieval.facts.names import Name, NameReader
    from retrieval.facts.row_index import NameHit, RowIndex
    from retrieval.facts.store import FactStore
    from retrieval.facts.types import StoredTable, TableRow

_LOOKED_AT = 30
_SHORT_CELL = 40
_LESS_COVERED = 2
_READ = 15
_PLAIN = 3
_CLOSE, _TRIED, _FEW_MISSING = 0.7, 3, 4
_TITLE, _CLIPPED = 60, 3
# The last character of a name that people leave out, since it only says what kind of thing is named: 国庆节, 销售部.
_KINDS = frozenset("节部课组科处室厅县市省区镇村乡州队班款型版街线站楼院馆所社费")
_REMARK = re.compile(r"^\s*(注|备注|说明|附注|※|\*|note|remark)", re.I)
_TOKEN = re.compile(r"[0-9a-z]")
_CERTAINTY = {"same": 1.0, "short": 0.95, "part": 0.75, "near": 0.4, "other": 0.2}


@dataclass(frozen=True, slots=True)
class Found:
    """A row whose name cell `position` was compared with the asked name."""

    table: KnownTable
    row: TableRow
    position: int
    agreement: Agreement
    words: RowWords = field(default_factory=RowWords, compare=False, repr=False)

    @property
    def name(self) -> str:
        """The stored name, verbatim."""
        return self.row.cells[self.position]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The rows that a name means (`clear`: one row, or one row in each of several tables), or near ones."""

    state: Literal["clear", "several", "near", "none"]
    rows: tuple[Found, ...] = ()
    certainty: float = 0.0
    reason: str = ""


class RowFinder:
    """Looks names up in the row index and reads their parts."""

    def __init__(self, store: FactStore, index: RowIndex, reader: NameReader, vocabulary: Vocabulary) -> None:
        self._store = store
        self._index = index
        self._reader = reader
        self._vocabulary = vocabulary
        self._judge = Judge(reader, index.seen)
        self._ignored: dict[int, tuple[str, ...]] = {}
        self._patterns: dict[int, re.Pattern[str]] = {}
        self._contexts: dict[int, str] = {}
        self._titles: dict[int, str] = {}
        self._marks: dict[int, frozenset[str]] = {}

    def find(
        self,
        name: str,
        tables: Mapping[int, KnownTable],
        *,
        all_tables: bool = False,
        asked: Mapping[int, Sequence[int]] | None = None,
    ) -> Outcome:
        """The rows of `tables` that `name` means.

        `all_tables` says that no table of the index is left out; `asked` gives the columns asked for, by table:
        words of their headers may stand beside the name (刘洋 入职 where 入职日期 is asked).
        """
        read = self._reader.read(name)
        if not read.chars or not tables:
            return Outcome("none", reason="没有可查的名称")
        only = None if all_tables else list(tables)
        hits = self._index.same(name, _LOOKED_AT, only)
        exact = self._compared(read, hits, tables, {})
        if exact:
            return self._exact(name, exact)
        hits = self._index.search(name, _LOOKED_AT, only)
        compared = self._compared(read, hits, tables, asked or {})
        outcome = self._weigh(read, compared)
        if outcome.state == "several":
            return outcome
        if outcome.state in {"near", "none"} and (misspelt := self._misspelt(read, hits, tables)):
            # What is only a slip away is asked back about: it is no answer.
            return Outcome("near", tuple(misspelt), 0.55 if len(misspelt) == 1 else 0.4, "只有写法相近的名称")
        # The best by BM25 need not be all that agree, or even one of them: ask for all names with the same parts.
        pairs = self._pairs_of_parts(read, outcome)
        known = {(hit.row_id, hit.position) for hit in hits}
        more = [
            h for h in self._index.containing(pairs, _LOOKED_AT, only) if (h.row_id, h.position) not in known
        ]
        if not more:
            return outcome
        return self._weigh(read, [*compared, *self._compared(read, more, tables, asked or {})])

    def _misspelt(self, asked: Name, hits: Sequence[NameHit], tables: Mapping[int, KnownTable]) -> list[Found]:
        """The rows whose name is the asked one but for a slip."""
        near = [hit for hit in hits if slipped(asked.chars, hit.name.chars, self.telling(hit.name.chars))]
        rows = self._store.rows({hit.row_id for hit in near})
        found = [
            Found(tables[row.table_number], row, hit.position, Agreement("near", 0.9))
            for hit in near
            if (row := rows.get(hit.row_id)) is not None and row.table_number in tables
        ]
        return _one_per_row(found)

    def telling(self, chars: str) -> int:
        """How many characters of a name tell it apart from others of its kind: those before 支行 or 店."""
        rules = self._reader.rules
        unit = next((word for word in rules.units if chars.endswith(word)), "")
        return len(chars) - len(unit) - self._judge.brand_end(chars)

    def _pairs_of_parts(self, read: Name, outcome: Outcome) -> list[str]:
        """The pairs of characters that must stand in a name with the asked parts."""
        if outcome.state == "clear":
            return _pairs(read, tile(read, self._reader.read(outcome.rows[0].name)))
        brand = self._judge.brand_end(read.chars)
        parts = [Segment(0, 0, brand), Segment(brand, 0, len(read.chars) - brand)] if brand else []
        return _pairs(read, parts)

    def _compared(
        self,
        asked: Name,
        hits: Sequence[NameHit],
        tables: Mapping[int, KnownTable],
        columns: Mapping[int, Sequence[int]],
    ) -> list[Found]:
        """The hits with their agreement; of many only those that cover the most of the asked name."""
        tiled = [(hit, tile(asked, hit.name)) for hit in hits]
        cover = [sum(segment.length for segment in segments) for _, segments in tiled]
        least = max(cover, default=0) - _LESS_COVERED
        order = sorted(range(len(tiled)), key=lambda at: -cover[at])[:_READ]
        tiled = [tiled[at] for at in order if cover[at] and cover[at] >= least]
        rows = self._store.rows({hit.row_id for hit, _ in tiled})
        found = []
        for hit, segments in tiled:
            row = rows.get(hit.row_id)
            table = tables.get(row.table_number) if row is not None else None
            if row is None or table is None:
                continue
            words = self._words(table, row, hit.position, columns.get(table.number, ()))
            agreement = self._judge.compare(asked, hit.name, words, segments)
            found.append(Found(table, row, hit.position, agreement, words))
        return found

    def _words(self, table: KnownTable, row: TableRow, position: int, asked: Sequence[int]) -> RowWords:
        others, places = [], []
        for place, text in enumerate(row.cells):
            if place == position or not text or len(text) > _SHORT_CELL:
                continue
            canonical = text.lower() if text.isascii() else self._reader.canonical(text)
            if place in table.places:
                places.append(canonical)
            others.append(canonical)
        headers = [self._reader.canonical(table.stored.table.columns[place].name) for place in asked]
        marks = self.kind_marks(table)
        return RowWords(others, places, self._kind_pattern(table), headers, self._context(table), marks)

    def kind_words(self, table: KnownTable) -> tuple[str, ...]:
        """Words that only say what kind of thing the table lists: 员工 in 员工张伟, the table's own name."""
        known = self._ignored.get(table.number)
        if known is None:
            words = {
                fold(form) for p in table.naming for form in kind_forms(table.stored.table.columns[p].name)
            }
            first = next((i for i, c in enumerate(table.stored.table.columns) if c.kind == "identifier"), None)
            if first is not None and first <= min(table.naming, default=0):
                words |= {fold(form) for form in kind_forms(table.stored.table.columns[first].name)}
            for position in table.naming:
                for concept in table.concepts[position]:
                    words |= {fold(word) for word in self._vocabulary.concepts[concept].words}
            words |= {other for word in words for other in in_headers(word)[:4] if " " not in other}
            # 风场 for 风电场.
            words |= {word[0] + word[-1] for word in words if len(word) == _CLIPPED and not word.isascii()}
            words |= {fold(table.stored.table.name), fold(table.suffix)}
            known = self._ignored[table.number] = tuple(
                sorted((w for w in words if len(w) > 1), key=len, reverse=True)
            )
        return known

    def kind_marks(self, table: KnownTable) -> frozenset[str]:
        """Single characters that say what the table lists: 船 under Vessel 船名, 轮 behind the name of one."""
        known = self._marks.get(table.number)
        if known is None:
            names = (table.stored.table.columns[p].name for p in table.naming)
            forms = {form for name in names for form in kind_forms(name)}
            words = {*forms, *(other for form in forms for other in in_headers(form))}
            known = self._marks[table.number] = frozenset(w for w in words if len(w) == 1 and not w.isascii())
        return known

    def title(self, table: KnownTable) -> str:
        """What the table is called: its name, sheet, document, headings and the titles above it, in plain form."""
        known = self._titles.get(table.number)
        if known is None:
            stored = table.stored
            names = (
                stored.document,
                stored.title,
                stored.table.name,
                stored.table.sheet or "",
                *_titles(stored),
                *stored.headings,
            )
            known = self._titles[table.number] = plain(" ".join(names))
        return known

    def _context(self, table: KnownTable) -> str:
        known = self._contexts.get(table.number)
        if known is None:
            stored = table.stored
            texts = (
                stored.document,
                stored.table.name,
                stored.table.sheet or "",
                *_titles(stored),
                *stored.headings,
            )
            known = self._contexts[table.number] = " ".join(self._reader.canonical(text[:80]) for text in texts)
        return known

    def _kind_pattern(self, table: KnownTable) -> re.Pattern[str]:
        known = self._patterns.get(table.number)
        if known is None:
            units = self._reader.rules.units
            words = "|".join(re.escape(word) for word in self.kind_words(table) if word not in units)
            known = self._patterns[table.number] = re.compile(words or r"(?!)")
        return known

    def _exact(self, name: str, exact: Sequence[Found]) -> Outcome:
        written = [f for f in exact if plain(f.name) == plain(name)] or [
            f for f in exact if fold(f.name) == fold(name)
        ]
        rows = _one_per_row(written or exact)
        if len({f.table.number for f in rows}) == len(rows):
            return Outcome("clear", tuple(rows), 1.0 if written else 0.98, "名称完全一致")
        return Outcome("several", tuple(rows), 0.5, "有多行名称相同")

    def _weigh(self, asked: Name, compared: Sequence[Found]) -> Outcome:
        agreeing = [f for f in compared if f.agreement.verdict in {"same", "short"}]
        if agreeing:
            without_slips = [f for f in agreeing if not f.agreement.extra]
            return self._choose(_one_per_row(without_slips or agreeing))
        parts = [f for f in compared if f.agreement.verdict == "part"]
        if parts:
            return self._containing(asked, _one_per_row(parts))
        best = sorted(compared, key=lambda f: -f.agreement.score)[:10]
        near = [f for f in best if f.agreement.verdict == "near"]
        slips = [f for f in best[:_TRIED] if self._slipped(asked, f)]
        if slips or near:
            rows = tuple(dict.fromkeys((*slips, *near)))
            return Outcome("near", rows, 0.4, "只有相近的名称")
        return Outcome("none", tuple(best), best[0].agreement.score / 2 if best else 0.0, "没有相符的名称")

    def _slipped(self, asked: Name, found: Found) -> bool:
        close = found.agreement.score >= _CLOSE and not found.agreement.missing[_FEW_MISSING:]
        return close and self._judge.one_slip(asked, self._reader.read(found.name), found.words)

    def _choose(self, agreeing: Sequence[Found]) -> Outcome:
        """The one whose left-out parts are contained in those of all others, if there is one."""
        same = [f for f in agreeing if f.agreement.verdict == "same"] or list(agreeing)
        best = [f for f in same if all(f is o or _less(f, o) or _equal_name(f, o) for o in same)]
        if best and len({f.table.number for f in best}) == len(best):
            certainty = min(_CERTAINTY[f.agreement.verdict] * f.agreement.score for f in best)
            return Outcome("clear", tuple(best), certainty, "名称的各部分一致")
        return Outcome("several", tuple(same), 0.5, "有多行与名称相符")

    def _containing(self, asked: Name, parts: Sequence[Found]) -> Outcome:
        """Rows whose names say more than was asked: an answer only where just one does and it is safe to tell."""
        coded = bool(_TOKEN.search(asked.chars))
        shared = [f for f in parts if coded and all(_within(f, o) for o in parts)]
        one = shared if len(shared) == 1 else parts
        if len({fold(f.name) for f in one}) == 1 and len({f.table.number for f in one}) == len(one):
            # One name, in several tables that tell of it.
            safe = all(self._safe(asked, found) for found in one)
            if safe:
                return Outcome("clear", tuple(one), 0.75, "只有一个名称包含所问的名称")
        if len(one) == 1 and self._safe(asked, one[0]):
            return Outcome("clear", tuple(one), 0.75, "只有一行的名称包含所问的名称")
        return Outcome("several", tuple(sorted(parts, key=lambda f: -f.agreement.score)), 0.45, "名称不完整")

    def _safe(self, asked: Name, found: Found) -> bool:
        """Whether a longer name can be meant: not in columns of look-alike units, nor by the start of a short name."""
        stored = self._reader.read(found.name)
        rules = self._reader.rules
        prefix = self._reader.canonical(found.table.prefix)
        if len(prefix) > 1 and len(asked.chars) > _PLAIN and found.agreement.missing == (prefix,):
            # The list is of one company: leaving its name out leaves nothing open.
            return True
        if any(word in stored.chars for word in rules.organisations) or stored.chars.endswith(rules.units):
            return False
        if "person" in found.table.wide[found.position]:
            return False
        missing = found.agreement.missing
        if len(asked.chars) < 2 or len(missing) > 2 or any(TELLS_APART.fullmatch(text) for text in missing):
            return False
        return all(self._at_edge(stored, text) for text in missing)

    @staticmethod
    def _at_edge(stored: Name, text: str) -> bool:
        """Whether a left-out text is a whole word, or two characters or more, at an end of the stored name."""
        if stored.chars.startswith(text):
            return len(text) > 1 or len(text) in stored.cuts
        if stored.chars.endswith(text):
            return len(text) > 1 or text in _KINDS or len(stored.chars) - len(text) in stored.cuts
        return False


def _titles(stored: StoredTable) -> list[str]:
    """The notes around a table that are titles of it rather than remarks."""
    return [note for note in stored.table.notes if len(note) <= _TITLE and not _REMARK.match(note)]


def _pairs(asked: Name, segments: Sequence[Segment]) -> list[str]:
    """The pairs of characters within the shared stretches of a name, each once."""
    starts = (at for s in segments for at in range(s.asked, s.asked + s.length - 1))
    return list(dict.fromkeys(asked.chars[at : at + 2] for at in starts))


def _one_per_row(found: Sequence[Found]) -> list[Found]:
    """The best name of each row."""
    best: dict[int, Found] = {}
    for each in found:
        known = best.get(each.row.id)
        if known is None or each.agreement.score > known.agreement.score:
            best[each.row.id] = each
    return list(best.values())


def _less(first: Found, second: Found) -> bool:
    """Whether all that `first` leaves out is left out of `second` too, which leaves out more."""
    mine, other = list(first.agreement.missing), list(second.agreement.missing)
    for text in mine:
        if text not in other:
            return False
        other.remove(text)
    return bool(other)


def _equal_name(first: Found, second: Found) -> bool:
    return first.table is not second.table and fold(first.name) == fold(second.name)


def _within(first: Found, second: Found) -> bool:
    return first is second or all(
        any(text in other for other in second.agreement.missing) for text in first.agreement.missing
    )
