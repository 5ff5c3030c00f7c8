"""How the figures are written down."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results"
PACKAGES = ("torch", "transformers", "trl", "peft")


def spread(values: Sequence[float], form: str = ",.0f") -> str:
    """Return the median, and the lowest and highest value."""
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def write(folder: Path, name: str, report: Mapping[str, Any], page: str) -> None:
    """Write the figures as JSON and as a page to read."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    (folder / f"{name}.json").write_text(text, "utf-8")
    (folder / f"{name}.md").write_text(page, "utf-8")
