"""trl's SFTTrainer on our own ids, order and measure; imported only when a training runs."""

from __future__ import annotations

from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from datasets import Dataset
from transformers import PrinterCallback
from trl.trainer import utils as trl_utils
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer
from typing_extensions import override

from finetune.batches import EpochSampler
from finetune.encode import IGNORED
from finetune.prepare import chosen_device, chosen_dtype
from finetune.settings import processes
from terminology.scoring import log_likelihoods

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from finetune.encode import Encoded
    from finetune.folder import JobFolder
    from finetune.ladder import Rung
    from finetune.recipe import Recipe

_PROBED = 8
_SWITCH = "_use_triton"
# One held-out sample: the prompt with each candidate, the right one first.
Choice = list[tuple[list[int], list[int]]]


class TermTrainer(SFTTrainer):
    """SFTTrainer with an order of samples that a resume repeats, and with sense accuracy among its measures."""

    def __init__(self, order: EpochSampler, rows: Rows, **options: Any) -> None:
        """`rows.choices` are asked at each evaluation; the other options are SFTTrainer's."""
        self._order, self._rows = order, rows
        super().__init__(**options)

    @override
    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        return self._order

    @override
    def compute_loss(self, *args: Any, **options: Any) -> Any:
        """Return trl's loss; the output layer is asked only about labelled positions, on a CPU too."""
        with _labelled_only():
            loss: Any = super().compute_loss(*args, **options)  # type: ignore[no-untyped-call]
            return loss

    @property
    def choices(self) -> int:
        """How many samples sense accuracy is measured on."""
        return len(self._rows.choices)

    @override
    def evaluation_loop(self, *args: Any, **options: Any) -> Any:
        """Add `eval_sense_accuracy` to what the trainer measures."""
        outcome: Any = super().evaluation_loop(*args, **options)
        if self._rows.choices:
            outcome.metrics["eval_sense_accuracy"] = self.sense_accuracy()
        return outcome

    def sense_accuracy(self) -> float:
        """Return the share of validation choices whose right candidate is the likeliest.

        Where the data has no choices: of answers each of whose tokens is the likeliest one.
        """
        model = self.accelerator.unwrap_model(self.model).eval()
        scored = log_likelihoods(model, [row for choice in self._rows.choices for row in choice], self._pad)
        right, at = 0, 0
        for choice in self._rows.choices:
            own, *others = scored[at : at + len(choice)]
            right += own.greedy if not others else own.total > max(each.total for each in others)
            at += len(choice)
        return right / len(self._rows.choices)

    def probe_loss(self) -> float:
        """Return the mean loss a token of the answers of a few fixed samples, without dropout."""
        model = self.accelerator.unwrap_model(self.model)
        was_training = model.training
        rows = []
        for row in self._rows.train[:_PROBED]:
            # A plain text counts from its first token on, but nothing stands before that one.
            start = max(1, next(at for at, label in enumerate(row.labels) if label != IGNORED))
            rows.append((row.input_ids[:start], row.input_ids[start:]))
        scored = log_likelihoods(model.eval(), rows, self._pad)
        model.train(was_training)
        return -sum(each.total for each in scored) / sum(each.tokens for each in scored)

    @property
    def _pad(self) -> int:
        tokenizer: Any = self.processing_class
        return int(tokenizer.pad_token_id)


@contextmanager
def _labelled_only() -> Iterator[None]:
    """Let trl leave out the positions without a label, which it does by itself only where Triton is.

    It scores them all elsewhere, because some compilers want one shape; a CPU does not, and four fifths of our tokens
    are the prompt's. Loss and gradients are the same. Where trl no longer has this switch, nothing is changed.
    """
    before = getattr(trl_utils, _SWITCH, None)
    if before is None:
        yield
        return
    setattr(trl_utils, _SWITCH, lambda device: device.type == "cpu" or before(device))
    try:
        yield
    finally:
        setattr(trl_utils, _SWITCH, before)


def make_trainer(
    job: JobFolder, recipe: Recipe, rung: Rung, model: Any, tokenizer: Any, rows: Rows
) -> TermTrainer:
    """Put a trainer together for one rung of the memory ladder."""
    lengths = [len(row.input_ids) for row in rows.train]
    order = EpochSampler(
        lengths,
        rung.batch_size * rung.accumulation * processes(),
        recipe.training.seed,
        grouped=recipe.training.group_by_length,
    )
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    trainer = TermTrainer(
        order,
        rows,
        model=model,
        args=arguments(job, recipe, rung, total_steps(len(rows.train), recipe, rung)),
        train_dataset=_dataset(rows.train),
        eval_dataset=_dataset(rows.validation) if rows.validation else None,
        processing_class=tokenizer,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


class Rows:
    """What a training needs of the data, as ids."""

    def __init__(
        self, train: Sequence[Encoded], validation: Sequence[Encoded], choices: Sequence[Choice]
    ) -> None:
        self.train, self.validation, self.choices = train, validation, choices


def total_steps(samples: int, recipe: Recipe, rung: Rung) -> int:
    """Return the number of optimizer steps, the same on every rung since the effective batch is."""
    effective = rung.batch_size * rung.accumulation * processes()
    return max(1, round(recipe.training.epochs * -(-samples // effective)))


def arguments(job: JobFolder, recipe: Recipe, rung: Rung, steps: int) -> SFTConfig:
    """Return trl's arguments with every default that matters spelt out, since they move between versions."""
    part, device = recipe.training, chosen_device(recipe.model)
    evaluates = recipe.evaluation.steps > 0
    args = SFTConfig(
        output_dir=str(job.checkpoints_folder),
        max_steps=steps,
        per_device_train_batch_size=rung.batch_size,
        per_device_eval_batch_size=max(8, rung.batch_size),
        gradient_accumulation_steps=rung.accumulation,
        learning_rate=part.learning_rate,
        warmup_steps=part.warmup_steps or round(part.warmup_ratio * steps),
        lr_scheduler_type=part.scheduler,
        weight_decay=part.weight_decay,
        max_grad_norm=part.max_grad_norm,
        optim="adamw_torch",
        seed=part.seed,
        data_seed=part.seed,
        gradient_checkpointing=rung.gradient_checkpointing,
        gradient_checkpointing_kwargs={"use_reentrant": False} if rung.gradient_checkpointing else None,
        use_cpu=device == "cpu",
        **_precision(recipe, device),
        logging_strategy="steps",
        logging_steps=part.logging_steps,
        eval_strategy="steps" if evaluates else "no",
        eval_steps=recipe.evaluation.steps or None,
        prediction_loss_only=True,
        save_strategy="steps" if part.save_steps else "epoch",
        save_steps=part.save_steps or 500,
        save_total_limit=None,
        load_best_model_at_end=False,
        report_to=["tensorboard"] if find_spec("tensorboard") or find_spec("tensorboardX") else "none",
        disable_tqdm=True,
        max_length=None,
        packing=False,
        dataset_kwargs={"skip_prepare_dataset": True},
        dataloader_pin_memory=device == "cuda",
        # Every weight of the adapter takes part in every step.
        ddp_find_unused_parameters=False,
        remove_unused_columns=True,
    )
    # Without a launcher one process drives one GPU, however many there are; trl refuses the old DataParallel.
    args._n_gpu = min(args.n_gpu, 1)
    return args


def _precision(recipe: Recipe, device: str) -> dict[str, Any]:
    """Mixed precision where the weights are of half size: gradients and the adapter stay in float32."""
    import torch

    dtype = chosen_dtype(recipe.model, device)
    return {"bf16": dtype == torch.bfloat16, "fp16": dtype == torch.float16 and device == "cuda"}


def _dataset(rows: Sequence[Encoded]) -> Dataset:
    return Dataset.from_dict(
        {"input_ids": [row.input_ids for row in rows], "labels": [row.labels for row in rows]}
    )
