"""What stands before the router: something that answers queries event by event, as `router.answer.Answerer` does."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from router.types import Answer, Event, Query, Route


class Asked(NamedTuple):
    """A question outside of a conversation, as typed, with what its answer depends on beside what is known."""

    question: str
    department: str | None
    groups: frozenset[str] | None
    route: Route | None


class Ready(NamedTuple):
    """An answer that is at hand, and the same as the JSON of `api.shown`."""

    answer: Answer
    json: bytes


class Answering(Protocol):
    """Answers queries."""

    def stream(self, query: Query) -> Iterator[Event]:
        """Yield the route, the pieces of the text as they are written, and the whole answer last."""
        ...


class Repeatable(Answering, Protocol):
    """Answers queries, and wants to hear of an answer that was kept and is given once more."""

    def again(self, answer: Answer) -> None:
        """Take note of it."""
        ...


class QuickAnswering(Answering, Protocol):
    """Answers some questions at once."""

    def at_once(self, asked: Asked, answer_id: str) -> Ready | None:
        """Return the answer, with this id, where it is at hand without any wait; else None."""
        ...
