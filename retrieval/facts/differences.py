"""What a comparison of two cells comes to: by how much they differ, yes or no, or whose is the larger."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.facts.normalize import plain
from retrieval.facts.operations import asks_for_less
from retrieval.facts.values import date_of, number_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.types import Fact

_WAYS = {
    "早": "晚", "晚": "早", "迟": "早", "多": "少", "少": "多", "大": "小", "小": "大", "长": "短", "短": "长", "高": "低", "低": "高", "贵": "便宜",
    "便宜": "贵", "重": "轻", "轻": "重", "深": "浅", "宽": "窄", "快": "慢", "慢": "快", "远": "近", "近": "远",
}  # fmt: skip
_LARGER = frozenset("晚迟多大长高贵重深宽远")
_CLASSIFIERS = "天|年|个月|个|台|人|岁|米|张|间|条|艘|辆|家|名|位|项|本|套|件|份|次|分|级|层|座|门|只|支|吨|公里|小时|分钟|块|元"
# 早并网多久, 多几台泵, 晚多少天: the way, what is compared, and the word that asks how much.
_DIFFERED = re.compile(
    rf"(?<=比)(?P<other>[^？?，,比]{{1,40}}?)(?P<way>{'|'.join(_WAYS)})(?P<what>[^？?，,比]{{0,6}}?)(?P<much>多久|多长时间|多少|几(?P<unit>{_CLASSIFIERS}))(?P<behind>[^？?，,]{{0,6}})"
)
# 多花了多少预算: what is done says nothing of the thing.
_SPENT = re.compile(r"[一-鿿]{0,2}了?\s*")
_DIFFERENCE = re.compile(
    r"相差|差多少|多多少|少多少|[多少](?!少)[一-鿿]{1,2}了?多少|[贵高低大小便宜]多少|difference|"
    r"\bhow (?:much|many|long|far)\b.{0,40}\b(?:more|less|fewer|[a-z]{3,}er)\b.{0,60}\bthan\b"
)
_MANY_DAYS, _MONTHS = 60, 12


def asked_difference(text: str) -> list[tuple[int, int]]:
    """The stretches of a question that ask by how much two things differ: they are no part of a name."""
    match = _DIFFERED.search(text)
    if match is None:
        return []
    spans = [match.span("way"), match.span("much")]
    if match["way"] in "多少" and _SPENT.fullmatch(match["what"]):
        spans.append(match.span("what"))
    return [*spans, match.span("behind")] if match["unit"] else spans


def asks_difference(text: str) -> bool:
    """Whether a question asks by how much two things differ."""
    return (_DIFFERED.search(text) or _DIFFERENCE.search(text)) is not None


def counted_column(text: str, table: KnownTable) -> int | None:
    """The only column of numbers that counts what is asked in a measure word (多几台泵: 水泵台数); None where there is none."""
    match = _DIFFERED.search(text)
    if match is None or not match["unit"]:
        return None
    what = re.sub(r"[呢啊呀了\s]+$", "", match["behind"])
    found = [
        position
        for position, column in enumerate(table.stored.table.columns)
        if column.kind == "number"
        and (not what or what in plain(column.name))
        and (column.unit == match["unit"] or f"{match['unit']}数" in column.name)
    ]
    return found[0] if len(found) == 1 and (what or len(found) == 1) else None


def outcome_of(text: str, facts: Sequence[Fact], numbers: tuple[float, float]) -> str:
    """What a comparison comes to; `numbers` are ordered so that the better is the larger."""
    differed = _DIFFERED.search(text)
    if asks_difference(text) and (told := _difference(text, facts)):
        way = differed["way"] if differed else ""
        return f"{_turned(way, facts)}{told}" if way else told
    if numbers[0] == numbers[1]:
        return "相同"
    less = asks_for_less(text)
    if re.search(r"比.+吗|^(?:is|are|does|was|were|did)\b", text):
        return "是" if (numbers[0] < numbers[1]) == less else "否"
    winner = 0 if (numbers[0] < numbers[1]) == less else 1
    return facts[winner].label


def _difference(text: str, facts: Sequence[Fact]) -> str:
    """By how much two cells differ: days of dates, or numbers; empty where they are neither."""
    days = [date_of(fact.value) for fact in facts]
    if days[0] is not None and days[1] is not None:
        return _between(min(days[0], days[1]), max(days[0], days[1]), english=text.isascii())
    values = [number_of(fact.value) for fact in facts]
    if values[0] is None or values[1] is None:
        return ""
    return f"{abs(values[0] - values[1]):,f}"


def _between(first: date, last: date, *, english: bool) -> str:
    """How many days lie between two, and how many years and months that is where they are many."""
    days = (last - first).days
    months = (last.year - first.year) * _MONTHS + last.month - first.month - (last.day < first.day)
    years, rest = divmod(months, _MONTHS)
    if english:
        return f"{days} days"
    if days < _MANY_DAYS:
        return f"{days}天"
    parts = (f"{years}年" if years else "") + (f"{rest}个月" if rest else "")
    return f"{days}天（约{parts}）" if parts else f"{days}天"


def _turned(way: str, facts: Sequence[Fact]) -> str:
    """The opposite of the way that a question says where the cells say so: A比B早多久, but A is the later; else nothing."""
    days = [date_of(fact.value) for fact in facts]
    if days[0] is not None and days[1] is not None:
        larger = days[0] > days[1]
        equal = days[0] == days[1]
    else:
        values = [number_of(fact.value) for fact in facts]
        if values[0] is None or values[1] is None:
            return ""
        larger, equal = values[0] > values[1], values[0] == values[1]
    if equal or way not in _WAYS or way in {"快", "慢"}:
        return ""
    return "" if larger == (way in _LARGER) else _WAYS[way]
