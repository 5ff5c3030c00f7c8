"""The training service as all doors show it: start, status, promotion and evaluation."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.errors import ForbiddenError, NotFoundError, OtherBaseError, OutsideDataDirError
from api.recipes import check_paths, checked
from api.term_model import same_base
from api.training_schemas import (
    EvaluationSchema,
    GradeSchema,
    PromotionSchema,
    StartedSchema,
    TrainingStatusSchema,
)
from finetune.adapters import Decision
from finetune.errors import AdapterError
from finetune.grades import grade
from finetune.load import load_recipe
from finetune.progress import read_curves
from finetune.verdict import read_table, verdict

if TYPE_CHECKING:
    from api.auth import Viewer
    from api.training_schemas import IfExists, LoadRequest
    from api.wiring import Application
    from finetune.folder import Event, JobFolder
    from finetune.load import Reading
    from finetune.store import Promotion, TrainingJob

ENDED = frozenset({"stopped", "finished", "failed", "interrupted"})
_LOOK = 0.2


def start(
    application: Application, reading: Reading, viewer: Viewer, if_exists: IfExists | None
) -> StartedSchema:
    """Check a recipe and queue its training. Raises RecipeError, OutsideDataDirError and what `Jobs.start` raises."""
    if reading.recipe is not None:
        # Before anything is looked at, so that an error cannot tell whether a file of someone else exists.
        check_paths(reading.recipe, application.settings, viewer)
    recipe, findings = checked(reading, application.training)
    done = application.training_jobs.start(recipe, if_exists=if_exists, owner=viewer.user)
    warnings = [str(finding) for finding in findings]
    return StartedSchema(task_id=done.job.id, action=done.action, status=done.job.state, warnings=warnings)


def job_of(application: Application, job_id: str, viewer: Viewer, *, to_change: bool = False) -> TrainingJob:
    """Return a job. Raises JobNotFoundError, and ForbiddenError where only its owner or an admin may change it."""
    job = application.training_jobs.get(job_id)
    if to_change and viewer.role != "admin" and job.owner != viewer.user:
        raise ForbiddenError(viewer.user, "admin")
    return job


def folder_of(application: Application, job: TrainingJob) -> JobFolder:
    """Return the job's folder. Raises NotFoundError where its results were deleted or lie on another machine."""
    folder = application.training_jobs.folder(job)
    if folder is None:
        raise NotFoundError("result any more of the training job", job.id)
    return folder


def status(
    application: Application, job: TrainingJob, viewer: Viewer, *, brief: bool = False
) -> TrainingStatusSchema:
    """Return a job as it is now, with the grades of its curves and what to do next; `brief`, for lists, without."""
    jobs = application.training_jobs
    progress, folder = jobs.progress(job, brief=brief), jobs.folder(job)
    found = verdict(folder) if folder is not None and job.state == "finished" else None
    held = application.training_store.current()
    same = (
        "train_loss", "val_loss", "token_accuracy", "val_token_accuracy", "sense_accuracy", "learning_rate", "samples",
        "tokens", "tokens_per_second", "memory", "eta_seconds", "best_step", "step", "total_steps", "epochs",
        "last_event", "progress",
    )  # fmt: skip
    return TrainingStatusSchema(
        **{name: getattr(progress, name) for name in same},
        task_id=job.id,
        name=job.name,
        status=job.state,
        phase=_phase(job, progress.phase),
        current_epoch=progress.epoch,
        checkpoints=[step for step, _ in folder.checkpoints()] if folder else [],
        queue_position=jobs.ahead(job),
        device=job.device,
        owner=job.owner,
        folder=_shown_folder(application, job, viewer),
        error=without_paths(application, job.error or (progress.error if job.state in ENDED else "")) or None,
        advice=without_paths(application, _advice(job, progress.advice)) or None,
        warnings=[without_paths(application, each) for each in progress.warnings],
        grades=[GradeSchema(**asdict(each)) for each in grade(read_curves(folder))]
        if folder and not brief
        else [],
        offered=found.offered if found else None,
        offered_why=found.why if found else None,
        promoted=held is not None and held.job_id == job.id,
        created=job.created,
        started=job.started or None,
        ended=job.ended or None,
    )


def _phase(job: TrainingJob, last: str) -> str:
    """Return what a job does; one that runs again has written nothing yet but how it ended before."""
    if job.state not in {"running", "stopping"}:
        return job.state
    return last if last in {"training", "evaluating"} else "starting"


def promote(application: Application, job_id: str, viewer: Viewer, reason: str) -> Promotion:
    """Put a job's adapter in use; a reason overrules the evaluation, which only an administrator may.

    Raises NotOfferedError, ForbiddenError, OtherBaseError, JobStateError, AdapterError.
    """
    job = job_of(application, job_id, viewer)
    if reason:
        viewer.require("admin")
    folder = application.training_jobs.folder(job)
    if folder is not None and folder.recipe.exists():
        _check_base(application, load_recipe(folder.recipe).model.base)
    return application.adapters.promote(job_id, Decision(viewer.user, reason))


def load(application: Application, request: LoadRequest, viewer: Viewer) -> Promotion:
    """Put an adapter in use: of a job, of an earlier promotion, of a folder, or none."""
    reason = request.reason if request.force else ""
    if request.task_id is not None:
        return promote(application, request.task_id, viewer, reason)
    if request.promotion is not None:
        earlier = application.training_store.promotion(request.promotion)
        if earlier is not None and earlier.base:
            _check_base(application, earlier.base)
        return application.adapters.again(request.promotion, Decision(viewer.user))
    path = Path(request.adapter or "")
    if not path.is_absolute():
        path = application.settings.data_dir / path
    path = path.resolve()
    if viewer.role != "admin" and not path.is_relative_to(application.settings.data_dir.resolve()):
        raise OutsideDataDirError("adapter")
    if reason:
        viewer.require("admin")
    base = request.base or _base_of(path)
    _check_base(application, base)
    return application.adapters.load(path, base, Decision(viewer.user, reason))


def roll_back(application: Application, viewer: Viewer) -> Promotion:
    """Return to what was in use before. Raises NothingToRollBackError."""
    return application.adapters.roll_back(Decision(viewer.user))


def taken_up(application: Application, made: Promotion, viewer: Viewer) -> PromotionSchema:
    """Switch this process at once; other processes follow at their next question.

    What cannot be loaded here is taken back. Raises AdapterError then.
    """
    application.term_model.follow()
    if problem := application.term_model.problem:
        application.adapters.roll_back(Decision(viewer.user))
        application.term_model.follow()
        raise AdapterError(Path(made.adapter).name, f"{problem} The adapter before it is in use again.")
    return shown_promotion(made)


def shown_promotion(promotion: Promotion) -> PromotionSchema:
    """Return a promotion without the server's paths."""
    return PromotionSchema(
        number=promotion.number,
        action=promotion.action,
        task_id=promotion.job_id or None,
        base=Path(promotion.base).name,
        adapter=Path(promotion.adapter).name or None,
        offered=promotion.offered,
        reason=promotion.reason,
        figures=dict(promotion.figures),
        who=promotion.who,
        at=promotion.at,
    )


def evaluation(application: Application, job: TrainingJob) -> EvaluationSchema:
    """Return a job's table before and after, as far as there is one."""
    folder = application.training_jobs.folder(job)
    found = verdict(folder) if folder is not None else None
    table = read_table(folder) if folder is not None else None
    return EvaluationSchema(
        task_id=job.id,
        status=job.state,
        offered=found.offered if found and table else None,
        why=found.why if found else None,
        table=table,
    )


def evaluate(
    application: Application, job: TrainingJob, *, again: bool, wait_seconds: float
) -> EvaluationSchema:
    """Measure a finished job before and after, where that was not done or `again`, and wait for it for a while."""
    shown = evaluation(application, job)
    if job.state == "finished" and (again or shown.table is None):
        job = application.training_jobs.evaluate(job.id)
    return evaluation(application, wait_for(application, job, wait_seconds))


def wait_for(application: Application, job: TrainingJob, seconds: float) -> TrainingJob:
    """Return the job once it is over, or as it is after `seconds`."""
    deadline = time.monotonic() + seconds
    while job.state not in ENDED and time.monotonic() < deadline:
        time.sleep(_LOOK)
        job = application.training_jobs.get(job.id)
    return job


def job_in_use(application: Application) -> str:
    """Return the id of the job whose adapter is in use, or of the newest finished one. Raises NotFoundError."""
    held = application.training_store.current()
    if held is not None and held.job_id:
        return held.job_id
    for job in application.training_jobs.all():
        if job.state == "finished":
            return job.id
    raise NotFoundError("finished training", "to evaluate")


def _check_base(application: Application, base: str) -> None:
    served = application.settings.term_model
    if served and same_base(base) != same_base(served):
        raise OtherBaseError(base, served)


def _base_of(adapter: Path) -> str:
    """Return the base model that an adapter's own configuration names."""
    import json

    try:
        content: dict[str, Any] = json.loads((adapter / "adapter_config.json").read_bytes())
        return str(content["base_model_name_or_path"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AdapterError(
            adapter.name, "it has no readable adapter_config.json that names its base."
        ) from error


def shown_event(application: Application, event: Event) -> dict[str, Any]:
    """Return an event without the server's paths."""
    shown = event.to_json()
    if shown.get("base"):
        shown["base"] = Path(str(shown["base"])).name
    return {
        key: without_paths(application, value) if isinstance(value, str) else value
        for key, value in shown.items()
    }


def without_paths(application: Application, text: str) -> str:
    """Return a message with the places in the data directory as seen from there."""
    return text.replace(f"{application.settings.data_dir.resolve()}/", "")


def _advice(job: TrainingJob, told: str) -> str:
    if job.state in {"interrupted", "stopped"}:
        return told or f"Go on from the last checkpoint: termroute jobs resume {job.id}"
    return told


def _shown_folder(application: Application, job: TrainingJob, viewer: Viewer) -> str:
    """Return where the results lie, from the data directory; a path beyond it is an administrator's business."""
    if not job.folder or application.training_jobs.folder(job) is None:
        return ""
    path, data = Path(job.folder), application.settings.data_dir.resolve()
    if path.is_relative_to(data):
        return str(path.relative_to(data))
    return str(path) if viewer.role == "admin" else path.name
