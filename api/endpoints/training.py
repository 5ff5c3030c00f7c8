"""Training over HTTP: start, follow live, stop, resume, look at curves and reports, promote."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse

from api.endpoints.access import Editor, application_of
from api.recipes import read_body
from api.training import (
    ENDED,
    evaluation,
    folder_of,
    job_of,
    promote,
    shown_event,
    shown_promotion,
    start,
    status,
    taken_up,
)
from api.training_schemas import (
    EvaluationSchema,
    PromoteRequest,
    PromotionSchema,
    StartedSchema,
    TrainingStatusSchema,
    TrainRequest,
)
from finetune.report import MEDIA, Format, curves_png, render

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from api.auth import Viewer
    from api.wiring import Application
    from finetune.folder import Event
    from finetune.store import TrainingJob

endpoints = APIRouter(prefix="/train", tags=["training"])
_LOOK = 0.3
_QUIET = 15.0
_STREAM = {
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
    "description": "The job's events as server-sent events (`id` is the event's number), then `status`.",
}


@endpoints.post("", status_code=202)
def start_training(body: TrainRequest, request: Request, viewer: Editor) -> StartedSchema:
    """Check a recipe and queue its training; where results exist and `if_exists` is missing that is a 409."""
    application = application_of(request)
    reading = read_body(body.recipe, body.overrides, application.training.root)
    return start(application, reading, viewer, body.if_exists)


@endpoints.get("/status/{task_id}")
def show(task_id: str, request: Request, viewer: Editor) -> TrainingStatusSchema:
    """Show how far a training is, the grades of its curves, and what to do next."""
    application = application_of(request)
    return status(application, job_of(application, task_id, viewer), viewer)


@endpoints.get("/history")
def history(
    request: Request, viewer: Editor, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[TrainingStatusSchema]:
    """List the trainings, newest first, without their grades."""
    application = application_of(request)
    return [status(application, job, viewer, brief=True) for job in application.training_jobs.all(limit)]


@endpoints.post("/{task_id}/stop", status_code=202)
def stop(task_id: str, request: Request, viewer: Editor) -> TrainingStatusSchema:
    """Stop at the next step; a checkpoint is kept. For the owner and for administrators."""
    application = application_of(request)
    job_of(application, task_id, viewer, to_change=True)
    return status(application, application.training_jobs.stop(task_id), viewer)


@endpoints.post("/{task_id}/resume", status_code=202)
def resume(task_id: str, request: Request, viewer: Editor) -> TrainingStatusSchema:
    """Go on from the last checkpoint. For the owner and for administrators."""
    application = application_of(request)
    job_of(application, task_id, viewer, to_change=True)
    return status(application, application.training_jobs.resume(task_id), viewer)


@endpoints.get("/{task_id}/events", responses={200: _STREAM})
def events(
    task_id: str, request: Request, viewer: Editor, after: Annotated[int, Query(ge=0)] = 0
) -> StreamingResponse:
    """Follow a training live; a client that reconnects sends `Last-Event-ID` and misses nothing."""
    application = application_of(request)
    job = job_of(application, task_id, viewer)
    last = request.headers.get("last-event-id", "")
    after = max(after, int(last) if last.isdecimal() else 0)
    return StreamingResponse(
        _stream(application, job, viewer, after),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )


@endpoints.get("/{task_id}/plot", responses={200: {"content": {"image/png": {}}}})
def plot(task_id: str, request: Request, viewer: Editor) -> Response:
    """Return the curves as a PNG."""
    application = application_of(request)
    folder = folder_of(application, job_of(application, task_id, viewer))
    return Response(curves_png(folder), media_type="image/png", headers={"Cache-Control": "no-store"})


@endpoints.get("/{task_id}/report", responses={200: {"content": {media: {} for media in MEDIA.values()}}})
def report(
    task_id: str,
    request: Request,
    viewer: Editor,
    form: Annotated[Format, Query(alias="format")] = "md",
) -> Response:
    """Return the report; its sample pairs show the job's data, so it is for the owner and for administrators."""
    application = application_of(request)
    job = job_of(application, task_id, viewer, to_change=True)
    content = render(folder_of(application, job), form)
    headers = {
        "Content-Disposition": f'inline; filename="training-{job.id}.{form}"',
        "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'",
        "X-Content-Type-Options": "nosniff",
    }
    charset = "" if form == "pdf" else "; charset=utf-8"
    return Response(content, media_type=MEDIA[form] + charset, headers=headers)


@endpoints.get("/{task_id}/log")
def log(task_id: str, request: Request, viewer: Editor) -> Response:
    """Return the last part of what the training printed; for the owner and for administrators."""
    application = application_of(request)
    folder = folder_of(application, job_of(application, task_id, viewer, to_change=True))
    content = folder.log.read_bytes()[-100_000:] if folder.log.exists() else b""
    return Response(content, media_type="text/plain; charset=utf-8")


@endpoints.get("/{task_id}/evaluation")
def table(task_id: str, request: Request, viewer: Editor) -> EvaluationSchema:
    """Return the table before and after, where it was measured."""
    application = application_of(request)
    return evaluation(application, job_of(application, task_id, viewer, to_change=True))


@endpoints.post("/{task_id}/promote")
def put_in_use(
    task_id: str, request: Request, viewer: Editor, body: PromoteRequest | None = None
) -> PromotionSchema:
    """Put the adapter in use, in every process from its next question on; forcing needs an admin and a reason."""
    reason = body.reason if body is not None and body.force else ""
    application = application_of(request)
    return taken_up(application, promote(application, task_id, viewer, reason), viewer)


@endpoints.get("/promotions")
def promotions(request: Request, _: Editor) -> list[PromotionSchema]:
    """List who put which adapter in use, newest first."""
    return [shown_promotion(each) for each in application_of(request).adapters.history()]


async def _stream(application: Application, job: TrainingJob, viewer: Viewer, after: int) -> AsyncIterator[str]:
    import asyncio

    quiet = 0.0
    while True:
        job, found = await run_in_threadpool(_news, application, job, after)
        for event in found:
            after = event.number
            yield _frame(event.kind, shown_event(application, event), event.number)
        if job.state in ENDED:
            shown = await run_in_threadpool(status, application, job, viewer)
            yield _frame("status", shown.model_dump())
            return
        quiet = 0.0 if found else quiet + _LOOK
        if quiet >= _QUIET:
            # A comment keeps proxies from closing a connection that only waits.
            quiet = 0.0
            yield ": waiting\n\n"
        await asyncio.sleep(_LOOK)


def _news(application: Application, job: TrainingJob, after: int) -> tuple[TrainingJob, list[Event]]:
    # The state is read before the events: what a job writes last is read in its last round.
    job = application.training_jobs.get(job.id)
    folder = application.training_jobs.folder(job)
    return job, list(folder.events(after)) if folder is not None else []


def _frame(name: str, data: dict[str, Any], number: int | None = None) -> str:
    head = f"id: {number}\n" if number is not None else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
