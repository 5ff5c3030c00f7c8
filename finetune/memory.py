"""Estimates what a training needs: memory of the device and room on the disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from finetune.base import Base
    from finetune.recipe import Recipe

# NF4 with double quantisation takes 4.127 bits a weight (QLoRA, Dettmers and others, 2023).
_NF4 = 4.127 / 8
# Weights, gradients and Adam's two moments of the adapter, in float32.
_ADAPTER = 16
_SAVED = 12
# Values kept per token, layer and hidden unit, attention scores not counted (Korthikanti and others, 2022).
_KEPT = 17
_RUNTIME = 600 * 2**20
_WIDTH = {"float32": 4, "bfloat16": 2, "float16": 2}


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a training needs, in bytes: at most, with every sample of the greatest length."""

    weights: int
    adapter: int
    activations: int
    disk: int

    @property
    def memory(self) -> int:
        """All that the device must hold."""
        return self.weights + self.adapter + self.activations


def estimate(base: Base, recipe: Recipe, *, smallest: bool = False) -> Estimate:
    """Estimate the needs of `recipe` on `base`; with `smallest`, after every step that saves memory was taken."""
    width = _WIDTH.get(recipe.model.dtype) or max(2, round(base.bytes / max(base.parameters, 1)))
    adapter = adapter_parameters(base, recipe)
    weights = base.parameters * width
    if recipe.model.quantization == "4bit":
        linear = sum(rows * columns for rows, columns in linear_layers(base).values())
        weights = round(linear * _NF4) + (base.parameters - linear) * width
    on_gpu = recipe.model.device != "cpu"
    return Estimate(
        weights + (_RUNTIME if on_gpu else 0),
        adapter * _ADAPTER,
        _activations(base, recipe, width, smallest=smallest),
        (recipe.training.keep_checkpoints + 2) * adapter * _SAVED + 50 * 2**20,
    )


def adapter_parameters(base: Base, recipe: Recipe) -> int:
    """Return how many parameters LoRA adds: rank times (rows + columns) for each layer that it is put on."""
    chosen = recipe.lora.targets
    layers = {
        name: shape
        for name, shape in linear_layers(base).items()
        if chosen == ("all-linear",) or name.split(".")[-2] in chosen or name.removesuffix(".weight") in chosen
    }
    return sum(recipe.lora.rank * (rows + columns) for rows, columns in layers.values())


def linear_layers(base: Base) -> dict[str, tuple[int, int]]:
    """Return the linear layers of the body with their shapes: no embeddings, no output head."""
    found: dict[str, tuple[int, int]] = {}
    for name, shape in base.shapes.items():
        outside = "embed" in name or name.split(".")[-2:-1] in (["lm_head"], ["wte"], ["wpe"])
        if len(shape) == 2 and name.endswith(".weight") and "." in name[:-7] and not outside:
            found[name] = (shape[0], shape[1])
    return found


def _activations(base: Base, recipe: Recipe, width: int, *, smallest: bool) -> int:
    training = recipe.training
    tokens = recipe.data.max_length * (1 if smallest else training.batch_size)
    hidden, layers = base.number("hidden_size", 1), base.number("num_hidden_layers", 1)
    # A gated feed-forward part wider than the usual four times keeps more.
    wide = max(1.0, base.number("intermediate_size", 4 * hidden) / (4 * hidden))
    layer = round(tokens * hidden * _KEPT * width * wide)
    kept = (
        tokens * hidden * width * layers + layer
        if smallest or training.gradient_checkpointing
        else layer * layers
    )
    # Logits in the model's width, once more in float32, and their gradient.
    return kept + tokens * base.number("vocab_size") * (width + 8)
