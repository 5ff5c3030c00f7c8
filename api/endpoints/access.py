"""What every endpoint takes from its request: the wired application, and who is asking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Request

from api.auth import Viewer

if TYPE_CHECKING:
    from api.metrics import Metrics
    from api.wiring import Application


def application_of(request: Request) -> Application:
    """Return the application that this server serves."""
    return cast("Application", request.app.state.application)


def metrics_of(request: Request) -> Metrics:
    """Return the counters of this server."""
    return cast("Metrics", request.app.state.metrics)


def viewer_of(request: Request) -> Viewer:
    """Return who is asking, from `Authorization: Bearer KEY` or `X-API-Key`. Raises UnauthorizedError."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    key = token.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key")
    return application_of(request).keyring.viewer(key)


def editor_of(request: Request) -> Viewer:
    """Return who is asking, at least an editor. Raises UnauthorizedError, ForbiddenError."""
    viewer = viewer_of(request)
    viewer.require("editor")
    return viewer


Asker = Annotated[Viewer, Depends(viewer_of)]
Editor = Annotated[Viewer, Depends(editor_of)]
