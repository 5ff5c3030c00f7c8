"""Choosing senses on the SDU@AAAI-21 acronym data: without weights, with MiniLM, and learned from use."""

from __future__ import annotations

import json
import random
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from terminology.resolve import FixedGlossary, TermResolver
from terminology.types import Sense, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from terminology.settings import TerminologySettings
    from terminology.types import Embedder


@dataclass(frozen=True, slots=True)
class Sentence:
    """A labelled sentence; the label is used for scoring, and as feedback in the experiment that says so."""

    text: str
    acronym: str
    gold: str


@dataclass(frozen=True, slots=True)
class AcronymData:
    """The sentences and, per acronym, the senses in the file's order."""

    sentences: tuple[Sentence, ...]
    senses: dict[str, tuple[str, ...]]

    def glossary(self) -> list[Sense]:
        """Return one glossary row per sense."""
        rows = [(acronym, name) for acronym, names in self.senses.items() for name in names]
        return [Sense(acronym, name, "", id=number) for number, (acronym, name) in enumerate(rows, 1)]


def load(folder: Path) -> AcronymData | None:
    """Read `*_senses.json` and the first `*.jsonl` of `folder`, or return None where they are missing."""
    senses, rows = next(folder.glob("*senses.json"), None), next(folder.glob("*.jsonl"), None)
    if senses is None or rows is None:
        return None
    names = {acronym: tuple(each) for acronym, each in json.loads(senses.read_text(encoding="utf-8")).items()}
    lines = [json.loads(line) for line in rows.read_text(encoding="utf-8").splitlines() if line.strip()]
    return AcronymData(tuple(Sentence(each["text"], each["acronym"], each["gold"]) for each in lines), names)


class UnlabelledTexts:
    """The file's sentences without their labels, as if they stood in ingested documents."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = list(dict.fromkeys(texts))
        self._words: dict[str, list[int]] = defaultdict(list)
        for at, text in enumerate(self._texts):
            for word in set(re.findall(r"[\w-]+", text)):
                self._words[word.casefold()].append(at)

    def contexts(self, term: str) -> Sequence[str]:
        """Return the sentences that hold `term` as written, for an abbreviation, or in any case, for a name."""
        words = re.findall(r"[\w-]+", term)
        if not words:
            return ()
        places = set.intersection(*(set(self._words.get(word.casefold(), ())) for word in words))
        whole = re.compile(rf"(?<!\w){re.escape(term)}(?!\w)", 0 if len(words) == 1 else re.IGNORECASE)
        return [self._texts[at] for at in sorted(places) if whole.search(self._texts[at])]

    def change(self) -> int:
        """Return 1: these texts never change."""
        return 1


@dataclass(frozen=True, slots=True)
class Scores:
    """The shared task's figures in percent, the mean F1 over the senses that occur, and accuracy."""

    sentences: int
    accuracy: float
    macro_precision: float
    macro_recall: float
    macro_f1: float
    mean_f1: float


def scored(gold: Sequence[str], predicted: Sequence[str]) -> Scores:
    """Score as the shared task's script does.

    Macro F1 is the harmonic mean of precision and recall averaged over the senses that occur; the precision of a
    sense that was never predicted counts as 1.
    """
    right = Counter(label for label, guess in zip(gold, predicted, strict=True) if label == guess)
    of_gold, of_guess = Counter(gold), Counter(predicted)
    precision = {each: right[each] / of_guess[each] if of_guess[each] else 1.0 for each in of_gold}
    recall = {each: right[each] / of_gold[each] for each in of_gold}
    p, r = sum(precision.values()) / len(of_gold), sum(recall.values()) / len(of_gold)
    single = [
        2 * precision[each] * recall[each] / (precision[each] + recall[each]) if right[each] else 0.0
        for each in of_gold
    ]
    figures = (sum(right.values()) / len(gold), p, r, 2 * p * r / (p + r), sum(single) / len(single))
    return Scores(len(gold), *(round(100 * each, 2) for each in figures))


def choices(
    resolver: TermResolver, data: AcronymData, sentences: Sequence[Sentence]
) -> list[tuple[str, float]]:
    """Return the sense chosen for each sentence's acronym and its score; the first sense where it is not found."""
    chosen = []
    for sentence in sentences:
        terms = resolver.resolve(sentence.text).terms
        own = [each for each in terms if each.chosen.sense.term == sentence.acronym]
        pick = own[0].chosen if own else None
        chosen.append((pick.sense.english, pick.score) if pick else (data.senses[sentence.acronym][0], 0.0))
    return chosen


def labels(sentences: Sequence[Sentence], names: Iterable[str]) -> list[str]:
    """Return labels that are unique over acronyms."""
    return [f"{sentence.acronym}: {name}" for sentence, name in zip(sentences, names, strict=True)]


def resolver_for(
    data: AcronymData,
    verdicts: Sequence[Verdict] = (),
    embedder: Embedder | None = None,
    settings: TerminologySettings | None = None,
    *,
    documents: bool = True,
) -> TermResolver:
    """Return a resolver over the senses; with `documents` the unlabelled sentences are its ingested documents."""
    contexts = UnlabelledTexts(each.text for each in data.sentences) if documents else None
    return TermResolver(FixedGlossary(data.glossary(), verdicts), settings, contexts, embedder)


def halves(data: AcronymData, seed: int, *, by_sense: bool) -> tuple[list[Sentence], list[Sentence]]:
    """Split each acronym's sentences into feedback and test, at random; `by_sense`: each sense's sentences."""
    chance = random.Random(seed)
    groups: dict[tuple[str, str], list[Sentence]] = defaultdict(list)
    for sentence in data.sentences:
        groups[sentence.acronym, sentence.gold if by_sense else ""].append(sentence)
    told: list[Sentence] = []
    asked: list[Sentence] = []
    for group in groups.values():
        chance.shuffle(group)
        middle = (len(group) + 1) // 2
        told += group[:middle]
        asked += group[middle:]
    return told, asked


def verdicts_of(data: AcronymData, told: Iterable[Sentence]) -> list[Verdict]:
    """Return labelled sentences as the feedback that users would have given."""
    ids = {(sense.term, sense.english): sense.id for sense in data.glossary()}
    return [Verdict(each.acronym, ids[each.acronym, each.gold], each.text) for each in told]
