"""Each lane alone: passages, and exact facts."""

from __future__ import annotations

from fastapi import APIRouter, Request

from api.endpoints.access import Asker, application_of
from api.schemas import FactRequest, FactResultSchema, PassageSchema, SearchRequest

endpoints = APIRouter(tags=["lanes"])


@endpoints.post("/search")
def search(body: SearchRequest, request: Request, viewer: Asker) -> list[PassageSchema]:
    """Find passages; the terms of the query are expanded first."""
    application = application_of(request)
    found = application.find_passages(body.query, body.top_k, viewer.groups)
    return [PassageSchema.of(passage) for passage in found]


@endpoints.post("/facts/query")
def query_facts(body: FactRequest, request: Request, viewer: Asker) -> FactResultSchema:
    """Look an exact value up in the tables, and where they are silent in the sentences."""
    result = application_of(request).find_facts(body.question, viewer.groups)
    return FactResultSchema.of(body.question, result)
