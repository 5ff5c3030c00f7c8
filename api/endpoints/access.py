"""What every endpoint takes from its request: the wired application, and who is asking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Request

from api.auth import OPERATOR, Viewer

if TYPE_CHECKING:
    from api.metrics import Metrics
    from api.wiring import Application
    from api.workers import Workers


def application_of(request: Request) -> Application:
    """Return the application that this server serves."""
    return cast("Application", request.app.state.application)


def metrics_of(request: Request) -> Metrics:
    """Return the counters of this server."""
    return cast("Metrics", request.app.state.metrics)


def workers_of(request: Request) -> Workers:
    """Return the threads that answer questions."""
    return cast("Workers", request.app.state.workers)


def _viewer(request: Request) -> Viewer:
    keyring = application_of(request).keyring
    if keyring.open:
        return OPERATOR
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    key = token.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key")
    return keyring.viewer(key)


async def viewer_of(request: Request) -> Viewer:
    """Return who is asking, from `Authorization: Bearer KEY` or `X-API-Key`. Raises UnauthorizedError.

    Asynchronous, though it never waits: FastAPI would give a plain function a thread of its own.
    """
    return _viewer(request)


async def editor_of(request: Request) -> Viewer:
    """Return who is asking, at least an editor. Raises UnauthorizedError, ForbiddenError."""
    viewer = _viewer(request)
    viewer.require("editor")
    return viewer


Asker = Annotated[Viewer, Depends(viewer_of)]
Editor = Annotated[Viewer, Depends(editor_of)]
