"""Follows a training at a terminal: its events as they come, then how it ended and what to do next."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from api.auth import OPERATOR
from api.terminal import emit, out
from api.training import ENDED, status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from api.training_schemas import TrainingStatusSchema
    from api.wiring import Application
    from finetune.folder import Event

_LOOK = 0.3
_INTERRUPTED = 130
_SHOWN_STEPS = 2.0


def watch(application: Application, job_id: str, *, after: int = 0, as_json: bool = False) -> int:
    """Show a job's events until it ends; returns the exit code: 0 finished, 1 otherwise, 130 after Ctrl-C.

    Ctrl-C stops following only: the job goes on, and the message says how to end it.
    """
    shower = _Json(job_id) if as_json else _Terminal()
    try:
        for event in events(application, job_id, after):
            shower.show(event)
    except KeyboardInterrupt:
        sys.stderr.write(
            f"\nstopped following; the job goes on. `termroute jobs watch {job_id}` follows it again, "
            f"`termroute jobs stop {job_id}` ends it with a checkpoint.\n"
        )
        return _INTERRUPTED
    shown = status(application, application.training_jobs.get(job_id), OPERATOR)
    shower.end(shown)
    return 0 if shown.status == "finished" else 1


def events(application: Application, job_id: str, after: int = 0) -> Iterator[Event]:
    """Yield a job's events as they are written, until it is over."""
    jobs = application.training_jobs
    while True:
        # Looked at before the events: what a job writes last is read in its last round.
        job = jobs.get(job_id)
        folder = jobs.folder(job)
        for event in folder.events(after) if folder is not None else ():
            after = event.number
            yield event
        if job.state in ENDED:
            return
        time.sleep(_LOOK)


def one_line(shown: TrainingStatusSchema) -> str:
    """Return a job on one line."""
    loss = f"loss {shown.train_loss:.3f}" if shown.train_loss is not None else ""
    accuracy = f"senses {shown.sense_accuracy:.1%}" if shown.sense_accuracy is not None else ""
    marks = "  in use" if shown.promoted else "  offered" if shown.offered else ""
    figures = "  ".join(part for part in (f"{shown.progress:>4.0%}", loss, accuracy) if part)
    return f"{shown.task_id}  {shown.status:<11} {shown.name:<20} {figures}{marks}"


def status_lines(shown: TrainingStatusSchema) -> Iterator[str]:
    """Return a job for a person: where it stands, the grades, and what to do next."""
    yield one_line(shown)
    yield f"  epoch {shown.current_epoch:.2f} of {shown.epochs:g}, step {shown.step} of {shown.total_steps}"
    if shown.queue_position:
        yield f"  {shown.queue_position} job(s) before it on {shown.device}"
    if shown.eta_seconds is not None:
        yield f"  about {_duration(shown.eta_seconds)} left"
    if shown.checkpoints:
        yield f"  checkpoints: {', '.join(map(str, shown.checkpoints))}"
    for name, text in (("error", shown.error), ("next", shown.advice), ("evaluation", shown.offered_why)):
        if text:
            yield f"  {name}: {text}"
    for warning in shown.warnings:
        yield f"  warning: {warning}"
    for each in shown.grades:
        yield f"  {each.level:<5} {each.name}: {each.verdict} {each.next}"


def table_lines(content: Mapping[str, Any]) -> Iterator[str]:
    """Return the table before and after with one line per arm."""
    from finetune.tables import ROWS, arms_of, cell

    arms = arms_of(content)
    yield f"{'':<30} " + "  ".join(f"{arm['name']:>20}" for arm in arms)
    for field, label in ROWS:
        yield f"{label:<30} " + "  ".join(f"{cell(field, arm):>20}" for arm in arms)
    yield str(content["why"])


class _Json:
    """One object a line: every event, then the status."""

    def __init__(self, job_id: str) -> None:
        self._job_id = job_id

    def show(self, event: Event) -> None:
        emit([{"task_id": self._job_id, "event": event.kind, **event.to_json()}])
        sys.stdout.flush()

    def end(self, shown: TrainingStatusSchema) -> None:
        emit([shown.model_dump()])


class _Terminal:
    """Steps now and then, everything else as it comes, on stderr; the end on stdout."""

    def __init__(self) -> None:
        self._shown = 0.0

    def show(self, event: Event) -> None:
        if event.kind == "step":
            now = time.monotonic()
            if now - self._shown < _SHOWN_STEPS:
                return
            self._shown = now
        sys.stderr.write(event_line(event) + "\n")

    def end(self, shown: TrainingStatusSchema) -> None:
        for line in status_lines(shown):
            out(line)


def event_line(event: Event) -> str:
    """Return an event on one line."""
    fields = event.fields
    if event.kind == "step":
        text = f"step {fields.get('step')}/{fields.get('total_steps')}  epoch {fields.get('epoch', 0):.2f}"
        return f"{text}{_figure(fields, 'loss')}{_figure(fields, 'token_accuracy')}"
    if event.kind == "evaluation":
        names = ("val_loss", "token_accuracy", "sense_accuracy")
        return f"evaluation at step {fields.get('step')}" + "".join(_figure(fields, name) for name in names)
    rest = ", ".join(f"{key} {value}" for key, value in fields.items() if value not in (None, ""))
    return f"{event.kind}: {rest}" if rest else event.kind


def _figure(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return f"  {name.replace('_', ' ')} {value:.4f}" if isinstance(value, int | float) else ""


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
