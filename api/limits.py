"""Keeps request bodies small enough to be read: nobody fills memory or disk, and uploads are for editors only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request
from starlette.exceptions import HTTPException

from api.endpoints.access import editor_of
from api.errors import ForbiddenError, UnauthorizedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

UPLOADS = frozenset({"/documents", "/terms/import"})
# In bytes. Several files of the largest size fit into one upload; a long conversation into one question.
LARGEST_UPLOAD, LARGEST_BODY = 2 << 30, 4 << 20


class BoundedBodies:
    """ASGI middleware: a body that is too large is refused with 413 as soon as that is known.

    What editors alone may send is refused before it is read: FastAPI reads a body before it asks who sends it.
    """

    def __init__(
        self,
        app: ASGIApp,
        refuse: Callable[[Request, Exception], Response],
        largest: tuple[int, int] = (LARGEST_UPLOAD, LARGEST_BODY),
    ) -> None:
        """`refuse` tells an error; `largest` are the limits of an upload and of any other body, in bytes."""
        self._app, self._refuse, self._largest = app, refuse, largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its body counted."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "DELETE"}:
            await self._app(scope, receive, send)
            return
        upload = scope["path"] in UPLOADS
        if upload:
            request = Request(scope)
            try:
                await editor_of(request)
            except (UnauthorizedError, ForbiddenError) as error:
                await self._refuse(request, error)(scope, receive, send)
                return
        limit = self._largest[0] if upload else self._largest[1]
        declared = _declared(scope)
        # The server reads no more than what is declared, so most bodies need no counting.
        fits = declared is not None and declared <= limit
        await self._app(scope, receive if fits else _counted(receive, limit, declared or 0), send)


def _declared(scope: Scope) -> int | None:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return None


def _counted(receive: Receive, limit: int, declared: int) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        if declared > limit:
            raise _too_large(limit)
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise _too_large(limit)
        return message

    return counted


def _too_large(limit: int) -> HTTPException:
    return HTTPException(413, f"The body is too large: at most {limit} bytes are read.")
