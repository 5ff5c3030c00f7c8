"""A question goes in, an Answer comes out: the one file that explains the system."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from retrieval.facts.lexicon import translated
from retrieval.facts.types import FactResult
from router.classify import accepted
from router.conversation import Conversation
from router.decide import ROW, VALUE_NOT_FOUND, Evidence, decide
from router.errors import EmptyQuestionError, QuestionTooLongError
from router.fact import agreed, answer_fact, guarded
from router.grounding import content_units
from router.injection import harmless
from router.questions import QuestionForm, asking_clause, read_question
from router.smalltalk import answer_catalogue, answer_small_talk
from router.statement import has_value
from router.support import other_names, told_in_one
from router.term import Draft, answer_terms, readings
from router.types import (
    Answer,
    AnswerEvent,
    Decision,
    Query,
    Route,
    RouteEvent,
    Status,
    TokenEvent,
    Trace,
)
from terminology.types import TermContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from retrieval.types import Document, Passage
    from router.analysis import AnalysisLane
    from router.classify import Classifier, Judge
    from router.completion import Completion
    from router.conversation import Rewriter
    from router.coverage import Coverage
    from router.lanes import Search, Statements, Tables, Terminology
    from router.questions import Language
    from router.settings import RouterSettings
    from router.term import TermSource
    from router.types import Event
    from terminology.types import Resolution, ResolvedTerm

MAX_QUESTION = 4_000
_OUTDONE, _WHOLE = 0.8, 0.95
_LISTING = re.compile(r"哪些|哪几|\b(?:which|what|list)\b", re.IGNORECASE)
_YES_OR_NO = re.compile(
    r"吗|是否|有没有|能不能|([\u3400-\u9fff])不\1|^(?:is|are|was|were|do|does|did|can|may|must|will)\b", re.I
)
_DEFINES = re.compile(
    r"意思|含义|全称|全名|缩写|简称|英文|中文|指的?是?|代表|是什么|是啥|\b(?:mean|stands?|short|full|called)\b",
    re.I,
)
_QUALIFIER = re.compile(r"[（(][^）)]*[）)]$")


@dataclass(frozen=True, slots=True)
class Lanes:
    """The capabilities that an answer may draw on; `api/wiring` puts the real ones in."""

    terminology: Terminology
    glossary: Callable[[], TermSource]
    tables: Tables
    statements: Statements
    search: Search
    analysis: AnalysisLane
    documents: Callable[[frozenset[str] | None], Sequence[Document]]
    settings: RouterSettings
    rewriter: Rewriter | None = None
    tables_by_rules: Tables | None = None
    classifier: Classifier | None = None
    judge: Judge | None = None


@dataclass(slots=True)
class _Work:
    """One question on its way: what is understood, what was found, and how long each stage took.

    `asked` is the query as it came; `query` has its question completed from the conversation.
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


class Answerer:
    """Answers questions by the cheapest road that gives a right answer."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        # Completing a question takes several looks, which must not each ask a language model.
        tables = lanes.tables_by_rules or lanes.tables
        self._conversation = Conversation(lanes.terminology, tables, lanes.search, lanes.rewriter)

    def answer(self, query: Query) -> Answer:
        """Return the whole answer to `query`. Raises EmptyQuestionError, QuestionTooLongError."""
        for event in self.stream(query):
            if isinstance(event, AnswerEvent):
                return event.answer
        raise AssertionError("a stream ends with its answer")

    def stream(self, query: Query) -> Iterator[Event]:
        """Yield the route, the pieces of the text as they are written, and the whole answer last."""
        work = self._understand(query)
        self._gather(work)
        decision = decide(work.form, _evidence(work), query.route)
        work.unfound = decision.ground in {VALUE_NOT_FOUND, ROW}
        yield RouteEvent(decision)
        draft = None
        for route in _cascade(decision.route):
            for part in self._take(route, work):
                if isinstance(part, TokenEvent):
                    yield part
                else:
                    draft = part
            if draft is not None:
                taken = decision.route if _stays(work, decision, draft) else route
                yield AnswerEvent(_finish(work, decision, taken, draft))
                return
            work.steps.append(f"the {route.value} road has no answer: handed over")
        raise AssertionError("the analysis road always ends with an answer or a refusal")

    def _understand(self, query: Query) -> _Work:
        if not query.question.strip():
            raise EmptyQuestionError
        if len(query.question) > MAX_QUESTION:
            raise QuestionTooLongError(len(query.question), MAX_QUESTION)
        started = time.perf_counter()
        turns = self._lanes.settings.history_turns
        query = replace(query, history=query.history[-turns:], turns=query.turns[-turns:])
        completion = self._conversation.complete(query)
        asked, query = query, completion.applied(query)
        context = TermContext(query.department, query.history, query.chosen)
        resolution = self._lanes.terminology.resolve(query.question, context)
        spans = [(t.match.start, t.match.end) for t in resolution.terms]
        form = read_question(query.question, spans)
        form, read = self._completed(form, query.question, spans)
        work = _Work(query, resolution, form, asked, completion, timings={"terms": _since(started)})
        work.steps.extend(read)
        if completion.reason:
            work.steps.append(f"completed from the conversation ({completion.reason}): {query.question}")
        return work

    def _completed(
        self, form: QuestionForm, question: str, spans: Sequence[tuple[int, int]]
    ) -> tuple[QuestionForm, list[str]]:
        """Where the rules are silent, ask the classifier, and where that is unsure the judge, if there is one."""
        if not form.silent or self._lanes.classifier is None:
            return form, []
        guess = self._lanes.classifier.guess(question, spans)
        said = f"the rules are silent; the classifier reads: {guess.intent} ({guess.probability:.2f})"
        alone = bool(_DEFINES.search(question)) or not content_units(_without(question, spans))
        if accepted(guess, question, len(spans), alone=alone):
            return form.wanting(guess.intent), [said]
        judged = self._lanes.judge.judge(question) if self._lanes.judge else None
        if judged is None or (judged == "definition" and not spans):
            return form, [f"{said}, which is not sure enough"]
        return form.wanting(judged), [f"{said}, which is not sure enough; the language model reads: {judged}"]

    def _gather(self, work: _Work) -> None:
        """Look where it is cheap first; what a definition or a greeting needs no look for is not looked for."""
        form, started = work.form, time.perf_counter()
        if form.definition or form.prefix or form.compare or form.small_talk or form.catalogue:
            return
        work.table = self._tables(work)
        work.timings["facts"] = _since(started)
        settled = work.table.status in {"found", "wrong_identifier"} or (form.explanation and not form.value)
        if settled:
            return
        work.sentence = self._statements(work)
        clause = asking_clause(work.query.question)
        if clause and work.sentence.status != "found":
            self._gather_clause(work, clause)
        self._weigh(work)

    def _weigh(self, work: _Work) -> None:
        """Hold a found sentence against the one that says most; where the wording tells nothing, see what a row says."""
        found = work.sentence is not None and work.sentence.status == "found"
        listing = work.form.explanation and _LISTING.search(work.query.question)
        if not (found or work.form.silent or listing):
            return
        started = time.perf_counter()
        coverage = self._lanes.analysis.weigh(
            work.query, work.resolution, self._search(work), work.form
        ).coverage
        work.timings["evidence"] = _since(started)
        if found and work.sentence is not None and _outdone(work.sentence, coverage, self._search(work)):
            work.steps.append("another sentence says more of the question than the one with this value")
            work.sentence = replace(work.sentence, status="absent", facts=(), reason="另一句话更切合问题")
        elif not found and not (coverage.lacking_cell or coverage.lacking_name):
            told = coverage.sentence
            stated = told.share >= _WHOLE and has_value("number", told.text, work.query.question)
            several = listing or _YES_OR_NO.search(work.query.question)
            work.row = told.share if told.row or (stated and not several) else 0.0

    def _gather_clause(self, work: _Work, clause: str) -> None:
        """Ask the fact lanes again with the asking clause alone, without what is told around it; keep only a find."""
        table = self._tables(work, clause)
        if table.status == "found":
            work.table = table
            return
        sentence = self._statements(work, clause)
        if sentence.status == "found":
            work.sentence = sentence

    def _tables(self, work: _Work, question: str = "") -> FactResult:
        names, question = other_names(work.resolution), question or work.query.question
        # A model is not asked for a query where an explanation is wanted: it would only cost its time.
        explains = work.form.explanation and not work.form.value
        tables = (self._lanes.tables_by_rules if explains else None) or self._lanes.tables
        return agreed(tables.query(question, groups=work.query.groups, extra_names=names), question)

    def _statements(self, work: _Work, question: str = "") -> FactResult:
        return self._lanes.statements.find(
            question or work.query.question, self._search(work), other_names(work.resolution)
        )

    def _search(self, work: _Work) -> list[Passage]:
        if work.passages is None:
            started = time.perf_counter()
            found = self._lanes.search.search(
                work.query.question,
                top_k=max(10, self._lanes.settings.passages),
                expansions=(*work.resolution.search_terms, *translated(work.query.question)),
                groups=work.query.groups,
            )
            work.passages = [harmless(passage) for passage in found]
            work.timings["search"] = _since(started)
        return work.passages

    def _take(self, route: Route, work: _Work) -> Iterator[TokenEvent | Draft]:
        started = time.perf_counter()
        if route is Route.TERM:
            draft = answer_terms(
                work.form, work.resolution.terms, self._lanes.glossary(), bare=_nothing_else_said(work)
            )
            if draft is not None:
                yield draft
        elif route is Route.FACT:
            yield from self._fact(work)
        else:
            yield from self._analysis(work)
        work.timings["answer"] = _since(started)

    def _fact(self, work: _Work) -> Iterator[Draft]:
        result = _best_fact(work)
        if result is None:
            # A caller forced this road, so nothing was looked up yet.
            result = self._tables(work)
            if result.status == "not_a_table_question":
                result = self._statements(work)
        work.steps.append(f"facts: {result.reason}")
        if work.unfound:
            return
        if result.query:
            work.steps.append(f"query: {result.query} {list(result.parameters)}")
        if result.status != "not_a_table_question":
            draft = answer_fact(result, work.query.question, work.form.language)
            yield guarded(draft, result, work.query.question, self._lanes.analysis.unsupported)

    def _analysis(self, work: _Work) -> Iterator[TokenEvent | Draft]:
        query, form, language = work.query, work.form, work.form.language
        if form.small_talk:
            yield answer_small_talk(language)
            return
        if form.catalogue:
            yield answer_catalogue(
                work.query.question, self._lanes.documents(work.query.groups), self._search(work), language
            )
            return
        close = next((term for term in work.resolution.terms if term.close), None)
        if close is not None:
            yield _ask_back(close, query.question, language)
            return
        yield from self._lanes.analysis.answer(query, work.resolution, self._search(work), form)


def _nothing_else_said(work: _Work) -> bool:
    """Tell whether the question has no word of content beside one term, and nothing was said before it.

    A second term is something said: `按需印刷（POD）是什么意思` names the sense itself.
    """
    query, rest = work.query, work.query.question
    if len({term.match.surface for term in work.resolution.terms}) > 1:
        return False
    rest = _without(rest, [(term.match.start, term.match.end) for term in work.resolution.terms])
    return not (query.department or query.history or query.chosen or content_units(rest))


def _without(question: str, spans: Sequence[tuple[int, int]]) -> str:
    """The question without its known terms."""
    for start, end in sorted(spans, reverse=True):
        question = f"{question[:start]} {question[end:]}"
    return question


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


def _ask_back(term: ResolvedTerm, question: str, language: Language) -> Draft:
    surface, options = term.match.surface, readings(term, language, question)
    lead = (
        f"“{surface}”有多个含义，您指的是哪一个？"
        if language == "zh"
        else f'"{surface}" has several meanings. Which one do you mean?'
    )
    lines = [lead, *(f"{i}. {option.label}" for i, option in enumerate(options, 1))]
    return Draft(Status.CLARIFY, "\n".join(lines), options=options, confidence=0.5)


def _stays(work: _Work, decision: Decision, draft: Draft) -> bool:
    """Whether a question for a value stays on the fact road although passages had to be looked at.

    A value that nothing supports is refused there, and one that could not be cut out is quoted there with its sentence.
    """
    quoted = work.unfound and draft.status is Status.ANSWERED and "extractive" in draft.flags
    return decision.route is Route.FACT and (draft.status is Status.REFUSED or quoted)


def _cascade(first: Route) -> list[Route]:
    """The roads to take in turn: the chosen one, then analysis once, which always ends."""
    return [first] if first is Route.ANALYSIS else [first, Route.ANALYSIS]


def _best_fact(work: _Work) -> FactResult | None:
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


def _evidence(work: _Work) -> Evidence:
    table = work.table or FactResult("not_a_table_question", "")
    sentence = work.sentence or FactResult("not_a_table_question", "")
    return Evidence(
        terms=len(work.resolution.terms),
        ambiguous=any(term.close for term in work.resolution.terms),
        table_status=table.status if work.table else "",
        table_confidence=table.confidence,
        table_reason=table.reason,
        table_near=bool(table.candidates)
        and not _names_a_row(work.query.question, table)
        and not told_in_one(work.query.question, other_names(work.resolution), work.passages or ()),
        sentence_status=sentence.status if work.sentence else "",
        sentence_confidence=sentence.confidence,
        sentence_reason=sentence.reason,
        row=work.row,
    )


def _names_a_row(question: str, table: FactResult) -> bool:
    """Tell whether a row that the table found is named in full, so that only the asked column is missing."""
    names = (candidate.name for candidate in table.candidates)
    # What stands in brackets tells rows of one name apart: 年假（工龄1–9年）.
    return any(
        name in question or (len(bare := _QUALIFIER.sub("", name)) > 1 and bare in question) for name in names
    )


def _finish(work: _Work, decision: Decision, route: Route, draft: Draft) -> Answer:
    result = _best_fact(work) if route is Route.FACT else None
    timings = {name: round(value, 3) for name, value in work.timings.items()}
    return Answer(
        question=work.asked.question,
        rewritten_question=work.resolution.rewritten_question,
        route=route,
        status=draft.status,
        answer=draft.text,
        confidence=round(min(decision.confidence, max(draft.confidence, 0.0)), 3),
        trace=Trace(decision.reason, timings, tuple(work.steps)),
        terms=_terms_as_asked(work),
        facts=result.facts if result is not None and draft.status is Status.ANSWERED else (),
        citations=draft.citations,
        options=draft.options,
        flags=draft.flags,
        completed_question=work.query.question if work.completion.reason else "",
        chosen=work.completion.chosen,
        answer_id=work.asked.answer_id,
    )


def _terms_as_asked(work: _Work) -> tuple[ResolvedTerm, ...]:
    """Return the terms with their offsets in the question as it was asked, without those that the conversation brought."""
    placed = (work.completion.in_question(term, work.asked.question) for term in work.resolution.terms)
    return tuple(dict.fromkeys(term for term in placed if term is not None))


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
