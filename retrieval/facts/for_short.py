"""Words of tables that people say for short: 营收 for 营业收入, 投诉 for 客户投诉, 立式机 for 立式包装机, 海外站 for 海外服务站."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.facts.normalize import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.store import FactStore

# A column of at most so many texts says of what sort its rows are; the rows of larger tables are not read.
_SORTS, _ROWS, _LEAST, _MOST = 12, 2_000, 4, 8
_CHINESE = re.compile(r"[㐀-鿿]+")
_PAIR = 2
# 开始日期 is neither meant by 开始, which may be said of anything, nor by 日期.
_GENERAL = frozenset(
    [
        "日期",
        "时间",
        "金额",
        "数量",
        "名称",
        "编号",
        "人数",
        "情况",
        "地点",
        "地址",
        "方式",
        "类型",
        "状态",
        "等级",
        "标准",
        "周期",
        "范围",
        "备注",
        "说明",
        "次数",
    ]
)


class ForShort:
    """Writes out what a question says for short, where it can stand for one word of the tables only."""

    def __init__(self, store: FactStore) -> None:
        self._store = store
        self._words: dict[int, frozenset[str]] = {}

    def written_out(self, question: str, tables: Mapping[int, KnownTable]) -> str:
        """`question` in plain form with such words in full; empty where it has none, or one may stand for several.

        A question that has a word of the tables in full is left as it is in that place.
        """
        text = plain(question)
        words = {word for table in tables.values() for word in self._of(table)}
        meant: dict[str, set[str]] = {}
        for word in words:
            if word not in text:
                for short in _shortened(word):
                    if short in text and short not in words:
                        meant.setdefault(short, set()).add(word)
        written = text
        for short in sorted(meant, key=len, reverse=True):
            if len(meant[short]) > 1:
                return ""
            if short in written and not any(short in other for other in words if other in text):
                written = written.replace(short, next(iter(meant[short])), 1)
        return written if written != text else ""

    def _of(self, table: KnownTable) -> frozenset[str]:
        """The words of a table that are long enough to be shortened: of its headers, its title and the sorts of its rows."""
        known = self._words.get(table.number)
        if known is None:
            stored = table.stored
            headers = (part for column in stored.table.columns for part in column.name.split("/"))
            found = {
                *map(plain, headers),
                *_heads(stored.table.name),
                *_heads(stored.title),
                *self._sorts(table),
            }
            known = frozenset(
                word for word in found if _LEAST <= len(word) <= _MOST and _CHINESE.fullmatch(word)
            )
            self._words[table.number] = known
        return known

    def _sorts(self, table: KnownTable) -> Iterator[str]:
        if table.stored.table.row_count > _ROWS:
            return
        rows = list(self._store.table_rows(table.number))
        for position, column in enumerate(table.stored.table.columns):
            texts = {plain(row.cells[position]) for row in rows} if column.kind == "text" else set()
            if 1 < len(texts) <= min(_SORTS, len(rows) // _PAIR):
                yield from texts


def _shortened(word: str) -> Iterator[str]:
    """How people shorten a Chinese word: without its middle, by the first of each two characters, by one half."""
    yield word[:_PAIR] + word[-1]
    if len(word) == _LEAST:
        yield word[0] + word[_PAIR]
        if word[_PAIR:] not in _GENERAL and word[:_PAIR] not in _GENERAL:
            yield word[:_PAIR]
            yield word[_PAIR:]


def _heads(title: str) -> Iterator[str]:
    """The first two and three words of a title: 海外服务站 of 海外服务站通讯录."""
    import rjieba

    words = rjieba.cut(plain(title))
    for count in (_PAIR, _PAIR + 1):
        yield "".join(words[:count])
