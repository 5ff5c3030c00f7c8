"""Training jobs: started, queued one per device, followed, stopped, resumed; they outlive who started them."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

from finetune import locks
from finetune.errors import (
    ChangedRecipeError,
    JobActiveError,
    JobNotFoundError,
    JobStateError,
    OtherMachineError,
    ResultsExistError,
)
from finetune.folder import JobFolder
from finetune.load import load_recipe
from finetune.outcome import settle
from finetune.progress import Progress, read_progress
from finetune.recipe import recipe_hash, to_toml
from finetune.runner import Order, device_lock, start_runner
from finetune.settings import automatic_device
from finetune.store import ACTIVE, WAITING, TrainingJob, now
from finetune.versions import read_version, write_job_data

if TYPE_CHECKING:
    from finetune.recipe import Recipe
    from finetune.settings import TrainingSettings
    from finetune.store import JobMode, JobState, TrainingStore
    from finetune.types import DatasetVersion

IfExists = Literal["resume", "restart", "backup", "cancel"]
Action = Literal["started", "resumed", "restarted", "backed up", "cancelled", "finished already"]
_ENDED = ("stopped", "failed", "interrupted")
_NOT_A_NAME = re.compile(r"[^\w.+-]+")
_STAGE = "data.new"
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Started:
    """What starting did, and the job; `backup` is where earlier results went."""

    job: TrainingJob
    action: Action
    backup: Path | None = None


class Jobs:
    """The jobs of one data directory; any number of processes may hold one."""

    def __init__(self, store: TrainingStore, settings: TrainingSettings, database_url: str) -> None:
        self._store, self._settings, self._url = store, settings, database_url
        settings.root.mkdir(parents=True, exist_ok=True)
        self.place = _place(settings.root)

    # Starting

    def start(self, recipe: Recipe, *, if_exists: IfExists | None = None, owner: str = "") -> Started:
        """Queue a training. Raises ResultsExistError where results lie and `if_exists` does not say what to do.

        Also JobActiveError, ChangedRecipeError (resume with another recipe or other data), TrainingDataError,
        DatasetVersionError.
        """
        folder = JobFolder(self.folder_of(recipe))
        with locks.hold(folder.path / "start.lock", _PATIENCE):
            known = self._known(folder)
            if folder.has_results():
                if if_exists is None:
                    raise ResultsExistError(folder.path.name, _described(folder))
                if if_exists == "cancel":
                    return Started(known or self._adopted(folder, recipe, owner), "cancelled")
            stage = folder.path / _STAGE
            shutil.rmtree(stage, ignore_errors=True)
            version, effective = write_job_data(recipe, stage)
            effective = replace(effective, data=replace(effective.data, version=str(folder.data)))
            try:
                return self._start(folder, effective, version, if_exists, owner)
            finally:
                shutil.rmtree(stage, ignore_errors=True)

    def _start(
        self,
        folder: JobFolder,
        recipe: Recipe,
        version: DatasetVersion,
        if_exists: IfExists | None,
        owner: str,
    ) -> Started:
        known = self._known(folder)
        action: Action = "started"
        backup = None
        if folder.has_results():
            if if_exists == "resume":
                _check_unchanged(folder, recipe, version)
                job = known or self._adopted(folder, recipe, owner)
                if job.state == "finished":
                    return Started(job, "finished already")
                return Started(self._queue_again(job), "resumed")
            if if_exists == "restart":
                folder.delete_results()
                action = "restarted"
            else:
                backup = folder.back_up()
                action = "backed up"
        if known is not None:
            self._store.set_folder(known.id, str(backup or ""))
        self._lay_out(folder, recipe)
        job = self._store.add(self._new(folder, recipe, owner))
        self.tend()
        return Started(job, action, backup)

    def folder_of(self, recipe: Recipe) -> Path:
        """Where a recipe's job writes: its output folder, or one of its name in the data directory."""
        if recipe.output.folder:
            return Path(recipe.output.folder).resolve()
        name = _NOT_A_NAME.sub("-", recipe.name).strip(".-") or "training"
        return (self._settings.root / "jobs" / name).resolve()

    def _known(self, folder: JobFolder) -> TrainingJob | None:
        """Return the job of this folder. Raises JobActiveError if it is not over."""
        job = self._store.of_folder(str(folder.path), self.place)
        if job is not None:
            job = settle(self._store, job)
            if job.state in (*WAITING, *ACTIVE):
                raise JobActiveError(job.id, job.state)
        return job

    def _new(self, folder: JobFolder, recipe: Recipe, owner: str) -> TrainingJob:
        device = recipe.model.device if recipe.model.device != "auto" else automatic_device()
        return TrainingJob(
            uuid4().hex[:12], recipe.name, "queued", str(folder.path), self.place, device, owner, created=now()
        )

    def _adopted(self, folder: JobFolder, recipe: Recipe, owner: str) -> TrainingJob:
        """Take a folder with results in that the database does not know, such as one that was copied here."""
        state: JobState = (
            "finished" if read_progress(folder).phase in {"finished", "evaluating"} else "interrupted"
        )
        return self._store.add(replace(self._new(folder, recipe, owner), state=state))

    def _lay_out(self, folder: JobFolder, recipe: Recipe) -> None:
        """Put recipe and data into the folder, in place of what stands there."""
        shutil.rmtree(folder.data, ignore_errors=True)
        (folder.path / _STAGE).rename(folder.data)
        folder.create()
        folder.clear_stop()
        folder.recipe.write_text(to_toml(recipe), "utf-8")

    # Looking

    def get(self, job_id: str) -> TrainingJob:
        """Return a job as it is now; queued jobs that nobody runs are set going. Raises JobNotFoundError."""
        job = self._store.get(job_id)
        if job is None:
            raise JobNotFoundError(job_id)
        if job.place == self.place:
            self.tend()
            job = settle(self._store, job)
        return job

    def all(self, limit: int = 100) -> list[TrainingJob]:
        """Return the newest jobs as they are now, newest first."""
        self.tend()
        return [settle(self._store, job) if job.place == self.place else job for job in self._store.all(limit)]

    def folder(self, job: TrainingJob) -> JobFolder | None:
        """Return the job's folder; None where it lies on another machine or its results were deleted."""
        if job.place != self.place or not job.folder:
            return None
        return JobFolder(Path(job.folder))

    def progress(self, job: TrainingJob, *, brief: bool = False) -> Progress:
        """Return how far a job is; `brief` takes the figures kept in the database where the job is over."""
        folder = self.folder(job)
        if folder is not None and not (brief and job.summary and job.state not in (*WAITING, *ACTIVE)):
            return read_progress(folder)
        kept = {name: value for name, value in job.summary.items() if name in Progress.__dataclass_fields__}
        return Progress(**kept, phase=job.state)

    def ahead(self, job: TrainingJob) -> int:
        """Return how many jobs come before a queued one."""
        if job.state not in WAITING:
            return 0
        others = self._store.in_states((*WAITING, *ACTIVE), job.place, job.device)
        return sum(other.turn < job.turn for other in others)

    # Stopping and going on

    def stop(self, job_id: str) -> TrainingJob:
        """Ask a job to stop: a queued one at once, a running one at its next step, with a checkpoint.

        Raises JobNotFoundError, OtherMachineError, JobStateError if it is over.
        """
        job = self._here(job_id)
        if self._store.move(job.id, "stopped", among=WAITING, ended=now()):
            return self.get(job.id)
        if self._store.move(job.id, "stopping", among=ACTIVE):
            JobFolder(Path(job.folder)).ask_stop()
            return self.get(job.id)
        raise JobStateError(job.id, job.state, "stopped", "it is over already.")

    def resume(self, job_id: str) -> TrainingJob:
        """Queue a job again from its last checkpoint. Raises JobNotFoundError, OtherMachineError, JobStateError."""
        job = self._here(job_id)
        if not job.folder or not Path(job.folder).is_dir():
            raise JobStateError(
                job.id, job.state, "resumed", "its results were deleted; start its recipe again."
            )
        if job.state not in _ENDED:
            advice = "start its recipe anew." if job.state == "finished" else "it is not over."
            raise JobStateError(job.id, job.state, "resumed", advice)
        return self._queue_again(job)

    def evaluate(self, job_id: str) -> TrainingJob:
        """Queue the measurement before and after of a finished job again. Raises as `resume` does."""
        job = self._here(job_id)
        if job.state != "finished" or self.folder(job) is None:
            raise JobStateError(
                job.id, job.state, "evaluated", "only a finished job whose results are here can be."
            )
        return self._queue_again(job, "evaluate")

    def _queue_again(self, job: TrainingJob, mode: JobMode = "resume") -> TrainingJob:
        JobFolder(Path(job.folder)).clear_stop()
        self._store.queue_again(job.id, mode)
        return self.get(job.id)

    def _here(self, job_id: str) -> TrainingJob:
        job = self.get(job_id)
        if job.place != self.place:
            raise OtherMachineError(job_id)
        return job

    def tend(self) -> None:
        """Start a runner for every device that has queued jobs and no runner, such as after a reboot."""
        waiting = {job.device for job in self._store.in_states(WAITING, self.place)}
        for device in sorted(waiting):
            if not locks.is_held(device_lock(self._settings.root, device)):
                start_runner(self._order(device))

    def _order(self, device: str) -> Order:
        chosen = self._settings
        return Order(
            self._url,
            self.place,
            device,
            str(chosen.root.resolve()),
            tuple(chosen.worker),
            tuple(chosen.evaluator),
        )


def _place(root: Path) -> str:
    """Return the data directory's own name, which no other has; it is made at the first use."""
    path = root / "place"
    with locks.hold(root / "place.lock", _PATIENCE):
        if not path.exists():
            path.write_text(uuid4().hex, "ascii")
    return path.read_text("ascii").strip()


def _check_unchanged(folder: JobFolder, recipe: Recipe, version: DatasetVersion) -> None:
    before = load_recipe(folder.recipe)
    if recipe_hash(before) != recipe_hash(recipe):
        raise ChangedRecipeError("the recipe")
    if read_version(folder.data).hash != version.hash:
        raise ChangedRecipeError("the training data")


def _described(folder: JobFolder) -> str:
    progress = read_progress(folder)
    steps = [step for step, _ in folder.checkpoints()]
    checkpoints = f"checkpoints at step {', '.join(map(str, steps))}" if steps else "no checkpoint"
    return f"{progress.phase} at step {progress.step} of {progress.total_steps}; {checkpoints}"
