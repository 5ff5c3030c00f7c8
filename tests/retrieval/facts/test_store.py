"""The fact lane's look into the database: who sees what, and a database that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from retrieval.errors import DatabaseUnavailableError
from retrieval.facts.store import FactStore
from tests.retrieval.facts.grids import PRICES, STAFF, Lane, grid_of

if TYPE_CHECKING:
    from pathlib import Path


def test_groups_see_only_their_tables(lane: Lane) -> None:
    lane.put("通讯录.xlsx", grid_of(STAFF), groups=("hr",))
    lane.put("价格.xlsx", grid_of(PRICES))
    assert len(lane.store.visible_tables(frozenset())) == 1
    assert len(lane.store.visible_tables(frozenset({"hr", "it"}))) == 2
    assert [t.document for t in lane.store.tables(frozenset({"it"}))] == ["价格.xlsx"]


def test_a_table_never_shows_without_its_groups(lane: Lane) -> None:
    lane.put("价格.xlsx", grid_of(PRICES))

    # The groups are read first; a document that enters before the tables are read must not be seen without them.
    @sa.event.listens_for(lane.store._database._engine, "after_cursor_execute")
    def enter(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "FROM document_groups" in statement and len(lane.knowledge.documents()) == 1:
            lane.put("通讯录.xlsx", grid_of(STAFF), groups=("hr",))

    assert [t.document for t in lane.store.tables(frozenset())] == ["价格.xlsx"]


def test_a_database_without_the_tables_is_told_as_unavailable(tmp_path: Path) -> None:
    store = FactStore(f"sqlite:///{tmp_path / 'empty.db'}")
    try:
        with pytest.raises(DatabaseUnavailableError, match="no such table") as caught:
            store.tables()
    finally:
        store.close()
    assert "empty.db" in caught.value.url
