"""What may be left of a question on a table once its values and columns are found: words for what it lists, for units and titles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.facts.lexicon import in_headers
from retrieval.facts.normalize import plain

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from retrieval.facts.types import Column

_PER = re.compile(r"[一每](?:个)?([一-鿿]{1,3})")
# 药品 is 药 for short, 科室 is 科, 课程 is 课; 门店 is 店.
_THINGS = frozenset("品室物程")
_SCALES = frozenset({"千", "万", "百万", "亿"})
_MEASURES = "几条艘台辆架个只座家间部款种张本首场幢栋处"
_NO_KIND = frozenset("人名号称码额数量期价费率")


def without_kinds(rest: str, kinds: Sequence[str], marks: Collection[str] = ()) -> tuple[str, bool]:
    """The text without the words for what the table lists, and whether there was one.

    `marks` are the words of a single character: 船 in 几条船 and 自有船.
    """
    named = False
    for mark in sorted(marks):
        pattern = (
            rf"(?:(?<=[{_MEASURES}些的])|(?<=[一-鿿]{{2}})){mark}子?(?=[的是有哪总共一数平最在加合]|[^一-鿿]|$)"
        )
        if re.search(pattern, rest):
            rest, named = re.sub(pattern, " ", rest), True
    for word in kinds:
        if len(word) in {2, 3} and "一" <= word[-1] <= "鿿" and word[-1] not in _NO_KIND:
            # 武汉有几家店, 面积最大的店: what stores are called for short.
            last = word[0] if word[-1] in _THINGS else word[-1]
            short = rf"(?:(?<=哪)|(?<=几)|(?<=多少)|(?<=[一二两三四五六七八九十\d][个家座条艘间所台]))(?:些|一?[个家台辆间款种条本张座所])?{last}(?=[的是有]|加起来|一共|总共|合计|平均|[^一-鿿]|$)|(?<=的){last}(?=是|有|\s|$)"
            if re.search(short, rest):
                rest, named = re.sub(short, " ", rest), True
        pattern = plural(word)
        if re.search(pattern, rest):
            rest, named = re.sub(pattern, " ", rest), True
    return rest, named


def in_words(part: str, headers: Sequence[str]) -> bool:
    """Whether every word of a part, or another word for it, stands in one and the same header (开始合作, 合作起始日期)."""
    import rjieba

    if part.isascii() or len(part) < 2:
        return False
    words = [str(word) for word in rjieba.cut(part)]
    return all(len(word) > 1 for word in words) and any(
        all(word in header or any(other in header for other in in_headers(word)) for word in words)
        for header in headers
    )


def counts_in(measure: str, what: str, column: Column) -> bool:
    """Whether a column of numbers counts something in a measure word: 床 in 张 under 编制床位（张）."""
    told = bool(what) and what in plain(column.name)
    return column.kind == "number" and bool(measure) and column.unit == measure and (told or not what)


def per_unit(part: str, units: Sequence[str]) -> bool:
    """Whether a piece only says what a number is per: 一小时 under 元/小时."""
    match = _PER.fullmatch(part)
    return match is not None and any(unit.endswith((f"/{match[1]}", f"每{match[1]}")) for unit in units)


def in_scale(part: str, units: Sequence[str]) -> bool:
    """Whether a piece is the scale of an amount in a column (多少万 under 万元): its numbers are just these."""
    return part in _SCALES and any(unit.startswith(part) for unit in units)


def said(part: str, context: str) -> bool:
    """Whether the table's title says a word of the question, in its language or in the other."""
    return _stands(part, context) or any(
        _stands(other, context)
        for other in in_headers(part)
        if len(other) > 1 and other.isascii() != part.isascii()
    )


def of_kind_and_title(part: str, kinds: Sequence[str], context: str) -> bool:
    """Whether a piece is a short word for what the table lists and a word of its title: 楼用电 where 楼宇 use 用电量."""
    return any(
        any(kind.startswith(part[:cut]) or kind.endswith(part[:cut]) for kind in kinds)
        and said(part[cut:], context)
        for cut in range(1, len(part) - 1)
        if not part.isascii()
    )


def _stands(part: str, context: str) -> bool:
    if part.isascii():
        stem = part.removesuffix("s")
        return len(stem) > 2 and re.search(rf"(?<![a-z]){re.escape(stem)}s?(?![a-z])", context) is not None
    return part in context


def plural(word: str) -> str:
    """A pattern for a word of the question; an English one may have a plural s."""
    if word.isascii() and word.endswith("y"):
        return rf"(?<![a-z]){re.escape(word[:-1])}(?:y|ys|ies)(?![a-z])"
    return rf"(?<![a-z]){re.escape(word)}(?:s|es)?(?![a-z])" if word.isascii() else re.escape(word)


def verb_stem(word: str) -> str:
    """The stem that an English verb shares with its noun: purchased, purchase."""
    return word[:-1] if word.isascii() and word.endswith(("ed", "es")) and len(word) > 4 else word
