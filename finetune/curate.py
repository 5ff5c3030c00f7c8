"""Cleans a dataset version into the next one, which remembers where it came from and what was done."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finetune.formats import scan
from finetune.quality import clean, inspect
from finetune.types import SPLITS
from finetune.versions import add_version, read_version

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from finetune.collection import Collection
    from finetune.types import DataFinding, DatasetVersion


@dataclass(frozen=True, slots=True)
class Curated:
    """The version after cleaning (the old one where nothing changed), what was found, and what was done by line."""

    version: DatasetVersion
    findings: tuple[DataFinding, ...]
    done: tuple[str, ...]


def inspect_version(folder: Path, collection: Collection | None = None) -> list[DataFinding]:
    """Return what is wrong with the samples of a version. Raises DatasetVersionError."""
    version = read_version(folder)
    return inspect([scan(version.path / f"{split}.jsonl") for split in SPLITS], collection)


def clean_version(
    folder: Path,
    root: Path,
    collection: Collection | None = None,
    *,
    fix: Iterable[str] = (),
    remove: Iterable[str] = (),
) -> Curated:
    """Write the cleaned samples of a version as a new version below `root`. Raises DatasetVersionError."""
    parent = read_version(folder)
    scans = {split: scan(parent.path / f"{split}.jsonl") for split in SPLITS}
    findings = inspect(list(scans.values()), collection)
    cleaned = clean(list(scans.values()), findings, fix=fix, remove=remove)
    if not cleaned.done:
        return Curated(parent, tuple(findings), ())
    splits = {split: cleaned.files[scanned.file] for split, scanned in scans.items()}
    version = add_version(root, splits, _note(cleaned.done), parent)
    return Curated(version, tuple(findings), cleaned.done)


def _note(done: Iterable[str]) -> str:
    """Return the changes in one line: how many rows were fixed, removed or shortened."""
    # Each line reads `file:line: what, why`.
    counts = Counter(line.partition(": ")[2].split(",")[0].split(":")[0] for line in done)
    return "cleaned: " + ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
