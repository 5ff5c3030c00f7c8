"""What is kept is given again only to the same question of the same asker, and only while nothing has changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest

from api.answer_cache import STEP, AnswerCache, CachingAnswerer, made_by_rules
from api.answering import Asked
from api.shown import answer_json
from router.proposing import PROPOSED
from router.types import Answer, AnswerEvent, Decision, Event, Query, Route, RouteEvent, Status, Trace

Q = Query("PDM是什么意思？", answer_id="first")


class Router:
    """Answers everything, and counts."""

    def __init__(self) -> None:
        self.asked, self.repeated = 0, list[str]()
        self.route, self.status = Route.TERM, Status.ANSWERED

    def stream(self, query: Query) -> Iterator[Event]:
        self.asked += 1
        yield RouteEvent(Decision(self.route, 0.9, "why", "definition"))
        trace = Trace("why", {"terms": 1.0}, ("looked",))
        text = f"answer {self.asked}"
        yield AnswerEvent(
            Answer(query.question, "", self.route, self.status, text, 0.9, trace, answer_id=query.answer_id)
        )

    def again(self, answer: Answer) -> None:
        self.repeated.append(answer.answer)


class Clock:
    """A standing that a test moves on; `quick` says whether it is at hand."""

    def __init__(self) -> None:
        self.value, self.quick = 1, True
        self.reads = 0

    def now(self) -> int:
        self.reads += 1
        return self.value

    def at_hand(self) -> int | None:
        return self.value if self.quick else None


class Desk:
    def __init__(self, most: int = 10, model: bool = False) -> None:
        self.router, self.standing, self.cache = Router(), Clock(), AnswerCache(most)
        standing: Any = self.standing
        self.answers = CachingAnswerer(self.router, self.cache, standing, model=model)

    def ask(self, query: Query = Q) -> Answer:
        first, last = self.answers.stream(query)
        assert isinstance(first, RouteEvent)
        assert isinstance(last, AnswerEvent)
        return last.answer

    def at_once(self, answer_id: str = "") -> Answer | None:
        ready = self.answers.at_once(Asked(Q.question, Q.department, Q.groups, Q.route), answer_id)
        if ready is None:
            return None
        assert orjson.loads(ready.json) == orjson.loads(answer_json(ready.answer))
        return ready.answer


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_same_question_is_answered_once_and_says_so(desk: Desk) -> None:
    first, again = desk.ask(), desk.ask(replace(Q, answer_id="second"))
    assert (desk.router.asked, desk.router.repeated) == (1, ["answer 1"])
    assert (again.answer, again.answer_id, first.answer_id) == (first.answer, "second", "first")
    assert first.trace.timings_ms == {"terms": 1.0}
    assert set(again.trace.timings_ms) == {"cache"}
    assert again.trace.steps == ("looked", STEP)
    assert again.trace.reason == "why"


@pytest.mark.parametrize(
    "other",
    [
        {"question": "PDM是什么意思"},
        {"department": "销售部"},
        {"groups": frozenset({"sales"})},
        {"groups": frozenset()},
        {"route": Route.ANALYSIS},
    ],
)
def test_another_question_or_asker_is_answered_anew(desk: Desk, other: dict[str, Any]) -> None:
    desk.ask()
    assert desk.ask(replace(Q, **other)).answer == "answer 2"
    assert desk.ask(replace(Q, **other)).answer == "answer 2"
    assert desk.ask().answer == "answer 1"


@pytest.mark.parametrize(
    "context",
    [
        {"history": ("earlier",)},
        {"turns": (("earlier", "said"),)},
        {"chosen": (("pdm", 3),)},
        {"options": ("one",)},
        {"documents": ("a.docx",)},
    ],
)
def test_a_conversation_that_may_say_something_is_never_kept(desk: Desk, context: dict[str, Any]) -> None:
    desk.ask()
    inside = replace(Q, conversation_id="c", **context)
    assert [desk.ask(inside).answer, desk.ask(inside).answer] == ["answer 2", "answer 3"]
    assert desk.ask(replace(Q, conversation_id="new")).answer == "answer 1"


def test_any_change_forgets_everything(desk: Desk) -> None:
    desk.ask()
    desk.standing.value = 2
    assert desk.ask().answer == "answer 2"
    assert len(desk.cache) == 1
    desk.standing.value = 1
    assert desk.ask().answer == "answer 3"


def test_an_answer_during_which_something_changed_is_not_kept(desk: Desk) -> None:
    events = desk.answers.stream(Q)
    next(events)
    desk.standing.value = 2
    next(events)
    assert len(desk.cache) == 0
    assert desk.ask().answer == "answer 2"


def test_the_longest_unused_goes_first() -> None:
    desk = Desk(most=2)
    one, two, three = (replace(Q, question=text) for text in "123")
    for query in (one, two, one, three, one):
        desk.ask(query)
    assert desk.router.asked == 3
    desk.ask(two)
    assert (desk.router.asked, len(desk.cache)) == (4, 2)


def test_none_is_kept_where_none_may_be() -> None:
    desk = Desk(most=0)
    assert [desk.ask().answer, desk.ask().answer] == ["answer 1", "answer 2"]
    assert desk.standing.reads == 0
    assert desk.at_once() is None


def test_at_once_only_what_is_at_hand(desk: Desk) -> None:
    assert desk.at_once() is None
    desk.ask()
    found = desk.at_once("second")
    assert found is not None
    assert (found.answer, found.answer_id, set(found.trace.timings_ms)) == ("answer 1", "second", {"cache"})
    desk.standing.quick = False
    assert desk.at_once() is None
    assert desk.router.asked == 1


@pytest.mark.parametrize(
    ("route", "status", "kept"),
    [
        (Route.TERM, Status.ANSWERED, True),
        (Route.FACT, Status.ANSWERED, True),
        (Route.FACT, Status.REFUSED, True),
        (Route.ANALYSIS, Status.CLARIFY, True),
        (Route.ANALYSIS, Status.REFUSED, True),
        (Route.ANALYSIS, Status.ANSWERED, False),
    ],
)
def test_without_a_model_all_but_prose_is_kept(desk: Desk, route: Route, status: Status, kept: bool) -> None:
    desk.router.route, desk.router.status = route, status
    desk.ask()
    assert len(desk.cache) == kept


@pytest.mark.parametrize(
    ("question", "route", "status", "ground", "reason", "kept"),
    [
        ("PDM是什么意思？", Route.TERM, Status.ANSWERED, "definition", "", True),
        ("一号支行的联行号是多少？", Route.FACT, Status.ANSWERED, "table", "a table answers", True),
        ("一号支行的联行号是多少？", Route.FACT, Status.ANSWERED, "table", f"a table: {PROPOSED}", False),
        ("一号支行的联行号是多少？", Route.FACT, Status.ANSWERED, "sentence", "", False),
        ("一号支行的联行号是多少？", Route.FACT, Status.REFUSED, "table", "", False),
        ("PDM是什么意思？", Route.ANALYSIS, Status.CLARIFY, "explanation", "", False),
        # The rules are silent, so the model may have been asked what this is.
        ("PDM那个东西", Route.TERM, Status.ANSWERED, "definition", "", False),
    ],
)
def test_with_a_model_only_what_it_was_surely_not_asked_for(
    question: str, route: Route, status: Status, ground: str, reason: str, kept: bool
) -> None:
    answer = Answer(question, "", route, status, "", 0.9, Trace(reason))
    assert made_by_rules(Decision(route, 0.9, reason, ground), answer, model=True) is kept
