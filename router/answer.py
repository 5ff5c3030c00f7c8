"""A question goes in, an Answer comes out: the one file that explains the system."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from router.classify import accepted
from router.conversation import Conversation
from router.decide import ROW, VALUE_NOT_FOUND, decide
from router.errors import EmptyQuestionError, QuestionTooLongError
from router.fact import UNSUPPORTED, answer_fact, guarded
from router.gather import Gatherer, Work, best_fact, evidence, since
from router.grounding import content_units
from router.lengthy import LONGEST, asking_part, shortened
from router.questions import QuestionForm, read_question
from router.smalltalk import answer_catalogue, answer_small_talk
from router.support import other_names
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
from router.wordlists import facets
from terminology.types import TermContext

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from router.lanes import Lanes
    from router.questions import Language
    from router.types import Event
    from terminology.types import ResolvedTerm

MAX_QUESTION = 4_000
_GROUP = re.compile(r"[部组科室处队]$|中心$|\b(?:department|team)\b")
_DEFINES = re.compile(
    r"意思|含义|全称|全名|缩写|简称|英文|中文|指的?是?|代表|是什么|是啥|\b(?:mean|stands?|short|full|called)\b",
    re.I,
)


class Answerer:
    """Answers questions by the cheapest road that gives a right answer."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self._looks = Gatherer(lanes)
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
        self._looks.gather(work)
        decision = decide(work.form, evidence(work), query.route)
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

    def _understand(self, query: Query) -> Work:
        if not query.question.strip():
            raise EmptyQuestionError
        if len(query.question) > MAX_QUESTION:
            raise QuestionTooLongError(len(query.question), MAX_QUESTION)
        started = time.perf_counter()
        turns = self._lanes.settings.history_turns
        asked = replace(query, history=query.history[-turns:], turns=query.turns[-turns:])
        query, beside = shortened(asked)
        completion = self._conversation.complete(query)
        query = completion.applied(query)
        context = TermContext(query.department, (*query.history, *beside), query.chosen)
        resolution = self._lanes.terminology.resolve(query.question, context)
        spans = [(t.match.start, t.match.end) for t in resolution.terms]
        form = read_question(query.question, spans)
        form, read = self._completed(form, query.question, spans)
        work = Work(query, resolution, form, asked, completion, timings={"terms": since(started)})
        work.steps.extend(read)
        if beside:
            work.steps.append(f"a long text: {len(query.question)} characters that ask were read")
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
        alone = bool(_DEFINES.search(question)) or not _content(_without(question, spans))
        if accepted(guess, question, len(spans), alone=alone):
            return form.wanting(guess.intent), [said]
        judged = self._lanes.judge.judge(question) if self._lanes.judge else None
        if judged is None or (judged == "definition" and not spans):
            return form, [f"{said}, which is not sure enough"]
        return form.wanting(judged), [f"{said}, which is not sure enough; the language model reads: {judged}"]

    def _take(self, route: Route, work: Work) -> Iterator[TokenEvent | Draft]:
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
        work.timings["answer"] = since(started)

    def _fact(self, work: Work) -> Iterator[Draft]:
        result = best_fact(work)
        if result is None:
            # A caller forced this road, so nothing was looked up yet.
            result = self._looks.tables(work)
            if result.status == "not_a_table_question":
                result = self._looks.statements(work)
        work.steps.append(f"facts: {result.reason}")
        if work.unfound:
            return
        if result.query:
            work.steps.append(f"query: {result.query} {list(result.parameters)}")
        if result.status != "not_a_table_question":
            draft = answer_fact(result, work.query.question, work.form.language)
            draft = guarded(draft, result, work.query.question, self._lanes.analysis.unsupported)
            if UNSUPPORTED in draft.flags and result is work.sentence:
                # The value was cut out of its sentence wrongly; the sentence may answer as a whole.
                work.unfound, work.sentence = True, replace(result, status="absent", facts=())
                return
            yield draft

    def _analysis(self, work: Work) -> Iterator[TokenEvent | Draft]:
        form, language = work.form, work.form.language
        if form.small_talk:
            yield answer_small_talk(language)
            return
        if form.catalogue:
            yield answer_catalogue(
                work.query.question,
                self._lanes.documents(work.query.groups),
                self._looks.passages(work),
                language,
                other_names(work.resolution),
            )
            return
        yield from self._from_passages(work)

    def _from_passages(self, work: Work) -> Iterator[TokenEvent | Draft]:
        query, form = work.query, work.form
        lane, passages = self._lanes.analysis, self._looks.passages(work)
        support = lane.weigh(query, work.resolution, passages, form)
        if not lane.enough(support) and (wider := self._looks.wider(work)):
            passages, support = wider, lane.weigh(query, work.resolution, wider, form)
        close = next((term for term in work.resolution.terms if term.close), None)
        for part in lane.answer(query, work.resolution, passages, form, support):
            unclear = isinstance(part, Draft) and part.status is Status.REFUSED
            # What the documents answer needs no asking back, and what they do not name no sense will bring.
            if close is not None and unclear and set(support.names) <= {close.match.surface.casefold()}:
                part = _ask_back(close, query.question, form.language)
            yield part


def _nothing_else_said(work: Work) -> bool:
    """Tell whether the question has no word of content beside one term, and nothing was said before it.

    A second term is something said: `按需印刷（POD）是什么意思` names the sense itself.
    """
    query, rest = work.query, work.query.question
    if len({term.match.surface for term in work.resolution.terms}) > 1:
        return False
    rest = _without(rest, [(term.match.start, term.match.end) for term in work.resolution.terms])
    said = query.department or query.history or query.chosen or len(work.asked.question) > LONGEST
    return not (said or content_units(rest))


def _content(rest: str) -> list[str]:
    """The words of content in what stands beside the terms; who says so (安全部说的) and how it is asked are none."""
    words = (unit.forms[0] for unit in content_units(rest))
    return [word for word in words if not (_GROUP.search(word) or word in facets())]


def _without(question: str, spans: Sequence[tuple[int, int]]) -> str:
    """The question without its known terms."""
    for start, end in sorted(spans, reverse=True):
        question = f"{question[:start]} {question[end:]}"
    return question


def _ask_back(term: ResolvedTerm, question: str, language: Language) -> Draft:
    surface, options = term.match.surface, readings(term, language, question)
    lead = (
        f"“{surface}”有多个含义，您指的是哪一个？"
        if language == "zh"
        else f'"{surface}" has several meanings. Which one do you mean?'
    )
    lines = [lead, *(f"{i}. {option.label}" for i, option in enumerate(options, 1))]
    return Draft(Status.CLARIFY, "\n".join(lines), options=options, confidence=0.5)


def _stays(work: Work, decision: Decision, draft: Draft) -> bool:
    """Whether a question for a value stays on the fact road although passages had to be looked at.

    A value that nothing supports is refused there, and one that could not be cut out is quoted there with its sentence.
    """
    quoted = work.unfound and draft.status is Status.ANSWERED and "extractive" in draft.flags
    return decision.route is Route.FACT and (draft.status is Status.REFUSED or quoted)


def _cascade(first: Route) -> list[Route]:
    """The roads to take in turn: the chosen one, then analysis once, which always ends."""
    return [first] if first is Route.ANALYSIS else [first, Route.ANALYSIS]


def _finish(work: Work, decision: Decision, route: Route, draft: Draft) -> Answer:
    result = best_fact(work) if route is Route.FACT else None
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


def _terms_as_asked(work: Work) -> tuple[ResolvedTerm, ...]:
    """Return the terms with their offsets in the question as it was asked, without those that the conversation brought."""
    start, end = asking_part(work.asked.question)
    asked = work.asked.question[start:end]
    placed = (work.completion.in_question(term, asked) for term in work.resolution.terms)
    return tuple(dict.fromkeys(_moved(term, start) for term in placed if term is not None))


def _moved(term: ResolvedTerm, by: int) -> ResolvedTerm:
    """A term with its offsets in the whole question, of which the part that asks begins at character `by`."""
    match = term.match
    return replace(term, match=match._replace(start=match.start + by, end=match.end + by)) if by else term
