"""Uploaded documents: saved under their own name in the data directory, then ingested in the background as a job."""

from __future__ import annotations

import logging
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, TYPE_CHECKING, Any

from api.errors import BadUploadError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ingest.pipeline import Pipeline
    from ingest.store import Job, JobStore

logger = logging.getLogger(__name__)


class Uploads:
    """Takes files in and runs one ingestion job at a time."""

    def __init__(
        self,
        folder: Path,
        jobs: JobStore,
        pipeline: Callable[[], Pipeline],
        limit: int,
        changed: Callable[[], None],
    ) -> None:
        """`limit` is the largest file taken, in bytes; `changed` is called when a job has changed the documents."""
        self._folder, self._jobs, self._pipeline, self._limit = folder, jobs, pipeline, limit
        self._changed = changed
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ingest")

    def accept(
        self, files: Sequence[tuple[str, IO[bytes]]], groups: Sequence[str], category: str, owner: str
    ) -> Job:
        """Save `files` (name, stream) and queue their ingestion. Raises BadUploadError and keeps nothing then."""
        saved: list[Path] = []
        try:
            for name, stream in files:
                saved.append(self._save(name, stream))
        except BadUploadError:
            for path in saved:
                path.with_name(path.name + ".new").unlink(missing_ok=True)
            raise
        for path in saved:
            path.with_name(path.name + ".new").replace(path)
        job = self._jobs.create([path.name for path in saved], owner)
        self._worker.submit(self._run, job.id, saved, tuple(groups), category)
        return job

    def close(self) -> None:
        """Finish the running job and drop the queued ones, which then count as interrupted."""
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _save(self, name: str, stream: IO[bytes]) -> Path:
        plain = safe_name(name)
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / plain
        # Written aside first: an upload that breaks off must not damage the version that is there.
        with path.with_name(plain + ".new").open("wb") as out:
            shutil.copyfileobj(stream, out, 1 << 20)
            size = out.tell()
        if size > self._limit:
            path.with_name(plain + ".new").unlink()
            raise BadUploadError(plain, f"is {size} bytes; at most {self._limit} are taken")
        return path

    def _run(self, job_id: str, paths: Sequence[Path], groups: Sequence[str], category: str) -> None:
        reports: list[dict[str, Any]] = []
        try:
            self._jobs.update(job_id, "running")
            for report in self._pipeline().ingest(paths, groups=groups or None, category=category or None):
                reports.append(asdict(report))
                self._jobs.update(job_id, "running", reports)
            self._changed()
            failed = any(report["status"] == "failed" for report in reports)
            self._jobs.update(job_id, "failed" if failed else "done", reports)
        except Exception as error:
            # The thread has no caller: whatever happens must end in the job's record.
            logger.exception("ingestion job %s broke off", job_id)
            self._jobs.update(job_id, "failed", reports, f"{type(error).__name__}: {error}")


def safe_name(name: str) -> str:
    """Return the last part of an uploaded file's name; paths, hidden names and control characters are refused."""
    plain = PureWindowsPath(PurePosixPath(name).name).name.strip()
    if (
        not plain
        or plain.startswith(".")
        or any(ord(character) < 32 for character in plain)
        or len(plain.encode()) > 240
    ):
        raise BadUploadError(name, "is not a usable file name")
    return plain
