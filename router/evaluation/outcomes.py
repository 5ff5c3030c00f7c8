"""What came of one labelled question, in a form that goes to JSON and back, so that two runs can be compared."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

# Counted as a figure of its own; `fact_shown` is what makes an answer right or wrong.
STRICT = "fact_exact_match"


@dataclass(frozen=True, slots=True)
class Expected:
    """What the label asked for."""

    route: str
    status: str
    kind: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to one label in short, which checks it passed (None: not asked for), its time and its tokens.

    `key_points` is (found, asked) or None; `invented` are the values of the answer that stand in no cited source;
    `confidence` is the router's probability of its road; `tokens` counts what the language model read and wrote.
    """

    id: str
    question: str
    expected: Expected
    route: str
    status: str
    answer: str
    checks: dict[str, bool | None]
    milliseconds: float
    confidence: float = 0.0
    key_points: tuple[int, int] | None = None
    invented: tuple[str, ...] = ()
    tokens: dict[str, int] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        """Whether every check that applies was passed; a longer stretch of the right sentence is not wrong."""
        return all(passed is not False for name, passed in self.checks.items() if name != STRICT)

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as JSON values; `right` is told too."""
        return {**asdict(self), "right": self.right, "milliseconds": round(self.milliseconds, 3)}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Outcome:
        """Read what `to_json` gave. Raises KeyError or TypeError for anything else."""
        points = raw["key_points"]
        known = {name: raw[name] for name in cls.__slots__}
        known["expected"] = Expected(**raw["expected"])
        known["key_points"] = None if points is None else (int(points[0]), int(points[1]))
        known["invented"] = tuple(raw["invented"])
        return cls(**known)
