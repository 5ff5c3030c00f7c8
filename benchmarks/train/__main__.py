"""Runs the benchmark of training: `python -m benchmarks.train [--repetitions 5] [--epochs 1]`."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.machine import described, machine
from benchmarks.train.report import PACKAGES, RESULTS, ROOT, spread, write
from finetune.dataset import BuildOptions, build
from finetune.folder import JobFolder
from finetune.load import preset
from finetune.recipe import to_toml
from finetune.versions import write_version
from terminology.workbook import read_workbook

GLOSSARY = ROOT / "examples" / "glossary" / "公司常用缩略语.xlsx"
NAMES = {
    "ours": "TermRoute",
    "alike": "bare SFTTrainer with TermRoute's attention and grouping by length",
    "bare": "bare SFTTrainer, trl's defaults",
}


def main() -> None:
    """Measures all three in turn and writes results/train.json and train.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--epochs", type=float, default=1.0)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    report: dict[str, Any] = {"machine": machine(PACKAGES)}
    with tempfile.TemporaryDirectory() as folder:
        template = make_job(Path(folder) / "template", options.epochs)
        report["preflight"] = _preflight(template, max(3, options.repetitions))
        report |= _measure(template, Path(folder), options.repetitions)
    page = _page(report)
    write(options.results, "train", report, page)
    print(page)


def make_job(folder: Path, epochs: float) -> JobFolder:
    """A job on the tiny base over the sample pack's glossary: nothing is evaluated or saved but the end."""
    senses = read_workbook(GLOSSARY).senses
    job = JobFolder(folder)
    job.create()
    write_version(job.data, build(senses, options=BuildOptions(phrasings=8)), "made for the benchmark")
    recipe = preset("tiny")
    recipe = replace(
        recipe,
        data=replace(recipe.data, version=str(job.data), kinds=()),
        training=replace(recipe.training, epochs=epochs, save_steps=0, logging_steps=5),
        evaluation=replace(recipe.evaluation, steps=0, metric="none"),
    )
    job.recipe.write_text(to_toml(recipe), "utf-8")
    return job


def _measure(template: JobFolder, folder: Path, repetitions: int) -> dict[str, Any]:
    """All in turn, so that what else the machine does falls on each; each round begins with another one."""
    names = list(NAMES)
    speeds: dict[str, list[float]] = {name: [] for name in names}
    starts: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(repetitions):
        for which in (*names[turn % len(names) :], *names[: turn % len(names)]):
            copy = folder / f"{which}-{turn}"
            shutil.copytree(template.path, copy)
            text = (copy / "recipe.toml").read_text("utf-8").replace(str(template.path), str(copy))
            (copy / "recipe.toml").write_text(text, "utf-8")
            began = time.time()
            found = _run(which, copy)
            speeds[which].append(found["tokens"] / found["seconds"])
            starts[which].append(found["first_step"] - began)
            print(f"{which}, {turn + 1}: {speeds[which][-1]:,.0f} tokens/s", file=sys.stderr)
            shutil.rmtree(copy)
    ratios = {
        name: [mine / theirs for mine, theirs in zip(speeds["ours"], speeds[name], strict=True)]
        for name in names
        if name != "ours"
    }
    return {"tokens_per_second": speeds, "ratios": ratios, "seconds_to_first_step": starts}


def _run(which: str, job: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.train.runs", which, str(job)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _preflight(job: JobFolder, repetitions: int) -> dict[str, list[float]]:
    """Seconds of the check itself, and of a fresh process that runs it."""
    from finetune.check import check

    taken: dict[str, list[float]] = {"check": [], "command": []}
    for _ in range(repetitions):
        began = time.perf_counter()
        check(job.recipe)
        taken["check"].append(time.perf_counter() - began)
        began = time.perf_counter()
        command = [sys.executable, "-m", "api", "train", "check", str(job.recipe)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        taken["command"].append(time.perf_counter() - began)
        if done.returncode:
            raise SystemExit(done.stderr[-3000:])
    return taken


def _page(report: dict[str, Any]) -> str:
    speeds, starts, ratios = (report[name] for name in ("tokens_per_second", "seconds_to_first_step", "ratios"))
    rows = [
        f"| {title} | {spread(speeds[name])} | {spread(ratios[name], '.2f') if name in ratios else ''} | {spread(starts[name], '.1f')} |"
        for name, title in NAMES.items()
    ]
    preflight = {name: spread(values, ".3f") for name, values in report["preflight"].items()}
    return "\n".join(
        [
            "# Training",
            "",
            "Made by `python -m benchmarks.train`.",
            "",
            described(report["machine"], "beginning"),
            "",
            "LoRA on the tiny base over the sample pack's glossary: the same ids and labels, the same batch, rank and learning rate, "
            f"float32 on the CPU; {len(speeds['ours'])} rounds of all three in turn, every run in its own process. Tokens are those "
            "that are not padding, as trl's trainer counts them, from the first log (5 steps) to the last. Median (lowest to highest); "
            "ratios are of the same round.",
            "",
            "| | tokens a second | TermRoute over it | seconds to the end of the first step |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
            "trl's defaults take the samples in random order, which pads more, and fused attention, whose backward pass is slow on a "
            "CPU; the second line has neither, so that its ratio is what TermRoute's own code costs (events, order, checkpoints), and saves: the output layer is asked about the answers only.",
            "",
            f"Preflight: `train check` takes {preflight['check']} s within a process, {preflight['command']} s as a command, Python's "
            "start included.",
            "",
        ]
    )


if __name__ == "__main__":
    main()
