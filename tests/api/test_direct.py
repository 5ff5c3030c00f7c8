"""A direct route answers every request, right or wrong, as FastAPI's own route does."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError

from api.auth import Keyring, Viewer
from api.endpoints.access import Asker
from api.endpoints.direct import DirectRoute
from api.errors import UnauthorizedError
from api.schemas import AnswerSchema, ChatRequest

KEY = "a-key-of-the-test"
VIEWER = Viewer("someone", "reader", frozenset())


async def endpoint(body: ChatRequest, request: Request, viewer: Asker) -> Response:
    return JSONResponse({**body.model_dump(), "path": request.url.path, "user": viewer.user})


async def refused(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"why": str(error)}, 401)


def client(route: type[DirectRoute] | None, keys: bool = True) -> httpx.AsyncClient:
    app = FastAPI()
    known = {hashlib.sha256(KEY.encode()).hexdigest(): VIEWER} if keys else None
    app.state.application = SimpleNamespace(keyring=Keyring(known))
    app.add_exception_handler(UnauthorizedError, refused)
    endpoints = APIRouter(**({"route_class": route} if route else {}))
    endpoints.post("/chat", response_model=AnswerSchema)(endpoint)
    app.router.routes[:0] = endpoints.routes
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


JSON, WITH_KEY = {"Content-Type": "application/json"}, {"Authorization": f"Bearer {KEY}"}


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        ('{"question": "PDM是什么意思？"}', JSON, 200),
        ('{"question": "q", "route": "term", "stream": "yes"}', JSON, 200),
        ('{"question": "q"}', {"Content-Type": "application/json; charset=utf-8"}, 200),
        ('{"question": "q"}', {"Content-Type": "Application/JSON"}, 200),
        ('{"question": "q"}', {"Content-Type": "application/vnd.api+json"}, 200),
        ('{"question": "SOP\\ud800"}', JSON, None),
        ('{"question": "a", "question": "b"}', JSON, 200),
        ('{"question": "q"}'.encode("utf-16"), JSON, 200),
        # A page of another origin can send text without asking first: it must not count as JSON.
        ('{"question": "q"}', {"Content-Type": "text/plain"}, 422),
        ('{"question": "q"}', {}, 422),
        ('{"question": 3}', JSON, 422),
        ('{"question": "q", "more": 1}', JSON, 422),
        ('{"question": "q", "route": "other"}', JSON, 422),
        ("{}", JSON, 422),
        ("[]", JSON, 422),
        ("null", JSON, 422),
        ('{"question": ', JSON, 422),
        ("", JSON, 422),
        (b"\xff\xfe\xff", JSON, None),
    ],
)
async def test_the_same_answer_as_the_usual_route(
    content: Any, headers: dict[str, str], status: int | None
) -> None:
    direct, usual = [
        await client(route).post("/chat", content=content, headers=headers | WITH_KEY)
        for route in (DirectRoute, None)
    ]
    assert (direct.status_code, direct.content) == (usual.status_code, usual.content)
    assert status is None or direct.status_code == status


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer another"}, {"X-API-Key": "another"}])
@pytest.mark.parametrize("content", ['{"question": "q"}', "{}"])
async def test_no_answer_without_a_key(content: str, headers: dict[str, str]) -> None:
    direct, usual = [
        await client(route).post("/chat", content=content, headers=JSON | headers)
        for route in (DirectRoute, None)
    ]
    assert (direct.status_code, direct.content) == (usual.status_code, usual.content)
    assert direct.status_code == 401


async def test_a_key_in_its_own_header_and_no_key_where_none_is_set() -> None:
    body = {"question": "q"}
    named = await client(DirectRoute).post("/chat", json=body, headers={"X-API-Key": KEY})
    assert named.json()["user"] == "someone"
    assert (await client(DirectRoute, keys=False).post("/chat", json=body)).json()["user"] == "local"


async def test_it_is_documented_as_usual() -> None:
    direct, usual = [(await client(route).get("/openapi.json")).json() for route in (DirectRoute, None)]
    assert direct == usual
    assert "requestBody" in direct["paths"]["/chat"]["post"]


def test_an_endpoint_without_a_body_cannot_be_direct() -> None:
    async def nothing() -> Response:
        return Response()

    with pytest.raises(TypeError, match="/nothing"):
        APIRouter(route_class=DirectRoute).post("/nothing")(nothing)


@pytest.mark.parametrize("field", ["question", "department", "conversation_id"])
def test_half_of_a_surrogate_pair_is_refused(field: str) -> None:
    with pytest.raises(ValidationError, match=r"surrogates not allowed|as a unicode string"):
        ChatRequest.model_validate({"question": "q", field: "SOP\ud800"})
