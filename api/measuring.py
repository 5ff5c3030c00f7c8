"""Counts and times every request, as plain ASGI: a middleware with a task of its own would cost as much as an answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.metrics import Metrics


class Measured:
    """Tells `metrics` of each request once it is answered; one that fails unhandled counts as 500."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            # The route's template, so that ids in paths do not make a figure each.
            path = getattr(scope.get("route"), "path", "unknown")
            self._metrics.request(scope["method"], path, status, time.perf_counter() - started)
