"""The rooms in which server processes keep uploads until they are read: what a killed one left there is put right."""

from __future__ import annotations

import shutil
from hashlib import file_digest
from typing import TYPE_CHECKING
from uuid import uuid4

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from retrieval.types import Document

_ROOM = ".incoming-"
_BEFORE = ".before"
_LOCK = ".held"


class Incoming:
    """The room of this process: a folder with one folder a job; its lock ends with the process, however it ends."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where the uploaded documents lie."""
        self._room = folder / f"{_ROOM}{uuid4().hex}"
        self._lock = FileLock(self._room / _LOCK, thread_local=False)

    def batch(self) -> Path:
        """Return a new, empty folder for the files of one job."""
        if not self._lock.is_locked:
            self._room.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        path = self._room / uuid4().hex
        path.mkdir()
        return path

    def name(self, batch: Path, job_id: str) -> Path:
        """Name the folder of a job by its id, by which it is found when this process is gone; return it."""
        return batch.rename(self._room / job_id)

    def close(self) -> tuple[str, ...]:
        """Give the room up; returns the names of the batches that were still in it."""
        if not self._lock.is_locked:
            return ()
        left = tuple(path.name for path in _batches(self._room))
        shutil.rmtree(self._room, ignore_errors=True)
        self._lock.release()
        return left


def before(batch: Path) -> Path:
    """Return where the documents lie that the files of `batch` displace until they are read."""
    return batch / _BEFORE


def clear(folder: Path, known: Callable[[str], Document | None]) -> tuple[str, ...]:
    """Put right what processes that are gone left in `folder`; returns the ids of their jobs.

    A document that was displaced is put back, unless its successor is what the catalogue holds; `known` gives the
    document read from a path.
    """
    found: list[str] = []
    for room in folder.glob(f"{_ROOM}*") if folder.is_dir() else ():
        try:
            with FileLock(room / _LOCK, timeout=0):
                for batch in _batches(room):
                    _put_back(batch, folder, known)
                    found.append(batch.name)
                shutil.rmtree(room, ignore_errors=True)
        except Timeout:
            # Its process lives.
            continue
    return tuple(found)


def _put_back(batch: Path, folder: Path, known: Callable[[str], Document | None]) -> None:
    for old in before(batch).glob("*"):
        successor = folder / old.name
        held = known(str(successor))
        if held is None or not successor.exists() or _digest(successor) != held.content_hash:
            old.replace(successor)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _batches(room: Path) -> Iterator[Path]:
    return (path for path in room.iterdir() if path.is_dir())
