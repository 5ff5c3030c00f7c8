"""What in a question speaks against a cell though its column was found: who did it, what is left, what it was bought for.

A word of a header is found in many questions that ask for something else beside it. Each of these tells of one such
thing, which the header would have to say as well.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.facts.everyday import everyday_words
from retrieval.facts.normalize import plain
from retrieval.facts.units import other_period

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.types import Fact, TableRow

_WHO = re.compile(r"谁|哪位|\bwho\b")
_DOES = re.compile(r"谁(?:来|去|在)?(?P<verb>[一-鿿]{1,3}?)(?:的|了|过|走)*\s*[?？]?$")
_NO_VERB = frozenset({"是", "呢", "啊", "呀", "有", "在", "手机", "电话", "名下", "手里", "手上"})
_LEFT = re.compile(r"还剩|剩余|剩下|还余|空余|空着|\bremaining\b|\bare left\b|\bis left\b")
_OF_REST = re.compile(r"库存|存|剩|余|空|可用|可售|stock|available|remaining|left|balance")
_BOUGHT = re.compile(r"买的|买来|买下|购入|\bbought\b|\bpurchased?\b")
_HIRED = re.compile(r"租|押金|服务费|\b(?:rate|rent|rental|deposit|hire)\b")
_MOBILE = re.compile(r"手机|\b(?:mobile|cell ?phone)\b")
_DIGITS = re.compile(r"\d(?:[\s-]?\d){6,}")
_WHERE = re.compile(r"在哪(?!一?[个些天年月日种家座栋层位款])|哪里|^where\b")
_WHEN = re.compile(r"什么时候|何时|几点|哪天|哪年|^when\b")
_PERSONS = re.compile(
    r"人|员|长|师|名|称|经理|主管|谁|户|方|商|司|owner|name|contact|manager|person|supplier|customer|company"
)
_PLACES = re.compile(
    r"地|位|处|区|库|室|楼|座|房|城|省|市|校|站|place|location|room|office|city|site|address|country|venue|warehouse|store"
)
_COSTS = re.compile(r"多少钱|几块钱|什么价|\bhow much (?:is|are|does|do|did|was|were)\b|\bcosts?\b")
_PRICES = re.compile(r"价|费|额|款|薪|金|租|成本|预算|cost|price|fee|rate|amount|budget|rent|fare|charge")
_DAYS = re.compile(r"日|时|期|年|月|天|date|time|day|year|month|period|deadline")


def refuted(text: str, asked: Collection[int], row: TableRow, table: KnownTable) -> bool:
    """Whether a question in plain form asks for something that no cell of a row in the `asked` columns tells."""
    headers = [plain(table.stored.table.columns[p].name) for p in asked]
    cells = [plain(row.cells[p]) for p in asked]
    if not headers:
        return False
    if _WHO.search(text) and all(_is_figure(cell) for cell in cells) and not _MOBILE.search(text):
        return (
            not any(_PERSONS.search(header) for header in headers) and "多少" not in text and "几" not in text
        )
    return (
        _of_another_doer(text, asked, table)
        or bool(_LEFT.search(text) and not any(_OF_REST.search(header) for header in headers))
        or bool(_BOUGHT.search(text) and all(_HIRED.search(header) for header in headers))
        or bool(_MOBILE.search(text) and any(cells) and not any(_DIGITS.search(cell) for cell in cells))
        or other_period(text, asked, row, table)
    )


def _of_another_doer(text: str, asked: Collection[int], table: KnownTable) -> bool:
    """Whether who did something is asked (谁买的), and the asked columns are persons who are there for something else (保管人)."""
    match = _DOES.search(text)
    # 谁在财务部 asks for names; what stands before 谁 was done by someone.
    verb = match["verb"] if match and match.start() else ""
    if not verb or verb in _NO_VERB or verb in everyday_words().verbs:
        return False
    persons = [p for p in asked if "owner" in table.wide[p] or "person" in table.wide[p]]
    headers = [plain(table.stored.table.columns[p].name) for p in persons]
    return (
        bool(persons)
        and len(persons) == len(list(asked))
        and not any(char in header for char in verb for header in headers)
    )


def answers_other(text: str, facts: Sequence[Fact]) -> bool:
    """Whether a question in plain form asks who, where, when or what it costs, and none of the columns of these facts can say that."""
    headers = [plain(fact.column) for fact in facts]
    return bool(headers) and any(
        asks.search(text) and not any(tells.search(header) for header in headers)
        for asks, tells in ((_WHO, _PERSONS), (_WHERE, _PLACES), (_WHEN, _DAYS), (_COSTS, _PRICES))
    )


def costs_elsewhere(text: str, facts: Sequence[Fact]) -> bool:
    """Whether a question in plain form asks what something costs, and none of the columns of these facts can say that."""
    return _COSTS.search(text) is not None and not any(_PRICES.search(plain(fact.column)) for fact in facts)


def _is_figure(cell: str) -> bool:
    return any(char.isdigit() for char in cell)
