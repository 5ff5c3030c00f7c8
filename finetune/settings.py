"""Settings of the training service: where jobs live, and which programs run them."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORKER = (sys.executable, "-m", "finetune.worker")
_EVALUATOR = (sys.executable, "-m", "finetune.before_after")


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """`root` holds jobs, datasets and promoted adapters; `worker` and `evaluator` are commands given a job's folder."""

    root: Path
    worker: Sequence[str] = _WORKER
    evaluator: Sequence[str] = _EVALUATOR

    @property
    def adapters(self) -> Path:
        """Where promoted adapters are copied to."""
        return self.root / "adapters"

    @property
    def datasets(self) -> Path:
        """Where dataset versions are kept."""
        return self.root / "datasets"


def child_environment() -> dict[str, str]:
    """The environment for a training: this process's, without TermRoute's own settings, which hold secrets."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TERMROUTE_")}
    return kept | {"PYTHONUNBUFFERED": "1", "TOKENIZERS_PARALLELISM": "false"}


def processes() -> int:
    """How many processes train this one job together, as torch's launchers and the runner say it."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def sharing(number: int, count: int, port: int) -> dict[str, str]:
    """What tells process `number` of `count` that it trains together with the others, over a port of this machine."""
    return {
        "RANK": str(number),
        "LOCAL_RANK": str(number),
        "WORLD_SIZE": str(count),
        "LOCAL_WORLD_SIZE": str(count),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }


def rank() -> int:
    """Which of them this one is, from 0; the first one writes for all."""
    return int(os.environ.get("RANK", "0"))


def automatic_device() -> str:
    """What `auto` means on this machine, told without loading torch: `cuda` where an NVIDIA device is visible."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
    visible = any(Path("/dev").glob("nvidia[0-9]*")) or Path("/dev/dxg").exists()
    return "cuda" if visible and hidden not in {"", "-1"} else "cpu"
