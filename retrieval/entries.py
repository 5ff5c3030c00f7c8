"""What the keyword index holds of a chunk: its number, who may see it, and its text and titles cut into tokens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import tantivy

from retrieval import tokens

if TYPE_CHECKING:
    from retrieval.types import Chunk, Document

EVERYONE = "*"
FIELDS = ("words", "grams")
ANALYZER = "cut_by_us"
_TEXT_FIELDS = (*FIELDS, *(f"title_{field}" for field in FIELDS))


def schema() -> tantivy.Schema:
    """The fields of an entry."""
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("number", stored=False, indexed=True, fast=True)
    builder.add_text_field("document", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("groups", tokenizer_name="raw", index_option="basic")
    for name in _TEXT_FIELDS:
        builder.add_text_field(name, tokenizer_name=ANALYZER, index_option="freq")
    return builder.build()


def entry_of(chunk: Chunk, document: Document) -> tantivy.Document:
    """What the index keeps of a chunk."""
    title = " ".join([document.title, Path(document.name).stem, *chunk.location.headings])
    entry = tantivy.Document()
    # `Document(number=…)` makes a signed value, which kills the writer thread.
    entry.add_unsigned("number", chunk.number)
    entry.add_text("document", document.id)
    for name in [group_token(each) for each in document.groups] or [EVERYONE]:
        entry.add_text("groups", name)
    entry.add_text("words", " ".join(tokens.words(chunk.text)))
    entry.add_text("grams", " ".join(tokens.grams(chunk.text)))
    entry.add_text("title_words", " ".join(tokens.words(title)))
    entry.add_text("title_grams", " ".join(tokens.grams(title)))
    return entry


def group_token(name: str) -> str:
    """Keeps a group that someone names `*` apart from everyone."""
    return f"group:{name}"
