"""What a job's evaluation says of its adapter, as it was written into the job's folder."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from finetune.folder import JobFolder

TABLE = "table.json"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an evaluation speaks for an adapter, why, and the figures it rests on."""

    offered: bool
    why: str
    figures: Mapping[str, Any] = field(default_factory=dict)


def verdict(folder: JobFolder) -> Verdict:
    """Return what the job's evaluation says about its adapter."""
    try:
        content = json.loads((folder.evaluation / TABLE).read_bytes())
        return Verdict(bool(content["offered"]), str(content["why"]), dict(content.get("figures", {})))
    except FileNotFoundError:
        return Verdict(False, "it was not evaluated yet: run `termroute train evaluate` or POST /evaluate.")
    except (ValueError, KeyError, TypeError):
        return Verdict(False, "its evaluation cannot be read: run `termroute train evaluate` again.")


def read_table(folder: JobFolder) -> dict[str, Any] | None:
    """Return the table before and after as it was written, None where there is none that can be read."""
    try:
        content = json.loads((folder.evaluation / TABLE).read_bytes())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
