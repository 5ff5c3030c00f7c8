"""Runs the queued jobs of one device, one after the other, each in a process of its own; ends when none is left."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from finetune import locks
from finetune.folder import JobFolder
from finetune.settings import TrainingSettings, child_environment, sharing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finetune.store import TrainingJob, TrainingStore

logger = logging.getLogger(__name__)
# A runner that is about to end may not have seen a job just queued: the next one waits until it is gone.
_PATIENCE = 5.0
_LOOK = 0.2
_NICENESS = 3


@dataclass(frozen=True, slots=True)
class Order:
    """What a runner is told, through its standard input, since an argument would show the database's password."""

    database_url: str
    place: str
    device: str
    root: str
    worker: tuple[str, ...]
    evaluator: tuple[str, ...]


def device_lock(root: Path, device: str) -> Path:
    """The lock that is held while a job, or the runner itself, has the device."""
    return root / f"queue-{device.replace(':', '-')}.lock"


def start_runner(order: Order) -> None:
    """Start a runner that outlives this process; it does nothing if another already has the device."""
    log = Path(order.root) / f"queue-{order.device.replace(':', '-')}.log"
    with log.open("ab") as out:
        starter = subprocess.Popen(
            [sys.executable, "-m", "finetune.runner"],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=child_environment(),
        )
        # The process started reads its order, leaves a child behind and ends: nothing is left to wait for.
        starter.communicate(json.dumps(asdict(order)).encode())


def main() -> int:
    """Read the order, detach, and run the queue."""
    content: dict[str, Any] = json.load(sys.stdin)
    if os.fork():
        return 0
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    run(Order(**content))
    return 0


def run(order: Order) -> None:
    """Run the queued jobs of a device until none is left."""
    from finetune.store import WAITING, TrainingStore

    if order.device == "cpu":
        # Questions are answered on the same processors.
        os.nice(_NICENESS)
    store = TrainingStore(order.database_url)
    settings = TrainingSettings(Path(order.root), order.worker, order.evaluator)
    with locks.hold(device_lock(settings.root, order.device), _PATIENCE) as device:
        while device is not None:
            waiting = store.in_states(WAITING, order.place, order.device)
            if not waiting:
                break
            _Run(store, settings, waiting[0], device).run()
    store.close()


class _Run:
    """One job from its turn to its end."""

    def __init__(self, store: TrainingStore, settings: TrainingSettings, job: TrainingJob, device: int) -> None:
        self._store, self._settings, self._job, self._device = store, settings, job, device
        self._folder = JobFolder(Path(job.folder))

    def run(self) -> None:
        from finetune.outcome import FINISHED, conclude
        from finetune.store import WAITING, now

        job = self._job
        with locks.hold(self._folder.lock, _PATIENCE) as lock:
            if lock is None:
                problem = "its folder is in use by a process that is not of this queue"
                self._store.move(job.id, "failed", among=WAITING, error=problem, ended=now())
                return
            if not self._store.move(job.id, "running", among=WAITING, started=job.started or now()):
                return
            logger.info("job %s (%s) begins", job.id, job.name)
            # An order to end is passed on as the wish to stop, so that a checkpoint is kept.
            signal.signal(signal.SIGTERM, lambda *_: self._folder.ask_stop())
            code = self._train(lock) if job.mode != "evaluate" else FINISHED
            if code == FINISHED and not self._folder.stop_asked():
                self._evaluate(lock)
            conclude(self._store, job, code)
            logger.info("job %s ended with %d", job.id, code)

    def _train(self, lock: int) -> int:
        resume = ("--resume",) if self._job.mode == "resume" and self._folder.checkpoints() else ()
        command = (*self._settings.worker, str(self._folder.path), *resume)
        return self._run_to_end(command, lock, count=self._processes())

    def _evaluate(self, lock: int) -> None:
        """Measure before and after; a failure is told in the events and does not undo the training."""
        self._folder.append("evaluating")
        command = (*self._settings.evaluator, str(self._folder.path))
        code = self._run_to_end(command, lock, stoppable=True)
        if code != 0:
            self._folder.append("evaluated", error=f"exit code {code}; see log.txt, then `train evaluate`")

    def _processes(self) -> int:
        """Return how many processes the recipe wants; one that cannot be read is told of by the training itself."""
        from finetune.errors import FinetuneError
        from finetune.load import load_recipe

        try:
            return load_recipe(self._folder.recipe).training.processes
        except FinetuneError:
            return 1

    def _run_to_end(self, command: Sequence[str], lock: int, *, count: int = 1, stoppable: bool = False) -> int:
        """Run a command to its end, in so many processes; they inherit the locks, which are held even if this one dies."""
        children: list[subprocess.Popen[bytes]] = []
        with self._folder.log.open("ab") as out:
            port = _free_port() if count > 1 else 0
            try:
                for number in range(count):
                    shared = sharing(number, count, port) if count > 1 else {}
                    children.append(self._child(command, lock, out, shared))
            except OSError as error:
                self._folder.append("failed", error=f"{command[0]} cannot be started: {error}")
                _end(children)
                return 1
            self._store.set_summary(self._job.id, {**self._job.summary, "pid": children[0].pid})
            return self._wait(children, stoppable=stoppable)

    def _child(
        self, command: Sequence[str], lock: int, out: IO[bytes], shared: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 (our own programs, and a folder of ours)
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=child_environment() | shared,
            pass_fds=(lock, self._device),
        )

    def _wait(self, children: Sequence[subprocess.Popen[bytes]], *, stoppable: bool) -> int:
        """Return the exit code of all; where one breaks off, the others would wait for it for ever, and are ended."""
        from finetune.outcome import FINISHED, STOPPED

        while True:
            codes = [child.poll() for child in children]
            broken = [code for code in codes if code not in (None, FINISHED, STOPPED)]
            if broken:
                _end(children)
                return int(broken[0] or 0)
            running = [child for child in children if child.returncode is None]
            if not running:
                return int(codes[0] or 0)
            if stoppable and self._folder.stop_asked():
                running[0].terminate()
            with suppress(subprocess.TimeoutExpired):
                running[0].wait(_LOOK)


def _end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.kill()
        child.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
