"""Measures ingestion: python -m benchmarks.ingest [--repetitions 3]."""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.ingest.report import write
from benchmarks.ingest.systems import Outcome, TermRoute, bare, recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parents[2]
STRESS = ROOT.parent / "shared" / "data" / "stress" / "pdf"
KNOWLEDGE = ROOT / "examples" / "knowledge"


@dataclass(frozen=True)
class Measured:
    """A system over a collection: wall-clock seconds of each repetition, and what came out."""

    collection: str
    system: str
    seconds: list[float]
    outcome: Outcome

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def measure(
    collection: str,
    files: Sequence[Path],
    systems: dict[str, Callable[[Sequence[Path]], Outcome]],
    repetitions: int,
) -> list[Measured]:
    """All systems in turn, so that what else the machine does falls on all of them; one round before to warm up."""
    seconds: dict[str, list[float]] = {name: [] for name in systems}
    outcomes: dict[str, Outcome] = {}
    for turn in range(repetitions + 1):
        for name, system in systems.items():
            start = time.perf_counter()
            outcomes[name] = system(files)
            if turn:
                seconds[name].append(time.perf_counter() - start)
            print(f"{collection}, {name}, {turn}: {time.perf_counter() - start:.2f} s", flush=True)
    return [Measured(collection, name, seconds[name], outcomes[name]) for name in systems]


def main() -> int:
    """Runs the measurements and writes benchmarks/results/ingest.{json,md}."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--repetitions", type=int, default=3)
    repetitions = max(3, arguments.parse_args().repetitions)
    one, two = TermRoute(workers=1, ocr=False), TermRoute(workers=2, ocr=False)
    scans = TermRoute(workers=2, ocr=True)
    systems: dict[str, Callable[[Sequence[Path]], Outcome]] = {
        "bare PyMuPDF": bare,
        "LangChain recipe": recipe,
        "TermRoute, 1 worker": one,
        "TermRoute, 2 workers": two,
    }
    everything = sorted(path for path in KNOWLEDGE.rglob("*") if path.is_file())
    pack = [path for path in everything if path.suffix == ".pdf"]
    results = measure("PDF files of the sample pack", pack, systems, repetitions)
    whole: dict[str, Callable[[Sequence[Path]], Outcome]] = {
        "TermRoute, 2 workers": two,
        "TermRoute, 2 workers, OCR": scans,
    }
    results += measure("the whole sample pack", everything, whole, repetitions)
    if STRESS.exists():
        results += measure("stress PDF files", sorted(STRESS.glob("*.pdf")), systems, repetitions)
    else:
        print(f"Skipped, missing: {STRESS}")
    for system in (one, two, scans):
        system.close()
    write([asdict(result) | {"median": result.median} for result in results])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
