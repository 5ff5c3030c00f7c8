"""Compiles a question on one table into a plan: conditions, operation and columns; nothing of it may be left unexplained."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from retrieval.facts.around_names import around_names
from retrieval.facts.catalogue import asked_together, asks_elsewhere, column_fits, columns_for
from retrieval.facts.drafting import ConditionSetter, Draft
from retrieval.facts.forms import form_fit, header_forms, kind_forms
from retrieval.facts.grammar import top_of
from retrieval.facts.leftovers import (
    counts_in,
    in_scale,
    in_words,
    of_kind_and_title,
    per_unit,
    said,
    verb_stem,
    without_kinds,
)
from retrieval.facts.normalize import fold, plain
from retrieval.facts.operations import unexplained
from retrieval.facts.opposites import no_place, other_end
from retrieval.facts.standing import StandingValues, begins_earlier, clash, ends_later
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

_CLAIM = re.compile(
    r"[这那]?(\d{1,3}|[一二三四五六七八九十两]{1,3})(?:个|部|首|家|台|条|名|位|座|所|间|辆|款|种|艘|架|项|处|张|只|人|件|本|份|门|栋|幢)?"
)
_SHARED = re.compile(
    r"(?P<name>[一-鿿a-z]{2,8})(?P<claim>[这那]?(?:\d{1,2}|[二三四五六七八九十两]{1,2})(?:个|部|首|家|台|条|名|位|座|所|间|辆|款|种|艘|架|项|处|张|只|件|本|份|门|栋|幢))"
)
_PART = 3.5
_MANAGES = frozenset({"管", "负责", "管理", "主管", "带", "教", "指导", "manages", "manage", "responsible"})
_SHORT_PART = 8
_MONTHS = frozenset({"月", "个月", "month"})
_OWNERS = frozenset({"owner", "manager", "responsible"})
_OWNERS_ASKED = frozenset({"person", "owner", "responsible"})
_ASKED_THING = re.compile(r"的(?P<what>[一-鿿a-z]{1,8})(?:是|叫)(?:谁|什么|多少|哪)")


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
    text: str = ""


class Compiler:
    """Reads what a question sets and asks on a table."""

    def __init__(self, finder: RowFinder, values: ValueReader, vocabulary: Vocabulary) -> None:
        self._finder = finder
        self._values = values
        self._vocabulary = vocabulary
        self._standing = StandingValues(vocabulary)
        self._conditions = ConditionSetter(finder, values, vocabulary)

    def plan(
        self, read: Question, bounds: Sequence[Comparison], table: KnownTable, spans: Sequence[Span]
    ) -> Plan | None:
        """The plan of a question for a table; None where a part of the question has no sure reading there."""
        mentions = [known for m in read.mentions if (known := self._known(m, table)) is not None]
        mentions = [m for m in mentions if not _only_who(m, mentions, read.text)]
        bounds = [b for b in bounds if not any(self._is_header(m, b, table) for m in mentions)]
        top = top_of(read.text)
        spans = [s for s in spans if top is None or s.end <= top.start or top.end <= s.start]
        chosen = self._standing.chosen(read, spans, mentions, table)
        if chosen is None or clash(read.text, chosen, bounds) or begins_earlier(read.text, chosen, mentions):
            return None
        if ends_later(read.text, [span for span in chosen if span.position in table.naming], chosen, mentions):
            return None
        draft = Draft(read.text, read.operation != "value", read.names)
        if top is not None:
            draft.taken.append((top.start, top.end))
        self._conditions.values(draft, chosen, table)
        if not self._conditions.bounds(
            draft, read, [b for b in bounds if top is None or not _touch(b, top)], table, mentions
        ):
            return None
        mentions = [m for m in mentions if draft.free(m.start, m.end)]
        if not self._conditions.bands(draft, table, mentions):
            return None
        mentions = self._conditions.booleans(draft, read, table, mentions)
        return self._finished(draft, table, (tuple(chosen), tuple(mentions), top))

    def _finished(
        self,
        draft: Draft,
        table: KnownTable,
        found: tuple[tuple[Span, ...], tuple[Mention, ...], Top | None],
    ) -> Plan | None:
        spans, mentions, top = found
        draft.taken.extend((m.start, m.end) for m in mentions)
        explained = sum(e - s for s, e in draft.taken)
        asking = [m for m in mentions if not self._labels(m, draft, table)]
        if draft.conditions and not draft.of_many:
            # 那份合同什么时候到期: a word for what the table lists asks for nothing where another one does.
            asking = [m for m in asking if m.asks or m.word not in self.kinds(table)] or asking
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
        left = [piece for part in left for piece in _parted(part)]
        told = [number for part in left if (number := _claimed(part)) is not None]
        left = [part for part in left if _claimed(part) is None]
        begun = bool(told) and len(left) == 1
        if (
            any(len(part) > 12 for part in left)
            or (left and not draft.conditions and not begun)
            or len(told) > 1
        ):
            return None
        selection = Selection(table.number, tuple(draft.conditions))
        return Plan(
            table, selection, spans, tuple(asking), tuple(asked), top, tuple(left), explained,
            named or any(p in table.naming for m in mentions for p in columns_for(m, table, self._vocabulary)),
            asked_unit(draft.text, self._vocabulary), told[0] if told else None, draft.text,
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

    # Numbers

    # Yes and no as conditions

    # What is left

    def _labels(self, mention: Mention, draft: Draft, table: KnownTable) -> bool:
        """Whether a mention only says which column a condition is on (客户青禾食品, Fluidtech supplies)."""
        on = {c.position for c in draft.conditions}
        return bool(on) and set(columns_for(mention, table, self._vocabulary)) <= on

    def kinds(self, table: KnownTable) -> tuple[str, ...]:
        """The words for what a table lists."""
        return self._finder.kind_words(table)

    def _begun(self, draft: Draft, part: str, table: KnownTable) -> list[str]:
        """Takes a piece with which just one text of the table begins for that text (拜耳 for 拜耳医药); returns it where there is none."""
        at = draft.text.find(part) + len(part)
        if draft.text[at : at + 1] in around_names().kinds and draft.text[at : at + 1]:
            # 培训部 is no 培训报名.
            return [part]
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
            if (owned and part in _MANAGES) or in_words(part, headers) or (part in _MONTHS and table.months):
                # 哪个月 of a table with a row for each month.
                continue
            if any(part in h or verb_stem(part) in h for h in headers) or said(part, context) or part in marks:
                continue
            if of_kind_and_title(part, self.kinds(table), context):
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


def _parted(part: str) -> list[str]:
    """A piece, or what several things share and how many they are (梅园两栋)."""
    match = _SHARED.fullmatch(part)
    return [match["name"], match["claim"]] if match else [part]


def _claimed(part: str) -> int | None:
    """How many rows a piece of the question says that there are: 七个, 这三家."""
    match = _CLAIM.fullmatch(part)
    number = number_of(match[1]) if match else None
    return int(number) if number is not None else None


def _touch(bound: Comparison, top: Top) -> bool:
    return bound.start < top.end and top.start < bound.end


def fits_of(mentions: Sequence[Mention], table: KnownTable, vocabulary: Vocabulary) -> float:
    """How well mentions fit their best columns in a table, added up."""
    return sum(max(column_fits(m, table, vocabulary).values(), default=0.0) for m in mentions)
