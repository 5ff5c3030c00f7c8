"""Recipes as the doors take them: overrides on the command line, bodies over HTTP, and data by default."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.errors import OutsideDataDirError
from api.recipes import override, read_body, read_file, with_data
from finetune.errors import RecipeError
from finetune.settings import TrainingSettings
from finetune.types import Sample
from finetune.versions import add_version


def test_overrides_are_toml_values_or_texts() -> None:
    given = ["training.epochs=2", "lora.rslora=true", "model.device=cpu", 'lora.targets=["q_proj"]', "name=a-b"]
    assert override(given) == {
        "training.epochs": 2,
        "lora.rslora": True,
        "model.device": "cpu",
        "lora.targets": ["q_proj"],
        "name": "a-b",
    }


def test_an_override_wins_over_file_and_preset(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('preset = "tiny"\n[training]\nepochs = 3\nseed = 5\n')
    recipe = read_file(file, {"training.epochs": 1}).recipe
    assert (recipe.name, recipe.training.epochs, recipe.training.seed) == ("mine", 1.0, 5)
    whole = read_file(file, {"training": {"epochs": 2}}).recipe
    assert (whole.training.epochs, whole.training.seed) == (2.0, 5)
    unknown = read_file(file, {"training.epochz": 1})
    assert "training.epochz" in {each.key for each in unknown.findings}


def test_a_preset_by_its_name(tmp_path: Path) -> None:
    assert read_file(Path("tiny"), {}).recipe.name == "tiny"
    assert read_body("tiny", {}, tmp_path).recipe.name == "tiny"
    assert read_body({"preset": "tiny", "name": "mine"}, {}, tmp_path).recipe.name == "mine"


def test_bodies_that_are_no_recipe(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="not TOML"):
        read_body("= what", {}, tmp_path)
    with pytest.raises(OutsideDataDirError):
        read_body("/etc/other.toml", {}, tmp_path)
    missing = read_body("nope.toml", {}, tmp_path)
    assert "cannot be read" in missing.findings[0].problem


def test_the_newest_dataset_is_taken_and_told(tmp_path: Path) -> None:
    service = TrainingSettings(tmp_path)
    bare = read_file(Path("tiny"), {})
    assert with_data(bare, service) == bare
    version = add_version(service.datasets, {"train": [Sample("q", "a")]}, "first")
    filled = with_data(bare, service)
    assert filled.recipe.data.version == str(version.path)
    assert [each.severity for each in filled.findings[len(bare.findings) :]] == ["note"]
    named = read_file(Path("tiny"), {"data.train": "x.jsonl"})
    assert with_data(named, service) == named
