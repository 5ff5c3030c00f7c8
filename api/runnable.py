"""The whole answer as a LangChain Runnable: a question in, the answer object of the contract out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.runnables import Runnable, RunnableGenerator

from api.chat import Question
from api.schemas import AnswerSchema
from router.types import AnswerEvent, TokenEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_core.runnables import RunnableConfig

    from api.auth import Viewer
    from api.chat import Chat


class AnswerRunnable(Runnable[str | dict[str, Any], dict[str, Any]]):
    """`invoke` takes a question, or a dict with `question`, `department`, `conversation_id`, `route`.

    It returns the answer object (section 3 of the contract) as a dict. `stream` yields `{"token": …}` while the text
    is written, and the answer object last.
    """

    def __init__(self, chat: Chat, viewer: Viewer) -> None:
        self._chat, self._viewer = chat, viewer

    def invoke(
        self,
        input: str | dict[str, Any],
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Answer one question. Raises EmptyQuestionError, QuestionTooLongError."""
        return self._call_with_config(self._answer, input, config, **kwargs)

    def stream(
        self,
        input: str | dict[str, Any],
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> Iterator[dict[str, Any]]:
        """Yield the pieces of one answer, then the answer."""
        yield from RunnableGenerator(self._pieces).stream(input, config, **kwargs)

    def _answer(self, given: str | dict[str, Any]) -> dict[str, Any]:
        question = _question(given)
        return AnswerSchema.of(self._chat.answer(question, self._viewer), question.conversation_id).model_dump()

    def _pieces(self, inputs: Iterator[str | dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for given in inputs:
            question = _question(given)
            for event in self._chat.stream(question, self._viewer):
                if isinstance(event, TokenEvent):
                    yield {"token": event.text}
                elif isinstance(event, AnswerEvent):
                    yield AnswerSchema.of(event.answer, question.conversation_id).model_dump()


def _question(given: str | dict[str, Any]) -> Question:
    if isinstance(given, str):
        return Question(given)
    known = ("department", "conversation_id", "route")
    return Question(given["question"], **{name: given[name] for name in known if given.get(name)})
