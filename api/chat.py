"""One chat for all doors: the question with its conversation goes to the router, and the turn is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from api.answering import Asked
from api.recent import RecentAnswers, turn_of
from router.types import AnswerEvent, Query, Route

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.answering import QuickAnswering, Ready
    from api.auth import Viewer
    from router.store import ConversationStore
    from router.types import Answer, Event


@dataclass(frozen=True, slots=True)
class Question:
    """What a door hands over: the question as typed, and what is known beside it.

    `turns` holds earlier questions and answers, oldest first, for doors whose clients keep the conversation
    themselves; with a `conversation_id` the stored conversation counts instead.
    """

    text: str
    department: str | None = None
    conversation_id: str | None = None
    route: str | None = None
    turns: tuple[tuple[str, str], ...] = ()


class Choices(Protocol):
    """Remembers which senses a user picked in a conversation; the glossary's store does."""

    def choices(self, conversation: str) -> tuple[tuple[str, int], ...]:
        """Return the choices made in a conversation: folded surface and sense id."""
        ...

    def choose(self, conversation: str, surface: str, sense_id: int) -> None:
        """Remember one choice."""
        ...


@dataclass(frozen=True, slots=True)
class Chat:
    """Answers questions within conversations."""

    answerer: QuickAnswering
    conversations: ConversationStore
    choices: Choices
    history_turns: int = 6
    recent: RecentAnswers = field(default_factory=RecentAnswers)

    def stream(self, question: Question, viewer: Viewer) -> Iterator[Event]:
        """Yield the events of one answer; the turn is kept when the answer is whole."""
        for event in self.answerer.stream(self._query(question, viewer)):
            if isinstance(event, AnswerEvent):
                self._keep(question.conversation_id, event.answer, viewer)
            yield event

    def answer(self, question: Question, viewer: Viewer) -> Answer:
        """Return the whole answer."""
        *_, last = self.stream(question, viewer)
        if not isinstance(last, AnswerEvent):
            raise TypeError("the last event of a stream is its answer")
        return last.answer

    def at_once(self, question: Question, viewer: Viewer) -> Ready | None:
        """Return the answer where it is at hand, without any wait; else None. A stored conversation must be read first."""
        if question.conversation_id or question.turns:
            return None
        route = Route(question.route) if question.route else None
        asked = Asked(question.text, question.department, viewer.groups, route)
        ready = self.answerer.at_once(asked, uuid4().hex)
        if ready is not None:
            self._keep(None, ready.answer, viewer)
        return ready

    def _query(self, question: Question, viewer: Viewer) -> Query:
        query = Query(
            question=question.text,
            department=question.department,
            conversation_id=question.conversation_id,
            groups=viewer.groups,
            route=Route(question.route) if question.route else None,
            answer_id=uuid4().hex,
        )
        key = question.conversation_id
        if not key and not question.turns:
            return query
        if not key:
            turns = question.turns[-self.history_turns :]
            answered = tuple(turn for turn in turns if turn[1])
            return replace(query, history=tuple(asked for asked, _ in turns), turns=answered)
        kept = self.conversations.history(key, viewer.user, self.history_turns)
        if not kept:
            return query
        return replace(
            query,
            # What was completed once need not be completed again.
            history=tuple(turn.completed or turn.question for turn in kept),
            turns=tuple((turn.question, turn.answer) for turn in kept),
            chosen=self.choices.choices(choices_key(viewer.user, key)),
            options=kept[-1].options,
            documents=kept[-1].documents,
        )

    def _keep(self, conversation_id: str | None, answer: Answer, viewer: Viewer) -> None:
        if conversation_id:
            self.conversations.append(conversation_id, turn_of(answer), viewer.user)
            for surface, sense_id in answer.chosen:
                self.choices.choose(choices_key(viewer.user, conversation_id), surface, sense_id)
        else:
            self.recent.add(answer, viewer.user)


def choices_key(user: str, conversation_id: str) -> str:
    """Return the key of a user's conversation for `Choices`: two users may give theirs the same id."""
    return hashlib.sha256(f"{user}\0{conversation_id}".encode()).hexdigest()
