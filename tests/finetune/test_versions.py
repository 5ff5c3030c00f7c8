"""Dataset versions: named by their content, verified when read, the same bytes for the same samples."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from finetune.errors import DatasetVersionError, TrainingDataError
from finetune.formats import write_samples
from finetune.recipe import DataPart, ModelPart, Recipe
from finetune.types import Sample, Split
from finetune.versions import (
    add_version,
    data_hash,
    load_splits,
    read_samples,
    read_version,
    versions,
    with_replay,
    write_job_data,
    write_version,
)

SPLITS: dict[Split, list[Sample]] = {
    "train": [Sample(f"{n}？", "答", kind="choice", candidates=("答", "否")) for n in range(10)],
    "validation": [Sample("验？", "答", split="validation")],
    "held_out": [Sample("测？", "答", split="held_out")],
}
GENERAL = [Sample(f"常识{n}？", f"{n}") for n in range(10)]


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def test_a_version_reads_back_and_is_deterministic(tmp_path: Path) -> None:
    first = write_version(tmp_path / "a", SPLITS, "built")
    second = write_version(tmp_path / "b", SPLITS, "built")
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert first.hash == second.hash == data_hash(SPLITS)
    assert read_version(tmp_path / "a") == first
    assert read_samples(first) == SPLITS
    assert first.counts == {"train": 10, "validation": 1, "held_out": 1}


def test_the_hash_follows_every_sample(tmp_path: Path) -> None:
    other = SPLITS | {"train": SPLITS["train"][:-1]}
    moved = SPLITS | {"train": SPLITS["train"][::-1]}
    edited = SPLITS | {"train": [replace(SPLITS["train"][0], output="别"), *SPLITS["train"][1:]]}
    assert len({data_hash(each) for each in (SPLITS, other, moved, edited)}) == 4


def test_versions_follow_each_other(tmp_path: Path) -> None:
    first = add_version(tmp_path, SPLITS, "built from the glossary")
    cleaned = SPLITS | {"train": SPLITS["train"][1:]}
    second = add_version(tmp_path, cleaned, "removed 1 duplicate", first)
    assert second.parent == first.hash
    assert second.changelog == ("built from the glossary", "removed 1 duplicate")
    assert second.path.name == second.hash[:12]
    assert versions(tmp_path) == [first, second]
    assert add_version(tmp_path, SPLITS, "built again") == first


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda folder: (folder / "manifest.json").unlink(), "manifest.json"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "damaged"),
        (lambda folder: (folder / "manifest.json").write_text('{"hash": "x"}'), "damaged"),
        (lambda folder: (folder / "train.jsonl").unlink(), "train.jsonl"),
        (lambda folder: (folder / "train.jsonl").write_text(""), "other samples"),
    ],
)
def test_damage_is_noticed(tmp_path: Path, damage: object, told: str) -> None:
    write_version(tmp_path / "a", SPLITS, "built")
    damage(tmp_path / "a")  # type: ignore[operator]
    with pytest.raises(DatasetVersionError, match=told):
        read_version(tmp_path / "a")


def test_replay_is_mixed_in_and_held_back() -> None:
    mixed = with_replay(SPLITS, GENERAL, 0.5, seed=1)
    assert mixed == with_replay(SPLITS, GENERAL, 0.5, seed=1)
    trained = [each for each in mixed["train"] if each.kind == "general"]
    held = [each for each in mixed["held_out"] if each.kind == "general"]
    assert (len(trained), len(held)) == (5, 2)
    assert {each.instruction for each in trained}.isdisjoint(each.instruction for each in held)
    assert [each for each in mixed["train"] if each.kind != "general"] == SPLITS["train"]
    # Spread over the epoch rather than at its end.
    places = [at for at, each in enumerate(mixed["train"]) if each.kind == "general"]
    assert places[0] < 5 < places[-1]


def test_a_job_gets_all_its_data(tmp_path: Path) -> None:
    version = write_version(tmp_path / "data", SPLITS, "built")
    write_samples(tmp_path / "general.jsonl", GENERAL)
    part = DataPart(version=str(version.path), replay=(str(tmp_path / "general.jsonl"),), replay_share=0.3)
    recipe = Recipe("job", ModelPart("base"), part)
    copied, effective = write_job_data(recipe, tmp_path / "job" / "data")
    assert copied.parent == version.hash
    assert copied.counts == {"train": 13, "validation": 1, "held_out": 3}
    assert load_splits(effective.data) == read_samples(copied) == load_splits(part, recipe.training.seed)
    manifest = json.loads((tmp_path / "job" / "data" / "manifest.json").read_text("utf-8"))
    assert manifest["hash"] == copied.hash


def test_kinds_are_chosen_but_all_that_is_held_out_is_asked(tmp_path: Path) -> None:
    mixed = {split: [*SPLITS[split], Sample("背？", "答", kind="definition", split=split)] for split in SPLITS}
    version = write_version(tmp_path / "v", mixed, "made for a test")
    splits = load_splits(DataPart(version=str(version.path), kinds=("choice",)))
    assert {each.kind for each in splits["train"]} == {"choice"}
    assert splits["validation"] == []
    assert [each.kind for each in splits["held_out"]] == ["other", "definition"]


def test_files_instead_of_a_version(tmp_path: Path) -> None:
    write_samples(tmp_path / "a.jsonl", SPLITS["train"])
    write_samples(tmp_path / "b.jsonl", SPLITS["validation"])
    splits = load_splits(DataPart(train=(str(tmp_path / "a.jsonl"),), validation=(str(tmp_path / "b.jsonl"),)))
    assert [len(splits[split]) for split in ("train", "validation", "held_out")] == [10, 1, 0]
    assert splits["validation"][0].split == "validation"
    (tmp_path / "a.jsonl").write_text("{\n")
    with pytest.raises(TrainingDataError, match=r"a\.jsonl:1"):
        load_splits(DataPart(train=(str(tmp_path / "a.jsonl"),)))
