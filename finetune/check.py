"""Finds everything that is wrong with a recipe before anything loads: in under a second, without torch."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from finetune.base import FAMILIES, UnreadableBaseError, read_base
from finetune.load import nearest, read_recipe
from finetune.machine import detect
from finetune.memory import estimate, linear_layers
from finetune.types import KINDS, Finding
from finetune.versions import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finetune.base import Base
    from finetune.load import Reading
    from finetune.machine import Machine
    from finetune.recipe import DataPart, Recipe

_ENDINGS = (".jsonl", ".json", ".txt")
_HUB = Path("~/.cache/huggingface/hub")


def check(
    path: Path, *, machine: Machine | None = None, folder: Path = Path(), hub: Path = _HUB
) -> list[Finding]:
    """Return all findings about a recipe file, errors first; see `check_reading`."""
    return check_reading(read_recipe(path), machine=machine, folder=folder, hub=hub)


def check_reading(
    reading: Reading, *, machine: Machine | None = None, folder: Path = Path(), hub: Path = _HUB
) -> list[Finding]:
    """Return all findings about a recipe that was read, errors first.

    `machine` is what is detected unless given; `folder` is where results go when the recipe names none; `hub` the
    cache of downloaded models.
    """
    findings = list(reading.findings)
    recipe = reading.recipe
    if recipe is not None:
        target = Path(recipe.output.folder) if recipe.output.folder else folder
        wrong = {each.key for each in findings if each.severity == "error"}
        found = check_recipe(recipe, machine or detect(target), hub=hub, given=reading.given)
        # Where a value was wrong a default stands; what follows from that is no news.
        findings += [each for each in found if each.key not in wrong]
    order = ("error", "warning", "note")
    return sorted(findings, key=lambda each: order.index(each.severity))


def check_recipe(
    recipe: Recipe, machine: Machine, *, hub: Path = _HUB, given: frozenset[str] = frozenset()
) -> list[Finding]:
    """Return what is wrong with a recipe whose text is right; `given` are the keys that were written down."""
    findings = [*_evaluation(recipe), *_choices(recipe), *_schedule(recipe, given), *_data(recipe.data, given)]
    findings += [*_steps(recipe), *_device(recipe, machine)]
    base = _find_base(recipe, hub, findings)
    if base is not None:
        findings += [*_template(recipe, base), *_fit(recipe, base), *_room(recipe, base, machine)]
    return findings


def _evaluation(recipe: Recipe) -> Iterator[Finding]:
    evaluation, training = recipe.evaluation, recipe.training
    wants_best = evaluation.metric != "none"
    if wants_best and not evaluation.steps:
        yield Finding(
            "evaluation.metric",
            f"= {evaluation.metric!r} chooses the best checkpoint, but evaluation.steps = 0 never evaluates.",
            'Set evaluation.steps, or metric = "none" to take the last checkpoint.',
        )
    if wants_best and evaluation.steps and (not training.save_steps or training.save_steps % evaluation.steps):
        yield Finding(
            "training.save_steps",
            f"= {training.save_steps} is out of step with evaluation.steps = {evaluation.steps}: "
            "the best checkpoint may not be saved.",
            f"Make it a multiple of evaluation.steps, such as {evaluation.steps}.",
        )
    if training.early_stopping_patience and (not wants_best or not evaluation.steps):
        missing = "evaluation.metric" if evaluation.steps else "evaluation.steps"
        yield Finding(
            "training.early_stopping_patience",
            f"= {training.early_stopping_patience} needs a metric and evaluations; {missing} gives none.",
            "Set evaluation.metric and evaluation.steps, or early_stopping_patience = 0.",
        )
    if wants_best and evaluation.greater_is_better == (evaluation.metric == "loss"):
        better = "lower" if evaluation.metric == "loss" else "greater"
        yield Finding(
            "evaluation.greater_is_better",
            f"does not fit the metric: for {evaluation.metric!r}, {better} is better.",
            f"Set greater_is_better = {'false' if better == 'lower' else 'true'}.",
        )
    if evaluation.steps and not _has(recipe.data, "validation"):
        yield Finding(
            "data.validation",
            f"is empty, but evaluation.steps = {evaluation.steps} needs something to evaluate on.",
            "Name a validation file, or use a dataset version, which has one (`termroute train data build`).",
        )


def _choices(recipe: Recipe) -> Iterator[Finding]:
    """Sense accuracy over samples that offer no choice."""
    files = [Path(name) for name in recipe.data.validation]
    if recipe.data.version:
        files.append(Path(recipe.data.version) / "validation.jsonl")
    texts = [file.read_bytes() for file in files if file.is_file()]
    if (
        recipe.evaluation.metric == "sense_accuracy"
        and any(texts)
        and not any(b'"candidates"' in text for text in texts)
    ):
        problem = "= 'sense_accuracy', but no validation sample offers candidates: answers written exactly will count."
        yield Finding(
            "evaluation.metric", problem, "Build data from the glossary, or take another metric.", "warning"
        )


def _schedule(recipe: Recipe, given: frozenset[str]) -> Iterator[Finding]:
    if {"training.warmup_steps", "training.warmup_ratio"} <= given and recipe.training.warmup_steps:
        yield Finding(
            "training.warmup_ratio", "is not used, since warmup_steps is given.", "Keep one of them.", "warning"
        )
    if (
        "data.replay_share" in given
        and recipe.data.replay_share
        and not recipe.data.replay
        and not recipe.data.version
    ):
        yield Finding(
            "data.replay_share",
            "has nothing to take from.",
            "Name files of general samples in replay.",
            "warning",
        )


def _data(part: DataPart, given: frozenset[str]) -> Iterator[Finding]:
    if not part.version and not part.train:
        yield Finding(
            "data.train", "is empty: there is nothing to train on.", "Name files, or a dataset version."
        )
    if part.version and not (Path(part.version) / MANIFEST).exists():
        problem = f"{part.version} is no dataset version (no {MANIFEST})."
        yield Finding(
            "data.version", problem, "Build one with `termroute train data build`, or correct the path."
        )
    if part.version:
        yield from _version(part)
    yield from _kinds(part)
    for key in ("train", "validation", "held_out", "replay"):
        for name in getattr(part, key):
            yield from _data_file(f"data.{key}", Path(name))
    for name in sorted(set(part.train) & {*part.validation, *part.held_out}):
        problem = f"{name} is trained on and tested on: the results would mean nothing."
        yield Finding("data.validation", problem, "Split it by abbreviation, wording and sentence.")
    if not _has(part, "held_out") and (part.train or part.version) and "data.held_out" not in given:
        problem = "is empty: the adapter cannot be compared with the base, and so not be offered for use."
        yield Finding("data.held_out", problem, "Name a held-out file, or use a dataset version.", "warning")


def _version(part: DataPart) -> Iterator[Finding]:
    """Files of a version that are missing, or hold another number of samples; their content is verified at the start."""
    told = "Build it again, or clean it into a new version with `termroute train data check`."
    for split, count in _counts(replace(part, kinds=())).items():
        file = Path(part.version) / f"{split}.jsonl"
        if not file.is_file():
            yield Finding("data.version", f"{part.version} lacks {file.name}.", told)
        elif (rows := file.read_bytes().count(b"\n")) != count:
            problem = f"{file} has {rows} samples, and the version's manifest says {count}."
            yield Finding("data.version", problem, told)


def _kinds(part: DataPart) -> Iterator[Finding]:
    """Kinds of samples that do not exist, or of which the version has none."""
    for kind in part.kinds:
        if kind not in KINDS:
            near = nearest(kind, KINDS)
            told = f"Did you mean {near}?" if near else f"There are: {', '.join(KINDS)}."
            yield Finding("data.kinds", f"{kind!r} is no kind of sample.", told)
    if part.kinds and part.version and not _counts(part).get("train", 1):
        problem = f"leaves nothing to train on: the version has no samples of {', '.join(part.kinds)}."
        yield Finding("data.kinds", problem, "Name other kinds, or none for all.")


def _data_file(key: str, file: Path) -> Iterator[Finding]:
    if (file / MANIFEST).exists():
        yield Finding(key, f"{file} is a dataset version.", "Name it in data.version instead.")
    elif not file.is_file():
        yield Finding(key, f"{file} does not exist.", "Correct the path (from the recipe's folder).")
    elif file.suffix.casefold() not in _ENDINGS:
        yield Finding(key, f"{file} is no training data.", f"Give {', '.join(_ENDINGS)}.")
    elif not file.stat().st_size:
        yield Finding(key, f"{file} is empty.", "Give a file with samples.")


def _has(part: DataPart, split: str) -> bool:
    """Whether a recipe has samples of a split; one whose version cannot be read is told elsewhere."""
    if getattr(part, split):
        return True
    return bool(part.version) and _counts(part).get(split, 1) > 0


def _counts(part: DataPart) -> dict[str, int]:
    """Return the number of a version's samples by split: of the kinds that the recipe names, and all held-out ones."""
    try:
        counts = json.loads((Path(part.version) / MANIFEST).read_text("utf-8"))["counts"]
        found = {str(split): int(count) for split, count in counts.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    # Nothing else in a row reads so, since quotes within its texts are escaped.
    marks = [f'"kind": "{kind}"'.encode() for kind in part.kinds]
    for split in ("train", "validation") if marks else ():
        file = Path(part.version) / f"{split}.jsonl"
        text = file.read_bytes() if file.is_file() else b""
        found[split] = sum(map(text.count, marks))
    return found


def _steps(recipe: Recipe) -> Iterator[Finding]:
    """Evaluations that a short training reaches only once, at its end."""
    samples = _counts(recipe.data).get("train", 0) if recipe.data.version else 0
    for name in recipe.data.train:
        file = Path(name)
        if file.suffix.casefold() != ".jsonl" or not file.is_file():
            return
        samples += file.read_bytes().count(b"\n")
    training = recipe.training
    a_pass = math.ceil(samples / (training.batch_size * training.accumulation))
    total = math.ceil(a_pass * training.epochs)
    if samples and recipe.evaluation.metric != "none" and recipe.evaluation.steps > total:
        yield Finding(
            "evaluation.steps",
            f"= {recipe.evaluation.steps} is never reached: {samples} samples make {total} steps, so the last adapter is the best.",
            f"Set it (and training.save_steps) to {max(1, total // 4)}, or train longer.",
            "warning",
        )


def _device(recipe: Recipe, machine: Machine) -> Iterator[Finding]:
    model = recipe.model
    if model.device == "cuda" and not machine.gpus:
        yield Finding(
            "model.device", "= 'cuda', but no NVIDIA GPU is found.", 'Set device = "auto", or add a GPU.'
        )
    training = recipe.training
    if training.batch_size * training.accumulation % training.processes:
        problem = f"= {training.processes} cannot share an effective batch of {training.batch_size * training.accumulation}."
        yield Finding(
            "training.processes", problem, "Make batch_size times accumulation a multiple of it, or take fewer."
        )
    if model.device != "cpu" and machine.gpus and training.processes > len(machine.gpus):
        problem = f"= {training.processes} needs as many GPUs, and there are {len(machine.gpus)}."
        yield Finding("training.processes", problem, f"Set it to {len(machine.gpus)} or less.")
    if model.quantization == "4bit":
        if model.device == "cpu" or not machine.gpus:
            problem = "= '4bit' needs an NVIDIA GPU, and none would be used."
            yield Finding("model.quantization", problem, 'Set quantization = "none", or run on a GPU.')
        elif not machine.bitsandbytes:
            yield Finding("model.quantization", "= '4bit' needs bitsandbytes.", "Install bitsandbytes.")
    if model.dtype == "float16" and (model.device == "cpu" or not machine.gpus):
        yield Finding("model.dtype", "= 'float16' cannot be trained on a CPU.", "Set float32 or bfloat16.")


def _find_base(recipe: Recipe, hub: Path, findings: list[Finding]) -> Base | None:
    """Read the base, from its folder or the cache of downloads; say so where that cannot be done."""
    name = recipe.model.base
    if not name:
        return None
    folder = Path(name)
    if not folder.is_absolute():
        cached = hub.expanduser() / f"models--{name.replace('/', '--')}" / "snapshots"
        snapshots = sorted(cached.glob("*/config.json"), key=lambda file: file.stat().st_mtime)
        if not snapshots and name.count("/") == 1:
            problem = f"{name!r} is not on this machine: it would be downloaded, and was not checked."
            findings.append(Finding("model.base", problem, "Download it first, or give its folder.", "warning"))
            return None
        folder = snapshots[-1].parent if snapshots else folder
    if not folder.is_dir():
        problem = f"{name!r} is no folder, and no name of a model (`owner/name`)."
        findings.append(Finding("model.base", problem, "Correct the path; it counts from the recipe's folder."))
        return None
    try:
        return read_base(folder)
    except UnreadableBaseError as error:
        findings.append(
            Finding("model.base", f"{folder} {error}.", "Give a base model with safetensors weights.")
        )
        return None


def _template(recipe: Recipe, base: Base) -> Iterator[Finding]:
    claimed, end = recipe.model.template, recipe.model.end_token
    if not base.template:
        problem = "the base has no chat template, so it was never taught to answer."
        yield Finding("model.base", problem, "Give its instruction-tuned sibling (…-Instruct).")
    elif claimed not in ("auto", base.family):
        right = f'"{base.family}"' if base.family else '"auto"'
        problem = (
            f"= {claimed!r} does not fit the base, whose own template is {base.family or 'of another kind'}."
        )
        yield Finding("model.template", problem, f"Set template = {right}.")
    if end != "auto" and end not in base.end_tokens:
        own = " or ".join(map(repr, base.end_tokens)) or "nothing that is known"
        problem = f"= {end!r} does not fit the base, whose answers end with {own}: they would not stop."
        right = f'"{base.end_tokens[0]}"' if base.end_tokens else '"auto"'
        yield Finding("model.end_token", problem, f"Set end_token = {right}.")
    closing = FAMILIES[base.family][1] if base.family else None
    if closing and base.end_tokens and closing not in base.end_tokens and end == "auto":
        problem = f"the template closes an answer with {closing!r}, the base ends with {base.end_tokens[0]!r}."
        yield Finding("model.end_token", problem, "Use the instruction-tuned sibling of this base.", "warning")


def _fit(recipe: Recipe, base: Base) -> Iterator[Finding]:
    longest = base.number("max_position_embeddings")
    if longest and recipe.data.max_length > longest:
        problem = f"= {recipe.data.max_length} is more than the base reads ({longest})."
        yield Finding("data.max_length", problem, f"Set it to {longest} or less.")
    targets = recipe.lora.targets
    modules = sorted({name.split(".")[-2] for name in linear_layers(base)})
    if not targets:
        yield Finding("lora.targets", "is empty: there is nothing to train.", 'Set targets = ["all-linear"].')
    for target in targets:
        if target == "all-linear" and len(targets) > 1:
            yield Finding(
                "lora.targets", "names all-linear and others.", "Keep all-linear alone, or the others."
            )
        elif target != "all-linear" and target.split(".")[-1] not in modules:
            near = nearest(target, modules)
            told = f"Did you mean {near}?" if near else f"There are: {', '.join(modules)}."
            yield Finding("lora.targets", f"{target!r} is no linear layer of the base.", told)


def _room(recipe: Recipe, base: Base, machine: Machine) -> Iterator[Finding]:
    needs, least = estimate(base, recipe), estimate(base, recipe, smallest=True)
    on_gpu = recipe.model.device != "cpu" and bool(machine.gpus)
    held = max(machine.gpus) if on_gpu else machine.memory
    where = "the GPU" if on_gpu else "this machine"
    if held and least.memory > held:
        problem = (
            f"needs about {_size(least.memory)} even with one sample at a time; {where} has {_size(held)}."
        )
        yield Finding(
            "model.base", problem, "Take a smaller base, 4bit on a GPU, or a shorter data.max_length."
        )
    elif held and needs.memory > held:
        problem = (
            f"= {recipe.training.batch_size} needs up to {_size(needs.memory)}; {where} has {_size(held)}."
        )
        told = "Lower it and raise accumulation, or set gradient_checkpointing; else the training will, step by step."
        yield Finding("training.batch_size", problem, told, "warning")
    if machine.disk and needs.disk > machine.disk:
        problem = f"checkpoints need about {_size(needs.disk)}; {_size(machine.disk)} of the disk is free."
        yield Finding("output.folder", problem, "Free some, choose another folder, or lower keep_checkpoints.")


def _size(number: int) -> str:
    return f"{number / 2**30:.1f} GiB" if number >= 2**30 else f"{number / 2**20:.0f} MiB"
