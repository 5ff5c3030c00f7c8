"""Brings files into the database: finds, compares, parses in workers, embeds, stores each in one transaction."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from ingest.categories import category_of
from ingest.errors import FileProblemError, UnreadableError
from ingest.files import absolute, find_files, fingerprint, is_gone, is_under
from ingest.settings import IngestSettings
from ingest.types import FileReport, Progress
from ingest.workers import Workers
from retrieval.errors import InvalidDocumentError
from retrieval.types import Chunk, Document, NewDocument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from ingest.files import Fingerprint, FoundFile
    from ingest.types import Extracted, FileStatus
    from retrieval.types import Counts

_KEPT = "; the version read before stays searchable"


class Store(Protocol):
    """What the pipeline asks of the database; `retrieval.store.KnowledgeStore` is one."""

    def documents(self) -> list[Document]:
        """All documents."""
        ...

    def document_by_source(self, source: str) -> Document | None:
        """The document read from a source."""
        ...

    def counts(self, document_id: str) -> Counts | None:
        """How many chunks, tables and rows a document has."""
        ...

    def put_document(
        self,
        new: NewDocument,
        embeddings: tuple[str, NDArray[np.float32]] | None = None,
        *,
        replaces: str | None = None,
    ) -> None:
        """Stores a document and removes its old self in one transaction."""
        ...

    def delete_document(self, document_id: str) -> bool:
        """Removes a document and every trace of it."""
        ...


class Embedder(Protocol):
    """What turns passages into vectors; `name` goes into the database with them."""

    @property
    def name(self) -> str:
        """The model's name."""
        ...

    def embed_documents_array(self, texts: list[str]) -> NDArray[np.float32]:
        """One vector per text, shape (n, d)."""
        ...


@dataclass(frozen=True, slots=True)
class _Request:
    """What one call of `ingest` asks for; None keeps what a document already has."""

    groups: tuple[str, ...] | None
    category: str | None


@dataclass(slots=True)
class _Job:
    """A file on its way; `report` is set as soon as its end is known, `seconds` count the work and not the waiting."""

    file: FoundFile
    print: Fingerprint | None = None
    old: Document | None = None
    report: FileReport | None = None
    outcome: Extracted | FileProblemError | None = None
    seconds: float = 0.0


class Pipeline:
    """Ingests files and folders; the worker processes stay warm between calls until `close`.

    `embedder` None stores no vectors (they can be made later from the database).
    """

    def __init__(
        self,
        store: Store,
        embedder: Embedder | None = None,
        settings: IngestSettings | None = None,
        *,
        progress: Callable[[Progress], None] | None = None,
        workers: Workers | None = None,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._settings = settings or IngestSettings()
        self._progress = progress
        self._workers = workers or Workers(self._settings)

    def __enter__(self) -> Pipeline:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the worker processes."""
        self._workers.close()

    def ingest(
        self,
        paths: Sequence[Path | str],
        *,
        groups: Sequence[str] | None = None,
        category: str | None = None,
        prune: bool = False,
    ) -> Iterator[FileReport]:
        """Ingests all files at and under `paths`; yields a report on each as soon as it is done, in order.

        `groups` None and `category` None keep what a known document has; a new one is open to everyone, and its
        category is its folder. `prune` deletes the documents under `paths` whose file is gone. One bad file never
        stops the rest. Raises PathMissingError before anything is done, and the errors of the database and of
        the embedder.
        """
        request = _Request(None if groups is None else tuple(sorted(set(groups))), category)
        known = [document.source for document in self._store.documents()] if prune else []
        files = find_files(paths, gone_allowed=[s for s in known if is_gone(s)])
        return self._run(files, request, [absolute(path) for path in paths] if prune else [])

    def _run(self, files: list[FoundFile], request: _Request, pruned: list[Path]) -> Iterator[FileReport]:
        try:
            yield from self._read(files, request)
            yield from self._prune(pruned)
        finally:
            self._workers.cancel()

    def _read(self, files: list[FoundFile], request: _Request) -> Iterator[FileReport]:
        """Keeps the workers busy a few files ahead, and hands out reports in the order of the files."""
        begun, pages = time.monotonic(), 0
        waiting: deque[_Job] = deque()
        running: dict[int, _Job] = {}
        coming = iter(enumerate(files))
        done = 0
        while done < len(files):
            while len(waiting) < self._workers.size * 3 and (following := next(coming, None)) is not None:
                number, file = following
                job = self._begin(file, request)
                waiting.append(job)
                if job.report is None:
                    running[number] = job
                    self._workers.submit(number, str(file.path))
            while waiting and (report := self._finish(waiting[0], request)) is not None:
                waiting.popleft()
                done, pages = done + 1, pages + report.pages
                self._tell(Progress(done, len(files), pages, time.monotonic() - begun, report.path))
                yield report
            for answer in self._workers.collect() if running else ():
                job = running.pop(answer.job)
                job.outcome = answer.outcome
                job.seconds += answer.seconds

    def _tell(self, progress: Progress) -> None:
        if self._progress is not None:
            self._progress(progress)

    def _begin(self, file: FoundFile, request: _Request) -> _Job:
        """Looks at a file: its end may be known without parsing it."""
        job = _Job(file)
        if file.problem is not None:
            job.report = _failure(job, file.problem)
            return job
        start = time.monotonic()
        job.old = self._store.document_by_source(str(file.path))
        try:
            job.print = fingerprint(file.path, self._settings)
        except FileProblemError as problem:
            job.report = _failure(job, problem)
            return job
        job.seconds = time.monotonic() - start
        if job.old is not None and self._is_unchanged(job.old, job.print, request):
            job.report = self._success(job, "unchanged", job.old)
        return job

    def _is_unchanged(self, old: Document, seen: Fingerprint, request: _Request) -> bool:
        same_groups = request.groups is None or request.groups == tuple(sorted(old.groups))
        same_category = request.category is None or request.category.strip() == old.category
        return old.content_hash == seen.content_hash and same_groups and same_category

    def _finish(self, job: _Job, request: _Request) -> FileReport | None:
        """The report on a file, after it is stored; None while a worker has it."""
        if job.report is not None:
            return job.report
        if job.outcome is None:
            return None
        if isinstance(job.outcome, FileProblemError):
            return _failure(job, job.outcome)
        start = time.monotonic()
        try:
            return self._keep(job, job.outcome, request, start)
        except InvalidDocumentError as error:
            return _failure(job, UnreadableError(f"cannot be stored: {error}"))

    def _keep(self, job: _Job, extracted: Extracted, request: _Request, start: float) -> FileReport:
        document = _document(job, extracted, request)
        chunks = tuple(
            Chunk(chunk_id(document.id, ordinal, piece.text), document.id, ordinal, piece.text, piece.location)
            for ordinal, piece in enumerate(extracted.pieces)
        )
        new = NewDocument(document, chunks, extracted.grids)
        self._store.put_document(new, self._embed(chunks), replaces=job.old.id if job.old else None)
        job.seconds += time.monotonic() - start
        return self._success(job, "replaced" if job.old else "indexed", document)

    def _embed(self, chunks: Sequence[Chunk]) -> tuple[str, NDArray[np.float32]] | None:
        if self._embedder is None or not chunks:
            return None
        return self._embedder.name, self._embedder.embed_documents_array([chunk.text for chunk in chunks])

    def _success(self, job: _Job, status: FileStatus, document: Document) -> FileReport:
        counts = self._store.counts(document.id)
        return FileReport(
            path=str(job.file.path),
            status=status,
            document_id=document.id,
            pages=document.pages,
            chunks=counts.chunks if counts else 0,
            tables=counts.tables if counts else 0,
            rows=counts.rows if counts else 0,
            seconds=round(job.seconds, 3),
            warnings=document.warnings,
        )

    def _prune(self, paths: list[Path]) -> Iterator[FileReport]:
        """Deletes the documents under the paths whose file is gone."""
        if not paths:
            return
        for document in self._store.documents():
            if is_under(document.source, paths) and is_gone(document.source):
                start = time.monotonic()
                self._store.delete_document(document.id)
                seconds = round(time.monotonic() - start, 3)
                yield FileReport(document.source, "deleted", document_id=document.id, seconds=seconds)


def chunk_id(document_id: str, ordinal: int, text: str) -> str:
    """The content hash of a chunk over its document, its place and its text: 32 hex digits."""
    return hashlib.sha256(f"{document_id}\x00{ordinal}\x00{text}".encode()).hexdigest()[:32]


def _document(job: _Job, extracted: Extracted, request: _Request) -> Document:
    if job.print is None:
        raise ValueError(f"{job.file.path} was parsed before it was read")
    old = job.old
    inherited = request.category is None and old is not None
    return Document(
        id=job.print.document_id,
        source=str(job.file.path),
        name=job.file.path.name,
        content_hash=job.print.content_hash,
        media_type=extracted.media_type,
        title=extracted.title,
        category=old.category if inherited and old is not None else category_of(job.file, request.category),
        groups=request.groups if request.groups is not None else old.groups if old is not None else (),
        pages=extracted.pages,
        size=job.print.size,
        modified=datetime.fromtimestamp(job.print.modified, UTC).isoformat(timespec="seconds"),
        ingested=datetime.now(UTC).isoformat(timespec="seconds"),
        warnings=extracted.warnings,
    )


def _failure(job: _Job, problem: FileProblemError) -> FileReport:
    """A file that does not enter; what was known of it before stays."""
    status: FileStatus = "skipped" if problem.status == "skipped" else "failed"
    report = FileReport(
        path=str(job.file.path).encode("utf-8", "replace").decode(),
        status=status,
        error=problem.reason,
        seconds=round(job.seconds, 3),
    )
    if job.old is None:
        return report
    return replace(report, error=problem.reason + _KEPT, document_id=job.old.id)
