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
_PERIODS = {
    "hour": {"asked": (r"[一每]个?小时", r"\b(?:an|per|each|every) hour\b"), "header": ("[/每]小时", "时薪", "hour"), "cell": ("小时", "hour")},
    "day": {"asked": (r"[一每]天", r"\b(?:a|per|each|every) day\b"), "header": ("[/每][天日]", "日租", "日薪", r"\bda(?:y|ily) rate"), "cell": ("天", "日", "day")},
    "week": {"asked": (r"[一每]个?(?:周|星期|礼拜)", r"\b(?:a|per|each|every) week\b"), "header": ("[/每]周", "周薪", "周租", "weekly"), "cell": ("周", "week")},
    "month": {"asked": (r"[一每]个?月", r"\b(?:a|per|each|every) month\b"), "header": ("[/每]个?月", "月租", "月薪", "monthly"), "cell": ("月", "month")},
    "year": {"asked": (r"[一每]年", r"\b(?:a|per|each|every) year\b"), "header": ("[/每]年", "年租", "年薪", "年费", "annual"), "cell": ("年", "year")},
}  # fmt: skip
_PER_THING = re.compile(
    r"[/每](?:套|台|件|个|份|张|本|次|箱|吨|公斤|kg|t|米|m|㎡|set|piece|unit|item|licen[cs]e)(?=$|[,;])"
)
_UNITS = re.compile(r"(?:计[价量])?单位|unit")
_AMOUNT = re.compile(r"^[\d,.]+\s*")


def asked_unit(text: str, vocabulary: Vocabulary) -> str:
    """The known unit after 多少, 几 or how many in a question in plain form; empty where there is none."""
    match = _ASKED.search(text)
    return match[1] if match and match[1] in vocabulary.units else ""


def other_period(text: str, asked: Collection[int], row: TableRow, table: KnownTable) -> bool:
    """Whether a price is asked for by the hour, day or week, and what is charged at `asked` is for another stretch of time.

    The time stands in the unit (元/天), in the header (Day rate), or in a cell of the row that holds nothing else (天).
    """
    columns = table.stored.table.columns
    said = {
        time for time, words in _PERIODS.items() if any(re.search(word, text) for word in words["asked"])
        and not any(re.search(word, plain(row.cells[table.label])) for word in words["asked"])
    }  # fmt: skip
    if len(said) != 1:
        return False
    charged: set[str] = set()
    for position in asked:
        column = columns[position]
        if column.kind not in {"money", "number"}:
            return False
        shown = f"{plain(column.name)} {plain(column.unit)}"
        charged |= {
            time for time, words in _PERIODS.items() if any(re.search(w, shown) for w in words["header"])
        }
    if not charged and any(columns[p].kind == "money" for p in asked):
        charged = {
            time for time, words in _PERIODS.items()
            if any(plain(cell) in words["cell"] for p, cell in enumerate(row.cells) if columns[p].kind == "text")
        }  # fmt: skip
    if not charged and any(_PER_THING.search(plain(columns[p].unit)) for p in asked):
        # 元/套 is paid once.
        return True
    if not charged and any(columns[p].kind == "money" for p in asked):
        # A cell under 单位 that says another measure: 次.
        return any(_UNITS.fullmatch(plain(c.name)) and plain(row.cells[p]) for p, c in enumerate(columns))
    return bool(charged) and not said & charged


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
