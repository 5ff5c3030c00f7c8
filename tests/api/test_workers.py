"""Questions are answered a few at a time, in turn, and errors reach whoever asked."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from api.workers import Workers


@pytest.fixture
def workers() -> Iterator[Workers]:
    found = Workers(2)
    yield found
    found.close()


async def test_no_more_than_its_count_run_at_once(workers: Workers) -> None:
    lock, running, most = threading.Lock(), 0, 0

    def work(number: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return number

    assert await asyncio.gather(*(workers.run(work, number) for number in range(6))) == list(range(6))
    assert most == 2


async def test_an_error_reaches_the_caller(workers: Workers) -> None:
    def fail(*, reason: str) -> None:
        raise ValueError(reason)

    with pytest.raises(ValueError, match="why"):
        await workers.run(fail, reason="why")
