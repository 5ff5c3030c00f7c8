"""Dataset versions: a folder with the samples of each split and a manifest; the content is its name."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune.errors import DatasetVersionError
from finetune.formats import read_samples as read_file
from finetune.formats import write_samples
from finetune.types import SPLITS, DatasetVersion, Sample, Split

if TYPE_CHECKING:
    from finetune.recipe import DataPart, Recipe

Splits = Mapping[Split, Sequence[Sample]]
MANIFEST = "manifest.json"
# Of the general samples this share is kept back, to see afterwards what the tuning damaged.
_KEPT_BACK = 0.2


def data_hash(splits: Splits) -> str:
    """Return SHA-256 over all samples, split by split, in their order."""
    digest = hashlib.sha256()
    for split in SPLITS:
        for sample in splits.get(split, ()):
            texts = (sample.instruction, sample.input, sample.output, sample.kind, sample.term, sample.question)
            line = json.dumps([split, *texts, list(sample.candidates)], ensure_ascii=False)
            digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def write_version(
    folder: Path, splits: Splits, note: str, parent: DatasetVersion | None = None
) -> DatasetVersion:
    """Write a dataset into `folder`, over what stands there; the same samples, note and parent give the same bytes."""
    changelog = (*(parent.changelog if parent else ()), note)
    counts: dict[str, int] = {split: len(splits.get(split, ())) for split in SPLITS}
    version = DatasetVersion(data_hash(splits), folder, parent.hash if parent else "", counts, changelog)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    for split in SPLITS:
        samples = [replace(sample, split=split) for sample in splits.get(split, ())]
        write_samples(folder / f"{split}.jsonl", samples, "full")
    # The manifest comes last: a folder without one is unfinished.
    text = json.dumps(_manifest(version), ensure_ascii=False, indent=1, sort_keys=True)
    aside = folder / f"{MANIFEST}.tmp"
    aside.write_text(text + "\n", "utf-8")
    aside.replace(folder / MANIFEST)
    return version


def add_version(root: Path, splits: Splits, note: str, parent: DatasetVersion | None = None) -> DatasetVersion:
    """Write a dataset into a folder of `root` named by its content; an equal one that is there already is kept."""
    folder = root / data_hash(splits)[:12]
    if (folder / MANIFEST).exists():
        return read_version(folder)
    return write_version(folder, splits, note, parent)


def read_version(folder: Path) -> DatasetVersion:
    """Read and verify a dataset version. Raises DatasetVersionError, TrainingDataError."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        version = DatasetVersion(
            str(manifest["hash"]),
            folder,
            str(manifest["parent"]),
            {str(split): int(count) for split, count in manifest["counts"].items()},
            tuple(map(str, manifest["changelog"])),
        )
    except OSError as error:
        raise DatasetVersionError(
            folder, f"has no readable {MANIFEST} ({error.strerror}); build it again"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetVersionError(folder, f"has a damaged {MANIFEST}; build it again") from error
    if data_hash(_files(folder)) != version.hash:
        reason = "holds other samples than its manifest says; make a new version of the changed files"
        raise DatasetVersionError(folder, reason)
    return version


def read_samples(version: DatasetVersion) -> dict[Split, list[Sample]]:
    """Return the samples of a version by split. Raises TrainingDataError."""
    return _files(version.path)


def versions(root: Path) -> list[DatasetVersion]:
    """Return the whole versions below `root`, each after its parent."""
    found = [read_version(file.parent) for file in sorted(root.glob(f"*/{MANIFEST}"))]
    return sorted(found, key=lambda version: (len(version.changelog), version.hash))


def load_splits(part: DataPart, seed: int = 0) -> dict[Split, list[Sample]]:
    """Return what a recipe trains and evaluates on.

    The version (its `kinds`, but all that is held out) or the files, with general samples mixed in: `replay_share` of
    the number of training samples, spread evenly; a fifth of the replay is held out. Raises DatasetVersionError, TrainingDataError.
    """
    splits: dict[Split, list[Sample]] = {split: [] for split in SPLITS}
    if part.version:
        splits = read_samples(read_version(Path(part.version)))
    if part.kinds:
        # What is held out is asked before and after in any case.
        chosen: tuple[Split, ...] = ("train", "validation")
        splits |= {split: [each for each in splits[split] if each.kind in part.kinds] for split in chosen}
    named: dict[Split, tuple[str, ...]] = {
        "train": part.train,
        "validation": part.validation,
        "held_out": part.held_out,
    }
    for split, files in named.items():
        splits[split] += [replace(each, split=split) for file in files for each in read_file(Path(file))]
    replay = [replace(each, kind="general") for file in part.replay for each in read_file(Path(file))]
    return with_replay(splits, replay, part.replay_share, seed) if replay else splits


def with_replay(
    splits: Splits, general: Sequence[Sample], share: float, seed: int = 0
) -> dict[Split, list[Sample]]:
    """Mix general samples into the training split, and hold a fifth of them out; the choice follows from `seed`."""
    shuffled = list(general)
    chance = random.Random(seed)  # noqa: S311 (a sample, no secret)
    chance.shuffle(shuffled)
    kept_back = max(1, round(len(shuffled) * _KEPT_BACK)) if len(shuffled) > 1 else 0
    train = list(splits.get("train", ()))
    chosen = shuffled[kept_back:][: round(share * len(train))]
    for at, sample in enumerate(chosen):
        place = (at + 1) * (len(train) + 1) // (len(chosen) + 1)
        train.insert(place, replace(sample, kind="general", split="train"))
    held = [replace(each, kind="general", split="held_out") for each in shuffled[:kept_back]]
    return {
        "train": train,
        "validation": list(splits.get("validation", ())),
        "held_out": [*splits.get("held_out", ()), *held],
    }


def write_job_data(recipe: Recipe, folder: Path) -> tuple[DatasetVersion, Recipe]:
    """Copy all that a recipe trains on into `folder`; return it as a version, and the recipe that reads it there."""
    parent = read_version(Path(recipe.data.version)) if recipe.data.version else None
    splits = load_splits(recipe.data, recipe.training.seed)
    version = write_version(folder, splits, f"job data of the recipe {recipe.name}", parent)
    part = replace(
        recipe.data,
        version=str(folder),
        kinds=(),
        train=(),
        validation=(),
        held_out=(),
        replay=(),
        replay_share=0.0,
    )
    return version, replace(recipe, data=part)


def _files(folder: Path) -> dict[Split, list[Sample]]:
    missing = [split for split in SPLITS if not (folder / f"{split}.jsonl").exists()]
    if missing:
        raise DatasetVersionError(
            folder, f"lacks {', '.join(f'{each}.jsonl' for each in missing)}; build it again"
        )
    return {split: read_file(folder / f"{split}.jsonl") for split in SPLITS}


def _manifest(version: DatasetVersion) -> dict[str, Any]:
    return {
        "hash": version.hash,
        "parent": version.parent,
        "counts": dict(version.counts),
        "changelog": list(version.changelog),
    }
