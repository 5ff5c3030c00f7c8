"""Versions of one document: which files are versions of each other, and which is the newest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol, TypeVar

from retrieval.facts.normalize import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_YEARS = re.compile(
    r"(?<!\d)((?:19|20)\d{2})(?:[-_.年]?(0[1-9]|1[0-2]|[1-9](?!\d))(?:[-_.月]?(0[1-9]|[12]\d|3[01]|[1-9](?!\d)))?)?"
)
_VERSION = re.compile(r"[vV](?:er(?:sion)?)?\s*(\d+(?:\.\d+)*)")
_VERSION_WORDS = re.compile(r"[\s_\-()（）]|版本?|修订|最新|final|年|月|日|第.{1,2}版|new|旧|old|废止|作废")


_OLDER = re.compile(
    r"旧版|老版|以前|原来|之前的|上一版|两版|各版|\b(?:old|previous|former|earlier)\b", re.IGNORECASE
)


class Dated(Protocol):
    """What is read of a document: its name, title and the day its file was changed."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def modified(self) -> str: ...


_Statement = TypeVar("_Statement")


def newest(statements: Sequence[_Statement], document: Callable[[_Statement], Dated]) -> list[_Statement]:
    """The statements of the newest of several versions of one document; none when they are no such versions.

    Versions are told by the dates or version numbers in the names of files that are otherwise named alike, else
    by the days on which the files were changed.
    """
    documents = {document(each).id: document(each) for each in statements}
    dates = {key: dated(each) for key, each in documents.items()}
    alike = len({stem(each.name) for each in documents.values()}) == 1
    if not alike or len(dates) < 2 or not all(dates.values()) or len({d[0] for d in dates.values()}) > 1:
        return []
    latest = max(dates.values())
    owners = {key for key, date in dates.items() if date == latest}
    return [each for each in statements if document(each).id in owners] if len(owners) == 1 else []


def current(
    question: str, items: Sequence[_Statement], document: Callable[[_Statement], Dated]
) -> list[_Statement]:
    """The items without those of versions that a newer one among them replaces; all where the question names a year or version.

    Only versions that their names or titles tell: a file that was copied later is not for that a newer one.
    """
    if _YEARS.search(question) or _VERSION.search(question) or _OLDER.search(question):
        return list(items)
    families: dict[str, dict[str, tuple[float, ...]]] = {}
    for each in items:
        told = dated(document(each))
        if told and told[0]:
            families.setdefault(f"{stem(document(each).name)} {told[0]}", {})[document(each).id] = told
    replaced = {
        key for family in families.values() for key, told in family.items() if told < max(family.values())
    }
    return [each for each in items if document(each).id not in replaced]


def stem(name: str) -> str:
    """A file's name without its ending, its dates and its version: what versions of a document have in common."""
    bare = plain(re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name))
    return _VERSION_WORDS.sub("", _VERSION.sub("", _YEARS.sub("", bare)))


def dated(document: Dated) -> tuple[float, ...]:
    """When a document is from: the date or version in its name or title, else the day its file was changed.

    The first number says which of the three it is, so that only like is compared with like.
    """
    for text in (document.name, document.title):
        match = _YEARS.search(text)
        if match:
            return (2.0, *(float(part or 0) for part in match.groups()))
        version = _VERSION.search(text)
        if version:
            return (1.0, *(float(part) for part in version[1].split(".")))
    digits = re.findall(r"\d+", document.modified)
    return (0.0, *(float(part) for part in digits[:6])) if digits else ()
