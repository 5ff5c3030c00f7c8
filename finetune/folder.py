"""The layout of a training job on disk; everything that a report or a resumed run needs lies in this folder."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

EventKind = Literal[
    "started", "step", "evaluation", "checkpoint", "ladder", "warning", "finished", "stopped", "failed",
    "interrupted", "evaluating", "evaluated",
]  # fmt: skip
# A step is written often and may be lost with the power; everything else is made durable at once.
_CHEAP: frozenset[EventKind] = frozenset({"step"})
_CHECKPOINT = re.compile(r"checkpoint-(\d+)")
# What a run leaves behind; the recipe, the data and the log of earlier runs are no results.
_RESULTS = (
    "events.jsonl",
    "checkpoints",
    "adapter",
    "stop",
    "result.json",
    "evaluation",
    "report",
    "log.txt",
    "deployed.jsonl",
)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of `events.jsonl`: its number from 1, when (ISO, UTC), what kind, and the rest of its fields."""

    number: int
    time: str
    kind: str
    fields: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """The event as one flat object, number included."""
        return {"number": self.number, "time": self.time, "kind": self.kind, **self.fields}


class JobFolder:
    """Paths, events and the stop signal of one job; several processes may hold one on the same folder."""

    def __init__(self, path: Path, *, writes: bool = True) -> None:
        """`writes` is false for all but the first of several processes of one training: they only tell of failures."""
        self.path = path
        self.writes = writes
        self.recipe = path / "recipe.toml"
        self.data = path / "data"
        self.train = self.data / "train.jsonl"
        self.validation = self.data / "validation.jsonl"
        self.held_out = self.data / "held_out.jsonl"
        self.manifest = self.data / "manifest.json"
        self.events_file = path / "events.jsonl"
        self.checkpoints_folder = path / "checkpoints"
        self.adapter = path / "adapter"
        self.log = path / "log.txt"
        self.stop_file = path / "stop"
        self.deployed = path / "deployed.jsonl"
        self.lock = path / "running.lock"
        self.result_file = path / "result.json"
        self.evaluation = path / "evaluation"
        self.report = path / "report"

    def create(self) -> None:
        """Make the folders that a run writes into; existing ones are left as they are."""
        for folder in (self.data, self.checkpoints_folder):
            folder.mkdir(parents=True, exist_ok=True)

    def append(self, kind: EventKind, **fields: Any) -> None:
        """Add one event. The line is whole or, after a kill in the middle, ignored by `events`."""
        if not self.writes and kind != "failed":
            return
        line = json.dumps({"time": _now(), "kind": kind, **fields}, ensure_ascii=False, default=float)
        descriptor = os.open(self.events_file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(descriptor, (_line_end(descriptor) + line + "\n").encode())
            if kind not in _CHEAP:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def events(self, after: int = 0) -> Iterator[Event]:
        """The whole events with a number above `after`, oldest first; a line still being written is left out."""
        if not self.events_file.exists():
            return
        with self.events_file.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if number > after and line.endswith(b"\n") and (event := _event(number, line)):
                    yield event

    def checkpoints(self) -> list[tuple[int, Path]]:
        """Step and folder of each checkpoint, lowest step first; whether one is whole, `checkpoint.verify` says."""
        if not self.checkpoints_folder.is_dir():
            return []
        named = ((_CHECKPOINT.fullmatch(path.name), path) for path in self.checkpoints_folder.iterdir())
        return sorted((int(match[1]), path) for match, path in named if match)

    def ask_stop(self) -> None:
        """Ask the child to stop at its next step and to keep a checkpoint."""
        self.stop_file.touch()

    def stop_asked(self) -> bool:
        """Whether a stop was asked for and not taken back."""
        return self.stop_file.exists()

    def clear_stop(self) -> None:
        """Take the wish to stop back, before the job runs again."""
        self.stop_file.unlink(missing_ok=True)

    def write_result(self, result: Mapping[str, Any]) -> None:
        """Replace `result.json`: written aside, synced, renamed."""
        if not self.writes:
            return
        aside = self.result_file.with_suffix(".tmp")
        with aside.open("w", encoding="utf-8") as file:
            json.dump(result, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self.result_file)

    def result(self) -> dict[str, Any] | None:
        """What the run came to, as `write_result` wrote it; None while there is none."""
        if not self.result_file.exists():
            return None
        content = json.loads(self.result_file.read_bytes())
        return content if isinstance(content, dict) else None

    def note_deployment(self, made: Mapping[str, Any]) -> None:
        """Write down that the job's adapter was put in use or taken out of it."""
        with self.deployed.open("a", encoding="utf-8") as file:
            file.write(json.dumps(dict(made), ensure_ascii=False) + "\n")

    def deployments(self) -> list[dict[str, Any]]:
        """When, how and by whom the job's adapter was put in use, oldest first."""
        if not self.deployed.exists():
            return []
        return [json.loads(line) for line in self.deployed.read_text("utf-8").splitlines() if line.strip()]

    def has_results(self) -> bool:
        """Whether a run left anything that starting again would overwrite."""
        return bool(self.checkpoints()) or any(
            path.exists() for path in (self.events_file, self.adapter, self.result_file)
        )

    def delete_results(self) -> None:
        """Remove what earlier runs left; the recipe and the data stay."""
        for name in _RESULTS:
            path = self.path / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def back_up(self) -> Path:
        """Move the results, with a copy of recipe and data, into `backups/<time>` and return that folder."""
        base = self.path / "backups" / datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        target = next(path for path in _numbered(base) if not path.exists())
        target.mkdir(parents=True)
        for name in _RESULTS:
            if (self.path / name).exists():
                (self.path / name).rename(target / name)
        if self.recipe.exists():
            shutil.copy2(self.recipe, target / self.recipe.name)
        if self.data.is_dir():
            shutil.copytree(self.data, target / self.data.name)
        return target


def _line_end(descriptor: int) -> str:
    """A newline where a killed process left half a line, so that the next event starts on its own."""
    size = os.fstat(descriptor).st_size
    return "\n" if size and os.pread(descriptor, 1, size - 1) != b"\n" else ""


def _event(number: int, line: bytes) -> Event | None:
    try:
        fields = json.loads(line)
    except ValueError:
        return None
    if not isinstance(fields, dict) or "kind" not in fields:
        return None
    return Event(number, str(fields.pop("time", "")), str(fields.pop("kind")), fields)


def _numbered(base: Path) -> Iterator[Path]:
    yield base
    for number in range(2, 1000):
        yield base.with_name(f"{base.name}-{number}")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
