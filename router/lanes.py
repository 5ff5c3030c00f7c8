"""The capabilities that the router draws on, as Protocols; `api/wiring` puts the real ones in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from retrieval.facts.types import FactResult
    from retrieval.types import Document, Passage
    from router.analysis import AnalysisLane
    from router.classify import Classifier, Judge
    from router.settings import RouterSettings
    from router.term import TermSource
    from terminology.types import Resolution, TermContext


class Terminology(Protocol):
    """Finds, disambiguates and expands the terms of a question."""

    def resolve(self, question: str, context: TermContext = ...) -> Resolution:
        """Return the terms of `question`, each with its sense, and the rewritten question."""
        ...


class Search(Protocol):
    """Finds passages."""

    def search(
        self,
        query: str,
        *,
        top_k: int = ...,
        expansions: Sequence[str] = ...,
        groups: frozenset[str] | None = ...,
    ) -> list[Passage]:
        """Return the passages nearest to `query` that `groups` may see, best first."""
        ...


class Tables(Protocol):
    """Finds exact values in ingested tables."""

    def query(
        self,
        question: str,
        *,
        groups: frozenset[str] | None = ...,
        extra_names: Mapping[str, Sequence[str]] | None = ...,
    ) -> FactResult:
        """Return what the tables say to `question`; `extra_names` gives other names for words of it."""
        ...


class Statements(Protocol):
    """Finds the sentence that states an asked value."""

    def find(
        self, question: str, passages: Sequence[Passage], extra_names: Mapping[str, Sequence[str]] | None = ...
    ) -> FactResult:
        """Return what the sentences of `passages` say to `question`."""
        ...


class Rewriter(Protocol):
    """Completes a question with a language model."""

    def rewrite(self, question: str, history: Sequence[str]) -> str | None:
        """Return the question as it would be asked without the conversation; None where the model is of no help."""
        ...


@dataclass(frozen=True, slots=True)
class Lanes:
    """The capabilities that an answer may draw on; `api/wiring` puts the real ones in."""

    terminology: Terminology
    glossary: Callable[[], TermSource]
    tables: Tables
    statements: Statements
    search: Search
    analysis: AnalysisLane
    documents: Callable[[frozenset[str] | None], Sequence[Document]]
    settings: RouterSettings
    rewriter: Rewriter | None = None
    tables_by_rules: Tables | None = None
    classifier: Classifier | None = None
    judge: Judge | None = None
