"""What a store remembers between commits is read anew after any commit, of whatever connection."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from api.freshness import UNCOMMITTED, DatabaseWatch, Kept, Standing, WatchedKnowledge
from retrieval.store import KnowledgeStore
from retrieval.types import Chunk, Document, NewDocument


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "a b%20#?.db"
    with sqlite3.connect(found) as connection:
        connection.execute("CREATE TABLE things (name TEXT)")
    connection.close()
    return found


def write(path: Path) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("INSERT INTO things VALUES ('x')")
    connection.close()


def reading(reads: list[int]) -> Callable[[], int]:
    """Count how often something is read."""

    def read() -> int:
        reads.append(1)
        return len(reads)

    return read


def test_a_value_is_read_once_until_someone_commits(path: Path) -> None:
    watch, reads = DatabaseWatch(f"sqlite:///{path}"), []
    kept: Kept[int] = Kept(watch)

    def read() -> int:
        reads.append(1)
        return len(reads)

    assert [kept.get(read), kept.get(read)] == [1, 1]
    write(path)
    assert [kept.get(read), kept.get(read)] == [2, 2]
    watch.close()
    assert kept.get(read) >= 2


def test_a_commit_while_reading_is_not_missed(path: Path) -> None:
    watch = DatabaseWatch(f"sqlite:///{path}")
    kept: Kept[int] = Kept(watch)
    values = iter([1, 2])

    def read_and_lose_the_race() -> int:
        value = next(values)
        if value == 1:
            write(path)
        return value

    assert [kept.get(read_and_lose_the_race), kept.get(read_and_lose_the_race)] == [1, 2]
    watch.close()


@pytest.mark.parametrize("url", ["postgresql+psycopg://host/name", "sqlite:////nowhere/at/all.db"])
def test_where_nothing_can_be_told_every_call_reads(url: str) -> None:
    values = iter(range(3))
    kept: Kept[int] = Kept(DatabaseWatch(url))
    assert [kept.get(lambda: next(values)) for _ in range(3)] == [0, 1, 2]


def test_a_watch_creates_no_database(tmp_path: Path) -> None:
    assert DatabaseWatch(f"sqlite:///{tmp_path / 'none.db'}").version() is None
    assert not (tmp_path / "none.db").exists()


def test_a_document_of_another_store_moves_the_latest_change(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'knowledge.db'}"
    writer = KnowledgeStore(url)
    writer.create_schema()
    watch = DatabaseWatch(url)
    reader = WatchedKnowledge(url, watch)
    assert [reader.latest_change(), reader.latest_change()] == [0, 0]
    document = Document("d", "/d", "d", "d", "text/plain")
    writer.put_documents([NewDocument(document, (Chunk("d-0", "d", 0, "text"),))])
    assert reader.latest_change() == writer.latest_change() > 0
    for each in (reader, writer, watch):
        each.close()


def test_a_standing_is_at_hand_until_someone_commits(path: Path) -> None:
    watch, reads = DatabaseWatch(f"sqlite:///{path}"), list[int]()
    standing = Standing(watch, reading(reads))
    assert standing.at_hand() is None
    assert [standing.now(), standing.now(), standing.at_hand(), len(reads)] == [1, 1, 1, 1]
    write(path)
    assert standing.at_hand() is None
    assert [standing.now(), standing.at_hand(), len(reads)] == [2, 2, 2]
    watch.close()


def test_what_nobody_commits_is_seen_a_little_later(path: Path) -> None:
    watch, values = DatabaseWatch(f"sqlite:///{path}"), iter("ab")
    standing = Standing(watch, lambda: next(values))
    assert [standing.now(), standing.at_hand()] == ["a", "a"]
    time.sleep(UNCOMMITTED)
    assert [standing.at_hand(), standing.now()] == ["b", "b"]
    watch.close()


def test_a_commit_during_the_look_is_seen_at_the_next(path: Path) -> None:
    watch, values = DatabaseWatch(f"sqlite:///{path}"), iter("ab")

    def read_and_lose_the_race() -> str:
        value = next(values)
        if value == "a":
            write(path)
        return value

    standing = Standing(watch, read_and_lose_the_race)
    assert standing.now() == "a"
    assert standing.at_hand() is None
    assert standing.now() == "b"
    watch.close()


def test_nothing_is_at_hand_where_changes_cannot_be_told() -> None:
    reads: list[int] = []
    standing = Standing(DatabaseWatch("postgresql+psycopg://nowhere/x"), reading(reads))
    assert [standing.now(), standing.at_hand(), standing.now(), len(reads)] == [1, None, 2, 2]
