"""Reads what a local base model says about itself, from its small files and the headers of its weights."""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# What tells a family of chat templates, and what ends its turns.
FAMILIES: dict[str, tuple[str, str]] = {
    "deepseek-r1": ("<｜Assistant｜>", "<｜end▁of▁sentence｜>"),
    "llama3": ("<|start_header_id|>", "<|eot_id|>"),
    "qwen": ("<|im_start|>", "<|im_end|>"),
}
_BYTES = {"F64": 8, "F32": 4, "BF16": 2, "F16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1}
_LONGEST_HEADER = 100_000_000


@dataclass(frozen=True, slots=True)
class Base:
    """A base model on this machine.

    `shapes` has each weight's name and shape, `bytes` the size of all weights. `end_tokens` are the texts of the tokens
    that end its answers, `template` its chat template ("" for none), `tokens` its special tokens.
    """

    path: Path
    config: Mapping[str, Any] = field(hash=False)
    shapes: Mapping[str, tuple[int, ...]] = field(hash=False)
    bytes: int
    end_tokens: tuple[str, ...] = ()
    template: str = ""
    tokens: tuple[str, ...] = ()

    @property
    def parameters(self) -> int:
        """The number of parameters."""
        return sum(_product(shape) for shape in self.shapes.values())

    @property
    def family(self) -> str | None:
        """The family of its chat template, None for one that is not known."""
        return next((name for name, (mark, _) in FAMILIES.items() if mark in self.template), None)

    def number(self, key: str, otherwise: int = 0) -> int:
        """Return a whole number of its configuration."""
        value = self.config.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


class UnreadableBaseError(Exception):
    """Why a folder cannot be read as a base model; the check turns it into a finding."""


def read_base(folder: Path) -> Base:
    """Read a base model's folder without loading it. Raises UnreadableBaseError."""
    if (folder / "adapter_config.json").exists():
        raise UnreadableBaseError("is a LoRA adapter, not a base model")
    if not (folder / "config.json").exists():
        raise UnreadableBaseError("has no config.json")
    config = _json(folder / "config.json")
    shapes: dict[str, tuple[int, ...]] = {}
    size = 0
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        pickled = any(folder.glob("*.bin"))
        raise UnreadableBaseError(
            "has its weights as pickle (.bin) only, which runs code when loaded"
            if pickled
            else "has no weights"
        )
    for file in files:
        found, stored = _header(file)
        shapes |= found
        size += stored
    tokenizer = _json(folder / "tokenizer_config.json")
    texts = _special_tokens(folder, tokenizer)
    return Base(
        folder,
        config,
        shapes,
        size,
        _end_tokens(config, _json(folder / "generation_config.json"), tokenizer, texts),
        _template(folder, tokenizer),
        tuple(texts.values()),
    )


def _json(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    try:
        content = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableBaseError(f"has a damaged {file.name}") from error
    return content if isinstance(content, dict) else {}


def _header(file: Path) -> tuple[dict[str, tuple[int, ...]], int]:
    """Read names and shapes from a safetensors file: eight bytes of length, then JSON (the format's own document)."""
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > _LONGEST_HEADER:
                raise ValueError(length)
            header = json.loads(stream.read(length))
        tensors = {name: value for name, value in header.items() if name != "__metadata__"}
        shapes = {name: tuple(map(int, value["shape"])) for name, value in tensors.items()}
        size = sum(_product(shapes[name]) * _BYTES.get(value["dtype"], 1) for name, value in tensors.items())
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        raise UnreadableBaseError(f"has a damaged {file.name}") from error
    if file.stat().st_size < size + length + 8:
        raise UnreadableBaseError(f"has a truncated {file.name}")
    return shapes, size


def _special_tokens(folder: Path, tokenizer: Mapping[str, Any]) -> dict[int, str]:
    """Return the added tokens by id, from the tokenizer's configuration or the head of `tokenizer.json`."""
    listed = tokenizer.get("added_tokens_decoder")
    if isinstance(listed, dict) and listed:
        return {int(number): str(_text(each)) for number, each in listed.items() if number.isdigit()}
    file = folder / "tokenizer.json"
    if not file.exists():
        return {}
    content = file.read_text("utf-8")
    # The vocabulary below is megabytes; only the list of added tokens is wanted.
    found = re.search(r'"added_tokens"\s*:\s*', content)
    if found is None:
        return {}
    try:
        added, _ = json.JSONDecoder().raw_decode(content, found.end())
        return {int(each["id"]): str(each["content"]) for each in added}
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableBaseError("has a damaged tokenizer.json") from error


def _end_tokens(
    config: Mapping[str, Any],
    generation: Mapping[str, Any],
    tokenizer: Mapping[str, Any],
    texts: dict[int, str],
) -> tuple[str, ...]:
    found = [_text(tokenizer.get("eos_token"))]
    for source in (generation, config):
        numbers = source.get("eos_token_id")
        found += [
            texts.get(int(each))
            for each in (numbers if isinstance(numbers, list) else [numbers])
            if each is not None
        ]
        if numbers is not None:
            break
    return tuple(dict.fromkeys(each for each in found if each))


def _template(folder: Path, tokenizer: Mapping[str, Any]) -> str:
    file = folder / "chat_template.jinja"
    if file.exists():
        return file.read_text("utf-8")
    template = tokenizer.get("chat_template")
    if isinstance(template, list):
        template = next((each.get("template") for each in template if each.get("name") == "default"), None)
    return template if isinstance(template, str) else ""


def _text(token: Any) -> str | None:
    """Return the text of a token that is written as a text or as an object."""
    content = token.get("content") if isinstance(token, dict) else token
    return content if isinstance(content, str) else None


def _product(shape: tuple[int, ...]) -> int:
    product = 1
    for each in shape:
        product *= each
    return product
