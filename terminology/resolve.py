"""Understands the terms of a question: finds them, chooses their senses, and writes the question out."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import date
from threading import Lock, Thread
from typing import TYPE_CHECKING, NamedTuple, Protocol

from terminology.disambiguate import Disambiguator
from terminology.discover import unknown_in
from terminology.expand import rewrite, search_terms
from terminology.glossary import Glossary
from terminology.match import TermMatcher
from terminology.settings import TerminologySettings
from terminology.spacefile import SpaceKeeper
from terminology.types import Resolution, Revision, TermContext
from terminology.usage import UsageLibrary

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from terminology.spacefile import SpaceFile
    from terminology.types import ContextSource, Embedder, Sense, SenseScorer, Verdict

# How long ago, in seconds, a question's look at the documents may be: it costs a query, and most change nothing.
LATEST = 1.0
logger = logging.getLogger(__name__)


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

    Safe for several threads. A change of the glossary, made by any process, counts from the next question on; new
    documents count `LATEST` seconds later. What is learnt from many documents at once follows in the background
    once `prepare` was called, as a server does.
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
        self._keeper = SpaceKeeper()
        self._looked, self._documents = -LATEST, 0
        self._follows = False
        self._follower: Thread | None = None

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

    def standing(self) -> Hashable:
        """Return what resolving depends on at this moment: two equal standings resolve alike."""
        state = self._current()
        return state.basis, state.library.is_prepared

    def _current(self) -> _State:
        basis = _Basis(self._provider.revision(), self._today(), self._latest_documents())
        state = self._state
        if state is not None and state.basis == basis:
            return state
        with self._lock:
            if self._state is None or self._state.basis != basis:
                self._state = self._build(basis)
            state = self._state
        if self._follows:
            self._follow(state)
        return state

    def _latest_documents(self) -> int:
        """Return the latest change of the documents, as it was at most `LATEST` seconds ago."""
        now = time.monotonic()
        if self._contexts is not None and now - self._looked >= LATEST:
            self._documents, self._looked = self._contexts.change(), now
        return self._documents

    def unknown(self, resolution: Resolution) -> tuple[str, ...]:
        """Return the abbreviations of a resolved question that the glossary lacks, for `GlossaryStore.note_unknown`."""
        return unknown_in(resolution.question, [each.match for each in resolution.terms], self.glossary)

    def keep_in(self, file: SpaceFile) -> None:
        """Keep what is learnt from documents in `file`, so that another process need not learn it again."""
        self._keeper.keep_in(file)

    def prepare(self) -> None:
        """Learn from glossary and documents now rather than at a question (seconds), and follow changes from now on."""
        self._current().library.prepare()
        self._follows = True

    def documents_changed(self) -> None:
        """Look at the documents at the next question, however short ago that was last done."""
        self._looked = -LATEST

    def close(self) -> None:
        """Wait for what is being learnt in the background."""
        self._follows = False
        with self._lock:
            follower = self._follower
        if follower is not None:
            follower.join()

    def _follow(self, state: _State) -> None:
        """Learn anew in the background, one at a time; questions are answered with what is known meanwhile."""
        with self._lock:
            if state.library.is_prepared or (self._follower is not None and self._follower.is_alive()):
                return
            self._follower = Thread(target=self._learn, name="terminology", daemon=True)
            self._follower.start()

    def _learn(self) -> None:
        try:
            while self._follows and not (library := self._current_library()).is_prepared:
                library.prepare()
        except Exception:
            # The thread has no caller; the next change tries again.
            logger.exception("terminology could not learn from the documents")

    def _current_library(self) -> UsageLibrary:
        with self._lock:
            assert self._state is not None
            return self._state.library

    def _build(self, basis: _Basis) -> _State:
        old, choice = self._state, self._settings.choice
        if old is not None and old.basis.glossary == basis.glossary:
            glossary, matcher = old.glossary, old.matcher
        else:
            glossary = Glossary(self._provider.senses(), basis.revision.glossary, basis.day)
            matcher = TermMatcher(glossary, self._settings.match)
        if old is not None and old.glossary is glossary and old.basis.documents == basis.documents:
            library = old.library
        else:
            library = UsageLibrary(glossary, choice, self._contexts, self._embedder, self._keeper)
        library = library.with_verdicts(self._provider.verdicts())
        return _State(basis, glossary, matcher, library, Disambiguator(choice, library, self._scorer))


class _Basis(NamedTuple):
    """What a state was built from."""

    revision: Revision
    day: date
    documents: int

    @property
    def glossary(self) -> tuple[int, date]:
        """What the glossary and its automaton depend on."""
        return self.revision.glossary, self.day


@dataclass(frozen=True, slots=True)
class _State:
    """Everything built from one state of glossary, feedback and documents on one day."""

    basis: _Basis
    glossary: Glossary
    matcher: TermMatcher
    library: UsageLibrary
    disambiguator: Disambiguator
