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


async def test_values_come_one_by_one_and_the_end_is_the_end(workers: Workers) -> None:
    threads = set()

    def values() -> Iterator[int]:
        for number in range(3):
            threads.add(threading.current_thread().name)
            yield number

    assert [value async for value in workers.each(values())] == [0, 1, 2]
    assert threads <= {"answers-0", "answers-1"}


async def test_an_error_within_values_reaches_the_caller(workers: Workers) -> None:
    def values() -> Iterator[int]:
        yield 1
        raise ValueError("cut")

    made = workers.each(values())
    assert await anext(made) == 1
    with pytest.raises(ValueError, match="cut"):
        await anext(made)


async def test_what_nobody_waits_for_is_not_started(workers: Workers) -> None:
    started, go = [], threading.Event()
    first = [asyncio.ensure_future(workers.run(go.wait, 10)) for _ in range(2)]
    given_up = asyncio.ensure_future(workers.run(started.append, "given up"))
    last = asyncio.ensure_future(workers.run(started.append, "last"))
    await asyncio.sleep(0.05)
    given_up.cancel()
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(*first, last)
    assert started == ["last"]


async def test_many_results_are_all_handed_back(workers: Workers) -> None:
    numbers = range(2_000)
    assert await asyncio.gather(*(workers.run(abs, -number) for number in numbers)) == list(numbers)


async def test_closed_workers_start_nothing(workers: Workers) -> None:
    go, ran = threading.Event(), []
    under_way = [asyncio.ensure_future(workers.run(go.wait, 10)) for _ in range(2)]
    waiting = asyncio.ensure_future(workers.run(ran.append, 1))
    await asyncio.sleep(0.05)
    workers.close()
    go.set()
    assert await asyncio.gather(*under_way) == [True, True]
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert ran == []
    with pytest.raises(RuntimeError, match="stopping"):
        await workers.run(ran.append, 2)
