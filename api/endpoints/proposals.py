"""Proposed terms over HTTP: discovered from documents and questions, accepted or rejected by a person."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.endpoints.access import Editor, application_of
from api.glossary import discover
from api.proposals import Filter, Selection, accept, proposals, reject
from api.schemas import SenseSchema
from api.term_schemas import (
    AcceptedSchema,
    AcceptRequest,
    DecisionRequest,
    ProposalSchema,
    ProposalsQuery,
    RejectedSchema,
    SkippedSchema,
)

endpoints = APIRouter(prefix="/terms", tags=["terms"])


@endpoints.post("/discover")
def discover_terms(
    request: Request, viewer: Editor, at_least: Annotated[int, Query(ge=1)] = 2
) -> list[ProposalSchema]:
    """Look for terms that documents define, or at least so many questions use, and the glossary lacks."""
    application = application_of(request)
    found = {each.id for each in discover(application, at_least)}
    # Evidence from documents that this editor may not see is left out.
    seen = proposals(application, groups=viewer.groups)
    return [ProposalSchema.of(each) for each in seen if each.id in found]


@endpoints.get("/proposals")
def list_proposals(
    request: Request, response: Response, viewer: Editor, query: Annotated[ProposalsQuery, Query()]
) -> list[ProposalSchema]:
    """List proposals with their evidence, the most frequent first; `X-Total-Count` says how many there are."""
    chosen = Filter(query.found_by, query.at_least, query.text)
    found = proposals(application_of(request), chosen, viewer.groups, query.status)
    response.headers["X-Total-Count"] = str(len(found))
    return [ProposalSchema.of(each) for each in found[query.offset : query.offset + query.limit]]


@endpoints.post("/proposals/accept")
def accept_proposals(body: AcceptRequest, request: Request, viewer: Editor) -> AcceptedSchema:
    """Make senses of proposals, all in one change that can be undone."""
    application, selection = application_of(request), _selection(body)
    done = accept(application, selection, viewer.user, body.english, body.chinese, viewer.groups)
    return AcceptedSchema(
        accepted=list(done.ids),
        senses=[SenseSchema.of(sense) for sense in done.senses],
        skipped=[SkippedSchema(id=number, reason=reason) for number, reason in done.skipped],
    )


@endpoints.post("/proposals/reject")
def reject_proposals(body: DecisionRequest, request: Request, viewer: Editor) -> RejectedSchema:
    """Reject proposals for good: they are not proposed again."""
    rejected = reject(application_of(request), _selection(body), viewer.user, viewer.groups)
    return RejectedSchema(rejected=list(rejected))


def _selection(body: DecisionRequest) -> Selection:
    return Selection(tuple(body.ids), body.all, Filter(body.found_by, body.at_least, body.text))
