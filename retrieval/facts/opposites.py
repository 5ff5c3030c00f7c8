"""Beginnings and ends: a date on which something starts does not say when it ends."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

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
_WHERE = re.compile(r"^where\b|在哪[里儿]")
_MEASURED = frozenset({"date", "number", "money", "percent"})
_LAST = frozenset({"end_date", "expiry_date", "arrival_time"})


def other_end(text: str, table: KnownTable, positions: Iterable[int]) -> bool:
    """Whether a question in plain form speaks of an end, and the only dates at `positions` are beginnings, or the reverse."""
    dated = [table.wide[p] for p in positions if "date" in table.wide[p]]
    ends, begins = _ENDS.search(text) is not None, _BEGINS.search(text) is not None
    if not dated or ends == begins:
        return False
    return all(concepts & (_FIRST if ends else _LAST) for concepts in dated)


def no_place(text: str, table: KnownTable, positions: Iterable[int]) -> bool:
    """Whether a question in plain form asks where, and `positions` hold dates or numbers alone (Built: 2019)."""
    asked = list(positions)
    columns = table.stored.table.columns
    return (
        bool(asked)
        and _WHERE.search(text) is not None
        and all(columns[p].kind in _MEASURED and "place" not in table.wide[p] for p in asked)
    )
