"""The process of one training: `python -m finetune.worker JOB_FOLDER [--resume]`, alone or under `accelerate launch -m`.

It ends with 0 when finished, 3 when stopped with a checkpoint, 1 when failed (the reason is the last event).
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from finetune.errors import FinetuneError
from finetune.folder import JobFolder
from finetune.settings import rank

if TYPE_CHECKING:
    from types import TracebackType

FINISHED, FAILED, STOPPED = 0, 1, 3


def main(arguments: list[str] | None = None) -> int:
    """Run the training of a job folder; returns the exit code. What stops it by surprise is raised, and recorded."""
    parser = argparse.ArgumentParser(prog="python -m finetune.worker", description=__doc__)
    parser.add_argument("job", type=Path, help="the job's folder")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    options = parser.parse_args(arguments)
    job = JobFolder(options.job, writes=rank() == 0)
    asked = _Asked(job)
    signal.signal(signal.SIGTERM, asked.ask)
    with _Recorded(job):
        from finetune.train import run

        try:
            result = run(job, resume=options.resume, stop_asked=asked.is_asked, afresh=asked.begin_afresh)
        except FinetuneError as error:
            job.append("failed", error=str(error), advice=getattr(error, "advice", ""))
            return FAILED
    return STOPPED if result.stopped else FINISHED


class _Asked:
    """Whether the training shall stop: by signal or by the stop file."""

    def __init__(self, job: JobFolder) -> None:
        self._job, self._signalled = job, False

    def ask(self, *_: object) -> None:
        self._signalled = True

    def is_asked(self) -> bool:
        return self._signalled or self._job.stop_asked()

    def begin_afresh(self) -> None:
        """Become a new process with the same id and locks: what ran out of memory never gives all of it back."""
        if self._signalled:
            self._job.ask_stop()
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(sys.executable, [sys.executable, "-m", "finetune.worker", str(self._job.path), "--resume"])  # noqa: S606


class _Recorded:
    """Writes an error that nobody foresaw into the job's events on its way out: the job's own record must say why."""

    def __init__(self, job: JobFolder) -> None:
        self._job = job

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            self._job.append(
                "failed", error=f"{type(error).__name__}: {error}", advice="log.txt has the whole trace"
            )


if __name__ == "__main__":
    sys.exit(main())
