"""The model that completes follow-ups: held to the conversation's words, bounded in time, left alone when it is down."""

from __future__ import annotations

import time

import pytest

from retrieval.facts.guard import unsupported
from router.rewriting import ModelRewriter
from router.settings import LanguageModelSettings
from tests.model_server import ModelServer, Reply, serving

HISTORY = ("OEE是什么意思？", "它怎么计算？")


def rewriter(server: ModelServer, seconds: float = 5.0) -> ModelRewriter:
    values = lambda text, sources: [value.text for value in unsupported(text, sources)]  # noqa: E731
    return ModelRewriter(LanguageModelSettings("m", server.url), values, seconds)


@pytest.mark.parametrize(
    ("reply", "taken"),
    [
        ("OEE的英文全称是什么？", "OEE的英文全称是什么？"),
        ("“OEE的英文全称是什么？”", "OEE的英文全称是什么？"),
        ("<think>想想</think>OEE的英文全称？", "OEE的英文全称？"),
        ("OEE的英文全称是Overall Equipment Effectiveness", None),
        ("第3季度OEE的英文全称？", None),
        ("OEE的英文全称？\n（已改写）", None),
        ("OEE怎么计算？", None),
        ("长" * 900, None),
    ],
)
def test_only_a_question_made_of_the_conversation_is_taken(reply: str, taken: str | None) -> None:
    with serving(Reply([reply])) as server:
        assert rewriter(server).rewrite("英文全称？", HISTORY) == taken


@pytest.mark.parametrize("reply", [Reply(delay=30), Reply(status=500), Reply(malformed=b"x", pieces=[])])
def test_a_model_that_fails_costs_little_and_is_left_alone_for_a_while(reply: Reply) -> None:
    with serving(reply) as server:
        asked = rewriter(server, seconds=0.5)
        started = time.monotonic()
        assert asked.rewrite("英文全称？", HISTORY) is None
        assert time.monotonic() - started < 20.0
        requests = len(server.requests)
        assert asked.rewrite("英文全称？", HISTORY) is None
        assert len(server.requests) == requests


def test_the_prompt_is_bounded() -> None:
    with serving(Reply(["x"])) as server:
        rewriter(server).rewrite("英文全称？", [f"第{n}问" * 1000 for n in range(50)])
        assert "第49问" in server.prompt
        assert len(server.prompt) < 4_000
