"""Exact facts over HTTP: a question to the tables, the tables as understood, and corrections of them."""

from __future__ import annotations

from fastapi import APIRouter, Request

from api import tables
from api.endpoints.access import Asker, Editor, application_of, workers_of
from api.schemas import FactRequest, FactResultSchema, TableSchema
from api.tables import Change, CorrectionRequest, CorrectionSchema, TableDetailSchema

endpoints = APIRouter(prefix="/facts", tags=["facts"])


@endpoints.post("/query")
async def query_facts(body: FactRequest, request: Request, viewer: Asker) -> FactResultSchema:
    """Look an exact value up in the tables, and where they are silent in the sentences."""
    find = application_of(request).find_facts
    result = await workers_of(request).run(find, body.question, viewer.groups, body.offset)
    return FactResultSchema.of(body.question, result)


@endpoints.get("/tables")
def list_tables(request: Request, viewer: Asker) -> list[TableSchema]:
    """List the tables that the asker may see, as they were understood."""
    return [TableSchema.of(t) for t in application_of(request).fact_store.tables(viewer.groups)]


@endpoints.get("/tables/{table_id}")
def show_table(table_id: str, request: Request, viewer: Asker) -> TableDetailSchema:
    """Show how one table was understood: header rows, columns, key, units, notes, hidden rows, first rows."""
    application = application_of(request)
    return tables.detail(application, tables.find_table(application, table_id, viewer.groups))


@endpoints.patch("/tables/{table_id}")
def correct_table(
    table_id: str, body: CorrectionRequest, request: Request, viewer: Editor
) -> TableDetailSchema:
    """Correct how a table was understood; the correction survives when the file is read again."""
    application = application_of(request)
    change = Change(
        None if body.header_rows is None else tuple(body.header_rows),
        None if body.key_columns is None else tuple(body.key_columns),
        body.rename,
    )
    stored = tables.correct(application, tables.find_table(application, table_id, viewer.groups), change)
    return tables.detail(application, stored)


@endpoints.delete("/tables/{table_id}/correction")
def undo_correction(table_id: str, request: Request, viewer: Editor) -> TableDetailSchema:
    """Take the correction of a table back."""
    application = application_of(request)
    stored = tables.find_table(application, table_id, viewer.groups)
    tables.forget(application, stored)
    return tables.detail(application, tables.find_table(application, stored.table.id, viewer.groups))


@endpoints.get("/corrections")
def list_corrections(request: Request, viewer: Editor) -> list[CorrectionSchema]:
    """List the corrections of the tables that the asker may see."""
    store = application_of(request).fact_store
    seen = {t.source for t in store.tables(viewer.groups)}
    return [
        CorrectionSchema.of(each)
        for each in store.corrections()
        if viewer.groups is None or each.source in seen
    ]
