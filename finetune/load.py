"""Reads recipes: TOML, presets and old names become a Recipe, and every problem is told at once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import MISSING, dataclass, fields
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rapidfuzz import fuzz, process

from finetune.errors import RecipeError, UnknownPresetError
from finetune.legacy import translate
from finetune.recipe import PARTS, Recipe
from finetune.types import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable
    from dataclasses import Field

    from finetune.legacy import Tables

_TOP = ("name", "preset")
_NEAR = 60.0
_NAME = re.compile(r"\w[\w.+ -]{0,99}")
_PATHS = ("version", "train", "validation", "held_out", "replay")
_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a text in quotes",
    "tuple[str, ...]": "a list of texts",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a recipe gave: the recipe and all findings.

    With errors among the findings the recipe has defaults in their place, so that the rest can be checked; it is None
    where there was nothing to read. `given` are the keys (`training.epochs`) that the file or its preset sets.
    """

    recipe: Recipe | None
    findings: tuple[Finding, ...] = ()
    given: frozenset[str] = frozenset()


def load_recipe(path: Path) -> Recipe:
    """Read a recipe file. Raises RecipeError with every problem of its text; `check.check` looks further."""
    reading = read_recipe(path)
    errors = [each for each in reading.findings if each.severity == "error"]
    if errors or reading.recipe is None:
        raise RecipeError(str(path), errors)
    return reading.recipe


def presets() -> tuple[str, ...]:
    """Return the names of the packaged recipes."""
    files = resources.files("finetune.presets").iterdir()
    return tuple(sorted(each.name.removesuffix(".toml") for each in files if each.name.endswith(".toml")))


def preset(name: str) -> Recipe:
    """Return a packaged recipe, which has no data yet. Raises UnknownPresetError."""
    reading = _built(_preset_tables(name), name, [])
    if reading.recipe is None or reading.findings:
        raise RecipeError(name, reading.findings)
    return reading.recipe


def read_recipe(path: Path) -> Reading:
    """Read a recipe file and say everything that is wrong with its text; relative paths count from its folder."""
    try:
        tables = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        return Reading(None, (Finding(str(path), f"cannot be read: {error.strerror}.", "Give a recipe file."),))
    except UnicodeDecodeError:
        return Reading(None, (Finding(str(path), "is not UTF-8 text.", "Save it as UTF-8."),))
    except tomllib.TOMLDecodeError as error:
        yaml = path.suffix in (".yaml", ".yml", ".json")
        told = (
            "Write it as TOML (`key = value`); the names of LLaMA-Factory may stay."
            if yaml
            else "Correct that line."
        )
        return Reading(None, (Finding(str(path), f"is not TOML: {error}.", told),))
    name = re.sub(r"[^\w.+ -]", "-", path.stem).lstrip(".+- ") or "recipe"
    return read_tables(tables, path.resolve().parent, name[:100])


def read_tables(tables: Tables, folder: Path, name: str) -> Reading:
    """Read a recipe from tables as TOML gives them; relative paths count from `folder`, `name` is for one without."""
    tables, findings = translate(tables)
    tables = _resolved(tables, folder)
    chosen = tables.pop("preset", None)
    if chosen is not None:
        try:
            tables = _merged(_preset_tables(str(chosen)), tables)
        except UnknownPresetError as error:
            near = nearest(str(chosen), error.known)
            findings.append(
                Finding("preset", f"There is no preset {chosen!r}.", _did_you_mean(near, error.known))
            )
    return _built(tables, name, findings)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most like `name`, or None where none is near."""
    found = process.extractOne(name, list(known), scorer=fuzz.ratio, processor=str.lower, score_cutoff=_NEAR)
    return found[0] if found else None


def _preset_tables(name: str) -> Tables:
    if name not in presets():
        raise UnknownPresetError(name, presets())
    file = resources.files("finetune.presets") / f"{name}.toml"
    return _resolved(tomllib.loads(file.read_text("utf-8")), Path(str(file)).parent)


def _resolved(tables: Tables, folder: Path) -> Tables:
    """Make the paths in `tables` absolute; a base that is no folder beside the recipe stays a hub name."""
    tables = {key: dict(value) if isinstance(value, dict) else value for key, value in tables.items()}
    model, data, output = (_section(tables, name) for name in ("model", "data", "output"))
    base = model.get("base")
    if isinstance(base, str) and (base.startswith((".", "/", "~")) or (folder / base).is_dir()):
        model["base"] = _absolute(folder, base)
    for key in _PATHS:
        value = data.get(key)
        if isinstance(value, str) and value:
            data[key] = _absolute(folder, value)
        elif isinstance(value, list):
            data[key] = [_absolute(folder, each) if isinstance(each, str) else each for each in value]
    if isinstance(output.get("folder"), str) and output["folder"]:
        output["folder"] = _absolute(folder, output["folder"])
    return tables


def _section(tables: Tables, name: str) -> dict[str, Any]:
    part = tables.get(name)
    return part if isinstance(part, dict) else {}


def _absolute(folder: Path, path: str) -> str:
    try:
        return str((folder / Path(path).expanduser()).resolve())
    except (RuntimeError, ValueError):
        # No such user, or a character that no path has: the check says that there is no such file.
        return path


def _merged(under: Tables, over: Tables) -> Tables:
    merged = dict(under)
    # The recipe names itself; the preset's name would say nothing.
    merged.pop("name", None)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = below | value if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _built(tables: Tables, stem: str, findings: list[Finding]) -> Reading:
    findings = [*findings, *_strangers(tables)]
    name = tables.get("name", stem)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        told = "Write letters, digits, dots, dashes and underscores: results are kept in a folder of this name."
        findings.append(Finding("name", f"{name!r} cannot be the name of a recipe.", told))
        name = stem
    parts = {}
    for section, part in PARTS.items():
        table = _section(tables, section)
        parts[section], wrong = _part(section, part, table)
        findings += wrong
    given = {f"{section}.{key}" for section in PARTS for key in _section(tables, section)}
    return Reading(Recipe(name=str(name), **parts), tuple(findings), frozenset(given))


def _part(section: str, part: type[Any], table: dict[str, Any]) -> tuple[Any, list[Finding]]:
    """Return a section with what is right in it, defaults for the rest, and what is wrong."""
    values: dict[str, Any] = {}
    findings: list[Finding] = []
    for each in fields(part):
        key = f"{section}.{each.name}"
        wrong = _wrong(each, key, table[each.name]) if each.name in table else []
        findings += wrong
        if each.name in table and not wrong:
            values[each.name] = _as(each, table[each.name])
        elif each.default is MISSING:
            values[each.name] = ""
            if not wrong:
                findings.append(Finding(key, "is missing.", "Give a base model, or start from a preset."))
    return part(**values), findings


def _strangers(tables: Tables) -> list[Finding]:
    """Find keys and sections that do not exist, with the nearest right one."""
    homes = {each.name: section for section, part in PARTS.items() for each in fields(part)}
    findings = []
    for key, value in tables.items():
        if key in PARTS:
            if isinstance(value, dict):
                findings += [each for name in value for each in _stranger(key, name, homes)]
            else:
                findings.append(Finding(key, "is a section.", f"Write [{key}] and its keys below."))
        elif isinstance(value, dict):
            near = nearest(key, PARTS)
            findings.append(Finding(key, "There is no such section.", _did_you_mean(near, PARTS, "[{}]")))
        elif key not in _TOP:
            near = nearest(key, (*_TOP, *homes))
            told = f"Did you mean {near} in [{homes[near]}]?" if near in homes else _did_you_mean(near, _TOP)
            findings.append(Finding(key, "There is no such key at the top level.", told))
    return findings


def _stranger(section: str, name: str, homes: dict[str, str]) -> list[Finding]:
    own = [each.name for each in fields(PARTS[section])]
    if name in own:
        return []
    if name in homes:
        told = f"It belongs in [{homes[name]}]."
    else:
        near = nearest(name, own)
        far = nearest(name, homes) if near is None else None
        told = f"Did you mean {far} in [{homes[far]}]?" if far else _did_you_mean(near, own)
    return [Finding(f"{section}.{name}", "There is no such key.", told)]


def _did_you_mean(near: str | None, known: Iterable[str], shape: str = "{}") -> str:
    if near is not None:
        return f"Did you mean {shape.format(near)}?"
    return f"There are: {', '.join(shape.format(each) for each in known)}."


def _wrong(each: Field[Any], key: str, value: Any) -> list[Finding]:
    """Say what is wrong with a value: its type, its range, or that it is not one of those allowed."""
    kind = str(each.type)
    if not _fits(kind, value):
        hint = " Write it without quotes." if isinstance(value, str) and kind != "str" else ""
        return [Finding(key, f"{value!r} is not {_TYPES[kind]}.", f"Give {_TYPES[kind]}.{hint}")]
    allowed = each.metadata.get("allowed")
    if allowed and value not in allowed:
        return [Finding(key, f"{value!r} is not known.", _did_you_mean(nearest(value, allowed), allowed))]
    if "low" in each.metadata:
        low, high = each.metadata["low"], each.metadata["high"]
        if not low <= value <= high:
            return [Finding(key, f"{value!r} is out of range.", f"Give a value from {low:g} to {high:g}.")]
    if kind == "str" and each.default is MISSING and not value.strip():
        return [Finding(key, "is empty.", "Give a value.")]
    return []


def _fits(kind: str, value: Any) -> bool:
    if kind == "tuple[str, ...]":
        return isinstance(value, str) or (
            isinstance(value, list) and all(isinstance(each, str) for each in value)
        )
    if kind == "bool":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if kind == "float":
        return isinstance(value, int | float)
    return isinstance(value, int if kind == "int" else str)


def _as(each: Field[Any], value: Any) -> Any:
    if each.type == "tuple[str, ...]":
        return (value,) if isinstance(value, str) else tuple(value)
    return float(value) if each.type == "float" else value
