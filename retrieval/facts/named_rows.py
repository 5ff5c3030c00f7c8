"""From the name of a row in a question to the value of its cell, or a clear word why there is none."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from retrieval.facts.agreement import stands_in
from retrieval.facts.answers import called, candidates, detail_columns, empty_of, facts_of
from retrieval.facts.around_names import around_names
from retrieval.facts.asking import AskedColumns, likelihood
from retrieval.facts.catalogue import VERB, asks_elsewhere, column_fits
from retrieval.facts.everyday import everyday_words
from retrieval.facts.finding import Outcome
from retrieval.facts.grammar import against_direction, asked_which
from retrieval.facts.normalize import fold, plain
from retrieval.facts.opposites import no_place, other_degree, other_end
from retrieval.facts.questions import residue
from retrieval.facts.refuting import refuted
from retrieval.facts.remarks import beside_name, remark_on
from retrieval.facts.trimmed import says_in_charge, trimmed, without_title
from retrieval.facts.types import FactResult
from retrieval.facts.units import asked_unit, other_unit
from retrieval.facts.versions import newest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from retrieval.facts.aliases import Aliases
    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.columns import Vocabulary
    from retrieval.facts.finding import Found, RowFinder
    from retrieval.facts.names import NameReader
    from retrieval.facts.questions import Mention, Question
    from retrieval.facts.types import Fact
    from retrieval.facts.whole import WholeNames

# What a question word alone asks for so clearly that nothing else answers it.
_SOUGHT = frozenset(
    {"date", "price", "fee", "days", "headcount", "duration", "age", "phone", "expiry_date", "opening_hours"}
)
_SURE = 2.0
# 挂什么旗, 接在哪条线: the verb before what is asked is no part of the name.
_WHAT = ("什么", "哪")
_DONE_BEFORE = re.compile(rf"(?<=.)[{''.join(sorted(around_names().done))}挂接跑停属归](?:在|到|着|的|了)?$")
_IN_BRACKETS = re.compile(r"\(([^()]+)\)")
_OTHER_NAMES = 6
_SAME_NAME, _SAYS_ONE = 10, 0.75
# Below this, `several` holds names that only resemble the asked one.
FITTING = 0.45
_ASKED_BACK = 0.6
_SHORT_NAME = 12
# What may be asked about a row that is told by some words of its name alone.
_NAMING_ONE = frozenset({"value", "count"})
# What is asked of a row in these needs a column: its code does not say how many, nor yes or no.
_OF_A_ROW = frozenset({"count", "check"})
NOTHING = FactResult("not_a_table_question", "问题中没有表格里的名称、编号或条件")


class NamedRows:
    """Answers questions that name a row."""

    def __init__(
        self,
        finder: RowFinder,
        whole: WholeNames,
        reader: NameReader,
        vocabulary: Vocabulary,
        aliases: Aliases,
        details: int,
    ) -> None:
        self._finder = finder
        self._whole = whole
        self._reader = reader
        self._vocabulary = vocabulary
        self._aliases = aliases
        self._details = details
        self._asking = AskedColumns(finder, vocabulary)

    def answer(self, read: Question, tables: Mapping[int, KnownTable], *, complete: bool) -> FactResult:
        """What the rows that a question names say; `complete`: `tables` are all that there are."""
        best: FactResult | None = None
        for asked in self._asking.choices(read, tables):
            name = residue(read, *asked)
            if not name or (read.operation in _OF_A_ROW and not asked):
                # How many silver-level (银牌) customers: what counts is no question for the row of that name.
                continue
            columns = {n: c for n, t in tables.items() if (c := self._asking.columns(asked, t)) or not asked}
            if any(self._asking.narrowed_elsewhere(asked, columns[n], read, tables[n]) for n in columns):
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
        return best or NOTHING

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
        return self._in_charge(asked, name, tables, columns) or best if best[1].state != "clear" else best

    def _in_charge(
        self,
        asked: Sequence[Mention],
        name: str,
        tables: Mapping[int, KnownTable],
        columns: Mapping[int, Sequence[int]],
    ) -> tuple[str, Outcome] | None:
        """The place whose head is asked for by a title (店长是谁), where the table says who is in charge of it."""
        place = without_title(name, asked)
        held = {n: t for n, t in tables.items() if place and says_in_charge(t, columns[n])}
        outcome = self._finder.find(place, held, asked=columns) if held else None
        return (place, outcome) if outcome is not None and outcome.state == "clear" else None

    def _agreeing(self, asked: Sequence[Mention], outcome: Outcome) -> Outcome:
        """One row for several of one name that all say the same in the asked columns: whichever is meant, it is that."""
        rows = outcome.rows
        same = len({fold(found.name) for found in rows}) == 1
        if outcome.state != "several" or not asked or not same or not 1 < len(rows) <= _SAME_NAME:
            return outcome
        columns = [self._asking.columns(asked, found.table) for found in rows]
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
        found += trimmed(name, asked)
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
        if not asked and any(word in read.text for word in everyday_words().degrees):
            # How heavy it is, its code does not say.
            return True
        if not asked:
            return any(m.concepts & _SOUGHT if m.asks else self._other_column(m, found) for m in read.mentions)
        columns = self._asking.columns(asked, found.table)
        if no_place(read.text, found.table, columns) or other_degree(read.text, found.table, columns):
            return True
        unit = asked_unit(read.text, self._vocabulary)
        if other_unit(unit, columns, found.row, found.table) or other_end(read.text, found.table, columns):
            return True
        if refuted(read.text, columns, found.row, found.table):
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
                if asked and outcome.certainty > FITTING
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
        return replace(NOTHING, subject=name)

    def _clear(self, name: str, asked: Sequence[Mention], outcome: Outcome) -> FactResult:
        facts: list[Fact] = []
        details: list[Fact] = []
        empty: list[Fact] = []
        # The table that is about such things comes before one that only mentions them.
        for found in sorted(outcome.rows, key=lambda found: found.position != found.table.key):
            columns = self._asking.columns(asked, found.table) if asked else self._main_columns(found)
            # 韩雪是哪个班的班主任: the name that was given is no answer.
            columns = [p for p in columns if p != found.position] or ([found.table.label] if columns else [])
            remark = remark_on(beside_name(name, found), found, columns)
            columns, told = ([remark], True) if remark is not None else (columns, bool(asked))
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
            if not told:
                rest = detail_columns(found.table, {*columns, found.position}, self._details)
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
        return detail_columns(table, {found.position}, self._details)[:1]


def _stands_whole(word: str, name: str) -> bool:
    return bool(word) and stands_in(word, name)


def _given(value: str, name: str) -> bool:
    """Whether a cell only says again what the question gave."""
    told = fold(value)
    return len(told) > 1 and not told.isdecimal() and stands_in(plain(value), plain(name))


def _rank(result: FactResult) -> tuple[int, float]:
    order = {"found": 4, "several": 3, "wrong_identifier": 3, "absent": 2, "not_a_table_question": 1}
    return order[result.status], result.confidence
