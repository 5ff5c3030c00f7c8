"""A name freed of what is said behind it and is no part of it: 店长 of 和平店店长是谁, 租 of 大号柜租一年多少钱."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.facts.everyday import everyday_words
from retrieval.facts.normalize import plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.questions import Mention

_PRICES = frozenset({"price", "fee", "rent", "ticket"})
_HEADS = frozenset({"headcount", "quantity"})
_PERSONS = frozenset({"person", "owner", "responsible"})
# 会员卡丢了补办: what happened before says nothing of which thing it is.
_HAPPENED = re.compile(r"(?<=[一-鿿]{2})[一-鿿]了(?=[一-鿿]{2})")
_LEAST = 2


def trimmed(name: str, asked: Sequence[Mention]) -> Iterator[str]:
    """The name without what is done for the money or by the heads that are counted, and without what happened before."""
    words = everyday_words()
    concepts = {concept for mention in asked if mention.asks for concept in mention.concepts}
    endings = [*(words.priced if concepts & _PRICES else ()), *(words.counted if concepts & _HEADS else ())]
    shown = plain(name)
    for ending in endings:
        if shown.endswith(ending) and len(shown) - len(ending) >= _LEAST:
            yield shown.removesuffix(ending).strip()
    if concepts & _PRICES and _HAPPENED.search(shown):
        yield _HAPPENED.sub("", shown)


def without_title(name: str, asked: Sequence[Mention]) -> str:
    """The name of a place without what the one in charge of it is called; empty where it says no such title, or no person is asked for."""
    shown = plain(name)
    if not any(mention.asks and mention.concepts & _PERSONS for mention in asked):
        return ""
    title = next((word for word in everyday_words().titles if shown.endswith(word)), "")
    bare = shown.removesuffix(title).removesuffix("的").strip() if title else ""
    return bare if len(bare) >= _LEAST else ""


def says_in_charge(table: KnownTable, columns: Collection[int]) -> bool:
    """Whether the asked columns are those of the one in charge (负责人), and the table has no other titles."""
    headers = [plain(table.stored.table.columns[p].name) for p in columns]
    return bool(headers) and all(
        any(word in header for word in everyday_words().in_charge) for header in headers
    )
