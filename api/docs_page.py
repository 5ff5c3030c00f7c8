"""The page at `/docs`: every call of the service, readable without any network."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from api.openapi import operations

if TYPE_CHECKING:
    from collections.abc import Iterator

_STYLE = """
body { font: 15px/1.6 system-ui, sans-serif; max-width: 960px; margin: 0 auto; padding: 24px; color: #1e293b; }
h2 { margin-top: 2em; border-bottom: 1px solid #e2e8f0; } details { margin: 6px 0; border: 1px solid #e2e8f0; border-radius: 8px; padding: 6px 12px; }
summary { cursor: pointer; } b.method { display: inline-block; min-width: 4.5em; color: #3730a3; } code { font-size: 14px; }
table { border-collapse: collapse; font-size: 14px; margin: 6px 0; } td, th { border: 1px solid #e2e8f0; padding: 3px 10px; text-align: left; vertical-align: top; }
"""


def docs_page(schema: dict[str, Any]) -> str:
    """Return the page for an OpenAPI description."""
    tags: dict[str, list[str]] = {}
    for path, method, operation in operations(schema):
        tag = (operation.get("tags") or ["other"])[0]
        tags.setdefault(tag, []).append(_operation(path, method, operation, schema))
    sections = "".join(f"<h2>{escape(tag)}</h2>{''.join(found)}" for tag, found in tags.items())
    title = escape(f"{schema['info']['title']} {schema['info']['version']}")
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>'
        f"<h1>{title}</h1><p>{escape(schema['info'].get('description', ''))}</p>"
        '<p>For programs: <a href="openapi.json">openapi.json</a> (opens in Swagger UI, Postman and code generators). Where '
        "API keys are set, send <code>Authorization: Bearer KEY</code> or <code>X-API-Key: KEY</code>. Errors are "
        f"problem documents (RFC 9457).</p>{sections}</body></html>"
    )


def _operation(path: str, method: str, operation: dict[str, Any], schema: dict[str, Any]) -> str:
    told = escape(operation.get("description", "")).replace("\n\n", "<br>")
    rows = [*_parameters(operation), *_body(operation, schema)]
    cells = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    head = "<tr><th>name</th><th>where</th><th>type</th><th>meaning</th></tr>"
    table = f"<table>{head}{cells}</table>" if rows else ""
    statuses = ", ".join(escape(status) for status in operation["responses"])
    first = escape(operation.get("description", "").split("\n")[0])
    return (
        f'<details><summary><b class="method">{method}</b> <code>{escape(path)}</code> {first}</summary>'
        f"<p>{told}</p>{table}<p>Answers with: {statuses}</p></details>"
    )


def _parameters(operation: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for each in operation.get("parameters", ()):
        name = each["name"] + ("" if each.get("required") else "?")
        yield name, each["in"], _type(each.get("schema", {})), each.get("description", "")


def _body(operation: dict[str, Any], schema: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        body = content.get("schema", {})
        for option in (body, *body.get("anyOf", ())):
            if "$ref" not in option:
                continue
            model = schema["components"]["schemas"][_last(option["$ref"])]
            for name, field in model.get("properties", {}).items():
                mark = "" if name in model.get("required", ()) else "?"
                yield name + mark, media, _type(field), field.get("description", "")


def _type(field: dict[str, Any]) -> str:
    if "$ref" in field:
        return _last(field["$ref"])
    if "enum" in field:
        return " | ".join(map(str, field["enum"]))
    if "anyOf" in field:
        return " | ".join(_type(each) for each in field["anyOf"])
    if field.get("type") == "array":
        return f"list of {_type(field.get('items', {}))}"
    return str(field.get("const", field.get("type", "any")))


def _last(reference: str) -> str:
    return reference.rpartition("/")[2]
