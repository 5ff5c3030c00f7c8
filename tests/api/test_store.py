"""The migrations give exactly the tables that the stores define, and running them twice changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import finetune.store
import ingest.store
import retrieval.store
import router.store
import terminology.store
from api.store import HEAD, MIGRATIONS, upgrade
from retrieval.errors import DatabaseUnavailableError


@pytest.fixture
def wanted() -> sa.MetaData:
    together = sa.MetaData()
    for room in (retrieval.store, terminology.store, router.store, ingest.store, finetune.store):
        for table in room.metadata.sorted_tables:
            table.to_metadata(together)
    return together


def test_migrations_give_the_tables_of_the_stores(tmp_path: Path, wanted: sa.MetaData) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    upgrade(url)
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, wanted) == []
    engine.dispose()


def test_an_upgraded_database_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    upgrade(url)
    before = (tmp_path / "x.db").read_bytes()
    upgrade(url)
    assert (tmp_path / "x.db").read_bytes() == before


def test_chunk_numbers_are_never_given_twice(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    upgrade(f"sqlite:///{path}")
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        made = connection.execute(sa.text("SELECT name FROM sqlite_sequence")).scalars().all()
        tables = connection.execute(sa.text("SELECT sql FROM sqlite_master WHERE name = 'chunks'")).scalar_one()
    engine.dispose()
    assert "AUTOINCREMENT" in tables, made


def test_a_database_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    upgrade(url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(DatabaseUnavailableError, match="another version"):
        upgrade(url)


def test_a_database_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailableError, match="no-such-folder"):
        upgrade(f"sqlite:///{tmp_path / 'no-such-folder' / 'x.db'}")


def test_the_newest_migration_is_the_head() -> None:
    newest = max(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    assert newest == HEAD
