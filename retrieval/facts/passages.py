"""What the readers of running text need of a passage; `retrieval.types.Passage` has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from retrieval.facts.versions import Dated


class _Location(Protocol):
    @property
    def page(self) -> int | None: ...
    @property
    def sheet(self) -> str | None: ...
    @property
    def cell(self) -> str | None: ...
    @property
    def headings(self) -> tuple[str, ...]: ...


class _Chunk(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def location(self) -> _Location: ...


class FoundPassage(Protocol):
    """What is read of a passage; `retrieval.types.Passage` has it."""

    @property
    def chunk(self) -> _Chunk:
        """The chunk with its text and place."""
        ...

    @property
    def document(self) -> Dated:
        """The document that it stands in."""
        ...
