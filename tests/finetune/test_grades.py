"""Grades of curves made up to be good, memorised, still falling, or stuck; each says what to do next."""

from __future__ import annotations

import math

import pytest

from finetune.grades import Grade, grade
from finetune.plot import plot_curves
from finetune.progress import Curve, Curves

STEPS = range(10, 410, 10)


def falling(start: float, end: float, rate: float = 60) -> Curve:
    return tuple((step, end + (start - end) * math.exp(-step / rate)) for step in STEPS)


def graded(curves: Curves) -> dict[str, Grade]:
    return {each.name: each for each in grade(curves)}


def test_a_good_training() -> None:
    found = graded(
        Curves(
            falling(4, 0.1),
            falling(4, 0.15)[4::5],
            val_token_accuracy=((400, 0.99),),
            sense_accuracy=((200, 0.9), (400, 0.99)),
        )
    )
    assert {each.level for each in found.values()} == {"good"}
    assert found.keys() == {"loss", "token accuracy", "sense accuracy", "gap", "overfitting", "underfitting"}


def test_memorising_is_overfitting_and_names_the_best_step() -> None:
    validation = tuple(
        (step, 0.6 if step <= 100 else 0.6 + (step - 100) / 200) for step in STEPS if step % 50 == 0
    )
    found = graded(Curves(falling(4, 0.02), validation))
    assert found["overfitting"].level == "poor"
    assert "step 50" in found["overfitting"].verdict
    assert found["gap"].level == "poor"
    assert found["loss"].level == "good", "the loss alone would have said that all is well"
    assert "best checkpoint" in found["overfitting"].next


def test_a_training_that_ended_early_still_falls() -> None:
    found = graded(Curves(tuple((step, 4.0 - step / 120) for step in STEPS)))
    assert found["underfitting"].level == "fair"
    assert "ended early" in found["underfitting"].verdict


def test_a_loss_that_settles_high_is_underfitting() -> None:
    found = graded(Curves(falling(4, 2.5, 20)))
    assert found["underfitting"].level == "poor"
    assert found["loss"].level == "poor"


def test_few_points_are_not_judged_beyond_what_they_say() -> None:
    assert grade(Curves()) == ()
    assert graded(Curves(((1, 2.0),))).keys() == {"loss"}


def test_every_grade_says_what_to_do() -> None:
    for level in (0.05, 0.7, 3.0):
        for each in grade(
            Curves(falling(4, level), falling(5, level * 2)[::5], sense_accuracy=((400, level / 3),))
        ):
            assert each.verdict
            assert each.next


@pytest.mark.parametrize(
    "curves", [Curves(), Curves(((1, 2.0),)), Curves(falling(4, 0.1), resumed_at=(50, 100))]
)
def test_curves_are_drawn_as_png(curves: Curves) -> None:
    import io

    from PIL import Image

    picture = Image.open(io.BytesIO(plot_curves(curves)))
    assert picture.format == "PNG"
    assert picture.size == (1500, 480)
    assert len(picture.convert("L").getcolors(256) or range(257)) > 1
