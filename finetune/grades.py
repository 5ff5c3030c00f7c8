"""Grades a training's curves, and says for each grade what to do next; the judge that counts is the evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from finetune.progress import Curve, Curves

Level = Literal["good", "fair", "poor", "unknown"]
# The last tenth of the steps is averaged, since single steps jump.
_LAST = 0.1
# Loss in nats a token, token accuracy as a share: at least fair, at least good.
_LOSS = (1.0, 0.3)
_ACCURACY = (0.90, 0.97)
_SENSE = (0.90, 0.97)
_GAP = (0.5, 0.2)
# A rise of the validation loss above its lowest point, in nats and as a share, that is more than noise.
_RISE, _RISE_SHARE = 0.05, 0.10
# A fall of the training loss over the last quarter of the steps that says: it was still learning.
_STILL_FALLING = 0.10


@dataclass(frozen=True, slots=True)
class Grade:
    """One grade: what was looked at, its value, how good that is, why, and what to do next."""

    name: str
    value: float | None
    level: Level
    verdict: str
    next: str


def grade(curves: Curves) -> tuple[Grade, ...]:
    """Return the grades of a training, those that its curves allow."""
    loss = _tail(curves.train_loss)
    gap = _gap(curves)
    grades = [
        _loss(loss),
        _accuracy(curves),
        _sense(curves),
        gap,
        _overfitting(curves),
        _underfitting(curves, loss),
    ]
    return tuple(each for each in grades if each is not None)


def _loss(loss: float | None) -> Grade | None:
    if loss is None:
        return None
    level = _below(loss, _LOSS)
    advice = {
        "good": "Nothing: a low loss alone means little; look at the sense accuracy and at the table before and after.",
        "fair": "Train for more epochs, or raise the learning rate by half.",
        "poor": "Raise the learning rate two to five times or the rank to 32; check with `train data check` that the "
        "answers follow from the questions.",
    }[level]
    return Grade("loss", loss, level, f"The training loss is {loss:.3f} nats a token.", advice)


def _accuracy(curves: Curves) -> Grade | None:
    value = _tail(curves.val_token_accuracy) or _tail(curves.token_accuracy)
    if value is None:
        return None
    level = _above(value, _ACCURACY)
    advice = {
        "good": "Nothing.",
        "fair": "Train for another epoch; full names in English are learnt last.",
        "poor": "Train longer, and look for answers that contradict each other with `train data check`.",
    }[level]
    where = "on the validation set" if curves.val_token_accuracy else "in training"
    return Grade(
        "token accuracy", value, level, f"{value:.1%} of the answers' tokens were right {where}.", advice
    )


def _sense(curves: Curves) -> Grade | None:
    if not curves.sense_accuracy:
        return None
    step, value = max(curves.sense_accuracy, key=lambda point: (point[1], point[0]))
    level = _above(value, _SENSE)
    advice = {
        "good": "Look at the table before and after: it decides whether the adapter is offered for use.",
        "fair": "Add example sentences (例句) for the senses that were taken for each other, and train again.",
        "poor": "Too little to choose by: build more data for the ambiguous abbreviations, or take a larger base model.",
    }[level]
    return Grade(
        "sense accuracy", value, level, f"The best checkpoint, step {step}, chose {value:.1%} rightly.", advice
    )


def _gap(curves: Curves) -> Grade | None:
    if not curves.val_loss or not curves.train_loss:
        return None
    step, validation = curves.val_loss[-1]
    near = [value for at, value in curves.train_loss if at <= step][-5:] or [curves.train_loss[0][1]]
    gap = validation - sum(near) / len(near)
    level = _below(gap, _GAP)
    advice = {
        "good": "Nothing.",
        "fair": "Watch it: use early stopping (`early_stopping_patience`) or a dropout of 0.1.",
        "poor": "Fewer epochs, a higher dropout, a smaller rank, or more wordings for each sense.",
    }[level]
    side = "above" if gap >= 0 else "below"
    verdict = f"The validation loss is {abs(gap):.3f} {side} the training loss."
    return Grade("gap", gap, level, verdict, advice)


def _overfitting(curves: Curves) -> Grade | None:
    if len(curves.val_loss) < 2:
        return None
    best_step, best = min(curves.val_loss, key=lambda point: point[1])
    last_step, last = curves.val_loss[-1]
    rise = last - best
    if rise < _RISE or rise < _RISE_SHARE * best:
        return Grade("overfitting", rise, "good", "The validation loss did not rise again.", "Nothing.")
    verdict = f"Overfitting: the validation loss rose by {rise:.3f} from step {best_step} to step {last_step}."
    level: Level = "poor" if rise > 3 * _RISE and rise > 3 * _RISE_SHARE * best else "fair"
    share = best_step / last_step
    advice = (
        f"Use the best checkpoint (by sense accuracy), and train for about {share:.0%} of the epochs next time."
    )
    return Grade("overfitting", rise, level, verdict, advice)


def _underfitting(curves: Curves, loss: float | None) -> Grade | None:
    if loss is None or len(curves.train_loss) < 8:
        return None
    quarter = curves.train_loss[: -len(curves.train_loss) // 4]
    before = _tail(quarter) or loss
    falling = (before - loss) / before if before > 0 else 0.0
    if loss <= _LOSS[0] and (falling < _STILL_FALLING or loss <= _LOSS[1]):
        return Grade("underfitting", falling, "good", "The training loss had settled.", "Nothing.")
    if falling >= _STILL_FALLING:
        verdict = f"The loss still fell by {falling:.0%} over the last quarter: the training ended early."
        return Grade("underfitting", falling, "fair", verdict, "Train for half as many epochs again.")
    verdict = f"Underfitting: the loss settled at {loss:.3f}, which is high."
    return Grade(
        "underfitting", falling, "poor", verdict, "Raise the learning rate or the rank, or check the data."
    )


def _tail(curve: Curve) -> float | None:
    if not curve:
        return None
    last = [value for _, value in curve[-max(1, round(len(curve) * _LAST)) :]]
    return sum(last) / len(last)


def _below(value: float, bounds: tuple[float, float]) -> Level:
    fair, good = bounds
    return "good" if value <= good else "fair" if value <= fair else "poor"


def _above(value: float, bounds: tuple[float, float]) -> Level:
    fair, good = bounds
    return "good" if value >= good else "fair" if value >= fair else "poor"
