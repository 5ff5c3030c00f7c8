"""The chat API: a FastAPI application over one wired Application, with every error told as a problem document."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException

from api import problems
from api.docs_page import docs_page
from api.endpoints import (
    chat,
    conversations,
    documents,
    facts,
    health,
    models,
    openai,
    proposals,
    search,
    terms,
    training,
)
from api.limits import BoundedBodies
from api.measuring import Measured
from api.metrics import Metrics
from api.openapi import description
from api.workers import COMPUTING, WAITING, Workers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

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
        app.state.workers.close()
        application.close()

    app = FastAPI(
        title="TermRoute",
        version=application.version,
        description=DESCRIPTION,
        lifespan=lifespan,
        # FastAPI's own pages load their scripts from the web, which is out of reach behind a firewall.
        docs_url=None,
        redoc_url=None,
    )
    app.openapi = description(app)  # type: ignore[method-assign]
    app.state.application = application
    app.state.metrics = Metrics()
    app.state.workers = Workers(WAITING if application.settings.llm_model else COMPUTING)
    for family in problems.KNOWN:
        app.add_exception_handler(family, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(Exception, _unknown)
    app.add_middleware(BoundedBodies, refuse=_refused)
    app.add_middleware(Measured, metrics=app.state.metrics)
    # Not as an included router, which FastAPI matches twice: questions come most often.
    app.router.routes[:0] = chat.endpoints.routes
    for endpoints in (
        health,
        conversations,
        search,
        proposals,
        terms,
        documents,
        facts,
        training,
        models,
        openai,
    ):
        app.include_router(endpoints.endpoints)
    app.add_api_route("/docs", _docs, include_in_schema=False)
    return app


async def _docs(request: Request) -> HTMLResponse:
    return HTMLResponse(docs_page(request.app.openapi()))


def _answer(request: Request, document: dict[str, Any]) -> JSONResponse:
    answer = openai.in_openai_shape(request, document)
    if answer is not None:
        return answer
    status = int(str(document["status"]))
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(document, status, headers, media_type="application/problem+json")


def _refused(request: Request, error: Exception) -> JSONResponse:
    return _answer(request, problems.problem(error))


async def _known(request: Request, error: Exception) -> JSONResponse:
    return _refused(request, error)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    errors = error.errors() if isinstance(error, RequestValidationError) else []
    return _answer(request, problems.invalid_request(errors))


async def _plain(request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = str(error.detail) if isinstance(error, HTTPException) else ""
    titles = {404: "Not found", 405: "Method not allowed", 413: "Too large"}
    answer = _answer(request, problems.plain(status, titles.get(status, "Error"), detail))
    # A 405 must name the methods that are allowed (RFC 9110).
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer


async def _unknown(request: Request, error: Exception) -> JSONResponse:
    logger.error("unexpected error at %s %s", request.method, request.url.path, exc_info=error)
    return _answer(request, problems.told(error))
