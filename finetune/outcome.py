"""What became of a job whose process has ended: told by its exit code, or by its events where nobody was there to see."""

from __future__ import annotations

import signal
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune import locks
from finetune.folder import JobFolder
from finetune.progress import read_progress
from finetune.store import ACTIVE, now

if TYPE_CHECKING:
    from finetune.store import JobState, TrainingJob, TrainingStore

# What `python -m finetune.worker` ends with.
FINISHED, FAILED, STOPPED = 0, 1, 3
_LOG_TAIL = 2_000
_SUMMARY = (
    "step", "total_steps", "epoch", "epochs", "train_loss", "val_loss", "token_accuracy", "sense_accuracy",
    "best_step", "progress",
)  # fmt: skip


def conclude(store: TrainingStore, job: TrainingJob, code: int | None) -> None:
    """Record how the job's process ended: with `code`, or unseen (None)."""
    folder = JobFolder(Path(job.folder))
    state, error = _seen(folder, code) if code is not None else _unseen(folder)
    if state == "interrupted":
        folder.append("interrupted", error=error)
    store.move(job.id, state, among=ACTIVE, error=error, ended=now(), summary=summary(folder))


def settle(store: TrainingStore, job: TrainingJob) -> TrainingJob:
    """Return the job as it really is: one that counts as running, but whose lock nobody holds, has ended unseen."""
    if job.state not in ACTIVE:
        return job
    with locks.hold(JobFolder(Path(job.folder)).lock) as free:
        newest = store.get(job.id) or job
        if free is not None and newest.state in ACTIVE:
            conclude(store, newest, None)
    return store.get(job.id) or job


def summary(folder: JobFolder) -> dict[str, Any]:
    """Return the figures worth keeping when the folder is gone."""
    progress = read_progress(folder)
    values = asdict(progress) | {"progress": progress.progress}
    return {name: values[name] for name in _SUMMARY}


def _seen(folder: JobFolder, code: int) -> tuple[JobState, str]:
    if code == FINISHED:
        return "finished", ""
    if code == STOPPED:
        return "stopped", ""
    if code < 0:
        if folder.stop_asked() and -code == signal.SIGTERM:
            return "stopped", ""
        return "interrupted", _killed(-code)
    return "failed", read_progress(folder).error or _log_tail(
        folder
    ) or f"the training ended with exit code {code}"


def _unseen(folder: JobFolder) -> tuple[JobState, str]:
    phase = read_progress(folder).phase
    if phase in {"finished", "evaluating"}:
        return "finished", ""
    if phase == "stopped":
        return "stopped", ""
    if phase == "failed":
        return "failed", read_progress(folder).error
    return (
        "interrupted",
        "the training's process is gone (killed, crashed, or the machine restarted); resume it",
    )


def _killed(number: int) -> str:
    hint = "; perhaps the machine ran out of memory" if number == signal.SIGKILL else ""
    return f"the training's process was ended by {signal.Signals(number).name}{hint}; resume it"


def _log_tail(folder: JobFolder) -> str:
    """Return the last line of the log, which is where Python names the error."""
    if not folder.log.exists():
        return ""
    lines = folder.log.read_bytes()[-_LOG_TAIL:].decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else ""
