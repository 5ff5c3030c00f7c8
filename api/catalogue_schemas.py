"""The shapes of the catalogue over HTTP: a document with its passages, an upload, and the job that reads it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

from api.schemas import DocumentSchema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.store import Job
    from retrieval.types import Chunk, Document

JobStatus = Literal["queued", "running", "done", "failed"]


class ChunkSchema(BaseModel):
    """One passage of a document, and where it stands."""

    chunk_id: str
    text: str
    page: int | None = None
    slide: int | None = None
    sheet: str | None = None
    cell: str | None = None
    headings: list[str] = []


class DocumentDetailSchema(DocumentSchema):
    """A document with its passages."""

    chunks: list[ChunkSchema]

    @classmethod
    def with_chunks(cls, document: Document, chunks: Iterable[Chunk]) -> DocumentDetailSchema:
        """Show a document and its passages, in their order."""
        shown = [
            ChunkSchema.model_validate({"chunk_id": chunk.id, "text": chunk.text, **asdict(chunk.location)})
            for chunk in chunks
        ]
        return cls(**DocumentSchema.of(document).model_dump(), chunks=shown)


class UploadSchema(BaseModel):
    """An upload that was taken; `GET /jobs/{job_id}` tells what becomes of it."""

    job_id: str
    status: JobStatus
    files: list[str]


class FileReportSchema(BaseModel):
    """What became of one file."""

    path: str
    status: Literal["indexed", "unchanged", "replaced", "deleted", "failed", "skipped"]
    error: str = ""
    document_id: str = ""
    pages: int = 0
    chunks: int = 0
    tables: int = 0
    rows: int = 0
    seconds: float = 0.0
    warnings: list[str] = []


class JobSchema(BaseModel):
    """How far an upload is; `failed` where at least one file failed or the job broke off."""

    id: str
    status: JobStatus
    files: list[str]
    reports: list[FileReportSchema]
    error: str
    owner: str
    created: str
    updated: str

    @classmethod
    def of(cls, job: Job) -> JobSchema:
        """Show a job."""
        return cls.model_validate(asdict(job))
