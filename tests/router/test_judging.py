"""A language model's second opinion: one word within seconds, or none."""

from __future__ import annotations

import time

import httpx
import pytest

from router.judging import ModelJudge
from router.settings import LanguageModelSettings

SETTINGS = LanguageModelSettings("m", "http://127.0.0.1:1/v1", "k")


class Scripted(ModelJudge):
    """Replies as told instead of asking a server."""

    def __init__(self, reply: str | Exception, wait: float = 0.0) -> None:
        super().__init__(SETTINGS, seconds=0.2)
        self.reply, self.wait, self.calls = reply, wait, 0

    def _reply(self, question: str) -> str:
        self.calls += 1
        time.sleep(self.wait)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


@pytest.mark.parametrize(
    ("reply", "intent"), [("value", "value"), (" Talk. ", "talk"), ("value or talk", None), ("?", None)]
)
def test_one_known_word_is_taken(reply: str, intent: str | None) -> None:
    assert Scripted(reply).judge("…") == intent


@pytest.mark.parametrize(
    "judge", [Scripted("value", wait=20.0), Scripted(httpx.ConnectError("down")), Scripted("")]
)
def test_a_slow_or_dead_model_is_left_alone_for_a_while(judge: Scripted) -> None:
    started = time.perf_counter()
    assert judge.judge("…") is None
    assert judge.judge("…") is None
    assert time.perf_counter() - started < 10
    assert judge.calls == 1
