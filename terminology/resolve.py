"""Understands the terms of a question: finds them, chooses their senses, and writes the question out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from terminology.disambiguate import Disambiguator
from terminology.discover import unknown_in
from terminology.expand import rewrite, search_terms
from terminology.glossary import Glossary
from terminology.match import TermMatcher
from terminology.settings import TerminologySettings
from terminology.types import Resolution, Revision, TermContext
from terminology.usage import UsageLibrary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from terminology.types import ContextSource, Embedder, Sense, SenseScorer, Verdict


class GlossaryProvider(Protocol):
    """Where senses and verdicts come from; `GlossaryStore` is one."""

    def revision(self) -> Revision:
        """Return how often glossary and feedback have changed; asked before every question."""
        ...

    def senses(self) -> Sequence[Sense]:
        """Return all senses."""
        ...

    def verdicts(self) -> Sequence[Verdict]:
        """Return all verdicts, oldest first."""
        ...


class FixedGlossary:
    """A provider that never changes, for programs and tests that have no database."""

    def __init__(self, senses: Iterable[Sense], verdicts: Iterable[Verdict] = ()) -> None:
        """Provide exactly these."""
        self._senses, self._verdicts = tuple(senses), tuple(verdicts)

    def revision(self) -> Revision:
        """Return the one revision there is."""
        return Revision(1, 1)

    def senses(self) -> Sequence[Sense]:
        """Return the senses."""
        return self._senses

    def verdicts(self) -> Sequence[Verdict]:
        """Return the verdicts."""
        return self._verdicts


class TermResolver:
    """Resolves the terms of questions against the glossary as it stands at each question.

    Safe for several threads. A change in the database, made by any process, counts from the next question on.
    """

    def __init__(
        self,
        provider: GlossaryProvider,
        settings: TerminologySettings | None = None,
        contexts: ContextSource | None = None,
        embedder: Embedder | None = None,
        scorer: SenseScorer | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        """Read nothing yet. `contexts`, `embedder` and `scorer` add evidence for choosing among senses."""
        self._provider = provider
        self._settings = settings or TerminologySettings()
        self._contexts, self._embedder, self._scorer = contexts, embedder, scorer
        self._today = today
        self._lock = Lock()
        self._state: _State | None = None

    @property
    def glossary(self) -> Glossary:
        """The glossary as it stands now."""
        return self._current().glossary

    def resolve(self, question: str, context: TermContext = TermContext()) -> Resolution:  # noqa: B008
        """Return the terms of `question`, each with its sense, the rewritten question and further search terms."""
        state = self._current()
        matches = state.matcher.find(question)
        terms = state.disambiguator.resolve(matches, question, context)
        return Resolution(question, rewrite(question, terms), terms, search_terms(question, terms))

    def lookup(self, text: str) -> tuple[Sense, ...]:
        """Return the senses that `text` names: abbreviation, alias, English or Chinese name, or nearly so."""
        return self.glossary.lookup(text)

    def starting_with(self, prefix: str) -> tuple[Sense, ...]:
        """Return the senses whose abbreviation starts with `prefix`, in alphabetical order."""
        return self.glossary.starting_with(prefix)

    def _current(self) -> _State:
        revision, today = self._provider.revision(), self._today()
        state = self._state
        if state is not None and state.revision == revision and state.day == today:
            return state
        with self._lock:
            if self._state is None or (self._state.revision, self._state.day) != (revision, today):
                self._state = self._build(revision, today)
            return self._state

    def unknown(self, resolution: Resolution) -> tuple[str, ...]:
        """Return the abbreviations of a resolved question that the glossary lacks, for `GlossaryStore.note_unknown`."""
        return unknown_in(resolution.question, [each.match for each in resolution.terms], self.glossary)

    def prepare(self) -> None:
        """Learn from glossary and documents now rather than at the first ambiguous question (seconds)."""
        self._current().library.prepare()

    def documents_changed(self) -> None:
        """Forget what was learnt from documents; the next ambiguous question reads them anew."""
        with self._lock:
            self._state = None

    def _build(self, revision: Revision, today: date) -> _State:
        old, choice = self._state, self._settings.choice
        if old is not None and old.revision.glossary == revision.glossary and old.day == today:
            glossary, matcher, library = old.glossary, old.matcher, old.library
        else:
            glossary = Glossary(self._provider.senses(), revision.glossary, today)
            matcher = TermMatcher(glossary, self._settings.match)
            library = UsageLibrary(glossary, choice, self._contexts, self._embedder)
        library = library.with_verdicts(self._provider.verdicts())
        return _State(revision, today, glossary, matcher, library, Disambiguator(choice, library, self._scorer))


@dataclass(frozen=True, slots=True)
class _State:
    """Everything built from one revision of glossary and feedback on one day."""

    revision: Revision
    day: date
    glossary: Glossary
    matcher: TermMatcher
    library: UsageLibrary
    disambiguator: Disambiguator
