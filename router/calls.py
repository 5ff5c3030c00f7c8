"""Calls to a language model's server: bounded in time, number and repeats, and never taken for whole when cut."""

from __future__ import annotations

import logging
import random
import re
import socket
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from router.settings import LanguageModelSettings

logger = logging.getLogger(__name__)

_CONNECT_SECONDS = 10.0
_LONGEST_DELAY = 8.0
_RETRIED_STATUS = frozenset({408, 409, 425, 429})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# A reply that is not what it should be; asking again gives the same.
MALFORMED = (ValueError, TypeError, LookupError, AttributeError, AssertionError)


def openai_client(settings: LanguageModelSettings) -> Any:
    """A client of the server of `settings` that leaves repeats and time limits to `Calls`."""
    import openai

    host = urlsplit(settings.base_url or "").hostname
    return openai.OpenAI(
        base_url=settings.base_url,
        api_key=settings.api_key or "EMPTY",
        max_retries=0,
        # One connection a call: shutting it on a cancelled run can then never hit another run.
        default_headers={"Connection": "close"},
        # A proxy set for the outside must not see requests to this very machine.
        http_client=openai.DefaultHttpxClient(trust_env=host not in _LOOPBACK),
    )


@dataclass(slots=True)
class Calls:
    """The model calls of one run: bounded in number, in time and in repeats, and cancellable from outside."""

    failures: tuple[type[Exception], ...]
    retries: int
    rounds: int
    deadline: float
    made: int = 0
    released: bool = False
    tokens: Counter[str] = field(default_factory=Counter)
    _cancelled: threading.Event = field(default_factory=threading.Event)
    _response: Any = None

    @property
    def tools_offered(self) -> bool:
        """Whether the call under way may still ask for a tool."""
        return self.made <= self.rounds

    def remaining(self) -> float:
        """Seconds left for the whole run."""
        return self.deadline - time.monotonic()

    def cancel(self) -> None:
        """End the run: no further call, and the open connection is shut so that a blocked read returns."""
        self._cancelled.set()
        stream: Any = getattr(self._response, "extensions", {}).get("network_stream")
        with suppress(OSError, AttributeError):
            stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give back the connection; for the thread that makes the calls."""
        if self._response is not None:
            self._response.close()

    def answer(self, ask: Callable[[bool], Iterator[Any]]) -> Iterator[Any]:
        """One model call: `ask(tools offered)` again after a passing failure while nothing has reached the reader.

        After `rounds` calls the tools are withdrawn, so the model has to answer.
        """
        self.made += 1
        self.released = False
        for attempt in range(self.retries + 1):
            try:
                for snapshot in ask(self.tools_offered):
                    if self._cancelled.is_set():
                        return
                    yield snapshot
            except self.failures as error:
                delay = self._delay(attempt, error)
                if delay is None:
                    raise
                logger.info("the language model failed; asking again in %.1f s", delay)
                if self._cancelled.wait(delay):
                    return
            else:
                return

    def _delay(self, attempt: int, error: Exception) -> float | None:
        """Seconds to wait before asking again (doubling, with jitter), or None where that is no use."""
        delay = min(0.5 * 2**attempt, _LONGEST_DELAY) * random.uniform(0.75, 1.25)  # noqa: S311 - not a secret
        last = attempt >= self.retries or delay >= self.remaining()
        return None if last or self.released or not _passing(error) else delay

    def open_stream(self, client: Any, **arguments: Any) -> Iterator[Any]:
        """Ask the server; the request may take a second more than what is left: the run's own limit ends it, and says so."""
        import openai

        timeout = max(self.remaining(), 0.0) + 1.0
        limits = openai.Timeout(timeout, connect=min(timeout, _CONNECT_SECONDS))
        try:
            stream = client.chat.completions.create(
                **arguments, stream_options={"include_usage": True}, timeout=limits
            )
        except openai.BadRequestError as error:
            # A server that does not know the option counts nothing, but answers.
            if "stream_options" not in str(error):
                raise
            stream = client.chat.completions.create(**arguments, timeout=limits)
        self._response = stream.response
        return self._counted(_checked(stream))

    def _counted(self, chunks: Iterator[Any]) -> Iterator[Any]:
        """Add up the tokens that the server says it has read and written."""
        for chunk in chunks:
            usage = getattr(chunk, "usage", None)
            if usage is not None:
                self.tokens.update(prompt=usage.prompt_tokens or 0, completion=usage.completion_tokens or 0)
            yield chunk


def _checked(stream: Any) -> Iterator[Any]:
    """The chunks of `stream`; raises ConnectionError if they end without a sign that the answer is whole.

    A server that closes the connection after each answer gives no other hint when it is cut in the middle.
    """
    done = _watch_for_done(stream.response)
    finished = False
    for chunk in stream:
        finished = finished or any(choice.finish_reason for choice in chunk.choices or ())
        yield chunk
    if not (finished or done.is_set()):
        raise ConnectionError("the connection was cut before the end of the answer")


def _watch_for_done(response: Any) -> threading.Event:
    """An event that is set once `data: [DONE]` has gone by in the body of `response`."""
    done = threading.Event()
    read = response.iter_bytes

    def watched(*arguments: Any, **options: Any) -> Iterator[bytes]:
        tail = b""
        for block in read(*arguments, **options):
            tail = (tail + block)[-len(block) - 32 :]
            if re.search(rb"data:\s*\[DONE\]", tail):
                done.set()
            yield block

    response.iter_bytes = watched
    return done


def _cause(error: Exception) -> Exception:
    inner = getattr(error, "exception", None)
    return inner if isinstance(inner, Exception) else error


def _status(error: Exception) -> int | None:
    status = getattr(_cause(error), "status_code", None)
    return status if isinstance(status, int) else None


def _passing(error: Exception) -> bool:
    """Whether the same request may succeed a moment later."""
    status = _status(error)
    if status is not None:
        return status >= 500 or status in _RETRIED_STATUS
    code = getattr(error, "code", None)
    if code is not None:
        return str(code).startswith(("Throttling", "Internal", "5", "429", "ServiceUnavailable"))
    return not isinstance(_cause(error), MALFORMED)


_ADVICE = {
    401: "check TERMROUTE_LLM_API_KEY",
    403: "the key may not use this model",
    404: "check TERMROUTE_LLM_MODEL, and that TERMROUTE_LLM_BASE_URL ends in /v1",
    429: "the server is overloaded or the quota is used up",
}


def explained(error: Exception) -> str:
    """What went wrong, in one line, with what to do about it where that is known."""
    status = _status(error)
    text = " ".join(str(_cause(error)).split())[:300] or type(_cause(error)).__name__
    if isinstance(_cause(error), MALFORMED):
        return f"the server's reply cannot be read: {text}"
    advice = _ADVICE.get(status or 0)
    return f"{text} ({advice})" if advice else text


def masked(text: str, settings: LanguageModelSettings) -> str:
    """`text` without the API key or a password in the server's address."""
    for secret in (settings.api_key, urlsplit(settings.base_url or "").password):
        if secret:
            text = text.replace(secret, "***")
    return text
