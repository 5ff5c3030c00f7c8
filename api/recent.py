"""The latest answers of this process by their ids, so that feedback can name one that no conversation kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from router.store import Turn

_MOST = 2_000


class RecentAnswers:
    """At most `most` answers, the oldest forgotten first; each is found only by the user who got it."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._turns: OrderedDict[str, tuple[str, Turn]] = OrderedDict()

    def add(self, turn: Turn, owner: str) -> None:
        """Remember the answer of `turn`."""
        with self._lock:
            self._turns[turn.answer_id] = (owner, turn)
            while len(self._turns) > self._most:
                self._turns.popitem(last=False)

    def find(self, answer_id: str, owner: str) -> Turn | None:
        """Return the turn with this answer if `owner` got it, or None."""
        with self._lock:
            found = self._turns.get(answer_id)
        return found[1] if found is not None and found[0] == owner else None
