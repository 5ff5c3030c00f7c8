"""Questions about one or two named rows: which is larger, by how much, and is it so."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from retrieval.facts.answers import called, fact
from retrieval.facts.catalogue import columns_for
from retrieval.facts.codes import codes_in
from retrieval.facts.differences import asked_difference, asks_difference, counted_column, outcome_of
from retrieval.facts.forms import header_forms
from retrieval.facts.grammar import negation_before
from retrieval.facts.normalize import fold
from retrieval.facts.operations import NUMERIC, fast_is_small, number_column
from retrieval.facts.quantities import amount_of, in_order
from retrieval.facts.questions import residue, strip_phrases
from retrieval.facts.types import FactResult
from retrieval.facts.values import comparable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.columns import Vocabulary
    from retrieval.facts.compiling import Plan
    from retrieval.facts.conditions import Comparison
    from retrieval.facts.finding import Found, RowFinder
    from retrieval.facts.questions import Mention, Question
    from retrieval.facts.spans import ValueReader
    from retrieval.facts.store import FactStore
    from retrieval.facts.types import Condition, Fact


_COMPARING = re.compile(
    r"[多少](?!少)[一-鿿]{1,2}了?多少|[多少](?=多少|\s*[?？]?\s*$)|多少(?:人|元|天|个|台|岁|米|公里|块|%|度|分|年|月|平方米|平米|㎡)?|[大小长短快慢重轻早晚远近](?=了?多少|吗|不同|区别|有什么|[?？]|$)|哪一?个?(?:月份?|季度|年份?|天)|哪一?[个款家种台位]|人(?=[多少])|谁|哪(?=[㐀-鿿])|更|比较|相差|差多少|差|贵|便宜|高|低|多少|了|\bwhich\b|\bwho\b|\bearns?\b|\bhas\b|\bhave\b|\bcosts?\b|\bweighs?\b|,|\bis\b|\bare\b|\bcheaper\b|\bmore expensive\b|\b(?:more|less|higher|lower|larger|bigger|faster|older) \w+\b|\b(?:higher|lower|larger|bigger|faster|older|newer|cheaper|more|less)\b|\bcompare\b|\bdifference\b|\bbetween\b|\bthe\b|\bor\b(?=\s)|吗|不同|区别|有什么"
)
_ASKING = re.compile(r"是不是|是否|有没有|对不对")
_BEING = re.compile(
    r"^\s*(?:is|are|was|were|does|do|did|has|have|the|是不是|是否|有没有)(?=\s|\W|$)|"
    r"(?:\s*(?:是不是|是否|有没有|属于|位于|来自|在|能不能|可不可以|可以|能够|能|支持|提供|包含|包括|\b(?:runs?|running|uses?|using|have|has|works?|working|located|based|live|lives|belongs?|come|comes|in|at|from|to|by)\b))+\s*$"
)
# Both rows are clear, however much shorter they are called (香草 for 冰淇淋（香草）).
_CLEAR = 0.75
_TWO = 2
_DIFFERING = re.compile(r"[0-9一二三四五六七八九十甲乙丙丁东南西北上中下]")
_IN_BRACKETS = re.compile(r"\(([^()]+)\)")
_TRUE = frozenset({"是", "有", "yes", "y", "true", "√", "✓"})


class RowQuestions:
    """Compares two rows, and says yes or no about one."""

    def __init__(
        self, store: FactStore, finder: RowFinder, values: ValueReader, vocabulary: Vocabulary
    ) -> None:
        self._store = store
        self._finder = finder
        self._values = values
        self._vocabulary = vocabulary

    def compare(self, read: Question, tables: Mapping[int, KnownTable]) -> FactResult | None:
        """Which of two rows has more, whether one has, or the difference; None where they are not both clear."""
        kinds = {word for table in tables.values() for word in self._finder.kind_words(table)}
        # 启东H2 is a farm where capacities are compared, not the contract of its cable.
        measured = {n: t for n, t in tables.items() if self._measure(read, t) is not None}
        named = {n: t for n, t in measured.items() if self._names_measure(read, t)}
        pairs = _pairs(read, kinds)
        for names, held in [(pair, held) for held in (named, measured, tables) if held for pair in pairs]:
            sides = [self._finder.find(name, held) for name in names]
            if any(side.state != "clear" for side in sides):
                continue
            alike = [(a, b) for a in sides[0].rows for b in sides[1].rows if a.table is b.table]
            for first, second in alike or [(sides[0].rows[0], sides[1].rows[0])]:
                result = self._compared(read, first, second)
                if result is not None:
                    return result
        return self._columns_compared(read, tables)

    def _columns_compared(self, read: Question, tables: Mapping[int, KnownTable]) -> FactResult | None:
        """Two columns of one row, where a table has its things side by side (ZS-350和ZS-120的锁模力相差多少)."""
        for number, table in tables.items():
            kinds = [c.kind for c in table.stored.table.columns]
            found = [(m, c[0]) for m in read.mentions if len(c := columns_for(m, table, self._vocabulary)) == 1]
            if len(found) != 2 or any(kinds[p] not in NUMERIC for _, p in found) or found[0][1] == found[1][1]:
                continue
            text = read.text
            for mention, _ in found:
                text = _without(text, mention.start, mention.end)
            name = strip_phrases(_COMPARING.sub(" ", re.sub(r"[和与跟同比]|\b(?:and|than|or)\b", " ", text)))
            outcome = self._finder.find(name, {number: table}) if name else None
            if outcome is None or outcome.state != "clear":
                continue
            row = outcome.rows[0]
            facts = tuple(
                replace(fact(table, row.row, p), label=fact(table, row.row, p).column) for _, p in found
            )
            values = _numbers(read.text, [(f.value, table, p) for f, (_, p) in zip(facts, found, strict=True)])
            if values[0] is None or values[1] is None:
                continue
            return FactResult(
                "found", f"{row.name}：{facts[0].column} {facts[0].value}，{facts[1].column} {facts[1].value}", facts,
                column=row.name, confidence=outcome.certainty * 0.95, operation="compare",
                computed=outcome_of(read.text, facts, (values[0], values[1])), total=2,
                query="SELECT :first, :second FROM rows WHERE name = :name",
                parameters=(facts[0].column, facts[1].column, row.name),
            )  # fmt: skip
        return None

    def _measure(self, read: Question, table: KnownTable) -> int | None:
        """The column whose numbers or days a question compares."""
        position = number_column(read, table, self._vocabulary, [*sorted(NUMERIC), "date"])
        return counted_column(read.text, table) if position is None else position

    def _names_measure(self, read: Question, table: KnownTable) -> bool:
        """Whether a word of the question is the column that is compared, rather than the only one that can be."""
        position = self._measure(read, table)
        return any(not m.asks and position in columns_for(m, table, self._vocabulary) for m in read.mentions)

    def _compared(self, read: Question, first: Found, second: Found) -> FactResult | None:
        columns = [self._measure(read, found.table) for found in (first, second)]
        if columns[0] is None or columns[1] is None:
            return None
        cells = [(first, columns[0]), (second, columns[1])]
        facts = tuple(replace(fact(f.table, f.row, p), label=called(f)) for f, p in cells)
        numbers = _numbers(read.text, [(f.row.cells[p], f.table, p) for f, p in cells])
        ends = _in_order(read.text, numbers, *[(f.table, p) for f, p in cells])
        if ends is None:
            return None
        return FactResult(
            "found", f"{facts[0].column}：{facts[0].label} {facts[0].value}，{facts[1].label} {facts[1].value}", facts,
            column=facts[0].column, confidence=max(_CLEAR, min(first.agreement.score, second.agreement.score)) * 0.95,
            operation="compare", computed=outcome_of(read.text, facts, ends), total=2,
            query="SELECT value FROM cells WHERE row IN (:first, :second)", parameters=(first.name, second.name),
        )  # fmt: skip

    def between(self, read: Question, plan: Plan) -> FactResult | None:
        """Which of the two rows that a plan selects has more, where the question names them and all else is explained."""
        table = plan.table
        two = [c for c in plan.selection.conditions if len(c.texts) == _TWO and not c.negated]
        if len(two) != 1 or plan.pending or plan.top is not None:
            return None
        rows = self._store.select(plan.selection, limit=_TWO + 1)
        named = {fold(row.cells[two[0].position]) for row in rows}
        position = number_column(
            replace(read, mentions=plan.mentions), table, self._vocabulary, [*sorted(NUMERIC), "date"]
        )
        if len(rows) != _TWO or named != set(two[0].texts) or position is None:
            return None
        facts = tuple(replace(fact(table, row, position), label=row.cells[two[0].position]) for row in rows)
        numbers = _numbers(read.text, [(row.cells[position], table, position) for row in rows])
        ends = _in_order(read.text, numbers, (table, position))
        if ends is None:
            return None
        return FactResult(
            "found", f"{facts[0].column}：{facts[0].label} {facts[0].value}，{facts[1].label} {facts[1].value}", facts,
            column=facts[0].column, confidence=_CLEAR, operation="compare",
            computed=outcome_of(read.text, facts, ends), total=_TWO,
            query="SELECT value FROM cells WHERE row IN (:first, :second)", parameters=tuple(f.label for f in facts),
        )  # fmt: skip

    def check(
        self, read: Question, bounds: Sequence[Comparison], tables: Mapping[int, KnownTable]
    ) -> FactResult | None:
        """Whether a row has a value, a code, or a number within bounds; None where that is not asked clearly."""
        if bounds:
            return self._check_bound(read, bounds[0], tables)
        read = replace(read, text=_ASKING.sub(lambda match: " " * len(match[0]), read.text))
        codes = codes_in(read.text)
        for code in codes:
            name = residue(
                replace(read, text=_without(read.text, code.start, code.end)),
                *_outside(read, code.start, code.end),
            )
            result = self._checked(name, (code.folded,), None, tables)
            if result is not None:
                return result
        boolean = self._check_boolean(read, tables)
        if boolean is not None:
            return boolean
        for number, spans in self._values.spans(read, (), tables).items():
            table = tables[number]
            for span in sorted(spans, key=lambda s: s.start - s.end):
                if span.position in table.naming or span.end - span.start < 2:
                    continue
                header = table.stored.table.columns[span.position].name
                end = span.end + (read.text[span.end : span.end + 1] in _last_characters(header))
                text = _without(read.text, span.start, end)
                name = residue(replace(read, text=text), *_outside(read, span.start, span.end))
                result = self._checked(name, span.texts, span.position, {number: table})
                if result is not None:
                    return result
        return None

    def _check_boolean(self, read: Question, tables: Mapping[int, KnownTable]) -> FactResult | None:
        """Whether a row has a yes in a column of yes and no: Is the hose discontinued?"""
        for mention in read.mentions:
            held = {}
            for number, table in tables.items():
                found = columns_for(mention, table, self._vocabulary)
                if len(found) == 1 and table.stored.table.columns[found[0]].kind == "boolean":
                    held[number] = found
            before = negation_before(read.text, mention.start)
            name = _BEING.sub("", _BEING.sub("", residue(read, mention))).strip() if held and not before else ""
            outcome = self._finder.find(name, {n: tables[n] for n in held}) if name else None
            if outcome is not None and outcome.state == "clear":
                row = outcome.rows[0]
                shown = fact(row.table, row.row, held[row.table.number][0])
                if shown.value.strip():
                    return self._verdict(fold(shown.value) in _TRUE, shown, outcome.certainty, row)
        return None

    def _checked(
        self, name: str, texts: Sequence[str], position: int | None, tables: Mapping[int, KnownTable]
    ) -> FactResult | None:
        name = _BEING.sub("", _BEING.sub("", name)).strip()
        outcome = self._finder.find(name, tables) if name else None
        if outcome is None or outcome.state != "clear":
            return None
        found = outcome.rows[0]
        at = next((p for p, cell in enumerate(found.row.cells) if fold(cell) in texts), position)
        if at is None:
            at = found.table.code
        if at is None:
            return None
        shown = fact(found.table, found.row, at)
        says = fold(shown.value) in texts
        return self._verdict(says, shown, outcome.certainty, found)

    @staticmethod
    def _verdict(says: bool, shown: Fact, certainty: float, found: Found) -> FactResult:
        return FactResult(
            "found", f"{found.name} 的{shown.column}是 {shown.value}", (shown,), column=shown.column,
            confidence=certainty, operation="check", computed="是" if says else "否", total=1,
            query="SELECT value FROM cells WHERE row = :name", parameters=(found.name,), subject=found.name,
        )  # fmt: skip

    def _check_bound(
        self, read: Question, bound: Comparison, tables: Mapping[int, KnownTable]
    ) -> FactResult | None:
        text = _without(read.text, bound.start, bound.end)
        name = residue(replace(read, text=text), *_outside(read, bound.start, bound.end))
        outcome = self._finder.find(name, tables) if name else None
        if outcome is None or outcome.state != "clear":
            return None
        found = outcome.rows[0]
        condition = self._values.condition(read, bound, found.table, read.mentions)
        if condition is None:
            return None
        column = found.table.stored.table.columns[condition.position]
        cell = found.row.cells[condition.position]
        value = comparable(cell, column.kind)
        if value is None:
            return None
        meets = fold(cell) in condition.texts if condition.bounded else _meets(value, condition)
        return self._verdict(meets, fact(found.table, found.row, condition.position), outcome.certainty, found)


def _last_characters(header: str) -> set[str]:
    """What a value may be followed by: 旗 of 船旗 in 香港旗."""
    return {form[-1] for form in header_forms(header) if form[-1:] and not form[-1].isascii() and len(form) > 1}


def _plural(word: str) -> str:
    """A pattern for a word of the question; an English one may have a plural s."""
    return rf"(?<![a-z]){re.escape(word)}(?:s|es)?(?![a-z])" if word.isascii() else re.escape(word)


def _verb(word: str) -> str:
    """The stem that an English verb shares with its noun: purchased, purchase."""
    return word[:-1] if word.isascii() and word.endswith(("ed", "es")) and len(word) > 4 else word


def _without(text: str, start: int, end: int) -> str:
    """The text with a stretch blanked, so that offsets stay."""
    return text[:start] + " " * (end - start) + text[end:]


def _outside(read: Question, start: int, end: int) -> tuple[Mention, ...]:
    """The mentions beside a stretch that can name its column: marked by 的, or touching the stretch or a verb."""
    found = []
    for mention in read.mentions:
        if mention.start < end and start < mention.end:
            continue
        before, after = read.text[: mention.start].rstrip(), read.text[mention.end :].lstrip()
        marked = before.endswith(("的", "'s")) or after.startswith(
            ("是", "为", "of ", "等于", "超过", "大于", "小于", "低于", "高于")
        )
        near = 0 <= mention.start - end <= 2 or 0 <= start - mention.end <= 2
        if marked or near:
            found.append(mention)
    return tuple(found)


def _pairs(read: Question, kinds: Collection[str]) -> list[tuple[str, str]]:
    """The two names that a question compares; `kinds` are words that names end with (城南 is not 城南水厂)."""
    text = read.text
    columns = [m for m in read.mentions if m.asks or m.word not in kinds]
    for mention in sorted(columns, key=lambda m: -m.start):
        text = _without(text, mention.start, mention.end)
    for start, end in asked_difference(read.text):
        text = _without(text, start, end)
    text = _COMPARING.sub(lambda m: " and " if m[0] == "or" else " ", text)
    found = []
    for joint in (r"和|与|跟|同", r"比", r"\band\b|\bthan\b|\bvs\.?\b|\bversus\b"):
        for match in re.finditer(joint, text):
            sides = strip_phrases(text[: match.start()]), strip_phrases(text[match.end() :])
            if all(sides):
                # 诺和锐和诺和锐30: the joint may be a part of a name.
                found.append(sides)
                found.extend(_in_full(*sides))
    return found


def _in_full(first: str, second: str) -> list[tuple[str, str]]:
    """Two names of which the second leaves out what both begin with (启东H2和H3), or that say themselves again in brackets."""
    shape = _DIFFERING.sub("#", second)
    found = []
    if len(second) < len(first) and _DIFFERING.sub("#", first[-len(second) :]) == shape and "#" in shape:
        found.append((first, first[: -len(second)] + second))
    inner = [_IN_BRACKETS.search(side) for side in (first, second)]
    if inner[0] and inner[1]:
        found.append((inner[0][1], inner[1][1]))
    return found


def _numbers(text: str, cells: Sequence[tuple[str, KnownTable, int]]) -> list[float | None]:
    """The numbers by which two cells are compared; of amounts in different units (30年, 60个月) two in their order.

    None for both where the order is not sure, or the difference of such amounts is asked for.
    """
    columns = [table.stored.table.columns[position] for _, table, position in cells]
    bare = [comparable(cell, column.kind) for (cell, _, _), column in zip(cells, columns, strict=True)]
    written = [amount_of(cell, column.unit) for (cell, _, _), column in zip(cells, columns, strict=True)]
    units = {each.unit if each is not None else "" for each in written}
    if len(units) == 1:
        return bare
    if "" in units and not any(table.mixed(position) for _, table, position in cells):
        return bare
    ends = in_order([cell for cell, _, _ in cells], [column.unit for column in columns])
    return [None, None] if ends is None or asks_difference(text) else list(ends)


def _in_order(
    text: str, numbers: Sequence[float | None], *columns: tuple[KnownTable, int]
) -> tuple[float, float] | None:
    """The two numbers so that the better is the larger (fewer days are faster); None where one is missing or that is not clear."""
    turned = {fast_is_small(text, table, position) for table, position in columns}
    if numbers[0] is None or numbers[1] is None or len(turned) != 1 or None in turned:
        return None
    sign = -1 if True in turned else 1
    return sign * numbers[0], sign * numbers[1]


def _meets(value: float, condition: Condition) -> bool:
    if condition.low is not None and not (
        value > condition.low if condition.open_low else value >= condition.low
    ):
        return False
    return condition.high is None or (
        value < condition.high if condition.open_high else value <= condition.high
    )
