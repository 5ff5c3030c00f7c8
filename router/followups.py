"""Reads what a question leans on in the conversation before it: a pronoun, a bare counterpart, a part, or nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from retrieval.facts.columns import load_vocabulary
from router.grounding import content_words

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal[
    "none", "choice", "substitute", "narrow", "refer", "previous", "part", "compare", "attribute", "doubtful"
]

_END = re.compile(r"[\s?？!！。.，,~～:：;；]+$")
# Words that join a question to what was said, and say nothing themselves.
_LEAD = re.compile(
    r"^(?:(?:那么|那(?![个些家份款台套种项条位里边样次本张批类天年月])|然后|还有|再问一?下|另外|好的?|嗯|哦|请问)[，, ]*"
    r"|(?:and|but|so|then|ok(?:ay)?|well|also)\b[, ]*)+",
    re.IGNORECASE,
)
# Of these, the ones after which a bare name asks the same of another thing: `and Hamburg?`
_JOINS = re.compile(r"(?:那么?|还有|and)[，, ]*$", re.IGNORECASE)
_ASKING = re.compile(
    r"什么|多少|怎么|怎样|如何|为何|为什么|谁|哪|啥|几|吗|是否|能不能|可不可以|有没有|"
    r"\b(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|do|does|did|can|could|should|will|would|may|must)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"^(?:如果|要是|假如|万一|没有?|不|未|if\b|when\b)", re.IGNORECASE)
_NUMERALS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "former": 1, "latter": 2}
_CHOICE = re.compile(
    r"(?:我?[要选指]的?是?|就是?|是|选择?)?(?:(?:第|选项)?(?P<zh>[一二两三四五六七八九十]|[1-9]\d?)(?:个|种|项|条|家)?|(?P<which>前者|后者))(?:吧|的|那个)?"
    r"|(?:i mean |choose |take |option |number |no\.? ?|the )*(?:(?P<en>first|second|third|fourth|fifth|former|latter)|(?P<digit>[1-9]))(?: one| option)?",
    re.IGNORECASE,
)
_NARROW = re.compile(
    r"(?:我(?:说|要|指|问|想问|要问|是说|选)的?(?:是|指)?|我要|指的?是|是)(?P<x>[^，。；？?]{1,40}?)(?:的?(?:那|这)(?:个|家|种|条|款|份)|的)?"
    r"|(?P<x2>[^，。；？?的]{1,40}?)(?:的|的?那(?:个|家|种|条|款|份))"
    r"|(?:i mean|i meant|i am asking about|the one)(?: the)? (?P<x3>[^?]{2,60}?)(?: one)?",
    re.IGNORECASE,
)
_SUBSTITUTE_ZH = re.compile(
    r"(?:换成|如果是|要是|假如是|至于|对于)?(?P<x>[^，。；？?]{1,40}?)的?(?:呢|又?(?:如何|怎么样|怎样)(?:呢)?)"
)
_SUBSTITUTE_EN = re.compile(
    r"(?:(?:and )?(?:what|how) about|(?:and )?(?:same )?(?:for|in|at|of|with))\s+(?:the (?=\w+ \w))?(?P<x>[^?,;]{1,80})",
    re.IGNORECASE,
)
_PREVIOUS = re.compile(
    r"上一?条|上(?:一个|个)(?:问题|回答|答案)|刚才(?:说|提到?|问|讲|回答)?(?:过|了)?的?|(?:上|前)面(?:说|提到?|讲|回答)(?:过|了)?的?|"
    r"\b(?:the |your )?(?:previous|last|earlier) (?:answer|question|reply|point)\b|\b(?:you|i) (?:just )?(?:said|mentioned|asked)\b(?: (?:above|before|earlier))?",
    re.IGNORECASE,
)
_PART = re.compile(
    r"第\s*(?:[一二两三四五六七八九十]{1,3}|\d{1,2})\s*(?:步骤?|条|点|项|个|部分|章|节|款|阶段|种|层|级)"
    r"|\b(?:step|point|item|part|section|stage) (?:\d{1,2}|one|two|three|four|five)\b"
    r"|\b(?:first|second|third|fourth|fifth|last) (?:step|point|item|part|section|stage)\b",
    re.IGNORECASE,
)
# What is said about a part without naming anything else.
_TELLING = re.compile(
    r"具体|详细|仔细|展开|说说|说一?下|讲讲|讲一?下|讲|解释|介绍|多说|一点|再|是|下|的|呢|吧|做|需要|"
    r"\b(?:in|more|detail|details|explain|describe|elaborate|expand|on|please|tell|me|about|the|can|could|you|what|is|was|of|that|it)\b",
    re.IGNORECASE,
)
_COMPARE = re.compile(
    r"(?:跟|和|与|同|比起?|相比于?)[^，。？?]{1,30}?(?:比|区别|不同|差别|差异|不一样|哪个|好在|优势)"
    r"|compared (?:to|with)\b|(?:difference|differences) (?:from|to|with)\b",
    re.IGNORECASE,
)
_MEASURES = "个家份款台套种项条位本张批类次些"
_PRONOUN = re.compile(
    r"(?P<zh>(?<![其吉利维])[它他她]们?|其(?![他中实余次它间])"
    rf"|(?:这|那)(?:几|两|三)?[{_MEASURES}](?!目)(?![月年周季星时词缩术天])"
    r"|(?:这|那)(?=项目|公司|产品|系统|软件|文件|制度|流程|设备|岗位|部门|活动|培训|会议|客户|人)"
    r"|(?<!应)(?:该|此)(?=[\u3400-\u9fff])(?![怎如找不去走用由选向何多交给在是有做外])|(?:这里|那里|那边)(?!$))"
    r"|(?<![A-Za-z])(?P<en>(?-i:its|it|they|their|them|he|his|him|she|hers?|there|It|Its|They|Their|He|His|She|Her))(?![A-Za-z'])"
    r"|(?<![A-Za-z])(?P<one>(?:this|that|these|those)(?: one)?)(?= (?!is |was |i |we |you |the |a |an )[a-z]|$)",
    re.IGNORECASE,
)
_PLACE_BEFORE = re.compile(
    r"(?:在|对|对于|关于|从|按照?)[^，,。]{1,20}?(?:里面?|中|上|时|后|前|方面|下)[，, ]*"
)
_DETERMINED = re.compile(r"\b(?:the|an?|our|my|your|each|every|all|this|that) \w|(?<=[a-z] )[A-Z]")
_OPENING_WORDS = 4
_EXISTS = re.compile(r"there (?:is|are|was|were|a|an|any)\b", re.IGNORECASE)
_TIME_NOUN = re.compile(
    r"(?:月|年|周|季度?|星期|学期|时候|时间|会儿|词|缩写|缩略语|简称|术语|问题|意思|怎么|为什么)"
)
# The field words of a glossary row: asked without a term, they belong to the last one.
_FIELD = re.compile(
    r"(?:它的?|其)?(?:英文|英语|中文|汉语)?(?:全称|全名|全写|简称|缩写|缩略语|含义|意思|定义|叫法|说法|名称|名字|翻译)(?:是|叫|怎么)?(?:什么|啥|写|说|拼)?呢?|"
    r"(?:英文|英语|中文|汉语|英文名|中文名)(?:是|叫|怎么[写说])?(?:什么|啥|呢)?|"
    r"(?:what(?:'s| is)? )?(?:the )?(?:full name|full form|english name|chinese name|abbreviation|acronym|meaning|definition)(?:是什么|是啥|呢)?|"
    r"(?:in (?:english|chinese))|(?:怎么|如何)(?:缩写|简写|写|拼)",
    re.IGNORECASE,
)
_LONGEST_DOUBTFUL, _LONGEST_JOINED = 24, 60


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How a question leans on the one before: `start` to `end` is the part that does, in characters of the question.

    For `substitute` and `narrow` that part is the new counterpart; for `refer`, `previous` and `part` the words that
    point back; for `choice`, `number` counts the options from 1. `lead` ends the words that only join on.
    """

    kind: Kind
    start: int = 0
    end: int = 0
    lead: int = 0
    number: int = 0


def read_follow_up(question: str, spans: Sequence[tuple[int, int]] = ()) -> FollowUp:
    """Read how `question` leans on a conversation; `spans` are the ranges of its known terms. Rules only, no look-ups."""
    end = _END.search(question)
    stop = end.start() if end else len(question)
    lead = _LEAD.match(question[:stop])
    start = lead.end() if lead and lead.end() < stop else 0
    return (
        _choice(question, start, stop)
        or _pointing(question, start, stop)
        or _part(question, start, stop)
        or _attribute(question, start, stop, spans)
        or _counterpart(question, start, stop)
        or _referring(question, start, stop, spans)
        or _comparing(question, start, stop)
        or _doubtful(question, start, stop, spans)
        or FollowUp("none", lead=start)
    )


def is_glossary_field(text: str) -> bool:
    """Tell whether `text` asks for a field of a glossary row without naming the row: 英文全称是什么."""
    return bool(_FIELD.fullmatch(_END.sub("", text).strip()))


def is_attribute(text: str) -> bool:
    """Tell whether `text` names nothing but what one may ask of a thing: its price, its telephone, who is in charge."""
    rest = text.casefold()
    if not rest.strip():
        return False
    for word in _attribute_words():
        if word in rest:
            pattern = rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])" if word.isascii() else re.escape(word)
            rest = re.sub(pattern, " ", rest)
    return rest != text.casefold() and not content_words(rest)


def _choice(question: str, start: int, stop: int) -> FollowUp | None:
    found = _CHOICE.fullmatch(question[start:stop].strip())
    if found is None:
        return None
    if found["which"]:
        number = 1 if found["which"] == "前者" else 2
    elif found["en"]:
        number = _ORDINALS[found["en"].lower()]
    else:
        shown = found["zh"] or found["digit"]
        number = _NUMERALS.get(shown) or int(shown)
    return FollowUp("choice", start, stop, start, number)


def _pointing(question: str, start: int, stop: int) -> FollowUp | None:
    found = _PREVIOUS.search(question, start, stop)
    return FollowUp("previous", found.start(), found.end(), start) if found else None


def _part(question: str, start: int, stop: int) -> FollowUp | None:
    found = _PART.search(question, start, stop)
    if found is None:
        return None
    rest = f"{question[start : found.start()]} {question[found.end() : stop]}"
    return None if content_words(_TELLING.sub(" ", rest)) else FollowUp("part", *found.span(), start)


def _attribute(question: str, start: int, stop: int, spans: Sequence[tuple[int, int]]) -> FollowUp | None:
    text = question[start:stop]
    if any(start <= a < stop for a, _ in spans):
        return None
    if _FIELD.fullmatch(text.strip()) or is_attribute(re.sub(r"呢$", "", text)):
        pronoun = _PRONOUN.search(question, start, stop)
        if pronoun is None:
            return FollowUp("attribute", start, stop, start)
    return None


def _counterpart(question: str, start: int, stop: int) -> FollowUp | None:
    text = question[start:stop]
    for pattern, groups, kind in _COUNTERPARTS:
        found = pattern.fullmatch(text.rstrip())
        group = next((name for name in groups if found and found[name]), "") if found else ""
        if found is None or not group:
            continue
        new = found[group]
        # `AM的全称是什么呢` says all itself, and `要是没去呢` is a condition.
        if _ASKING.search(new) or _CONDITION.search(new) or _PRONOUN.match(new):
            continue
        return FollowUp(kind, start + found.start(group), start + found.end(group), start)
    joined = bool(_JOINS.match(question[:start])) and len(text.split()) <= 5 and len(text) <= _LONGEST_DOUBTFUL
    if (
        joined
        and text
        and not _ASKING.search(text)
        and not _PRONOUN.search(text)
        and not _CONDITION.match(text)
    ):
        return FollowUp("substitute", start, stop, start)
    return None


_COUNTERPARTS: tuple[tuple[re.Pattern[str], tuple[str, ...], Kind], ...] = (
    (_SUBSTITUTE_ZH, ("x",), "substitute"),
    (_SUBSTITUTE_EN, ("x",), "substitute"),
    (_NARROW, ("x", "x2", "x3"), "narrow"),
)


def _referring(question: str, start: int, stop: int, spans: Sequence[tuple[int, int]]) -> FollowUp | None:
    """Find a pronoun with nothing in the question that it could stand for; a place (在售后中) is nothing."""
    for found in _PRONOUN.finditer(question, start, stop):
        if _TIME_NOUN.match(question, found.end()) or _EXISTS.match(question, found.start()):
            continue
        if found[0].casefold() == "there" and _ASKING.search(question, start, found.start()):
            # Nothing that was named before it in the question is a place.
            return FollowUp("refer", found.start(), found.end(), start)
        before = question[start : found.start()]
        named = any(
            a >= start and b <= found.start() and not _within_place(before, a - start) for a, b in spans
        )
        if named or _names_something(before, latin=found[0].isascii()):
            return None
        return FollowUp("refer", found.start(), found.end(), start)
    return None


def _names_something(before: str, *, latin: bool) -> bool:
    """Whether what stands before a pronoun names a thing that it may stand for; a place (在售后中) is none."""
    if latin and before.isascii() and len(before.split()) <= _OPENING_WORDS:
        # In `Who approves it` the verb is no name; `When the form is ready, who signs it` names one.
        return bool(_DETERMINED.search(before))
    return any(thing for _, thing in content_words(_PLACE_BEFORE.sub(" ", before)))


def _within_place(before: str, at: int) -> bool:
    return any(found.start() <= at < found.end() for found in _PLACE_BEFORE.finditer(before))


def _comparing(question: str, start: int, stop: int) -> FollowUp | None:
    return FollowUp("compare", start, start, start) if _COMPARE.match(question, start, stop) else None


def _doubtful(question: str, start: int, stop: int, spans: Sequence[tuple[int, int]]) -> FollowUp | None:
    """A question that joins on (那认证是怎么做的), or that names no thing of its own: only evidence can tell."""
    if spans or stop - start > _LONGEST_JOINED:
        return None
    text = question[start:stop]
    joins_on = start > 0 and (not text.isascii() or len(text.split()) < 12)
    depends = bool(_CONDITION.match(text)) or text.endswith("怎么办")
    things = [word for word, thing in content_words(text) if thing and not is_attribute(word)]
    bare = not things and len(text) <= _LONGEST_DOUBTFUL and bool(_ASKING.search(text))
    return FollowUp("doubtful", start, start, start) if joins_on or depends or bare else None


@cache
def _attribute_words() -> tuple[str, ...]:
    """What tables and people call the attributes of a thing, the longest first."""
    words = {
        word for concept in load_vocabulary().concepts.values() for word in (*concept.words, *concept.asks)
    }
    words |= set(_MORE_ATTRIBUTES.split())
    return tuple(sorted((word.casefold() for word in words if len(word) > 1), key=len, reverse=True))


_MORE_ATTRIBUTES = (
    "负责 负责人 责任人 联系人 电话 手机 地址 价格 单价 费用 时间 期限 日期 作用 用途 目的 原因 后果 风险 步骤 流程 条件 要求 "
    "优点 缺点 优势 区别 不同 名称 型号 编号 版本 部门 职责 范围 标准 上限 下限 比例 频率 方法 方式 内容 例外 注意事项 规定 "
    "phone telephone address price cost deadline owner contact email purpose risks risk reason steps requirements difference "
    "responsible location website manager"
)
