"""Whether a cell can be what a question word asks for: a person for who, a day for when, money for how much it costs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.facts.normalize import plain

if TYPE_CHECKING:
    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.explaining import Left
    from retrieval.facts.types import TableRow
    from retrieval.facts.wanted import Wanted

_PERSON = re.compile(
    r"人|员|长$|长[^a-z度]|经理|主管|师|主任|owner|contact|person|manager|engineer|name|director|head"
)
_PERSONS = frozenset({"owner", "person", "responsible", "manager", "contact", "supplier", "customer"})
_MONEY = re.compile(r"[价费款薪资额金]|租|成本|预算|cost|price|fee|rate|amount|rent|budget|salary|deposit|fare")
_MONEY_CONCEPTS = frozenset({"price", "fee", "amount", "salary"})
_LONG = re.compile(r"期|时长|天数|时间|年限|小时|周期|duration|days|period|length|time|term")
_TIMES = re.compile(r"天|日|小时|分钟|月|年|周|\bh\b|\bmin\b|days?|hours?|months?|years?|weeks?")
_PLACE = re.compile(
    r"地|位置|场所|区|处|库|室|楼|座|房|城市|省|存放|location|place|site|address|room|office|store|city|area|warehouse"
)
_REACHED = re.compile(r"电话|手机|分机|邮箱|热线|传真|座机|phone|mobile|tel|ext|mail|hotline|fax|contact")
_DATED = re.compile(r"日期|时间|年份|date|year|time|\bday\b")
_RATE = re.compile(r"率|比例|占比|折扣|rate|ratio|percent|share|%")
_BARE = re.compile(r"-?[\d,]+(?:\.\d+)?")
_GENERAL = frozenset({"", "个", "名", "位", "次", "级", "分"})


def suits(table: KnownTable, row: TableRow, position: int, asked: Wanted | None, left: Left) -> bool:
    """Whether the cell of a row in one column can be the value that `asked` speaks of; an empty cell can."""
    column, wide = table.stored.table.columns[position], table.wide[position]
    header, value = plain(column.name), plain(row.cells[position])
    figure = not value or any(char.isdigit() for char in value)
    if asked is None:
        return True
    kind = asked.kind
    if kind in {"count", "amount", "times"} and not figure:
        return False
    if kind == "count":
        return _counts(asked.measure, header, plain(column.unit), value, left)
    fitting = {
        "who": bool(wide & _PERSONS) or _PERSON.search(header) is not None,
        "when": column.kind == "date" or "date" in wide or _DATED.search(header) is not None,
        "money": column.kind == "money" or bool(wide & _MONEY_CONCEPTS) or _MONEY.search(header) is not None,
        "percent": column.kind == "percent" or _RATE.search(header) is not None,
        "how_long": _LONG.search(header) is not None or _TIMES.search(f"{column.unit} {value}") is not None,
        "contact": bool(wide & {"phone", "email", "fax"}) or _REACHED.search(header) is not None,
        "where": bool(wide & {"place", "city", "address", "province", "region"})
        or _PLACE.search(header) is not None,
    }
    return fitting.get(kind, True)


def _counts(measure: str, header: str, unit: str, value: str, left: Left) -> bool:
    """Whether a column counts in the measure word of the question (多少台), or nothing speaks against it."""
    if left.units or measure in _GENERAL or measure.isascii():
        return True
    return (
        measure in unit or measure in header or measure in value or (not unit and bool(_BARE.fullmatch(value)))
    )
