"""Understands the argument names of LLaMA-Factory recipes and translates them, saying so."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from finetune.recipe import PARTS
from finetune.types import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

Tables = dict[str, Any]

# Old name: our key. Values that need more than the new name stand in `_VALUES`.
NAMES: dict[str, str] = {
    "model_name_or_path": "model.base",
    "template": "model.template",
    "quantization_bit": "model.quantization",
    "bf16": "model.dtype",
    "fp16": "model.dtype",
    "dataset": "data.train",
    "eval_dataset": "data.validation",
    "cutoff_len": "data.max_length",
    "lora_rank": "lora.rank",
    "lora_alpha": "lora.alpha",
    "lora_dropout": "lora.dropout",
    "lora_target": "lora.targets",
    "use_rslora": "lora.rslora",
    "per_device_train_batch_size": "training.batch_size",
    "gradient_accumulation_steps": "training.accumulation",
    "learning_rate": "training.learning_rate",
    "num_train_epochs": "training.epochs",
    "lr_scheduler_type": "training.scheduler",
    "warmup_ratio": "training.warmup_ratio",
    "warmup_steps": "training.warmup_steps",
    "weight_decay": "training.weight_decay",
    "max_grad_norm": "training.max_grad_norm",
    "seed": "training.seed",
    "gradient_checkpointing": "training.gradient_checkpointing",
    "group_by_length": "training.group_by_length",
    "early_stopping_steps": "training.early_stopping_patience",
    "save_steps": "training.save_steps",
    "save_total_limit": "training.keep_checkpoints",
    "logging_steps": "training.logging_steps",
    "eval_steps": "evaluation.steps",
    "metric_for_best_model": "evaluation.metric",
    "greater_is_better": "evaluation.greater_is_better",
    "output_dir": "output.folder",
}
# Old name: why it is not needed here.
_DROPPED: dict[str, str] = {
    "do_train": "a recipe always trains",
    "do_eval": "evaluation.steps says whether and when",
    "stage": "this trains supervised only",
    "finetuning_type": "this trains LoRA adapters only",
    "overwrite_output_dir": "starting where results exist asks what to do, every time",
    "overwrite_cache": "there is no cache",
    "resume_from_checkpoint": "`termroute jobs resume` verifies the checkpoint first",
    "plot_loss": "the curves are always drawn",
    "preprocessing_num_workers": "encoding takes seconds",
    "dataloader_num_workers": "the samples are in memory",
    "dataset_dir": "paths count from the recipe's folder",
    "report_to": "TensorBoard files are always written",
    "trust_remote_code": "code of a model's author is never run",
    "load_best_model_at_end": "evaluation.metric says which checkpoint becomes the adapter",
    "save_strategy": "training.save_steps says when",
    "logging_strategy": "training.logging_steps says when",
    "ddp_timeout": "accelerate's own is used",
    "flash_attn": "the fastest attention that the machine has is used",
    "val_size": "validation is split by group when the data is built, so that nothing leaks",
    "max_samples": "build a smaller dataset version instead",
    "save_only_model": "every checkpoint can be resumed",
}
_NOT_HERE = {("stage", "sft"), ("finetuning_type", "lora")}
_OURS = frozenset(each.name for part in PARTS.values() for each in fields(part))
_TEMPLATES = {"deepseek3": "deepseek-r1", "deepseekr1": "deepseek-r1", "qwen2": "qwen", "qwen2_5": "qwen"}


def translate(tables: Tables) -> tuple[Tables, list[Finding]]:
    """Return `tables` with old names replaced by ours, and a finding of severity `note` for each.

    An old name is understood at the top level and in any section where it is not one of ours. A key given in both
    ways is an error.
    """
    ours = {key: dict(value) for key, value in tables.items() if isinstance(value, dict)}
    result: Tables = {key: value for key, value in tables.items() if not isinstance(value, dict)} | ours
    findings: list[Finding] = []
    for old, value in [(key, value) for key, value in result.items() if not isinstance(value, dict)]:
        if _is_old(old):
            del result[old]
            findings += _move(result, old, value)
    for section in list(ours):
        for old, value in list(result[section].items()):
            # A name that we use too is no old name; in the wrong section it is a mistake.
            if _is_old(old) and old not in _OURS:
                del result[section][old]
                findings += _move(result, old, value)
    return result, findings


def _is_old(name: str) -> bool:
    return name in NAMES or name in _DROPPED or name in ("eval_strategy", "evaluation_strategy")


def _move(tables: Tables, old: str, value: Any) -> list[Finding]:
    if old in _DROPPED:
        return [_drop(old, value)]
    if old in ("eval_strategy", "evaluation_strategy"):
        return _strategy(tables, old, value)
    new = NAMES[old]
    section, key = new.split(".")
    part = tables.setdefault(section, {})
    if not isinstance(part, dict):
        return []
    translated = _VALUES.get(old, _same)(value)
    if translated is None:
        return [Finding(old, f"{value!r} has no counterpart here and is left out.", "", "note")]
    if key in part and part[key] != translated:
        return [Finding(old, f"is LLaMA-Factory's name of {new}, which is given too.", f"Keep {new} only.")]
    part[key] = translated
    return [Finding(old, f"is LLaMA-Factory's name; read as {new} = {translated!r}.", "", "note")]


def _drop(old: str, value: Any) -> Finding:
    if old in ("stage", "finetuning_type") and (old, value) not in _NOT_HERE:
        return Finding(
            old, f"= {value!r} cannot be done here: {_DROPPED[old]}.", "Remove it to train LoRA (sft)."
        )
    return Finding(old, f"is LLaMA-Factory's name and is left out: {_DROPPED[old]}.", "", "note")


def _strategy(tables: Tables, old: str, value: Any) -> list[Finding]:
    if value == "no":
        tables.setdefault("evaluation", {}).setdefault("steps", 0)
        return [Finding(old, "is LLaMA-Factory's name; read as evaluation.steps = 0.", "", "note")]
    return [Finding(old, "is LLaMA-Factory's name and is left out: evaluation.steps says when.", "", "note")]


def _same(value: Any) -> Any:
    return value


def _quantization(value: Any) -> Any:
    return {4: "4bit", 0: "none", None: "none"}.get(value, f"{value}bit")


def _targets(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return ["all-linear"] if value == "all" else _comma_list(value)


def _comma_list(value: Any) -> Any:
    return [each.strip() for each in value.split(",") if each.strip()] if isinstance(value, str) else value


def _metric(value: Any) -> Any:
    return value.removeprefix("eval_") if isinstance(value, str) else value


def _template(value: Any) -> Any:
    return _TEMPLATES.get(value, value) if isinstance(value, str) else value


_VALUES: dict[str, Callable[[Any], Any]] = {
    "template": _template,
    "quantization_bit": _quantization,
    "bf16": lambda value: "bfloat16" if value is True else None,
    "fp16": lambda value: "float16" if value is True else None,
    "dataset": _comma_list,
    "eval_dataset": _comma_list,
    "lora_target": _targets,
    "metric_for_best_model": _metric,
}
