"""Times matching and choosing against 100,000 surfaces, beside the bare automaton, in one run."""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass, replace
from statistics import median, quantiles
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick

from benchmarks.terms.synthetic import questions, senses
from terminology.glossary import Glossary
from terminology.match import TermMatcher
from terminology.resolve import FixedGlossary, TermResolver
from terminology.settings import MatchSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from terminology.types import Sense

_ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Timing:
    """Microseconds for one question."""

    median: float
    p95: float


@dataclass(frozen=True, slots=True)
class Speed:
    """How long one question of `length` characters takes; `ratio` is matching over the bare automaton."""

    surfaces: int
    length: int
    build_seconds: float
    bare: Timing
    matching: Timing
    matching_with_typos: Timing
    resolving: Timing
    ratio: float


def measure(rows: int = 35_000, asked: int = 400, length: int = 60) -> Speed:
    """Time `asked` questions of `length` characters over a synthetic glossary of `rows` senses."""
    glossary_rows = _with_rivals(senses(rows))
    start = time.perf_counter()
    glossary = Glossary(glossary_rows)
    exact = TermMatcher(glossary, MatchSettings(typos=False, homophones=False))
    built = time.perf_counter() - start
    loose = TermMatcher(glossary)
    bare = AhoCorasick(list(glossary.surfaces))
    resolver = TermResolver(FixedGlossary(glossary_rows))
    # Every question holds an abbreviation with two senses.
    texts = questions(glossary_rows[:rows:10], asked, length)
    for text in texts:
        resolver.resolve(text)
        loose.find(text)
    # The glossary's million objects are not garbage; without this a collection would now and then visit them all.
    gc.collect()
    gc.freeze()
    timed = _interleaved(texts, (bare.find_matches_as_indexes, exact.find, loose.find, resolver.resolve))
    gc.unfreeze()
    ratio = round(timed[1].median / timed[0].median, 2)
    return Speed(len(glossary.surfaces), length, round(built, 2), timed[0], timed[1], timed[2], timed[3], ratio)


def _with_rivals(rows: list[Sense]) -> list[Sense]:
    """Give every tenth abbreviation a second sense, so that there is something to choose."""
    rivals = [
        replace(sense, english=other.english, chinese=other.chinese, id=len(rows) + at)
        for at, (sense, other) in enumerate(zip(rows[::10], rows[5::10], strict=False), 1)
    ]
    return [*rows, *rivals]


def _interleaved(texts: Sequence[str], acts: Sequence[Callable[[str], object]]) -> list[Timing]:
    """Time every act on every text in turn, so that a busy moment of the machine falls on all of them alike."""
    taken: list[list[int]] = [[] for _ in acts]
    for _ in range(_ROUNDS):
        for number, act in enumerate(acts):
            for text in texts:
                start = time.perf_counter_ns()
                act(text)
                taken[number].append(time.perf_counter_ns() - start)
    return [Timing(round(median(each) / 1000, 2), round(quantiles(each, n=20)[18] / 1000, 2)) for each in taken]
