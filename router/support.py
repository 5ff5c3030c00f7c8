"""Whether passages support an answer: features of the evidence go in, the probability that it answers comes out."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.facts.subject import Said, subject_of
from router.asked import asked_words
from router.coverage import Coverage, coverage_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from retrieval.types import Passage
    from router.asked import Rarity
    from router.coverage import Window
    from terminology.types import Resolution

PACKAGED = Path(__file__).parent / "support.json"
_NAMED, _SAID, _MUCH = 1.4, 0.5, 3.0
_NOWHERE, _MUCH_LACKING, _LIKELY = "things that stand nowhere", 0.4, 0.5


@dataclass(frozen=True, slots=True)
class Support:
    """What the passages say of a question's subject.

    `features` are what the judgement rests on, by name; `names` the names, codes and dates that stand in no passage.
    """

    coverage: Coverage
    features: Mapping[str, float]
    names: tuple[str, ...]

    @property
    def covered(self) -> float:
        """The weighted share (0 to 1) of the question's words that the best passage says."""
        return self.coverage.share(self.coverage.passage)

    @property
    def sentence(self) -> Window:
        """The sentence or row that says most."""
        return self.coverage.sentence

    @property
    def probability(self) -> float:
        """The probability that the passages answer, by a logistic regression (`python -m benchmarks.router --support`)."""
        return _model().probability(self.features)

    def enough(self, minimum: float) -> bool:
        """Whether an answer may be given: nothing that is named is missing, and the evidence is strong enough.

        Where much of what is asked about stands nowhere (量子加密), it must be likelier than not.
        """
        if self.names or not self.coverage.words:
            return False
        lacking = self.features[_NOWHERE] >= _MUCH_LACKING
        return self.probability >= (max(minimum, _LIKELY) if lacking else minimum)


def support_of(
    question: str,
    names: Mapping[str, Sequence[str]],
    passages: Sequence[Passage],
    *,
    rarity: Rarity | None = None,
    stated: float | None = None,
) -> Support:
    """Measure how far `passages` speak of what `question` is about; `names` gives the other names of its terms.

    `stated`: where one thing is asked for, how far a sentence has such a thing beside what is named (0 to 1).
    """
    coverage = coverage_of(asked_words(question, names, rarity), passages)
    absent = tuple(
        asked.word.text
        for asked, said in zip(coverage.words, coverage.anywhere, strict=True)
        if said < _SAID and (asked.proper or (asked.word.firm and asked.word.weight >= _NAMED))
    )
    return Support(coverage, _features(coverage, stated), absent)


def other_names(resolution: Resolution) -> dict[str, tuple[str, ...]]:
    """Return, for each term of the question as written in it, the other names of its sense."""
    names = {}
    for resolved in resolution.terms:
        sense = resolved.chosen.sense
        forms = (sense.term, sense.chinese, sense.english, *sense.aliases)
        names[resolved.match.surface] = tuple(form for form in forms if form and form != resolved.match.surface)
    return names


def told_in_one(question: str, names: Mapping[str, Sequence[str]], passages: Sequence[Passage]) -> bool:
    """Whether one line of a passage names everything that `question` is about, each word as it is."""
    words = subject_of(question, names)
    if len(words) < 2:
        return False
    lines = (Said.of(line) for passage in passages for line in passage.chunk.text.splitlines())
    return any(all(line.share(word) == 1.0 for word in words) for line in lines)


def _features(coverage: Coverage, stated: float | None) -> dict[str, float]:
    words, shares = coverage.words, coverage.passages
    passage = list(zip(words, coverage.passage, strict=True))
    return {
        "sentence": coverage.sentence.share,
        "passage": coverage.share(coverage.passage),
        _NOWHERE: coverage.lacking(coverage.anywhere),
        "proper name lacking in the passage": float(
            any(asked.proper and said < _SAID for asked, said in passage)
        ),
        "told": min(_MUCH, sum(asked.weight * said for asked, said in passage)),
        "margin": shares[0] - shares[2] if len(shares) > 2 else 0.0,
        "one thing asked": float(stated is not None),
        "stated": stated or 0.0,
    }


@dataclass(frozen=True, slots=True)
class _Model:
    """A logistic regression: the weight of each feature, and the bias."""

    weights: Mapping[str, float]
    bias: float

    def probability(self, features: Mapping[str, float]) -> float:
        score = self.bias + sum(self.weights.get(name, 0.0) * value for name, value in features.items())
        return 1 / (1 + math.exp(-score))


@cache
def _model() -> _Model:
    raw = json.loads(PACKAGED.read_text("utf-8"))
    return _Model({name: float(weight) for name, weight in raw["weights"].items()}, float(raw["bias"]))
