"""Uploaded documents: saved under their own name in the data directory, then ingested in the background as a job."""

from __future__ import annotations

import logging
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, TYPE_CHECKING, Any

from api.errors import BadUploadError
from api.incoming import Incoming, before, clear
from ingest.files import absolute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ingest.pipeline import Pipeline
    from ingest.store import Job, JobStore
    from retrieval.types import Document

logger = logging.getLogger(__name__)
_BLOCK = 1 << 20
_ENTERED = frozenset({"indexed", "replaced", "unchanged"})
# Marks of writing direction make a name read otherwise than it is: `exe.txt` for `txt.exe`.
_TURNED = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an uploader asks for: who may see the documents, their category, and who asks (`seen` None sees all)."""

    groups: tuple[str, ...]
    category: str
    owner: str
    seen: frozenset[str] | None


class Uploads:
    """Takes files in and runs one ingestion job at a time."""

    def __init__(
        self,
        folder: Path,
        jobs: JobStore,
        pipeline: Callable[[], Pipeline],
        limit: int,
        known: Callable[[str], Document | None],
        changed: Callable[[], None],
    ) -> None:
        """`limit` is the largest file taken, in bytes; `known` gives the document read from a path; `changed` is called when a job has changed the documents."""
        self._folder, self._jobs, self._pipeline, self._limit = absolute(folder), jobs, pipeline, limit
        self._known, self._changed = known, changed
        self._jobs.fail_interrupted(clear(self._folder, known))
        self._incoming = Incoming(self._folder)
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ingest")

    def accept(self, files: Sequence[tuple[str, IO[bytes]]], wanted: Wanted) -> Job:
        """Save `files` (name, stream) and queue their ingestion. Raises BadUploadError and keeps nothing then."""
        names = [safe_name(name) for name, _ in files]
        self._check(names, wanted)
        batch = self._incoming.batch()
        try:
            for name, (_, stream) in zip(names, files, strict=True):
                self._save(batch / name, stream)
            job = self._jobs.create(names, wanted.owner)
            batch = self._incoming.name(batch, job.id)
        except BaseException:
            shutil.rmtree(batch, ignore_errors=True)
            raise
        self._worker.submit(self._run, job, batch, wanted)
        return job

    def close(self) -> None:
        """Finish the running job and drop the queued ones, which then count as interrupted."""
        self._worker.shutdown(wait=True, cancel_futures=True)
        self._jobs.fail_interrupted(self._incoming.close())

    def _check(self, names: Sequence[str], wanted: Wanted) -> None:
        for name in names:
            if names.count(name) > 1:
                raise BadUploadError(name, "is sent twice")
            old = self._known(str(self._folder / name))
            if old and old.groups and wanted.seen is not None and not wanted.seen & set(old.groups):
                raise BadUploadError(name, "has the name of a document that you may not see: give it another")

    def _save(self, path: Path, stream: IO[bytes]) -> None:
        size = 0
        with path.open("wb") as out:
            while block := stream.read(_BLOCK):
                size += len(block)
                if size > self._limit:
                    raise BadUploadError(path.name, f"is too large: at most {self._limit} bytes are taken")
                out.write(block)

    def _run(self, job: Job, batch: Path, wanted: Wanted) -> None:
        reports: list[dict[str, Any]] = []
        try:
            # Again: others may have sent a file of that name in the meantime.
            self._check(job.files, wanted)
            self._jobs.update(job.id, "running")
            with _in_place(batch, self._folder, job.files) as (paths, entered):
                groups, category = wanted.groups or None, wanted.category or None
                for report in self._pipeline().ingest(paths, groups=groups, category=category):
                    reports.append(asdict(report))
                    entered.update([Path(report.path)] if report.status in _ENTERED else [])
                    self._jobs.update(job.id, "running", reports)
            self._changed()
            failed = any(report["status"] == "failed" for report in reports)
            self._jobs.update(job.id, "failed" if failed else "done", reports)
        except Exception as error:
            # The thread has no caller: whatever happens must end in the job's record.
            logger.exception("ingestion job %s broke off", job.id)
            self._jobs.update(job.id, "failed", reports, f"{type(error).__name__}: {error}")
        # Not before the record says how it ended: whoever finds the folder takes the job for interrupted.
        shutil.rmtree(batch, ignore_errors=True)


@contextmanager
def _in_place(batch: Path, folder: Path, names: Sequence[str]) -> Iterator[tuple[Sequence[Path], set[Path]]]:
    """Put the files of `batch` into `folder`; those that are not in the set given are taken back in the end.

    What could not be read must neither stay nor displace the version that the catalogue holds.
    """
    displaced = before(batch)
    displaced.mkdir()
    paths = [folder / name for name in names]
    entered: set[Path] = set()
    try:
        for path in paths:
            if path.exists():
                path.replace(displaced / path.name)
            (batch / path.name).replace(path)
        yield paths, entered
    finally:
        for path in paths:
            if path not in entered:
                path.unlink(missing_ok=True)
                if (displaced / path.name).exists():
                    (displaced / path.name).replace(path)
        shutil.rmtree(displaced, ignore_errors=True)


def safe_name(name: str) -> str:
    """Return the last part of an uploaded file's name; paths, hidden names and control characters are refused."""
    plain = PureWindowsPath(PurePosixPath(name).name).name.strip()
    if (
        not plain
        or plain.startswith(".")
        or any(ord(character) < 32 or character in _TURNED for character in plain)
        or len(plain.encode()) > 240
    ):
        raise BadUploadError(name, "is not a usable file name")
    return plain
