"""The glossary over HTTP: resolve a question's terms, list the rows, import a workbook."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, File, Query, Request, UploadFile

from api.endpoints.access import Asker, Editor, application_of
from api.glossary import import_terms
from api.schemas import ResolutionSchema, ResolveRequest, SenseSchema
from api.uploads import safe_name

endpoints = APIRouter(prefix="/terms", tags=["terms"])


@endpoints.post("/resolve")
def resolve(body: ResolveRequest, request: Request, _: Asker) -> ResolutionSchema:
    """Find, disambiguate and expand the terms of a question."""
    return ResolutionSchema.of(application_of(request).resolve(body.question, body.department))


@endpoints.get("")
def list_terms(
    request: Request,
    _: Asker,
    text: Annotated[str | None, Query(max_length=200, description="look up one name")] = None,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[SenseSchema]:
    """List glossary rows, or look one name up (abbreviation, English or Chinese)."""
    application = application_of(request)
    senses = application.lookup(text) if text else application.senses()
    return [SenseSchema.of(sense) for sense in senses[offset : offset + limit]]


@endpoints.post("/import")
def import_workbook(
    request: Request, viewer: Editor, file: Annotated[UploadFile, File()], dry_run: bool = False
) -> dict[str, Any]:
    """Import a glossary workbook (.xlsx) or .csv; the report tells what became of every row."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / safe_name(file.filename or "")
        path.write_bytes(file.file.read())
        return import_terms(application_of(request), path, dry_run=dry_run, who=viewer.user)
