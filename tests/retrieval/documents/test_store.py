"""A document enters and leaves in one transaction: numbers never reused, every trace gone on deletion."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from retrieval.documents import store as documents_module
from retrieval.store import KnowledgeStore
from tests.retrieval.samples import document, vectors

if TYPE_CHECKING:
    from pathlib import Path


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

    monkeypatch.setattr(documents_module, "insert_grids", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        store.put_document(document("a.txt", ["beta"], version="2"))
    assert [chunk.text for chunk in store.chunks(old.document.id)] == ["alpha"]
    assert store.latest_change() == before
    assert store.embeddings("m", [1]).shape == (1, 4)
