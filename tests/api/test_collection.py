"""What the training-data gate is shown of a real store: names, titles, pages of paged formats, texts, the glossary."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.collection import collection_of
from retrieval.store import KnowledgeStore
from retrieval.types import Chunk, Document, Location, NewDocument
from terminology.types import Sense


@pytest.fixture
def store(tmp_path: Path) -> Iterator[KnowledgeStore]:
    made = KnowledgeStore(f"sqlite:///{tmp_path / 'x.db'}")
    made.create_schema()
    for number, (name, pages, text) in enumerate(
        [
            ("打样规范.pdf", 12, "容差为2.5，见《质量手册》和https://qa.example.com/a。"),
            ("售后流程.docx", 1, "联行号402535510938。"),
        ]
    ):
        document = Document(
            f"{number:032x}", f"/{name}", name, f"{number}", "x/y", name.split(".")[0], pages=pages
        )
        chunk = Chunk(f"{number:032x}", document.id, 0, text, Location(headings=("第7章",)))
        made.put_document(NewDocument(document, (chunk,)))
    yield made
    made.close()


def test_the_whole_collection_is_read(store: KnowledgeStore) -> None:
    collection = collection_of(store, [Sense("T+1", "", "次日", note="自2019年起")])
    paged, unpaged = collection.document("打样规范"), collection.document("售后流程")
    assert paged is not None
    assert unpaged is not None
    # A text document counts as one page in the catalogue, but nobody knows its pages.
    assert (paged.pages, unpaged.pages, collection.pages) == (12, 0, 12)
    assert collection.has_title("质量手册")
    assert collection.has_url("https://qa.example.com/a")
    assert {"402535510938", "2.5", "2019"} <= collection.values
    assert collection.document("不存在的文件") is None
