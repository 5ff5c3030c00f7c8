"""Recipes: everything about a training in one TOML file, as frozen sections with their ranges."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


def _limited(default: Any, low: float, high: float) -> Any:
    return field(default=default, metadata={"low": low, "high": high})


def _one_of(default: str, *allowed: str) -> Any:
    return field(default=default, metadata={"allowed": allowed})


@dataclass(frozen=True, slots=True)
class ModelPart:
    """The base model: a folder or a hub name.

    `template` and `end_token` are `auto` (the base's own); anything else is a claim that the check holds the base to.
    """

    base: str
    template: str = _one_of("auto", "auto", "qwen", "deepseek-r1", "llama3")
    end_token: str = "auto"  # noqa: S105 (a token of the template)
    quantization: str = _one_of("none", "none", "4bit")
    dtype: str = _one_of("auto", "auto", "float32", "bfloat16", "float16")
    device: str = _one_of("auto", "auto", "cpu", "cuda")


@dataclass(frozen=True, slots=True)
class DataPart:
    """The data: a dataset version's folder, or files of samples; `max_length` in tokens.

    `kinds` are the kinds of the version's samples that are trained and validated on, all where it is empty.
    `replay` names files of general samples; `replay_share` of them, counted against the training samples, is mixed in.
    """

    version: str = ""
    kinds: tuple[str, ...] = ()
    train: tuple[str, ...] = ()
    validation: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    replay: tuple[str, ...] = ()
    replay_share: float = _limited(0.2, 0.0, 10.0)
    max_length: int = _limited(512, 16, 131_072)


@dataclass(frozen=True, slots=True)
class LoraPart:
    """The adapter; `targets` are module names, or `all-linear` alone."""

    rank: int = _limited(16, 1, 1024)
    alpha: float = _limited(32.0, 0.001, 4096.0)
    dropout: float = _limited(0.05, 0.0, 0.9)
    targets: tuple[str, ...] = ("all-linear",)
    rslora: bool = False


@dataclass(frozen=True, slots=True)
class TrainingPart:
    """The training; the effective batch is `batch_size` times `accumulation`, which several `processes` share.

    `warmup_steps` counts optimizer steps; where it is 0, `warmup_ratio` is that share of all steps. `save_steps` 0
    saves at the end of each epoch only. `early_stopping_patience` counts evaluations without a gain; 0 is off.
    """

    epochs: float = _limited(3.0, 0.01, 10_000.0)
    batch_size: int = _limited(4, 1, 4096)
    accumulation: int = _limited(4, 1, 4096)
    learning_rate: float = _limited(2e-4, 1e-8, 1.0)
    warmup_steps: int = _limited(0, 0, 1_000_000)
    warmup_ratio: float = _limited(0.03, 0.0, 1.0)
    scheduler: str = _one_of("cosine", "cosine", "linear", "constant", "constant_with_warmup")
    weight_decay: float = _limited(0.0, 0.0, 1.0)
    max_grad_norm: float = _limited(1.0, 0.0, 1000.0)
    seed: int = _limited(42, 0, 2**32 - 1)
    gradient_checkpointing: bool = False
    group_by_length: bool = True
    early_stopping_patience: int = _limited(0, 0, 10_000)
    save_steps: int = _limited(50, 0, 1_000_000)
    processes: int = _limited(1, 1, 64)
    keep_checkpoints: int = _limited(3, 1, 1000)
    logging_steps: int = _limited(10, 1, 1_000_000)


@dataclass(frozen=True, slots=True)
class EvaluationPart:
    """The evaluations during training: every `steps` optimizer steps (0: never), on at most `max_samples`.

    The best checkpoint by `metric` becomes the adapter; with `none` it is the last one.
    """

    steps: int = _limited(50, 0, 1_000_000)
    metric: str = _one_of("sense_accuracy", "sense_accuracy", "token_accuracy", "loss", "none")
    greater_is_better: bool = True
    max_samples: int = _limited(200, 1, 1_000_000)


@dataclass(frozen=True, slots=True)
class OutputPart:
    """Where the job writes; empty for a folder of the recipe's name in the data directory."""

    folder: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole recipe; paths are absolute once it is loaded from a file."""

    name: str
    model: ModelPart
    data: DataPart = DataPart()
    lora: LoraPart = LoraPart()
    training: TrainingPart = TrainingPart()
    evaluation: EvaluationPart = EvaluationPart()
    output: OutputPart = OutputPart()


PARTS: dict[str, type[Any]] = {
    "model": ModelPart,
    "data": DataPart,
    "lora": LoraPart,
    "training": TrainingPart,
    "evaluation": EvaluationPart,
    "output": OutputPart,
}


def recipe_hash(recipe: Recipe) -> str:
    """Return SHA-256 over all that shapes the training: not the name, the output folder or which data it is.

    The data has a hash of its own.
    """
    parts = asdict(recipe)
    for left_out in ("name", "output"):
        del parts[left_out]
    # The same is learnt by one or by several.
    del parts["training"]["processes"]
    for place in ("version", "kinds", "train", "validation", "held_out", "replay"):
        del parts["data"][place]
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def to_toml(recipe: Recipe) -> str:
    """Return the recipe as a TOML file that `load_recipe` reads back equal."""
    lines = [f"name = {_value(recipe.name)}"]
    for name in PARTS:
        part = getattr(recipe, name)
        lines += ["", f"[{name}]"]
        lines += [f"{each.name} = {_value(getattr(part, each.name))}" for each in fields(part)]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{_listed(value)}]"
    # A JSON string, number or boolean is also TOML's, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _listed(values: Iterable[Any]) -> str:
    return ", ".join(_value(each) for each in values)
