"""The latest answers of this process by their ids, so that feedback can name one that no conversation kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from router.store import Turn
from terminology.normalize import fold_key

if TYPE_CHECKING:
    from router.types import Answer

_MOST = 2_000


class RecentAnswers:
    """At most `most` answers, the oldest forgotten first; each is found only by the user who got it."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, tuple[str, Answer]] = OrderedDict()

    def add(self, answer: Answer, owner: str) -> None:
        """Remember an answer."""
        with self._lock:
            self._answers[answer.answer_id] = (owner, answer)
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)

    def find(self, answer_id: str, owner: str) -> Turn | None:
        """Return the turn of this answer if `owner` got it, or None."""
        with self._lock:
            found = self._answers.get(answer_id)
        return turn_of(found[1]) if found is not None and found[0] == owner else None


def turn_of(answer: Answer) -> Turn:
    """Return the turn of a conversation that an answer makes."""
    return Turn(
        answer.question,
        answer.answer,
        answer.route.value,
        answer.status.value,
        answer_id=answer.answer_id,
        completed=answer.completed_question,
        options=answer.options,
        documents=tuple(dict.fromkeys(citation.document for citation in answer.citations)),
        senses=tuple(
            (fold_key(term.match.surface), term.chosen.sense.id) for term in answer.terms if term.alternatives
        ),
    )
