"""The cell of a row whose name stands in the question, where all other words are explained by one of its columns.

The strict reading takes a question for a name and the words of a column. People say more: what is done with the thing
(要加多少升油), the measure that the table's title has (1月发了多少电), what the cells end with (放在哪个库). Here each word
beside the name must be a word of the column's header, of the title, or one that says nothing; a word that is none of
these asks for something that the row does not hold, and there is no answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.facts.answers import empty_of, facts_of
from retrieval.facts.conditions import comparisons
from retrieval.facts.explaining import LEAST, ColumnWords, Left, left_of
from retrieval.facts.normalize import fold, plain
from retrieval.facts.opposites import no_place, other_end
from retrieval.facts.refuting import refuted
from retrieval.facts.suiting import suits
from retrieval.facts.types import FactResult
from retrieval.facts.versions import newest
from retrieval.facts.wanted import wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from retrieval.facts.aliases import Aliases
    from retrieval.facts.catalogue import KnownTable, TableDocument
    from retrieval.facts.columns import Vocabulary
    from retrieval.facts.finding import RowFinder
    from retrieval.facts.questions import Question
    from retrieval.facts.row_index import RowIndex
    from retrieval.facts.store import FactStore
    from retrieval.facts.types import TableRow
    from retrieval.facts.wanted import Wanted

_LOOKED_AT, _LONGEST, _TEXTS, _SAMPLE, _MOSTLY = 30, 70, 3, 200, 0.9
# What one column alone may hold without a word of its header in the question: 多少钱 asks for the price.
_BY_KIND = frozenset({"money", "contact", "where"})
# 要哪些材料 asks for the list that one cell holds.
_OF_A_CELL = frozenset({"value", "count", "list"})
_CERTAINTY = {"whole": 0.85, "part": 0.72}
# 2026年1月 and March 2026 name a column of the table of that year; they set no bound.
_YEAR_OF = re.compile(r"(?:19|20)\d\d年(?=\d{1,2}月|[上下]半年|第?[一二三四]季)|(?<=[a-z] )(?:19|20)\d\d\b")
_TURNED = re.compile(
    r"[不没未非除]|最|\b(?:no|not|without|except|other|than|most|least|average|total)\b|平均|合计|总共|一共"
)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A row whose name stands in a text from `start` to `end`: `whole`, or the part of it that only this row has."""

    table: KnownTable
    row: TableRow
    position: int
    start: int
    end: int
    whole: bool = True


@dataclass(frozen=True, slots=True)
class _Told:
    anchor: Anchor
    position: int
    weight: float

    @property
    def value(self) -> str:
        return self.anchor.row.cells[self.position]

    @property
    def dated(self) -> TableDocument:
        return self.anchor.table.dated


class AnchoredCells:
    """Answers questions that hold the name of a row among words for one of its columns."""

    def __init__(
        self, store: FactStore, index: RowIndex, finder: RowFinder, vocabulary: Vocabulary, aliases: Aliases
    ) -> None:
        self._store = store
        self._index = index
        self._finder = finder
        self._vocabulary = vocabulary
        self._aliases = aliases
        self._words: dict[tuple[int, int], ColumnWords] = {}
        self._ends: dict[tuple[int, int], str] = {}

    def answer(self, read: Question, tables: Mapping[int, KnownTable]) -> FactResult | None:
        """The cell that a question asks for; None where its words fit no column, or more than one."""
        if read.operation not in _OF_A_CELL or len(read.text) > _LONGEST:
            return None
        if _TURNED.search(read.text) or comparisons(_YEAR_OF.sub("", read.text)):
            return None
        for text in (read.text, *self._aliases.renamed(read.text))[:_TEXTS]:
            anchors = self.anchors(read, text, tables)
            asked = wanted(text) if anchors else None
            told = [cell for anchor in anchors if (cell := self._cell(text, anchor, asked)) is not None]
            if told:
                return self._answered(told)
        return None

    # The row

    def anchors(self, read: Question, text: str, tables: Mapping[int, KnownTable]) -> list[Anchor]:
        """The rows whose name, or a part of it that no other row has, stands in a form of a question in plain form."""
        return self._whole(text, tables) or self._in_part(read, text, tables)

    def _whole(self, text: str, tables: Mapping[int, KnownTable]) -> list[Anchor]:
        """The rows whose whole name stands in a text in plain form, the longest names only; none where a name has two rows."""
        hits = self._index.search(text, _LOOKED_AT, list(tables))
        rows = self._store.rows({hit.row_id for hit in hits})
        found = []
        for hit in hits:
            row = rows.get(hit.row_id)
            table = tables.get(row.table_number) if row is not None else None
            if row is None or table is None or hit.position not in table.naming:
                continue
            for name in self._names(row.cells[hit.position], table):
                start = _place(name, text)
                if start >= 0:
                    found.append(Anchor(table, row, hit.position, start, start + len(name)))
                    break
        longest = max((anchor.end - anchor.start for anchor in found), default=0)
        kept = [anchor for anchor in found if anchor.end - anchor.start == longest]
        once = {(a.table.number, a.row.id): a for a in kept}
        per_table = [a.table.number for a in once.values()]
        return [a for a in once.values() if per_table.count(a.table.number) == 1]

    def _names(self, cell: str, table: KnownTable) -> Iterator[str]:
        """A name in plain form, and with the word for its kind as people clip it (风场 for 风电场)."""
        name = plain(cell)
        if len(name) < 2 or name.isdecimal():
            return
        yield name
        for word in self._finder.kind_words(table):
            if len(word) > 2 and name.endswith(word) and not word.isascii() and len(name) > len(word) + 1:
                yield f"{name.removesuffix(word)}{word[0]}{word[-1]}"

    def _in_part(self, read: Question, text: str, tables: Mapping[int, KnownTable]) -> list[Anchor]:
        """The rows that a piece of the text names though it says less than their names."""
        for match in left_of(text, [(m.start, m.end) for m in read.mentions]):
            outcome = self._finder.find(match[0], tables) if len(match[0]) > 2 else None
            if outcome is not None and outcome.state == "clear":
                return [
                    Anchor(f.table, f.row, f.position, match.start(), match.end(), whole=False)
                    for f in outcome.rows
                ]
        return []

    # The column

    def _cell(self, text: str, anchor: Anchor, asked: Wanted | None) -> _Told | None:
        """The cell of the only column that explains most of what stands beside the name, and all of it."""
        table = anchor.table
        left = Left.of(f"{text[: anchor.start]}\0{text[anchor.end :]}")
        weights = {}
        for position in range(len(table.stored.table.columns)):
            if position in {anchor.position, table.label}:
                continue
            words = self.column_words(table, position)
            end = self._ending(table, position) if left.which else ""
            end = end if end and anchor.row.cells[position].endswith(end) else ""
            weight = words.weigh(left, end, anchor.row.cells)
            if weight is None or refuted(text, [position], anchor.row, table):
                continue
            coded = "code" in table.wide[position] and not anchor.whole
            if not coded and suits(table, anchor.row, position, asked, left):
                weights[position] = weight
        most = max(weights.values(), default=0.0)
        best = [p for p, weight in weights.items() if weight == most]
        if len(best) != 1 or other_end(text, table, best) or no_place(text, table, best):
            return None
        title = self._finder.title(table) if asked is not None and asked.kind == "where" else ""
        alone = asked is not None and asked.kind in _BY_KIND and left.bare(anchor.row.cells, title)
        return _Told(anchor, best[0], most) if most >= LEAST or alone else None

    def column_words(self, table: KnownTable, position: int) -> ColumnWords:
        """The words of one column of a table."""
        key = table.number, position
        if key not in self._words:
            self._words[key] = ColumnWords.of(table, position, self._finder.title(table), self._vocabulary)
        return self._words[key]

    def _ending(self, table: KnownTable, position: int) -> str:
        """What nearly all cells of a column end with (库 of A库 and B库); empty where they end differently."""
        key = table.number, position
        if key not in self._ends:
            rows = self._store.table_rows(table.number, limit=_SAMPLE)
            texts = [text for row in rows if (text := plain(row.cells[position]))]
            ends = {text[-1] for text in texts}
            same = len(ends) == 1 and len(set(texts)) > 1 and not texts[0][-1].isascii()
            self._ends[key] = next(iter(ends)) if same else ""
        return self._ends[key]

    # The answer

    def _answered(self, told: Sequence[_Told]) -> FactResult | None:
        most = max(cell.weight for cell in told)
        best = [cell for cell in told if cell.weight == most]
        if len({fold(cell.value) for cell in best}) > 1:
            best = newest(best, lambda cell: cell.dated)
            if len(best) != 1:
                return None
        cell, reason = best[0], "名称之外的话只说了这一栏"
        table, row = cell.anchor.table, cell.anchor.row
        if cell.value and not re.search(r"\w", cell.value):
            return None
        facts = facts_of(table, row, [cell.position])
        subject, column = row.cells[table.label], table.stored.table.columns[cell.position].name
        if not facts:
            return FactResult(
                "absent", f"{subject} 的这一栏是空的", column=column, confidence=0.9, operation="value", subject=subject,
                empty=empty_of(table, row, [cell.position]),
            )  # fmt: skip
        return FactResult(
            "found", reason, facts, column=column, confidence=_CERTAINTY["whole" if cell.anchor.whole else "part"],
            operation="value", total=1, query="SELECT value FROM cells WHERE row = :name", parameters=(subject,),
            subject=subject,
        )  # fmt: skip


def _place(name: str, text: str) -> int:
    """Where a name stands in a text without cutting a Latin word or a number; -1 where it does not."""
    pattern = rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])" if name.isascii() else re.escape(name)
    match = re.search(pattern, text)
    return match.start() if match else -1
