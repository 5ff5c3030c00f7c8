"""How far a job is, and how it went so far: read from its events alone."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from finetune.folder import Event, JobFolder

Curve = tuple[tuple[int, float], ...]
# Steps that the estimate of the time left looks back on.
_RECENT = 20
# Which field of an event belongs to which series.
_STEP_SERIES = {
    "loss": "train_loss",
    "token_accuracy": "token_accuracy",
    "learning_rate": "learning_rate",
    "memory": "memory",
}
_EVALUATION_SERIES = {
    "val_loss": "val_loss",
    "token_accuracy": "val_token_accuracy",
    "sense_accuracy": "sense_accuracy",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of a training after its last event.

    Losses are cross-entropy in nats a token; `tokens_per_second` counts what the steps' `tokens` count; `memory` is in
    bytes; `eta_seconds` is None while it cannot be told. `last_event` is the number to ask for events after.
    """

    phase: str = "waiting"
    step: int = 0
    total_steps: int = 0
    epoch: float = 0.0
    epochs: float = 0.0
    train_loss: float | None = None
    val_loss: float | None = None
    token_accuracy: float | None = None
    val_token_accuracy: float | None = None
    sense_accuracy: float | None = None
    learning_rate: float | None = None
    samples: int | None = None
    tokens: int | None = None
    tokens_per_second: float | None = None
    memory: int | None = None
    eta_seconds: float | None = None
    best_step: int | None = None
    error: str = ""
    advice: str = ""
    warnings: tuple[str, ...] = ()
    last_event: int = 0

    @property
    def progress(self) -> float:
        """The share of the optimizer steps that is done, 0 to 1."""
        if self.phase in {"evaluating", "finished"}:
            return 1.0
        return min(1.0, self.step / self.total_steps) if self.total_steps else 0.0


@dataclass(frozen=True, slots=True)
class Curves:
    """Series by optimizer step; where a resumed run did steps again, the later values count."""

    train_loss: Curve = ()
    val_loss: Curve = ()
    token_accuracy: Curve = ()
    val_token_accuracy: Curve = ()
    sense_accuracy: Curve = ()
    learning_rate: Curve = ()
    memory: Curve = ()
    resumed_at: tuple[int, ...] = ()
    checkpoints: tuple[int, ...] = ()


def read_progress(folder: JobFolder) -> Progress:
    """Return how far the job in `folder` is; an empty Progress where it has not begun."""
    return _follow(_Reader(), folder.events()).progress()


def read_curves(folder: JobFolder) -> Curves:
    """Return the series of the job in `folder`."""
    return _follow(_Reader(), folder.events()).curves()


def _follow(reader: _Reader, events: Iterable[Event]) -> _Reader:
    for event in events:
        reader.take(event)
    return reader


@dataclass(slots=True)
class _Reader:
    """Takes events one by one; numbers that are not finite are left out."""

    last: dict[str, Any] = field(default_factory=dict)
    series: dict[str, dict[int, float]] = field(default_factory=dict)
    resumed_at: list[int] = field(default_factory=list)
    saved: dict[int, None] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    recent: list[tuple[float, int, int | None]] = field(default_factory=list)

    def take(self, event: Event) -> None:
        self.last["last_event"] = event.number
        handler = getattr(self, f"_{event.kind}", None)
        if handler is not None:
            handler(event)

    def _started(self, event: Event) -> None:
        step = int(event.fields.get("step") or 0)
        self.last |= {"phase": "training", "step": step, "error": "", "advice": ""}
        if (self.last.get("best_step") or 0) > step:
            del self.last["best_step"]
        self._copy(event.fields, "total_steps", "epochs")
        self.recent.clear()
        if event.fields.get("run") == "resume":
            self.resumed_at.append(step)
        else:
            self.series.clear()
        self._forget_after(step)

    def _step(self, event: Event) -> None:
        fields = event.fields
        self._copy(
            fields, "step", "total_steps", "epoch", "epochs", "learning_rate", "samples", "tokens", "memory"
        )
        self._note(fields, _STEP_SERIES)
        at = datetime.fromisoformat(event.time).timestamp()
        self.recent = [*self.recent[-_RECENT:], (at, int(fields["step"]), fields.get("tokens"))]

    def _evaluation(self, event: Event) -> None:
        self._note(event.fields, _EVALUATION_SERIES)
        if event.fields.get("best"):
            self.last["best_step"] = int(event.fields["step"])

    def _checkpoint(self, event: Event) -> None:
        self.saved[int(event.fields["step"])] = None

    def _warning(self, event: Event) -> None:
        self.warnings.append(str(event.fields.get("message") or event.fields.get("problem") or ""))

    def _finished(self, event: Event) -> None:
        self.last["phase"] = "finished"
        self._copy(event.fields, "best_step", "step")

    def _evaluating(self, _: Event) -> None:
        self.last["phase"] = "evaluating"

    def _evaluated(self, event: Event) -> None:
        self.last["phase"] = "finished"
        if problem := event.fields.get("error"):
            self.warnings.append(f"The evaluation before and after failed: {problem}")

    def _stopped(self, event: Event) -> None:
        self.last["phase"] = "stopped"
        self._copy(event.fields, "step")

    def _failed(self, event: Event) -> None:
        self.last["phase"] = "failed"
        self.last["error"] = str(event.fields.get("error") or "")
        self.last["advice"] = str(event.fields.get("advice") or "")

    def _interrupted(self, event: Event) -> None:
        self.last["phase"] = "interrupted"
        self.last["error"] = str(event.fields.get("error") or "")

    def _copy(self, fields: Mapping[str, Any], *names: str) -> None:
        self.last |= {name: fields[name] for name in names if _number(fields.get(name)) is not None}

    def _note(self, fields: Mapping[str, Any], names: Mapping[str, str]) -> None:
        for name, series in names.items():
            value = _number(fields.get(name))
            if value is not None:
                self.series.setdefault(series, {})[int(fields["step"])] = value

    def _forget_after(self, step: int) -> None:
        """Steps beyond a checkpoint that a run resumes from are done again, and did not happen."""
        for values in self.series.values():
            for late in [each for each in values if each > step]:
                del values[late]

    def progress(self) -> Progress:
        newest: dict[str, Any] = {name: values[max(values)] for name, values in self.series.items() if values}
        for name in ("memory", "learning_rate"):
            newest.pop(name, None)
        speed, left = self._pace()
        return Progress(
            **newest, **self.last, warnings=tuple(self.warnings), tokens_per_second=speed, eta_seconds=left
        )

    def _pace(self) -> tuple[float | None, float | None]:
        if len(self.recent) < 2 or self.recent[-1][0] <= self.recent[0][0]:
            return None, None
        (began, first, before), (ended, last, after) = self.recent[0], self.recent[-1]
        seconds = ended - began
        speed = (after - before) / seconds if after is not None and before is not None else None
        total = int(self.last.get("total_steps") or 0)
        training = self.last.get("phase") == "training" and last > first
        return speed, max(0, total - last) * seconds / (last - first) if training and total else None

    def curves(self) -> Curves:
        named = {name: tuple(sorted(values.items())) for name, values in self.series.items()}
        return Curves(**named, resumed_at=tuple(self.resumed_at), checkpoints=tuple(self.saved))


def _number(value: Any) -> float | int | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and math.isfinite(value) else None
