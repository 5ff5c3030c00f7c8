"""Which adapter is in use: promoted from a job that was evaluated, rolled back, and kept where nothing can change it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from finetune.errors import AdapterError, JobStateError, NothingToRollBackError, NotOfferedError
from finetune.load import load_recipe
from finetune.store import Promotion
from finetune.verdict import verdict

if TYPE_CHECKING:
    from pathlib import Path

    from finetune.jobs import Jobs
    from finetune.settings import TrainingSettings
    from finetune.store import TrainingStore

_WEIGHTS = ("adapter_model.safetensors",)
_CONFIG = "adapter_config.json"


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decides, and the reason for which an administrator overrules the evaluation ("" for none)."""

    who: str
    force_reason: str = ""


class Adapters:
    """Promotions, newest first; every serving process asks `current` before a question."""

    def __init__(self, store: TrainingStore, jobs: Jobs, settings: TrainingSettings) -> None:
        self._store, self._jobs, self._settings = store, jobs, settings

    def current(self) -> Promotion | None:
        """Return the promotion that holds; None before the first."""
        return self._store.current()

    def history(self, limit: int = 100) -> list[Promotion]:
        """Return the newest promotions, newest first."""
        return self._store.promotions(limit)

    def promote(self, job_id: str, decision: Decision) -> Promotion:
        """Put a finished job's adapter in use, in every process from its next question on.

        Raises NotOfferedError unless the evaluation offers it or the decision forces it, JobNotFoundError,
        JobStateError for a job without an adapter.
        """
        job = self._jobs.get(job_id)
        folder = self._jobs.folder(job)
        if job.state != "finished" or folder is None:
            advice = "only a finished job whose results are here can be promoted."
            raise JobStateError(job.id, job.state, "promoted", advice)
        check_adapter(folder.adapter, job.name)
        found = verdict(folder)
        if not found.offered and not decision.force_reason.strip():
            raise NotOfferedError(f"{job.name} ({job.id})", found.why)
        kept = self._keep(folder.adapter)
        base = load_recipe(folder.recipe).model.base
        made = self._store.promote(
            Promotion(
                0, "promote", base, str(kept), job.id, offered=found.offered, reason=decision.force_reason.strip(),
                figures=found.figures, who=decision.who,
            )
        )  # fmt: skip

        self._note(made)
        return made

    def load(self, adapter: Path, base: str, decision: Decision) -> Promotion:
        """Put an adapter of any folder in use; the reason is recorded. Raises AdapterError, NotOfferedError."""
        check_adapter(adapter, adapter.name)
        if not decision.force_reason.strip():
            raise NotOfferedError(adapter.name, "nothing is known of how it was evaluated.")
        kept = self._keep(adapter)
        reason = decision.force_reason.strip()
        return self._store.promote(Promotion(0, "load", base, str(kept), reason=reason, who=decision.who))

    def again(self, number: int, decision: Decision) -> Promotion:
        """Put the adapter of an earlier promotion in use again. Raises AdapterError."""
        earlier = self._store.promotion(number)
        if earlier is None:
            raise AdapterError(f"of promotion {number}", "there is no such promotion.")
        made = self._store.promote(
            Promotion(
                0, "load", earlier.base, earlier.adapter, earlier.job_id, offered=earlier.offered,
                reason=decision.force_reason or f"promotion {number} again", figures=earlier.figures, who=decision.who,
            )
        )  # fmt: skip
        self._note(made)
        return made

    def roll_back(self, decision: Decision) -> Promotion:
        """Return to what was in use before the current promotion; the first one's predecessor is the settings' model.

        Raises NothingToRollBackError.
        """
        held = self._store.current()
        if held is None or (held.action == "rollback" and not held.adapter and not held.previous):
            raise NothingToRollBackError
        earlier = self._store.promotion(held.previous) if held.previous else None
        target = earlier or Promotion(0, "rollback", "", "")
        made = self._store.promote(
            Promotion(
                0, "rollback", target.base, target.adapter, target.job_id, target.previous, target.offered,
                f"back from promotion {held.number}", target.figures, decision.who,
            )
        )  # fmt: skip

        for each in dict.fromkeys((held.job_id, made.job_id)):
            self._note(replace(made, job_id=each))
        return made

    def _note(self, made: Promotion) -> None:
        """Tell the job's folder, since its report is written from there alone."""
        if not made.job_id:
            return
        folder = self._jobs.folder(self._jobs.get(made.job_id))
        if folder is not None and folder.path.is_dir():
            folder.note_deployment(
                {
                    "number": made.number,
                    "action": made.action,
                    "who": made.who,
                    "at": made.at,
                    "reason": made.reason,
                    "offered": made.offered,
                }
            )

    def _keep(self, adapter: Path) -> Path:
        """Copy an adapter to where no restart or deletion of a job reaches it."""
        target = self._settings.adapters / uuid4().hex[:12]
        aside = target.with_name(target.name + ".new")
        shutil.copytree(adapter, aside)
        aside.rename(target)
        return target


def check_adapter(folder: Path, name: str) -> None:
    """Raise AdapterError unless `folder` looks like a LoRA adapter in safetensors."""
    if not folder.is_dir():
        raise AdapterError(name, "there is no such folder.")
    missing = [file for file in (_CONFIG, *_WEIGHTS) if not (folder / file).is_file()]
    if missing:
        raise AdapterError(name, f"{', '.join(missing)} missing.")
