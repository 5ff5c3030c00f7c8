"""Looks for the evidence on which the road is chosen, where it is cheap first, and keeps what was found."""

from __future__ import annotations

import itertools
import re
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from retrieval.facts.lexicon import translated
from retrieval.facts.types import FactResult
from router.courtesy import without_courtesy
from router.decide import SURE, Evidence
from router.fact import agreed
from router.injection import harmless
from router.questions import asking_clause
from router.statement import has_value
from router.support import other_names, told_in_one
from router.versions import in_force
from router.wordlists import facets, synonyms_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.types import Passage
    from router.completion import Completion
    from router.coverage import Coverage
    from router.lanes import Lanes
    from router.questions import QuestionForm
    from router.types import Query
    from terminology.types import Resolution

_OUTDONE, _WHOLE, _HALF, _MORE = 0.8, 0.95, 0.5, 4
_LISTING = re.compile(r"哪些|哪几|\b(?:which|what|list)\b", re.IGNORECASE)
_YES_OR_NO = re.compile(
    r"吗|是否|有没有|能不能|([\u3400-\u9fff])不\1|^(?:is|are|was|were|do|does|did|can|may|must|will)\b", re.I
)
_THING = re.compile(r"(?<!有)(?:什么|啥)(?P<thing>(?![事的人样用])[\u3400-\u9fff]{1,3})[？?。呢啊呀\s]*$")
_QUALIFIER = re.compile(r"[（(][^）)]*[）)]$")


@dataclass(slots=True)
class Work:
    """One question on its way: what is understood, what was found, and how long each stage took.

    `asked` is the query as it came; `query` has its question completed from the conversation. `named`: one row says nearly
    all that is asked, although the tables do not know it by the name that was given.
    """

    query: Query
    resolution: Resolution
    form: QuestionForm
    asked: Query
    completion: Completion
    table: FactResult | None = None
    sentence: FactResult | None = None
    passages: list[Passage] | None = None
    timings: dict[str, float] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)
    unfound: bool = False
    row: float = 0.0
    named: bool = False


class Gatherer:
    """Asks the fact lanes and the search; nothing is looked up twice for one question."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes

    def gather(self, work: Work) -> None:
        """Look where it is cheap first; what a definition or a greeting needs no look for is not looked for."""
        form, started = work.form, time.perf_counter()
        if form.definition or form.prefix or form.compare or form.small_talk or form.catalogue:
            return
        work.table = self.tables(work)
        work.timings["facts"] = since(started)
        if work.table.status in {"found", "wrong_identifier"}:
            return
        if form.explanation and not (form.value or form.guessed):
            return
        work.sentence = self.statements(work)
        if not _told_elsewhere(work.sentence, work.table):
            # The cell is empty, or it is open which row is meant: a value of that file may be another row's.
            work.sentence = None
            return
        clause = asking_clause(work.query.question)
        if clause and work.sentence.status != "found":
            self._clause(work, clause)
        self._weigh(work)
        if work.sentence.status != "found" and _similar(work.table):
            lane, passages = self._lanes.analysis, self.passages(work)
            work.named = lane.told_in_a_row(work.query, work.resolution, passages, form)

    def tables(self, work: Work, question: str = "") -> FactResult:
        names = other_names(work.resolution)
        question = question or without_courtesy(work.query.question)
        # A model is not asked for a query where an explanation is wanted: it would only cost its time.
        explains = work.form.explanation and not work.form.value
        tables = (self._lanes.tables_by_rules if explains else None) or self._lanes.tables
        return agreed(tables.query(question, groups=work.query.groups, extra_names=names), question)

    def statements(self, work: Work, question: str = "") -> FactResult:
        question = question or without_courtesy(work.query.question)
        names, passages = other_names(work.resolution), self.passages(work)
        current, newest = in_force(passages, question)
        if newest:
            found = self._lanes.statements.find(question, current, names)
            if found.status == "found":
                return found
        return self._lanes.statements.find(question, passages, names)

    def passages(self, work: Work) -> list[Passage]:
        if work.passages is None:
            started = time.perf_counter()
            work.passages = self._search(work)
            work.timings["search"] = since(started)
        return work.passages

    def wider(self, work: Work) -> list[Passage]:
        """Search with the synonyms of the question's words too, and return what that brings up with what was found before.

        Empty where it brings up nothing new. It is for a question that the passages found do not answer.
        """
        found, other = self.passages(work), synonyms_in(work.query.question)
        if not other:
            return []
        started = time.perf_counter()
        more = self._search(work, other)
        work.timings["search"] += since(started)
        known, again = ({passage.chunk.id for passage in passages} for passages in (found, more))
        if again <= known:
            return []
        return [*more, *(passage for passage in found if passage.chunk.id not in again)]

    def _search(self, work: Work, *expansions: str) -> list[Passage]:
        """Search with the other names of what is asked about, and without: names of many words outweigh the question's own."""
        question, limit = work.query.question, max(10, self._lanes.settings.passages)
        names = (*work.resolution.search_terms, *translated(question), *expansions)
        found = [self._found(question, limit, names, work)]
        if names:
            found.append(self._found(question, limit, (), work))
        return [harmless(passage) for passage in _in_turn(found)[: limit + _MORE]]

    def _found(self, question: str, limit: int, names: Sequence[str], work: Work) -> list[Passage]:
        groups = work.query.groups
        return self._lanes.search.search(question, top_k=limit, expansions=names, groups=groups)

    def _weigh(self, work: Work) -> None:
        """Hold a found sentence against the one that says most; where the wording tells nothing, see what a row says."""
        found = work.sentence is not None and work.sentence.status == "found"
        listing = work.form.explanation and _LISTING.search(work.query.question)
        if not (found or work.form.silent or work.form.guessed or listing):
            return
        started = time.perf_counter()
        coverage = self._lanes.analysis.weigh(
            work.query, work.resolution, self.passages(work), work.form
        ).coverage
        work.timings["evidence"] = since(started)
        if found and work.sentence is not None and _outdone(work.sentence, coverage, self.passages(work)):
            work.steps.append("another sentence says more of the question than the one with this value")
            work.sentence = replace(work.sentence, status="absent", facts=(), reason="另一句话更切合问题")
        elif not found and not (coverage.lacking_cell or coverage.lacking_name):
            work.row = _row_said(work, coverage, listing=bool(listing))

    def _clause(self, work: Work, clause: str) -> None:
        """Ask the fact lanes again with the asking clause alone, without what is told around it; keep only a find."""
        table = self.tables(work, clause)
        if table.status == "found":
            work.table = table
            return
        sentence = self.statements(work, clause)
        if sentence.status == "found":
            work.sentence = sentence


def _row_said(work: Work, coverage: Coverage, *, listing: bool) -> float:
    """The share (0 to 1) of the question that one row, or one sentence with a value, says; 0 where that decides nothing.

    Where a classifier has read an explanation, the row must be the only one, and say every word of the question.
    """
    told, question = coverage.sentence, work.query.question
    if work.form.guessed and work.form.explanation:
        only = told.row and len(coverage.rows) == 1 and min(told.said, default=0.0) >= _HALF
        return told.share if only or (_asks_for_a_thing(question) and told.share >= _WHOLE) else 0.0
    if told.row:
        return told.share
    several = listing or _YES_OR_NO.search(question)
    stated = told.share >= _WHOLE and has_value("number", told.text, question)
    return told.share if stated and not several else 0.0


def _asks_for_a_thing(question: str) -> bool:
    """Whether a question ends in one thing of a kind: 穿什么鞋, but not 有什么要求."""
    found = _THING.search(question)
    return found is not None and found["thing"] not in facets() and found["thing"][-2:] not in facets()


def _in_turn(rankings: Sequence[Sequence[Passage]]) -> list[Passage]:
    """The passages of several rankings, the best of each first, every one once."""
    rows = itertools.zip_longest(*rankings)
    return list({passage.chunk.id: passage for row in rows for passage in row if passage}.values())


def _told_elsewhere(sentence: FactResult, table: FactResult) -> bool:
    """Whether a sentence may answer beside a table: of another document, where the asked cell is empty or several rows fit."""
    documents = {fact.document_id for fact in table.empty}
    if table.status == "several" and table.confidence >= SURE:
        documents |= {candidate.document_id for candidate in table.candidates}
    return not documents or (
        sentence.status == "found" and all(fact.document_id not in documents for fact in sentence.facts)
    )


def _similar(table: FactResult) -> bool:
    """Whether the tables hold what is asked about only under similar names, so that they give no answer."""
    near = table.status == "several" and table.confidence < SURE and not table.facts
    return near or (table.status == "absent" and bool(table.candidates) and not table.empty)


def evidence(work: Work) -> Evidence:
    """Return what the looks have found, as the decision weighs it."""
    table = work.table or FactResult("not_a_table_question", "")
    sentence = work.sentence or FactResult("not_a_table_question", "")
    return Evidence(
        terms=len(work.resolution.terms),
        ambiguous=any(term.close for term in work.resolution.terms),
        table_status=table.status if work.table else "",
        table_confidence=table.confidence,
        table_reason=table.reason,
        table_near=bool(table.empty)
        or (
            bool(table.candidates)
            and not work.named
            and not _names_a_row(work.query.question, table)
            and not told_in_one(work.query.question, other_names(work.resolution), work.passages or ())
        ),
        sentence_status=sentence.status if work.sentence else "",
        sentence_confidence=sentence.confidence,
        sentence_reason=sentence.reason,
        row=work.row,
        named=work.named,
    )


def best_fact(work: Work) -> FactResult | None:
    """The table's find; else a sentence's; else whichever of the two has something to say."""
    table, sentence = work.table, work.sentence
    for result in (table, sentence):
        if result is not None and result.status == "found":
            return result
    for statuses in ({"wrong_identifier", "several"}, {"absent"}):
        for result in (table, sentence):
            if result is not None and result.status in statuses:
                return result
    return None


def since(started: float) -> float:
    """Milliseconds since `started`."""
    return (time.perf_counter() - started) * 1000


def _names_a_row(question: str, table: FactResult) -> bool:
    """Tell whether a row that the table found is named in full, so that only the asked column is missing."""
    names = (candidate.name for candidate in table.candidates)
    # What stands in brackets tells rows of one name apart: 年假（工龄1–9年）.
    return any(
        name in question or (len(bare := _QUALIFIER.sub("", name)) > 1 and bare in question) for name in names
    )


def _outdone(result: FactResult, coverage: Coverage, passages: Sequence[Passage]) -> bool:
    """Whether another sentence says clearly more of the question than the one that a value was cut out of."""
    by_chunk = {passage.chunk.id: passage for passage in passages}
    told = [
        coverage.told_by(fact.sentence, by_chunk[fact.chunk_id])
        for fact in result.facts
        if fact.sentence and fact.chunk_id in by_chunk
    ]
    best = coverage.sentence
    if not told or best.passage is None:
        return False
    return max(told) < _OUTDONE * coverage.told_by(best.text, best.passage)
