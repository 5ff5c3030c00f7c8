"""Watches a training: writes its events, keeps the best adapter, proves its checkpoints, stops when asked."""

from __future__ import annotations

import math
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback
from typing_extensions import override

from finetune.best import Best, standard_error
from finetune.checkpoint import Point, remove_old, write_manifest
from finetune.errors import DamagedCheckpointError
from terminology.card import ModelCard, write_card

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from finetune.folder import JobFolder
    from finetune.recipe import Recipe
    from finetune.trainer import TermTrainer

# A resumed model's loss on the probe may differ by this much: another number of threads rounds otherwise.
_PROBE_TOLERANCE = 1e-3
# The first loss after a resume that is this many times the last one does not continue it.
_JUMP = 3.0
_METRICS = {
    "sense_accuracy": "eval_sense_accuracy",
    "token_accuracy": "eval_mean_token_accuracy",
    "loss": "eval_loss",
}


@dataclass(frozen=True, slots=True)
class Watch:
    """What a journal needs beside the trainer: the job, its recipe, the number of samples, and when to stop."""

    job: JobFolder
    recipe: Recipe
    samples: int
    stop_asked: Callable[[], bool]


class Journal(TrainerCallback):
    """The trainer's callbacks in the order of a training; `point` is where it stands."""

    def __init__(self, watch: Watch, point: Point, resumed_from: Path | None) -> None:
        self._watch, self.point, self._resumed_from = watch, point, resumed_from
        self._previous_loss = point.loss
        self.trainer: TermTrainer | None = None
        self.stopped = False

    @override
    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Compare a resumed model with what was written: the loss on the probe continues, or nothing does."""
        if self._resumed_from is None:
            return
        now = self._probe()
        if not math.isclose(now, self.point.probe, rel_tol=_PROBE_TOLERANCE, abs_tol=_PROBE_TOLERANCE):
            raise DamagedCheckpointError(
                self._resumed_from, f"its loss was {self.point.probe:.4f} and is {now:.4f} after loading"
            )

    @override
    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        """Stop where asked, with a checkpoint; at the last step, evaluate and save in any case."""
        last = state.global_step >= state.max_steps
        self.stopped = _agreed(self._watch.stop_asked()) and not last
        if self.stopped or last:
            control.should_save = control.should_log = True
            control.should_evaluate = last and args.eval_strategy != "no"
        control.should_training_stop = control.should_training_stop or self.stopped
        return control

    @override
    def on_log(
        self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **_: Any
    ) -> None:
        """Write a `step` event; the first one after a resume is held against the last one before it."""
        if not logs or "loss" not in logs or not state.is_world_process_zero:
            return
        loss = float(logs["loss"])
        if self._resumed_from is not None and self._previous_loss is not None:
            self._compare(loss, self._previous_loss)
        self._previous_loss = None
        self.point = replace(self.point, loss=loss)
        part = self._watch.recipe.training
        effective = args.per_device_train_batch_size * args.gradient_accumulation_steps * args.world_size
        self._watch.job.append(
            "step",
            step=state.global_step,
            total_steps=state.max_steps,
            epoch=round(float(state.epoch or 0.0), 4),
            epochs=part.epochs,
            loss=loss,
            learning_rate=logs.get("learning_rate"),
            gradient_norm=logs.get("grad_norm"),
            tokens=int(logs.get("num_tokens", 0)),
            samples=min(state.global_step * effective, round(part.epochs * self._watch.samples)),
            token_accuracy=logs.get("mean_token_accuracy"),
            memory=_memory(),
        )

    @override
    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Mapping[str, Any] | None = None, **_: Any
    ) -> Any:
        """Write an `evaluation` event, keep the adapter if it is the best so far, and stop early where none gains."""
        metrics = metrics or {}
        better = self._judge(metrics, state.global_step)
        if state.is_world_process_zero:
            self._watch.job.append(
                "evaluation",
                step=state.global_step,
                val_loss=metrics.get("eval_loss"),
                token_accuracy=metrics.get("eval_mean_token_accuracy"),
                sense_accuracy=metrics.get("eval_sense_accuracy"),
                best=better,
            )
            if better:
                self.keep_adapter(metrics.get("eval_sense_accuracy"))
        patience = self._watch.recipe.training.early_stopping_patience
        if patience and self.point.waited >= patience and state.global_step < state.max_steps:
            self._watch.job.append("warning", message=f"stopped early: {patience} evaluations without a gain")
            control.should_training_stop = control.should_save = True
        return control

    @override
    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Finish a checkpoint: its manifest, the event, and only then the older ones may go."""
        if not state.is_world_process_zero:
            return
        self.point = replace(self.point, step=state.global_step, probe=self._probe())
        job = self._watch.job
        write_manifest(job.checkpoints_folder / f"checkpoint-{state.global_step}", self.point)
        job.append("checkpoint", step=state.global_step, loss=self.point.loss, probe=self.point.probe)
        remove_old(job, self._watch.recipe.training.keep_checkpoints)

    def keep_adapter(self, sense_accuracy: float | None = None) -> None:
        """Write the adapter as it is now, beside the old one and then in its place."""
        assert self.trainer is not None
        job = self._watch.job
        if not job.writes:
            return
        aside = job.adapter.with_name("adapter.new")
        shutil.rmtree(aside, ignore_errors=True)
        self.trainer.accelerator.unwrap_model(self.trainer.model).save_pretrained(str(aside))
        tokenizer: Any = self.trainer.processing_class
        tokenizer.save_pretrained(str(aside))
        if sense_accuracy is not None:
            card = ModelCard(
                self._watch.recipe.name, sense_accuracy, measured_on="the job's validation samples"
            )
            write_card(aside, card)
        shutil.rmtree(job.adapter, ignore_errors=True)
        aside.rename(job.adapter)

    def _judge(self, metrics: Mapping[str, Any], step: int) -> bool:
        """Whether an evaluation's adapter takes the place of the one kept."""
        part, point = self._watch.recipe.evaluation, self.point
        value = metrics.get(_METRICS.get(part.metric, ""))
        loss = float(metrics.get("eval_loss", math.inf))
        if value is None or not math.isfinite(value):
            return False
        # A loss is better when lower, whatever the recipe says of its metric's direction.
        sign = -1.0 if part.metric == "loss" or not part.greater_is_better else 1.0
        best = Best()
        if point.best_value is not None:
            highest = point.best_value if point.highest is None else point.highest
            lowest = math.inf if point.lowest_loss is None else point.lowest_loss
            best = Best(sign * point.best_value, sign * highest, lowest)
        gains = best.gains(sign * value, loss)
        best, better = best.after(sign * value, loss, self._error(sign * value, best.highest))
        self.point = replace(
            point,
            highest=sign * best.highest,
            lowest_loss=best.lowest_loss,
            waited=0 if gains else point.waited + 1,
        )
        if better:
            self.point = replace(self.point, best_step=step, best_value=float(value))
        return better

    def _error(self, share: float, highest: float) -> float:
        """Return the standard error of the measure's difference, known for shares of samples."""
        if self._watch.recipe.evaluation.metric != "sense_accuracy" or self.trainer is None:
            return 0.0
        if not math.isfinite(highest):
            return 0.0
        return standard_error(abs(share), abs(highest), self.trainer.choices)

    def _compare(self, loss: float, before: float) -> None:
        if loss > before * _JUMP + 0.1:
            text = f"the first loss after the resume is {loss:.4f}, the last before it was {before:.4f}"
            self._watch.job.append("warning", message=text)

    def _probe(self) -> float:
        assert self.trainer is not None
        return self.trainer.probe_loss()


def _agreed(asked: bool) -> bool:
    """Whether any process was asked to stop, since all must stop at the same step."""
    import torch
    from accelerate import PartialState

    state = PartialState()
    if state.num_processes == 1:
        return asked
    flag = torch.tensor([int(asked)], device=state.device)
    torch.distributed.all_reduce(flag)
    return bool(flag.item())


def _memory() -> int:
    """Return the bytes in use: of the GPU at their peak, or else of this process."""
    import resource

    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
