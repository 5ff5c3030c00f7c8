"""A load client that costs little: raw HTTP/1.1 over kept connections, one request at a time on each."""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Round:
    """One round: answers a second, and the latencies in milliseconds; `failed` counts answers other than 200."""

    per_second: float
    p50_ms: float
    p99_ms: float
    failed: int


def request(question: str | None = None) -> bytes:
    """The bytes of one `POST /chat`."""
    body = json.dumps({"question": question}, ensure_ascii=False).encode() if question else b"{}"
    head = f"POST /chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def run(port: int, requests: Sequence[bytes], clients: int) -> Round:
    """Send all requests once, spread over `clients` connections."""
    return asyncio.run(_run(port, requests, clients))


async def _run(port: int, requests: Sequence[bytes], clients: int) -> Round:
    times: list[float] = []
    waiting = iter(requests)
    connections = [await _Connection.open(port) for _ in range(clients)]
    started = time.perf_counter()
    failures = await asyncio.gather(*(each.work(waiting, times) for each in connections))
    seconds = time.perf_counter() - started
    for each in connections:
        each.close()
    times.sort()
    p99 = times[-(-99 * len(times) // 100) - 1]
    return Round(len(times) / seconds, times[len(times) // 2] * 1000, p99 * 1000, sum(failures))


class _Connection(asyncio.Protocol):
    """A connection that has the next request written as soon as an answer is whole, without a task switch."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._failed = 0

    @classmethod
    async def open(cls, port: int) -> _Connection:
        _, protocol = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    async def work(self, waiting: object, times: list[float]) -> int:
        self._waiting, self._times = waiting, times
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._next()
        await self._done
        return self._failed

    def close(self) -> None:
        assert self._transport is not None
        self._transport.close()

    def _next(self) -> None:
        assert self._transport is not None
        wanted = next(self._waiting, None)  # type: ignore[call-overload]
        if wanted is None:
            self._done.set_result(None)
            return
        self._sent = time.perf_counter()
        self._transport.write(wanted)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        length = _LENGTH.search(self._buffer, 0, head)
        assert length is not None, "the answer has no length"
        if len(self._buffer) < head + 4 + int(length[1]):
            return
        self._times.append(time.perf_counter() - self._sent)
        self._failed += not self._buffer.startswith(b"HTTP/1.1 200")
        self._buffer = b""
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if hasattr(self, "_done") and not self._done.done():
            self._done.set_exception(error or ConnectionError("the server closed the connection"))
