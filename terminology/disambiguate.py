"""Chooses the sense of an ambiguous term from all evidence at hand, and says how sure the choice is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from terminology.evidence import Wording, bag_of, names_of
from terminology.hints import hints
from terminology.normalize import fold_key
from terminology.space import unit_length
from terminology.types import ResolvedTerm, ScoredSense

if TYPE_CHECKING:
    from collections.abc import Sequence

    from terminology.evidence import TermUse
    from terminology.settings import ChoiceSettings
    from terminology.types import ChosenBy, Sense, SenseScorer, TermContext, TermMatch
    from terminology.usage import UsageLibrary

_DEPARTMENT = 3.0
_HISTORY = 0.5
# Log-odds that question, conversation or asker must add before a choice is made without asking.
_LEAST_EVIDENCE = 0.3


class Disambiguator:
    """Chooses among the senses of a match.

    Each kind of evidence adds to a sense's log-odds; the scores are their softmax, with a temperature that makes
    them calibrated.
    """

    def __init__(
        self, settings: ChoiceSettings, library: UsageLibrary, scorer: SenseScorer | None = None
    ) -> None:
        """Use `library` for what question and conversation say, and `scorer` (the terminology model) if given."""
        self._settings = settings
        self._library = library
        self._scorer = scorer

    def resolve(
        self, matches: Sequence[TermMatch], question: str, context: TermContext
    ) -> tuple[ResolvedTerm, ...]:
        """Choose the sense of each match of `question`; `close` where the evidence does not settle it."""
        return tuple(self._resolve(match, matches, question, context) for match in matches)

    def _resolve(
        self, match: TermMatch, matches: Sequence[TermMatch], question: str, context: TermContext
    ) -> ResolvedTerm:
        senses = match.senses
        if len(senses) == 1:
            return ResolvedTerm(match, ScoredSense(senses[0], 1.0), "only")
        picked = _picked(match, context)
        if picked is not None:
            return _ranked(match, [1.0 if sense is picked else 0.0 for sense in senses], "user", close=False)
        expected, parts = self._parts(match, matches, question, context)
        said = [sum(each) for each in zip(*parts.values(), strict=True)]
        log_odds = [before + now for before, now in zip(expected, said, strict=True)]
        scores = _softmax([each / self._settings.temperature for each in log_odds])
        best = max(range(len(senses)), key=lambda index: scores[index])
        close = self._is_close(match, scores, said, best)
        return _ranked(match, scores, _decisive(parts, best), close=close)

    def _parts(
        self, match: TermMatch, matches: Sequence[TermMatch], question: str, context: TermContext
    ) -> tuple[list[float], dict[ChosenBy, list[float]]]:
        """Return what is expected of each sense beforehand, and what each kind of evidence adds."""
        use = self._library.use(match.senses)
        expected, said = use.weigh(self._read(use, match, matches, question, context), question)
        parts: dict[ChosenBy, list[float]] = {
            "department": [_DEPARTMENT * _in_department(sense, context.department) for sense in match.senses],
            "context": [own + hint for own, hint in zip(said, self._hints(match, question), strict=True)],
        }
        if self._scorer is not None:
            parts["model"] = list(self._scorer.score(question, match.senses))
        return expected, parts

    def _hints(self, match: TermMatch, question: str) -> list[float]:
        around = f"{question[: match.start]} {question[match.end :]}".replace(match.surface, " ")
        return hints(around, match.senses, match.surface)

    def _read(
        self, use: TermUse, match: TermMatch, matches: Sequence[TermMatch], question: str, context: TermContext
    ) -> Wording:
        """Read the question without the term itself; the conversation before it and its other terms count too."""
        around = f"{question[: match.start]} {question[match.end :]}"
        history = " ".join(context.history[-self._settings.turns :])
        bag = bag_of(history, use.without, _HISTORY) if history else {}
        for other in matches:
            if other.senses != match.senses:
                bag.update(_possible(other, use.without))
        bag.update(bag_of(around, use.without))
        reader = use.reader
        if reader.embedder is None:
            return Wording(bag, reader.space.vector(bag))
        embedding = reader.embedder.embed_query_array(around)
        if history:
            embedding = unit_length(
                embedding + np.float32(_HISTORY) * reader.embedder.embed_query_array(history)
            )
        return Wording(bag, reader.space.vector(bag), embedding)

    def _is_close(self, match: TermMatch, scores: Sequence[float], said: Sequence[float], best: int) -> bool:
        """Whether to ask back: the scores are near, or nothing but the senses' frequency speaks for the best."""
        meaning = _meaning(match.senses[best])
        rivals = [at for at, sense in enumerate(match.senses) if _meaning(sense) != meaning]
        if not rivals or match.kind in ("english", "chinese"):
            return False
        sure = sum(scores) - sum(scores[at] for at in rivals)
        near = sure < self._settings.sure or sure - max(scores[at] for at in rivals) < self._settings.margin
        return near or said[best] - max(said[at] for at in rivals) < _LEAST_EVIDENCE


def _possible(match: TermMatch, without: frozenset[str]) -> dict[str, float]:
    """Return what another term of the question may be about: the words of all its senses, shared between them."""
    bag: dict[str, float] = {}
    for sense in match.senses:
        for unit in bag_of(names_of(sense), without):
            bag[unit] = bag.get(unit, 0.0) + 1.0 / len(match.senses)
    return bag


def _picked(match: TermMatch, context: TermContext) -> Sense | None:
    chosen = dict(context.chosen)
    for surface in (match.surface, *(sense.term for sense in match.senses)):
        wanted = chosen.get(fold_key(surface))
        for sense in match.senses:
            if wanted and sense.id == wanted:
                return sense
    return None


def _in_department(sense: Sense, department: str | None) -> float:
    """1 for a sense of the asker's department, -1 for one of another, 0 where either is not known."""
    asked = fold_key(department or "")
    own = fold_key(sense.department)
    if not asked or not own:
        return 0.0
    return 1.0 if asked in own or own in asked else -1.0


def _meaning(sense: Sense) -> tuple[str, str]:
    return fold_key(sense.chinese), fold_key(sense.english)


def _softmax(values: Sequence[float]) -> list[float]:
    highest = max(values)
    exponents = [math.exp(value - highest) for value in values]
    total = sum(exponents)
    return [each / total for each in exponents]


def _decisive(parts: dict[ChosenBy, list[float]], best: int) -> ChosenBy:
    """Name the evidence that lifts the best sense highest above the others' mean; context if none does."""

    def lift(name: ChosenBy) -> float:
        return parts[name][best] - sum(parts[name]) / len(parts[name])

    strongest = max(parts, key=lift)
    return strongest if lift(strongest) > 0 else "context"


def _ranked(match: TermMatch, scores: Sequence[float], by: ChosenBy, *, close: bool) -> ResolvedTerm:
    order = sorted(range(len(scores)), key=lambda index: -scores[index])
    ranked = [ScoredSense(match.senses[index], scores[index]) for index in order]
    return ResolvedTerm(match, ranked[0], by, tuple(ranked[1:]), close)
