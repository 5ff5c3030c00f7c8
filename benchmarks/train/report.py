"""Where the figures were measured, and how they are written down."""

from __future__ import annotations

import json
import os
import platform
import statistics
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results"


def machine() -> dict[str, Any]:
    """Where the figures were measured; the load at the beginning says whether the machine was quiet."""
    model = "unknown"
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = [line for line in information.read_text().splitlines() if line.startswith("model name")]
        model = lines[0].partition(":")[2].strip() if lines else model
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "threads": os.environ.get("OMP_NUM_THREADS", "all cores"),
        "load_average": round(os.getloadavg()[0], 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in ("torch", "transformers", "trl", "peft")},
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def described(where: Mapping[str, Any]) -> str:
    """Return the machine in one sentence."""
    packages = ", ".join(f"{name} {number}" for name, number in where["packages"].items())
    return (
        f"Machine: {where['processor']}, {where['cores']} cores (torch's threads: {where['threads']}), load {where['load_average']} "
        f"at the beginning, Python {where['python']}, {packages}."
    )


def spread(values: Sequence[float], form: str = ",.0f") -> str:
    """Return the median, and the lowest and highest value."""
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def write(folder: Path, name: str, report: Mapping[str, Any], page: str) -> None:
    """Write the figures as JSON and as a page to read."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    (folder / f"{name}.json").write_text(text, "utf-8")
    (folder / f"{name}.md").write_text(page, "utf-8")
