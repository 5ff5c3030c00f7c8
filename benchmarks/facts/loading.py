"""Puts tables into a fresh database and opens the fact lane on it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from retrieval.facts.lookup import FactLookup
from retrieval.facts.row_index import RowIndex
from retrieval.facts.store import FactStore
from retrieval.facts.types import Grid, GridCell
from retrieval.store import KnowledgeStore
from retrieval.types import Document, NewDocument

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def grid(name: str, rows: Sequence[Sequence[str]]) -> Grid:
    """A grid of plain texts, as a CSV file gives it."""
    width = max(len(row) for row in rows)
    empty = GridCell("")
    cells = tuple(tuple(GridCell(text) for text in row) + (empty,) * (width - len(row)) for row in rows)
    return Grid(name, cells, tuple(range(1, len(rows) + 1)), sheet=name)


def load(folder: Path, files: Sequence[tuple[str, Sequence[Grid]]]) -> FactLookup:
    """Stores one document a file and builds the index of its names."""
    url = f"sqlite:///{folder / 'facts.db'}"
    knowledge = KnowledgeStore(url)
    knowledge.create_schema()
    for name, grids in files:
        key = hashlib.sha256(name.encode()).hexdigest()[:32]
        knowledge.put_document(
            NewDocument(Document(key, f"/benchmark/{name}", name, key, "text/csv"), (), tuple(grids))
        )
    knowledge.close()
    store = FactStore(url)
    index = RowIndex(folder / "rows", store)
    index.catch_up()
    return FactLookup(store, index)
