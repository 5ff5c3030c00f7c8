"""Beginnings and ends: a date on which something starts does not say when it ends."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.facts.everyday import everyday_words
from retrieval.facts.normalize import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from retrieval.facts.catalogue import KnownTable

_BEGINS = re.compile(r"\b(?:starts?|begins?|begin|started|began)\b|开始|起始")
_ENDS = re.compile(
    r"\b(?:ends?|ended|ending|expires?|expired|finish(?:es|ed)?|terminates?)\b|结束|到期|过期|截止|终止|失效"
)
_FIRST = frozenset(
    {
        "start_date", "hire_date", "purchase_date", "effective_date", "opening_date", "signing_date", "birth_date",
        "departure_time", "release_date",
    }
)  # fmt: skip
_WHERE = re.compile(r"^where\b|在哪(?!一?[个些天年月日种家座栋层位款])")
_MEASURED = frozenset({"date", "number", "money", "percent"})
_LARGE = frozenset({"多大", "how big", "how large"})
_COUNT = re.compile(r"(?:[个间套台件房张]|数)(?:量|数)$|数$|\b(?:count|number|qty|quantity)\b")
_TIMED = re.compile(r"时间|日期|时段|\b(?:time|hours|date|schedule)\b")
_LENGTHS = frozenset(
    {"m", "mm", "cm", "km", "米", "毫米", "厘米", "公里", "μm", "um", "英寸", "inch", "in", "ft"}
)
_WEIGHTS = frozenset({"kg", "g", "t", "mg", "吨", "公斤", "千克", "克", "lb"})
# Degrees that only some units can tell: 多重 is no number of litres.
_PHYSICAL = {
    **dict.fromkeys(("多重", "how heavy"), _WEIGHTS), **dict.fromkeys(("多宽", "多厚", "多深", "how wide", "how deep", "how tall"), _LENGTHS),
    "多高": _LENGTHS | {"", "%", "元", "万元", "℃", "元/年"},
}  # fmt: skip
_LAST = frozenset({"end_date", "expiry_date", "arrival_time"})


def other_end(text: str, table: KnownTable, positions: Iterable[int]) -> bool:
    """Whether a question in plain form speaks of an end, and the only dates at `positions` are beginnings, or the reverse."""
    dated = [table.wide[p] for p in positions if "date" in table.wide[p]]
    ends, begins = _ENDS.search(text) is not None, _BEGINS.search(text) is not None
    if not dated or ends == begins:
        return False
    return all(concepts & (_FIRST if ends else _LAST) for concepts in dated)


def other_degree(text: str, table: KnownTable, positions: Iterable[int]) -> bool:
    """Whether a question asks how heavy, wide, thick, deep or high a thing is, and no column at `positions` tells that."""
    said = next((word for word in everyday_words().degrees if word in text), "")
    asked = list(positions)
    if said in _LARGE and asked:
        # 房间多大 is not how many rooms there are.
        return all(_COUNT.search(plain(table.stored.table.columns[p].name)) for p in asked)
    if said not in _PHYSICAL or not asked:
        return False
    columns = [table.stored.table.columns[p] for p in asked]
    return not any(
        any(word in plain(column.name) for word in everyday_words().degrees[said])
        or plain(column.unit) in _PHYSICAL[said]
        for column in columns
    ) and all(column.kind in _MEASURED and column.unit for column in columns)


def no_place(text: str, table: KnownTable, positions: Iterable[int]) -> bool:
    """Whether a question in plain form asks where, and `positions` hold dates or numbers alone (Built: 2019)."""
    asked = list(positions)
    columns = table.stored.table.columns
    return (
        bool(asked)
        and _WHERE.search(text) is not None
        and all(
            (columns[p].kind in _MEASURED or _TIMED.search(plain(columns[p].name)))
            and "place" not in table.wide[p]
            for p in asked
        )
    )
