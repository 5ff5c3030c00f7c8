"""Loads the base model for training and puts a fresh LoRA adapter on it, quantised where the recipe says so."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from finetune.errors import TrainingSetupError
from terminology.base_model import check_folder, device_of, dtype_of, load_tokenizer
from terminology.errors import TermModelError

if TYPE_CHECKING:
    from finetune.ladder import Rung
    from finetune.recipe import LoraPart, ModelPart, Recipe

_FINETUNE = ("trl", "peft", "accelerate")


def check_installed(part: ModelPart) -> None:
    """Raise TrainingSetupError where a library that the recipe needs is not installed."""
    missing = [name for name in _FINETUNE if find_spec(name) is None]
    if missing:
        raise TrainingSetupError(
            f"{', '.join(missing)} is not installed.", "Install the extra: `pip install termroute[finetune]`."
        )
    if part.quantization == "4bit" and find_spec("bitsandbytes") is None:
        raise TrainingSetupError(
            'model.quantization = "4bit" needs bitsandbytes, which is not installed.',
            "Run `pip install bitsandbytes` on a machine with an NVIDIA GPU, or set it to none.",
        )


def chosen_device(part: ModelPart) -> str:
    """Return `cpu` or `cuda`. Raises TrainingSetupError where the machine has not what the recipe asks for."""
    try:
        device = device_of(part.device)
    except TermModelError as error:
        raise TrainingSetupError(str(error), "Set model.device to auto or cpu.") from error
    if part.quantization == "4bit" and device != "cuda":
        raise TrainingSetupError(
            "4-bit training needs an NVIDIA GPU and there is none.", "Set model.quantization to none."
        )
    return device


def chosen_dtype(part: ModelPart, device: str) -> Any:
    """Return the precision of the base's weights: the recipe's, or the best that the device supports."""
    import torch

    if part.dtype == "auto":
        return dtype_of(device)
    if part.dtype == "bfloat16" and device == "cuda" and not torch.cuda.is_bf16_supported():
        raise TrainingSetupError("This GPU has no bfloat16.", "Set model.dtype to auto or float16.")
    if part.dtype == "float16" and device == "cpu":
        raise TrainingSetupError(
            "float16 does not train on a CPU.", "Set model.dtype to auto, float32 or bfloat16."
        )
    return getattr(torch, part.dtype)


def tokenizer_of(part: ModelPart) -> Any:
    """Return the base's tokenizer. Raises TrainingSetupError."""
    try:
        return load_tokenizer(part.base)
    except TermModelError as error:
        raise TrainingSetupError(str(error), "Check model.base.") from error


def dressed_model(recipe: Recipe, rung: Rung) -> Any:
    """Return the base model with a fresh adapter (drawn from the recipe's seed). Raises TrainingSetupError."""
    import peft
    from transformers import AutoModelForCausalLM, set_seed

    part = recipe.model
    device = chosen_device(part)
    options: dict[str, Any] = {"dtype": chosen_dtype(part, device), "use_safetensors": True}
    if device == "cpu":
        # Measured: the fused attention's backward pass on a CPU takes twice as long as the plain one.
        options["attn_implementation"] = "eager"
    if part.quantization == "4bit":
        options |= {"quantization_config": _four_bits(), "device_map": {"": _local_gpu()}}
    try:
        check_folder(part.base)
        model = AutoModelForCausalLM.from_pretrained(part.base, **options)
    except TermModelError as error:
        raise TrainingSetupError(str(error), "Check model.base.") from error
    except (OSError, ValueError) as error:
        raise TrainingSetupError(
            f"The base {part.base} cannot be loaded: {error}", "Check model.base."
        ) from error
    if part.quantization == "4bit":
        prepare: Any = peft.prepare_model_for_kbit_training
        model = prepare(model, use_gradient_checkpointing=rung.gradient_checkpointing)
    set_seed(recipe.training.seed)
    try:
        return peft.get_peft_model(model, lora_config(recipe.lora))
    except ValueError as error:
        raise TrainingSetupError(str(error), "Check lora.targets against the base's module names.") from error


def lora_config(part: LoraPart) -> Any:
    """Return peft's configuration of an adapter; rank-stabilised scaling is alpha / sqrt(rank) (Kalajdzievski, 2023)."""
    from peft import LoraConfig

    targets: str | list[str] = list(part.targets)
    # peft says int and computes with any number.
    alpha: Any = int(part.alpha) if part.alpha == int(part.alpha) else part.alpha
    return LoraConfig(
        r=part.rank,
        lora_alpha=alpha,
        lora_dropout=part.dropout,
        target_modules="all-linear" if targets == ["all-linear"] else targets,
        use_rslora=part.rslora,
        task_type="CAUSAL_LM",
    )


def _four_bits() -> Any:
    """Return QLoRA's quantisation: NormalFloat4 with double quantisation (Dettmers and others, 2023)."""
    import torch
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16,
    )


def _local_gpu() -> int:
    """Return the GPU of this process, which accelerate sets for each of several."""
    from accelerate import PartialState

    return int(PartialState().local_process_index)
