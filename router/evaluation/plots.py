"""The plots of a run as PNG: confusion of the roads, latency, reliability, and how the answers of each road ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from router.evaluation.figures import ENDINGS
from router.evaluation.labels import ROUTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from router.evaluation.outcomes import Outcome

_COLOURS = ("#2e7d32", "#c62828", "#f9a825", "#6d4c41")


def write_plots(folder: Path, outcomes: Sequence[Outcome], figures: Mapping[str, Any]) -> None:
    """Write confusion.png, latency.png, reliability.png and outcomes.png."""
    plots: dict[str, Callable[[Axes], None]] = {
        "confusion": lambda axes: _confusion(axes, figures["route_confusion"]),
        "latency": lambda axes: _latency(axes, outcomes),
        "reliability": lambda axes: _reliability(axes, figures["reliability"], figures["calibration_error"]),
        "outcomes": lambda axes: _endings(axes, figures["endings"]),
    }
    for name, draw in plots.items():
        _save(folder / f"{name}.png", draw)


def _save(path: Path, draw: Callable[[Axes], None]) -> None:
    # The figure is made without pyplot, which keeps a global state and may look for a display.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4.2), layout="constrained")
    draw(figure.subplots())
    figure.savefig(path, dpi=120)


def _confusion(axes: Axes, counts: Mapping[str, Mapping[str, int]]) -> None:
    matrix = [[counts.get(wanted, {}).get(taken, 0) for taken in ROUTES] for wanted in ROUTES]
    axes.imshow(matrix, cmap="Blues")
    axes.set_xticks(range(len(ROUTES)), ROUTES)
    axes.set_yticks(range(len(ROUTES)), ROUTES)
    axes.set_xlabel("route taken")
    axes.set_ylabel("route asked for")
    axes.set_title("Routes")
    half = max(map(max, matrix)) / 2
    for row, values in enumerate(matrix):
        for column, value in enumerate(values):
            colour = "white" if value > half else "black"
            axes.text(column, row, str(value), ha="center", va="center", color=colour)


def _latency(axes: Axes, outcomes: Sequence[Outcome]) -> None:
    times = {route: [o.milliseconds for o in outcomes if o.route == route] for route in ROUTES}
    taken = [route for route in ROUTES if times[route]]
    axes.boxplot([times[route] for route in taken], tick_labels=taken)
    axes.set_yscale("log")
    axes.set_ylabel("milliseconds per question")
    axes.set_title("Latency by route")


def _reliability(axes: Axes, bins: Sequence[Mapping[str, float]], error: float | None) -> None:
    axes.plot([0, 1], [0, 1], color="grey", linestyle="--", linewidth=1)
    for each in bins:
        axes.bar(
            (each["low"] + each["high"]) / 2, each["accuracy"], width=0.09, color="#90caf9", edgecolor="#1565c0"
        )
        axes.text((each["low"] + each["high"]) / 2, 0.02, f"{each['count']:g}", ha="center", fontsize=8)
    axes.plot([each["confidence"] for each in bins], [each["accuracy"] for each in bins], "o", color="#c62828")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("confidence in the road")
    axes.set_ylabel("share of right roads")
    axes.set_title("Reliability" if error is None else f"Reliability (expected calibration error {error:.3f})")


def _endings(axes: Axes, counts: Mapping[str, Mapping[str, int]]) -> None:
    routes = [route for route in ROUTES if route in counts]
    base = [0] * len(routes)
    for name, colour in zip(ENDINGS, _COLOURS, strict=True):
        heights = [counts[route].get(name, 0) for route in routes]
        axes.bar(routes, heights, bottom=base, label=name, color=colour)
        base = [a + b for a, b in zip(base, heights, strict=True)]
    axes.set_xlabel("route asked for")
    axes.set_ylabel("questions")
    axes.set_title("How answers ended")
    axes.legend(fontsize=8)
