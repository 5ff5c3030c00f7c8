"""The OpenAPI description as the service really behaves: keys, and every error as a problem document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi

from api.schemas import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapi import FastAPI

OPEN = frozenset({"/healthz", "/readyz", "/metrics"})
_KEYS = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key of TERMROUTE_API_KEYS."},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
_UNUSED = ("HTTPValidationError", "ValidationError")
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_OPENAI_ERROR = {
    "application/json": {
        "schema": {
            "type": "object",
            "properties": {
                "error": {
                    "type": "object",
                    "properties": {name: {"type": "string"} for name in ("message", "type", "code")},
                }
            },
        }
    }
}


def description(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Return what makes the description of `app`, once, at its first use."""

    def made() -> dict[str, Any]:
        if app.openapi_schema is None:
            plain = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes
            )
            app.openapi_schema = _completed(plain)
        return app.openapi_schema

    return made


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each call as its path, its method in capitals, and its description."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def _completed(schema: dict[str, Any]) -> dict[str, Any]:
    components = schema.setdefault("components", {})
    components["securitySchemes"] = _KEYS
    schemas = components.setdefault("schemas", {})
    for name in _UNUSED:
        schemas.pop(name, None)
    schemas["Problem"] = Problem.model_json_schema()
    for path, _, operation in operations(schema):
        responses = operation["responses"]
        content = _OPENAI_ERROR if path.startswith("/v1/") else _PROBLEM
        if responses.pop("422", None) is not None:
            status = "400" if path.startswith("/v1/") else "422"
            responses[status] = {"description": "The request does not fit", "content": content}
        if path not in OPEN:
            operation["security"] = [{name: []} for name in _KEYS]
            responses["401"] = {"description": "No key, or an unknown one", "content": content}
        responses["default"] = {"description": "Any other error", "content": content}
    return schema
