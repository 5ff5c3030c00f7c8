"""Chooses the sense of an ambiguous term from all evidence at hand, and says how sure the choice is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from terminology.normalize import fold_key
from terminology.types import ResolvedTerm, ScoredSense

if TYPE_CHECKING:
    from collections.abc import Sequence

    from terminology.evidence import WordEvidence
    from terminology.settings import ChoiceSettings
    from terminology.types import ChosenBy, Sense, SenseScorer, TermContext, TermMatch

_DEPARTMENT = 3.0


class Disambiguator:
    """Chooses among the senses of a match.

    Each kind of evidence adds to a sense's log-odds; the scores are their softmax.
    """

    def __init__(
        self, settings: ChoiceSettings, words: WordEvidence, scorer: SenseScorer | None = None
    ) -> None:
        """Use `words` for what question and conversation say, and `scorer` (the terminology model) if given."""
        self._settings = settings
        self._words = words
        self._scorer = scorer

    def resolve(self, match: TermMatch, question: str, context: TermContext) -> ResolvedTerm:
        """Choose the sense of `match`; `close` when the evidence does not settle it."""
        senses = match.senses
        if len(senses) == 1:
            return ResolvedTerm(match, ScoredSense(senses[0], 1.0), "only")
        picked = _picked(match, context)
        if picked is not None:
            return _ranked(match, [1.0 if sense is picked else 0.0 for sense in senses], "user", close=False)
        parts = self._parts(match, question, context)
        scores = _softmax([sum(each) for each in zip(*parts.values(), strict=True)])
        best = max(range(len(senses)), key=lambda index: scores[index])
        return _ranked(match, scores, _decisive(parts, best), close=self._is_close(match, scores, best))

    def _parts(self, match: TermMatch, question: str, context: TermContext) -> dict[ChosenBy, list[float]]:
        parts: dict[ChosenBy, list[float]] = {
            "department": [_DEPARTMENT * _in_department(sense, context.department) for sense in match.senses],
            "context": self._words.log_odds(match, question, context.history[-self._settings.turns :]),
        }
        if self._scorer is not None:
            parts["model"] = list(self._scorer.score(question, match.senses))
        return parts

    def _is_close(self, match: TermMatch, scores: Sequence[float], best: int) -> bool:
        meaning = _meaning(match.senses[best])
        rivals = [
            score for sense, score in zip(match.senses, scores, strict=True) if _meaning(sense) != meaning
        ]
        if not rivals or match.kind in ("english", "chinese"):
            return False
        sure = sum(scores) - sum(rivals)
        return sure < self._settings.sure or sure - max(rivals) < self._settings.margin


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
