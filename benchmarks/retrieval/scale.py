"""Search latency at a stated size, over made-up texts with words drawn by Zipf's law from real ones."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import rjieba

from benchmarks.retrieval.measures import percentiles
from benchmarks.retrieval.systems import Built

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from benchmarks.retrieval.data import Collection

WORDS_PER_TEXT = 120


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds of one kind of search."""

    what: str
    median_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Scale:
    """An index of `chunks` made-up passages: seconds to build the keyword index, its size, and latencies."""

    chunks: int
    keyword_seconds: float
    keyword_megabytes: float
    vector_dimension: int
    latencies: tuple[Latency, ...]


def measure_scale(collection: Collection, folder: Path, chunks: int) -> Scale:
    """Builds the index and asks 200 of the collection's questions in each way."""
    built = Built(folder, made_up(collection, chunks))
    chance = random.Random(1)
    queries = [question.text for question in chance.sample(collection.questions, 200)]
    vectors = [built.embedder.embed_query_array(query) for query in queries]
    everyone = built.store.visible_numbers(frozenset())
    half = everyone[::2].copy()
    latencies = (
        _timed("keyword ranking, 100 hits", lambda place: built.keywords.search(queries[place], 100)),
        _timed("FAISS flat, 100 hits", lambda place: built.vectors.search(vectors[place], 100)),
        _timed(
            "FAISS flat, 100 hits, half of it visible",
            lambda place: built.vectors.search(vectors[place], 100, half),
        ),
        _timed("SearchEngine.search, top 10", lambda place: built.engine.search(queries[place])),
        _timed(
            "SearchEngine.search, top 10, with groups",
            lambda place: built.engine.search(queries[place], groups=frozenset({"sales"})),
        ),
        _timed("latest_change", lambda _place: built.store.latest_change()),
    )
    size = sum(path.stat().st_size for path in (folder / "keywords").rglob("*") if path.is_file())
    built.store.close()
    return Scale(chunks, built.keyword_seconds, size / 1e6, built.embedder.dimension, latencies)


def made_up(collection: Collection, count: int) -> list[str]:
    """Texts of real words in random order, frequent ones frequent."""
    words = [word for text in collection.texts for word in rjieba.cut(text)]
    chance = random.Random(7)
    return ["".join(chance.choices(words, k=WORDS_PER_TEXT)) for _ in range(count)]


def _timed(what: str, search: Callable[[int], object], count: int = 200) -> Latency:
    seconds: Sequence[float] = [_seconds(search, place) for place in range(count)]
    return Latency(what, *percentiles(seconds))


def _seconds(search: Callable[[int], object], place: int) -> float:
    start = time.perf_counter()
    search(place)
    return time.perf_counter() - start
