"""Runs answering in few threads: questions are work for the processor, and many threads only wait for one another."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")
# Without a language model an answer never waits for the network; with one it mostly does.
COMPUTING, WAITING = 2, 40


class Workers:
    """At most `count` questions are answered at a time; the others wait their turn, first come first served."""

    def __init__(self, count: int) -> None:
        # The pool of the event loop itself: anyio's, which FastAPI uses, costs a third of a term answer a call.
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="answers")

    async def run(self, work: Callable[P, T], *values: P.args, **options: P.kwargs) -> T:
        """Return what `work` returns, from one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, partial(work, *values, **options))

    def close(self) -> None:
        """Start nothing more; what is being answered is answered."""
        self._pool.shutdown(wait=False, cancel_futures=True)
