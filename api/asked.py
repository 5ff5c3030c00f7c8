"""Notes the abbreviations that questions used and the glossary lacks, beside the answering and never in its way."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore
from typing import TYPE_CHECKING

from router.types import AnswerEvent
from terminology.discover import unknown_in
from terminology.errors import TerminologyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.answering import Answering
    from router.types import Answer, Event, Query
    from terminology.resolve import TermResolver
    from terminology.store import GlossaryStore

_MOST_WAITING, _MOST_KNOWN = 1_000, 10_000
_log = logging.getLogger(__name__)


class UnknownTerms:
    """Writes unknown abbreviations to the database in a thread of its own, since the database may be busy."""

    def __init__(self, glossary: GlossaryStore, resolver: TermResolver) -> None:
        self._glossary, self._resolver = glossary, resolver
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="unknown-terms")
        self._room = Semaphore(_MOST_WAITING)

    def find(self, answer: Answer) -> tuple[str, ...]:
        """Return the abbreviations of an answered question that the glossary lacks."""
        return unknown_in(answer.question, [term.match for term in answer.terms], self._resolver.glossary)

    def count(self, surfaces: tuple[str, ...], question: str) -> None:
        """Count them once more; where too many wait to be written, one is left out."""
        if surfaces and self._room.acquire(blocking=False):
            self._worker.submit(self._write, surfaces, question)

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


class NotedAnswerer:
    """An answerer for people's questions; those of an evaluation do not count."""

    def __init__(self, answerer: Answering, unknown: UnknownTerms) -> None:
        self._answerer, self._unknown = answerer, unknown
        # What the latest questions lack, so that a repeated one need not be read again.
        self._lacking: dict[str, tuple[str, ...]] = {}

    def stream(self, query: Query) -> Iterator[Event]:
        """Yield the events of one answer, and note what the glossary lacks."""
        for event in self._answerer.stream(query):
            yield event
            if isinstance(event, AnswerEvent):
                self._note(event.answer)

    def again(self, answer: Answer) -> None:
        """Note what the glossary lacks for an answer that was kept and is given once more."""
        surfaces = self._lacking.get(answer.question)
        if surfaces:
            self._unknown.count(surfaces, answer.question)

    def _note(self, answer: Answer) -> None:
        surfaces = self._unknown.find(answer)
        if surfaces:
            if len(self._lacking) >= _MOST_KNOWN:
                self._lacking.clear()
            self._lacking[answer.question] = surfaces
        else:
            self._lacking.pop(answer.question, None)
        self._unknown.count(surfaces, answer.question)
