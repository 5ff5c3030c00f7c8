"""Yes or no in everyday words about one row: is it still so (状态), can it (可否…), has it two of them (…台数).

The row's name stands in the question; what stands beside it must be the words of one column of yes and no, of one of the
values of a column of states, or a number with the words of a column of counts. The cell is shown with the verdict.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from retrieval.facts.answers import fact
from retrieval.facts.conditions import comparisons
from retrieval.facts.explaining import LEAST, Left
from retrieval.facts.normalize import plain
from retrieval.facts.types import FactResult
from retrieval.facts.values import number_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from retrieval.facts.aliases import Aliases
    from retrieval.facts.anchored import Anchor, AnchoredCells
    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.questions import Question
    from retrieval.facts.store import FactStore

_ASKED = re.compile(
    r"能不能|可不可以|能否|可否|是否|是不是|有没有|对吗|吗[?？\s]*$|了没有?[?？\s]*$|^(?:is|are|does|do|has|have|can|was|were|did)\b"
)
_ASKING = re.compile(
    r"能不能够?|可不可以|能否|可否|是否|是不是|有没有|对吗|吗|了没有?(?=[?？\s]*$)|^(?:is|are|does|do|has|have|can|was|were|did)\b|\b(?:be|been|equipped|available|possible|allowed|still|already|yet)\b"
)
_DENIED = re.compile(r"不|没|未|无|\b(?:not|no|without|n't)\b")
_STATES = re.compile(r"状态|进度|进展|\bstatus\b|\bstate\b|\bprogress\b")
_STILL = r"(?:还|仍然?|已经?|正在|正|目前|现在|在)*"
_NOT_YET = ("未", "待", "非", "不", "没", "停", "暂", "拟", "not ", "un", "to be")
_NUMBER = re.compile(
    r"(?P<n>\d{1,4}|[一二两三四五六七八九十]{1,3}|\b(?:one|two|three|four|five|six|seven|eight|nine|ten)\b)\s?(?P<m>台|个|间|条|艘|辆|家|名|位|人|项|本|套|件|份|次|层|座|门|只|支|张|部|栋)?"
)
_WORDS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
_TRUE = frozenset({"是", "有", "可", "可以", "能", "支持", "yes", "y", "true", "√", "✓"})
_FALSE = frozenset({"否", "无", "不可", "不可以", "不能", "不支持", "no", "n", "false", "×", "✗"})
_TEXTS, _LONGEST, _SAMPLE, _FEW_STATES, _CERTAINTY = 3, 60, 200, 12, 0.82


class Verdicts:
    """Answers yes or no where a row's name stands in a question of yes or no."""

    def __init__(self, store: FactStore, cells: AnchoredCells, aliases: Aliases) -> None:
        self._store = store
        self._cells = cells
        self._aliases = aliases
        self._states: dict[tuple[int, int], tuple[str, ...]] = {}

    def answer(self, read: Question, tables: Mapping[int, KnownTable]) -> FactResult | None:
        """The verdict with its cell; None where no column, or more than one, can give it."""
        if not _ASKED.search(read.text) or len(read.text) > _LONGEST or comparisons(read.text):
            return None
        for text in (read.text, *self._aliases.renamed(read.text))[:_TEXTS]:
            bare = _ASKING.sub(lambda match: " " * len(match[0]), text)
            if _DENIED.search(bare):
                continue
            anchors = self._cells.anchors(replace(read, text=bare, mentions=()), bare, tables)
            found = [verdict for anchor in anchors for verdict in self._of_row(bare, anchor)]
            if len({(v.computed, v.facts[0].column, v.facts[0].value) for v in found}) == 1:
                return found[0]
        return None

    def _of_row(self, bare: str, anchor: Anchor) -> list[FactResult]:
        """The verdicts that the columns of a row give; the surest kind of them alone."""
        table, columns = anchor.table, anchor.table.stored.table.columns
        rest = f"{bare[: anchor.start]}\0{bare[anchor.end :]}"
        others = [p for p in range(len(columns)) if p not in {anchor.position, table.label}]
        for way in (self._said, self._state, self._count):
            found = [result for p in others if (result := way(rest, anchor, p)) is not None]
            if found:
                return found
        return []

    def _said(self, rest: str, anchor: Anchor, position: int) -> FactResult | None:
        """Whether a cell of yes and no says yes (可否录播)."""
        value = plain(anchor.row.cells[position])
        if anchor.table.stored.table.columns[position].kind != "boolean" or value not in _TRUE | _FALSE:
            return None
        weight = self._cells.column_words(anchor.table, position).weigh(Left.of(rest))
        return (
            _verdict(anchor, position, says=value in _TRUE) if weight is not None and weight >= LEAST else None
        )

    def _state(self, rest: str, anchor: Anchor, position: int) -> FactResult | None:
        """Whether the row is in the state that the question names (还在履行: 履行中)."""
        column = anchor.table.stored.table.columns[position]
        value = plain(anchor.row.cells[position])
        if column.kind != "text" or not _STATES.search(plain(column.name)) or not value:
            return None
        words = self._cells.column_words(anchor.table, position)
        for state in self._of_column(anchor.table, position):
            for core in _cores(state):
                said = re.search(rf"{_STILL}{re.escape(core)}[中了着过]?", rest) if core in rest else None
                if said is None:
                    continue
                if words.weigh(Left.of(f"{rest[: said.start()]} {rest[said.end() :]}")) is not None:
                    return _verdict(anchor, position, says=value == state)
        return None

    def _count(self, rest: str, anchor: Anchor, position: int) -> FactResult | None:
        """Whether the row has as many as the question says (两台主变: 主变台数)."""
        column = anchor.table.stored.table.columns[position]
        value, match = number_of(anchor.row.cells[position]), _NUMBER.search(rest)
        if column.kind != "number" or value is None or match is None:
            return None
        if match["m"] and match["m"] not in f"{plain(column.name)}{column.unit}":
            return None
        weight = self._cells.column_words(anchor.table, position).weigh(
            Left.of(f"{rest[: match.start()]} {rest[match.end() :]}")
        )
        number = _WORDS.get(match["n"]) or number_of(match["n"])
        if weight is None or weight < LEAST or number is None:
            return None
        return _verdict(anchor, position, says=value == number)

    def _of_column(self, table: KnownTable, position: int) -> tuple[str, ...]:
        """The different states that a column of states has, where they are few."""
        key = table.number, position
        if key not in self._states:
            rows = self._store.table_rows(table.number, limit=_SAMPLE)
            texts = tuple(dict.fromkeys(text for row in rows if (text := plain(row.cells[position]))))
            self._states[key] = texts if len(texts) <= _FEW_STATES else ()
        return self._states[key]


def _cores(state: str) -> tuple[str, ...]:
    """A state as it is asked about: 履行 for 履行中, 上映 for 已上映; one that says not yet only as a whole."""
    if state.startswith(_NOT_YET):
        return (state,)
    forms = (state, state.removesuffix("中"), state.removeprefix("已"), state.removeprefix("正在"))
    return tuple(form for form in dict.fromkeys(forms) if len(form) > 1)


def _verdict(anchor: Anchor, position: int, *, says: bool) -> FactResult:
    shown = fact(anchor.table, anchor.row, position)
    # 是 alone would not say of what.
    named = replace(shown, label=f"{shown.label}（{shown.column}）")
    return FactResult(
        "found", f"{shown.label} 的{shown.column}是 {shown.value}", (named,), column=shown.column,
        confidence=_CERTAINTY if anchor.whole else _CERTAINTY - 0.1, operation="check", computed="是" if says else "否",
        total=1, query="SELECT value FROM cells WHERE row = :name", parameters=(shown.label,), subject=shown.label,
    )  # fmt: skip
