"""The glossary as the doors use it: import, export, and discovery of what it lacks."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from terminology.discover import from_documents, from_questions
from terminology.normalize import fold_key
from terminology.workbook import read_workbook, write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from api.wiring import Application
    from terminology.types import Proposal, RowStatus, Sense


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
        "titles": [{"sheet": title.sheet, "row": title.row} for title in report.titles],
        "warnings": list(report.warnings),
        "change": report.change,
    }


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which glossary rows are asked for; None for any."""

    text: str | None = None
    department: str | None = None
    prefix: str | None = None

    def holds(self, sense: Sense) -> bool:
        """Whether `sense` is one of them, in any case and width."""
        if self.department and fold_key(self.department) != fold_key(sense.department):
            return False
        if self.prefix and not fold_key(sense.term).startswith(fold_key(self.prefix)):
            return False
        if not self.text:
            return True
        held = (sense.term, sense.english, sense.chinese, sense.department, sense.note, *sense.aliases)
        return any(fold_key(self.text) in fold_key(each) for each in held)


def list_senses(
    application: Application, wanted: Wanted, offset: int, limit: int | None
) -> tuple[list[Sense], int]:
    """Return a part of the rows that are wanted, in the glossary's order, and how many there are."""
    if wanted == Wanted():
        return application.glossary.page(offset, limit)
    found = [sense for sense in application.senses() if wanted.holds(sense)]
    return found[offset:][:limit], len(found)


def discover(application: Application, at_least: int = 2) -> list[Proposal]:
    """Store and return proposals of terms that documents and questions use and the glossary lacks.

    Abbreviations that are only used, in documents or questions, are proposed from `at_least` uses on.
    """
    glossary = application.resolver.glossary
    found = [
        *from_documents(_Documents(application), glossary, at_least),
        *from_questions(application.glossary.unknown(), glossary, at_least),
    ]
    return application.glossary.propose(found)


def export_terms(application: Application, path: Path) -> int:
    """Write the glossary to a workbook; returns how many senses."""
    return write_workbook(path, application.senses())


def exported(application: Application, form: Literal["xlsx", "csv"]) -> bytes:
    """Return the glossary as the content of a workbook that can be imported again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"glossary.{form}"
        export_terms(application, path)
        return path.read_bytes()


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
