"""Keeps answers that no language model had a say in, and gives them again while nothing they draw on has changed."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import fields
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from api.answering import Asked, Ready
from api.shown import WrittenAnswer
from router.questions import read_question
from router.types import Answer, AnswerEvent, Route, RouteEvent, Status, Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from api.answering import Repeatable
    from api.freshness import Standing
    from router.types import Decision, Event, Query

STEP = "an answer given before is given again: nothing that it draws on has changed since"


class _Kept(NamedTuple):
    """An answer, and what makes and writes the same one anew but for its own `answer_id` and `trace`."""

    decision: Decision
    answer: Answer
    again: Callable[..., Answer]
    written: WrittenAnswer


class AnswerCache:
    """At most `most` answers of one standing of the knowledge, the longest unused forgotten first; for many threads."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = Lock()
        self._standing: Hashable = None
        self._kept: OrderedDict[Asked, _Kept] = OrderedDict()

    def __len__(self) -> int:
        """How many answers are kept."""
        return len(self._kept)

    def find(self, asked: Asked, standing: Hashable) -> _Kept | None:
        """Return what was answered under this `standing`; another standing forgets everything."""
        with self._lock:
            if standing != self._standing:
                self._kept.clear()
                self._standing = standing
            kept = self._kept.get(asked)
            if kept is not None:
                self._kept.move_to_end(asked)
            return kept

    def keep(self, asked: Asked, standing: Hashable, decision: Decision, answer: Answer) -> None:
        """Keep an answer, unless the knowledge has moved on meanwhile."""
        with self._lock:
            if standing != self._standing:
                return
            again = partial(Answer, **_fixed(answer))
            self._kept[asked] = _Kept(decision, answer, again, WrittenAnswer(answer))
            self._kept.move_to_end(asked)
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)


class CachingAnswerer:
    """Answers from the cache where it can, else asks `answerer` and keeps what may be kept.

    `standing` tells what answers are drawn from as it stands now: two equal standings answer alike. `model` says that
    a language model may have a say in answers. Questions within a conversation are never kept.
    """

    def __init__(self, answerer: Repeatable, cache: AnswerCache, standing: Standing, *, model: bool) -> None:
        self._answerer, self._cache = answerer, cache
        self._standing, self._model = standing, model

    def stream(self, query: Query) -> Iterator[Event]:
        """Yield the events of one answer."""
        asked = _asked(query) if self._cache.most else None
        if asked is None:
            yield from self._answerer.stream(query)
            return
        started = time.perf_counter()
        # Looked at before answering: a change in between makes the answer one that is not kept, never a stale one.
        standing = self._standing.now()
        kept = self._cache.find(asked, standing)
        if kept is None:
            yield from self._answered(query, asked, standing)
            return
        yield RouteEvent(kept.decision)
        yield AnswerEvent(self._again(kept, query.answer_id, started))

    def at_once(self, asked: Asked, answer_id: str) -> Ready | None:
        """Return the answer where it is kept and nothing was committed since; never asks the database."""
        started, standing = time.perf_counter(), self._standing.at_hand()
        kept = None if standing is None else self._cache.find(asked, standing)
        if kept is None:
            return None
        answer = self._again(kept, answer_id, started)
        return Ready(answer, kept.written.json(answer))

    def _answered(self, query: Query, asked: Asked, standing: Hashable) -> Iterator[Event]:
        decision = None
        for event in self._answerer.stream(query):
            if isinstance(event, RouteEvent):
                decision = event.decision
            elif isinstance(event, AnswerEvent) and decision is not None:
                by_rules = made_by_rules(decision, event.answer, model=self._model)
                if by_rules and self._standing.now() == standing:
                    self._cache.keep(asked, standing, decision, event.answer)
            yield event

    def _again(self, kept: _Kept, answer_id: str, started: float) -> Answer:
        """Give a kept answer as one of its own: with its id, and a trace that says where it is from."""
        answer = kept.answer
        self._answerer.again(answer)
        spent = round((time.perf_counter() - started) * 1000, 3)
        trace = Trace(answer.trace.reason, {"cache": spent}, (*answer.trace.steps, STEP))
        return kept.again(answer_id=answer_id, trace=trace)


def made_by_rules(decision: Decision, answer: Answer, *, model: bool) -> bool:
    """Tell whether an answer is one to keep: exact or none, and no language model was asked for it.

    With a `model`, an answer counts only where it is sure that the model was not even asked: one that was out of reach
    may be back at the next question.
    """
    from router.proposing import PROPOSED

    answered = answer.status is Status.ANSWERED
    if not model:
        return answer.route is not Route.ANALYSIS or not answered
    spans = [(term.match.start, term.match.end) for term in answer.terms]
    if not answered or read_question(answer.question, spans).silent:
        return False
    by_tables = decision.ground == "table" and PROPOSED not in decision.reason
    return answer.route is Route.TERM or (answer.route is Route.FACT and by_tables)


def _asked(query: Query) -> Asked | None:
    """Return what to keep the answer under; None for a question whose conversation may say something."""
    if query.history or query.turns or query.chosen or query.options or query.documents:
        return None
    return Asked(query.question, query.department, query.groups, query.route)


def _fixed(answer: Answer) -> dict[str, Any]:
    own = {"answer_id", "trace"}
    return {each.name: getattr(answer, each.name) for each in fields(answer) if each.name not in own}
