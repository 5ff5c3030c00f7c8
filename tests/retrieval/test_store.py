"""The knowledge store: one transaction per document, numbers never reused, every trace gone on deletion."""

from __future__ import annotations

import multiprocessing
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from retrieval import store as store_module
from retrieval.errors import (
    DatabaseUnavailableError,
    InvalidDocumentError,
    InvalidEmbeddingsError,
    MissingEmbeddingsError,
)
from retrieval.store import KnowledgeStore
from retrieval.types import Counts, Location
from tests.retrieval.samples import document

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def vectors(count: int, start: int = 0) -> NDArray[np.float32]:
    return np.arange(start, start + 4 * count, dtype=np.float32).reshape(count, 4)


def test_what_goes_in_comes_out(any_store: KnowledgeStore) -> None:
    new = document("甲.docx", ["第一段", "second", "𠮷野家 🍚"], groups=("b", "a"), title="标题")
    place = Location(page=2, slide=3, sheet="Sheet1", cell="A2:F40", headings=("一", "1.1"))
    chunks = (replace(new.chunks[0], location=place, extra={"key": [1, "二"]}), *new.chunks[1:])
    owner = replace(
        new.document, pages=7, size=2**40, warnings=("页 3 无文字",), category="c", modified="2026-01-01"
    )
    any_store.put_document(replace(new, document=owner, chunks=chunks))
    assert any_store.document(owner.id) == replace(owner, groups=("a", "b"))
    assert any_store.document_by_source(owner.source) == any_store.documents()[0]
    assert any_store.chunks(owner.id) == [
        replace(each, number=place) for place, each in enumerate(chunks, start=1)
    ]
    assert any_store.counts(owner.id) == Counts(chunks=3, tables=0, rows=0)
    assert any_store.document("nobody") is any_store.document_by_source("x") is any_store.counts("x") is None


def test_a_new_version_replaces_the_old_in_one_step(any_store: KnowledgeStore) -> None:
    old = document("a.txt", ["alpha", "beta"])
    new = document("a.txt", ["gamma"], version="2")
    any_store.put_document(old, ("m", vectors(2)))
    any_store.put_document(new, ("m", vectors(1)), replaces=old.document.id)
    assert [each.id for each in any_store.documents()] == [new.document.id]
    assert [(each.kind, each.number) for each in any_store.changes_since(0)] == [
        ("add", 1),
        ("add", 2),
        ("remove", 1),
        ("remove", 2),
        ("add", 3),
    ]
    assert any_store.statistics().embeddings == {"m": 1}
    # Even without `replaces`: a source holds one document.
    any_store.put_document(document("a.txt", ["delta"], version="3"))
    assert [each.text for _, each in sorted(_texts(any_store).items())] == ["delta"]


def _texts(store: KnowledgeStore) -> dict[int, object]:
    return {chunk.number: chunk for chunk, _ in store.passages_after(0, 100)}


def test_the_same_document_again_leaves_one(any_store: KnowledgeStore) -> None:
    new = document("a.txt", ["alpha"])
    any_store.put_document(new)
    any_store.put_document(new)
    assert any_store.statistics().chunks == 1


def test_deleting_removes_every_trace_and_no_number_returns(any_store: KnowledgeStore) -> None:
    gone, kept = document("gone.txt", ["a", "b"], groups=("g",)), document("kept.txt", ["c"])
    any_store.put_documents([gone, kept], ("m", vectors(3)))
    assert any_store.delete_document(gone.document.id)
    assert not any_store.delete_document(gone.document.id)
    assert any_store.passages([1, 2, 3]).keys() == {3}
    assert any_store.passages_by_id([chunk.id for chunk in gone.chunks]) == {}
    assert any_store.embeddings_by_number("m", [1, 2, 3]).keys() == {3}
    assert any_store.statistics().documents == 1
    any_store.delete_document(kept.document.id)
    any_store.put_document(gone)
    assert [chunk.number for chunk in any_store.chunks(gone.document.id)] == [4, 5]
    assert any_store.visible_numbers(frozenset({"g"})).tolist() == [4, 5]


def test_no_row_of_any_table_is_left(store: KnowledgeStore, tmp_path: Path) -> None:
    new = document("a.txt", ["alpha", "beta"], groups=("g",))
    store.put_document(new, ("m", vectors(2)))
    store.delete_document(new.document.id)
    with sqlite3.connect(tmp_path / "knowledge.db") as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        left = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
    connection.close()
    assert {name for name, count in left.items() if count} == {"changes", "sqlite_sequence"}


def test_a_failure_in_the_middle_leaves_the_old_document(
    store: KnowledgeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = document("a.txt", ["alpha"])
    store.put_document(old, ("m", vectors(1)))
    before = store.latest_change()

    def fail(*_arguments: object) -> tuple[int, int]:
        raise RuntimeError("power cut")

    monkeypatch.setattr(store_module, "insert_grids", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        store.put_document(document("a.txt", ["beta"], version="2"))
    assert [chunk.text for chunk in store.chunks(old.document.id)] == ["alpha"]
    assert store.latest_change() == before
    assert store.embeddings("m", [1]).shape == (1, 4)


def test_who_sees_what(any_store: KnowledgeStore) -> None:
    any_store.put_documents(
        [
            document("all.txt", ["a"]),
            document("hr.txt", ["b"], groups=("hr",)),
            document("two.txt", ["c"], groups=("hr", "it")),
        ]
    )
    ids = [each.id for each in any_store.documents()]
    assert any_store.visible_numbers(None).tolist() == [1, 2, 3]
    assert any_store.visible_numbers(frozenset()).tolist() == [1]
    assert any_store.visible_numbers(frozenset({"it"})).tolist() == [1, 3]
    assert any_store.visible_numbers(frozenset({"hr"}), ids[1:2]).tolist() == [2]
    assert any_store.visible_numbers(None, []).tolist() == []


def test_embeddings_of_several_models(any_store: KnowledgeStore) -> None:
    any_store.put_document(document("a.txt", ["a", "b", "c"]), ("m", vectors(3)))
    assert any_store.chunks_without_embedding("m", 10) == []
    assert [chunk.number for chunk in any_store.chunks_without_embedding("n", 2)] == [1, 2]
    before = any_store.latest_change()
    any_store.put_embeddings("n", [3, 99, 1], vectors(3, start=100))
    assert [change.number for change in any_store.changes_since(before)] == [3, 1]
    np.testing.assert_array_equal(any_store.embeddings("n", [1, 3]), vectors(3, start=100)[[2, 0]])
    with pytest.raises(MissingEmbeddingsError, match="termroute rebuild"):
        any_store.embeddings("n", [1, 2])
    numbers, found = any_store.embeddings_after("m", 1, 10)
    assert numbers.tolist() == [2, 3]
    np.testing.assert_array_equal(found, vectors(3)[1:])
    assert any_store.embedding_models() == {"m": 3, "n": 2}
    assert any_store.delete_embeddings_except("n") == 3


def test_every_change_of_one_transaction_has_one_stamp(any_store: KnowledgeStore) -> None:
    any_store.put_document(document("a.txt", ["a", "b"]))
    any_store.put_document(document("b.txt", ["c"]))
    stamps = [change.stamp for change in any_store.changes_since(0)]
    assert stamps[0] == stamps[1] != stamps[2]
    assert any_store.stamp(3) == stamps[2]
    assert any_store.stamp(4) == ""
    assert any_store.changes_since(1, limit=1)[0].id == 2


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (vectors(1), r"2 chunk\(s\)"),
        (np.zeros(2, np.float32), r"2 chunk\(s\)"),
        (np.full((2, 4), np.nan, np.float32), "finite"),
    ],
)
def test_wrong_vectors_are_refused_before_anything_is_written(
    store: KnowledgeStore, wrong: NDArray[np.float32], problem: str
) -> None:
    with pytest.raises(InvalidEmbeddingsError, match=problem):
        store.put_document(document("a.txt", ["a", "b"]), ("m", wrong))
    assert store.documents() == []


@pytest.mark.parametrize(("text", "problem"), [("a\0b", "NUL"), ("a\ud800", "surrogate")])
def test_texts_that_no_database_takes_are_refused(store: KnowledgeStore, text: str, problem: str) -> None:
    with pytest.raises(InvalidDocumentError, match=problem):
        store.put_document(document("a.txt", [text]))


def test_chunks_of_another_document_are_refused(store: KnowledgeStore) -> None:
    one, other = document("a.txt", ["a"]), document("b.txt", ["b"])
    with pytest.raises(InvalidDocumentError, match="another document"):
        store.put_document(replace(one, chunks=other.chunks))
    with pytest.raises(InvalidDocumentError, match="same ordinal"):
        store.put_document(replace(one, chunks=one.chunks * 2))


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
