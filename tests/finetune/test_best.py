"""The adapter kept is the most accurate one, and the latest of those that accuracy cannot tell apart."""

from __future__ import annotations

import pytest

from finetune.best import Best, standard_error


def kept(evaluations: list[tuple[float, float]], samples: int) -> int:
    best, at = Best(), -1
    for place, (value, loss) in enumerate(evaluations):
        best, better = best.after(value, loss, standard_error(value, max(value, best.highest), samples))
        at = place if better else at
    return at


def test_a_clearly_better_one_wins_whatever_its_loss() -> None:
    assert kept([(0.6, 0.2), (0.8, 0.3), (0.7, 0.1)], 100) == 1


def test_one_sample_more_does_not_win_against_a_later_one() -> None:
    assert kept([(1.0, 0.02), (0.96, 0.015), (0.99, 0.01)], 100) == 2


def test_many_samples_tell_what_few_cannot() -> None:
    assert kept([(1.0, 0.02), (0.99, 0.01)], 100) == 1
    assert kept([(1.0, 0.02), (0.99, 0.01)], 10_000) == 0


def test_steps_of_one_error_each_do_not_add_up() -> None:
    """Each is near the one before it, but only near the highest counts."""
    assert kept([(0.90, 0.5), (0.87, 0.4), (0.84, 0.3), (0.81, 0.2)], 100) == 1


def test_a_lower_loss_is_a_gain_where_the_accuracy_stays() -> None:
    best, _ = Best().after(0.9, 0.5, 0.03)
    assert best.gains(0.9, 0.4)
    assert best.gains(0.91, 0.6)
    assert not best.gains(0.9, 0.5)


def test_a_loss_as_the_measure_has_no_error() -> None:
    best, better = Best().after(-0.5, 0.5, 0.0)
    assert better
    assert not best.after(-0.6, 0.6, 0.0)[1]
    assert best.after(-0.4, 0.4, 0.0)[1]


@pytest.mark.parametrize(("share", "count"), [(1.0, 100), (0.0, 100), (0.5, 4)])
def test_the_error_is_never_nothing(share: float, count: int) -> None:
    assert 0.0 < standard_error(share, share, count) < 0.5
    assert standard_error(share, share, 0) == 0.0
