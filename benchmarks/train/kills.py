"""Kills a training with SIGKILL at random moments and resumes it: `python -m benchmarks.train.kills [--kills 10] [--base FOLDER]`."""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.machine import described, machine
from benchmarks.train.report import PACKAGES, RESULTS, ROOT, write
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

GLOSSARY = ROOT / "examples" / "glossary" / "公司常用缩略语.xlsx"
SAVES = 10
ENDED = {"finished", "failed", "stopped", "interrupted"}
_LOOK = 0.02
# So many of the kills come while the training is loading.
_LOADING = 0.2


def main() -> None:
    """Trains once undisturbed and once with kills, and writes results/train_kills.json and .md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--base", type=Path, default=ROOT / "examples" / "tiny-base")
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    where = machine(PACKAGES)
    with tempfile.TemporaryDirectory() as folder:
        report = {"machine": where, **_measure(Path(folder), options)}
    page = _page(report)
    write(options.results, "train_kills", report, page)
    print(page)


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
    total = len(dict(read_curves(folder).train_loss))
    job = jobs.start(replace(recipe, name="killed")).job
    kills = []
    for number, moment in enumerate(_moments(options, total, loading, training)):
        kill = _kill(jobs, store, job, moment)
        if kill["state"] == "finished":
            print(f"finished before kill {number + 1}; take more --epochs", file=sys.stderr)
            break
        kills.append(kill)
        print(f"kill {number + 1}: {kill}", file=sys.stderr)
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
    if before.keys() != after.keys():
        raise SystemExit(f"evaluations are missing: {sorted(before.keys() ^ after.keys())}")
    store.close()
    return {
        "save_steps": SAVES,
        "steps": len(dict(curves.train_loss)),
        "state": killed.state,
        "kills": kills,
        "most_lost": max(kill["lost"] for kill in kills),
        "final_validation_loss": {"undisturbed": before[last], "killed": after[last]},
        "difference": abs(before[last] - after[last]),
        "largest_difference": max(abs(before[step] - after[step]) for step in before),
    }


def _recipe(root: Path, options: argparse.Namespace) -> Recipe:
    senses = read_workbook(GLOSSARY).senses
    kinds = BuildOptions(phrasings=6, tests=1, kinds=("choice", "propose", "abstain"))
    data = write_version(root / "data", build(senses, options=kinds), "made for the benchmark")
    recipe = preset("tiny")
    return replace(
        recipe,
        model=replace(recipe.model, base=str(options.base.resolve())),
        data=replace(recipe.data, version=str(data.path), kinds=()),
        training=replace(recipe.training, epochs=options.epochs, save_steps=SAVES, logging_steps=1),
        evaluation=replace(recipe.evaluation, steps=SAVES, max_samples=10),
    )


@dataclass(frozen=True)
class Moment:
    """When to kill: so many steps after the start of this run (0: while it loads), and so many seconds later."""

    steps: int
    seconds: float
    runner: bool


def _moments(options: argparse.Namespace, total: int, loading: float, training: float) -> list[Moment]:
    """Draw the moments: one in five while the training loads, the others within a step, a save or an evaluation.

    Steps rather than seconds, so that all kills come before the end however fast the machine is at the time.
    """
    chance = random.Random(options.seed)
    most = max(2, round(1.2 * total / options.kills))
    moments = []
    for number in range(options.kills):
        loads = chance.random() < _LOADING
        seconds = chance.uniform(0.0, loading if loads else 3 * training / total)
        # Every third time the runner goes too, as in a reboot: then nobody is left to see it.
        moments.append(Moment(0 if loads else chance.randint(1, most), seconds, runner=number % 3 == 2))
    return moments


def _kill(jobs: Jobs, store: TrainingStore, job: TrainingJob, moment: Moment) -> dict[str, Any]:
    """Kill the job's process (and its runner) at a moment after its start, and wait until it is noticed."""
    # A fresh process counts from its own start; one that is still being started has nothing to kill.
    old = store.get(job.id)
    pid_before = old.summary.get("pid") if old else None
    while (newest := store.get(job.id)) is None or newest.summary.get("pid") in (None, pid_before):
        time.sleep(_LOOK)
    folder = JobFolder(Path(job.folder))
    first = next(iter(reversed(folder.checkpoints())), (0, None))[0]
    last = sum(1 for _ in folder.events())
    while (
        moment.steps
        and jobs.get(job.id).state == "running"
        and not _reached(folder, last, first + moment.steps)
    ):
        time.sleep(_LOOK)
    time.sleep(moment.seconds)
    now = jobs.get(job.id)
    if now.state == "running":
        pid = int(now.summary["pid"])
        for each in (_parent(pid), pid) if moment.runner else (pid,):
            os.kill(each, signal.SIGKILL)
    ended = _wait(jobs, now)
    progress = jobs.progress(ended)
    return {
        "moment": f"{moment.seconds:.1f} s after {f'{moment.steps} steps' if moment.steps else 'its start'}",
        "killed": "training and runner" if moment.runner else "training",
        "state": ended.state,
        "reached": progress.step,
        "event": progress.last_event,
    }


def _reached(folder: JobFolder, after: int, step: int) -> bool:
    return any(event.kind == "step" and event.fields["step"] >= step for event in folder.events(after))


def _parent(pid: int) -> int:
    """Return the process that started another (Linux: /proc)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("PPid:"))


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
        f"| {number} | {kill['moment']} | {kill['killed']} | {kill['state']} | {kill['reached']} | {kill['resumed_from']} | {kill['lost']} |"
        for number, kill in enumerate(report["kills"], start=1)
    ]
    losses = report["final_validation_loss"]
    return "\n".join(
        [
            "# A training that is killed",
            "",
            "Made by `python -m benchmarks.train.kills`.",
            "",
            described(report["machine"], "beginning"),
            "",
            f"The tiny base is tuned on the sample pack's glossary, {report['steps']} steps, and killed with SIGKILL at {len(report['kills'])} "
            f"random moments, loading included; a checkpoint every {report['save_steps']} steps, each resume by the job service.",
            "",
            "| kill | moment of its run | killed | noticed as | step reached | resumed from | steps lost |",
            "| ---: | --- | --- | --- | ---: | ---: | ---: |",
            *rows,
            "",
            f"At most {report['most_lost']} steps were lost at once (one save interval is {report['save_steps']}). The job's state at the end: "
            f"{report['state']}. Last validation loss {losses['killed']:.6f}, undisturbed {losses['undisturbed']:.6f} (difference "
            f"{report['difference']:.1e}); checked at every evaluation, the largest difference is {report['largest_difference']:.1e}.",
            "",
        ]
    )


if __name__ == "__main__":
    main()
