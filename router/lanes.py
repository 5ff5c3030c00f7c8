"""The capabilities that the router draws on, as Protocols; `api/wiring` puts the real ones in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from retrieval.facts.types import FactResult
    from retrieval.types import Passage
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
