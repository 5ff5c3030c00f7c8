"""Measures everything: python -m benchmarks.retrieval [--chunks 100000]."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.retrieval.data import cmrc2018, missing, pooled, rgb
from benchmarks.retrieval.expansions import measure_expansions, measure_mixed
from benchmarks.retrieval.measures import Measured, measure
from benchmarks.retrieval.report import write
from benchmarks.retrieval.scale import measure_scale
from benchmarks.retrieval.systems import Built, baselines, ours

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.retrieval.data import Question


def main() -> int:
    """Runs the measurements and writes benchmarks/results/retrieval.{json,md}."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--chunks", type=int, default=100_000, help="size of the latency index, 0 for none")
    chosen = arguments.parse_args()
    if missing():
        print("Skipped, these files are missing:", *missing(), sep="\n  ")
        return 0
    sections: dict[str, list[Measured]] = {}
    sizes: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        both = pooled(cmrc2018(), rgb())
        for key, collection in (("cmrc", cmrc2018()), ("rgb", rgb()), ("both", both)):
            built = _built(folder / key, collection.texts)
            sizes[collection.name] = (
                f"{len(collection.texts):,} texts, {len(collection.questions):,} questions."
            )
            sections[collection.name] = [
                measured(system, search, collection.questions)
                for system, search in (*baselines(collection), *ours(built))
            ]
        collection = cmrc2018()
        titled = _built(folder / "titled", collection.texts, collection.titles)
        title_name = "CMRC2018 dev, titles as document titles"
        sizes[title_name] = "The same questions; titles count half as much as the text."
        sections[title_name] = [
            measured(system, search, collection.questions)
            for system, search in ours(titled)
            if "hashed" not in system
        ]
        expansion_name = "Expansions"
        sizes[expansion_name] = (
            "Questions of CMRC2018 that name the title of their passage, the name replaced by an invented "
            "abbreviation; titles are not indexed."
        )
        sections[expansion_name] = measure_expansions(collection, _built(folder / "plain", collection.texts))
        mixed_name = "Expansions, half of the names abbreviated in the passages"
        sizes[mixed_name] = "The same questions; documents that are not of one mind about the short form."
        sections[mixed_name] = measure_mixed(collection, lambda texts: _built(folder / "mixed", texts))
        scale = None
        if chosen.chunks:
            (folder / "scale").mkdir()
            scale = measure_scale(collection, folder / "scale", chosen.chunks)
    write(sections, sizes, scale)
    return 0


def measured(system: str, search: Callable[[str], Sequence[int]], questions: Sequence[Question]) -> Measured:
    """Measures one system and says so, since the whole takes minutes."""
    found = measure(system, search, questions)
    print(
        f"{system}: {found.recall[1]:.4f} {found.recall[5]:.4f} {found.mrr:.4f} {found.median_ms:.2f} ms",
        flush=True,
    )
    return found


def _built(folder: Path, texts: Sequence[str], titles: Sequence[str] | None = None) -> Built:
    folder.mkdir()
    return Built(folder, texts, titles)


if __name__ == "__main__":
    sys.exit(main())
