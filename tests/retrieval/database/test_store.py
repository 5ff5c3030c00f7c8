"""The database under the stores: named when it is away, and nothing lost when several processes write."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from retrieval.database.store import Database
from retrieval.documents.store import documents
from retrieval.errors import DatabaseUnavailableError
from retrieval.store import KnowledgeStore
from tests.retrieval.samples import document

if TYPE_CHECKING:
    from pathlib import Path


def test_a_database_that_cannot_be_opened_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailableError, match="TERMROUTE_DATABASE_URL"):
        KnowledgeStore(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}").documents()
    with pytest.raises(DatabaseUnavailableError) as caught:
        KnowledgeStore("postgresql+psycopg://user:geheim@127.0.0.1:1/none").documents()
    assert "geheim" not in str(caught.value)
    with pytest.raises(DatabaseUnavailableError):
        KnowledgeStore("no url at all")


def _put_many(url: str, name: str, count: int) -> None:
    store = KnowledgeStore(url)
    for number in range(count):
        store.put_document(document(f"{name}-{number}.txt", [f"{name} {number}", "x"]))
    store.close()


def test_processes_that_write_at_once_lose_nothing(
    any_store: KnowledgeStore, request: pytest.FixtureRequest
) -> None:
    url = _url(any_store, request)
    start = multiprocessing.get_context("spawn")
    processes = [start.Process(target=_put_many, args=(url, name, 15)) for name in ("a", "b", "c")]
    for process in processes:
        process.start()
    seen: list[int] = []
    while any(process.is_alive() for process in processes):
        # A reader that follows the log while others write must never miss a change.
        seen += [change.id for change in any_store.changes_since(seen[-1] if seen else 0)]
    for process in processes:
        process.join()
        assert process.exitcode == 0
    seen += [change.id for change in any_store.changes_since(seen[-1] if seen else 0)]
    assert len(seen) == 90
    assert seen == [change.id for change in any_store.changes_since(0)]
    assert any_store.statistics().chunks == 90


def _url(store: KnowledgeStore, request: pytest.FixtureRequest) -> str:
    if store.url.startswith("sqlite"):
        return store.url
    return str(request.getfixturevalue("postgres_server"))


def test_a_reader_sees_one_state_while_others_write(
    any_store: KnowledgeStore, request: pytest.FixtureRequest
) -> None:
    database = Database(_url(any_store, request), ("synchronous = NORMAL",))
    with database.reading() as connection:
        count = select(func.count()).select_from(documents)
        assert connection.scalar(count) == 0
        any_store.put_document(document("new.txt", ["a"]))
        assert connection.scalar(count) == 0
    with database.reading() as connection:
        assert connection.scalar(count) == 1
    database.close()
