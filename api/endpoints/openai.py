"""`POST /v1/chat/completions` and `GET /v1/models`: our answers in the language that OpenAI's clients speak."""

from __future__ import annotations

import json
import logging
import time
from itertools import chain
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from api import problems
from api.endpoints.access import Asker, application_of, metrics_of, workers_of
from api.errors import UnknownModelError
from api.openai_schemas import MODEL, CompletionRequest, error_document, error_status
from api.schemas import AnswerSchema
from router.types import AnswerEvent, TokenEvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from api.auth import Viewer
    from router.types import Answer, Event

logger = logging.getLogger(__name__)
endpoints = APIRouter(prefix="/v1", tags=["openai"])
_RELEASED = 1_767_225_600
_EXTRAS = {"question", "answer", "citations"}
_STREAM = {"content": {"text/event-stream": {"schema": {"type": "string"}}}}


@endpoints.get("/models")
async def list_models(_: Asker) -> dict[str, Any]:
    """List the one model there is."""
    return {"object": "list", "data": [_model()]}


@endpoints.get("/models/{model}")
async def show_model(model: str, _: Asker) -> dict[str, Any]:
    """Show the model."""
    if model != MODEL:
        raise UnknownModelError(model, MODEL)
    return _model()


@endpoints.post("/chat/completions", response_model=None, responses={200: _STREAM})
async def complete(body: CompletionRequest, request: Request, viewer: Asker) -> Response:
    """Answer the last user message; the messages before it are the conversation."""
    return await workers_of(request).run(_completed, body, request, viewer)


def _completed(body: CompletionRequest, request: Request, viewer: Viewer) -> Response:
    if body.model != MODEL:
        raise UnknownModelError(body.model, MODEL)
    desk, identity = application_of(request).chat, f"chatcmpl-{uuid4().hex}"
    if body.stream:
        events = desk.stream(body.asked(), viewer)
        # The first event is made before the headers are sent, so that a wrong question is still an HTTP error.
        events = chain([next(events)], events)
        return StreamingResponse(
            _lines(events, request, body, identity),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
        )
    answer = desk.answer(body.asked(), viewer)
    metrics_of(request).answer(answer)
    message = {"role": "assistant", "content": answer.answer, "refusal": None, **_citations(answer)}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return JSONResponse(
        {
            **_frame("chat.completion", identity),
            "choices": [choice],
            "usage": body.usage(answer.answer),
            **_extras(answer),
        }
    )


def in_openai_shape(request: Request, problem: dict[str, Any]) -> JSONResponse | None:
    """Return a problem document as OpenAI's clients read errors, on the paths that they use; else None."""
    if not request.url.path.startswith("/v1/"):
        return None
    status = int(problem["status"])
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(error_document(problem), error_status(status), headers)


async def _lines(
    events: Iterator[Event], request: Request, body: CompletionRequest, identity: str
) -> AsyncIterator[str]:
    """Yield the chunks of a streamed answer: the role, the text, the citations with the end, then the usage."""
    frame = _frame("chat.completion.chunk", identity) | ({"usage": None} if body.wants_usage else {})

    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return _data({**frame, "choices": [choice], **more})

    yield chunk({"role": "assistant", "content": ""})
    shown = ""
    try:
        async for event in workers_of(request).each(events):
            if isinstance(event, TokenEvent):
                shown += event.text
                yield chunk({"content": event.text})
            elif isinstance(event, AnswerEvent):
                answer = event.answer
                metrics_of(request).answer(answer)
                rest = _rest(shown, answer.answer)
                if rest:
                    yield chunk({"content": rest})
                yield chunk({}, "stop", **_extras(answer))
                if body.wants_usage:
                    yield _data({**frame, "choices": [], "usage": body.usage(answer.answer)})
    except Exception as error:
        # The headers are gone: the client must hear of it inside the stream.
        logger.exception("a streamed answer broke off")
        yield _data(error_document(problems.told(error)))
    yield "data: [DONE]\n\n"


def _rest(shown: str, answer: str) -> str:
    """What is still to be said; where the answer turned out otherwise (a model that failed), it follows whole."""
    if answer.startswith(shown):
        return answer[len(shown) :]
    return f"\n\n{answer}"


def _extras(answer: Answer) -> dict[str, Any]:
    """The citations, and the rest of the answer object under our own name."""
    shown = AnswerSchema.of(answer).model_dump(mode="json")
    return {
        "citations": shown["citations"],
        MODEL: {name: value for name, value in shown.items() if name not in _EXTRAS},
    }


def _citations(answer: Answer) -> dict[str, Any]:
    return {"citations": AnswerSchema.of(answer).model_dump(mode="json")["citations"]}


def _model() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": _RELEASED, "owned_by": MODEL}


def _frame(kind: str, identity: str) -> dict[str, Any]:
    return {"id": identity, "object": kind, "created": int(time.time()), "model": MODEL}


def _data(document: dict[str, Any]) -> str:
    return f"data: {json.dumps(document, ensure_ascii=False)}\n\n"
