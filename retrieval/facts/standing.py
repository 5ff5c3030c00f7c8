"""Which of the stretches of a question that are values of cells stand as such in one table."""

from __future__ import annotations

import re
from itertools import pairwise, permutations
from typing import TYPE_CHECKING

from retrieval.facts.catalogue import columns_for
from retrieval.facts.grammar import has_direction, negation_before
from retrieval.facts.normalize import fold, plain
from retrieval.facts.questions import without_phrases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.columns import Vocabulary
    from retrieval.facts.conditions import Comparison
    from retrieval.facts.questions import Mention, Question
    from retrieval.facts.spans import Span

_TO = re.compile(r"\s*+(?:站|市)?\s*+(?:到|至|→|->|往|飞|\bto\b)\s*")
_OR = re.compile(r"或|\bor\b")
_JOINT = re.compile(r"和|或|与|及|跟|、|,|，|\band\b|\bor\b")
_IS = re.compile(r"\s*(?:是|为|等于|=|:|is|of)?\s*")
_ARTICLE = re.compile(r"a\s+[a-z]")
_BEGINS = frozenset("大小老新高低长天门部场中花")
# Words of asking elsewhere in a question: touching a name they end another one (数控车床大的电话).
_SIZES = frozenset("大小高低老新")
_ANOTHER = re.compile(
    r"花(?!了|费|钱|多少|几)|[一二三四五六七八九十甲乙丙丁]号|[大小高低老新](?!于|了|多少|几|吗|还是|出|的[是有])(?=[的是有在还谁几\s]|什么|多[久少长]|何时|哪|$|[?？])"
)
_NUMBERED = re.compile(r"\s?(?:\d{1,2}|[b-z]|ii|iii|iv)(?=的|\s*[?？]?$)")
_SMALL = frozenset({"gender", "size", "kind", "position", "grade", "rating"})


_COUNTED_BY = re.compile(r"(?:多少|几|哪)[门部场]$")


class StandingValues:
    """Chooses the values that a question means."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def chosen(
        self, read: Question, spans: Sequence[Span], mentions: Sequence[Mention], table: KnownTable
    ) -> list[Span] | None:
        """The values that stand: longest first, none overlapping; None where one may be of several columns."""
        names = {fold(column.name) for column in table.stored.table.columns}
        kept: list[Span] = []
        if has_direction(read.text):
            if _against(spans, read.text):
                return None
            ordered = self._in_order(spans, read.text)
            kept, spans = (
                ordered,
                [s for s in spans if all(s.end <= k.start or k.end <= s.start for k in ordered)],
            )
        usable = [s for s in spans if self._may_stand(read, s, mentions, table, names)]
        for span in sorted(usable, key=lambda s: s.start - s.end):
            if any(span.start < k.end and k.start < span.end for k in kept):
                continue
            alike = [s for s in usable if (s.start, s.end) == (span.start, span.end)]
            one = self._of_one_column(alike, mentions, table)
            if one is None:
                return None
            kept.append(one)
        return kept

    def _may_stand(
        self, read: Question, span: Span, mentions: Sequence[Mention], table: KnownTable, names: set[str]
    ) -> bool:
        text = fold(read.text[span.start : span.end])
        if text in names or any(m.asks and m.start <= span.start and span.end <= m.end for m in mentions):
            return False
        if any(
            m.start <= span.start and span.end <= m.end and m.end - m.start > span.end - span.start
            for m in mentions
        ):
            return False
        if len(text) > 1 and not text.isdecimal():
            return True
        if text == "a" and _ARTICLE.match(read.text, span.start):
            return False
        if text in "男女" or (len(text) == 1 and table.concepts[span.position] & _SMALL):
            return True
        if any(
            _IS.fullmatch(read.text[m.end : span.start])
            for m in mentions
            if m.end <= span.start and span.position in columns_for(m, table, self._vocabulary)
        ):
            # 评级是A, 楼层12: the word of its column says what it is.
            return True
        # A bare number may be anything: it counts beside a word of its column (3级, 第3级, 工号0012).
        header = plain(table.stored.table.columns[span.position].name)
        after, before = read.text[span.end : span.end + 1], read.text[: span.start].rstrip("第 ")[-1:]
        if (after and after in header) or (before and before in header):
            return True
        return len(text) > 3 and table.stored.table.columns[span.position].kind == "identifier"

    def _of_one_column(
        self, alike: Sequence[Span], mentions: Sequence[Mention], table: KnownTable
    ) -> Span | None:
        """The one of equal stretches that a word beside it speaks for, or that alone does not name its row."""
        if len(alike) == 1:
            return alike[0]
        told = [
            s for s in alike
            if any(
                -1 <= gap <= 3 and s.position in columns_for(m, table, self._vocabulary)
                for m in mentions for gap in (s.start - m.end, m.start - s.end)
            )
        ]  # fmt: skip
        if len(told) == 1:
            return told[0]
        beside = [s for s in alike if s.position not in table.naming]
        return beside[0] if len(beside) == 1 else None

    @staticmethod
    def _in_order(spans: Sequence[Span], text: str) -> list[Span]:
        """Two values of the same two columns with "to" between them (北京到上海): the first is of the first column."""
        columns: dict[tuple[int, int], list[Span]] = {}
        for span in spans:
            columns.setdefault((span.start, span.end), []).append(span)
        for (first, mine), (second, other) in permutations(columns.items(), 2):
            shared = sorted({s.position for s in (*mine, *other)})
            if len(shared) == 2 and not {s.position for s in mine} & {s.position for s in other}:
                continue
            fits = len(shared) == 2 and any(s.position == shared[0] for s in mine)
            if (
                fits
                and any(s.position == shared[1] for s in other)
                and first[1] <= second[0]
                and _TO.fullmatch(text[first[1] : second[0]])
            ):
                return [
                    next(s for s in mine if s.position == shared[0]),
                    next(s for s in other if s.position == shared[1]),
                ]
        return []


def _against(spans: Sequence[Span], text: str) -> bool:
    """Whether "to" stands between two values that the columns only have the other way round."""
    columns: dict[tuple[int, int], set[int]] = {}
    for span in spans:
        columns.setdefault((span.start, span.end), set()).add(span.position)
    return any(
        first[1] <= second[0] and _TO.fullmatch(text[first[1] : second[0]]) and min(mine) >= max(other)
        for (first, mine), (second, other) in permutations(columns.items(), 2)
    )


def clash(text: str, spans: Sequence[Span], bounds: Sequence[Comparison]) -> bool:
    """Whether values of one column stand together without "and" or "or", or an "or" joins conditions on two columns."""
    ordered = sorted(spans, key=lambda s: s.start)
    unjoined = any(
        a.position == b.position
        and set(a.texts) != set(b.texts)
        and not _JOINT.search(text[a.end : b.start])
        and (negation_before(text, a.start) is None) == (negation_before(text, b.start) is None)
        for i, a in enumerate(ordered)
        for b in ordered[i + 1 :]
    )
    places = sorted(
        [(s.start, s.end, s.position) for s in spans] + [(b.start, b.end, -1 - i) for i, b in enumerate(bounds)]
    )
    across = any(a[2] != b[2] and _OR.search(text[a[1] : b[0]]) for a, b in pairwise(places))
    return unjoined or across


def begins_earlier(text: str, spans: Sequence[Span], mentions: Sequence[Mention]) -> bool:
    """Whether a character stands before a value that makes another name of it: 大 in 大海丰水产."""
    asked, text = text, without_phrases(text)
    for span in spans:
        start = span.start
        if _COUNTED_BY.search(asked[:start]):
            # 多少门闭卷笔试的课: the measure word of what is counted.
            continue
        known = any(m.end == start for m in mentions) or any(s.end == start for s in spans)
        if (
            start
            and not known
            and text[start - 1] in _BEGINS
            and not (start > 1 and "一" <= text[start - 2] <= "鿿")
        ):
            return True
    return False


def ends_later(text: str, names: Sequence[Span], spans: Sequence[Span], mentions: Sequence[Mention]) -> bool:
    """Whether something stands behind the name of a row that makes another name of it: the 3 of Ready Salad 3, 花 in 兰亭花."""
    return any(
        (
            _NUMBERED.match(text, name.end)
            or _ANOTHER.match(text, name.end)
            or (text[name.end : name.end + 1] in _SIZES and any(m.start == name.end + 1 for m in mentions))
        )
        and not any(name.end <= s.start <= name.end + 1 for s in spans)
        for name in names
    )
