"""The terminology model over HTTP: what is in use, load another adapter, generate, evaluate before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from fastapi import APIRouter, Request, Response

from api.endpoints.access import Asker, Editor, application_of
from api.training import ENDED, evaluate, job_in_use, job_of, load, roll_back, shown_promotion, taken_up
from api.training_schemas import (
    EvaluateRequest,
    EvaluationSchema,
    GeneratedSchema,
    GenerateRequest,
    LoadRequest,
    PromotionSchema,
)
from terminology.prompt import abstains, messages_of, propose_prompt

if TYPE_CHECKING:
    from terminology.prompt import Message

endpoints = APIRouter(tags=["terminology model"])


@endpoints.get("/models")
def show_models(request: Request, _: Asker) -> dict[str, Any]:
    """Show which base model and adapter are in use."""
    application = application_of(request)
    held = application.training_store.current()
    return {
        "term_model": application.term_model.state(),
        "promotion": shown_promotion(held).model_dump() if held else None,
    }


@endpoints.post("/models/load")
def load_adapter(body: LoadRequest, request: Request, viewer: Editor) -> PromotionSchema:
    """Put an adapter in use without a restart: a job's, an earlier promotion's, or one in a folder.

    What its evaluation does not offer needs an administrator, `force` and a reason.
    """
    application = application_of(request)
    return taken_up(application, load(application, body, viewer), viewer)


@endpoints.post("/models/rollback")
def roll_back_adapter(request: Request, viewer: Editor) -> PromotionSchema:
    """Return to what was in use before."""
    application = application_of(request)
    return taken_up(application, roll_back(application, viewer), viewer)


@endpoints.post("/generate")
def generate(body: GenerateRequest, request: Request, _: Asker) -> GeneratedSchema:
    """Let the terminology model write; what it writes is a proposal, never the glossary's word."""
    served = application_of(request).term_model
    text = served.model().generate(_messages(body), body.max_new_tokens)
    state = served.state()
    return GeneratedSchema(
        text=text,
        abstained=abstains(text),
        base=str(state["base"]),
        adapter=state["adapter"],
        promotion=state["promotion"],
    )


@endpoints.post("/evaluate", responses={202: {"model": EvaluationSchema}})
def evaluate_before_and_after(
    body: EvaluateRequest, request: Request, response: Response, viewer: Editor
) -> EvaluationSchema:
    """Measure base and adapter before and after; 202 where it takes longer than `wait_seconds`: ask again."""
    application = application_of(request)
    job = job_of(application, body.task_id or job_in_use(application), viewer, to_change=True)
    shown = evaluate(application, job, again=body.again, wait_seconds=body.wait_seconds)
    if shown.status not in ENDED:
        response.status_code = 202
    return shown


def _messages(body: GenerateRequest) -> list[Message]:
    if body.messages:
        return cast("list[Message]", body.messages)
    if body.surface:
        return propose_prompt(body.surface, body.question)
    return messages_of(body.prompt or "")
