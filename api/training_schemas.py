"""The shapes of the training service, over HTTP and `--json`."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

IfExists = Literal["resume", "restart", "backup", "cancel"]
State = Literal["queued", "running", "stopping", "stopped", "finished", "failed", "interrupted"]


class TrainRequest(BaseModel):
    """A training to start; without data it takes the newest dataset version."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "recipe": 'preset = "tiny"\nname = "glossary"\n',
                "overrides": {"training.epochs": 4},
                "if_exists": "backup",
            }
        },
    )

    recipe: str | dict[str, Any] = Field(
        description="TOML text, an object of its sections, a preset's name, or the path of a .toml file in the data "
        "directory's folder `training`"
    )
    overrides: dict[str, Any] = Field(
        default_factory=dict, description='values over the recipe, such as {"training.epochs": 2}'
    )
    if_exists: IfExists | None = Field(
        None, description="what to do where results exist; there is no default, and without it that is a 409"
    )


class StartedSchema(BaseModel):
    """What starting did."""

    task_id: str
    action: Literal["started", "resumed", "restarted", "backed up", "cancelled", "finished already"]
    status: State
    warnings: list[str] = Field(default_factory=list)


class GradeSchema(BaseModel):
    """One grade of a training's curves."""

    name: str
    value: float | None
    level: Literal["good", "fair", "poor", "unknown"]
    verdict: str
    next: str


class TrainingStatusSchema(BaseModel):
    """A training job as it is now. Losses are in nats a token, memory in bytes, times in ISO and UTC."""

    task_id: str
    name: str
    status: State
    phase: str
    progress: float
    step: int
    total_steps: int
    current_epoch: float
    epochs: float
    train_loss: float | None
    val_loss: float | None
    token_accuracy: float | None
    val_token_accuracy: float | None
    sense_accuracy: float | None
    learning_rate: float | None
    samples: int | None
    tokens: int | None
    tokens_per_second: float | None
    memory: int | None
    eta_seconds: float | None
    best_step: int | None
    checkpoints: list[int]
    queue_position: int
    device: str
    owner: str
    folder: str
    error: str | None
    advice: str | None
    warnings: list[str]
    grades: list[GradeSchema]
    offered: bool | None
    offered_why: str | None
    promoted: bool
    created: str
    started: str | None
    ended: str | None
    last_event: int


class PromoteRequest(BaseModel):
    """Why an adapter that its evaluation does not offer is used all the same; an administrator's right."""

    model_config = ConfigDict(extra="forbid")

    force: bool = False
    reason: str = Field("", max_length=1000)


class LoadRequest(PromoteRequest):
    """Which adapter to use: a job's, an earlier promotion's, or one in a folder of the data directory."""

    task_id: str | None = None
    promotion: int | None = Field(None, ge=1)
    adapter: str | None = Field(None, description="a folder; in the data directory, but for administrators")
    base: str | None = Field(None, description="the base model of `adapter`; else as its configuration says")

    @model_validator(mode="after")
    def _one(self) -> Self:
        _exactly_one(self, "task_id", "promotion", "adapter")
        return self


class PromotionSchema(BaseModel):
    """One decision about which adapter is in use."""

    number: int
    action: Literal["promote", "rollback", "load"]
    task_id: str | None
    base: str
    adapter: str | None
    offered: bool
    reason: str
    figures: dict[str, Any]
    who: str
    at: str


class GenerateRequest(BaseModel):
    """What the terminology model is asked: a prompt of any kind, messages, or an abbreviation in the canonical way."""

    model_config = ConfigDict(extra="forbid")

    prompt: str | None = Field(None, min_length=1, max_length=8000)
    messages: list[dict[Literal["role", "content"], str]] | None = Field(None, min_length=1, max_length=50)
    surface: str | None = Field(None, min_length=1, max_length=200, description="an abbreviation to explain")
    question: str | None = Field(None, max_length=4000, description="the question that `surface` stands in")
    max_new_tokens: int = Field(64, ge=1, le=512)

    @model_validator(mode="after")
    def _one(self) -> Self:
        _exactly_one(self, "prompt", "messages", "surface")
        return self


class GeneratedSchema(BaseModel):
    """What the model wrote; it is a proposal, never the glossary's word."""

    text: str
    abstained: bool
    base: str
    adapter: str | None
    promotion: int | None


class EvaluateRequest(BaseModel):
    """Which finished training to measure before and after; the one in use if none is named."""

    model_config = ConfigDict(extra="forbid")

    task_id: str | None = None
    again: bool = Field(False, description="measure anew even where a table exists")
    wait_seconds: float = Field(60.0, ge=0, le=600, description="how long to wait before answering 202")


class EvaluationSchema(BaseModel):
    """An evaluation before and after, or how far it is."""

    task_id: str
    status: State
    offered: bool | None
    why: str | None
    table: dict[str, Any] | None


def _exactly_one(model: BaseModel, *names: str) -> None:
    given = [name for name in names if getattr(model, name) is not None]
    if len(given) != 1:
        raise ValueError(f"give exactly one of {', '.join(names)}; given: {', '.join(given) or 'none'}")
