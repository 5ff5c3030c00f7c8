"""Reads a recipe from whatever a door is given: a file, a preset, TOML text or an object, with overrides."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.errors import OutsideDataDirError
from finetune.check import check_reading
from finetune.errors import RecipeError
from finetune.load import Reading, preset, presets, read_recipe, read_tables
from finetune.types import Finding
from finetune.versions import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.auth import Viewer
    from api.settings import Settings
    from finetune.recipe import Recipe
    from finetune.settings import TrainingSettings

_DATA = ("version", "train", "validation", "held_out", "replay")


def read_file(path: Path, overrides: Mapping[str, Any]) -> Reading:
    """Read a recipe file, or a preset where `path` is the name of one and no file."""
    if not path.exists() and str(path) in presets():
        return read_tables(_merged({"preset": str(path)}, overrides), Path.cwd(), str(path))
    if not overrides:
        return read_recipe(path)
    try:
        tables = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return read_recipe(path)
    return read_tables(_merged(tables, overrides), path.resolve().parent, path.stem)


def read_body(recipe: str | dict[str, Any], overrides: Mapping[str, Any], folder: Path) -> Reading:
    """Read a recipe as HTTP gives it: TOML text, an object, a preset's name, or the path of a file in `folder`."""
    if isinstance(recipe, dict):
        tables, name = recipe, str(recipe.get("preset", "training"))
    elif recipe.strip() in presets():
        tables, name = {"preset": recipe.strip()}, recipe.strip()
    elif recipe.strip().endswith(".toml") and "\n" not in recipe.strip():
        path = (folder / recipe.strip()).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise OutsideDataDirError("recipe")
        return read_file(path, overrides)
    else:
        tables, name = _parsed(recipe), "training"
    return read_tables(_merged(tables, overrides), folder, name)


def override(settings: Sequence[str]) -> dict[str, Any]:
    """Read `training.epochs=2` as TOML reads values; what is no TOML value is a text."""
    found: dict[str, Any] = {}
    for each in settings:
        key, _, value = each.partition("=")
        try:
            found[key.strip()] = tomllib.loads(f"value = {value.strip()}")["value"]
        except tomllib.TOMLDecodeError:
            found[key.strip()] = value.strip()
    return found


def with_data(reading: Reading, service: TrainingSettings) -> Reading:
    """Give a recipe that names no data the newest dataset version, if there is one, and say so."""
    recipe = reading.recipe
    if recipe is None or recipe.data.version or recipe.data.train:
        return reading
    found = sorted(service.datasets.glob(f"*/{MANIFEST}"), key=lambda file: file.stat().st_mtime)
    if not found:
        return reading
    folder = found[-1].parent
    told = Finding("data.version", f"is not given: the newest dataset is used, {folder.name}.", "", "note")
    recipe = replace(recipe, data=replace(recipe.data, version=str(folder)))
    return Reading(recipe, (*reading.findings, told), reading.given)


def checked(reading: Reading, service: TrainingSettings) -> tuple[Recipe, list[Finding]]:
    """Return the recipe, and what else is worth knowing. Raises RecipeError with every problem."""
    reading = with_data(reading, service)
    findings = check_reading(reading, folder=service.root)
    errors = [each for each in findings if each.severity == "error"]
    if errors or reading.recipe is None:
        raise RecipeError(reading.recipe.name if reading.recipe else "given", errors)
    return reading.recipe, findings


def check_paths(recipe: Recipe, settings: Settings, viewer: Viewer) -> None:
    """Raise OutsideDataDirError where someone who is no administrator names a path beyond the data directory."""
    if viewer.role == "admin":
        return
    allowed = settings.data_dir.resolve()
    own = {settings.term_model, *(preset(name).model.base for name in presets())}
    named = {f"data.{key}": getattr(recipe.data, key) for key in _DATA} | {
        "output.folder": recipe.output.folder
    }
    if Path(recipe.model.base).is_absolute() and recipe.model.base not in own:
        named["model.base"] = recipe.model.base
    for key, value in named.items():
        paths = [value] if isinstance(value, str) else value
        if any(path and not Path(path).resolve().is_relative_to(allowed) for path in paths):
            raise OutsideDataDirError(key)


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told = f"Send TOML text, an object, a path ending in .toml, or one of {json.dumps(presets())}."
        raise RecipeError("sent", [Finding("recipe", f"is not TOML: {error}.", told)]) from error


def _merged(tables: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Lay overrides over tables; a key may be a section, or `section.key`."""
    merged = {key: dict(value) if isinstance(value, dict) else value for key, value in tables.items()}
    for key, value in overrides.items():
        section, dot, name = key.partition(".")
        given = {name: value} if dot else value
        below = merged.get(section)
        merged[section] = {**below, **given} if isinstance(below, dict) and isinstance(given, dict) else given
    return merged
