"""One chat for all doors: the question with its conversation goes to the router, and the turn is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from router.store import Turn
from router.types import AnswerEvent, Query, Route

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.auth import Viewer
    from router.answer import Answerer
    from router.store import ConversationStore
    from router.types import Answer, Event


@dataclass(frozen=True, slots=True)
class Question:
    """What a door hands over: the question as typed, and what is known beside it."""

    text: str
    department: str | None = None
    conversation_id: str | None = None
    route: str | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """Answers questions within conversations."""

    answerer: Answerer
    conversations: ConversationStore
    history_turns: int = 6

    def stream(self, question: Question, viewer: Viewer) -> Iterator[Event]:
        """Yield the events of one answer; the turn is kept when the answer is whole."""
        key = question.conversation_id
        turns = self.conversations.history(key, viewer.user, self.history_turns) if key else ()
        query = Query(
            question=question.text,
            department=question.department,
            conversation_id=key,
            groups=viewer.groups,
            history=tuple(turn.question for turn in turns),
            turns=tuple((turn.question, turn.answer) for turn in turns),
            route=Route(question.route) if question.route else None,
        )
        for event in self.answerer.stream(query):
            if isinstance(event, AnswerEvent) and key:
                self._keep(key, event.answer, viewer)
            yield event

    def answer(self, question: Question, viewer: Viewer) -> Answer:
        """Return the whole answer."""
        *_, last = self.stream(question, viewer)
        if not isinstance(last, AnswerEvent):
            raise TypeError("the last event of a stream is its answer")
        return last.answer

    def _keep(self, conversation_id: str, answer: Answer, viewer: Viewer) -> None:
        turn = Turn(answer.question, answer.answer, answer.route.value, answer.status.value)
        self.conversations.append(conversation_id, turn, viewer.user)
