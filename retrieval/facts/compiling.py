"""Compiles a question on one table into a plan: conditions, operation and columns; nothing of it may be left unexplained."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise, permutations
from typing import TYPE_CHECKING

from retrieval.facts.bands import holding
from retrieval.facts.catalogue import asked_together, asks_elsewhere, column_fits, columns_for
from retrieval.facts.forms import form_fit, header_forms, kind_forms
from retrieval.facts.grammar import exception_after, has_direction, negation_before, top_of
from retrieval.facts.leftovers import counts_in, in_scale, in_words, per_unit, said, verb_stem, without_kinds
from retrieval.facts.normalize import fold, plain
from retrieval.facts.operations import unexplained
from retrieval.facts.opposites import no_place, other_end
from retrieval.facts.questions import without_phrases
from retrieval.facts.spans import column_scale
from retrieval.facts.types import Condition, Selection
from retrieval.facts.units import asked_unit
from retrieval.facts.values import number_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.columns import Vocabulary
    from retrieval.facts.conditions import Comparison
    from retrieval.facts.finding import RowFinder
    from retrieval.facts.grammar import Top
    from retrieval.facts.questions import Mention, Question
    from retrieval.facts.spans import Span, ValueReader

_AMOUNT = re.compile(
    r"(?<![\d.a-z第])(\d[\d,]*(?:\.\d+)?\s*(?:百万|千万|万|千|百|亿|k(?![a-z]))?)\s*(%|[a-z㎡℃]{1,6}|[一-鿿]{0,4})"
)
_TO = re.compile(r"\s*(?:站|市)?\s*(?:到|至|→|->|往|飞|\bto\b)\s*")
_OR = re.compile(r"或|\bor\b")
_JOINT = re.compile(r"和|或|与|及|跟|、|,|，|\band\b|\bor\b")
_ONLY_JOINT = re.compile(r"\s*(?:(?:和|或者?|与|以?及|跟|还有|、|,|，|\band\b|\bor\b|\bin\b)\s*)+")
_TRUE = ("是", "有", "yes", "y", "true", "√", "✓", "1")
_FALSE = ("否", "无", "no", "n", "false", "×", "✗", "0")
_CLAIM = re.compile(
    r"[这那]?(\d{1,3}|[一二三四五六七八九十两]{1,3})(?:个|部|首|家|台|条|名|位|座|所|间|辆|款|种|艘|架|项|处|张|只|人|件|本|份|门)?"
)
_PART = 3.5
_NO = ("未", "不", "非", "没有", "没", "无", "not ", "un", "non-")
_IS = re.compile(r"\s*(?:是|为|等于|=|:|is|of)?\s*")
_ARTICLE = re.compile(r"a\s+[a-z]")
_OUT_OF = re.compile(r"\bout of\s*$")
_MANAGES = frozenset({"管", "负责", "管理", "主管", "带", "教", "指导", "manages", "manage", "responsible"})
_BEGINS = frozenset("大小老新高低长天门部场中花")
# Words of asking elsewhere in a question: touching a name they end another one (数控车床大的电话).
_SIZES = frozenset("大小高低老新")
_ANOTHER = re.compile(
    r"花(?!了|费|钱|多少|几)|[一二三四五六七八九十甲乙丙丁]号|[大小高低老新](?!于|了|多少|几|吗|还是|出|的[是有])(?=[的是有在还谁几\s]|什么|多[久少长]|何时|哪|$|[?？])"
)
_NUMBERED = re.compile(r"\s?(?:\d{1,2}|[b-z]|ii|iii|iv)(?=的|\s*[?？]?$)")
_SHORT_PART = 8
_OWNERS = frozenset({"owner", "manager", "responsible"})
_OWNERS_ASKED = frozenset({"person", "owner", "responsible"})
_ASKED_THING = re.compile(r"的(?P<what>[一-鿿a-z]{1,8})(?:是|叫)(?:谁|什么|多少|哪)")
_SMALL = frozenset({"gender", "size", "kind", "position", "grade", "rating"})


@dataclass(frozen=True, slots=True)
class Plan:
    """A question as understood for one table.

    `mentions` are the columns' words that set no condition; `asked` the columns that they mean; `pending` what only
    the rows themselves can explain: it must stand in each of them; `unit` is what the question counts in.
    """

    table: KnownTable
    selection: Selection
    spans: tuple[Span, ...]
    mentions: tuple[Mention, ...]
    asked: tuple[int, ...]
    top: Top | None
    pending: tuple[str, ...]
    explained: int
    named: bool = False
    unit: str = ""
    claimed: int | None = None


@dataclass(slots=True)
class _Draft:
    """A plan in the making: what of the text is explained, and the conditions so far."""

    text: str
    of_many: bool = False
    names: tuple[tuple[str, tuple[str, ...]], ...] = ()
    taken: list[tuple[int, int]] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)

    def free(self, start: int, end: int) -> bool:
        return all(end <= s or e <= start for s, e in self.taken)

    def rest(self) -> str:
        chars = list(self.text)
        for start, end in self.taken:
            chars[start:end] = " " * (end - start)
        return "".join(chars)


class Compiler:
    """Reads what a question sets and asks on a table."""

    def __init__(self, finder: RowFinder, values: ValueReader, vocabulary: Vocabulary) -> None:
        self._finder = finder
        self._values = values
        self._vocabulary = vocabulary

    def plan(
        self, read: Question, bounds: Sequence[Comparison], table: KnownTable, spans: Sequence[Span]
    ) -> Plan | None:
        """The plan of a question for a table; None where a part of the question has no sure reading there."""
        mentions = [known for m in read.mentions if (known := self._known(m, table)) is not None]
        mentions = [m for m in mentions if not _only_who(m, mentions, read.text)]
        bounds = [b for b in bounds if not any(self._is_header(m, b, table) for m in mentions)]
        top = top_of(read.text)
        spans = [s for s in spans if top is None or s.end <= top.start or top.end <= s.start]
        chosen = self._chosen(read, spans, mentions, table)
        if chosen is None or _clash(read.text, chosen, bounds) or _begins_earlier(read.text, chosen, mentions):
            return None
        if _ends_later(read.text, [span for span in chosen if span.position in table.naming], chosen, mentions):
            return None
        draft = _Draft(read.text, read.operation != "value", read.names)
        if top is not None:
            draft.taken.append((top.start, top.end))
        self._set_values(draft, chosen, table)
        if not self._set_bounds(
            draft, read, [b for b in bounds if top is None or not _touch(b, top)], table, mentions
        ):
            return None
        mentions = [m for m in mentions if draft.free(m.start, m.end)]
        if not self._set_bands(draft, table, mentions):
            return None
        mentions = self._set_booleans(draft, read, table, mentions)
        return self._finished(draft, table, (tuple(chosen), tuple(mentions), top))

    def _finished(
        self,
        draft: _Draft,
        table: KnownTable,
        found: tuple[tuple[Span, ...], tuple[Mention, ...], Top | None],
    ) -> Plan | None:
        spans, mentions, top = found
        draft.taken.extend((m.start, m.end) for m in mentions)
        explained = sum(e - s for s, e in draft.taken)
        asking = [m for m in mentions if not self._labels(m, draft, table)]
        asked = asked_together(asking or mentions, table, self._vocabulary)
        if asks_elsewhere(asking, table, self._vocabulary):
            return None
        used = [*(c.position for c in draft.conditions), *asked]
        if other_end(draft.text, table, used) or no_place(draft.text, table, asked):
            return None
        thing = _ASKED_THING.search(draft.text)
        if (
            thing
            and all(draft.free(at, at + 1) for at in range(*thing.span("what")))
            and not without_kinds(thing["what"], self.kinds(table), self._finder.kind_marks(table))[1]
        ):
            # 宁波港的代理是谁: what is asked for must be a column, not a word of the title.
            return None
        rest, named = without_kinds(draft.rest(), self.kinds(table), self._finder.kind_marks(table))
        left = self._unexplained(rest, table, used, dict(draft.names))
        if len(left) == 1 and draft.of_many and (named or draft.conditions):
            left = self._begun(draft, left[0], table)
        told = [number for part in left if (number := _claimed(part)) is not None]
        left = [part for part in left if _claimed(part) is None]
        if any(len(part) > 12 for part in left) or (left and not draft.conditions) or len(told) > 1:
            return None
        selection = Selection(table.number, tuple(draft.conditions))
        return Plan(
            table, selection, spans, tuple(asking), tuple(asked), top, tuple(left), explained,
            named or any(p in table.naming for m in mentions for p in columns_for(m, table, self._vocabulary)),
            asked_unit(draft.text, self._vocabulary), told[0] if told else None,
        )  # fmt: skip

    def _known(self, mention: Mention, table: KnownTable) -> Mention | None:
        """A mention that the table has a column for, or the part of it that has (delivery in delivery time)."""
        if columns_for(mention, table, self._vocabulary):
            return mention
        forms = (
            f for c in table.stored.table.columns for f, fit in header_forms(c.name).items() if fit >= _PART
        )
        inside = sorted((f for f in forms if len(f) > 2 and f in mention.word and f != mention.word), key=len)
        if mention.asks or not inside:
            return None
        start = mention.start + mention.word.index(inside[-1])
        return replace(mention, start=start, end=start + len(inside[-1]), word=inside[-1], concepts=frozenset())

    @staticmethod
    def _is_header(mention: Mention, bound: Comparison, table: KnownTable) -> bool:
        """Whether what reads like a date is a part of a header (2024年/销量)."""
        columns = table.stored.table.columns
        inside = mention.start <= bound.start and bound.end <= mention.end
        return inside and any(form_fit(mention.word, c.name) >= _PART for c in columns)

    # Values of cells

    def _chosen(
        self, read: Question, spans: Sequence[Span], mentions: Sequence[Mention], table: KnownTable
    ) -> list[Span] | None:
        """The values that stand: longest first, none overlapping; None where one may be of several columns."""
        names = {fold(column.name) for column in table.stored.table.columns}
        kept: list[Span] = []
        if has_direction(read.text):
            if _against(spans, read.text):
                return None
            ordered = self._in_order(spans, read.text)
            kept, spans = (
                ordered,
                [s for s in spans if all(s.end <= k.start or k.end <= s.start for k in ordered)],
            )
        usable = [s for s in spans if self._may_stand(read, s, mentions, table, names)]
        for span in sorted(usable, key=lambda s: s.start - s.end):
            if any(span.start < k.end and k.start < span.end for k in kept):
                continue
            alike = [s for s in usable if (s.start, s.end) == (span.start, span.end)]
            one = self._of_one_column(alike, mentions, table)
            if one is None:
                return None
            kept.append(one)
        return kept

    def _may_stand(
        self, read: Question, span: Span, mentions: Sequence[Mention], table: KnownTable, names: set[str]
    ) -> bool:
        text = fold(read.text[span.start : span.end])
        if text in names or any(m.asks and m.start <= span.start and span.end <= m.end for m in mentions):
            return False
        if any(
            m.start <= span.start and span.end <= m.end and m.end - m.start > span.end - span.start
            for m in mentions
        ):
            return False
        if len(text) > 1 and not text.isdecimal():
            return True
        if text == "a" and _ARTICLE.match(read.text, span.start):
            return False
        if text in "男女" or (len(text) == 1 and table.concepts[span.position] & _SMALL):
            return True
        if any(
            _IS.fullmatch(read.text[m.end : span.start])
            for m in mentions
            if m.end <= span.start and span.position in columns_for(m, table, self._vocabulary)
        ):
            # 评级是A, 楼层12: the word of its column says what it is.
            return True
        # A bare number may be anything: it counts beside a word of its column (3级, 第3级, 工号0012).
        header = plain(table.stored.table.columns[span.position].name)
        after, before = read.text[span.end : span.end + 1], read.text[: span.start].rstrip("第 ")[-1:]
        if (after and after in header) or (before and before in header):
            return True
        return len(text) > 3 and table.stored.table.columns[span.position].kind == "identifier"

    def _of_one_column(
        self, alike: Sequence[Span], mentions: Sequence[Mention], table: KnownTable
    ) -> Span | None:
        """The one of equal stretches that a word beside it speaks for, or that alone does not name its row."""
        if len(alike) == 1:
            return alike[0]
        told = [
            s for s in alike
            if any(
                -1 <= gap <= 3 and s.position in columns_for(m, table, self._vocabulary)
                for m in mentions for gap in (s.start - m.end, m.start - s.end)
            )
        ]  # fmt: skip
        if len(told) == 1:
            return told[0]
        beside = [s for s in alike if s.position not in table.naming]
        return beside[0] if len(beside) == 1 else None

    @staticmethod
    def _in_order(spans: Sequence[Span], text: str) -> list[Span]:
        """Two values of the same two columns with "to" between them (北京到上海): the first is of the first column."""
        columns: dict[tuple[int, int], list[Span]] = {}
        for span in spans:
            columns.setdefault((span.start, span.end), []).append(span)
        for (first, mine), (second, other) in permutations(columns.items(), 2):
            shared = sorted({s.position for s in (*mine, *other)})
            if len(shared) == 2 and not {s.position for s in mine} & {s.position for s in other}:
                continue
            fits = len(shared) == 2 and any(s.position == shared[0] for s in mine)
            if (
                fits
                and any(s.position == shared[1] for s in other)
                and first[1] <= second[0]
                and _TO.fullmatch(text[first[1] : second[0]])
            ):
                return [
                    next(s for s in mine if s.position == shared[0]),
                    next(s for s in other if s.position == shared[1]),
                ]
        return []

    def _set_values(self, draft: _Draft, chosen: Sequence[Span], table: KnownTable) -> None:
        """The conditions that the values set; values joined by "or" are alternatives, and share a "not"."""
        negated: dict[int, bool] = {}
        ordered = sorted(chosen, key=lambda s: s.start)
        for at, span in enumerate(ordered):
            before = negation_before(draft.text, span.start)
            last = ordered[at - 1] if at else None
            joined = last is not None and _ONLY_JOINT.fullmatch(draft.text[last.end : span.start]) is not None
            negated[at] = before is not None or (joined and negated[at - 1])
            draft.taken.append((before[0] if before else span.start, exception_after(draft.text, span.end)))
            if (
                last is not None
                and last.position < span.position
                and _TO.fullmatch(draft.text[last.end : span.start])
            ):
                # 汉堡到卑尔根: what stands between the two ends of a way.
                draft.taken.append((last.end, span.start))
        for position, denied in dict.fromkeys((s.position, negated[at]) for at, s in enumerate(ordered)):
            mine = [s for at, s in enumerate(ordered) if (s.position, negated[at]) == (position, denied)]
            texts = tuple(dict.fromkeys(t for s in mine for t in s.texts))
            if denied and (own := self._own_words(table, position, texts)):
                # 没通过 where cells say 未通过: 有条件通过 is not meant.
                draft.conditions.append(Condition(position, own))
                continue
            draft.conditions.append(Condition(position, texts, rows=sum(s.rows for s in mine), negated=denied))

    def _own_words(self, table: KnownTable, position: int, texts: Sequence[str]) -> tuple[str, ...]:
        """The cells of a column that themselves say not: 未通过 for 通过; empty unless each of the texts has one."""
        found = self._values.standing([f"{no}{text}" for text in texts for no in _NO], table, position)
        return tuple(found) if len(found) == len(texts) else ()

    # Numbers

    def _set_bounds(
        self,
        draft: _Draft,
        read: Question,
        bounds: Sequence[Comparison],
        table: KnownTable,
        mentions: Sequence[Mention],
    ) -> bool:
        for bound in bounds:
            if not draft.free(bound.start, bound.end):
                continue
            condition = self._values.condition(read, bound, table, mentions)
            dated = any(
                table.stored.table.columns[p].kind == "date"
                for m in mentions for p in columns_for(m, table, self._vocabulary)
            )  # fmt: skip
            titled = bool(bound.shown) and plain(bound.shown) in self._finder.title(table)
            if condition is None and titled and not dated:
                # 2026年 in a question to the table of that year is no condition on a column.
                draft.taken.append((bound.start, bound.end))
                continue
            if condition is None:
                return False
            draft.taken.append((bound.start, bound.end))
            draft.conditions.append(condition)
        return True

    def _set_bands(self, draft: _Draft, table: KnownTable, mentions: Sequence[Mention]) -> bool:
        """The conditions that numbers set on columns of ranges; False where a number may be meant for several."""
        for match in _AMOUNT.finditer(draft.text) if table.bands else ():
            number = number_of(match[1])
            if number is None or not draft.free(*match.span(1)):
                continue
            told = [
                p for p in table.bands if any(p in columns_for(m, table, self._vocabulary) for m in mentions)
            ]
            agreeing = [p for p in table.bands if self._same_unit(match[2], p, table)]
            fitting = (
                [p for p in agreeing if p in told]
                or agreeing
                or (told if not match[2] or len(told) == 1 else [])
            )
            if len(fitting) != 1:
                if fitting:
                    return False
                continue
            position = fitting[0]
            column = table.stored.table.columns[position]
            texts = holding(table.bands[position], float(number) / column_scale(column))
            unit = max((u for u in self._units(position, table) if match[2].startswith(u)), key=len, default="")
            draft.conditions.append(
                Condition(position, tuple(fold(text) for text in texts) or ("",), rows=len(texts))
            )
            draft.taken.append((match.start(1), match.start(2) + len(unit)))
        return True

    def _same_unit(self, said: str, position: int, table: KnownTable) -> bool:
        return any(said.startswith(unit) for unit in self._units(position, table))

    @staticmethod
    def _units(position: int, table: KnownTable) -> set[str]:
        units = {band.unit.removesuffix("的") for band in table.bands[position].values()}
        units.add(plain(table.stored.table.columns[position].unit))
        return {unit for unit in units if unit and not re.fullmatch(r"[百千万亿]+", unit)}

    # Yes and no as conditions

    def _set_booleans(
        self, draft: _Draft, read: Question, table: KnownTable, mentions: Sequence[Mention]
    ) -> list[Mention]:
        """Takes the words of yes-or-no columns for conditions (which parts are discontinued); returns the others."""
        columns = table.stored.table.columns
        if read.operation not in {"list", "count"} and (read.operation != "value" or draft.conditions):
            return list(mentions)
        kept = []
        for mention in mentions:
            found = columns_for(mention, table, self._vocabulary)
            before = negation_before(draft.text, mention.start)
            out_of = _OUT_OF.search(draft.text[: mention.start])
            before = out_of.span() if out_of else before
            if len(found) == 1 and before and self._may_be_none(table, found[0], draft.text[before[0] :]):
                # 哪些商品没有库存: none of them is zero of them.
                draft.conditions.append(Condition(found[0], (), 0.0, 0.0))
                draft.taken.append((before[0], mention.end))
                continue
            if len(found) != 1 or columns[found[0]].kind != "boolean":
                kept.append(mention)
                continue
            draft.conditions.append(Condition(found[0], _FALSE if before else _TRUE))
            draft.taken.append((before[0] if before else mention.start, mention.end))
        return kept

    @staticmethod
    def _may_be_none(table: KnownTable, position: int, rest: str) -> bool:
        """Whether 没有 before the word of a column means zero: it counts things, and 没有 is the word."""
        counts = table.stored.table.columns[position].kind == "number" and "quantity" in table.wide[position]
        return counts and rest.startswith(("没", "无", "no ", "without", "out of"))

    # What is left

    def _labels(self, mention: Mention, draft: _Draft, table: KnownTable) -> bool:
        """Whether a mention only says which column a condition is on (客户青禾食品, Fluidtech supplies)."""
        on = {c.position for c in draft.conditions}
        return bool(on) and set(columns_for(mention, table, self._vocabulary)) <= on

    def kinds(self, table: KnownTable) -> tuple[str, ...]:
        """The words for what a table lists."""
        return self._finder.kind_words(table)

    def _begun(self, draft: _Draft, part: str, table: KnownTable) -> list[str]:
        """Takes a piece with which just one text of the table begins for that text (拜耳 for 拜耳医药); returns it where there is none."""
        found = self._values.beginning(part, table) if 1 < len(part) <= _SHORT_PART else []
        if len(found) != 1:
            return [part]
        draft.conditions.append(Condition(found[0][0], (found[0][1],)))
        return []

    @staticmethod
    def _counted_by(part: str, table: KnownTable) -> bool:
        """Whether a piece is the measure word and the thing that a column of numbers counts: 张床 of 编制床位（张）."""
        columns = table.stored.table.columns
        return any(counts_in(part[:1], part[1:], column) for column in columns)

    def _unexplained(
        self, rest: str, table: KnownTable, used: Sequence[int], known: Mapping[str, Sequence[str]]
    ) -> list[str]:
        """What neither the words of asking, the headers in use, nor the table's own title explains."""
        headers = [fold(table.stored.table.columns[position].name) for position in used]
        context = self._finder.title(table)
        names = (table.stored.table.columns[p].name for p in table.naming)
        marks = {form for name in names for form in kind_forms(name) if len(form) == 1}
        owned = any(table.wide[position] & _OWNERS for position in used)
        left = []
        units = [plain(table.stored.table.columns[position].unit) for position in used]
        for part in unexplained(rest):
            if part in units or per_unit(part, units) or in_scale(part, units) or self._counted_by(part, table):
                continue
            if any(said(form, context) or any(form in h for h in headers) for form in known.get(part, ())):
                # DG surcharge: the title says Dangerous Goods.
                continue
            if (owned and part in _MANAGES) or in_words(part, headers):
                continue
            if any(part in h or verb_stem(part) in h for h in headers) or said(part, context) or part in marks:
                continue
            left.append(part)
        return left


def _only_who(mention: Mention, mentions: Sequence[Mention], text: str) -> bool:
    """Whether 谁 only asks for what the word before it names (代理是谁)."""
    if not mention.asks or not mention.concepts & _OWNERS_ASKED:
        return False
    return any(
        not m.asks and text[m.end : mention.start].strip() in {"", "是", "is"} and m.end <= mention.start
        for m in mentions
    )


def _claimed(part: str) -> int | None:
    """How many rows a piece of the question says that there are: 七个, 这三家."""
    match = _CLAIM.fullmatch(part)
    number = number_of(match[1]) if match else None
    return int(number) if number is not None else None


def _against(spans: Sequence[Span], text: str) -> bool:
    """Whether "to" stands between two values that the columns only have the other way round."""
    columns: dict[tuple[int, int], set[int]] = {}
    for span in spans:
        columns.setdefault((span.start, span.end), set()).add(span.position)
    return any(
        first[1] <= second[0] and _TO.fullmatch(text[first[1] : second[0]]) and min(mine) >= max(other)
        for (first, mine), (second, other) in permutations(columns.items(), 2)
    )


def _touch(bound: Comparison, top: Top) -> bool:
    return bound.start < top.end and top.start < bound.end


def _clash(text: str, spans: Sequence[Span], bounds: Sequence[Comparison]) -> bool:
    """Whether values of one column stand together without "and" or "or", or an "or" joins conditions on two columns."""
    ordered = sorted(spans, key=lambda s: s.start)
    unjoined = any(
        a.position == b.position
        and set(a.texts) != set(b.texts)
        and not _JOINT.search(text[a.end : b.start])
        and (negation_before(text, a.start) is None) == (negation_before(text, b.start) is None)
        for i, a in enumerate(ordered)
        for b in ordered[i + 1 :]
    )
    places = sorted(
        [(s.start, s.end, s.position) for s in spans] + [(b.start, b.end, -1 - i) for i, b in enumerate(bounds)]
    )
    across = any(a[2] != b[2] and _OR.search(text[a[1] : b[0]]) for a, b in pairwise(places))
    return unjoined or across


def _begins_earlier(text: str, spans: Sequence[Span], mentions: Sequence[Mention]) -> bool:
    """Whether a character stands before a value that makes another name of it: 大 in 大海丰水产."""
    text = without_phrases(text)
    for span in spans:
        start = span.start
        known = any(m.end == start for m in mentions) or any(s.end == start for s in spans)
        if (
            start
            and not known
            and text[start - 1] in _BEGINS
            and not (start > 1 and "一" <= text[start - 2] <= "鿿")
        ):
            return True
    return False


def _ends_later(text: str, names: Sequence[Span], spans: Sequence[Span], mentions: Sequence[Mention]) -> bool:
    """Whether something stands behind the name of a row that makes another name of it: the 3 of Ready Salad 3, 花 in 兰亭花."""
    return any(
        (
            _NUMBERED.match(text, name.end)
            or _ANOTHER.match(text, name.end)
            or (text[name.end : name.end + 1] in _SIZES and any(m.start == name.end + 1 for m in mentions))
        )
        and not any(name.end <= s.start <= name.end + 1 for s in spans)
        for name in names
    )


def fits_of(mentions: Sequence[Mention], table: KnownTable, vocabulary: Vocabulary) -> float:
    """How well mentions fit their best columns in a table, added up."""
    return sum(max(column_fits(m, table, vocabulary).values(), default=0.0) for m in mentions)
