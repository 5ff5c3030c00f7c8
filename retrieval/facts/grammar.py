"""The words of a question that shape its query: how many of the first, for each what, not, and what is counted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.facts.normalize import fold, plain
from retrieval.facts.values import CHINESE_DIGITS, chinese_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.facts.questions import Question

_CLASSIFIERS = "名|个|家|位|种|款|台|件|门|座|所|条|项|次|张|份|人|间|辆|本|支|套|道|城|省|部|类|只|场|例|笔|批"
_DIGITS = rf"(?:\d{{1,3}}|[{CHINESE_DIGITS}]{{1,3}})"
_SUPERLATIVE = (
    "高|低|贵|大|多|长|晚|新|快|重|远|小|少|短|早|旧|慢|轻|近|便宜|年轻|年长|久|迟|好|差|强|弱|宽|窄|厚|薄"
)
_ENGLISH = (
    "highest|lowest|largest|smallest|biggest|cheapest|oldest|newest|longest|shortest|fewest|latest|earliest|heaviest|"
    "lightest|fastest|slowest|youngest|maximum|minimum|(?:most|least)(?: expensive| costly| recent)?"
)
_TOP = (
    re.compile(rf"最(?:{_SUPERLATIVE})的?\s*(?:前\s*)?(?P<n>{_DIGITS})\s*(?:{_CLASSIFIERS})?"),
    re.compile(rf"(?P<n>{_DIGITS})\s*(?:{_CLASSIFIERS})\s*(?=[^,，。]{{0,8}}?最(?:{_SUPERLATIVE}))"),
    re.compile(rf"(?:排名|排在)?前\s*(?P<n>{_DIGITS})\s*(?:大|高)?\s*(?:{_CLASSIFIERS})?(?![\d年月日])"),
    re.compile(r"\btop\s+(?P<n>\d{1,3}|two|three|five|ten)\b"),
    re.compile(rf"\b(?P<n>\d{{1,3}}|two|three|five|ten)\s+(?=(?:{_ENGLISH})\b)"),
    re.compile(rf"(?<!at )\b(?:{_ENGLISH})\s+(?P<n>\d{{1,3}}|two|three|five|ten)\b"),
)
_WORDS = {"two": 2, "three": 3, "five": 5, "ten": 10}
_LAST = re.compile(r"倒数|垫底|后\s*[\d一二两三四五六七八九十]+\s*名|\bbottom\s+\d")
_EACH = re.compile(
    r"(?:各个?|每一?个?)(?:家|位|种|类|名|座)?$|按(?:照|各)?$|\b(?:per|by|for each|of each|in each|each|every)$"
)
_WHICH = re.compile(
    rf"(?:哪|什么|啥)一?(?:{_CLASSIFIERS})?(?:的)?$|\b(?:which|what)(?:\s+(?:is|are)\s+the)?$|(?:谁|哪位|\bwho|\bwhose)$|最[多少]的$"
)
_NOT = re.compile(
    r"(?:不(?:在|是|属于|为|含|包括|包含|位于|来自|用|由|归)|并?非|除了?|除去|排除|没有?|未|无需?|"
    r"\b(?:not|isn't|aren't|wasn't|weren't|doesn't|don't|didn't|except|excluding|without|other than|no)\b"
    r"(?:\s+(?:in|from|at|by|of|for|on|to|have|has|with|be|belong to|part of|located in|made by|supplied by|the|\w{3,}ing))*)\s*(?:the\s+)?[“\"「]?$"
)
_ASKING_NOT = re.compile(r"是不是|有没有|是否|对不对")
_COUNTED = re.compile(
    rf"(?:多少|几)(?:{_CLASSIFIERS})?(?:不同的?)?$|\bhow many(?:\s+different)?$|\bnumber of(?:\s+different)?$|\bcount(?: of)?$"
)
_EXCEPT_TAIL = re.compile(r"^\s*(?:以外|之外|外)的?")


_DIRECTION = re.compile(
    r"^(?:从|由|from\s+)?(?P<a>.{2,20}?)\s*(?:到|至|往|飞|去|→|—|->|\bto\b)\s*(?P<b>.{2,20})$"
)


@dataclass(frozen=True, slots=True)
class Top:
    """The first `count` rows are asked for, at `start` to `end`; `last`: of the other end."""

    count: int
    start: int
    end: int
    last: bool = False


def top_of(text: str) -> Top | None:
    """How many of the first rows a question asks for (最贵的3家, top 5), or None where it asks for the first alone."""
    for pattern in _TOP:
        for match in pattern.finditer(text):
            count = _number(match["n"])
            if count and count > 1:
                start, end = match.span("n")
                start -= text[:start].endswith("前")
                tail = re.match(rf"\s*(?:{_CLASSIFIERS})", text[end:])
                return Top(count, start, end + (tail.end() if tail else 0), _LAST.search(text) is not None)
    return None


def has_direction(text: str) -> bool:
    """Whether a question speaks of one thing to another (北京到上海)."""
    return re.search(r"[一-鿿a-z](?:到|至|→)(?=[一-鿿a-z])|\bfrom\b.+\bto\b", text) is not None


def against_direction(name: str, cells: Sequence[str]) -> bool:
    """Whether a name says A to B, and the row holds both but B to A."""
    match = _DIRECTION.match(plain(name))
    if match is None:
        return False
    folded = [fold(cell) for cell in cells]
    places = [
        next((i for i, cell in enumerate(folded) if cell and cell in fold(match[side])), None) for side in "ab"
    ]
    return places[0] is not None and places[1] is not None and places[0] > places[1]


def _number(text: str) -> int:
    if text.isdecimal():
        return int(text)
    value = _WORDS.get(text) or chinese_number(text) or 0
    return int(value)


def grouped(text: str, start: int) -> bool:
    """Whether a word at `start` says for each of what the rows are counted or added up (各城市, per supplier)."""
    return _EACH.search(text[:start].rstrip()) is not None


def asked_which(text: str, start: int) -> bool:
    """Whether a word at `start` follows 哪个 or which."""
    return _WHICH.search(text[:start].rstrip()) is not None


def counted(text: str, start: int) -> bool:
    """Whether a word at `start` is what is counted (多少个城市, how many suppliers)."""
    return _COUNTED.search(text[:start].rstrip()) is not None


def negation_before(text: str, start: int) -> tuple[int, int] | None:
    """Where a word of negation stands right before `start`, or None."""
    before = text[:start]
    match = _NOT.search(before)
    if match is None or any(
        a.start() < match.end() and match.start() < a.end() for a in _ASKING_NOT.finditer(text)
    ):
        return None
    return match.start(), match.end()


def exception_after(text: str, end: int) -> int:
    """Where the words end that close an exception (除了上海以外), `end` where there are none."""
    match = _EXCEPT_TAIL.match(text[end:])
    return end + match.end() if match else end


def says_most(read: Question) -> bool:
    """Whether the question asks for the most or fewest rather than the highest or lowest."""
    return (
        re.search(r"最多|最少|\b(?:most|fewest|least)\b(?!\s+(?:expensive|costly|recent))", read.text)
        is not None
    )


def says_total(text: str) -> bool:
    """Whether numbers are to be added up."""
    return re.search(r"总|合计|一共|共计|\b(?:total|altogether|combined|sum)\b", text) is not None
