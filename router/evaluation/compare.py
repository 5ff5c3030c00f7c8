"""Sets two runs over the same questions side by side, with significance."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from router.errors import RunFileError
from router.evaluation.checks import CHECKS
from router.evaluation.figures import mean
from router.evaluation.outcomes import Outcome
from router.evaluation.significance import bootstrap_difference, mcnemar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A share in both runs over `questions` asked in both; `p` is McNemar's exact p value."""

    figure: str
    questions: int
    other: float
    this: float
    only_other: int
    only_this: int
    p: float


@dataclass(frozen=True, slots=True)
class MeanRow:
    """A mean in both runs, and the 95 % interval of this run's less the other's."""

    figure: str
    questions: int
    other: float
    this: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side; `changed` are the questions that one of them alone answers rightly.

    `only_other` and `only_this` count questions that the other side does not have: those do not count.
    """

    other: str
    shares: tuple[ShareRow, ...]
    means: tuple[MeanRow, ...]
    changed: tuple[tuple[str, str, bool], ...]
    only_other: int = 0
    only_this: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as JSON values."""
        return asdict(self)


def read_run(path: Path) -> tuple[Outcome, ...]:
    """Read the outcomes of a report.json. Raises RunFileError."""
    try:
        return tuple(Outcome.from_json(raw) for raw in json.loads(path.read_text("utf-8"))["outcomes"])
    except OSError as error:
        raise RunFileError(str(path), f"cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise RunFileError(str(path), "is not the report.json of this version's `termroute eval`") from error


def compare(this: Sequence[Outcome], other: Sequence[Outcome], name: str) -> Comparison:
    """Pair the outcomes by id and question, and compare figure by figure. Raises RunFileError."""
    before = {(outcome.id, outcome.question): outcome for outcome in other}
    pairs = [(before[key], o) for o in this if (key := (o.id, o.question)) in before]
    if not pairs:
        raise RunFileError(name, "has no question in common with this run")
    shares = [row for figure in ("right", *CHECKS) if (row := _share_row(figure, pairs))]
    means = [each for figure, value in _MEANS.items() if (each := _mean_row(figure, value, pairs))]
    changed = [(new.id, new.question, new.right) for old, new in pairs if old.right != new.right]
    return Comparison(
        name, tuple(shares), tuple(means), tuple(changed), len(other) - len(pairs), len(this) - len(pairs)
    )


def _share_row(figure: str, pairs: Sequence[tuple[Outcome, Outcome]]) -> ShareRow | None:
    both = [
        (a, b)
        for old, new in pairs
        if (a := _passed(old, figure)) is not None and (b := _passed(new, figure)) is not None
    ]
    if not both:
        return None
    only_other, only_this = sum(a and not b for a, b in both), sum(b and not a for a, b in both)
    return ShareRow(
        figure,
        len(both),
        round(sum(a for a, _ in both) / len(both), 4),
        round(sum(b for _, b in both) / len(both), 4),
        only_other,
        only_this,
        round(mcnemar(only_other, only_this), 4),
    )


def _passed(outcome: Outcome, figure: str) -> bool | None:
    return outcome.right if figure == "right" else outcome.checks.get(figure)


def _mean_row(
    figure: str, value: Callable[[Outcome], float | None], pairs: Sequence[tuple[Outcome, Outcome]]
) -> MeanRow | None:
    both = [(a, b) for old, new in pairs if (a := value(old)) is not None and (b := value(new)) is not None]
    first, second = [a for a, _ in both], [b for _, b in both]
    if not both or not any(first + second):
        return None
    low, high = bootstrap_difference(first, second)
    return MeanRow(figure, len(both), mean(first) or 0.0, mean(second) or 0.0, round(low, 4), round(high, 4))


_MEANS: dict[str, Callable[[Outcome], float | None]] = {
    "key_point_recall": lambda o: o.key_points[0] / o.key_points[1] if o.key_points else None,
    "invented values per question": lambda o: float(len(o.invented)),
    "tokens per question": lambda o: float(sum(o.tokens.values())),
    "milliseconds per question": lambda o: o.milliseconds,
}
