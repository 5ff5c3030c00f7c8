"""Where figures were measured: every benchmark names the processor, the load and the versions that matter to it."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def machine(packages: Sequence[str] = ()) -> dict[str, Any]:
    """Return the machine as it is now; the load says whether it was quiet, the threads what torch may use."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": os.environ.get("OMP_NUM_THREADS", "all cores"),
        "load_average": round(os.getloadavg()[0], 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in packages},
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def described(where: Mapping[str, Any], moment: str = "end") -> str:
    """Return the machine in one sentence; `moment` of the run is when the load was read."""
    versions = "".join(f", {name} {number}" for name, number in where["packages"].items())
    return (
        f"Machine: {where['processor']}, {where['cores']} cores (torch's threads: {where['threads']}),"
        f" load {where['load_average']} at the {moment}, Python {where['python']}{versions}."
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or "unknown"
