"""Tokens are counted from what the server says, and a server that cannot say still answers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import openai
import pytest

from router.calls import Calls


class Server:
    """A client whose stream ends with the usage, unless it refuses the option."""

    def __init__(self, refusal: str = "") -> None:
        self.refusal = refusal
        self.asked: list[dict[str, Any]] = []
        self.chat = SimpleNamespace(completions=SimpleNamespace(create=self.create))

    def create(self, **arguments: Any) -> Any:
        self.asked.append(arguments)
        if self.refusal and "stream_options" in arguments:
            response = httpx.Response(400, request=httpx.Request("POST", "http://127.0.0.1"))
            raise openai.BadRequestError(self.refusal, response=response, body=None)
        return Stream(usage="stream_options" in arguments)


class Stream:
    def __init__(self, *, usage: bool) -> None:
        self.response = SimpleNamespace(iter_bytes=lambda: iter(()))
        self._usage = usage

    def __iter__(self) -> Iterator[Any]:
        yield SimpleNamespace(choices=[SimpleNamespace(finish_reason="stop")], usage=None)
        if self._usage:
            yield SimpleNamespace(choices=[], usage=SimpleNamespace(prompt_tokens=120, completion_tokens=8))


def calls() -> Calls:
    return Calls(failures=(OSError,), retries=0, rounds=0, deadline=time.monotonic() + 5)


def test_usage_is_added_up() -> None:
    run, server = calls(), Server()
    for _ in range(2):
        list(run.open_stream(server, model="m"))
    assert dict(run.tokens) == {"prompt": 240, "completion": 16}


def test_a_server_without_the_option_answers_and_counts_nothing() -> None:
    run, server = calls(), Server("unknown field stream_options")
    assert len(list(run.open_stream(server, model="m"))) == 1
    assert dict(run.tokens) == {}
    assert "stream_options" not in server.asked[1]


def test_another_bad_request_is_told() -> None:
    with pytest.raises(openai.BadRequestError, match="no such model"):
        calls().open_stream(Server("no such model"), model="m")
