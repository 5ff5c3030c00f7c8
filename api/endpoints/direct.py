"""A route for the endpoints that questions go to most: the body is read once, by pydantic itself, and nothing is resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

from api.endpoints.access import viewer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fastapi.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class DirectRoute(APIRoute):
    """A route to an endpoint `(body, request, viewer)` that returns its response, documented as FastAPI documents it.

    FastAPI parses a body in Python, validates it, keeps two stacks of what to close afterwards, and resolves what the
    endpoint depends on by looking at its signature at every request; that costs as much as an empty endpoint. A body that
    is not simply right takes FastAPI's own way, so that mistakes are told in the same words everywhere.
    """

    def __init__(self, *values: Any, **options: Any) -> None:
        """Take what FastAPI's route takes. Raises TypeError for an endpoint of another kind."""
        super().__init__(*values, **options)
        model = self.body_field.field_info.annotation if self.body_field else None
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            raise TypeError(f"{self.path}: a direct route needs one JSON body")
        self.app = _direct(self.endpoint, model, self.app)


def _direct(endpoint: Callable[..., Any], model: type[BaseModel], usual: ASGIApp) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        content = await _content(receive)
        body = None if content is None else _body(model, scope["headers"], content)
        if content is None or body is None:
            await usual(scope, _again(content, receive), send)
            return
        request = Request(scope, receive)
        response: Response = await endpoint(body, request, await viewer_of(request))
        await response(scope, receive, send)

    return app


async def _content(receive: Receive) -> bytes | None:
    """Return the whole body, or None where the client has gone before it was whole."""
    message = await receive()
    content: bytes = message.get("body", b"")
    while message.get("more_body", False):
        message = await receive()
        content += message.get("body", b"")
    return None if message["type"] == "http.disconnect" else content


def _again(content: bytes | None, receive: Receive) -> Receive:
    """Give a body that was read once more, then what comes after it."""
    first: list[Message] = [
        {"type": "http.disconnect"}
        if content is None
        else {"type": "http.request", "body": content, "more_body": False}
    ]

    async def again() -> Message:
        return first.pop() if first else await receive()

    return again


def _body(model: type[BaseModel], headers: Iterable[tuple[bytes, bytes]], content: bytes) -> BaseModel | None:
    """Return the body where it says that it is JSON and is right, else None."""
    media_type = next((value for name, value in headers if name == b"content-type"), b"")
    if media_type.partition(b";")[0].strip().lower() != b"application/json":
        return None
    try:
        return model.model_validate_json(content)
    except ValidationError:
        return None
