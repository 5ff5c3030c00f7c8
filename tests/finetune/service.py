"""A training service over fakes: real database, queue, locks and processes, no torch."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from finetune.formats import write_samples
from finetune.jobs import Jobs
from finetune.recipe import DataPart, ModelPart, OutputPart, Recipe, TrainingPart
from finetune.settings import TrainingSettings
from finetune.store import TrainingJob, TrainingStore
from finetune.types import Sample
from terminology.prompt import CHOICE_INSTRUCTION, choice_input, choice_texts
from terminology.types import Sense

HERE = Path(__file__).parent
WORKER = (sys.executable, str(HERE / "fake_worker.py"))
EVALUATOR = (sys.executable, str(HERE / "fake_evaluator.py"))
OVER = {"stopped", "finished", "failed", "interrupted"}


AM = (Sense("AM", "Account Manager", "客户经理"), Sense("AM", "Amplitude Modulation", "调幅"))


def choices() -> list[Sample]:
    """Held-out questions with two candidates each; the right one is now the first, now the second."""
    texts = tuple(choice_texts(AM))
    asked = [
        "跟客户续约时AM要做什么？",
        "AM加网的网点大小怎么变？",
        "AM什么时候来拜访客户？",
        "AM信号怎么解调？",
    ]
    return [
        Sample(
            CHOICE_INSTRUCTION, texts[number % 2], choice_input(question, "AM", AM), kind="choice", term="AM",
            question=question, candidates=texts, phrasing="choice/cue/1", split="held_out",
        )
        for number, question in enumerate(asked)
    ]  # fmt: skip


def samples(count: int = 8, word: str = "含义") -> list[Sample]:
    return [
        Sample(f"写出缩略语A{number}的{word}", f"全称{number}", term=f"A{number}", kind="definition")
        for number in range(count)
    ]


def recipe(root: Path, name: str = "tiny", **training: Any) -> Recipe:
    data = root / "samples.jsonl"
    if not data.exists():
        write_samples(data, samples(), "full")
        write_samples(root / "held_out.jsonl", choices(), "full")
    part = DataPart(train=(str(data),), validation=(str(data),), held_out=(str(root / "held_out.jsonl"),))
    output = OutputPart(str(root / "out" / name))
    return Recipe(name, ModelPart("fake", device="cpu"), part, training=TrainingPart(**training), output=output)


def behave(wanted: Recipe, **told: Any) -> None:
    """Tell the fake worker of this recipe how to behave."""
    behave_in(Path(wanted.output.folder), **told)


def behave_in(folder: Path, **told: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "behaviour.json").write_text(json.dumps(told))


class Service:
    """One process's view of the jobs of a data directory."""

    def __init__(self, root: Path) -> None:
        url = f"sqlite:///{root / 'jobs.db'}"
        self.store = TrainingStore(url)
        self.store.create_schema()
        self.jobs = Jobs(self.store, TrainingSettings(root / "training", WORKER, EVALUATOR), url)

    def wait(
        self,
        job: TrainingJob,
        states: set[str] = OVER,
        seconds: float = 120,
        until: Callable[[], bool] | None = None,
    ) -> TrainingJob:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            job = self.jobs.get(job.id)
            if job.state in states and (until is None or until()):
                return job
            time.sleep(0.02)
        raise AssertionError(f"still {job.state} ({job.error}) after {seconds} s")

    def until_step(self, job: TrainingJob, step: int) -> None:
        self.wait(job, {"running"}, until=lambda: self.jobs.progress(job).step >= step)

    def close(self) -> None:
        for job in self.jobs.all():
            if job.state in {"queued", "running"}:
                self.jobs.stop(job.id)
        for job in self.jobs.all():
            self.wait(job)
        self.store.close()


def renamed(wanted: Recipe, name: str) -> Recipe:
    return replace(wanted, name=name, output=OutputPart(str(Path(wanted.output.folder).parent / name)))
