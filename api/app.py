"""The chat API: a FastAPI application over one wired Application, with every error told as a problem document."""

from __future__ import annotations

import logging
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api import problems
from api.endpoints import chat, documents, health, search, terms
from api.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.responses import Response

    from api.wiring import Application

logger = logging.getLogger(__name__)
DESCRIPTION = (
    "Answers questions in company jargon: glossary rows, exact facts, and cited answers from documents."
)


def create_app(application: Application) -> FastAPI:
    """Build the HTTP application; `application` is closed when the server stops."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        application.close()

    app = FastAPI(title="TermRoute", version=application.version, description=DESCRIPTION, lifespan=lifespan)
    app.state.application = application
    app.state.metrics = Metrics()
    for family in problems.KNOWN:
        app.add_exception_handler(family, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(Exception, _unknown)
    app.middleware("http")(_measured)
    for endpoints in (health, chat, search, terms, documents):
        app.include_router(endpoints.endpoints)
    return app


async def _measured(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
    started = time.perf_counter()
    response = await proceed(request)
    route = request.scope.get("route")
    path = getattr(route, "path", "unknown")
    request.app.state.metrics.request(request.method, path, response.status_code, time.perf_counter() - started)
    return response


def _answer(document: dict[str, object]) -> JSONResponse:
    status = int(str(document["status"]))
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(document, status, headers, media_type="application/problem+json")


async def _known(_: Request, error: Exception) -> JSONResponse:
    return _answer(problems.problem(error))


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    errors = error.errors() if isinstance(error, RequestValidationError) else []
    return _answer(problems.invalid_request(errors))


async def _plain(_: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = str(error.detail) if isinstance(error, HTTPException) else ""
    titles = {404: "Not found", 405: "Method not allowed", 413: "Too large"}
    return _answer(problems.plain(status, titles.get(status, "Error"), detail))


async def _unknown(request: Request, error: Exception) -> JSONResponse:
    logger.error("unexpected error at %s %s", request.method, request.url.path, exc_info=error)
    return _answer(
        problems.plain(
            500, "Internal error", "Something unexpected went wrong; the server's log has the details."
        )
    )
