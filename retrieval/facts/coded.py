"""From a code in a question to its row: what it is the code of, or that there can be no such code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.facts.answers import detail_columns, empty_of, fact, facts_of
from retrieval.facts.catalogue import columns_for, match_columns
from retrieval.facts.codes import codes_in, malformed
from retrieval.facts.forms import kind_forms
from retrieval.facts.grammar import asked_which
from retrieval.facts.leftovers import said, without_kinds
from retrieval.facts.normalize import plain
from retrieval.facts.operations import unexplained
from retrieval.facts.questions import strip_phrases
from retrieval.facts.types import FactResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.codes import CodeMention
    from retrieval.facts.columns import Vocabulary
    from retrieval.facts.questions import Question
    from retrieval.facts.settings import FactSettings
    from retrieval.facts.store import FactStore
    from retrieval.facts.types import CellMatch, Fact, TableRow

_DONE_YET = re.compile(r"(?:了|好|完)(?:吗|没有?)[?？]?$")
_PERSONS = frozenset({"person", "owner"})
_NAMES = frozenset({"name", "branch", "bank", "person", "owner"})


class CodeLookup:
    """Looks up the codes that a question holds."""

    def __init__(self, store: FactStore, vocabulary: Vocabulary, settings: FactSettings) -> None:
        self._store = store
        self._vocabulary = vocabulary
        self._settings = settings

    def find(self, question: str, read: Question, tables: Mapping[int, KnownTable]) -> FactResult | None:
        """What the row of a code says, or why there is none; None where the question holds no code that tables know of."""
        codes = codes_in(question)
        if not codes:
            return None
        matches = self._store.find_cells([code.folded for code in codes])
        for code in codes:
            hits = [m for m in matches if m.folded == code.folded and m.table_number in tables]
            hits = [m for m in hits if m.position not in tables[m.table_number].naming]
            hits = [m for m in hits if self._identifying(tables[m.table_number], m.position)]
            if hits and read.operation == "list" and not self._own_code(hits, tables):
                # 上海有哪些PS5: what several rows may have is a condition, of which the structured questions know.
                continue
            if hits and self._another_says_more(code, hits, matches, read, tables):
                continue
            if hits and not self._asked_of_others(code, hits, read, tables):
                return self._rows_of_code(code, hits, read, tables)
        return self._unknown_code(codes[0], read, tables)

    @staticmethod
    def _own_code(hits: Sequence[CellMatch], tables: Mapping[int, KnownTable]) -> bool:
        """Whether a code is that of a row, rather than something that the row is said to have."""
        return any(
            hit.position in (tables[hit.table_number].key, tables[hit.table_number].code) for hit in hits
        )

    def _asked_of_others(
        self, code: CodeMention, hits: Sequence[CellMatch], read: Question, tables: Mapping[int, KnownTable]
    ) -> bool:
        """Whether a column is asked for that only other tables have, and the code is none of a row's own (PS5 under 平台)."""
        if self._own_code(hits, tables):
            return False
        asked = {n for n, table in tables.items() if self._other_columns(read, code, table, -1)}
        return bool(asked) and not asked & {hit.table_number for hit in hits}

    def _another_says_more(
        self,
        code: CodeMention,
        hits: Sequence[CellMatch],
        matches: Sequence[CellMatch],
        read: Question,
        tables: Mapping[int, KnownTable],
    ) -> bool:
        """Whether the code is the name of a row in another table, which has more of what is asked: the model's own table."""
        own = {
            m.table_number for m in matches
            if m.folded == code.folded and m.table_number in tables and m.position in tables[m.table_number].naming
        }  # fmt: skip
        others = {hit.table_number for hit in hits} - own
        if not own or not others:
            return False

        def told(numbers: set[int]) -> float:
            return max(self._fits(read, code, tables[number]) for number in numbers)

        return told(own) > told(others)

    def _fits(self, read: Question, code: CodeMention, table: KnownTable) -> float:
        """How well the words of a question beside the code fit the columns of a table, added up."""
        beside = [m for m in read.mentions if m.end <= code.start or code.end <= m.start]
        return sum(match_columns(m, table, self._vocabulary)[0] for m in beside)

    @staticmethod
    def _identifying(table: KnownTable, position: int) -> bool:
        return table.stored.table.columns[position].kind in {"identifier", "text"}

    def _rows_of_code(
        self, code: CodeMention, hits: Sequence[CellMatch], read: Question, tables: Mapping[int, KnownTable]
    ) -> FactResult | None:
        rows = self._store.rows({hit.row_id for hit in hits})
        places = {hit.row_id: hit.position for hit in hits}
        found = [(tables[row.table_number], row) for row in rows.values()]
        found = [(t, r) for t, r in found if not r.summary] or found
        found = self._best_tables(read, code, found, places)
        if len(found) > self._settings.page_size:
            found = found[: self._settings.page_size]
        facts: list[Fact] = []
        details: list[Fact] = []
        empty: list[Fact] = []
        for table, row in found:
            asked = self._other_columns(read, code, table, places[row.id])
            if _DONE_YET.search(read.text):
                # 完工了吗: how far it is, not the day that was planned.
                asked = [p for p in range(len(row.cells)) if "status" in table.wide[p]] or asked
            facts.extend(facts_of(table, row, asked or [table.label]))
            empty.extend(empty_of(table, row, asked))
            details.append(fact(table, row, places[row.id]))
            if not asked:
                details.extend(
                    facts_of(
                        table, row, detail_columns(table, {table.label, places[row.id]}, self._settings.details)
                    )
                )
        named = any(self._other_columns(read, code, t, places[r.id]) for t, r in found)
        more = self._asks_more(read, code, [t for t, _ in found])
        if facts and more and not named:
            # cut-out wind speed of HT220: the row of a code is no answer where something else of it is asked.
            return None
        names = {f.value for f in facts}
        column = facts[0].column if facts else ""
        trace = "SELECT row FROM cells WHERE folded = :code"
        if not facts:
            return FactResult(
                "absent", f"{code.shown} 所在的行没有这一列的值", confidence=0.9, operation="value" if empty else "",
                subject=code.shown, empty=tuple(empty),
            )  # fmt: skip
        alike = len(names) == 1 and not more
        return FactResult(
            "found" if alike or len(found) == 1 else "several",
            f"{code.shown} 在表中的这一行" if len(found) == 1 else f"{code.shown} 出现在 {len(found)} 行中",
            tuple(facts), column=column, confidence=1.0 if len(found) == 1 else 0.8, operation="value",
            total=len(found), query=trace, parameters=(code.folded,), subject=code.shown, details=tuple(details),
        )  # fmt: skip

    @staticmethod
    def _asks_more(read: Question, code: CodeMention, tables: Sequence[KnownTable]) -> bool:
        """Whether more stands beside a code than words of asking, of what its table lists, and of codes."""
        text = f"{read.text[: code.start]} {read.text[code.end :]}"
        for mention in sorted(read.mentions, key=lambda m: -m.start):
            if mention.end <= code.start or code.end <= mention.start:
                text = text.replace(mention.word, " ")
        kinds = {form for t in tables for c in t.stored.table.columns for form in kind_forms(c.name)}
        title = " ".join(plain(f"{t.stored.table.name} {t.stored.document} {t.stored.title}") for t in tables)
        left = unexplained(without_kinds(strip_phrases(text), sorted(kinds, key=len, reverse=True))[0])
        return any(len(part) > 1 and not said(part, title) for part in left)

    def _best_tables(
        self,
        read: Question,
        code: CodeMention,
        found: list[tuple[KnownTable, TableRow]],
        places: Mapping[int, int],
    ) -> list[tuple[KnownTable, TableRow]]:
        """Of rows in several tables, those of the tables that have the asked columns, and whose own code it is."""
        asked = {
            t.number: sum(p not in t.naming for p in self._other_columns(read, code, t, places[r.id]))
            for t, r in found
        }
        found = [(t, r) for t, r in found if asked[t.number] == max(asked.values())]
        return [(t, r) for t, r in found if t.code == places[r.id] or places[r.id] == t.key] or found

    def _other_columns(self, read: Question, code: CodeMention, table: KnownTable, given: int) -> list[int]:
        """The columns that the question asks beside the one that the code stands in."""
        asked: list[int] = []
        told: set[int] = set()
        for mention in read.mentions:
            if mention.start < code.end and code.start < mention.end:
                continue
            found = [p for p in columns_for(mention, table, self._vocabulary) if p != given]
            asked.extend(p for p in found if p not in asked)
            if not asked_which(read.text, mention.start):
                # 谁在管: who is in a column of its own, where the rows are no persons.
                told.update(
                    p for p in found if p not in table.naming and (not mention.asks or _run_by(table, p))
                )
        # 是什么产品, 是哪家银行: the row's name is asked, whatever else is called 产品 or 银行.
        naming = [p for p in asked if table.wide[p] & _NAMES and p not in told]
        return [p for p in asked if p not in naming] or (
            [table.label, *(p for p in naming if p != table.label)][:1] if naming else []
        )

    def _unknown_code(
        self, code: CodeMention, read: Question, tables: Mapping[int, KnownTable]
    ) -> FactResult | None:
        called = any("code" in self._vocabulary.wider(c) for m in read.mentions for c in m.concepts)
        wrong = malformed(code.folded, tables, any_length=called)
        if wrong is not None:
            why = (
                "校验位不对" if len(code.folded) == _digits(wrong.shape) else f"应为 {_digits(wrong.shape)} 位"
            )
            return FactResult(
                "wrong_identifier",
                f"{code.shown} 不是正确的{wrong.name}：{why}",
                confidence=1.0,
                subject=code.shown,
            )
        rest = strip_phrases(read.text.replace(code.shown, " "))
        if code.folded.isdigit() and len(code.folded) >= 8 and len(rest) <= 12:
            return FactResult("absent", f"表中没有 {code.shown}", confidence=0.95, subject=code.shown)
        return None


def _run_by(table: KnownTable, position: int) -> bool:
    """Whether a column says whose rows are that are no persons themselves."""
    return bool(table.wide[position] & _PERSONS) and not table.wide[table.label] & _PERSONS


def _digits(shape: str) -> int:
    return int(shape.rpartition("{")[2].rstrip("}"))
