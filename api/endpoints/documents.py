"""The catalogue over HTTP: send documents in, list, show, fetch and delete them, and follow the job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import FileResponse

from api.catalogue_schemas import DocumentDetailSchema, JobSchema, UploadSchema
from api.endpoints.access import Asker, Editor, application_of
from api.errors import NotFoundError
from api.schemas import DocumentSchema
from api.uploads import Wanted

if TYPE_CHECKING:
    from api.auth import Viewer
    from retrieval.types import Document

endpoints = APIRouter(tags=["documents"])
_FILE = {"content": {"application/octet-stream": {}}, "description": "The file as it was taken in."}


@endpoints.post("/documents", status_code=202)
def upload(
    request: Request,
    viewer: Editor,
    files: Annotated[list[UploadFile], File(description="one or more documents")],
    groups: Annotated[str, Form(description="who may see them, separated by commas; empty for everyone")] = "",
    category: Annotated[str, Form()] = "",
) -> UploadSchema:
    """Take documents in; they are ingested in the background as the job returned."""
    names = tuple(group.strip() for group in groups.split(",") if group.strip())
    streams = [(file.filename or "", file.file) for file in files]
    wanted = Wanted(names, category, viewer.user, viewer.groups)
    job = application_of(request).uploads.accept(streams, wanted)
    return UploadSchema(job_id=job.id, status=job.status, files=list(job.files))


@endpoints.get("/documents")
def catalogue(request: Request, viewer: Asker) -> list[DocumentSchema]:
    """List the documents that the asker may see."""
    return [DocumentSchema.of(document) for document in application_of(request).documents(viewer.groups)]


@endpoints.get("/documents/{document_id}")
def show(document_id: str, request: Request, viewer: Asker) -> DocumentDetailSchema:
    """Show one document with its passages."""
    document = _visible(document_id, request, viewer)
    return DocumentDetailSchema.with_chunks(document, application_of(request).store.chunks(document.id))


@endpoints.get("/documents/{document_id}/file", response_class=FileResponse, responses={200: _FILE})
def fetch(document_id: str, request: Request, viewer: Asker) -> FileResponse:
    """Return the original file, as an attachment so that a browser never runs it."""
    document = _visible(document_id, request, viewer)
    path = Path(document.source)
    if not path.is_file():
        raise NotFoundError("file of the document", document.name)
    return FileResponse(path, filename=document.name, headers={"X-Content-Type-Options": "nosniff"})


@endpoints.delete("/documents/{document_id}", status_code=204)
def delete(document_id: str, request: Request, viewer: Editor) -> None:
    """Delete a document: its passages, vectors, tables and rows, in one transaction."""
    document = _visible(document_id, request, viewer)
    application_of(request).delete_document(document.id)


@endpoints.get("/jobs/{job_id}")
def job(job_id: str, request: Request, viewer: Editor) -> JobSchema:
    """Show how far an upload is, with one report a finished file."""
    found = application_of(request).jobs.get(job_id)
    if found is None or (viewer.role != "admin" and found.owner != viewer.user):
        raise NotFoundError("job", job_id)
    return JobSchema.of(found)


def _visible(document_id: str, request: Request, viewer: Viewer) -> Document:
    """Return a document that the asker may see; one of other groups is as unknown as one that never was."""
    document = application_of(request).store.document(document_id)
    hidden = document is not None and viewer.groups is not None and document.groups
    if document is None or (hidden and not viewer.groups & set(document.groups)):  # type: ignore[operator]
        raise NotFoundError("document", document_id)
    return document
