"""`POST /chat`: one answer as JSON, or as server-sent events while it is made."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from api import problems
from api.chat import Question
from api.endpoints.access import Asker, application_of, metrics_of, workers_of
from api.endpoints.direct import DirectRoute
from api.schemas import AnswerSchema, ChatRequest
from api.shown import answer_json
from router.types import AnswerEvent, RouteEvent, TokenEvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from api.auth import Viewer
    from router.types import Answer, Event

logger = logging.getLogger(__name__)
endpoints = APIRouter(tags=["chat"], route_class=DirectRoute)
_EVENTS = {
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
    "description": "The answer object, or with `stream` the events route, token and answer (the whole object).",
}


@endpoints.post("/chat", response_model=AnswerSchema, responses={200: _EVENTS})
async def chat(body: ChatRequest, request: Request, viewer: Asker) -> Response:
    """Answer a question."""
    question = Question(body.question, body.department, body.conversation_id, body.route)
    # What is at hand is given here: to hand it to a thread and back would take longer than the answer.
    ready = None if body.stream else application_of(request).chat.at_once(question, viewer)
    if ready is not None:
        metrics_of(request).answer(ready.answer)
        return Response(ready.json, media_type="application/json")
    return await workers_of(request).run(_answered, question, body, request, viewer)


def _answered(question: Question, body: ChatRequest, request: Request, viewer: Viewer) -> Response:
    desk = application_of(request).chat
    if body.stream:
        events = desk.stream(question, viewer)
        # The first event is made before the headers are sent, so that a wrong question is still an HTTP error.
        first = next(events)
        return StreamingResponse(
            _lines(first, events, request, body.conversation_id),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
        )
    return _response(desk.answer(question, viewer), body, request)


def _response(answer: Answer, body: ChatRequest, request: Request) -> Response:
    metrics_of(request).answer(answer)
    return Response(answer_json(answer, body.conversation_id), media_type="application/json")


async def _lines(
    first: Event, rest: Iterator[Event], request: Request, conversation_id: str | None
) -> AsyncIterator[str]:
    try:
        yield _line(first, conversation_id)
        written = False
        async for event in workers_of(request).each(rest):
            if isinstance(event, AnswerEvent):
                metrics_of(request).answer(event.answer)
                if not written and event.answer.answer:
                    # What rules answer is whole at once; a client that shows tokens sees it too.
                    yield _line(TokenEvent(event.answer.answer), conversation_id)
            written = written or isinstance(event, TokenEvent)
            yield _line(event, conversation_id)
    except Exception as error:
        # The headers are gone: the client must hear of it inside the stream.
        logger.exception("a streamed answer broke off")
        yield _event("error", problems.told(error))


def _line(event: Event, conversation_id: str | None) -> str:
    if isinstance(event, RouteEvent):
        decision = event.decision
        data = {"route": decision.route.value, "confidence": decision.confidence, "reason": decision.reason}
        return _event("route", data)
    if isinstance(event, AnswerEvent):
        return _framed("answer", answer_json(event.answer, conversation_id).decode())
    return _event("token", {"text": event.text})


def _event(name: str, data: Mapping[str, object]) -> str:
    return _framed(name, json.dumps(data, ensure_ascii=False))


def _framed(name: str, data: str) -> str:
    return f"event: {name}\ndata: {data}\n\n"
