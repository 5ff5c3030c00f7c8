"""The knowledge store: what goes in comes out, who sees what, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from retrieval.errors import (
    InvalidDocumentError,
    InvalidEmbeddingsError,
    MissingEmbeddingsError,
)
from retrieval.store import KnowledgeStore
from retrieval.types import Counts, Location
from tests.retrieval.samples import document, vectors

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
