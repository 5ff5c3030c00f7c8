"""Notes the abbreviations that questions used and the glossary lacks, beside the answering and never in its way."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore
from typing import TYPE_CHECKING

from router.answer import Answerer
from router.types import AnswerEvent
from terminology.discover import unknown_in
from terminology.errors import TerminologyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from router.answer import Lanes
    from router.types import Answer, Event, Query
    from terminology.resolve import TermResolver
    from terminology.store import GlossaryStore

_MOST_WAITING = 1000
_log = logging.getLogger(__name__)


class UnknownTerms:
    """Writes unknown abbreviations to the database in a thread of its own, since the database may be busy."""

    def __init__(self, glossary: GlossaryStore, resolver: TermResolver) -> None:
        self._glossary, self._resolver = glossary, resolver
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="unknown-terms")
        self._room = Semaphore(_MOST_WAITING)

    def note(self, answer: Answer) -> None:
        """Count the unknown abbreviations of an answered question; where too many wait, one is left out."""
        matches = [term.match for term in answer.terms]
        surfaces = unknown_in(answer.question, matches, self._resolver.glossary)
        if surfaces and self._room.acquire(blocking=False):
            self._worker.submit(self._write, surfaces, answer.question)

    def close(self) -> None:
        """Write what still waits."""
        self._worker.shutdown(wait=True)

    def _write(self, surfaces: tuple[str, ...], question: str) -> None:
        try:
            self._glossary.note_unknown(surfaces, question)
        except TerminologyError as error:
            _log.warning("an unknown abbreviation was not counted: %s", error)
        finally:
            self._room.release()


class NotedAnswerer(Answerer):
    """An answerer for people's questions; those of an evaluation do not count."""

    def __init__(self, lanes: Lanes, unknown: UnknownTerms) -> None:
        super().__init__(lanes)
        self._unknown = unknown

    def stream(self, query: Query) -> Iterator[Event]:
        """Yield the events of one answer, and note what the glossary lacks."""
        for event in super().stream(query):
            yield event
            if isinstance(event, AnswerEvent):
                self._unknown.note(event.answer)
