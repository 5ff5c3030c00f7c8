"""What is known about the use of one ambiguous term: its senses' words, sentences that use it, and verdicts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from terminology.normalize import fold_key
from terminology.space import unit_length
from terminology.words import units

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from terminology.space import WordSpace
    from terminology.types import Embedder, Sense, Verdict

# How much each source of words counts for a sense, and each part of the evidence for the choice.
_NAMES, _DEPARTMENT, _PROSE = 1.0, 0.7, 0.5
_ROUNDS = 10
_WORDING = 1.0
_SMOOTHING = 0.5


@dataclass(frozen=True, slots=True)
class Weights:
    """What the parts of the evidence add to a sense's log-odds.

    `untold` is how like a judged sentence a question must be to speak for its sense rather than for one that nobody has
    judged yet: sentences of different senses are that much alike.
    """

    overlap: float
    likeness: float
    embedding: float
    usage: float
    verdict: float
    untold: float
    share: float
    order: float = 0.5


WITHOUT_EMBEDDER = Weights(
    overlap=1.0, likeness=6.0, embedding=0.0, usage=5.0, verdict=18.0, untold=0.12, share=0.3
)
WITH_EMBEDDER = Weights(
    overlap=0.3, likeness=3.0, embedding=20.0, usage=8.0, verdict=20.0, untold=0.15, share=0.5
)
# In sorting the unlabelled sentences the verdicts count less: one wrong turn there would be repeated.
_VERDICT_IN_SORTING = 0.3


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as evidence: its weighted units, their place in the word space and, with an embedder, its embedding."""

    bag: Mapping[str, float]
    place: NDArray[np.float32]
    embedding: NDArray[np.float32] | None = None


class Reader:
    """Turns texts into evidence, with the word space and the embedder in use."""

    def __init__(self, space: WordSpace, embedder: Embedder | None = None) -> None:
        """Without `embedder` only the word space speaks."""
        self.space = space
        self.embedder = embedder

    def read(self, bags: Sequence[Mapping[str, float]], texts: Sequence[str]) -> list[Wording]:
        """Return the wording of each text; `bags` are their weighted units."""
        places = [self.space.vector(bag) for bag in bags]
        if self.embedder is None or not texts:
            return [Wording(bag, place) for bag, place in zip(bags, places, strict=True)]
        rows = self.embedder.embed_documents_array(list(texts))
        return [Wording(bag, place, row) for bag, place, row in zip(bags, places, rows, strict=True)]


def bag_of(text: str, without: frozenset[str], share: float = 1.0) -> dict[str, float]:
    """Return the units of `text` that are not in `without`, each with the same weight."""
    return {unit: share for unit in units(text) if unit not in without}


def names_of(sense: Sense) -> str:
    """Return the full names of a sense as one text."""
    return f"{sense.english} {sense.chinese}".strip()


def described(sense: Sense, without: frozenset[str]) -> dict[str, float]:
    """Return the weighted units that describe a sense: its names most, then department, then note and examples."""
    prose = bag_of(" ".join((sense.note, *sense.examples)), without, _PROSE)
    return {
        **prose,
        **bag_of(sense.department, without, _DEPARTMENT),
        **bag_of(names_of(sense), without, _NAMES),
    }


class TermUse:
    """The evidence for one ambiguous term, ready to judge a question.

    Sentences that use the abbreviation are not labelled with a sense. How much each belongs to each sense is
    estimated by expectation maximisation, from the words of the senses and from the sentences' likeness to each
    other, with the verdicts' sentences held fast (as Yarowsky, 1995, and Nigam and others, 2000).
    """

    def __init__(
        self,
        senses: Sequence[Sense],
        reader: Reader,
        sentences: Sequence[tuple[str, int | None]],
        verdicts: Sequence[Verdict],
    ) -> None:
        """Prepare `sentences`, each with the position of the sense whose full name it uses, or None.

        `reader` must read the questions too: what it learns later has other directions.
        """
        self.reader = reader
        self._weights = WITH_EMBEDDER if reader.embedder else WITHOUT_EMBEDDER
        self.without = frozenset(
            unit for sense in senses for unit in (*units(sense.term), fold_key(sense.term))
        )
        self._senses = reader.read(
            [described(each, self.without) for each in senses], [names_of(each) for each in senses]
        )
        self._order = np.asarray([-math.log(1 + at) for at in range(len(senses))], np.float32)
        positions = {sense.id: at for at, sense in enumerate(senses)}
        judged = [each for each in verdicts if each.sense_id in positions]
        texts = [*(each.question for each in judged), *(text for text, _ in sentences)]
        self._texts = {text: at for at, text in enumerate(texts)}
        wordings = reader.read([bag_of(text, self.without) for text in texts], texts)
        self._uses = _stacked(wordings)
        self._postings = _postings(wordings, reader.space)
        self._judged = len(judged)
        fixed: list[NDArray[np.float32] | None] = [
            *(_told(positions[each.sense_id], each.right, len(senses)) for each in judged),
            *(None if at is None else _told(at, True, len(senses)) for _, at in sentences),
        ]
        self._belonging = self._estimate(wordings, fixed)

    def weigh(self, question: Wording, text: str) -> tuple[list[float], list[float]]:
        """Return per sense what is expected before reading the question, and what the question adds, in log-odds.

        A stored sentence that equals `text` does not count.
        """
        uses, belonging = self._likeness(question), self._belonging
        if (at := self._texts.get(text)) is not None and at >= self._judged:
            uses, belonging = np.delete(uses, at), np.delete(belonging, at, axis=0)
        expected = self._weights.order * self._order + self._weights.share * _shares(belonging)
        said = self._own(question) + self._from_use(uses, belonging)
        return [float(each) for each in expected], [float(each) for each in said]

    def _own(self, wording: Wording) -> NDArray[np.float32]:
        """Return what the senses' own words say."""
        weights, space = self._weights, self.reader.space
        scores = []
        for sense in self._senses:
            shared = sum(
                space.weight(unit) * share * wording.bag[unit]
                for unit, share in sense.bag.items()
                if unit in wording.bag
            )
            score = weights.overlap * shared + weights.likeness * float(sense.place @ wording.place)
            if sense.embedding is not None and wording.embedding is not None:
                score += weights.embedding * float(sense.embedding @ wording.embedding)
            scores.append(score)
        return np.asarray(scores, np.float32)

    def _likeness(self, wording: Wording) -> NDArray[np.float32]:
        """Return how like each sentence is: by direction in the space or the embedding, and by shared words."""
        if not len(self._uses):
            return np.zeros(0, np.float32)
        direction = wording.place if wording.embedding is None else wording.embedding
        likeness: NDArray[np.float32] = self._uses @ direction
        space = self.reader.space
        shares = {unit: share * space.weight(unit) for unit, share in wording.bag.items()}
        length = math.sqrt(sum(share * share for share in shares.values())) or 1.0
        for unit, share in shares.items():
            if unit in self._postings:
                rows, values = self._postings[unit]
                likeness[rows] += values * np.float32(_WORDING * share / length)
        return likeness

    def _from_use(self, likeness: NDArray[np.float32], belonging: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what sentences say: likeness to those of each sense, and to the nearest one that a person judged."""
        usage = (likeness @ belonging) / (belonging.sum(axis=0) + _SMOOTHING)
        scores: NDArray[np.float32] = self._weights.usage * usage
        if self._judged:
            scores = scores + self._weights.verdict * self._from_verdicts(likeness, belonging)
        return scores

    def _from_verdicts(
        self, likeness: NDArray[np.float32], belonging: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return per sense how like the nearest sentence is that a person gave it."""
        told = belonging[: self._judged] > 0.5
        nearest = np.where(told, likeness[: self._judged, None], 0.0).max(axis=0)
        return np.where(told.any(axis=0), nearest, self._weights.untold).astype(np.float32)

    def _estimate(
        self, wordings: Sequence[Wording], fixed: Sequence[NDArray[np.float32] | None]
    ) -> NDArray[np.float32]:
        """Return how much each sentence belongs to each sense, shape (sentences, senses); rows sum to 1."""
        if not wordings:
            return np.zeros((0, len(self._senses)), np.float32)
        own = np.stack([self._own(wording) for wording in wordings]) + self._weights.order * self._order
        likeness = np.stack([self._likeness(wording) for wording in wordings])
        np.fill_diagonal(likeness, 0.0)
        belonging = _held(_softmax(own), fixed)
        if self._judged:
            near = np.stack([self._from_verdicts(row, belonging) for row in likeness])
            own = own + _VERDICT_IN_SORTING * self._weights.verdict * near
        for _ in range(_ROUNDS):
            usage = (likeness @ belonging) / (belonging.sum(axis=0) - belonging + _SMOOTHING)
            common = self._weights.share * _shares(belonging)
            belonging = _held(_softmax(own + self._weights.usage * usage + common), fixed)
        return belonging


def _shares(belonging: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how common each sense is among the sentences, as logarithms."""
    mass = belonging.sum(axis=0)
    shares: NDArray[np.float32] = np.log((mass + 1.0) / (mass.sum() + len(mass)))
    return shares


def _told(position: int, right: bool, senses: int) -> NDArray[np.float32]:
    """Return where a sentence belongs once a person has said that it means this sense, or does not."""
    belonging = np.full(senses, 0.0 if right else 1.0 / (senses - 1), np.float32)
    belonging[position] = 1.0 if right else 0.0
    return belonging


def _held(belonging: NDArray[np.float32], fixed: Sequence[NDArray[np.float32] | None]) -> NDArray[np.float32]:
    for row, told in enumerate(fixed):
        if told is not None:
            belonging[row] = told
    return belonging


def _stacked(wordings: Sequence[Wording]) -> NDArray[np.float32]:
    rows = [each.place if each.embedding is None else unit_length(each.embedding) for each in wordings]
    return np.stack(rows) if rows else np.zeros((0, 0), np.float32)


def _postings(
    wordings: Sequence[Wording], space: WordSpace
) -> dict[str, tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Return for each unit the sentences that hold it, with its part of their length (tf-idf, cosine)."""
    found: dict[str, tuple[list[int], list[float]]] = {}
    for row, wording in enumerate(wordings):
        shares = {unit: share * space.weight(unit) for unit, share in wording.bag.items()}
        length = math.sqrt(sum(share * share for share in shares.values())) or 1.0
        for unit, share in shares.items():
            rows, values = found.setdefault(unit, ([], []))
            rows.append(row)
            values.append(share / length)
    return {unit: (np.asarray(rows), np.asarray(values, np.float32)) for unit, (rows, values) in found.items()}


def _softmax(values: NDArray[np.float32]) -> NDArray[np.float32]:
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    shares: NDArray[np.float32] = raised / raised.sum(axis=1, keepdims=True)
    return shares
