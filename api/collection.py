"""Shows the training-data gate what the ingested collection and the glossary hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finetune.collection import Collection, KnownDocument, collect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from retrieval.store import KnowledgeStore
    from terminology.types import Sense

_BATCH = 1000
# Formats that keep their pages; of a text document only the program that prints it knows them.
_PAGED = (".pdf", ".pptx", ".ppt", ".odp", ".tif", ".tiff")


def collection_of(store: KnowledgeStore, senses: Iterable[Sense]) -> Collection:
    """Read every document's name, title, pages and text once; what the gate keeps is small."""
    documents = [
        KnownDocument(each.name, each.title, each.pages if each.name.casefold().endswith(_PAGED) else 0)
        for each in store.documents()
    ]
    return collect(documents, _texts(store), senses)


def _texts(store: KnowledgeStore) -> Iterator[str]:
    last = 0
    while found := store.passages_after(last, _BATCH):
        for chunk, _ in found:
            yield " ".join((*chunk.location.headings, chunk.text))
            last = max(last, chunk.number)
