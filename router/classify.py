"""A small classifier of what a question wants, for where the rules are silent: numpy alone, weights from a JSON file."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, cast, get_args

from router.errors import ClassifierError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np
    from numpy.typing import NDArray

Intent = Literal["definition", "value", "explanation", "catalogue", "talk"]
INTENTS: tuple[Intent, ...] = get_args(Intent)
SLOT = "□"
PACKAGED = Path(__file__).parent / "classifier.json"

# Away from the documents (small talk, the catalogue) a wrong guess costs the answer, and a definition is answered without
# a look at them; elsewhere a wrong guess costs only a look.
_SURE, _SURE_ASIDE, _SURE_DEFINITION, _SURE_BESIDE, _LONGEST_TALK = 0.45, 0.85, 0.6, 0.9, 30
_WELL_KNOWN, _KNOWN, _FAMILIAR, _VERY_SURE = 0.6, 0.3, 0.2, 0.93
_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[a-z□0]+|[\u3400-\u9fff]")
_MARKS = re.compile(r"[^\w□\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Guess:
    """The likeliest intent and its probability (0 to 1, calibrated on held-out utterances).

    `known`: the share (0 to 1) of the question's pairs of words or characters that the utterances have.
    """

    intent: Intent
    probability: float
    known: float = 1.0


class Judge(Protocol):
    """A second opinion, such as a language model's, for where rules and classifier are both unsure."""

    def judge(self, question: str) -> Intent | None:
        """Return what the question wants; None where the judge is unavailable or does not know either."""
        ...


@dataclass(frozen=True)
class Classifier:
    """Multinomial logistic regression over character and word n-grams.

    `features` gives each n-gram its row in `weights` (features by intents); `temperature` divides the scores.
    """

    features: Mapping[str, int]
    idf: NDArray[np.float64]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    temperature: float

    @classmethod
    def load(cls, path: Path) -> Classifier:
        """Read a classifier from JSON. Raises ClassifierError for a file that is none."""
        import numpy as np

        try:
            raw = json.loads(path.read_text("utf-8"))
            if tuple(raw["intents"]) != INTENTS:
                raise ValueError(f"its intents are {raw['intents']}, not {list(INTENTS)}")
            grams = list(raw["features"])
            rows = np.array([raw["features"][gram] for gram in grams], dtype=np.float64)
            if rows.ndim != 2 or rows.shape[1] != len(INTENTS) + 1 or not np.isfinite(rows).all():
                raise ValueError("its weights have a wrong shape")
            bias = np.array(raw["bias"], dtype=np.float64)
            return cls(
                {gram: at for at, gram in enumerate(grams)},
                rows[:, 0],
                rows[:, 1:],
                bias,
                float(raw["temperature"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ClassifierError(str(path), str(error)) from error

    def save(self, path: Path) -> None:
        """Write the classifier as JSON: text that can be read and compared, and runs no code when it is loaded."""
        rows = {
            gram: [round(float(self.idf[at]), 3), *(round(float(weight), 3) for weight in self.weights[at])]
            for gram, at in self.features.items()
        }
        raw = {
            "intents": INTENTS,
            "temperature": round(self.temperature, 4),
            "bias": [round(float(value), 4) for value in self.bias],
            "features": rows,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".new")
        aside.write_text(json.dumps(raw, ensure_ascii=False, indent=0) + "\n", "utf-8")
        aside.replace(path)

    def guess(self, question: str, spans: Iterable[tuple[int, int]] = ()) -> Guess:
        """Return the likeliest intent of `question`; `spans` are the character ranges of the known terms in it."""
        utterance = masked(question, spans)
        found = self.probabilities(utterance)
        best = max(INTENTS, key=lambda intent: found[intent])
        pairs = [gram for gram in grams(utterance) if gram.count(" ") == 1]
        known = sum(pair in self.features for pair in pairs) / len(pairs) if pairs else 0.0
        return Guess(best, found[best], known)

    def probabilities(self, utterance: str) -> dict[Intent, float]:
        """Return the probability of every intent for an utterance with its terms masked."""
        scores = list(self.bias)
        values = {
            at: (1 + math.log(count)) * self._idf[at]
            for gram, count in Counter(grams(utterance)).items()
            if (at := self.features.get(gram)) is not None
        }
        length = math.sqrt(sum(value * value for value in values.values())) or 1.0
        for at, value in values.items():
            for place, weight in enumerate(self._rows[at]):
                scores[place] += value / length * weight
        highest = max(scores)
        powers = [math.exp((score - highest) / self.temperature) for score in scores]
        return {intent: power / sum(powers) for intent, power in zip(INTENTS, powers, strict=True)}

    # A question has few n-grams: plain floats are faster here than arrays.
    @cached_property
    def _rows(self) -> list[list[float]]:
        return cast("list[list[float]]", self.weights.tolist())

    @cached_property
    def _idf(self) -> list[float]:
        return cast("list[float]", self.idf.tolist())


def accepted(guess: Guess, question: str, terms: int, *, alone: bool = True) -> bool:
    """Whether a guess is sure enough to act on, and possible: a definition needs a term, small talk is short.

    `alone`: the question names nothing beside its terms. 色靶的□ seldom asks what □ means.
    """
    if guess.intent == "definition" and not terms:
        return False
    if guess.intent == "talk" and (terms or len(question) > _LONGEST_TALK):
        return False
    if guess.intent == "talk" and guess.known < _WELL_KNOWN:
        # What nobody says in small talk may be a question of its own: 明天会下雨吗.
        return guess.known >= _KNOWN and guess.probability >= _VERY_SURE
    if guess.intent == "catalogue" and guess.known < _FAMILIAR:
        # Hardly a word of it is like any utterance: 罗凯文的工资.
        return False
    needed = {
        "talk": _SURE_ASIDE,
        "catalogue": _SURE_ASIDE,
        "definition": _SURE_DEFINITION if alone else _SURE_BESIDE,
    }
    return guess.probability >= needed.get(guess.intent, _SURE)


def masked(question: str, spans: Iterable[tuple[int, int]]) -> str:
    """Put the slot in the place of every known term."""
    pieces, last = [], 0
    for start, end in sorted(spans):
        if start >= last:
            pieces += [question[last:start], SLOT]
            last = end
    return "".join([*pieces, question[last:]])


def grams(utterance: str) -> list[str]:
    """Return the n-grams of an utterance: of characters 1 to 3 (Chinese), of words 1 to 2, with its ends marked."""
    text = unicodedata.normalize("NFKC", utterance).casefold()
    text = _NUMBER.sub("0", _SPACE.sub(" ", _MARKS.sub(" ", text)).strip())
    units = ["^", *_WORD.findall(text), "$"]
    return [" ".join(units[at : at + n]) for n in (1, 2, 3) for at in range(len(units) - n + 1)][1:]
