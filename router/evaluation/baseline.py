"""A baseline: the figures that a run must not fall below, each with its tolerance, in a file that people edit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from router.errors import BaselineError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# What a new baseline holds: figures that do not depend on the machine. Lower is better for those named so.
HIGHER = (
    "right", "route_accuracy", "route_macro_f1", "status_accuracy", "contains", "term_accuracy", "fact_exact_match",
    "citation_hit", "refusal_precision", "refusal_recall", "clarify_precision", "clarify_recall", "key_point_recall",
)  # fmt: skip
LOWER = ("refused_wrongly", "invented_values", "calibration_error")
_TOLERANCE = 0.01
_KEYS = {"value", "tolerance", "better"}


@dataclass(frozen=True, slots=True)
class Fallen:
    """A figure that is worse than its baseline by more than the tolerance; None: the run has no such figure."""

    figure: str
    baseline: float
    tolerance: float
    now: float | None

    def __str__(self) -> str:
        """Say it in one line."""
        shown = "is not measured" if self.now is None else f"is {self.now:g}"
        return f"{self.figure} {shown}; the baseline is {self.baseline:g}, tolerance {self.tolerance:g}"


@dataclass(frozen=True, slots=True)
class Baseline:
    """Figures by name with their tolerance and direction; `labels` says which questions they were taken on."""

    path: str
    labels: str
    figures: Mapping[str, Mapping[str, Any]]

    def fallen(self, figures: Mapping[str, Any]) -> tuple[Fallen, ...]:
        """Return the figures that fell beyond their tolerance."""
        found = []
        for name, limit in self.figures.items():
            now = figures.get(name)
            worse = limit["value"] - now if limit["better"] == "higher" and now is not None else None
            if limit["better"] == "lower" and now is not None:
                worse = now - limit["value"]
            # Shares are rounded to four places, so that is how finely they are compared.
            if worse is None or worse > limit["tolerance"] + 5e-5:
                found.append(Fallen(name, limit["value"], limit["tolerance"], now))
        return tuple(found)


def write_baseline(path: Path, figures: Mapping[str, Any], labels: str) -> None:
    """Write the machine-independent `figures` of a run as the new baseline. Raises BaselineError."""
    limits = {
        name: {
            "value": figures[name],
            "tolerance": 0 if name == "invented_values" else _TOLERANCE,
            "better": better,
        }
        for names, better in ((HIGHER, "higher"), (LOWER, "lower"))
        for name in names
        if figures.get(name) is not None
    }
    text = json.dumps({"labels": labels, "figures": limits}, ensure_ascii=False, indent=1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", "utf-8")
    except OSError as error:
        raise BaselineError(str(path), [f"cannot be written: {error.strerror or error}"]) from error


def read_baseline(path: Path) -> Baseline:
    """Read a baseline. Raises BaselineError with everything that is wrong in it."""
    try:
        raw = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BaselineError(str(path), [f"cannot be read: {error.strerror or error}"]) from error
    except ValueError as error:
        raise BaselineError(str(path), [f"is not JSON: {error}"]) from error
    limits = raw.get("figures") if isinstance(raw, dict) else None
    if not isinstance(limits, dict) or not limits:
        raise BaselineError(str(path), ["figures: is missing, or is not an object with one entry a figure"])
    problems = [f"figures.{name}: {problem}" for name, limit in limits.items() if (problem := _problem(limit))]
    if problems:
        raise BaselineError(str(path), problems)
    return Baseline(str(path), str(raw.get("labels", "")), limits)


def _problem(limit: object) -> str:
    if not isinstance(limit, dict) or set(limit) != _KEYS:
        return f"must have exactly the keys {', '.join(sorted(_KEYS))}"
    if limit["better"] not in {"higher", "lower"}:
        return f"better is {limit['better']!r}; allowed: higher, lower"
    for key in ("value", "tolerance"):
        if isinstance(limit[key], bool) or not isinstance(limit[key], (int, float)):
            return f"{key} is {limit[key]!r}, not a number"
    return "" if limit["tolerance"] >= 0 else "tolerance is below 0"
