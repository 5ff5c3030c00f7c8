"""Takes a tuned model elsewhere: merged weights, a GGUF recipe with an Ollama Modelfile, and vLLM's adapter layout."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from finetune.base import FAMILIES
from finetune.errors import ExportError
from terminology.base_model import load_base
from terminology.errors import TermModelError
from terminology.model import add_adapter, check_adapter
from terminology.template import stop_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_CONFIG, _WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
# The ranks that vLLM's --max-lora-rank takes.
_VLLM_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
# How Ollama writes one turn, by family of chat templates; {end} ends the answer.
_TURNS = {
    "qwen": (
        "{{ if .System }}<|im_start|>system\n{{ .System }}<|im_end|>\n{{ end }}"
        "{{ if .Prompt }}<|im_start|>user\n{{ .Prompt }}<|im_end|>\n{{ end }}"
        "<|im_start|>assistant\n{{ .Response }}<|im_end|>\n"
    ),
    "deepseek-r1": (
        "{{ if .System }}{{ .System }}{{ end }}{{ if .Prompt }}<｜User｜>{{ .Prompt }}{{ end }}"
        "<｜Assistant｜>{thought}{{ .Response }}<｜end▁of▁sentence｜>"
    ),
    "llama3": (
        "{{ if .System }}<|start_header_id|>system<|end_header_id|>\n\n{{ .System }}<|eot_id|>{{ end }}"
        "{{ if .Prompt }}<|start_header_id|>user<|end_header_id|>\n\n{{ .Prompt }}<|eot_id|>{{ end }}"
        "<|start_header_id|>assistant<|end_header_id|>\n\n{{ .Response }}<|eot_id|>"
    ),
}


@dataclass(frozen=True, slots=True)
class Exported:
    """Where an export lies: the folder, and in it the merged model, the GGUF recipe and vLLM's adapter."""

    folder: Path
    merged: Path
    gguf: Path
    vllm: Path


def export(base: str, adapter: Path, folder: Path, name: str = "termroute-term-model") -> Exported:
    """Write every form of a tuned model into `folder`, which must be new or empty. Raises ExportError."""
    _refuse(adapter, folder)
    made = Exported(folder, folder / "merged", folder / "gguf", folder / "vllm")
    aside = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        tokenizer = _merge(base, adapter, aside / "merged")
        _write_gguf(aside / "gguf", tokenizer, name, _configured_stops(aside / "merged"))
        write_vllm(adapter, aside / "vllm", name, base)
    except TermModelError as error:
        shutil.rmtree(aside, ignore_errors=True)
        raise ExportError(adapter, str(error)) from error
    if folder.exists():
        folder.rmdir()
    aside.rename(folder)
    return made


def write_vllm(adapter: Path, folder: Path, name: str, base: str) -> None:
    """Write an adapter as vLLM reads it (as of 0.8: `r`, `lora_alpha`, `use_rslora`), and its command.

    The scaling is written out plainly, alpha times the root of the rank without the rank-stabilised flag, which gives
    the same factor alpha' / rank = alpha / sqrt(rank) in readers that do not know the flag (llama.cpp's converter).
    """
    config = _config(adapter)
    folder.mkdir(parents=True)
    (folder / _CONFIG).write_text(json.dumps(plain_scaling(config), indent=1) + "\n", "utf-8")
    shutil.copy2(adapter / _WEIGHTS, folder / _WEIGHTS)
    rank = next((each for each in _VLLM_RANKS if each >= int(config["r"])), _VLLM_RANKS[-1])
    command = f"vllm serve {base} --enable-lora --max-lora-rank {rank} --lora-modules {name}={folder.name}"
    (folder / "README.md").write_text(_text("vllm.md").replace("{command}", command), "utf-8")


def plain_scaling(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return an adapter's configuration whose alpha / rank is its scaling, rank-stabilised or not."""
    plain = dict(config)
    if plain.get("use_rslora"):
        plain["lora_alpha"] = plain["lora_alpha"] * math.sqrt(plain["r"])
        plain["use_rslora"] = False
    return plain


def modelfile(tokenizer: Any, stops: list[int], weights: str) -> str:
    """Return an Ollama Modelfile with the template and the stop tokens of a base model. Raises TermModelError."""
    family = next(
        (name for name, (mark, _) in FAMILIES.items() if mark in (tokenizer.chat_template or "")), None
    )
    if family is None:
        raise TermModelError(str(tokenizer.name_or_path), "has a chat template that Ollama's is not known for")
    thought = "<think>\n\n</think>\n\n" if "<think>" in tokenizer.chat_template else ""
    turns = _TURNS[family].replace("{thought}", thought)
    ends = [str(tokenizer.convert_ids_to_tokens(each)) for each in stops]
    lines = [f"FROM ./{weights}", f'TEMPLATE """{turns}"""']
    lines += [f'PARAMETER stop "{end}"' for end in ends]
    # The canonical answers are copied, not invented: the likeliest token each time, and no penalty for repeating.
    lines += ["PARAMETER temperature 0", "PARAMETER repeat_penalty 1.0", "PARAMETER num_predict 96"]
    return "\n".join(lines) + "\n"


def _refuse(adapter: Path, folder: Path) -> None:
    try:
        check_adapter(adapter)
    except TermModelError as error:
        raise ExportError(adapter, error.reason) from error
    if _config(adapter).get("use_dora"):
        raise ExportError(adapter, "it is a DoRA adapter, which neither llama.cpp nor vLLM reads.")
    if folder.exists() and any(folder.iterdir()):
        raise ExportError(adapter, f"{folder} is not empty; name a new folder.")


def _merge(base: str, adapter: Path, folder: Path) -> Any:
    """Merge the adapter into the base, in float32 where the device computes in it, and save it as safetensors."""
    tokenizer, model = load_base(base, "cpu")
    merged = add_adapter(model, adapter).merge_and_unload(safe_merge=True)
    stored = _stored_dtype(base)
    if stored is not None:
        merged = merged.to(stored)
    merged.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return tokenizer


def _stored_dtype(base: str) -> Any:
    """Return the precision that the base is kept in, None where it does not say."""
    import torch
    from transformers import AutoConfig

    stored = AutoConfig.from_pretrained(base).dtype
    return stored if stored in (torch.float32, torch.bfloat16, torch.float16) else None


def _configured_stops(merged: Path) -> Any:
    content = json.loads((merged / "config.json").read_text("utf-8"))
    return content.get("eos_token_id")


def _write_gguf(folder: Path, tokenizer: Any, name: str, configured: Any) -> None:
    folder.mkdir()
    stops = stop_tokens(tokenizer, configured)
    (folder / "Modelfile").write_text(modelfile(tokenizer, stops, f"{name}-q4_k_m.gguf"), "utf-8")
    for source, target in (("gguf.sh.txt", "convert.sh"), ("gguf.md", "README.md")):
        (folder / target).write_text(_text(source).replace("{name}", name), "utf-8")
    (folder / "convert.sh").chmod(0o755)


def _config(adapter: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((adapter / _CONFIG).read_text("utf-8"))
    return content


def _text(name: str) -> str:
    return resources.files("finetune.exports").joinpath(name).read_text("utf-8")
