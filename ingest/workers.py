"""Keeps a few worker processes warm, hands them files, and kills those that take too long or grow too large."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import deque
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.errors import FileProblemError, WorkerError
from ingest.extract import extract_file
from ingest.wire import decode
from ingest.worker import READY, serve, too_much_memory

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.settings import IngestSettings
    from ingest.types import Extracted

_POLL_SECONDS = 0.1
_START_SECONDS = 60.0
_MOST_WORKERS = 4
_LARGEST_ANSWER = 2_000_000_000
# A worker that holds more than this share of its memory after a file is replaced before the next one.
_STALE_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a file: the number that it was queued under, and the seconds that a worker had it."""

    job: int
    outcome: Extracted | FileProblemError
    seconds: float


class _Worker:
    """One process with its pipe, and the file that it is reading."""

    def __init__(self, settings: IngestSettings, extract: Callable[[str, IngestSettings], Extracted]) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, settings, extract), daemon=True)
        self._process.start()
        theirs.close()
        self.started = time.monotonic()
        self.ready = False
        self.job: int | None = None
        self.since = 0.0

    def take(self, job: int, path: str) -> None:
        """Begins a file."""
        self.job, self.since = job, time.monotonic()
        self.pipe.send_bytes(path.encode())

    def memory(self) -> int:
        """Bytes of memory in use; 0 where the system does not tell."""
        try:
            return int(Path(f"/proc/{self._process.pid}/statm").read_text("ascii").split()[1]) * _PAGE
        except (OSError, ValueError, IndexError):
            return 0

    def stop(self) -> None:
        """Ends the process at once."""
        self._process.kill()
        self._process.join(10)
        self.pipe.close()
        # One that waits for a network disk may outlive even that; it ends by itself when the disk answers.
        if not self._process.is_alive():
            self._process.close()


_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class Workers:
    """A few processes that read files; started when first needed."""

    def __init__(
        self, settings: IngestSettings, extract: Callable[[str, IngestSettings], Extracted] = extract_file
    ) -> None:
        self._settings = settings
        self._extract = extract
        self.size = settings.workers or min(_MOST_WORKERS, os.cpu_count() or 1)
        self._workers: list[_Worker] = []
        self._queue: deque[tuple[int, str]] = deque()

    def submit(self, job: int, path: str) -> None:
        """Queues a file under a number of the caller's choice."""
        self._queue.append((job, path))
        self._assign()

    def collect(self) -> list[Answer]:
        """What was finished, after waiting at most a moment; call it until every job has come back."""
        done: list[Answer] = []
        by_pipe: dict[Any, _Worker] = {worker.pipe: worker for worker in self._workers}
        for pipe in wait(list(by_pipe), _POLL_SECONDS) if by_pipe else ():
            done += self._receive(by_pipe[pipe])
        for worker in list(self._workers):
            reason = self._overrun(worker)
            if reason:
                done += self._kill(worker, reason)
        self._assign()
        return done

    def cancel(self) -> None:
        """Forgets queued files and kills the workers that are busy; idle ones stay warm."""
        self._queue.clear()
        for worker in list(self._workers):
            if worker.job is not None or not worker.ready:
                self._kill(worker, "")

    def close(self) -> None:
        """Ends all processes."""
        self._queue.clear()
        for worker in list(self._workers):
            self._kill(worker, "")

    def _assign(self) -> None:
        while self._queue:
            worker = next((one for one in self._workers if one.ready and one.job is None), None)
            if worker is None:
                starting = sum(1 for one in self._workers if not one.ready)
                if len(self._workers) < self.size and starting < len(self._queue):
                    self._workers.append(_Worker(self._settings, self._extract))
                    continue
                return
            job, path = self._queue[0]
            try:
                worker.take(job, path)
            except OSError:
                # It died while it was idle; another one takes the file.
                worker.job = None
                self._kill(worker, "")
            else:
                self._queue.popleft()

    def _receive(self, worker: _Worker) -> list[Answer]:
        try:
            data = worker.pipe.recv_bytes(_LARGEST_ANSWER)
        except (EOFError, OSError):
            return self._kill(
                worker, "made the reader crash: open it in the program that made it and save it again"
            )
        if data == READY:
            worker.ready = True
            return []
        job, worker.job = worker.job, None
        seconds = time.monotonic() - worker.since
        if worker.memory() > self._settings.memory_limit * _STALE_SHARE:
            self._kill(worker, "")
        return [] if job is None else [Answer(job, decode(data), seconds)]

    def _overrun(self, worker: _Worker) -> str:
        """Why a worker must be killed; empty where it is well."""
        now = time.monotonic()
        if not worker.ready:
            return (
                "could not be read: the reader did not start" if now - worker.started > _START_SECONDS else ""
            )
        if worker.job is None:
            return ""
        if now - worker.since > self._settings.time_limit:
            return f"took more than {self._settings.time_limit:g} s: split it, or raise the setting ingest.time_limit"
        if worker.memory() > self._settings.memory_limit * 1.25:
            return too_much_memory(self._settings)
        return ""

    def _kill(self, worker: _Worker, reason: str) -> list[Answer]:
        self._workers.remove(worker)
        job = worker.job
        if job is None and not worker.ready and reason and self._queue:
            # A reader that cannot even start would be tried for ever: it costs the next file.
            job = self._queue.popleft()[0]
        worker.stop()
        return (
            []
            if job is None or not reason
            else [Answer(job, WorkerError(reason), time.monotonic() - worker.since)]
        )
