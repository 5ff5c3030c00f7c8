"""Draws a training's curves as PNG: loss, accuracy and learning rate by step, with resumes and checkpoints marked."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from finetune.progress import Curve, Curves

_SMOOTH = 20
_BLUE, _ORANGE, _GREEN, _GREY = "#1f4e9c", "#c8501e", "#2e7d4f", "#8a8f98"


def plot_curves(curves: Curves, title: str = "") -> bytes:
    """Return the curves as a PNG of 1500 by 480 pixels; panels without points say so."""
    # The figure is made without pyplot: no display is needed and no state is shared between threads.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(15, 4.8), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    left, middle, right = figure.subplots(1, 3)
    _draw_loss(left, curves)
    _draw_accuracy(middle, curves)
    _line(right, curves.learning_rate, "learning rate", _BLUE)
    right.set_title("learning rate")
    for axes in (left, middle, right):
        _finish(axes, curves)
    if title.isascii() and title:
        figure.suptitle(title, fontsize=11)
    out = BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


def _draw_loss(axes: Any, curves: Curves) -> None:
    _line(axes, curves.train_loss, "training", _BLUE, faint=len(curves.train_loss) > _SMOOTH)
    if len(curves.train_loss) > _SMOOTH:
        _line(axes, _smoothed(curves.train_loss), "training, smoothed", _BLUE)
    _line(axes, curves.val_loss, "validation", _ORANGE, dots=True)
    axes.set_title("loss (nats a token)")
    axes.set_ylim(bottom=0)


def _draw_accuracy(axes: Any, curves: Curves) -> None:
    _line(axes, curves.token_accuracy, "token, training", _BLUE, faint=bool(curves.val_token_accuracy))
    _line(axes, curves.val_token_accuracy, "token, validation", _ORANGE, dots=True)
    _line(axes, curves.sense_accuracy, "sense, held-out wordings", _GREEN, dots=True)
    axes.set_title("accuracy")
    axes.set_ylim(0, 1.02)


def _line(axes: Any, curve: Curve, label: str, colour: str, *, faint: bool = False, dots: bool = False) -> None:
    if curve:
        steps, values = zip(*curve, strict=True)
        style = "o-" if dots or len(curve) == 1 else "-"
        axes.plot(steps, values, style, label=label, color=colour, alpha=0.3 if faint else 1.0, markersize=4)


def _finish(axes: Any, curves: Curves) -> None:
    for number, step in enumerate(curves.resumed_at):
        axes.axvline(step, color=_GREY, linestyle="--", linewidth=1, label="" if number else "resumed")
    axes.set_xlabel("step")
    axes.grid(alpha=0.25)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8)
    else:
        axes.text(0.5, 0.5, "nothing recorded", ha="center", va="center", transform=axes.transAxes, color=_GREY)


def _smoothed(curve: Curve) -> Curve:
    """Return the exponential moving average, corrected for its start as Adam's moments are (Kingma and Ba, 2015)."""
    keep, average = 0.9, 0.0
    smooth = []
    for number, (step, value) in enumerate(curve, start=1):
        average = keep * average + (1 - keep) * value
        smooth.append((step, average / (1 - keep**number)))
    return tuple(smooth)
