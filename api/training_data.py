"""Training data as the doors offer it: built from glossary and documents, checked against the collection, versioned."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from api.collection import collection_of
from finetune.curate import clean_version, inspect_version
from finetune.dataset import BuildOptions, build
from finetune.errors import TrainingDataError
from finetune.formats import read_samples, scan, write_samples
from finetune.quality import clean, inspect
from finetune.types import KINDS
from finetune.versions import add_version, versions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from api.wiring import Application
    from finetune.collection import Collection
    from finetune.curate import Curated
    from finetune.types import DataFinding, DatasetVersion

_PASSAGES, _CHARACTERS = 40, 600


def build_dataset(
    application: Application, replay: Sequence[Path], options: BuildOptions, groups: frozenset[str]
) -> DatasetVersion:
    """Build a dataset version from the glossary and the documents, and keep it in the data directory.

    Sentences come from documents that everyone, or every one of `groups`, may see: what a model has learnt it may
    tell anyone. Raises TrainingDataError for a glossary without senses or an unreadable replay file.
    """
    senses = application.senses()
    general = [sample for file in replay for sample in read_samples(file)]
    splits = build(senses, _contexts(application, groups), general, options)
    if not splits["train"]:
        raise TrainingDataError(
            application.training.datasets,
            [(0, "the glossary has no senses yet: `termroute terms import` it first")],
        )
    note = f"built from {len(senses)} senses{_told(options, replay)}, seed {options.seed}"
    return add_version(application.training.datasets, splits, note)


def _told(options: BuildOptions, replay: Sequence[Path]) -> str:
    """Return what a version's changelog must say of how it was built: whatever is not the default."""
    parts = (
        [f"at most {options.phrasings} samples each"] if options.phrasings != BuildOptions().phrasings else []
    )
    if options.kinds != KINDS:
        parts.append(f"only {', '.join(options.kinds)}")
    if replay:
        parts.append(f"general samples of {', '.join(file.name for file in replay)}")
    return "".join(f"; {each}" for each in parts)


def list_versions(application: Application) -> list[DatasetVersion]:
    """Return the dataset versions of the data directory, each after its parent."""
    return versions(application.training.datasets)


def check_files(application: Application, files: Sequence[Path]) -> list[DataFinding]:
    """Return what is wrong with files of training data, by file and line, held against the ingested collection."""
    return inspect([scan(file) for file in files], _collection(application))


def check_version(application: Application, folder: Path) -> list[DataFinding]:
    """Return what is wrong with the samples of a dataset version. Raises DatasetVersionError."""
    return inspect_version(folder, _collection(application))


def clean_dataset(application: Application, folder: Path, fix: Sequence[str], remove: Sequence[str]) -> Curated:
    """Repair and remove as asked; the cleaned rows are the next version. Raises DatasetVersionError."""
    root = application.training.datasets
    return clean_version(folder, root, _collection(application), fix=fix, remove=remove)


def clean_files(
    application: Application, files: Sequence[Path], target: Path, fix: Sequence[str], remove: Sequence[str]
) -> tuple[list[DataFinding], list[str]]:
    """Repair and remove as asked, into the folder `target`; returns the findings, and what was done to which line."""
    scans = [scan(file) for file in files]
    findings = inspect(scans, _collection(application))
    cleaned = clean(scans, findings, fix=fix, remove=remove)
    done = list(cleaned.done)
    for file in files:
        samples = cleaned.files[str(file)]
        write_samples(target / file.name, samples, "full")
        done.append(f"{target / file.name}: written, {len(samples)} samples")
    return findings, done


def shown_version(version: DatasetVersion) -> dict[str, Any]:
    """Return a dataset version as JSON values."""
    return {**asdict(version), "path": str(version.path), "counts": dict(version.counts)}


def _contexts(application: Application, groups: frozenset[str]) -> Callable[[str], Sequence[str]]:
    def contexts(term: str) -> Sequence[str]:
        found = []
        for passage in application.search.mentions(term, _PASSAGES):
            needed = frozenset(passage.document.groups)
            if term in passage.chunk.text and (not needed or needed & groups):
                found.append(passage.chunk.text[:_CHARACTERS])
        return found

    return contexts


def _collection(application: Application) -> Collection | None:
    """Return what the documents hold; None where nothing was ingested, since then every source would be unknown."""
    if not application.store.statistics().documents:
        return None
    return collection_of(application.store, application.senses())
