"""The sentence-safe splitting of this package as a LangChain TextSplitter, for use in any chain."""

from __future__ import annotations

from typing import Any

from langchain_text_splitters import TextSplitter

from ingest.chunk import split_text
from ingest.settings import IngestSettings


class SentenceSplitter(TextSplitter):
    """Splits Chinese and English text at sentence ends into passages of about `settings.chunk_target` characters.

    Chunks do not overlap. Other arguments are those of `langchain_text_splitters.TextSplitter`.
    """

    def __init__(self, settings: IngestSettings | None = None, **options: Any) -> None:
        self._settings = settings or IngestSettings()
        super().__init__(chunk_size=self._settings.chunk_limit, chunk_overlap=0, **options)

    def split_text(self, text: str) -> list[str]:
        """The passages of a text in order; none is longer than `settings.chunk_limit` characters."""
        return split_text(text, self._settings)
