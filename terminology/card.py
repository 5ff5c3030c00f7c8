"""What is known about a terminology model: a small file `termroute.json` beside its weights."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

CARD = "termroute.json"


@dataclass(frozen=True, slots=True)
class ModelCard:
    """How good a base model or an adapter was found to be at choosing senses.

    `sense_accuracy` (0 to 1) was measured on `measured_on`, with candidates, among `choices` of them on average. The
    defaults stand for a model that nobody measured. `demonstration`: it is there to show the road, not for work.
    """

    name: str = ""
    sense_accuracy: float = 0.65
    choices: float = 2.0
    measured_on: str = ""
    demonstration: bool = False


def read_card(folder: str | Path | None) -> ModelCard | None:
    """Return the card in a folder, or None where there is none that can be read."""
    try:
        content = json.loads((Path(folder or "") / CARD).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(content, dict):
        return None
    known: dict[str, Any] = {}
    for each in fields(ModelCard):
        default = each.default
        value = content.get(each.name, default)
        # A number may be written without a point; a bool is no number.
        if isinstance(value, type(default)) or (isinstance(default, float) and type(value) is int):
            known[each.name] = value
    return ModelCard(**known)


def write_card(folder: Path, card: ModelCard) -> None:
    """Write the card beside the weights, replacing an older one at once."""
    aside = folder / f"{CARD}.tmp"
    aside.write_text(json.dumps(asdict(card), ensure_ascii=False, indent=1) + "\n", "utf-8")
    aside.replace(folder / CARD)
