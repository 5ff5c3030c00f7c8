"""Whether a row names something that only looks like what is asked about: 蓝晶环保 where 蓝京环保 is asked."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING

from retrieval.facts.normalize import plain
from retrieval.facts.row_lines import is_of_another, lacks_column
from retrieval.facts.wanted import wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.facts.subject import SubjectWord
    from router.coverage import Coverage

_CELLS = re.compile(r"[;；|\t]\s*")
_NAME = re.compile(r"[\u3400-\u9fff][\u3400-\u9fffA-Za-z0-9]{2,}")
_CJK = re.compile(r"[\u3400-\u9fff]+")
# What stands in the place of an answer, or only joins words, makes no other name.
_JOINING = re.compile(r"[几多少哪什么何谁吗呢的是了在和与跟及或有为被把对要能会可以该这那个每一本]")
_OTHER, _BESIDE = 2, 2
# 三副 is not 大副, and 二期 not 一期.
_RANKED = re.compile("[一二三四五六七八九十]")
# A clipped word names the whole one (0.9); less is another word, or half of one.
_NAMED, _HALF = 0.9, 0.5
# A word that the collection says everywhere, as 员工 in a handbook, names nothing.
_COMMON = 0.1


def resembles(question: str, row: str) -> bool:
    """Whether a cell of `row` is the asked name with a character or two changed, and nothing in the row is that name."""
    asked = plain(question)
    return any(_changed(name, asked, plain(row)) for name in _names(row))


def stands_for_another(coverage: Coverage, question: str, words: Sequence[SubjectWord]) -> bool:
    """Whether the best row lacks something that is asked about, and stands under another name or has no such column.

    空压机 names 空气压缩机, and 门禁坏了找谁 the row of 空调、门禁: a row that has every asked thing is the asked one.
    """
    told = coverage.sentence
    if told.passage is None:
        return False
    unnamed, asked = _unnamed(coverage, question), wanted(question)
    # Whose number it is need not be said in the question's words: VPN连不上打哪个分机. 手机号 and rotor speed are columns.
    whose = asked is not None and asked.kind == "contact"
    if (unnamed or not whose) and lacks_column(question, told.text, told.passage):
        return True
    return unnamed and is_of_another(question, words, told.text, told.passage)


def _unnamed(coverage: Coverage, question: str) -> bool:
    """Whether the best row lacks an asked thing, or a character of a name that the segmenter took apart: 张|伟, 二|副."""
    said = [
        (asked.word, share)
        for asked, share in zip(coverage.words, coverage.sentence.said, strict=True)
        if asked.weight >= _COMMON
    ]
    single = [word.text for word, _ in said if len(word.text) == 1]
    for word, share in said:
        if len(word.text) > 1:
            if (word.firm and share < _NAMED) or (_RANKED.match(word.text) and share < _HALF):
                return True
        elif share < _HALF and any(pair in question for c in single for pair in (word.text + c, c + word.text)):
            return True
    return False


def _names(row: str) -> list[str]:
    """The cells of a row that may be names: Chinese, of three characters or more."""
    values = (re.split(r"[:：]\s*", cell, maxsplit=1)[-1].strip() for cell in _CELLS.split(row))
    return [
        plain(name) for value in values for name in _NAME.findall(value)[:1] if name == value or len(value) < 40
    ]


def _changed(name: str, asked: str, row: str) -> bool:
    """Whether `asked` holds `name` with one or two characters replaced, between what the two have in common."""
    if name in asked:
        return False
    blocks = [b for b in SequenceMatcher(None, name, asked, autojunk=False).get_matching_blocks() if b.size]
    for left, right in pairwise(blocks):
        own, other = name[left.a + left.size : right.a], asked[left.b + left.size : right.b]
        same = name[left.a : left.a + left.size], name[right.a : right.a + right.size]
        if len(own) != len(other) or not 1 <= len(own) <= _OTHER or max(map(len, same)) < _BESIDE:
            continue
        if not (_CJK.fullmatch(own) and _CJK.fullmatch(other)) or _JOINING.search(other):
            continue
        # What is asked stands in the row after all, as another cell.
        if f"{same[0][-1]}{other}{same[1][0]}" not in row:
            return True
    return False
