"""Builds training data from the glossary and the documents: many wordings per sense, with groups held out."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field, replace
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING, Literal, TypeVar

from finetune.entries import entries_of, name_form, names_of, split_of
from finetune.phrasings import phrasings
from finetune.sentences import bounded, uses_of
from finetune.types import KINDS, SPLITS, Sample
from finetune.unknowns import invented
from finetune.versions import with_replay
from terminology.glossary import Glossary
from terminology.normalize import fold_key, is_chinese
from terminology.prompt import (
    ABSTAIN,
    CHOICE_INSTRUCTION,
    PROPOSE_INSTRUCTION,
    choice_input,
    choice_texts,
    propose_input,
    sense_text,
    sense_texts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from finetune.entries import Entry
    from finetune.phrasings import Phrasing, Wording
    from finetune.sentences import Use
    from finetune.types import Kind, Split
    from terminology.types import Sense

Thing = TypeVar("Thing")
_CUES = 3
# A question, the name of its wording, and the group that may not be in two splits.
_Asked = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What to build.

    `phrasings` caps the training samples of one sense, `tests` its validation and its held-out samples: those that ask
    to choose it, which is the model's job, and those of all other kinds, each by themselves; `held_terms`
    is the share of abbreviations kept out of training altogether; `unknown` the number of invented unknown
    abbreviations per known one; `distractors` how many senses of other terms join a choice that would have only one
    candidate; `replay` the share of general samples. Everything follows from `seed`.
    """

    phrasings: int = 16
    tests: int = 4
    sentences: int = 12
    held_terms: float = 0.1
    unknown: float = 0.5
    distractors: int = 2
    replay: float = 0.2
    kinds: tuple[Kind, ...] = KINDS
    seed: int = 0


def build(
    senses: Sequence[Sense],
    contexts: Callable[[str], Sequence[str]] | None = None,
    general: Sequence[Sample] = (),
    options: BuildOptions | None = None,
) -> dict[Split, list[Sample]]:
    """Return samples by split.

    `contexts` gives passages of the ingested documents with a name in them. No wording, sentence, unknown or
    held-out abbreviation of one split occurs in another; validation is for choosing a checkpoint, held-out for the
    last word.
    """
    chosen = options or BuildOptions()
    builder = _Builder(chosen, entries_of(senses, chosen.held_terms, chosen.seed), Glossary(senses))
    uses = [
        use
        for entry in builder.entries
        for use in uses_of(entry.surface, entry.senses, contexts, chosen.sentences)
    ]
    splits: dict[Split, list[Sample]] = {
        split: [*builder.known(split, uses), *builder.unknown(split, uses)] for split in SPLITS
    }
    splits = {split: _shuffled(samples, f"{chosen.seed}:{split}") for split, samples in splits.items()}
    return with_replay(splits, general, chosen.replay, chosen.seed) if general else splits


@dataclass(frozen=True, slots=True)
class _Builder:
    options: BuildOptions
    entries: tuple[Entry, ...]
    glossary: Glossary
    _held: re.Pattern[str] | None = field(init=False)
    _pools: dict[bool, list[Entry]] = field(init=False)
    _terms: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        held = [bounded(entry.surface).pattern for entry in self.entries if entry.held]
        terms: dict[str, list[str]] = {}
        for sense in self.glossary.all:
            for name in names_of(sense):
                terms.setdefault(name_form(name), []).append(sense.term)
        pools = {held: [entry for entry in self.entries if entry.held == held] for held in (True, False)}
        object.__setattr__(self, "_held", re.compile("|".join(held)) if held else None)
        object.__setattr__(self, "_pools", pools)
        object.__setattr__(self, "_terms", terms)

    def known(self, split: Split, uses: Sequence[Use]) -> Iterator[Sample]:
        """Samples about abbreviations of the glossary."""
        by_sense: dict[tuple[str, Sense], list[Use]] = {}
        for use in uses:
            by_sense.setdefault((use.surface, use.sense), []).append(use)
        for entry in self.entries:
            if entry.held and split != "held_out":
                continue
            seen: set[tuple[str, str]] = set()
            for sense in entry.senses:
                found = self._of_sense(entry, sense, split, by_sense.get((entry.surface, sense), []))
                fresh = [each for each in found if (each.instruction, each.input) not in seen]
                for sample in self._capped(fresh, split):
                    seen.add((sample.instruction, sample.input))
                    yield sample

    def _capped(self, samples: Sequence[Sample], split: Split) -> Iterator[Sample]:
        most = self.options.phrasings if split == "train" else self.options.tests
        for choosing in (True, False):
            yield from islice((each for each in samples if (each.kind == "choice") == choosing), most)

    def unknown(self, split: Split, uses: Sequence[Use]) -> Iterator[Sample]:
        """Samples about invented abbreviations, which the model must not explain."""
        if "abstain" not in self.options.kinds:
            return
        asked = phrasings("definition", split)
        sentences = [use for use in uses if split_of(use.key) == split and not self._shows_held(use.sentence)]
        for at, surface in enumerate(self._invented(split)):
            first, second = asked[at % len(asked)], asked[(at + 1) % len(asked)]
            group = f"unknown:{fold_key(surface)}"
            base = Sample("", ABSTAIN, kind="abstain", term=surface, group=group, split=split)
            question = first.fill(term=surface)
            yield replace(base, instruction=question, question=question, phrasing=first.name)
            yield _proposing(base, second.fill(term=surface), second.name)
            yield replace(_asked_alone(base), group=group)
            if sentences:
                use = sentences[at % len(sentences)]
                yield _proposing(base, use.sentence.replace(use.surface, surface), "propose/sentence")

    def _of_sense(self, entry: Entry, sense: Sense, split: Split, uses: Sequence[Use]) -> Iterator[Sample]:
        """All samples of one sense, kind by kind in turn, so that a cap keeps some of each."""
        kinds: list[Iterable[Sample]] = [
            self._choices(entry, sense, split, uses),
            self._definitions(entry, split),
            self._proposals(entry, sense, split, uses),
            self._reversed(entry, sense, split),
            self._named(entry, split, "english", [each.english for each in entry.senses]),
            self._named(entry, split, "chinese", [each.chinese for each in entry.senses]),
            self._contexts(entry, sense, split, uses),
        ]
        samples = chain.from_iterable(zip_longest(*kinds))
        for sample in samples:
            if sample is not None and sample.kind in self.options.kinds:
                group = f"term:{entry.group}" if entry.held else sample.group
                yield replace(sample, term=entry.surface, split=split, group=group)

    def _choices(self, entry: Entry, sense: Sense, split: Split, uses: Sequence[Use]) -> Iterator[Sample]:
        for question, name, group in self._questions(entry, sense, split, uses):
            candidates = self._candidates(entry, sense, question)
            texts = choice_texts(candidates)
            # A choice that the glossary itself does not leave open is told apart, since it is no test of use.
            way = "choice" if len(candidates) == len(entry.senses) else "distractors"
            yield Sample(
                CHOICE_INSTRUCTION,
                texts[candidates.index(sense)],
                choice_input(question, entry.surface, candidates),
                kind="choice",
                question=question,
                candidates=tuple(texts),
                phrasing=f"{way}/{name}",
                group=group,
            )

    def _questions(self, entry: Entry, sense: Sense, split: Split, uses: Sequence[Use]) -> Iterator[_Asked]:
        """Questions that settle the sense: the question, the name of its wording, its group."""
        rivals = [other for other in entry.senses if other is not sense]
        ways = (
            self._in_sentences(entry, split, uses),
            self._in_department(entry, sense, split, rivals),
            self._with_cues(entry, sense, split, rivals),
        )
        # In turn, so that a cap keeps some of each.
        return (asked for turn in zip_longest(*ways) for asked in turn if asked is not None)

    def _in_sentences(self, entry: Entry, split: Split, uses: Sequence[Use]) -> Iterator[_Asked]:
        for way, use in _crossed(self._asked("sentence", entry, split), self._of_split(entry, split, uses)):
            question = way.fill(sentence=use.sentence, term=entry.surface)
            yield question, way.name, f"sentence:{use.key}"

    def _of_split(self, entry: Entry, split: Split, uses: Sequence[Use]) -> list[Use]:
        """The sentences that a split may show."""
        return [
            use
            for use in uses
            if (entry.held or split_of(use.key) == split)
            and not (split != "held_out" and self._shows_held(use.sentence))
        ]

    def _in_department(
        self, entry: Entry, sense: Sense, split: Split, rivals: Sequence[Sense]
    ) -> Iterator[_Asked]:
        departments = {fold_key(other.department) for other in rivals}
        if sense.department.strip() and fold_key(sense.department) not in departments:
            for way in self._asked("department", entry, split):
                question = way.fill(department=sense.department.strip(), term=entry.surface)
                yield question, way.name, f"phrasing:{way.name}"

    def _with_cues(self, entry: Entry, sense: Sense, split: Split, rivals: Sequence[Sense]) -> Iterator[_Asked]:
        for way, cue in _crossed(self._asked("cue", entry, split), _cues(sense, rivals)):
            yield way.fill(cue=cue, term=entry.surface), way.name, f"phrasing:{way.name}"

    def _definitions(self, entry: Entry, split: Split) -> Iterator[Sample]:
        texts = sense_texts(entry.senses)
        for way in self._asked("definition", entry, split):
            question = way.fill(term=entry.surface)
            yield Sample(
                question,
                "；".join(texts),
                kind="definition",
                question=question,
                phrasing=way.name,
                group=f"phrasing:{way.name}",
            )

    def _proposals(self, entry: Entry, sense: Sense, split: Split, uses: Sequence[Use]) -> Iterator[Sample]:
        """The canonical prompt without candidates; several senses need a question that settles the sense."""
        base = Sample("", sense_text(sense), kind="propose", term=entry.surface)
        if split == "train":
            yield _asked_alone(replace(base, output="；".join(sense_texts(entry.senses))))
        if len(entry.senses) > 1:
            for question, name, group in self._questions(entry, sense, split, uses):
                yield replace(_proposing(base, question, f"propose/{name}"), group=group)
            return
        for way in self._asked("definition", entry, split):
            filled = _proposing(base, way.fill(term=entry.surface), f"propose/{way.name}")
            yield replace(filled, group=f"phrasing:{way.name}")

    def _reversed(self, entry: Entry, sense: Sense, split: Split) -> Iterator[Sample]:
        for way, name in _crossed(self._asked("reverse", entry, split), names_of(sense)):
            terms = dict.fromkeys(self._terms[name_form(name)])
            question = way.fill(name=name)
            yield Sample(
                question,
                "；".join(terms),
                kind="reverse",
                question=question,
                phrasing=way.name,
                group=f"phrasing:{way.name}",
            )

    def _named(
        self, entry: Entry, split: Split, wording: Literal["english", "chinese"], written: Sequence[str]
    ) -> Iterator[Sample]:
        """The English or the Chinese names alone; where a sense has none, the answer would be half of one."""
        answers = list(dict.fromkeys(each.strip() for each in written))
        if not all(answers):
            return
        for way in self._asked(wording, entry, split):
            question = way.fill(term=entry.surface)
            group = f"phrasing:{way.name}"
            text = "；".join(answers)
            yield Sample(question, text, kind=wording, question=question, phrasing=way.name, group=group)

    def _contexts(self, entry: Entry, sense: Sense, split: Split, uses: Sequence[Use]) -> Iterator[Sample]:
        """A sentence and what the abbreviation means in it, asked as people ask: without candidates or instruction."""
        for way, use in _crossed(self._asked("context", entry, split), self._of_split(entry, split, uses)):
            question = way.fill(sentence=use.sentence, term=entry.surface)
            group = f"sentence:{use.key}"
            yield Sample(
                question, sense_text(sense), kind="context", question=question, phrasing=way.name, group=group
            )

    def _asked(self, wording: Wording, entry: Entry, split: Split) -> tuple[Phrasing, ...]:
        """The wordings of a split, in an order of the entry's own, so that a cap does not always keep the same."""
        own = list(phrasings(wording, split))
        random.Random(f"{self.options.seed}:{entry.group}:{wording}").shuffle(own)  # noqa: S311
        return tuple(own)

    def _candidates(self, entry: Entry, sense: Sense, question: str) -> list[Sense]:
        """The senses to choose from, in any order; a term with one sense gets others of the same split beside it.

        Such a distractor shares neither department nor cue with the sense, so that the question still settles it.
        """
        chance = random.Random(f"{self.options.seed}:{entry.surface}:{question}")  # noqa: S311
        candidates = list(entry.senses)
        pool = self._pools[entry.held]
        cues = [fold_key(cue) for cue in _cues(sense, ())]
        wanted = self.options.distractors if len(candidates) == 1 else 0
        for other in chance.sample(pool, min(len(pool), 20 * wanted)):
            names = fold_key(" ".join(names_of(other.senses[0])))
            apart = fold_key(other.senses[0].department) != fold_key(sense.department) or not sense.department
            if other.group != entry.group and apart and not any(cue in names for cue in cues):
                candidates.append(other.senses[0])
            if len(candidates) > wanted:
                break
        chance.shuffle(candidates)
        return candidates

    def _shows_held(self, sentence: str) -> bool:
        return self._held is not None and self._held.search(sentence) is not None

    def _invented(self, split: Split) -> list[str]:
        known = [entry.surface for entry in self.entries]
        wanted = max(8, round(len(known) * self.options.unknown)) if known and self.options.unknown else 0
        wanted = wanted if split == "train" else max(4, wanted // 3) if wanted else 0
        return invented(known, self.glossary.surfaces, wanted, split, self.options.seed)


def _asked_alone(base: Sample) -> Sample:
    """The abbreviation without any question; for a known one, trained only: it has no other wording."""
    text = propose_input(base.term)
    name = "propose/alone"
    return replace(base, instruction=PROPOSE_INSTRUCTION, input=text, phrasing=name, group=f"phrasing:{name}")


def _proposing(base: Sample, question: str, phrasing: str) -> Sample:
    return replace(
        base,
        instruction=PROPOSE_INSTRUCTION,
        input=propose_input(base.term, question),
        question=question,
        phrasing=phrasing,
    )


def _cues(sense: Sense, rivals: Sequence[Sense]) -> list[str]:
    """Return words of a sense's names that no rival's names have, the longest first."""
    import rjieba

    words = [*rjieba.cut(sense.chinese), *sense.english.split()]
    foreign = fold_key(" ".join(f"{rival.chinese} {rival.english}" for rival in rivals))
    fitting = [
        word
        for word in dict.fromkeys(each.strip("（）()，,；;、“”\"' ") for each in words)
        if len(word) >= (2 if is_chinese(word) else 4)
        and fold_key(word) not in foreign
        and fold_key(word) != fold_key(sense.term)
    ]
    return sorted(fitting, key=lambda word: (-len(word) - 3 * is_chinese(word), word))[:_CUES]


def _crossed(ways: Sequence[Phrasing], things: Sequence[Thing]) -> Iterator[tuple[Phrasing, Thing]]:
    """Pair wordings and things, each thing once before any comes again."""
    for turn in range(len(ways)):
        for at, thing in enumerate(things):
            yield ways[(turn + at) % len(ways)], thing


def _shuffled(samples: list[Sample], seed: str) -> list[Sample]:
    random.Random(seed).shuffle(samples)  # noqa: S311
    return samples
