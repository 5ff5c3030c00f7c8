"""Liveness, readiness and figures, for those who run the service."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from api.endpoints.access import application_of, metrics_of
from api.operations import readiness

endpoints = APIRouter(tags=["operations"])


@endpoints.get("/healthz")
async def alive() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@endpoints.get("/readyz")
def ready(request: Request) -> JSONResponse:
    """Say whether questions can be answered: the database and the indexes are open, and which models are in use."""
    state: dict[str, Any] = readiness(application_of(request))
    return JSONResponse(state, 200 if state["ready"] else 503)


@endpoints.get("/metrics")
def metrics(request: Request) -> Response:
    """Return the figures in Prometheus' text format."""
    return PlainTextResponse(metrics_of(request).text(), media_type="text/plain; version=0.0.4")
