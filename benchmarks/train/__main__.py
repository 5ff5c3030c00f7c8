"""Runs the benchmark of training: `python -m benchmarks.train [--repetitions 5] [--epochs 1]`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from finetune.dataset import BuildOptions, build
from finetune.folder import JobFolder
from finetune.load import preset
from finetune.recipe import to_toml
from finetune.versions import write_version
from terminology.workbook import read_workbook

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results"
GLOSSARY = ROOT / "examples" / "glossary" / "公司常用缩略语.xlsx"


def main() -> None:
    """Measures both in turn and writes results/train.json and train.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--epochs", type=float, default=1.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        template = make_job(Path(folder) / "template", options.epochs)
        report = {"machine": _machine(), **_measure(template, Path(folder), options.repetitions)}
        report["preflight"] = _preflight(template)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "train.json").write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", "utf-8")
    (RESULTS / "train.md").write_text(_page(report), "utf-8")
    print(_page(report))


def make_job(folder: Path, epochs: float) -> JobFolder:
    """A job on the tiny base over the sample pack's glossary: nothing is evaluated or saved but the end."""
    senses = read_workbook(GLOSSARY).senses
    job = JobFolder(folder)
    job.create()
    write_version(job.data, build(senses, options=BuildOptions(phrasings=8)), "made for the benchmark")
    recipe = preset("tiny")
    recipe = replace(
        recipe,
        data=replace(recipe.data, version=str(job.data)),
        training=replace(recipe.training, epochs=epochs, save_steps=0, logging_steps=10),
        evaluation=replace(recipe.evaluation, steps=0, metric="none"),
    )
    job.recipe.write_text(to_toml(recipe), "utf-8")
    return job


def _measure(template: JobFolder, folder: Path, repetitions: int) -> dict[str, Any]:
    """Both in turn, so that what else the machine does falls on both; one round before to warm the disk's cache."""
    speeds: dict[str, list[float]] = {"ours": [], "bare": []}
    starts: dict[str, list[float]] = {"ours": [], "bare": []}
    for turn in range(repetitions + 1):
        for which in speeds if turn % 2 else reversed(speeds):
            copy = folder / f"{which}-{turn}"
            shutil.copytree(template.path, copy)
            text = (copy / "recipe.toml").read_text("utf-8").replace(str(template.path), str(copy))
            (copy / "recipe.toml").write_text(text, "utf-8")
            began = time.time()
            found = _run(which, copy)
            if turn:
                speeds[which].append(found["tokens"] / found["seconds"])
                starts[which].append(found["first_step"] - began)
            print(f"{which}, {turn}: {found['tokens'] / found['seconds']:,.0f} tokens/s", file=sys.stderr)
    ratios = [mine / theirs for mine, theirs in zip(speeds["ours"], speeds["bare"], strict=True)]
    return {
        "tokens_per_second": speeds,
        "ratios": ratios,
        "ratio": statistics.median(ratios),
        "seconds_to_first_step": starts,
    }


def _run(which: str, job: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.train.runs", which, str(job)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _preflight(job: JobFolder) -> dict[str, float]:
    """Seconds of the check itself, and of a fresh process that runs it."""
    from finetune.check import check

    check(job.recipe)
    began = time.perf_counter()
    check(job.recipe)
    alone = time.perf_counter() - began
    began = time.perf_counter()
    command = [sys.executable, "-m", "api", "train", "check", str(job.recipe)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr[-3000:])
    return {"check": alone, "command": time.perf_counter() - began}


def _machine() -> str:
    names = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "trl", "peft"))
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {names}"


def _page(report: dict[str, Any]) -> str:
    rows = []
    for name, which in (("TermRoute", "ours"), ("bare SFTTrainer script", "bare")):
        speeds, starts = report["tokens_per_second"][which], report["seconds_to_first_step"][which]
        rows.append(
            f"| {name} | {statistics.median(speeds):,.0f} | {min(speeds):,.0f} to {max(speeds):,.0f} | "
            f"{statistics.median(starts):.1f} |"
        )
    ratios = report["ratios"]
    return "\n".join(
        [
            "# Training",
            "",
            f"Machine: {report['machine']}.",
            "",
            "LoRA on the tiny base over the sample pack's glossary, the same ids and labels, the same batch, rank and learning rate, "
            f"float32 on the CPU; {len(ratios)} runs of each in turn, every one in its own process. Tokens are those that are not "
            "padding, from the end of the first step to the end of the last.",
            "",
            "| | tokens/s, median | spread | seconds to the end of the first step |",
            "| --- | ---: | ---: | ---: |",
            *rows,
            "",
            f"Ratio of each pair: median {report['ratio']:.2f} ({min(ratios):.2f} to {max(ratios):.2f}). The bare script takes trl's "
            "defaults: samples in random order (more padding) and fused attention, whose backward pass is slow on a CPU.",
            "",
            f"Preflight: `train check` finds what is wrong in {report['preflight']['check'] * 1000:.0f} ms "
            f"({report['preflight']['command']:.2f} s as a command, Python's start included).",
            "",
        ]
    )


if __name__ == "__main__":
    main()
