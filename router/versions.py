"""Which passages are in force: of several versions of one document, the newest counts unless an older one is asked about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.facts.versions import dated, stem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.types import Document, Passage

_EARLIER = re.compile(
    r"旧版|老版|原版|旧的|原来|以前|之前的?版|过去|上一?版|历史|当年|那年|改版|修订|两版|各版|版本|变化|改动|调整|不同|区别|差别|对比|相比|"
    r"\b(?:old|older|previous|former|earlier|versions?|changed?|changes|differ\w*|compared?)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")


def in_force(passages: Sequence[Passage], question: str) -> tuple[list[Passage], tuple[str, ...]]:
    """Return the passages without those of outdated versions, and the names of the newest versions that replace them.

    Versions are told by the dates and version numbers in files that are otherwise named alike. Nothing is left out where the
    question speaks of versions, or names the year of an older one.
    """
    newest = _newest({passage.document.id: passage.document for passage in passages}, question)
    kept = [passage for passage in passages if passage.document.id not in newest]
    return (kept, tuple(dict.fromkeys(newest.values()))) if newest else (list(passages), ())


def _newest(documents: dict[str, Document], question: str) -> dict[str, str]:
    """The newest version's name for the id of each outdated document."""
    if _EARLIER.search(question):
        return {}
    years = set(_YEAR.findall(question))
    groups: dict[str, list[Document]] = {}
    for document in documents.values():
        groups.setdefault(stem(document.name), []).append(document)
    found: dict[str, str] = {}
    for versions in groups.values():
        dates = [dated(document) for document in versions]
        # The day on which a file was changed says little of a version that is not named so.
        if len(versions) < 2 or any(not date or date[0] == 0 or date[0] != dates[0][0] for date in dates):
            continue
        latest = max(dates)
        older = [document for document, date in zip(versions, dates, strict=True) if date != latest]
        if len(older) == len(versions) - 1 and not any(years & set(_YEAR.findall(d.name)) for d in older):
            name = next(d.name for d, date in zip(versions, dates, strict=True) if date == latest)
            found |= {document.id: name for document in older}
    return found
