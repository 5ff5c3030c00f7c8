"""A thing that a question asks of a row and that only a remark of it tells: 押金 where the remarks say 押金500元."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.facts.normalize import fold, plain
from retrieval.facts.subject import stop_words

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from retrieval.facts.finding import Found

_LEAST = 2
_REMARKS = re.compile(r"备注|说明|注$|附注|其他|\b(?:notes?|remarks?|comments?)\b")
_ASKED = r"(?:费用?|金额)?\s*(?:是|要|得|收|为|有)?\s*(?:多少|几|怎么收|如何收|多久|$|[?？])"


def beside_name(name: str, found: Found) -> str:
    """What a name in a question says behind that of its row, or in English around it: 押金 of 大号保管箱押金."""
    asked, stored = fold(name), fold(found.name)
    if name.isascii() and plain(found.name) in plain(name):
        words = plain(name).replace(plain(found.name), " ").split()
        return " ".join(word for word in words if word not in stop_words())
    return asked.removeprefix(stored).removeprefix("的").strip() if asked.startswith(stored) else ""


def remark_on(said: str, found: Found, shown: Collection[int]) -> int | None:
    """The column of the remark in which the row speaks of what is asked beside its name; None where another column tells it.

    `shown` are the columns that would answer. The remark must say more than the word: a number behind it, or anything
    under 备注; a cell that is the word itself only tells rows apart.
    """
    if len(said) < _LEAST:
        return None
    table, row = found.table, found.row
    columns = table.stored.table.columns
    if any(said in plain(columns[p].name) or said in fold(row.cells[p]) for p in shown):
        return None
    own = {*table.naming, table.key, table.label, *shown}
    held = [
        p for p, cell in enumerate(row.cells)
        if p not in own and columns[p].kind == "text" and _speaks(said, plain(cell), columns[p].name, noted="note" in table.wide[p])
    ]  # fmt: skip
    return held[0] if len(held) == 1 else None


def _speaks(said: str, cell: str, header: str, *, noted: bool) -> bool:
    at = cell.find(said)
    if at < 0 or cell == said:
        return False
    figure = re.match(r"[^\d,，。;；]{0,6}\d", cell[at + len(said) :]) is not None
    return noted or figure or _REMARKS.search(plain(header)) is not None


def only_in_remarks(
    question: str, word: str, places: Sequence[int], headers: Sequence[str], values: Sequence[str]
) -> bool:
    """Whether a word that a question asks the amount of (加急多少钱) stands in remarks of a row alone; all in plain form."""
    asked = re.search(rf"{re.escape(word)}{_ASKED}", question) is not None
    return asked and bool(places) and all(_speaks(word, values[p], headers[p], noted=False) for p in places)
