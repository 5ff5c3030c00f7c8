"""Finds in a question the texts of cells, and turns its comparisons into conditions on columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from retrieval.facts.catalogue import columns_for
from retrieval.facts.normalize import fold, fold_plain, plain
from retrieval.facts.operations import NUMERIC, number_column
from retrieval.facts.quantities import amount_of
from retrieval.facts.types import Condition, Selection

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from retrieval.facts.aliases import Aliases
    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.columns import Vocabulary
    from retrieval.facts.conditions import Comparison
    from retrieval.facts.quantities import Amount
    from retrieval.facts.questions import Mention, Question
    from retrieval.facts.store import FactStore
    from retrieval.facts.types import Column

_LONGEST_VALUE = 24
_SHORT_WORD, _BEGUN, _BEHIND = 3, 50, 1
_PRICES = frozenset({"price", "fee", "ticket"})
_SCALED, _FEW = re.compile(r"[百千万亿元块]|k\b"), 10
_MARKS = ("市", "省", "县", "区")
_WORD = re.compile(r"[0-9a-z]")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the question that is a whole cell text of a column."""

    start: int
    end: int
    position: int
    texts: tuple[str, ...]
    rows: int


class ValueReader:
    """Reads the values and bounds that a question sets."""

    def __init__(self, store: FactStore, vocabulary: Vocabulary, aliases: Aliases) -> None:
        self._store = store
        self._vocabulary = vocabulary
        self._aliases = aliases

    def spans(
        self, read: Question, bounds: Sequence[Comparison], tables: Mapping[int, KnownTable]
    ) -> dict[int, list[Span]]:
        """The cell texts that stand in the question, by table; of overlapping ones the longest."""
        forms: dict[str, list[tuple[int, int]]] = {}
        for start, end in _stretches(read.text, bounds):
            text = fold_plain(read.text[start:end])
            if not text:
                continue
            variants = {text, *(text + mark for mark in _MARKS)} if _may_be_place(text) else {text}
            if len(text) > _SHORT_WORD and text.isascii() and text.isalpha() and text[-1] == "s":
                variants.add(text[:-1])
            variants.update(self._aliases.of(text))
            for variant in variants:
                forms.setdefault(variant, []).append((start, end))
        found: dict[int, dict[tuple[int, int, int], tuple[list[str], int]]] = {}
        for folded, number, position, rows in self._store.find_values(list(forms), list(tables)):
            for start, end in forms[folded]:
                texts, count = found.setdefault(number, {}).setdefault((start, end, position), ([], 0))
                texts.append(folded)
                found[number][start, end, position] = (texts, count + rows)
        return {
            number: [
                _with_lists(Span(s, e, p, tuple(texts), count), tables[number])
                for (s, e, p), (texts, count) in spans.items()
            ]
            for number, spans in found.items()
        }

    def beginning(self, part: str, table: KnownTable) -> list[tuple[int, str]]:
        """The short cells of a table that begin with a piece and go on with another word, each with its column."""
        folded = fold(part)
        found = self._store.values_beginning(folded, table.number, _BEGUN)
        return [
            (place, text)
            for place, text in found
            if text != folded
            and len(text) <= _LONGEST_VALUE
            and place not in (*table.places, *table.naming)
            and _goes_on(folded, text)
        ]

    def standing(self, texts: Sequence[str], table: KnownTable, position: int) -> list[str]:
        """Which of the folded texts are cells of a column."""
        found = self._store.find_values(list(dict.fromkeys(texts)), [table.number])
        return [text for text, _, place, _ in found if place == position]

    def condition(
        self, read: Question, bound: Comparison, table: KnownTable, mentions: Sequence[Mention]
    ) -> Condition | None:
        """The condition that a comparison sets on a table; None where it does not say on which column."""
        if bound.yearless:
            return self._in_its_year(read, bound, table, mentions)
        kinds = ["date"] if bound.dated else sorted(NUMERIC)
        near = [m for m in mentions if m.end <= bound.start] or list(mentions)
        if bound.dated:
            # 2026年到期: what follows a year tells which day it is of.
            behind = [m for m in mentions if 0 <= m.start - bound.end <= _BEHIND]
            near = [m for m in behind if self._of_days(m, table)] or near
        said = any(columns_for(m, table, self._vocabulary) for m in near)
        position = number_column(replace(read, mentions=tuple(near)), table, self._vocabulary, kinds)
        if bound.dated and position is not None:
            told = {p for m in near for p in columns_for(m, table, self._vocabulary)}
            years = _year_columns(table)
            if position not in told and years:
                # 2015年以后投产: the year of 投产 is meant, not the only date that the table has.
                beside = {
                    p for p in (*years, position) if _said_beside(read.text, bound.end, columns_name(table, p))
                }
                meant = told & set(years) or beside
                if meant != {position}:
                    return _in_years(bound, table, meant) if len(meant) == 1 else None
        if not bound.dated and (position is None or not said):
            position = self._by_unit(bound, table) or position
        if position is None and bound.dated:
            return _in_years(bound, table)
        if position is None:
            return None
        return self._within(bound, table, position)

    def _within(self, bound: Comparison, table: KnownTable, position: int) -> Condition | None:
        """The condition that a column's number lies within a bound, in the unit of its header or of its cells."""
        if not bound.dated and self._in_other_units(bound, table, position):
            return self._amounts_within(bound, table, position)
        scale = column_scale(table.stored.table.columns[position])
        infinite = float("inf")
        ends = [end for end in (bound.low, bound.high) if end not in {infinite, -infinite}]
        if not _SCALED.search(bound.shown) and all(end < _FEW * scale for end in ends):
            # 金额超过500 where the column is in 万元: in the column's unit.
            scale = 1.0
        return Condition(
            position, (), None if bound.low == -infinite else bound.low / scale,
            None if bound.high == infinite else bound.high / scale, bound.open_low, bound.open_high,
        )  # fmt: skip

    @staticmethod
    def _in_other_units(bound: Comparison, table: KnownTable, position: int) -> bool:
        """Whether a column's amounts are in several units, or in another one than the bound (超过5年 of 60个月)."""
        units = table.units.get(position, frozenset())
        asked = amount_of("1", bound.unit)
        return len(units) > 1 or (asked is not None and bool(units) and units != {asked.unit})

    def _amounts_within(self, bound: Comparison, table: KnownTable, position: int) -> Condition | None:
        """The condition that a cell's amount lies within a bound, whatever unit it is in; None where that is not sure of each."""
        unit = table.stored.table.columns[position].unit
        texts = []
        for group in self._store.groups(Selection(table.number), position, position):
            amount = amount_of(group.text, unit)
            inside = amount and lies_within(amount, bound)
            if inside is None and (group.numbers or amount is not None):
                return None
            if inside:
                texts.append(group.text)
        return Condition(position, tuple(texts) or ("",), rows=len(texts), bounded=True)

    def _of_days(self, mention: Mention, table: KnownTable) -> bool:
        """Whether a mention is of one column of days or years."""
        found = columns_for(mention, table, self._vocabulary)
        return len(found) == 1 and (
            table.stored.table.columns[found[0]].kind == "date" or found[0] in _year_columns(table)
        )

    def _in_its_year(
        self, read: Question, bound: Comparison, table: KnownTable, mentions: Sequence[Mention]
    ) -> Condition | None:
        """The condition of days without a year, where all the days of their column are of one year."""
        position = number_column(replace(read, mentions=tuple(mentions)), table, self._vocabulary, ["date"])
        years = table.years.get(position, frozenset()) if position is not None else frozenset()
        if position is None or len(years) != 1:
            return None
        year = next(iter(years))
        low, high = (_of_year(end, year) for end in (bound.low, bound.high))
        return Condition(position, (), low, high, bound.open_low, bound.open_high)

    def _by_unit(self, bound: Comparison, table: KnownTable) -> int | None:
        money = bound.unit in {
            "元",
            "块",
            "¥",
            "￥",
            "$",
            "€",
            "rmb",
            "yuan",
            "usd",
            "eur",
            "美元",
            "欧元",
        } or bound.unit.startswith(("dollar", "euro"))
        columns = table.stored.table.columns
        fitting = [
            p for p, c in enumerate(columns)
            if (money and c.kind == "money") or (bound.unit in {"%", "‰"} and c.kind == "percent")
            or (bound.unit and c.kind == "number" and (bound.unit in plain(c.unit) or plain(c.name).endswith(f"{bound.unit}数")))
        ]  # fmt: skip
        if money and len(fitting) > 1:
            fitting = [p for p in fitting if _PRICES & set(self._exactly(columns[p].name))]
        return fitting[0] if len(fitting) == 1 else None

    def _exactly(self, header: str) -> frozenset[str]:
        """The concepts that a whole header is a word for (Price, but not Kids price)."""
        bare = plain(re.sub(r"[(（\[【].*?[)）\]】]", "", header)).strip()
        return frozenset(name for name, concept in self._vocabulary.concepts.items() if bare in concept.words)


def lies_within(amount: Amount, bound: Comparison) -> bool | None:
    """Whether an amount lies within a bound that says its unit; None where that is not sure."""
    sides = []
    for end, lower, opened in ((bound.low, True, bound.open_low), (bound.high, False, bound.open_high)):
        if end in {float("inf"), -float("inf")}:
            continue
        limit = amount_of(f"{Decimal(repr(end)):f}", bound.unit)
        if limit is None:
            return None
        beyond = amount.above(limit) if lower else limit.above(amount)
        sides.append(not opened if amount.equals(limit) else beyond)
    return None if None in sides else all(sides)


def _goes_on(part: str, text: str) -> bool:
    """Whether a new word begins in a Chinese text where a piece of it ends."""
    import rjieba

    at = 0
    for word in rjieba.cut(text):
        at += len(word)
        if at >= len(part):
            return at == len(part) and not part.isascii()
    return False


def _in_years(bound: Comparison, table: KnownTable, only: Collection[int] | None = None) -> Condition | None:
    """The condition that days set on a column of bare years (出版年份: 2019), where they begin or end a year."""
    columns = table.stored.table.columns
    years = [p for p in _year_columns(table) if only is None or p in only]
    ends = [_year(end) for end in (bound.low, bound.high)]
    if len(years) != 1 or columns[years[0]].kind != "number" or False in ends:
        return None
    low, high = (None if end is True else float(end) for end in ends)
    return Condition(years[0], (), low, high, bound.open_low, bound.open_high)


def _year_columns(table: KnownTable) -> list[int]:
    columns = table.stored.table.columns
    return [p for p, c in enumerate(columns) if c.kind in {"number", "identifier"} and "date" in table.wide[p]]


def columns_name(table: KnownTable, position: int) -> str:
    """The header of a column in plain form."""
    return plain(table.stored.table.columns[position].name)


def _said_beside(text: str, end: int, header: str) -> bool:
    """Whether what follows a bound says a character of a header: 2015年以后造的 beside 建造年份."""
    following = re.match(r"[\s的]*([一-鿿]{1,3})", text[end:])
    return following is not None and any(
        char in header for char in following[1] if char not in "的是有年月日期时间了在和"
    )


def _of_year(ordinal: float, year: int) -> float | None:
    """A day of the year 2000 in another year; None for no bound. The last of February stays the last."""
    if ordinal in {float("inf"), float("-inf")}:
        return None
    day = date.fromordinal(int(ordinal))
    leap = (day.month, day.day) == (2, 29)
    return float((date(year, 3, 1) - timedelta(days=1) if leap else day.replace(year=year)).toordinal())


def _year(ordinal: float) -> int | bool:
    """The year that a day begins or ends; True for no bound, False for a day inside a year."""
    if ordinal in {float("inf"), float("-inf")}:
        return True
    day = date.fromordinal(int(ordinal))
    return day.year if (day.month, day.day) in {(1, 1), (12, 31)} else False


def _stretches(text: str, bounds: Sequence[Comparison]) -> list[tuple[int, int]]:
    """All stretches of a question that may be a cell's text: no word or number cut, no comparison touched."""
    found = []
    for start in range(len(text)):
        if text[start].isspace() or (start and _WORD.match(text[start]) and _WORD.match(text[start - 1])):
            continue
        for end in range(start + 1, min(len(text), start + _LONGEST_VALUE) + 1):
            cut = end < len(text) and _WORD.match(text[end - 1]) and _WORD.match(text[end])
            if cut or text[end - 1].isspace() or any(start < b.end and b.start < end for b in bounds):
                continue
            found.append((start, end))
    return found


def _with_lists(span: Span, table: KnownTable) -> Span:
    """A span with the cells that hold its text as one of several (MH-Proof in MH-Flow、MH-Proof)."""
    lists = table.lists.get(span.position, {})
    more = [cell for text in span.texts for cell in lists.get(text, ()) if cell not in span.texts]
    return (
        replace(span, texts=(*span.texts, *dict.fromkeys(more)), rows=span.rows + len(more)) if more else span
    )


def _may_be_place(text: str) -> bool:
    return 2 <= len(text) <= 6 and all("一" <= char <= "鿿" for char in text) and not text.endswith(_MARKS)


def column_scale(column: Column) -> float:
    """What the unit of a column multiplies its numbers by, also where its header says more than a known unit (万m³/d)."""
    brackets = re.search(r"[(（\[【]([^)）\]】]*)[)）\]】]\s*$", column.name)
    return scale_of(column.unit or (brackets[1] if brackets else ""))


def scale_of(unit: str) -> float:
    """What a unit such as 万元 multiplies its numbers by; 1 where it does not."""
    match = re.search(r"百万|千万|万|千|亿", unit)
    return {"百万": 1e6, "千万": 1e7, "万": 1e4, "千": 1e3, "亿": 1e8}[match[0]] if match else 1.0
