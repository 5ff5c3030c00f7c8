"""Trains the classifier from labelled utterances; scikit-learn is needed here and nowhere else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from router.classify import INTENTS, Classifier, Intent, grams
from router.errors import TrainerMissingError, UtterancesError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

PACKAGED_UTTERANCES = Path(__file__).parent / "utterances.tsv"
_FOLDS, _SEED, _STRENGTH, _LEAST = 5, 7, 10.0, 5
_TEMPERATURES = tuple(0.3 + 0.05 * step for step in range(35))


@dataclass(frozen=True, slots=True)
class Utterance:
    """What somebody may type, its known terms written □, and what is wanted by it."""

    intent: Intent
    text: str


@dataclass(frozen=True, slots=True)
class Trained:
    """A classifier with what is known of it: accuracy and calibration error on utterances held out in turn."""

    classifier: Classifier
    utterances: int
    accuracy: float
    calibration_error: float


def read_utterances(path: Path) -> tuple[Utterance, ...]:
    """Read `label<tab>utterance` lines; blank lines and those that begin with # do not count.

    Raises UtterancesError with every bad line.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UtterancesError(str(path), (f"cannot be read: {error}",)) from error
    found, problems = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        label, _, text = line.partition("\t")
        if label.strip() not in INTENTS:
            problems.append(f"line {number}: label {label.strip()!r}; allowed: {', '.join(INTENTS)}")
        elif not text.strip():
            problems.append(f"line {number}: no utterance after the tab")
        else:
            found.append(Utterance(cast("Intent", label.strip()), text.strip()))
    counts = Counter(utterance.intent for utterance in found)
    problems += [
        f"{intent}: {counts[intent]} utterances; at least {_LEAST} are needed" for intent in INTENTS
        if counts[intent] < _LEAST
    ]  # fmt: skip
    if problems:
        raise UtterancesError(str(path), tuple(problems))
    return tuple(found)


def train(utterances: Sequence[Utterance]) -> Trained:
    """Fit the classifier; its temperature is chosen on held-out folds. The same utterances give the same weights.

    Raises TrainerMissingError where scikit-learn is not installed.
    """
    import numpy as np

    labels = np.array([INTENTS.index(utterance.intent) for utterance in utterances])
    held_out = _held_out_scores(utterances, labels)
    temperature = min(_TEMPERATURES, key=lambda value: _log_loss(held_out / value, labels))
    probabilities = _softmax(held_out / temperature)
    right = probabilities.argmax(axis=1) == labels
    fitted = _fit(utterances, labels)
    classifier = Classifier(fitted.features, fitted.idf, fitted.weights, fitted.bias, temperature)
    error = _calibration_error(probabilities.max(axis=1), right)
    return Trained(classifier, len(utterances), round(float(right.mean()), 4), round(error, 4))


def _held_out_scores(utterances: Sequence[Utterance], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """The scores of every utterance by a model that did not see it; every fifth of a label is held out together."""
    import numpy as np

    folds = np.zeros(len(labels), dtype=int)
    for label in range(len(INTENTS)):
        places = np.flatnonzero(labels == label)
        folds[places] = np.random.default_rng(_SEED).permutation(len(places)) % _FOLDS
    scores = np.zeros((len(labels), len(INTENTS)))
    for fold in range(_FOLDS):
        inside = folds != fold
        model = _fit([u for u, used in zip(utterances, inside, strict=True) if used], labels[inside])
        for place in np.flatnonzero(~inside):
            found = model.probabilities(utterances[int(place)].text)
            scores[place] = [np.log(found[intent]) for intent in INTENTS]
    return scores


def _fit(utterances: Sequence[Utterance], labels: NDArray[np.int64]) -> Classifier:
    import numpy as np

    try:
        from sklearn.linear_model import LogisticRegression
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise TrainerMissingError from error

    texts = [Counter(grams(utterance.text)) for utterance in utterances]
    held = Counter(gram for text in texts for gram in text)
    features = {gram: at for at, gram in enumerate(sorted(held))}
    idf = np.array([1 + np.log((1 + len(texts)) / (1 + held[gram])) for gram in features])
    matrix = np.zeros((len(texts), len(features)))
    for row, text in enumerate(texts):
        for gram, count in text.items():
            matrix[row, features[gram]] = (1 + np.log(count)) * idf[features[gram]]
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    # So small a problem is faster on one thread, and gives the same sums every time.
    with threadpool_limits(limits=1):
        model = LogisticRegression(C=_STRENGTH, max_iter=2000, class_weight="balanced").fit(matrix, labels)
    return Classifier(features, idf, model.coef_.T.copy(), model.intercept_.copy(), 1.0)


def _softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return cast("NDArray[np.float64]", powers / powers.sum(axis=1, keepdims=True))


def _log_loss(scores: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    import numpy as np

    return float(-np.log(_softmax(scores)[np.arange(len(labels)), labels]).mean())


def _calibration_error(probabilities: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    import numpy as np

    bins = np.minimum((probabilities * 10).astype(int), 9)
    return float(
        sum(
            abs(probabilities[bins == one].mean() - right[bins == one].mean()) * (bins == one).mean()
            for one in np.unique(bins)
        )
    )
