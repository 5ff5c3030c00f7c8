"""The unit that a question counts in (多少mg), and whether it speaks against the column that would answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.facts.normalize import plain

if TYPE_CHECKING:
    from collections.abc import Collection

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.columns import Vocabulary
    from retrieval.facts.types import TableRow

_ASKED = re.compile(r"(?:多少|几|how many )\s*([a-z%]{1,6}|[一-鿿])(?![a-z一-鿿])")
_AMOUNT = re.compile(r"^[\d,.]+\s*")


def asked_unit(text: str, vocabulary: Vocabulary) -> str:
    """The known unit after 多少, 几 or how many in a question in plain form; empty where there is none."""
    match = _ASKED.search(text)
    return match[1] if match and match[1] in vocabulary.units else ""


def other_unit(unit: str, asked: Collection[int], row: TableRow, table: KnownTable) -> bool:
    """Whether other cells of a row are in the unit asked for, and none of the asked columns is."""
    if not unit:
        return False
    held = {
        place
        for place, column in enumerate(table.stored.table.columns)
        if unit in (plain(column.unit), _AMOUNT.sub("", plain(row.cells[place])))
    }
    return bool(held) and not held & set(asked)
