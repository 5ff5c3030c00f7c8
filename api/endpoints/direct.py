"""A route for the endpoints that questions go to most: the body is read once, by pydantic itself, and nothing is resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

from api.endpoints.access import viewer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fastapi import Request
    from fastapi.responses import Response


class DirectRoute(APIRoute):
    """A route to an endpoint `(body, request, viewer)` that returns its response, documented as FastAPI documents it.

    FastAPI parses a body in Python, validates it, and resolves what the endpoint depends on by looking at its signature
    at every request; that costs a third of an empty endpoint. A body that is not simply right takes FastAPI's own way,
    so that mistakes are told in the same words everywhere.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what handles a request. Raises TypeError for an endpoint of another kind."""
        usual, endpoint = super().get_route_handler(), self.endpoint
        model = self.body_field.field_info.annotation if self.body_field else None
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            raise TypeError(f"{self.path}: a direct route needs one JSON body")

        async def handle(request: Request) -> Response:
            body = _body(model, request.headers.get("content-type"), await request.body())
            if body is None:
                return await usual(request)
            response: Response = await endpoint(body, request, await viewer_of(request))
            return response

        return handle


def _body(model: type[BaseModel], media_type: str | None, content: bytes) -> BaseModel | None:
    """Return the body where it says that it is JSON and is right, else None."""
    if media_type is None or media_type.partition(";")[0].strip().lower() != "application/json":
        return None
    try:
        return model.model_validate_json(content)
    except ValidationError:
        return None
