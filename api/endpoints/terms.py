"""The glossary over HTTP: look up, list, resolve, add, edit, remove, import and export, with history and undo."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Query, Request, Response, UploadFile
from fastapi import Path as InPath

from api.endpoints.access import Asker, Editor, application_of, workers_of
from api.glossary import Wanted, exported, import_terms, list_senses
from api.schemas import ResolutionSchema, ResolveRequest, SenseSchema
from api.term_schemas import LARGEST_ID, ChangeSchema, SenseBody, SensePatch, TermsQuery, UndoRequest
from api.uploads import safe_name
from terminology.editing import revised, typed
from terminology.errors import WorkbookError

endpoints = APIRouter(prefix="/terms", tags=["terms"])

SenseId = Annotated[int, InPath(ge=1, le=LARGEST_ID)]
Offset = Annotated[int, Query(ge=0, le=LARGEST_ID)]
Limit = Annotated[int, Query(ge=1, le=1000)]
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@endpoints.post("/resolve")
async def resolve(body: ResolveRequest, request: Request, _: Asker) -> ResolutionSchema:
    """Find, disambiguate and expand the terms of a question."""
    understand = application_of(request).resolve
    return ResolutionSchema.of(await workers_of(request).run(understand, body.question, body.department))


@endpoints.get("")
def list_terms(
    request: Request, response: Response, _: Asker, query: Annotated[TermsQuery, Query()]
) -> list[SenseSchema]:
    """List glossary rows page by page, or look one name up; `X-Total-Count` says how many there are in all."""
    application, end = application_of(request), query.offset + query.limit
    if query.text:
        named = application.lookup(query.text)
        found, total = list(named[query.offset : end]), len(named)
    else:
        wanted = Wanted(query.search, query.department, query.prefix)
        found, total = list_senses(application, wanted, query.offset, query.limit)
    response.headers["X-Total-Count"] = str(total)
    return [SenseSchema.of(sense) for sense in found]


@endpoints.get("/lookup")
def lookup(
    request: Request, _: Asker, text: Annotated[str, Query(min_length=1, max_length=200)]
) -> list[SenseSchema]:
    """Look one name up: abbreviation, alias, English or Chinese name, or nearly so."""
    return [SenseSchema.of(sense) for sense in application_of(request).lookup(text)]


@endpoints.get("/history")
def history(
    request: Request,
    _: Asker,
    sense_id: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    offset: Offset = 0,
    limit: Limit = 20,
) -> list[ChangeSchema]:
    """Tell who changed what and when, newest first, with every sense before and after."""
    changes = application_of(request).glossary.history(sense_id, limit, offset)
    return [ChangeSchema.of(change) for change in changes]


@endpoints.get("/export")
def export(request: Request, _: Asker, format: Literal["xlsx", "csv"] = "xlsx") -> Response:  # noqa: A002
    """Download the glossary as a workbook that can be imported again."""
    content = exported(application_of(request), format)
    headers = {"Content-Disposition": f'attachment; filename="glossary.{format}"'}
    return Response(content, media_type=_TYPES[format], headers=headers)


@endpoints.post("/undo")
def undo(request: Request, viewer: Editor, body: UndoRequest | None = None) -> ChangeSchema:
    """Take one change back exactly, the latest if none is named; the undo is a change itself."""
    change = body.change if body is not None else None
    return ChangeSchema.of(application_of(request).glossary.undo(change, viewer.user))


@endpoints.post("/import")
def import_workbook(
    request: Request, viewer: Editor, file: Annotated[UploadFile, File()], dry_run: bool = False
) -> dict[str, Any]:
    """Import a glossary workbook (.xlsx) or .csv; the report tells what became of every row."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / safe_name(file.filename or "")
        with path.open("wb") as out:
            shutil.copyfileobj(file.file, out)
        try:
            return import_terms(application_of(request), path, dry_run=dry_run, who=viewer.user)
        except WorkbookError as error:
            # Whoever sent it knows the file by its name, and need not know our folders.
            raise WorkbookError(Path(path.name), error.problem, error.advice) from error


@endpoints.post("", status_code=201)
def add(body: SenseBody, request: Request, response: Response, viewer: Editor) -> SenseSchema:
    """Add one sense by hand; an abbreviation that is there already gets a further sense."""
    added = application_of(request).glossary.add(typed(body.given()), viewer.user)
    response.headers["Location"] = f"/terms/{added.id}"
    return SenseSchema.of(added)


@endpoints.get("/{sense_id:int}")
def show(sense_id: SenseId, request: Request, _: Asker) -> SenseSchema:
    """Show one sense."""
    return SenseSchema.of(application_of(request).glossary.sense(sense_id))


@endpoints.patch("/{sense_id:int}")
def edit(sense_id: SenseId, body: SensePatch, request: Request, viewer: Editor) -> SenseSchema:
    """Change one sense; what is left out stays."""
    values = body.given()
    changed = application_of(request).glossary.revise(
        sense_id, lambda sense: revised(sense, values), viewer.user
    )
    return SenseSchema.of(changed)


@endpoints.delete("/{sense_id:int}", status_code=204)
def remove(sense_id: SenseId, request: Request, viewer: Editor) -> None:
    """Remove one sense; `POST /terms/undo` brings it back."""
    application_of(request).glossary.remove(sense_id, viewer.user)
