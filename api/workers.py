"""Runs answering in few threads: questions are work for the processor, and many threads only wait for one another."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from functools import partial
from itertools import islice
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

P = ParamSpec("P")
T = TypeVar("T")
# Without a language model an answer never waits for the network; with one it mostly does.
COMPUTING, WAITING = 2, 40


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[], Any]
    outcome: asyncio.Future[Any]


class Workers:
    """At most `count` questions are answered at a time; the others wait their turn, first come first served.

    For one event loop. What is done is handed back in one go when the loop next runs: the executor of the standard
    library wakes it for every single result, which costs as much as half of a term answer.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._done: deque[tuple[asyncio.Future[Any], Any, BaseException | None]] = deque()
        self._told = self._closed = False
        self._threads: list[Thread] = []

    async def run(self, work: Callable[P, T], *values: P.args, **options: P.kwargs) -> T:
        """Return what `work` returns, from one of the threads."""
        if self._closed:
            raise RuntimeError("the server is stopping")
        if not self._threads:
            self._start()
        outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put(_Job(partial(work, *values, **options), outcome))
        return await outcome

    async def each(self, values: Iterator[T]) -> AsyncIterator[T]:
        """Yield what `values` yields, every one of them made in one of the threads."""
        while made := await self.run(_next, values):
            yield made[0]

    def close(self) -> None:
        """Start nothing more; what is being answered is answered."""
        self._closed = True
        while True:
            try:
                job = self._jobs.get_nowait()
            except Empty:
                break
            if job is not None:
                job.outcome.cancel()
        for _ in self._threads:
            self._jobs.put(None)

    def _start(self) -> None:
        # Daemons: a program that ends must not wait for a language model that does not answer.
        self._threads = [
            Thread(target=self._work, name=f"answers-{number}", daemon=True) for number in range(self._count)
        ]
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            if job.outcome.cancelled():
                continue
            try:
                value, error = job.work(), None
            except BaseException as raised:  # noqa: BLE001 - it is raised again where the answer is awaited
                value, error = None, raised
            self._done.append((job.outcome, value, error))
            if not self._told:
                self._told = True
                self._tell(job.outcome.get_loop())

    def _tell(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            loop.call_soon_threadsafe(self._deliver)
        except RuntimeError:
            # The loop has been closed: nobody waits any more.
            self._done.clear()
            self._told = False

    def _deliver(self) -> None:
        # Before looking: what is done from now on tells the loop again.
        self._told = False
        while self._done:
            outcome, value, error = self._done.popleft()
            if outcome.cancelled():
                continue
            if error is not None:
                outcome.set_exception(error)
            else:
                outcome.set_result(value)


def _next(values: Iterator[T]) -> list[T]:
    """Return the next value, alone in a list; an empty list at the end (StopIteration cannot cross threads)."""
    return list(islice(values, 1))
