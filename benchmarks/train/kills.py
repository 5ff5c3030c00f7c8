"""Kills a training with SIGKILL at random moments and resumes it: `python -m benchmarks.train.kills [--kills 10] [--base FOLDER]`."""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune.dataset import BuildOptions, build
from finetune.folder import JobFolder
from finetune.jobs import Jobs
from finetune.load import preset
from finetune.progress import read_curves
from finetune.settings import TrainingSettings
from finetune.store import TrainingJob, TrainingStore
from finetune.versions import write_version
from terminology.workbook import read_workbook

if TYPE_CHECKING:
    from finetune.recipe import Recipe

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results"
GLOSSARY = ROOT / "examples" / "glossary" / "公司常用缩略语.xlsx"
SAVES = 10
ENDED = {"finished", "failed", "stopped", "interrupted"}
_LOOK = 0.02


def main() -> None:
    """Trains once undisturbed and once with kills, and writes results/train_kills.json and .md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--base", type=Path, default=ROOT / "examples" / "tiny-base")
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = _measure(Path(folder), options)
    options.results.mkdir(exist_ok=True)
    text = json.dumps(report, ensure_ascii=False, indent=2) + "\n"
    (options.results / "train_kills.json").write_text(text, "utf-8")
    (options.results / "train_kills.md").write_text(_page(report), "utf-8")
    print(_page(report))


def _measure(root: Path, options: argparse.Namespace) -> dict[str, Any]:
    url = f"sqlite:///{root / 'jobs.db'}"
    store = TrainingStore(url)
    store.create_schema()
    # The evaluation before and after has its own benchmark; here it would only take time.
    settings = TrainingSettings(root / "training", evaluator=(sys.executable, "-c", ""))
    jobs = Jobs(store, settings, url)
    recipe = _recipe(root, options)
    whole = _wait(jobs, jobs.start(replace(recipe, name="undisturbed")).job)
    folder = JobFolder(Path(whole.folder))
    loading, training = _times(whole, folder)
    print(f"undisturbed: {loading:.0f} s of loading, {training:.0f} s of training", file=sys.stderr)
    # So late at most that all kills together come before the end.
    latest = loading + 1.6 * training / options.kills
    chance = random.Random(options.seed)
    job = jobs.start(replace(recipe, name="killed")).job
    kills = []
    for number in range(options.kills):
        kills.append(_kill(jobs, store, job, chance.uniform(0.0, latest)))
        print(f"kill {number + 1}: {kills[-1]}", file=sys.stderr)
        job = jobs.resume(job.id)
    killed = _wait(jobs, job)
    curves = read_curves(JobFolder(Path(killed.folder)))
    events = list(JobFolder(Path(killed.folder)).events())
    for kill in kills:
        starts = (event for event in events if event.kind == "started" and event.number > kill["event"])
        resumed = int(next(starts).fields["step"])
        kill |= {"resumed_from": resumed, "lost": max(0, kill["reached"] - resumed)}
    before, after = dict(read_curves(folder).val_loss), dict(curves.val_loss)
    last = max(before)
    store.close()
    return {
        "save_steps": SAVES,
        "steps": len(dict(curves.train_loss)),
        "state": killed.state,
        "kills": kills,
        "most_lost": max(kill["lost"] for kill in kills),
        "final_validation_loss": {"undisturbed": before[last], "killed": after[last]},
        "difference": abs(before[last] - after[last]),
    }


def _recipe(root: Path, options: argparse.Namespace) -> Recipe:
    senses = read_workbook(GLOSSARY).senses
    kinds = BuildOptions(phrasings=6, tests=1, kinds=("choice", "propose", "abstain"))
    data = write_version(root / "data", build(senses, options=kinds), "made for the benchmark")
    recipe = preset("tiny")
    return replace(
        recipe,
        model=replace(recipe.model, base=str(options.base.resolve())),
        data=replace(recipe.data, version=str(data.path)),
        training=replace(recipe.training, epochs=options.epochs, save_steps=SAVES, logging_steps=1),
        evaluation=replace(recipe.evaluation, steps=SAVES, max_samples=10),
    )


def _kill(jobs: Jobs, store: TrainingStore, job: TrainingJob, after: float) -> dict[str, Any]:
    """Kill the job's process `after` seconds from now, or as soon as it has one, and wait until it is noticed."""
    # A fresh process counts from its own start; one that is still being started has nothing to kill.
    old = store.get(job.id)
    pid_before = old.summary.get("pid") if old else None
    while (newest := store.get(job.id)) is None or newest.summary.get("pid") in (None, pid_before):
        time.sleep(_LOOK)
    time.sleep(after)
    now = jobs.get(job.id)
    if now.state == "running":
        os.kill(int(now.summary["pid"]), signal.SIGKILL)
    ended = _wait(jobs, now)
    progress = jobs.progress(ended)
    return {
        "after_seconds": round(after, 2),
        "state": ended.state,
        "reached": progress.step,
        "event": progress.last_event,
    }


def _times(job: TrainingJob, folder: JobFolder) -> tuple[float, float]:
    """Seconds from the job's turn to its first step, and from there to its end."""
    begun = next(event.time for event in folder.events() if event.kind == "step")
    first, start, last = map(datetime.fromisoformat, (begun, job.started, job.ended))
    return (first - start).total_seconds(), (last - first).total_seconds()


def _wait(jobs: Jobs, job: TrainingJob) -> TrainingJob:
    while (job := jobs.get(job.id)).state not in ENDED:
        time.sleep(_LOOK)
    return job


def _page(report: dict[str, Any]) -> str:
    rows = [
        f"| {number} | {kill['after_seconds']} | {kill['state']} | {kill['reached']} | {kill['resumed_from']} | {kill['lost']} |"
        for number, kill in enumerate(report["kills"], start=1)
    ]
    losses = report["final_validation_loss"]
    return "\n".join(
        [
            "# A training that is killed",
            "",
            f"SIGKILL at {len(report['kills'])} random moments, loading included; a checkpoint every {report['save_steps']} steps.",
            "",
            "| kill | seconds after its start | noticed as | step reached | resumed from | steps lost |",
            "| ---: | ---: | --- | ---: | ---: | ---: |",
            *rows,
            "",
            f"At most {report['most_lost']} steps were lost at once. It {report['state']} after {report['steps']} steps; last validation "
            f"loss {losses['killed']:.6f}, undisturbed {losses['undisturbed']:.6f} (difference {report['difference']:.1e}).",
            "",
        ]
    )


if __name__ == "__main__":
    main()
