"""The sections of a training's report, each written from the job's folder."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import fields
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from finetune.errors import FinetuneError
from finetune.grades import grade
from finetune.load import load_recipe
from finetune.progress import read_curves, read_progress
from finetune.recipe import PARTS, recipe_hash
from finetune.tables import ROWS, arms_of, cell, size
from finetune.verdict import read_table
from finetune.versions import read_samples, read_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from finetune.folder import Event, JobFolder
    from finetune.recipe import Recipe

_SPECIAL = re.compile(r"([\\`*_\[\]<>|&])")
# Places on the machine's disk say nothing about the training.
_PLACES = frozenset({"data.version", "output.folder"})
# Answers longer than this are cut in the pairs, and say so.
_LONGEST = 300
_TOLD = (
    "started",
    "ladder",
    "warning",
    "checkpoint",
    "stopped",
    "failed",
    "interrupted",
    "finished",
    "evaluated",
)
_ROUTINE = frozenset({"checkpoint"})


def markdown(folder: JobFolder) -> str:
    """Return the whole report as Markdown."""
    events = list(folder.events())
    try:
        recipe: Recipe | None = load_recipe(folder.recipe)
    except FinetuneError:
        recipe = None
    name = recipe.name if recipe else folder.path.name
    parts = [
        _summary(folder, name, events),
        _data(folder),
        _recipe(recipe),
        _training(folder),
        _course(folder, events),
        _before_after(folder),
        _pairs(folder),
        _resources(folder, events),
        _deployment(folder),
    ]
    return "\n".join(line for part in parts for line in (*part, "")) + "\n"


def _summary(folder: JobFolder, name: str, events: Sequence[Event]) -> Iterator[str]:
    progress = read_progress(folder)
    yield f"# Training report: {_text(name)}"
    yield ""
    days = list(dict.fromkeys((events[0].time[:10], events[-1].time[:10]))) if events else []
    when = f", {' to '.join(days)}" if days else ""
    yield f"State: **{progress.phase}** at step {progress.step} of {progress.total_steps}{when}."
    content = read_table(folder)
    yield ""
    if content is None:
        yield "**Not offered for use:** it was not evaluated before and after."
    elif content.get("offered"):
        yield f"**Offered for use:** {_text(str(content.get('why', '')))}"
    else:
        yield f"**Not offered for use:** {_text(str(content.get('why', '')))}"
    if progress.error:
        yield ""
        yield f"Error: {_text(progress.error)} {_text(progress.advice)}"


def _data(folder: JobFolder) -> Iterator[str]:
    yield "## Data"
    yield ""
    try:
        version = read_version(folder.data)
        splits = read_samples(version)
    except FinetuneError as error:
        yield f"The job's data cannot be read: {_text(str(error))}"
        return
    origin = f", from `{version.parent[:12] or 'files'}`" if version.parent != version.hash else ""
    yield f"Version `{version.hash[:12]}`{origin}. " + _text("; ".join(version.changelog))
    yield ""
    kinds: dict[str, Counter[str]] = {
        split: Counter(sample.kind for sample in samples) for split, samples in splits.items()
    }
    rows = [[kind, *(str(kinds[split][kind]) for split in splits)] for kind in _kinds(kinds.values())]
    rows.append(["all", *(str(len(samples)) for samples in splits.values())])
    yield from _table(["kind of sample", *splits], rows)


def _kinds(counted: Iterable[Counter[str]]) -> list[str]:
    return sorted({kind for counts in counted for kind in counts})


def _recipe(recipe: Recipe | None) -> Iterator[str]:
    yield "## Recipe"
    yield ""
    if recipe is None:
        yield "The job's recipe.toml cannot be read."
        return
    yield f"Hash `{recipe_hash(recipe)[:12]}`."
    yield ""
    rows = []
    for section in PARTS:
        part = getattr(recipe, section)
        for each in fields(part):
            value = getattr(part, each.name)
            key = f"{section}.{each.name}"
            if value not in ("", ()) and key not in _PLACES:
                rows.append([key, _listed(PurePath(value).name if key == "model.base" else value)])
    yield from _table(["key", "value"], rows)


def _listed(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _training(folder: JobFolder) -> Iterator[str]:
    yield "## Training"
    yield ""
    yield "![loss, accuracy and learning rate by step](curves.png)"
    yield ""
    grades = grade(read_curves(folder))
    if not grades:
        yield "No step was recorded."
        return
    rows = [[each.name, each.level, each.verdict, each.next.replace("`", "")] for each in grades]
    yield from _table(["what", "grade", "why", "what to do next"], rows)


def _course(folder: JobFolder, events: Sequence[Event]) -> Iterator[str]:
    yield "## Course and checkpoints"
    yield ""
    yield from _checkpoints(folder, events)
    yield ""
    told = [event for event in events if event.kind in _TOLD and event.kind not in _ROUTINE]
    rows = [[event.time[:19].replace("T", " "), event.kind, _fields(event)] for event in told]
    yield from _table(["time (UTC)", "event", "details"], rows)


def _checkpoints(folder: JobFolder, events: Sequence[Event]) -> Iterator[str]:
    """One line per checkpoint, the last time that it was written; `best` is the one whose adapter was kept."""
    saved = {event.fields["step"]: event for event in events if event.kind == "checkpoint"}
    if not saved:
        yield "No checkpoint was written."
        return
    curves, best = read_curves(folder), read_progress(folder).best_step
    kept = {step for step, _ in folder.checkpoints()}
    rows = []
    for step, event in sorted(saved.items()):
        series = (curves.val_loss, curves.sense_accuracy)
        figures = [f"{value:.4f}" if (value := dict(each).get(step)) is not None else "–" for each in series]
        marks = ", ".join(name for name, holds in (("best", step == best), ("on disk", step in kept)) if holds)
        rows.append([str(step), event.time[11:19], _short("loss", event.fields.get("loss")), *figures, marks])
    yield from _table(["step", "time (UTC)", "training loss", "validation loss", "sense accuracy", ""], rows)


def _fields(event: Event) -> str:
    shown = (
        f"{key.replace('_', ' ')} {_short(key, value)}"
        for key, value in event.fields.items()
        if value not in (None, "")
    )
    return ", ".join(shown)


def _short(key: str, value: Any) -> str:
    """Return a value as people read it: no long hashes, no places on the machine's disk."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key.endswith("_hash"):
        return str(value)[:12]
    if key == "base":
        return PurePath(str(value)).name
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _before_after(folder: JobFolder) -> Iterator[str]:
    yield "## Before and after"
    yield ""
    content = read_table(folder)
    if content is None:
        yield "Not measured yet: `termroute train evaluate` or `POST /evaluate`."
        return
    arms = arms_of(content)
    rows = [[label, *(cell(field, arm) for arm in arms)] for field, label in ROWS]
    yield from _table(["", *(str(arm["name"]) for arm in arms)], rows)
    table = content["table"]
    yield ""
    yield f"Choices that only the adapter got right: {table['gained']}; only the base: {table['lost']}."
    parts = list(dict.fromkeys(part for arm in arms for part in arm.get("parts", {})))
    if parts:
        yield ""
        told = [[part, *(_share(arm["parts"].get(part)) for arm in arms)] for part in parts]
        yield from _table(["right sense in", *(str(arm["name"]) for arm in arms)], told)


def _share(counted: Sequence[int] | None) -> str:
    return f"{counted[0]} of {counted[1]}" if counted else "–"


def _pairs(folder: JobFolder) -> Iterator[str]:
    yield "## Sample pairs"
    yield ""
    content = read_table(folder)
    pairs = content["table"]["pairs"] if content else []
    if not pairs:
        yield "None were asked."
        return
    for number, pair in enumerate(pairs, start=1):
        yield f"**{number}. {_text(_cut(pair['question']))}** (wanted: {_text(_cut(pair['expected']))})"
        yield ""
        yield from _table(["who", "answer"], [[name, _cut(text)] for name, text in pair["answers"].items()])
        yield ""


def _resources(folder: JobFolder, events: Sequence[Event]) -> Iterator[str]:
    yield "## Resources"
    yield ""
    started = [event for event in events if event.kind == "started"]
    steps = [event for event in events if event.kind == "step"]
    last = steps[-1].fields if steps else {}
    rows = [
        ["device", str(started[-1].fields.get("device", "")) if started else ""],
        ["runs", str(len(started))],
        ["time in training", _duration(_seconds(events))],
        ["tokens", str(last.get("tokens", ""))],
        ["samples seen", str(last.get("samples", ""))],
        ["peak memory", size(max((event.fields.get("memory") or 0 for event in steps), default=0))],
        ["adapter", size(_bytes(folder.adapter.rglob("*")))],
        ["checkpoints on disk", size(_bytes(folder.checkpoints_folder.rglob("*")))],
    ]
    yield from _table(["", ""], rows)


def _seconds(events: Sequence[Event]) -> float:
    """Return the time between each start and the last thing heard of that run; waiting between runs does not count."""
    total, began, heard = 0.0, 0.0, 0.0
    for event in events:
        at = datetime.fromisoformat(event.time).timestamp()
        if event.kind == "started":
            total, began = total + heard - began, at
        if event.kind not in ("interrupted", "evaluating", "evaluated"):
            heard = at
    return total + heard - began if began else 0.0


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min {rest} s" if hours else f"{minutes} min {rest} s"


def _bytes(paths: Iterable[Any]) -> int:
    return sum(path.stat().st_size for path in paths if path.is_file())


def _deployment(folder: JobFolder) -> Iterator[str]:
    yield "## Deployment"
    yield ""
    made = folder.deployments()
    if not made:
        yield "The adapter was never put in use."
        return
    rows = [
        [each["at"][:19].replace("T", " "), each["action"], str(each["number"]), each["who"], each["reason"]]
        for each in made
    ]
    yield from _table(["time (UTC)", "what", "promotion", "who", "reason"], rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(_text(each) or " " for each in head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(_text(each) or " " for each in row) + " |"


def _text(text: str) -> str:
    """Return a text so that Markdown shows it as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
