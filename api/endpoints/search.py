"""The search lane alone."""

from __future__ import annotations

from fastapi import APIRouter, Request

from api.endpoints.access import Asker, application_of, workers_of
from api.schemas import PassageSchema, SearchRequest

endpoints = APIRouter(tags=["lanes"])


@endpoints.post("/search")
async def search(body: SearchRequest, request: Request, viewer: Asker) -> list[PassageSchema]:
    """Find passages; the terms of the query are expanded first."""
    find = application_of(request).find_passages
    found = await workers_of(request).run(find, body.query, body.top_k, viewer.groups)
    return [PassageSchema.of(passage) for passage in found]
