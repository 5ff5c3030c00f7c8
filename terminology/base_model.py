"""Loads a base language model and its tokenizer from a folder or the hub, on the device and in the precision at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from terminology.errors import TermModelError


def device_of(wanted: str) -> str:
    """Return `cuda` or `cpu` for auto, cpu or cuda. Raises TermModelError for cuda on a machine without."""
    import torch

    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if wanted == "cuda" and not torch.cuda.is_available():
        raise TermModelError("on cuda", "finds no GPU that this torch can use; set the device to auto or cpu")
    return wanted


def dtype_of(device: str) -> Any:
    """Return the precision for a device: bfloat16 where the GPU has it, float16 on older ones, float32 on a CPU."""
    import torch

    if device == "cpu":
        return torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


def load_tokenizer(name: str) -> Any:
    """Return the tokenizer of a base model. Raises TermModelError."""
    from transformers import AutoTokenizer

    check_folder(name)
    try:
        return AutoTokenizer.from_pretrained(name)
    except (OSError, ValueError, KeyError) as error:
        raise TermModelError(name, f"has no readable tokenizer ({_first_line(error)})") from error


def load_base(name: str, wanted_device: str) -> tuple[Any, Any]:
    """Return the tokenizer and the model, ready for inference. Raises TermModelError."""
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM
    from transformers.utils.logging import disable_progress_bar

    # It would stand between the answers of a command.
    disable_progress_bar()
    device = device_of(wanted_device)
    tokenizer = load_tokenizer(name)
    try:
        model: Any = AutoModelForCausalLM.from_pretrained(name, dtype=dtype_of(device), use_safetensors=True)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise TermModelError(name, f"cannot be loaded ({_first_line(error)})") from error
    return tokenizer, model.to(device).eval()


def check_folder(name: str) -> None:
    """Raise TermModelError where `name` looks like a folder and is none, or holds no model."""
    folder = Path(name).expanduser()
    looks_like_path = name.startswith((".", "/", "~")) or folder.exists()
    if looks_like_path and not (folder / "config.json").is_file():
        raise TermModelError(name, "is not a folder with a model (config.json is missing)")


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
