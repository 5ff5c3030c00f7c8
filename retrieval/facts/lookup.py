"""The exact-fact lane: a question in, the value of the very cell out, or a clear word that there is none."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from retrieval.facts.aliases import Aliases
from retrieval.facts.anchored import AnchoredCells
from retrieval.facts.bands import band_of
from retrieval.facts.catalogue import KnownTable, understand
from retrieval.facts.coded import CodeLookup
from retrieval.facts.columns import load_vocabulary
from retrieval.facts.conditions import comparisons
from retrieval.facts.days import asked_on_days, days_in, on_the_days
from retrieval.facts.finding import RowFinder
from retrieval.facts.for_short import ForShort
from retrieval.facts.graded import answer_by_range
from retrieval.facts.grammar import has_direction, negation_before
from retrieval.facts.misspelt import NearNames, candidate_of
from retrieval.facts.months import in_cell_words
from retrieval.facts.named_rows import FITTING, NOTHING, NamedRows
from retrieval.facts.names import NameReader, load_name_rules
from retrieval.facts.normalize import plain
from retrieval.facts.parts import about, asking_parts
from retrieval.facts.periods import PeriodColumns
from retrieval.facts.plausible import plausible
from retrieval.facts.proposals import run_proposal
from retrieval.facts.questions import QuestionReader
from retrieval.facts.refuting import answers_other
from retrieval.facts.relative import with_years
from retrieval.facts.running import TableQueries
from retrieval.facts.settings import FactSettings
from retrieval.facts.spans import ValueReader
from retrieval.facts.structured import TableQuestions, says_row_count
from retrieval.facts.types import FactResult, TableOutline
from retrieval.facts.verdicts import Verdicts
from retrieval.facts.whole import WholeNames

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from retrieval.facts.misspelt import Misspelt
    from retrieval.facts.questions import Question
    from retrieval.facts.row_index import RowIndex
    from retrieval.facts.store import FactStore
    from retrieval.facts.types import ProposedQuery, StoredTable

_SAMPLE = 200
_LARGE = 20_000
_LONGEST, _ASKED_BACK, _SAID_OTHERWISE = 60, 0.6, 0.8
_SINGLE = frozenset({"", "value", "check"})
# How many tables, rows of each and values of a column a language model is shown, and how long these may be.
_OUTLINES, _OUTLINE_ROWS, _OUTLINE_VALUES, _OUTLINE_TEXT = 4, 200, 12, 40
# Before a word such as 门店 that says a kind of things rather than ending the name of one.
_KIND_BEFORE = re.compile(r"(?:的|哪些?|哪[家个]|[几各每]家?|多少家?|有|\s)$")


class FactLookup:
    """Answers questions from tables."""

    def __init__(self, store: FactStore, index: RowIndex, settings: FactSettings | None = None) -> None:
        self._store = store
        self._index = index
        self._settings = settings or FactSettings()
        self._vocabulary = load_vocabulary(self._settings.columns_file)
        self._reader = NameReader(load_name_rules(self._settings.names_file))
        self._finder = RowFinder(store, index, self._reader, self._vocabulary)
        self._codes = CodeLookup(store, self._vocabulary, self._settings)
        self._aliases = Aliases()
        whole = WholeNames(store, index, self._finder, self._reader)
        self._named = NamedRows(
            self._finder, whole, self._reader, self._vocabulary, self._aliases, self._settings.details
        )
        values = ValueReader(store, self._vocabulary, self._aliases)
        self._structured = TableQuestions(store, self._finder, self._vocabulary, values, self._settings)
        units = [re.escape(unit) for unit in self._reader.rules.units if not unit.isascii()]
        self._unit = re.compile("|".join(sorted(units, key=len, reverse=True)) or r"(?!)")
        self._anchored = AnchoredCells(store, index, self._finder, self._vocabulary, self._aliases)
        self._near = NearNames(store, self._finder.telling)
        self._short = ForShort(store)
        self._periods = PeriodColumns(self._anchored, self._aliases)
        self._verdicts = Verdicts(store, self._anchored, self._aliases)
        self._change = -1
        self._tables: dict[int, KnownTable] = {}
        self._questions = QuestionReader(self._vocabulary, ())

    def query(
        self,
        question: str,
        *,
        groups: frozenset[str] | None = None,
        extra_names: Mapping[str, Sequence[str]] | None = None,
        offset: int = 0,
    ) -> FactResult:
        """What the tables that `groups` may see (None: all) say to `question`.

        `extra_names` gives other names for words of the question, as from a glossary; `offset` asks for a later
        page of a list.
        """
        self._refresh()
        tables = self._visible(groups)
        if not tables or not plain(question):
            return replace(NOTHING, reason="没有可查的表格" if plain(question) else "问题是空的")
        of_months = self._of_months(question, tables, extra_names, offset)
        if of_months is not None:
            return of_months
        parts = asking_parts(question)
        jointly = self._jointly(parts, tables, extra_names) if parts else None
        found = jointly or self._one(question, tables, extra_names, offset)
        found = self._on_the_days(question, found, tables, extra_names)
        checked = plausible(question, found)
        if checked is found:
            return self._or_misspelt(question, found, tables, extra_names)
        other = self._anchored.answer(self._questions.read(question, extra_names), tables)
        if other is not None:
            return plausible(question, other)
        return self._otherwise(question, tables, extra_names) or checked

    def _of_months(
        self,
        question: str,
        tables: Mapping[int, KnownTable],
        extra_names: Mapping[str, Sequence[str]] | None,
        offset: int,
    ) -> FactResult | None:
        """The answer of the one table whose rows are the months that a question names; None where there is no such table."""
        found = []
        for number, other in in_cell_words(question, tables):
            result = plausible(question, self._one(other, {number: tables[number]}, extra_names, offset))
            if result.status == "found":
                found.append(result)
        return found[0] if len(found) == 1 else None

    def _on_the_days(
        self,
        question: str,
        found: FactResult,
        tables: Mapping[int, KnownTable],
        extra_names: Mapping[str, Sequence[str]] | None,
    ) -> FactResult:
        """What was found, or where a question names days (周六几点开门) the cell of the column that is of those days."""
        if not days_in(question) or found.operation not in _SINGLE:
            return found
        if found.status == "found" and on_the_days(question, found, self._beside(found, tables)):
            return found
        for header, other in asked_on_days(question, tables):
            result = self._one(other, tables, extra_names)
            if _is_a_value(result) and {fact.column for fact in result.facts} == {header}:
                return result
        return replace(NOTHING, reason="没有所问那些天的一栏") if found.status == "found" else found

    def _or_misspelt(
        self,
        question: str,
        found: FactResult,
        tables: Mapping[int, KnownTable],
        extra_names: Mapping[str, Sequence[str]] | None,
    ) -> FactResult:
        """What was found, or where that is nothing the row that a name with a slip seems to mean, to be asked back about."""
        settled = found.status == "several" and found.confidence >= FITTING
        if found.status in {"found", "wrong_identifier"} or settled or found.empty or len(question) > _LONGEST:
            return found
        said = self._otherwise(question, tables, extra_names)
        if said is not None:
            return said
        for near in self._near.instead(question, tables):
            result = self._put_right(question, near, tables, extra_names)
            if result is not None:
                return replace(result, confidence=min(result.confidence, _SAID_OTHERWISE))
        asked = (
            (near, self._put_right(question, near, tables, extra_names))
            for near in self._near.find(question, tables)
        )
        meant = [(near, result.column) for near, result in asked if result is not None]
        if len(meant) != 1:
            return found
        near, column = meant[0]
        return FactResult(
            "several", "只有写法相近的名称", candidates=(candidate_of(near),), column=column, confidence=_ASKED_BACK,
            total=1, subject=near.written,
        )  # fmt: skip

    def _otherwise(
        self,
        question: str,
        tables: Mapping[int, KnownTable],
        extra_names: Mapping[str, Sequence[str]] | None,
    ) -> FactResult | None:
        """What the tables say to the question in other words, if anything."""
        for other in self._in_other_words(question, tables):
            said = self._of_months(other, tables, extra_names, 0)
            said = said or plausible(other, self._one(other, tables, extra_names))
            if said.status == "found":
                return replace(said, confidence=min(said.confidence, _SAID_OTHERWISE))
        return None

    def _in_other_words(self, question: str, tables: Mapping[int, KnownTable]) -> list[str]:
        """The question with what it says for short in full, and with calendar years for 去年 and the like."""
        dated = with_years(question)
        said = (
            dated,
            self._short.written_out(question, tables),
            self._short.written_out(dated, tables) if dated else "",
        )
        return [other for other in dict.fromkeys(said) if other]

    def _put_right(
        self,
        question: str,
        near: Misspelt,
        tables: Mapping[int, KnownTable],
        extra_names: Mapping[str, Sequence[str]] | None,
    ) -> FactResult | None:
        """What the row of a name answers where it stands in the question as it is stored; None where it has nothing of that."""
        result = self._one(plain(question).replace(near.written, near.name, 1), tables, extra_names)
        right = result.status == "found" and near.name in {fact.label for fact in result.facts}
        return result if right else None

    def _beside(self, found: FactResult, tables: Mapping[int, KnownTable]) -> Sequence[str]:
        """The cells of the row that a result is of, without those that it tells."""
        first = found.facts[0]
        table = next((t for t in tables.values() if t.stored.table.id == first.table_id), None)
        if table is None or table.stored.table.row_count > _LARGE:
            return ()
        rows = (row for row in self._store.table_rows(table.number) if row.number == first.row)
        told = {fact.value for fact in found.facts}
        return [cell for row in rows for cell in row.cells if cell not in told]

    def _jointly(
        self,
        parts: Sequence[str],
        tables: Mapping[int, KnownTable],
        extra_names: Mapping[str, Sequence[str]] | None,
    ) -> FactResult | None:
        """The values of one row that two questions in one ask for; None where not each of them has its own."""
        first = self._one(parts[0], tables, extra_names)
        if not _is_a_value(first):
            return None
        results, subject = [first], first.facts[0].label
        for part in parts[1:]:
            result = self._one(about(subject, part), tables, extra_names)
            if not _is_a_value(result) or {f.label for f in result.facts} != {subject}:
                result = self._one(part, tables, extra_names)
                if not _is_a_value(result) or plain(result.facts[0].label) not in plain(part):
                    return None
            results.append(result)
        facts = tuple(dict.fromkeys(fact for result in results for fact in result.facts))
        if len(facts) < len(parts):
            return None
        return replace(
            first, facts=facts, details=(), computed="", operation="value", total=1, subject=subject,
            confidence=min(result.confidence for result in results),
        )  # fmt: skip

    def _one(
        self,
        question: str,
        tables: Mapping[int, KnownTable],
        extra_names: Mapping[str, Sequence[str]] | None,
        offset: int = 0,
    ) -> FactResult:
        """What the tables say to a question that asks for one thing."""
        read = self._questions.read(question, extra_names)
        early = self._by_its_form(read, tables, offset)
        if early is not None:
            return early
        by_code = self._codes.find(question, read, tables)
        if by_code is not None and by_code.operation == "value" and answers_other(read.text, by_code.facts):
            by_code = None
        if by_code is not None and by_code.status != "several":
            return by_code
        by_name = self._named.answer(read, tables, complete=len(tables) == len(self._tables))
        if by_code is not None and by_name.status == "found":
            # YL82用的轴承: several rows have the code, and the rest of the question names one of them.
            return by_name
        named = by_code or by_name
        settled = named.status == "found" or (
            by_code is None and self._settled(named) and not has_direction(read.text)
        )
        if settled or read.operation != "value" or self._names_a_unit(read):
            return self._instead(named, read, tables)
        selected = self._structured.answer(read, tables, offset)
        found = selected is not None and (selected.status != "absent" or not named.candidates)
        return self._instead(selected if selected is not None and found else named, read, tables)

    def _by_its_form(self, read: Question, tables: Mapping[int, KnownTable], offset: int) -> FactResult | None:
        """The answer to a question whose form tells what is to be done: add up, count, list, compare, say yes or no."""
        over_periods = self._periods.answer(read, tables)
        if over_periods is not None:
            return over_periods
        if read.operation != "value" or comparisons(read.text):
            structured = self._structured.answer(read, tables, offset)
            if structured is not None:
                return structured
        if read.operation == "value" and says_row_count(read.text):
            counted = self._structured.answer(read, tables, offset)
            if counted is not None and counted.operation == "count" and counted.total:
                return counted
        verdict = self._verdicts.answer(read, tables)
        if verdict is not None:
            return verdict
        return answer_by_range(read, tables, self._finder) if read.operation == "value" else None

    def _instead(self, result: FactResult, read: Question, tables: Mapping[int, KnownTable]) -> FactResult:
        """A result, or where it has no value the cell that all words beside a row's name speak of."""
        if result.status == "found" or result.status == "wrong_identifier" or result.empty:
            return result
        near = {candidate.document_id for candidate in result.candidates}
        large = {t.stored.table.document_id for t in tables.values() if t.stored.table.row_count > _LARGE}
        if near & large:
            # The many names of a large table are told apart by their parts; what else a question says is no part of them.
            return result
        return self._anchored.answer(read, tables) or result

    @staticmethod
    def _settled(named: FactResult) -> bool:
        """Whether a name's look-up says enough: rows that fit it, or a row whose cell is empty."""
        fitting = named.status == "several" and named.confidence >= FITTING
        fitting = fitting and not any(band_of(candidate.name) for candidate in named.candidates)
        # Rows of one and the same name are told apart, or listed, by what else they hold.
        fitting = fitting and not (named.total > 1 and len({c.name for c in named.candidates}) == 1)
        return fitting or named.status == "wrong_identifier" or named.operation == "value"

    def _names_a_unit(self, read: Question) -> bool:
        """Whether a question reads like the name of one unit (某银行某地某支行): its parts are no conditions then."""
        text = read.text
        if comparisons(text) or any(
            negation_before(text, m.start()) for m in re.finditer(r"(?<=[在是于含除])", text)
        ):
            return False
        for mention in read.mentions:
            if mention.asks:
                text = text[: mention.start] + " " * (mention.end - mention.start) + text[mention.end :]
        found = self._unit.finditer(text)
        return any(m.start() and not _KIND_BEFORE.search(text[: m.start()]) for m in found)

    def tables(self, groups: frozenset[str] | None = None) -> list[StoredTable]:
        """The tables that `groups` may see, as understood: what a language model needs to propose a query."""
        self._refresh()
        return [table.stored for table in self._visible(groups).values()]

    def related(self, question: str, groups: frozenset[str] | None = None) -> list[TableOutline]:
        """The tables that a question seems to be about, likeliest first: it names columns, values or titles of them."""
        self._refresh()
        tables = self._visible(groups)
        read = self._questions.read(question)
        weights = self._structured.related(read, tables) if tables else {}
        best = sorted(weights, key=lambda number: -weights[number])[:_OUTLINES]
        return [self._outline(tables[number]) for number in best]

    def _outline(self, table: KnownTable) -> TableOutline:
        rows = list(self._store.table_rows(table.number, limit=_OUTLINE_ROWS))
        columns = []
        for position, column in enumerate(table.stored.table.columns):
            texts = dict.fromkeys(row.cells[position] for row in rows if column.kind in {"text", "boolean"})
            values = tuple(text for text in texts if 0 < len(text) <= _OUTLINE_TEXT)[:_OUTLINE_VALUES]
            columns.append((column.name, column.kind, column.unit, values))
        stored = table.stored
        return TableOutline(stored.table.id, stored.table.name, stored.document, tuple(columns))

    def run(
        self, proposal: ProposedQuery, *, groups: frozenset[str] | None = None, offset: int = 0
    ) -> FactResult:
        """Runs a query that a language model proposed; raises `BadProposalError` where it fits no visible table."""
        self._refresh()
        return run_proposal(
            proposal, self._visible(groups).values(), TableQueries(self._store, self._settings), offset
        )

    # The tables

    def _refresh(self) -> None:
        change = self._index.catch_up()
        if change == self._change:
            return
        known = {}
        for stored in self._store.tables():
            old = self._tables.get(stored.number)
            sample = [] if old else list(self._store.table_rows(stored.number, limit=_SAMPLE))
            known[stored.number] = old or understand(stored, sample, self._vocabulary)
        headers = {column.name for table in known.values() for column in table.stored.table.columns}
        self._questions = QuestionReader(self._vocabulary, headers)
        self._aliases.refresh(self._store, list(known), (p for table in known.values() for p in table.aliases))
        self._tables, self._change = known, change
        self._near = NearNames(self._store, self._finder.telling)
        self._short = ForShort(self._store)

    def _visible(self, groups: frozenset[str] | None) -> dict[int, KnownTable]:
        if groups is None:
            return self._tables
        seen = self._store.visible_tables(groups)
        return {number: table for number, table in self._tables.items() if number in seen}


def _is_a_value(result: FactResult) -> bool:
    """Whether a result is of one row: cells of it, or yes or no about one."""
    one = len({(fact.table_id, fact.row) for fact in result.facts}) == 1
    return result.status == "found" and result.operation in {"value", "check"} and one
