"""What can go wrong with recipes and training data: each error carries its data and says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from finetune.types import Finding


class FinetuneError(Exception):
    """Any error of this room."""


class RecipeError(FinetuneError):
    """A recipe cannot be used; `findings` lists every reason."""

    def __init__(self, recipe: str, findings: Sequence[Finding]) -> None:
        self.recipe, self.findings = recipe, tuple(findings)
        lines = "\n".join(f"  - {each.key}: {each.problem} {each.what_to_do}" for each in self.findings)
        super().__init__(f"The recipe {recipe} has {len(self.findings)} problem(s):\n{lines}")


class UnknownPresetError(FinetuneError):
    """There is no preset of this name."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name, self.known = name, tuple(known)
        super().__init__(f"There is no preset {name!r}; use one of {', '.join(self.known)}.")


class TrainingDataError(FinetuneError):
    """A file of training data cannot be read; `problems` names every bad line (0 for the whole file)."""

    def __init__(self, file: Path, problems: Sequence[tuple[int, str]]) -> None:
        self.file, self.problems = file, tuple(problems)
        shown = "\n".join(
            f"  - {file}:{line}: {reason}" if line else f"  - {file}: {reason}"
            for line, reason in self.problems
        )
        super().__init__(f"Training data cannot be read; correct or remove these lines:\n{shown}")


class DatasetVersionError(FinetuneError):
    """A dataset version on disk is incomplete or was changed by hand."""

    def __init__(self, folder: Path, reason: str) -> None:
        self.folder, self.reason = folder, reason
        super().__init__(f"The dataset version {folder} {reason}.")


class TrainingDatabaseError(FinetuneError):
    """The database of training jobs cannot be opened, read or written; `url` has its password masked."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(
            f"The database of training jobs {url} cannot be used: {reason}. Check TERMROUTE_DATABASE_URL and free disk space."
        )


class JobNotFoundError(FinetuneError):
    """No training job has this id."""

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        super().__init__(f"There is no training job {job_id!r}. `termroute jobs list` shows them.")


class ResultsExistError(FinetuneError):
    """A training would start where an earlier one left results, and nobody said what to do with them."""

    CHOICES = ("resume", "restart", "backup", "cancel")

    def __init__(self, name: str, found: str) -> None:
        self.name, self.found = name, found
        super().__init__(
            f"{name} already holds results ({found}). Choose with --if-exists (or `if_exists` over HTTP): "
            "resume (go on from the last good checkpoint), restart (DELETE them and begin anew), "
            "backup (move them into backups/, then begin anew), cancel (leave everything as it is). There is no default."
        )


class JobActiveError(FinetuneError):
    """A job that is queued or running stands in the way."""

    def __init__(self, job_id: str, state: str) -> None:
        self.job_id, self.state = job_id, state
        super().__init__(
            f"The training job {job_id} is {state} in the same folder. Follow it with `termroute jobs watch {job_id}`, or end it "
            f"with `termroute jobs stop {job_id}` first."
        )


class JobStateError(FinetuneError):
    """A job is not in a state in which this can be done."""

    def __init__(self, job_id: str, state: str, wanted: str, advice: str) -> None:
        self.job_id, self.state = job_id, state
        super().__init__(f"The training job {job_id} is {state} and cannot be {wanted}: {advice}")


class OtherMachineError(FinetuneError):
    """The job's folder lies in another machine's data directory."""

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        super().__init__(
            f"The training job {job_id} was started with another data directory; use the machine that it runs on."
        )


class ChangedRecipeError(FinetuneError):
    """A resume was asked for with another recipe or other data than the results were made with."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(
            f"Cannot resume: {what} changed since the checkpoints were written. Take the change back, or start with "
            "restart or backup."
        )


class NotOfferedError(FinetuneError):
    """An adapter may not be put in use, since its evaluation does not speak for it."""

    def __init__(self, job_id: str, reason: str) -> None:
        self.job_id, self.reason = job_id, reason
        super().__init__(
            f"The adapter of {job_id} is not offered for use: {reason} An administrator may force it with a reason, "
            "which is recorded."
        )


class NothingToRollBackError(FinetuneError):
    """No adapter was promoted, so there is nothing to return to."""

    def __init__(self) -> None:
        super().__init__("No adapter is promoted: the terminology model is as the settings say.")


class AdapterError(FinetuneError):
    """An adapter's folder cannot be used."""

    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(f"The adapter {name} cannot be used: {reason}")


class DamagedCheckpointError(FinetuneError):
    """A checkpoint is not what was written, so nothing may go on from it."""

    def __init__(self, folder: Path, reason: str) -> None:
        self.folder, self.reason = folder, reason
        super().__init__(
            f"{folder} cannot be resumed: {reason}. Remove that folder to go on from the checkpoint before it, or start "
            "again with restart or backup."
        )


class TrainingSetupError(FinetuneError):
    """A training cannot start on this machine or with this base model."""

    def __init__(self, problem: str, advice: str) -> None:
        self.problem, self.advice = problem, advice
        super().__init__(f"The training cannot start: {problem} {advice}")


class TrainingMemoryError(FinetuneError):
    """Memory ran out with the smallest batch, recomputed activations and the shortest samples."""

    def __init__(self, device: str) -> None:
        self.device = device
        super().__init__(
            f"Memory of {device} ran out, and there is nothing left to give up. Use a smaller base model, "
            '`model.quantization = "4bit"` on a GPU, a lower lora.rank or data.max_length, or a device with more memory; with several '
            "processes, which cannot step down together, also a smaller training.batch_size with more accumulation."
        )


class ExportError(FinetuneError):
    """An adapter cannot be exported."""

    def __init__(self, adapter: Path, reason: str) -> None:
        self.adapter, self.reason = adapter, reason
        super().__init__(f"The adapter {adapter} cannot be exported: {reason}")
