"""`termroute conversations` and `termroute feedback`: what was asked and answered, and what people said of it."""

from __future__ import annotations

from typing import Annotated

import typer

from api.terminal import Json, emit, open_application, out

conversations = typer.Typer(no_args_is_help=True, help="Stored conversations.")
feedback = typer.Typer(no_args_is_help=True, help="Verdicts on answers.")
User = Annotated[str | None, typer.Option(help="Whose; the local operator's if not given.")]
Everyone = Annotated[bool, typer.Option("--all", help="Everyone's.")]
Limit = Annotated[int, typer.Option(min=1, max=1000)]


@conversations.command("list")
def list_conversations(
    user: User = None, everyone: Everyone = False, limit: Limit = 100, as_json: Json = False
) -> None:
    """List conversations, the latest first."""
    from api.auth import OPERATOR
    from api.conversation_schemas import ConversationSchema

    with open_application() as application:
        found = application.archive.conversations(OPERATOR, user=user, everyone=everyone, limit=limit)
    shown = [ConversationSchema.of(each).model_dump() for each in found]
    if as_json:
        emit(shown)
        return
    for item in shown:
        out(f"{item['conversation_id']}\t{item['user']}\t{item['turns']}\t{item['updated']}\t{item['title']}")


@conversations.command("show")
def show_conversation(conversation_id: str, user: User = None, as_json: Json = False) -> None:
    """Show the turns of one conversation."""
    from api.auth import OPERATOR
    from api.conversation_schemas import TurnSchema

    with open_application() as application:
        found = application.archive.turns(conversation_id, OPERATOR, user)
    shown = [TurnSchema.of(turn).model_dump() for turn in found]
    if as_json:
        emit(shown)
        return
    for item in shown:
        completed = f"  ({item['completed_question']})" if item["completed_question"] else ""
        out(
            f"? {item['question']}{completed}\n  {item['answer']}\n  ({item['route']}, {item['status']}, {item['created']})"
        )


@conversations.command("delete")
def delete_conversation(conversation_id: str, user: User = None, as_json: Json = False) -> None:
    """Delete a conversation with the choices made in it and the feedback on it."""
    from api.auth import OPERATOR

    with open_application() as application:
        turns = application.archive.delete(conversation_id, OPERATOR, user)
    item = {"conversation_id": conversation_id, "status": "deleted", "turns": turns}
    emit([item]) if as_json else out(f"deleted {conversation_id} ({turns} turns)")


@feedback.command("list")
def list_feedback(everyone: Everyone = False, limit: Limit = 100, as_json: Json = False) -> None:
    """List feedback, the latest first."""
    from api.auth import OPERATOR
    from api.conversation_schemas import FeedbackSchema

    with open_application() as application:
        found = application.feedback.listed(OPERATOR, everyone=everyone, limit=limit)
    shown = [FeedbackSchema.of(each).model_dump() for each in found]
    if as_json:
        emit(shown)
        return
    for item in shown:
        detail = " ".join(part for part in (item["term"], item["comment"]) if part)
        out(f"{item['feedback_id']}\t{item['verdict']}\t{item['user']}\t{item['question']}\t{detail}")


@feedback.command("delete")
def delete_feedback(feedback_id: int, as_json: Json = False) -> None:
    """Take feedback back, and what it taught."""
    from api.auth import OPERATOR

    with open_application() as application:
        application.feedback.take_back(feedback_id, OPERATOR)
    item = {"feedback_id": feedback_id, "status": "deleted"}
    emit([item]) if as_json else out(f"deleted feedback {feedback_id}")
