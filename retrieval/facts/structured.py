"""Questions about many rows: lists, counts, groups, extremes, totals, comparisons and yes or no, as read-only queries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.facts.catalogue import columns_for
from retrieval.facts.comparing import RowQuestions
from retrieval.facts.compiling import Compiler, fits_of
from retrieval.facts.conditions import comparisons, days_stated, free_or_not, stated
from retrieval.facts.days import days_in
from retrieval.facts.forms import kind_forms
from retrieval.facts.grammar import asked_which, counted, grouped, says_most, says_total
from retrieval.facts.leftovers import counts_in, said
from retrieval.facts.normalize import plain
from retrieval.facts.operations import NUMERIC, fast_is_small, measure_of, oldest_is_smallest
from retrieval.facts.running import TableQueries
from retrieval.facts.types import Candidate, FactResult
from retrieval.facts.versions import newest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.columns import Vocabulary
    from retrieval.facts.compiling import Plan
    from retrieval.facts.conditions import Comparison
    from retrieval.facts.finding import RowFinder
    from retrieval.facts.questions import Mention, Question
    from retrieval.facts.settings import FactSettings
    from retrieval.facts.spans import ValueReader
    from retrieval.facts.store import FactStore
    from retrieval.facts.types import StoredTable

_LONGEST_QUESTION = 120
# Less than a named column: a word or a number that also stands in a table says little.
_RELATED = 2.75
_HOW_MANY = re.compile(
    r"多少(?!钱|元|[百千]?[万亿])[一-鿿]|几(?:[个家种台名位人款条艘张座所间只辆份本首支套场栋]|部(?!门))|how many"
)
_WHICH = re.compile(r"哪(?!里|儿|天)|什么(?!时候|时间)|which|what")
_WORD_OF_ASKING = re.compile(r"哪|谁|什么|啥|几|多少|\b(?:which|who|what|whose|where|when)\b")
_ROW_COUNT = re.compile(r"(?:数量|总数|个数|家数|总量)\s*(?:是多少|有多少|多少)?[?？]?$|\bnumber of\b")


_ENDS_OF = re.compile(r"最[一-鿿]{1,2}?的")
_SEVERAL = re.compile(r"几[个家台款条张座所间只辆部艘][^哪谁几]{0,6}的(?P<total>总|合计)?$")
_ENDS_SO = re.compile(r"(?:一共|总共|合计|加起来)?(?:是|有|为)?(?:多少.{0,4}|多大|多高|多重)?[?？]?")

_WHO_IS = re.compile(r"是谁(?!的)|谁是|\bwho(?:'s| is| are| was)\b")
_WHO = frozenset({"person", "owner", "responsible", "mentor", "teacher", "coach"})
_PARTIES = frozenset({"supplier", "customer", "company", "department", "bank", "branch", "phone", "email"})
_SAY_NO_KIND = frozenset({"name", "code", "note", "meaning"})
_OF_MANY = frozenset({"count", "sum", "average", "max", "min"})
_OF_ALL = frozenset({"count", "sum", "average"})
_MANY_TABLES, _TITLE = 5, 60
_ADDED = frozenset({"sum", "average", "max", "min", "list"})
_OVER_ALL = frozenset({"sum", "average", "max", "min", "list", "count", "value"})


class TableQuestions:
    """Answers questions that select, count or compare rows."""

    def __init__(
        self,
        store: FactStore,
        finder: RowFinder,
        vocabulary: Vocabulary,
        values: ValueReader,
        settings: FactSettings,
    ) -> None:
        self._vocabulary = vocabulary
        self._queries = TableQueries(store, settings)
        self._values = values
        self._compiler = Compiler(finder, self._values, vocabulary)
        self._rows = RowQuestions(store, finder, self._values, vocabulary)

    def answer(self, read: Question, tables: Mapping[int, KnownTable], offset: int = 0) -> FactResult | None:
        """The answer, or None where the question is of no such kind or not wholly understood."""
        if len(read.text) > _LONGEST_QUESTION:
            return None
        bounds = comparisons(read.text)
        if read.operation == "compare":
            compared = self._rows.compare(read, tables) or self._selected(read, bounds, tables, offset)
            if compared is not None or not bounds:
                return compared
        free = free_or_not(read.text) if not bounds else ()
        if read.operation == "check":
            checked = self._rows.check(read, free, tables) if free else None
            return checked or self._rows.check(read, bounds, tables)
        # The 6 of 6月份 is no number of a column 月份.
        beside = [(m.start, m.end) for m in read.mentions if not (m.asks or m.word.startswith("月"))]
        numbers = () if bounds else (free or stated(read.text, beside) or days_stated(read.text))
        found = self._selected(read, bounds, tables, offset)
        return found or (self._selected(read, numbers, tables, offset) if numbers else None)

    def _selected(
        self, read: Question, bounds: Sequence[Comparison], tables: Mapping[int, KnownTable], offset: int
    ) -> FactResult | None:
        """What the rows that a question selects come to."""
        results = [
            (plan, result)
            for plan in self._plans(read, bounds, tables)
            if (result := self._run(read, plan, offset)) is not None
        ]
        if len(results) > 1:
            results = self._one_of(read.text, results)
        if len(results) > 1 and {read.operation, *(result.operation for _, result in results)} & _OF_MANY:
            return _which_table(results)
        return results[0][1] if len(results) == 1 else None

    def related(self, read: Question, tables: Mapping[int, KnownTable]) -> dict[int, float]:
        """How much each table has to do with a question, by its columns and values; tables that have little are left out."""
        spans = self._values.spans(read, (), tables)
        weights = {}
        for number, table in tables.items():
            values = max((s.end - s.start for s in spans.get(number, ()) if s.end - s.start > 1), default=0)
            weight = fits_of([m for m in read.mentions if not m.asks], table, self._vocabulary) + min(values, 6)
            if weight >= _RELATED:
                weights[number] = weight
        return weights

    def _plans(
        self, read: Question, bounds: Sequence[Comparison], tables: Mapping[int, KnownTable]
    ) -> list[Plan]:
        spans = self._values.spans(read, bounds, tables)
        found = [
            self._compiler.plan(read, bounds, table, spans.get(number, [])) for number, table in tables.items()
        ]
        plans = _not_cut([plan for plan in found if plan is not None])
        if read.operation in _OF_MANY:
            plans = _not_missed(plans)
        most = max((sum(s.end - s.start for s in plan.spans) for plan in plans), default=0)
        return [plan for plan in plans if sum(s.end - s.start for s in plan.spans) == most]

    def _one_of(self, text: str, results: list[tuple[Plan, FactResult]]) -> list[tuple[Plan, FactResult]]:
        """Of answers from several tables those of the tables that fit the words best; of versions the newest."""
        fits = [fits_of(plan.mentions, plan.table, self._vocabulary) for plan, _ in results]
        best = [each for each, fit in zip(results, fits, strict=True) if fit == max(fits)]
        full = [each for each in best if each[1].status == "found"] or best
        titled = [_titled(text, plan.table.stored) for plan, _ in full]
        full = [each for each, told in zip(full, titled, strict=True) if told == max(titled)]
        if len({(r.computed, tuple(f.value for f in r.facts)) for _, r in full}) == 1:
            return full[:1]
        latest = newest(full, lambda each: each[0].table.dated)
        return latest if len(latest) == 1 else full

    # Running

    def _run(self, read: Question, plan: Plan, offset: int) -> FactResult | None:
        operation = self._operation(read, plan)
        if plan.claimed is not None and plan.pending:
            shared = self._queries.sharing(plan) if operation in _ADDED else None
            if shared is None:
                return None
            plan = shared
        if operation == "compare":
            return self._rows.between(read, plan)
        one = plan.claimed == 1 and operation in {"max", "min"}
        if (
            plan.claimed is not None
            and not one
            and not (operation in _OVER_ALL and self._queries.are(plan, plan.claimed))
        ):
            # 七个水厂合计: the question says how many there are, and the rows must be just as many.
            return None
        if plan.top is not None and operation in _OF_ALL:
            # 前3个月总共: not all rows are meant.
            return None
        if not plan.selection.conditions and days_in(read.text):
            # 周末营业的支行有几家 sets a condition, though its words are those of a header.
            return None
        return self._done(read, plan, operation, offset)

    def _done(self, read: Question, plan: Plan, operation: str, offset: int) -> FactResult | None:
        group = self._group(read, plan, operation)
        if group is not None:
            return self._grouped(read, plan, operation, group)
        if operation == "count" and plan.selection.conditions and self._counts_kind(read, plan):
            return None if plan.pending else self._queries.count(plan.table, plan.selection, plan.table.called)
        if operation == "count":
            return self._counted(read, plan, offset)
        if operation in {"max", "min"}:
            return self._extreme(read, plan, operation)
        if operation in {"sum", "average"}:
            position = self._measure(read, plan, fallback=True)
            if position is None or plan.pending:
                return None
            return self._queries.total(plan.table, plan.selection, position, average=operation == "average")
        if operation == "value" and _who_else(read, plan):
            return None
        if plan.selection.conditions and (operation != "value" or self._asks(read, plan)):
            return self._queries.rows(plan, offset, single=operation == "value")
        if operation == "list" and plan.named and not plan.pending:
            return self._queries.rows(plan, offset, single=False)
        return None

    @staticmethod
    def _asks(read: Question, plan: Plan) -> bool:
        """Whether a question without a word of asking (所有, 几个) asks for something all the same."""
        return bool(plan.asked) or plan.named or _WORD_OF_ASKING.search(read.text) is not None

    def _operation(self, read: Question, plan: Plan) -> str:
        """What is to be done with the rows; 合同总金额 adds up, 门店数量 counts, 前3 orders."""
        if read.operation in {"value", "list"}:
            if plan.top is not None:
                return "max"
            if self._counts_kind(read, plan):
                return "count"
            if any(re.search(r"总$", read.text[: m.start]) for m in plan.mentions) or (
                re.search(r"总(?:面积|金额|额|价|数|人数|床位|学分|费用|成本|重量)", read.text)
            ):
                return "sum" if self._measure(read, plan, fallback=False) is not None else read.operation
            if _ROW_COUNT.search(read.text) and self._measure(read, plan, fallback=False) is None:
                return "count"
        if read.operation == "count" and (several := self._of_several(read, plan)):
            return several
        if read.operation == "sum" and _HOW_MANY.search(read.text):
            # 窗口一共几个 adds up the column 窗口数; 门店一共几家 counts rows.
            named = [m for m in plan.mentions if not m.asks]
            told = measure_of(
                read.text, named, plan.table, self._vocabulary, kinds=sorted(NUMERIC), fallback=False
            )
            return "count" if told is None else "sum"
        return read.operation

    def _of_several(self, read: Question, plan: Plan) -> str:
        """What 几个 asks for where it only says several (几个棚的总面积): the column's sum or its values; empty where it counts."""
        for mention in plan.mentions:
            columns = [
                plan.table.stored.table.columns[p] for p in columns_for(mention, plan.table, self._vocabulary)
            ]
            match = _SEVERAL.search(read.text[: mention.start])
            if (
                match
                and _ENDS_SO.fullmatch(read.text[mention.end :])
                and any(c.kind in NUMERIC for c in columns)
            ):
                return "sum" if match["total"] or says_total(read.text[mention.end :]) else "list"
        return ""

    def _counts_kind(self, read: Question, plan: Plan) -> bool:
        """Whether the number of what the table lists is asked (泵站数量), and no column of the table is called so."""
        columns = plan.table.stored.table.columns
        return any(
            re.search(rf"{re.escape(word)}的?(?:总?数量|总数|个数)(?:是?多少|有多少)?[?？]?$", read.text)
            and not any(f"{word}数" in column.name or f"{word}总数" in column.name for column in columns)
            for word in self._compiler.kinds(plan.table)
        )

    def _group(self, read: Question, plan: Plan, operation: str) -> int | None:
        """The column for each of whose texts the rows are counted or added up."""
        for mention in plan.mentions:
            found = columns_for(mention, plan.table, self._vocabulary)
            texts = [
                p for p in found if plan.table.stored.table.columns[p].kind in {"text", "identifier", "boolean"}
            ]
            if len(texts) != 1:
                continue
            if grouped(read.text, mention.start):
                return texts[0] if operation in {"count", "sum", "average", "list", "value"} else None
            which = _WHICH.match(mention.word) if mention.asks else asked_which(read.text, mention.start)
            if operation in {"max", "min"} and which and texts[0] not in {plan.table.key, plan.table.label}:
                return texts[0]
        return None

    def _grouped(self, read: Question, plan: Plan, operation: str, group: int) -> FactResult | None:
        if plan.pending:
            return None
        measure = self._measure(read, plan, fallback=False)
        if operation in {"max", "min"}:
            if not says_most(read):
                # 哪个部门的工资最高: of the rows, of their sum or of their average? Not for us to guess.
                return None
            return self._queries.groups(plan, group, measure, largest=operation == "max")
        average = operation == "average"
        if average and measure is not None and group in {plan.table.key, plan.table.label}:
            # 平均每个水厂多少人: each has one row.
            return self._queries.total(plan.table, plan.selection, measure, average=True)
        if (average or operation == "sum") and measure is None:
            return None
        if measure is None and operation == "value" and not _ROW_COUNT.search(read.text):
            return None
        if measure is not None and operation in {"list", "value"} and not says_total(read.text):
            return None
        return self._queries.groups(plan, group, measure, average=average)

    def _counted(self, read: Question, plan: Plan, offset: int) -> FactResult | None:
        """How many rows, how many different values, or (多少床位) the sum of a column that counts already."""
        if plan.pending:
            return self._queries.rows(plan, offset, single=True) if not plan.named else None
        mention = next((m for m in plan.mentions if counted(read.text, m.start) or self._sums(m, plan)), None)
        found = columns_for(mention, plan.table, self._vocabulary) if mention else []
        columns = plan.table.stored.table.columns
        numbers = [p for p in found if columns[p].kind in NUMERIC]
        if not found and not plan.named and (position := self._measure(read, plan, fallback=False)) is not None:
            numbers = [position]
        # 公司现在多少人: nothing says that all rows of this very table are meant.
        said = bool(plan.selection.conditions or plan.named or says_total(read.text))
        if len(numbers) == 1:
            if self._queries.names_one(plan):
                return self._queries.rows(plan, offset, single=True, columns=numbers)
            if (mention is None or mention.asks) and not said:
                return None
            return self._queries.total(plan.table, plan.selection, numbers[0], average=False)
        if said and not numbers and not found and (position := self._counted_in(read, plan)) is not None:
            return self._queries.total(plan.table, plan.selection, position, average=False)
        if len(found) > 1 and not self._is_kind(mention, plan):
            return None
        if found and found[0] not in {plan.table.key, plan.table.label} and not self._is_kind(mention, plan):
            told = self._queries.distinct(plan, found[0])
            rows = told is not None and found[0] in plan.table.naming and not self._of_parties(plan, found[0])
            # How many parts: names that come again may be several things, or one.
            return None if told is not None and rows and not self._queries.are(plan, told.total) else told
        if not (plan.selection.conditions or plan.named) or self._queries.names_one(plan):
            return None
        return self._queries.count(plan.table, plan.selection, plan.table.called)

    def _sums(self, mention: Mention, plan: Plan) -> bool:
        """Whether a word of asking (多少人) means a column that counts already (人数): its numbers are added up."""
        found = columns_for(mention, plan.table, self._vocabulary) if mention.asks else []
        kinds = [plan.table.stored.table.columns[p].kind for p in found]
        return kinds == ["number"] and "quantity" in plan.table.wide[found[0]]

    @staticmethod
    def _counted_in(read: Question, plan: Plan) -> int | None:
        """The only column of numbers whose unit the question counts in (多少箱: 库存（箱）)."""
        match = re.search(r"(?:多少|几)([一-鿿])([一-鿿]{0,3})", read.text)
        columns = plan.table.stored.table.columns
        found = [p for p, c in enumerate(columns) if match and counts_in(match[1], match[2], c)]
        return found[0] if len(found) == 1 else None

    def _is_kind(self, mention: Mention | None, plan: Plan) -> bool:
        """Whether a counted word is what the table lists rather than a column of it."""
        columns = plan.table.stored.table.columns
        own = (plan.table.key, plan.table.label)
        if mention is None or any(mention.word in kind_forms(columns[p].name) for p in own):
            return mention is not None
        # Part name beside 备件编号 and 备件名称: it calls the same things.
        concepts = {concept for p in own for concept in plan.table.concepts[p]} - _SAY_NO_KIND
        found = columns_for(mention, plan.table, self._vocabulary)
        return any(p in plan.table.naming and plan.table.concepts[p] & concepts for p in found)

    @staticmethod
    def _of_parties(plan: Plan, position: int) -> bool:
        """Whether a column names persons or parties, of whom each may have many rows."""
        return bool(plan.table.wide[position] & (_WHO | _PARTIES))

    def _extreme(self, read: Question, plan: Plan, operation: str) -> FactResult | None:
        position = self._measure(read, plan, fallback=True)
        if position is None or plan.pending or self._most_of_a_yes(read, plan):
            return None
        if (turned := fast_is_small(read.text, plan.table, position)) is None:
            return None
        largest = operation == "max" and not oldest_is_smallest(read, plan.table, position)
        largest = largest != turned
        if plan.top is not None:
            return self._queries.top(plan, position, largest=largest != plan.top.last)
        beside = self._asked_behind(read, plan, position)
        return self._queries.extreme(plan.table, plan.selection, position, largest=largest, beside=beside)

    def _asked_behind(self, read: Question, plan: Plan, position: int) -> list[int]:
        """The columns that are asked of the row with the most: 额度 of 期限最长的贷款额度是多少."""
        best = _ENDS_OF.search(read.text)
        own = {position, plan.table.key, plan.table.label, *plan.table.naming}
        behind = [m for m in plan.mentions if best and not m.asks and m.start >= best.end()]
        found = [columns_for(m, plan.table, self._vocabulary) for m in behind]
        return list(dict.fromkeys(p[0] for p in found if len(p) == 1 and p[0] not in own))

    def _most_of_a_yes(self, read: Question, plan: Plan) -> bool:
        """Whether a superlative stands right behind the word of a column of yes and no: 钢琴最大 is not the largest hall."""
        columns = plan.table.stored.table.columns
        return any(
            read.text[m.end :].startswith("最")
            and {columns[p].kind for p in columns_for(m, plan.table, self._vocabulary)} == {"boolean"}
            for m in read.mentions
        )

    def _measure(self, read: Question, plan: Plan, *, fallback: bool) -> int | None:
        """The column of numbers that the question is about; with `fallback` the only one that the table has."""
        fixed = {c.position for c in plan.selection.conditions}
        mentions = [m for m in plan.mentions if not set(columns_for(m, plan.table, self._vocabulary)) <= fixed]
        return measure_of(read.text, mentions, plan.table, self._vocabulary, fallback=fallback)


def _not_cut(plans: list[Plan]) -> list[Plan]:
    """The plans without those that take the beginning of another table's header for a value: 外景 in 外景地, a use of studios."""
    whole = [plan for plan in plans if not plan.pending]

    def cut(plan: Plan) -> bool:
        values = [s for s in plan.spans if s.end - s.start > 1]
        return bool(plan.pending and values) and any(
            all(
                any(
                    m.start <= s.start and s.end <= m.end and len(m.word) > s.end - s.start
                    for m in other.mentions
                )
                for s in values
            )
            for other in whole
        )

    return [plan for plan in plans if not cut(plan)]


def _not_missed(plans: list[Plan]) -> list[Plan]:
    """The plans without those for which the word of another table's column is a text that their rows should hold (床位)."""

    def misses(plan: Plan) -> bool:
        words = {m.word for other in plans if other is not plan for m in other.mentions}
        return any(word in part for part in plan.pending for word in words if len(word) > 1)

    return [plan for plan in plans if not misses(plan)]


def says_row_count(text: str) -> bool:
    """Whether a question ends with 数量 or 个数, which may count rows."""
    return _ROW_COUNT.search(text) is not None


def _who_else(read: Question, plan: Plan) -> bool:
    """Whether a person is asked for, and neither a column nor the rows are persons: 总经理是谁 is not what 总经理 approves."""
    fixed = {c.position for c in plan.selection.conditions}
    shown = [p for p in plan.asked if p not in fixed] or [plan.table.label]
    return _WHO_IS.search(read.text) is not None and not any(
        plan.table.wide[p] & (_WHO | _PARTIES) for p in shown
    )


def _titled(text: str, stored: StoredTable) -> int:
    """How many characters of a question stand in a table's own title: of two tables on a sheet each has its own."""
    import rjieba

    table = stored.table
    own = f"{stored.grid}: "
    names = (
        [table.name.removeprefix(own)]
        if table.name.startswith(own)
        else [table.name, table.sheet or "", *stored.headings]
    )
    title = plain(" ".join((*names, *(note for note in table.notes if len(note) <= _TITLE))))
    return sum(len(word) for word in rjieba.cut(text) if len(word) > 1 and said(word, title))


def _which_table(results: Sequence[tuple[Plan, FactResult]]) -> FactResult | None:
    """Asks back which of several tables is meant: each gives another answer, and none may be told before."""
    found = [(plan, result) for plan, result in results if result.status == "found"]
    if not 1 < len(found) <= _MANY_TABLES:
        return None
    named = tuple(
        Candidate(
            plan.table.stored.title or plan.table.stored.document, plan.table.stored.table.name, 0,
            plan.table.stored.table.document_id, 0.5,
        )
        for plan, _ in found
    )  # fmt: skip
    return FactResult(
        "several", f"有 {len(found)} 个表都可以回答，需要说明是哪一个", candidates=named, confidence=0.5,
        operation=found[0][1].operation, total=len(found),
    )  # fmt: skip
