"""Every error of every package is told as a problem document with a stable type."""

from __future__ import annotations

import importlib
import inspect

import pytest

from api import problems

MODULES = [
    "api.errors",
    "finetune.errors",
    "ingest.errors",
    "retrieval.errors",
    "retrieval.facts.errors",
    "router.errors",
    "terminology.errors",
]


def concrete_errors() -> list[type[Exception]]:
    found = []
    for name in MODULES:
        for _, member in inspect.getmembers(importlib.import_module(name), inspect.isclass):
            is_own = issubclass(member, Exception) and member.__module__ == name
            if is_own and member not in problems.KNOWN:
                found.append(member)
    return found


@pytest.mark.parametrize("error", concrete_errors(), ids=lambda error: error.__name__)
def test_every_error_is_mapped_and_has_a_known_root(error: type[Exception]) -> None:
    assert error in problems.TABLE
    assert issubclass(error, problems.KNOWN)
    kind = problems.TABLE[error]
    assert 400 <= kind.status < 600
    assert kind.exit_code in {2, 3}


def test_a_problem_document_says_what_to_do() -> None:
    from router.errors import EmptyQuestionError

    document = problems.problem(EmptyQuestionError())
    assert document["status"] == 422
    assert document["type"].endswith("/empty-question")
    assert "question" in document["detail"]


def test_an_invalid_request_names_the_field() -> None:
    document = problems.invalid_request([{"loc": ("body", "top_k"), "msg": "must be positive"}])
    assert document["errors"] == [{"at": "body.top_k", "message": "must be positive"}]
