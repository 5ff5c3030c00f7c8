"""Shows terminology how the ingested documents use a term: the sentences around it, under their headings."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.search import SearchEngine

# A person reads a term by its passage, not by its sentence alone; longer passages say too many other things.
_PASSAGES, _CHARACTERS = 40, 600


class DocumentContexts:
    """Passages that use a name, from the search engine; every reader's documents count, none is shown to anyone."""

    def __init__(self, search: SearchEngine) -> None:
        self._search = search

    def contexts(self, term: str) -> Sequence[str]:
        """Return passages that have `term` in them, with the headings above, the most typical first."""
        found = []
        pattern = _bounded(term)
        for passage in self._search.search(term, top_k=_PASSAGES):
            place = " ".join((PurePath(passage.document.name).stem, *passage.chunk.location.headings))
            text = f"{place}\n{passage.chunk.text}"
            if pattern.search(text):
                found.append(text[:_CHARACTERS])
        return found


def _bounded(term: str) -> re.Pattern[str]:
    """Match `term` in any case, an ASCII one only as a word of its own."""
    before, after = ("(?<![A-Za-z0-9])", "(?![A-Za-z0-9])") if term.isascii() else ("", "")
    return re.compile(before + re.escape(term) + after, re.IGNORECASE)
