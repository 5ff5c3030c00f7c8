"""The shapes of conversations and feedback over HTTP and in `--json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from api.feedback import Given
from api.schemas import OptionSchema

if TYPE_CHECKING:
    from router.store import ConversationSummary, Feedback, Turn

_RIGHT = frozenset(
    {"right", "up", "good", "correct", "like", "yes", "true", "1", "+1", "thumbs_up", "对", "赞"}
)
_WRONG = frozenset(
    {"wrong", "down", "bad", "incorrect", "dislike", "no", "false", "0", "-1", "thumbs_down", "错", "踩"}
)


class ConversationSchema(BaseModel):
    """A conversation in a list."""

    conversation_id: str
    user: str
    title: str
    turns: int
    started: str
    updated: str

    @classmethod
    def of(cls, summary: ConversationSummary) -> ConversationSchema:
        """Show a conversation."""
        plain = ("conversation_id", "title", "turns", "started", "updated")
        return cls(user=summary.owner, **{name: getattr(summary, name) for name in plain})


class TurnSchema(BaseModel):
    """One question and its answer."""

    question: str
    completed_question: str
    answer: str
    route: str
    status: str
    created: str
    answer_id: str
    options: list[OptionSchema]
    documents: list[str]

    @classmethod
    def of(cls, turn: Turn) -> TurnSchema:
        """Show a turn."""
        plain = ("question", "answer", "route", "status", "created", "answer_id")
        return cls(
            **{name: getattr(turn, name) for name in plain},
            completed_question=turn.completed,
            options=[OptionSchema(label=option.label, question=option.question) for option in turn.options],
            documents=list(turn.documents),
        )


class ConversationTurnsSchema(BaseModel):
    """A conversation with its turns, oldest first."""

    conversation_id: str
    turns: list[TurnSchema]


class FeedbackRequest(BaseModel):
    """A verdict on an answer: `right` (or up, good) or `wrong` (or down, bad).

    The answer is named by its `answer_id`, by a `conversation_id` (its last turn, or `turn`, counted from 1), or by its
    `question`. `term` and `sense` (an id or a name) say what an abbreviation means in truth.
    """

    model_config = ConfigDict(extra="forbid")

    verdict: str = Field(description="right (up) or wrong (down)")
    answer_id: str = Field("", max_length=64)
    conversation_id: str = Field("", max_length=128)
    turn: int | None = Field(None, ge=1)
    question: str = Field("", max_length=4000)
    term: str = Field("", max_length=255)
    sense: int | str | None = None
    comment: str = Field("", max_length=4000)

    @field_validator("verdict", mode="before")
    @classmethod
    def _verdict(cls, value: Any) -> str:
        text = str(value).strip().lower()
        if text not in _RIGHT | _WRONG:
            raise ValueError("must be right or wrong (or up or down)")
        return "right" if text in _RIGHT else "wrong"

    def given(self) -> Given:
        """Return what was said."""
        said = self.model_dump(exclude={"verdict"})
        return Given(right=self.verdict == "right", **said)


class LearnedSchema(BaseModel):
    """What feedback taught about one sense."""

    surface: str
    sense_id: int
    right: bool


class FeedbackSchema(BaseModel):
    """Feedback as it was stored."""

    feedback_id: int
    verdict: str
    user: str
    question: str
    answer: str
    route: str
    answer_id: str
    conversation_id: str
    term: str
    comment: str
    created: str
    learned: list[LearnedSchema]

    @classmethod
    def of(cls, feedback: Feedback) -> FeedbackSchema:
        """Show feedback."""
        plain = ("question", "answer", "route", "answer_id", "conversation_id", "term", "comment", "created")
        return cls(
            feedback_id=feedback.id,
            verdict="right" if feedback.right else "wrong",
            user=feedback.owner,
            **{name: getattr(feedback, name) for name in plain},
            learned=[
                LearnedSchema(surface=each.surface, sense_id=each.sense_id, right=each.right)
                for each in feedback.verdicts
            ],
        )
