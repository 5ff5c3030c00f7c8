"""The training, read from top to bottom: a job's folder in, its adapter and result out."""

from __future__ import annotations

import gc
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from finetune.checkpoint import Point, to_resume
from finetune.encode import encode_all, scoring_rows
from finetune.errors import TrainingMemoryError, TrainingSetupError
from finetune.ladder import is_out_of_memory, lower, resumed
from finetune.load import load_recipe
from finetune.prepare import check_installed, chosen_device, dressed_model, tokenizer_of
from finetune.recipe import recipe_hash
from finetune.settings import processes
from finetune.versions import read_samples, read_version

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from finetune.folder import JobFolder
    from finetune.journal import Journal
    from finetune.ladder import Rung
    from finetune.recipe import Recipe
    from finetune.trainer import Rows
    from finetune.types import Sample


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """What a run came to: whether it was stopped, the last step and loss, and the best evaluation."""

    stopped: bool
    step: int
    loss: float | None
    best_step: int
    best_value: float | None
    metric: str
    seconds: float
    base: str
    device: str


def run(
    job: JobFolder,
    *,
    resume: bool = False,
    stop_asked: Callable[[], bool] | None = None,
    observers: Sequence[Any] = (),
    afresh: Callable[[], None] | None = None,
) -> TrainingResult:
    """Train the job in `job` to its end, or to a stop.

    `stop_asked` is looked at after every step (default: the job's stop file); `observers` are further callbacks of
    transformers' Trainer. `afresh` is called where memory ran out, to go on in a new process, which has all of it again;
    without it, or where it returns, this one goes on. Raises TrainingSetupError, TrainingMemoryError, DamagedCheckpointError, RecipeError,
    DatasetVersionError.
    """
    began = time.monotonic()
    job.create()
    recipe = load_recipe(job.recipe)
    check_installed(recipe.model)
    version = read_version(job.data)
    origin = Point(0, recipe_hash(recipe), version.hash, probe=0.0)
    splits = read_samples(version)
    climbed = [event.fields for event in job.events() if event.kind == "ladder"] if resume else []
    rung = resumed(recipe, climbed, processes())
    while True:
        start = to_resume(job, origin.recipe_hash, origin.data_hash) if resume else None
        attempt = _Attempt(job, recipe, rung, start or (None, origin))
        try:
            journal = attempt.run(splits, stop_asked or job.stop_asked, observers)
            break
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            rung = _climb_down(job, recipe, rung, error)
        # From here on the failed attempt's model is garbage, and what it saved is gone on from.
        attempt.release()
        resume = True
        if afresh is not None:
            afresh()
    result = _result(journal, recipe, time.monotonic() - began)
    job.write_result(asdict(result))
    job.append("stopped" if result.stopped else "finished", **asdict(result))
    return result


def _climb_down(job: JobFolder, recipe: Recipe, rung: Rung, error: BaseException) -> Rung:
    # Several processes would have to come down together, but the others wait within a step.
    below = lower(rung) if processes() == 1 else None
    if below is None:
        raise TrainingMemoryError(chosen_device(recipe.model)) from error
    reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
    job.append("ladder", **below.to_json(), reason=reason)
    return below


class _Attempt:
    """One try at the training on one rung of the memory ladder."""

    def __init__(self, job: JobFolder, recipe: Recipe, rung: Rung, start: tuple[Path | None, Point]) -> None:
        self._job, self._recipe, self._rung = job, recipe, rung
        self._checkpoint, self._point = start
        self._trainer: Any = None

    def run(
        self,
        splits: dict[Any, list[Sample]],
        stop_asked: Callable[[], bool],
        observers: Sequence[Any],
    ) -> Journal:
        from finetune.journal import Journal, Watch
        from finetune.trainer import make_trainer

        tokenizer = tokenizer_of(self._recipe.model)
        rows = self._rows(tokenizer, splits)
        model = dressed_model(self._recipe, self._rung)
        self._trainer = make_trainer(self._job, self._recipe, self._rung, model, tokenizer, rows)
        watch = Watch(self._job, self._recipe, len(rows.train), stop_asked)
        journal = Journal(watch, self._point, self._checkpoint)
        journal.trainer = self._trainer
        self._trainer.add_callback(journal)
        for each in observers:
            self._trainer.add_callback(each)
        self._announce(model, len(rows.train))
        self._trainer.train(resume_from_checkpoint=str(self._checkpoint) if self._checkpoint else None)
        if not journal.stopped and not journal.point.best_step:
            # No evaluation chose one: the last adapter is the adapter.
            journal.keep_adapter()
        return journal

    def release(self) -> None:
        """Let go of the model and of what the device keeps for it."""
        import torch

        self._trainer = None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _rows(self, tokenizer: Any, splits: dict[Any, list[Sample]]) -> Rows:
        """Encode the data; samples that are too long are told of, never cut."""
        from finetune.trainer import Rows

        longest = self._rung.max_length
        train, too_long = encode_all(tokenizer, splits["train"], longest)
        if too_long:
            text = f"{len(too_long)} of {len(splits['train'])} training samples are longer than {longest} tokens and left out"
            self._job.append("warning", message=text, samples=too_long[:50])
        if not train and longest < self._recipe.data.max_length:
            raise TrainingMemoryError(chosen_device(self._recipe.model))
        if not train:
            raise TrainingSetupError(
                f"No training sample has at most {longest} tokens.", "Raise data.max_length or add samples."
            )
        most = self._recipe.evaluation.max_samples
        validation, _ = encode_all(tokenizer, _spread(splits["validation"], most), longest)
        asked = _spread(_to_choose(splits["validation"]), most)
        return Rows(train, validation, [list(scoring_rows(tokenizer, each)) for each in asked])

    def _announce(self, model: Any, samples: int) -> None:
        from finetune.trainer import total_steps

        trainable = sum(each.numel() for each in model.parameters() if each.requires_grad)
        self._job.append(
            "started",
            run="resume" if self._checkpoint else "new",
            step=self._point.step if self._checkpoint else 0,
            total_steps=total_steps(samples, self._recipe, self._rung),
            epochs=self._recipe.training.epochs,
            device=chosen_device(self._recipe.model),
            base=self._recipe.model.base,
            samples=samples,
            trainable_parameters=trainable,
            parameters=sum(each.numel() for each in model.parameters()),
            recipe_hash=self._point.recipe_hash,
            data_hash=self._point.data_hash,
            processes=processes(),
            **self._rung.to_json(),
        )


def _to_choose(samples: Sequence[Sample]) -> list[Sample]:
    """Return the samples that sense accuracy is measured on: choices, which are the model's job, where there are any."""
    choices = [each for each in samples if len(each.candidates) > 1]
    return choices or [each for each in samples if not each.is_text]


def _spread(samples: Sequence[Sample], most: int) -> list[Sample]:
    """Return at most `most` samples, evenly spread over all."""
    if len(samples) <= most:
        return list(samples)
    return [samples[at * len(samples) // most] for at in range(most)]


def _result(journal: Journal, recipe: Recipe, seconds: float) -> TrainingResult:
    point = journal.point
    return TrainingResult(
        stopped=journal.stopped,
        step=point.step,
        loss=point.loss,
        best_step=point.best_step or point.step,
        best_value=point.best_value,
        metric=recipe.evaluation.metric,
        seconds=round(seconds, 3),
        base=recipe.model.base,
        device=chosen_device(recipe.model),
    )
