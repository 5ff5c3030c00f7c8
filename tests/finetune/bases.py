"""Folders that look like base models: small files and empty weights, enough for everything that reads before loading."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path
from typing import Any

QWEN = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
DEEPSEEK = "<｜User｜>{{ messages[0].content }}<｜Assistant｜>{{ messages[1].content }}<｜end▁of▁sentence｜>"
QWEN_END, DEEPSEEK_END = "<|im_end|>", "<｜end▁of▁sentence｜>"


def make_base(folder: Path, template: str | None = QWEN, end: str = QWEN_END, **config: Any) -> Path:
    """Write a Qwen2-like base of two layers into `folder`."""
    folder.mkdir(parents=True)
    hidden = config.get("hidden_size", 8)
    settings = {
        "model_type": "qwen2",
        "hidden_size": hidden,
        "num_hidden_layers": 2,
        "intermediate_size": 2 * hidden,
        "vocab_size": 32,
        "max_position_embeddings": 1024,
        "eos_token_id": 3,
    } | config
    (folder / "config.json").write_text(json.dumps(settings))
    tokenizer = {
        "eos_token": end,
        "added_tokens_decoder": {"3": {"content": end}, "4": {"content": "<|im_start|>"}},
    }
    if template is not None:
        tokenizer["chat_template"] = template
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer))
    write_weights(folder / "model.safetensors", shapes_of(settings))
    return folder


def shapes_of(config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    hidden, wide = config["hidden_size"], config["intermediate_size"]
    shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (config["vocab_size"], hidden)}
    for layer in range(config["num_hidden_layers"]):
        at = f"model.layers.{layer}"
        shapes |= {f"{at}.self_attn.{name}_proj.weight": (hidden, hidden) for name in "qkvo"}
        shapes |= {f"{at}.mlp.{name}_proj.weight": (wide, hidden) for name in ("gate", "up")}
        shapes |= {f"{at}.mlp.down_proj.weight": (hidden, wide), f"{at}.input_layernorm.weight": (hidden,)}
    return shapes


def write_weights(file: Path, shapes: dict[str, tuple[int, ...]], width: int = 4) -> None:
    """Write a sparse safetensors file: a right header, and zeros that take no room on the disk."""
    header: dict[str, Any] = {}
    at = 0
    for name, shape in shapes.items():
        size = math.prod(shape) * width
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    with file.open("wb") as stream:
        stream.write(struct.pack("<Q", len(text)) + text)
        stream.truncate(8 + len(text) + at)
