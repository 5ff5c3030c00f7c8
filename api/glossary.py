"""The glossary as the doors use it: import, export, and discovery of what it lacks."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from terminology.discover import from_documents, from_questions
from terminology.workbook import read_workbook, write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from api.wiring import Application
    from terminology.types import RowStatus


def import_terms(application: Application, path: Path, *, dry_run: bool, who: str) -> dict[str, Any]:
    """Import a glossary workbook and report every row."""
    report = application.glossary.import_reading(read_workbook(path), path.name, who, dry_run=dry_run)
    statuses: tuple[RowStatus, ...] = ("added", "changed", "unchanged", "duplicate", "incomplete")
    rows = [{**asdict(row), "row": row.source.row, "sheet": row.source.sheet} for row in report.rows]
    for row in rows:
        row.pop("source")
    counts = {status: report.count(status) for status in statuses}
    return {
        "file": report.file,
        "dry_run": dry_run,
        "counts": counts,
        "rows": rows,
        "warnings": list(report.warnings),
    }


def discover(application: Application) -> list[dict[str, Any]]:
    """Store and return proposals of terms that documents and questions use and the glossary lacks."""
    glossary = application.resolver.glossary
    found = [
        *from_documents(_Documents(application), glossary),
        *from_questions(application.glossary.unknown(), glossary),
    ]
    return [asdict(proposal) for proposal in application.glossary.propose(found)]


def export_terms(application: Application, path: Path) -> int:
    """Write the glossary to a workbook; returns how many senses."""
    return write_workbook(path, application.senses())


class _Documents:
    """The ingested documents as discovery reads them: the texts of their passages, and their tables."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def texts(self) -> Iterator[tuple[str, str]]:
        store = self._application.store
        for document in store.documents():
            for chunk in store.chunks(document.id):
                yield document.name, chunk.text

    def grids(self) -> Iterator[tuple[str, Sequence[Sequence[str]]]]:
        store = self._application.fact_store
        for stored in store.tables():
            header = tuple(column.name for column in stored.table.columns)
            yield stored.document, [header, *(row.cells for row in store.table_rows(stored.number))]
