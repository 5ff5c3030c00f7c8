"""The exact-fact lane: a question in, the value of the very cell out, or a clear word that there is none."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from retrieval.facts.agreement import stands_in
from retrieval.facts.aliases import Aliases
from retrieval.facts.answers import called, candidates, detail_columns, empty_of, facts_of
from retrieval.facts.around_names import around_names
from retrieval.facts.bands import band_of
from retrieval.facts.catalogue import VERB, KnownTable, asks_elsewhere, column_fits, columns_for, understand
from retrieval.facts.coded import CodeLookup
from retrieval.facts.columns import load_vocabulary
from retrieval.facts.conditions import comparisons
from retrieval.facts.finding import Outcome, RowFinder
from retrieval.facts.graded import answer_by_range
from retrieval.facts.grammar import against_direction, asked_which, has_direction, negation_before
from retrieval.facts.names import NameReader, load_name_rules
from retrieval.facts.normalize import fold, plain
from retrieval.facts.opposites import no_place, other_end
from retrieval.facts.parts import about, asking_parts
from retrieval.facts.proposals import run_proposal
from retrieval.facts.questions import QuestionReader, residue, strip_phrases
from retrieval.facts.running import TableQueries
from retrieval.facts.settings import FactSettings
from retrieval.facts.spans import ValueReader
from retrieval.facts.structured import TableQuestions, says_row_count
from retrieval.facts.types import FactResult, TableOutline
from retrieval.facts.units import asked_unit, other_unit
from retrieval.facts.versions import newest
from retrieval.facts.whole import WholeNames

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from retrieval.facts.finding import Found
    from retrieval.facts.questions import Mention, Question
    from retrieval.facts.row_index import RowIndex
    from retrieval.facts.store import FactStore
    from retrieval.facts.types import Fact, ProposedQuery, StoredTable

_SAMPLE = 200
_LEAST_LIKELY = 1.2
# What a question word alone asks for so clearly that nothing else answers it.
_SOUGHT = frozenset(
    {"date", "price", "fee", "days", "headcount", "duration", "age", "phone", "expiry_date", "opening_hours"}
)
_PRICES = frozenset({"price", "fee"})
_PERSONS = frozenset(
    {"contact", "owner", "responsible", "manager", "handler", "keeper", "administrator", "store_manager"}
)
_REACHED_BY = frozenset({"phone", "mobile", "landline", "extension", "email", "fax"})
_SURE = 2.0
# How many tables, rows of each and values of a column a language model is shown, and how long these may be.
_OUTLINES, _OUTLINE_ROWS, _OUTLINE_VALUES, _OUTLINE_TEXT = 4, 200, 12, 40
# 挂什么旗, 接在哪条线: the verb before what is asked is no part of the name.
_WHAT = ("什么", "哪")
_DONE_BEFORE = re.compile(rf"(?<=.)[{''.join(sorted(around_names().done))}挂接跑停属归](?:在|到|着|的|了)?$")
_IN_BRACKETS = re.compile(r"\(([^()]+)\)")
_OTHER_NAMES = 6
_SAME_NAME, _SAYS_ONE = 10, 0.75
# Below this, `several` holds names that only resemble the asked one.
_FITTING = 0.45
_ASKED_BACK = 0.6
_TRIES = 3
_SHORT_NAME = 12
# What may be asked about a row that is told by some words of its name alone.
_NAMING_ONE = frozenset({"value", "count"})
# Before a word such as 门店 that says a kind of things rather than ending the name of one.
_KIND_BEFORE = re.compile(r"(?:的|哪些?|哪[家个]|[几各每]家?|多少家?|有|\s)$")
_NOTHING = FactResult("not_a_table_question", "问题中没有表格里的名称、编号或条件")


class FactLookup:
    """Answers questions from tables."""

    def __init__(self, store: FactStore, index: RowIndex, settings: FactSettings | None = None) -> None:
        self._store = store
        self._index = index
        self._settings = settings or FactSettings()
        self._vocabulary = load_vocabulary(self._settings.columns_file)
        self._reader = NameReader(load_name_rules(self._settings.names_file))
        self._finder = RowFinder(store, index, self._reader, self._vocabulary)
        self._whole = WholeNames(store, index, self._finder, self._reader)
        self._codes = CodeLookup(store, self._vocabulary, self._settings)
        self._aliases = Aliases()
        values = ValueReader(store, self._vocabulary, self._aliases)
        self._structured = TableQuestions(store, self._finder, self._vocabulary, values, self._settings)
        units = [re.escape(unit) for unit in self._reader.rules.units if not unit.isascii()]
        self._unit = re.compile("|".join(sorted(units, key=len, reverse=True)) or r"(?!)")
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
            return replace(_NOTHING, reason="没有可查的表格" if plain(question) else "问题是空的")
        parts = asking_parts(question)
        jointly = self._jointly(parts, tables, extra_names) if parts else None
        return jointly or self._one(question, tables, extra_names, offset)

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
        if read.operation != "value" or comparisons(read.text):
            structured = self._structured.answer(read, tables, offset)
            if structured is not None:
                return structured
        if read.operation == "value" and says_row_count(read.text):
            counted = self._structured.answer(read, tables, offset)
            if counted is not None and counted.operation == "count" and counted.total:
                return counted
        ranged = answer_by_range(read, tables, self._finder) if read.operation == "value" else None
        if ranged is not None:
            return ranged
        by_code = self._codes.find(question, read, tables)
        if by_code is not None and by_code.status != "several":
            return by_code
        named = by_code or self._by_name(read, tables)
        if by_code is not None and (by_name := self._by_name(read, tables)).status == "found":
            # YL82用的轴承: several rows have the code, and the rest of the question names one of them.
            return by_name
        settled = named.status == "found" or (
            by_code is None and self._settled(named) and not has_direction(read.text)
        )
        if settled or read.operation != "value" or self._names_a_unit(read):
            return named
        selected = self._structured.answer(read, tables, offset)
        return (
            selected
            if selected is not None and (selected.status != "absent" or not named.candidates)
            else named
        )

    @staticmethod
    def _settled(named: FactResult) -> bool:
        """Whether a name's look-up says enough: rows that fit it, or a row whose cell is empty."""
        fitting = named.status == "several" and named.confidence >= _FITTING
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

    def _visible(self, groups: frozenset[str] | None) -> dict[int, KnownTable]:
        if groups is None:
            return self._tables
        seen = self._store.visible_tables(groups)
        return {number: table for number, table in self._tables.items() if number in seen}

    # From a name to a value

    def _by_name(self, read: Question, tables: Mapping[int, KnownTable]) -> FactResult:
        best: FactResult | None = None
        complete = len(tables) == len(self._tables)
        for asked in self._choices(read, tables):
            name = residue(read, *asked)
            if not name:
                continue
            columns = {n: c for n, t in tables.items() if (c := self._asked_columns(asked, t)) or not asked}
            if any(self._narrowed_elsewhere(asked, columns[n], read, tables[n]) for n in columns):
                continue
            held = {number: tables[number] for number in columns}
            whole = complete and len(held) == len(tables)
            name, outcome = self._find(read, asked, name, held, columns, whole=whole)
            if outcome.state != "clear" and read.operation in _NAMING_ONE:
                outcome = self._whole.instead_of(outcome, name, held, bare=not asked)
            outcome = self._agreeing(asked, outcome)
            result = self._told(name, asked, self._meant(read, name, asked, outcome))
            if result.status == "found" or (result.status == "absent" and result.operation == "value"):
                # An empty cell is the answer: no other column may stand in for it.
                return result
            if best is None or _rank(result) > _rank(best):
                best = result
            if result.candidates and asked and min(likelihood(read, m) for m in asked) >= _SURE:
                break
        return best or _NOTHING

    def _find(
        self,
        read: Question,
        asked: Sequence[Mention],
        name: str,
        tables: Mapping[int, KnownTable],
        columns: Mapping[int, Sequence[int]],
        *,
        whole: bool,
    ) -> tuple[str, Outcome]:
        """What a name means, or where that is not clear, what it means under another name of its parts."""
        first = self._finder.find(name, tables, all_tables=whole, asked=columns)
        best = name, first
        for other in self._otherwise(read, asked, name) if first.state != "clear" else ():
            outcome = self._agreeing(asked, self._finder.find(other, tables, all_tables=whole, asked=columns))
            if outcome.state == "clear":
                return other, outcome
            if asked and outcome.state == "several" and best[1].state == "none":
                best = other, outcome
        return best

    def _agreeing(self, asked: Sequence[Mention], outcome: Outcome) -> Outcome:
        """One row for several of one name that all say the same in the asked columns: whichever is meant, it is that."""
        rows = outcome.rows
        same = len({fold(found.name) for found in rows}) == 1
        if outcome.state != "several" or not asked or not same or not 1 < len(rows) <= _SAME_NAME:
            return outcome
        columns = [self._asked_columns(asked, found.table) for found in rows]
        values = {tuple(found.row.cells[p] for p in at) for found, at in zip(rows, columns, strict=True)}
        if len(values) != 1 or len(columns[0]) != 1 or not "".join(next(iter(values))).strip():
            return outcome
        first = min(rows, key=lambda found: found.position != found.table.key)
        return Outcome("clear", (first,), max(outcome.certainty, _SAYS_ONE), "同名的几行在这一栏相同")

    def _otherwise(self, read: Question, asked: Sequence[Mention], name: str) -> list[str]:
        """A name with its parts in the other script, as the glossary calls them, or without the verb before 什么."""
        found = list(self._aliases.renamed(name))
        if brackets := _IN_BRACKETS.search(name):
            # the depot (沈阳库): it is named twice.
            found += [brackets[1].strip(), f"{name[: brackets.start()]} {name[brackets.end() :]}".strip()]
        for word, forms in read.names:
            # An abbreviation and what it stands for; a sense that no row has finds none.
            found += [name.replace(word, form) for form in forms if _stands_whole(word, name)]
        if any(
            not m.asks and m.start and (m.word.startswith(_WHAT) or asked_which(read.text, m.start))
            for m in asked
        ):
            found.append(_DONE_BEFORE.sub("", name))
        return [other for other in dict.fromkeys(found) if other and other != name][:_OTHER_NAMES]

    def _meant(self, read: Question, name: str, asked: Sequence[Mention], outcome: Outcome) -> Outcome:
        """The outcome, or none where what is clear by its name is not what is asked about."""
        if outcome.state != "clear":
            return outcome
        if self._says_only_the_kind(name, outcome):
            return Outcome("none", reason="只说了是哪一类")
        if any(against_direction(name, found.row.cells) for found in outcome.rows):
            return Outcome("none", reason="方向相反的一行不是所问的一行")
        if any(self._beside_the_point(read, asked, found) for found in outcome.rows):
            return Outcome("none", reason="表中没有所问的这一列")
        return outcome

    def _says_only_the_kind(self, name: str, outcome: Outcome) -> bool:
        """Whether a name is but the word for what the table lists, which stands in one longer name by chance (the visit)."""
        told = {fold(name), fold(name).removesuffix("s")}
        return any(
            found.agreement.verdict == "part" and told & set(self._finder.kind_words(found.table))
            for found in outcome.rows
        )

    def _beside_the_point(self, read: Question, asked: Sequence[Mention], found: Found) -> bool:
        """Whether a row's table lacks what a question word asks for: then its code is no answer, nor is another date."""
        if not asked:
            return any(m.concepts & _SOUGHT if m.asks else self._other_column(m, found) for m in read.mentions)
        columns = self._asked_columns(asked, found.table)
        if no_place(read.text, found.table, columns):
            return True
        unit = asked_unit(read.text, self._vocabulary)
        if other_unit(unit, columns, found.row, found.table) or other_end(read.text, found.table, columns):
            return True
        cells = " ".join(plain(cell) for cell in found.row.cells)
        unsaid = [m for m in read.mentions if m.asks or m.word not in cells]
        return asks_elsewhere(unsaid, found.table, self._vocabulary)

    def _other_column(self, mention: Mention, found: Found) -> bool:
        """Whether a word beside a bare name is that of a column: then the row's code is no answer."""
        fits = column_fits(mention, found.table, self._vocabulary)
        own = {*found.table.naming, found.table.key, found.table.label}
        inside = fold(mention.word) in fold(found.name)
        return not inside and max((fit for p, fit in fits.items() if p not in own), default=0.0) > VERB

    def _choices(self, read: Question, tables: Mapping[int, KnownTable]) -> list[tuple[Mention, ...]]:
        """The mentions that may be the asked columns, likeliest first; at last none of them: a bare name."""
        usable = [m for m in read.mentions if self._may_be_asked(read, m, tables)]
        ordered = sorted(usable, key=lambda m: (-likelihood(read, m), -m.start))
        joint = [tuple(usable)] if 1 < len(usable) <= 3 else []
        return [*joint, *((mention,) for mention in ordered[:_TRIES]), *read.scattered[:_TRIES], ()]

    def _may_be_asked(self, read: Question, mention: Mention, tables: Mapping[int, KnownTable]) -> bool:
        """Whether a mention can be the asked column: by where it stands, and not a word of the rows' own names."""
        if likelihood(read, mention) < _LEAST_LIKELY and not self._before_a_title(read, mention, tables):
            return False
        marked = mention.asks or read.text[: mention.start].rstrip().endswith(("的", "'s"))
        marked = marked or asked_which(read.text, mention.start)
        found = [(t, p) for t in tables.values() for p in columns_for(mention, t, self._vocabulary)]
        return any(marked or position not in table.naming for table, position in found)

    def _before_a_title(self, read: Question, mention: Mention, tables: Mapping[int, KnownTable]) -> bool:
        """Whether what follows a mention is what its table is called: 5月 in 一号站5月上网电量 where the sheet is 上网电量."""
        after = strip_phrases(read.text[mention.end :])
        return len(after) > 1 and any(
            after in self._finder.title(table)
            for table in tables.values() if columns_for(mention, table, self._vocabulary)
        )  # fmt: skip

    def _asked_columns(self, asked: Sequence[Mention], table: KnownTable) -> list[int]:
        """The columns that the mentions mean together; none where a table has no column for one of them."""
        fits = [column_fits(mention, table, self._vocabulary) for mention in asked]
        if len(asked) == 2 and all(fits) and _of_the_first(asked[0], asked[1]):
            # 联系人电话: the second is asked for, and the table has a column for the first.
            asked, fits = asked[1:], fits[1:]
        kinds = [column.kind for column in table.stored.table.columns]
        if any(fit and all(kinds[p] == "money" for p in fit) for fit in fits):
            # 儿童票多少钱: what asks for a price adds nothing to a column of money.
            told = [fit or m.concepts & _PRICES for m, fit in zip(asked, fits, strict=True)]
            fits = [fit for fit in fits if fit] if all(told) else fits
            asked = [m for m in asked if column_fits(m, table, self._vocabulary)]
        if not all(fits):
            return []
        shared = set(fits[0] if fits else ()).intersection(*fits[1:])
        if shared:
            total = {position: sum(fit[position] for fit in fits) for position in shared}
            return sorted(p for p in shared if total[p] == max(total.values()))
        best = [[p for p, score in fit.items() if score == max(fit.values())] for fit in fits]
        named = [
            c for c, fit, mention in zip(best, fits, asked, strict=True)
            if (not mention.asks and max(fit.values()) > VERB) or mention.apart
        ]  # fmt: skip
        questioned = [c for c, mention in zip(best, asked, strict=True) if mention.asks]
        return list(dict.fromkeys(p for columns in named or questioned or best for p in columns))

    def _narrowed_elsewhere(
        self, asked: Sequence[Mention], columns: Sequence[int], read: Question, table: KnownTable
    ) -> bool:
        """Whether another word of the question says which of several columns is asked (北京经理的住宿限额)."""
        if len(asked) != 1 or len(columns) < 2:
            return False
        others = (m for m in read.mentions if m not in asked and not m.asks)
        found = (set(column_fits(m, table, self._vocabulary)) & set(columns) for m in others)
        return any(each and each < set(columns) for each in found)

    def _told(self, name: str, asked: Sequence[Mention], outcome: Outcome) -> FactResult:
        if outcome.state == "clear":
            return self._clear(name, asked, outcome)
        word = asked[0].word if asked else ""
        if outcome.state == "several":
            return FactResult(
                "several", outcome.reason, candidates=candidates(outcome.rows), column=word,
                confidence=outcome.certainty, total=len(outcome.rows), subject=name,
            )  # fmt: skip
        if outcome.state == "near":
            # A column is asked for, and one slip or word is between its row and the question: that is asked back anywhere.
            sure = (
                max(outcome.certainty, _ASKED_BACK)
                if asked and outcome.certainty > _FITTING
                else outcome.certainty
            )
            return FactResult(
                "several", outcome.reason, candidates=candidates(outcome.rows), column=word,
                confidence=sure, subject=name,
            )  # fmt: skip
        near = bool(outcome.rows) and outcome.rows[0].agreement.score >= 0.5
        if asked and (near or len(name) <= _SHORT_NAME):
            return FactResult(
                "absent", outcome.reason, candidates=candidates(outcome.rows) if near else (), column=word,
                confidence=0.8 if near else 0.4, subject=name,
            )  # fmt: skip
        return replace(_NOTHING, subject=name)

    def _clear(self, name: str, asked: Sequence[Mention], outcome: Outcome) -> FactResult:
        facts: list[Fact] = []
        details: list[Fact] = []
        empty: list[Fact] = []
        # The table that is about such things comes before one that only mentions them.
        for found in sorted(outcome.rows, key=lambda found: found.position != found.table.key):
            columns = self._asked_columns(asked, found.table) if asked else self._main_columns(found)
            # 韩雪是哪个班的班主任: the name that was given is no answer.
            columns = [p for p in columns if p != found.position] or ([found.table.label] if columns else [])
            if self._too_general(name, found, columns):
                return FactResult(
                    "several", f"{name} 是机构的总称，需要具体到哪一个", candidates=candidates(outcome.rows),
                    confidence=0.5, total=len(outcome.rows), subject=name,
                )  # fmt: skip
            if asked and any(_given(found.row.cells[p], name) for p in columns):
                # What was given is no answer (韩雪是哪个班的班主任): the row's name is.
                columns = [found.table.label]
            facts.extend(replace(f, label=called(found)) for f in facts_of(found.table, found.row, columns))
            empty.extend(replace(f, label=called(found)) for f in empty_of(found.table, found.row, columns))
            if not asked:
                rest = detail_columns(found.table, {*columns, found.position}, self._settings.details)
                details.extend(facts_of(found.table, found.row, rest))
        word = asked[0].word if asked else ""
        if not facts:
            return FactResult(
                "absent", f"{outcome.rows[0].name} 的这一栏是空的", column=word, confidence=0.9,
                operation="value", subject=name, empty=tuple(empty),
            )  # fmt: skip
        values = {(f.column, f.value) for f in facts}
        differ = len(outcome.rows) > 1 and len(values) > len({f.column for f in facts})
        latest = newest(outcome.rows, lambda f: f.table.dated) if differ else []
        if len(latest) == 1:
            document = latest[0].table.stored.document
            return self._clear(
                name,
                asked,
                replace(outcome, rows=tuple(latest), reason=f"几个版本的值不同，以最新的《{document}》为准"),
            )
        return FactResult(
            "several" if differ else "found",
            "几个表中的值不同" if differ else outcome.reason,
            tuple(facts), () if not differ else candidates(outcome.rows), facts[0].column, outcome.certainty, "value",
            total=len(outcome.rows), query="SELECT row FROM names WHERE name AGREES WITH :name", parameters=(name,),
            subject=outcome.rows[0].name, details=tuple(details),
        )  # fmt: skip

    def _too_general(self, name: str, found: Found, columns: Sequence[int]) -> bool:
        """Whether a name that is not written as in its cell says only an organisation, and an identifier is asked."""
        kinds = {found.table.stored.table.columns[position].kind for position in columns}
        stored = self._reader.canonical(found.name)
        organisation = stored.endswith(self._reader.rules.organisations)
        return "identifier" in kinds and organisation and fold(name) != fold(found.name)

    def _main_columns(self, found: Found) -> list[int]:
        table = found.table
        if table.code is not None and found.row.cells[table.code].strip():
            return [table.code]
        if found.position != table.label:
            return [table.label]
        return detail_columns(table, {found.position}, self._settings.details)[:1]


def likelihood(read: Question, mention: Mention) -> float:
    """How likely a mention is the asked column: after 的 or of, at an end of the question, or a question word."""
    before, after = read.text[: mention.start].rstrip(), read.text[mention.end :].lstrip()
    score = 0.0
    if before.endswith(("的", "'s")):
        score += 3
    if _is_joined(read, mention):
        score += 1.5
    if after.startswith(("of ", "for ", "是", "为", "多少", "有")) or not strip_phrases(after):
        score += 2
    if not strip_phrases(before):
        score += 1.5
    return score + (1 if mention.asks else 0) + min(len(mention.word), 6) * 0.1


def _stands_whole(word: str, name: str) -> bool:
    return bool(word) and stands_in(word, name)


def _of_the_first(first: Mention, second: Mention) -> bool:
    """Whether two words of columns touch, the first a person and the second how to reach one."""
    touch = second.start - first.end in {0, 1} and not first.apart and not second.asks
    return touch and bool(first.concepts & _PERSONS) and bool(second.concepts & _REACHED_BY)


def _is_a_value(result: FactResult) -> bool:
    """Whether a result is of one row: cells of it, or yes or no about one."""
    one = len({(fact.table_id, fact.row) for fact in result.facts}) == 1
    return result.status == "found" and result.operation in {"value", "check"} and one


def _given(value: str, name: str) -> bool:
    """Whether a cell only says again what the question gave."""
    told = fold(value)
    return len(told) > 1 and not told.isdecimal() and stands_in(plain(value), plain(name))


def _is_joined(read: Question, mention: Mention) -> bool:
    """Whether only 和, 、 or and stands between this mention and another one."""
    for other in read.mentions:
        first, second = sorted((mention, other), key=lambda m: m.start)
        between = read.text[first.end : second.start].strip()
        if other is not mention and between in {"和", "及", "、", "与", "以及", "跟", "and", ",", "&"}:
            return True
    return False


def _rank(result: FactResult) -> tuple[int, float]:
    order = {"found": 4, "several": 3, "wrong_identifier": 3, "absent": 2, "not_a_table_question": 1}
    return order[result.status], result.confidence
