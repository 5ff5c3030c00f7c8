"""What the evaluation needs of the wired program: the texts behind a citation, and the tokens that were used."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from router.evaluate import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from api.wiring import Application
    from router.types import Citation


def run_of(application: Application, progress: Callable[[int, int], None] | None = None) -> Run:
    """Return what a run over `application` needs beside its answers."""
    return Run(_cited_texts(application), application.tokens_used, progress)


def _cited_texts(application: Application) -> Callable[[Citation], Sequence[str]]:
    """The passages on the cited page, slide or sheet under their headings, or the whole glossary row."""

    @cache
    def passages(document_id: str, page: int | None, slide: int | None, sheet: str | None) -> tuple[str, ...]:
        chunks = [
            chunk
            for chunk in application.store.chunks(document_id)
            if (page, slide, sheet) == (chunk.location.page, chunk.location.slide, chunk.location.sheet)
        ]
        return tuple("\n".join((*chunk.location.headings, chunk.text)) for chunk in chunks)

    @cache
    def rows() -> dict[tuple[str, str | None, str], list[str]]:
        found: dict[tuple[str, str | None, str], list[str]] = {}
        for sense in application.senses():
            if sense.source is not None:
                key = (sense.source.file, sense.source.sheet, f"{sense.source.row}:{sense.source.row}")
                text = (sense.term, sense.english, sense.chinese, sense.department, sense.note, *sense.aliases)
                found.setdefault(key, []).append(" ".join(text))
        return found

    def texts(citation: Citation) -> Sequence[str]:
        if citation.document_id:
            return passages(citation.document_id, citation.page, citation.slide, citation.sheet)
        return rows().get((citation.document, citation.sheet, citation.cell or ""), ())

    return texts
