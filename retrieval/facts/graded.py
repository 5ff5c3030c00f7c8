"""Tables whose columns are ranges (0-1kg | 1-5kg | 5-20kg): a number in the question says which column is asked."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from retrieval.facts.answers import called, facts_of
from retrieval.facts.bands import band_of
from retrieval.facts.questions import residue
from retrieval.facts.types import FactResult
from retrieval.facts.values import number_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from retrieval.facts.bands import Band
    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.finding import RowFinder
    from retrieval.facts.questions import Question

_AMOUNT = re.compile(r"(?<![\d.a-z第-])(\d[\d,]*(?:\.\d+)?)\s*([a-z㎡℃]{1,4}|[一-鿿]{1,2})(?![a-z])")
_SAME = {
    "公斤": "kg", "千克": "kg", "kgs": "kg", "克": "g", "吨": "t", "公里": "km", "千米": "km", "米": "m", "升": "l", "毫升": "ml",
    "平方米": "㎡", "平米": "㎡", "个人": "人", "名": "人",
}  # fmt: skip
_CERTAINTY, _LEAST = 0.9, 2


def answer_by_range(read: Question, tables: Mapping[int, KnownTable], finder: RowFinder) -> FactResult | None:
    """The cell in the row that is named and the column whose range holds the one amount of the question; None elsewhere."""
    amounts = list(_AMOUNT.finditer(read.text))
    if len(amounts) != 1:
        return None
    amount = amounts[0]
    number = number_of(amount[1])
    held = {}
    for key, table in tables.items():
        found = _columns(table, float(number), amount[2]) if number is not None else []
        if len(found) == 1:
            held[key] = found[0]
    if len(held) != 1:
        return None
    key, position = next(iter(held.items()))
    text = (
        f"{read.text[: amount.start()]}\0{' ' * (amount.end() - amount.start() - 1)}{read.text[amount.end() :]}"
    )
    asking = [mention for mention in read.mentions if mention.asks]
    name = residue(replace(read, text=text), *asking)
    outcome = finder.find(name, {key: tables[key]}) if name else None
    if outcome is None or outcome.state != "clear" or len(outcome.rows) != 1:
        return None
    row = outcome.rows[0]
    facts = tuple(replace(f, label=called(row)) for f in facts_of(row.table, row.row, [position]))
    if not facts:
        return None
    return FactResult(
        "found", f"{amount[0]}在{facts[0].column}之内", facts, column=facts[0].column,
        confidence=_CERTAINTY * outcome.certainty, operation="value", total=1,
        query="SELECT :range FROM rows WHERE name = :name", parameters=(facts[0].column, row.name), subject=row.name,
    )  # fmt: skip


def _columns(table: KnownTable, number: float, unit: str) -> list[int]:
    """The columns whose range holds a number in a unit: several where it lies on their border."""
    bands = _bands(table)
    return [p for p, band in bands.items() if _same_unit(band.unit, unit) and band.holds(number)]


def _bands(table: KnownTable) -> dict[int, Band]:
    """The columns whose headers are ranges, where there are several."""
    found = {}
    for position, column in enumerate(table.stored.table.columns):
        band = band_of(column.name)
        if band is not None:
            found[position] = band
    return found if len(found) >= _LEAST else {}


def _same_unit(first: str, second: str) -> bool:
    return _SAME.get(first, first) == _SAME.get(second, second) if first else False
