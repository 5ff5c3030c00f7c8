"""`/conversations` and `/feedback`: each user's own history, and their verdicts on answers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from api.conversation_schemas import (
    ConversationSchema,
    ConversationTurnsSchema,
    FeedbackRequest,
    FeedbackSchema,
    TurnSchema,
)
from api.endpoints.access import Asker, application_of

endpoints = APIRouter()
Limit = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0)]
User = Annotated[str | None, Query(max_length=255, description="another user's; for an admin")]


@endpoints.get("/conversations", tags=["conversations"])
def list_conversations(
    request: Request,
    viewer: Asker,
    user: User = None,
    everyone: Annotated[bool, Query(alias="all", description="everyone's; for an admin")] = False,
    limit: Limit = 100,
    offset: Offset = 0,
) -> list[ConversationSchema]:
    """List the asker's conversations, the latest first."""
    found = application_of(request).archive.conversations(
        viewer, user=user, everyone=everyone, limit=limit, offset=offset
    )
    return [ConversationSchema.of(each) for each in found]


@endpoints.get("/conversations/{conversation_id}", tags=["conversations"])
def show_conversation(
    conversation_id: str, request: Request, viewer: Asker, user: User = None
) -> ConversationTurnsSchema:
    """Show the turns of a conversation, oldest first."""
    turns = application_of(request).archive.turns(conversation_id, viewer, user)
    return ConversationTurnsSchema(
        conversation_id=conversation_id, turns=[TurnSchema.of(turn) for turn in turns]
    )


@endpoints.delete("/conversations/{conversation_id}", status_code=204, tags=["conversations"])
def delete_conversation(conversation_id: str, request: Request, viewer: Asker, user: User = None) -> None:
    """Delete a conversation with the choices made in it and the feedback on it."""
    application_of(request).archive.delete(conversation_id, viewer, user)


@endpoints.post("/feedback", status_code=201, tags=["feedback"])
def give_feedback(body: FeedbackRequest, request: Request, viewer: Asker) -> FeedbackSchema:
    """Say whether an answer was right, and what a term means in truth; it counts from the next question on."""
    return FeedbackSchema.of(application_of(request).feedback.give(body.given(), viewer))


@endpoints.get("/feedback", tags=["feedback"])
def list_feedback(
    request: Request,
    viewer: Asker,
    everyone: Annotated[bool, Query(alias="all", description="everyone's; for an editor")] = False,
    limit: Limit = 100,
    offset: Offset = 0,
) -> list[FeedbackSchema]:
    """List feedback, the latest first."""
    found = application_of(request).feedback.listed(viewer, everyone=everyone, limit=limit, offset=offset)
    return [FeedbackSchema.of(each) for each in found]


@endpoints.delete("/feedback/{feedback_id}", status_code=204, tags=["feedback"])
def delete_feedback(feedback_id: int, request: Request, viewer: Asker) -> None:
    """Take feedback back, and what it taught."""
    application_of(request).feedback.take_back(feedback_id, viewer)
