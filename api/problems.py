"""Turns every error of every package into an HTTP problem document and an exit code: one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import api.errors
import ingest.errors
import retrieval.errors
import retrieval.facts.errors
import router.errors
import terminology.errors

if TYPE_CHECKING:
    from collections.abc import Sequence

WRONG_USE, SERVICE_DOWN = 2, 3
_BASE = "https://termroute.invalid/problems/"


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of error is told: the last part of its `type`, its HTTP status and its exit code."""

    slug: str
    status: int
    exit_code: int = WRONG_USE


_DATABASE = Kind("database-unavailable", 503, SERVICE_DOWN)

TABLE: dict[type[Exception], Kind] = {
    api.errors.SettingsError: Kind("settings", 500),
    api.errors.NotFoundError: Kind("not-found", 404),
    api.errors.UnsafeBindError: Kind("unsafe-bind", 500),
    api.errors.PortTakenError: Kind("port-taken", 500, SERVICE_DOWN),
    api.errors.UnauthorizedError: Kind("unauthorized", 401),
    api.errors.ForbiddenError: Kind("forbidden", 403),
    api.errors.BadUploadError: Kind("bad-upload", 422),
    router.errors.EmptyQuestionError: Kind("empty-question", 422),
    router.errors.QuestionTooLongError: Kind("question-too-long", 422),
    router.errors.ModelUnavailableError: Kind("model-unavailable", 503, SERVICE_DOWN),
    router.errors.ConversationsUnavailableError: _DATABASE,
    retrieval.errors.DatabaseUnavailableError: _DATABASE,
    terminology.errors.GlossaryUnavailableError: _DATABASE,
    ingest.errors.JobsUnavailableError: _DATABASE,
}
# Every error of the program has one of these roots.
KNOWN = (
    api.errors.ApiError,
    ingest.errors.IngestError,
    retrieval.errors.RetrievalError,
    retrieval.facts.errors.FactError,
    router.errors.RouterError,
    terminology.errors.TerminologyError,
)


def kind_of(error: Exception) -> Kind:
    """Return how `error` is told: its own entry, else that of its nearest ancestor. Raises KeyError without one."""
    for ancestor in type(error).__mro__:
        if ancestor in TABLE:
            return TABLE[ancestor]
    raise KeyError(type(error).__name__)


def problem(error: Exception) -> dict[str, Any]:
    """Return the RFC 9457 problem document of a known error."""
    kind = kind_of(error)
    title = kind.slug.replace("-", " ").capitalize()
    return {"type": _BASE + kind.slug, "title": title, "status": kind.status, "detail": str(error)}


def invalid_request(errors: Sequence[Any]) -> dict[str, Any]:
    """Return the problem document of a request that does not fit its schema; `errors` are pydantic's."""
    places = [{"at": ".".join(map(str, item["loc"])), "message": item["msg"]} for item in errors]
    detail = "; ".join(f"{place['at']}: {place['message']}" for place in places)
    return {
        "type": _BASE + "invalid-request",
        "title": "Invalid request",
        "status": 422,
        "detail": detail,
        "errors": places,
    }


def plain(status: int, title: str, detail: str) -> dict[str, Any]:
    """Return the problem document of an HTTP status that no error of ours stands behind."""
    slug = title.lower().replace(" ", "-")
    return {"type": _BASE + slug, "title": title, "status": status, "detail": detail}
