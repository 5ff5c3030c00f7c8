"""Whether one sentence states what is asked: something of the asked kind stands close to what the question names."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from retrieval.facts.lexicon import bases, lexicon
from retrieval.facts.wanted import wanted
from router.grounding import fold, lines_of
from router.telling import PLACES_ASKED, told_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.types import Passage
    from router.grounding import Unit
    from router.telling import Kind, Span

# A word of the question counts fully within so many characters of the value (a Latin word has more of them), a little less in the headings
# and the title, which speak of every sentence below them, less elsewhere in its sentence, least in the sentence before.
_NEAR, _NEAR_LATIN, _SAME_SENTENCE, _HEADED, _BESIDE = 12, 36, 0.7, 0.9, 0.5

_OWN_KINDS: dict[str, Kind] = {"when": "when", "who": "who", "where": "where"}
_NUMBERS = frozenset(
    {"times", "count", "how_often", "how_long", "money", "percent", "amount", "contact", "which_weeks"}
)
# Questions that end in the name of what they ask for: 死亡人数, 上映时间, 首映地点.
_ENDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("when", re.compile(r"(?:时间|日期|日子|年份|截止日)$")),
    ("where", re.compile(r"(?:地点|地址|地|起点|终点|位置|城市|国家|产区)$")),
    ("who", re.compile(r"(?:人选|得主|冠军|亚军|季军|作者|导演|编剧|主演|主编|教练|对手|负责人|创始人|发明人|联系人|责任人)$")),
    ("number", re.compile(r"(?:人数|次数|数量|数额|金额|总额|总数|价格|票房|营收|收入|产量|销量|[率量额]|奖金|费用|成本|震级|温度|尺寸|长度|高度|面积)$")),
)  # fmt: skip
_HOW_MUCH = re.compile(r"几|多少|多[长高大重远宽深快厚]")
_TAIL = re.compile(
    r"(?:是|为|有|达到?|分别)*(?:什么|多少|哪些|哪个|哪里|几|谁|啥)?[了吗呢呀啊]*[？?。.！!\s]*$"
)
_NAME_ASKED = re.compile(
    r"(?:叫|名字是|名称是)(?:什么|啥)(?:名字|名称|名)?[呢啊呀]*$|\bwhat is .{1,60} called$", re.IGNORECASE
)
_ONCE = re.compile(r"一[次回趟遍]")
_COUNTED_IN = re.compile(
    r"(?:多少|几)(?:个)?(工作日|小时|分钟|公里|公斤|平米|[秒分天日周月年岁元块吨米度人张份次遍页台套层楼路])"
)
_ASKS = re.compile(r"什么|啥|哪|谁|几|多少|怎么|怎样|如何")
# 有几种途径 wants them listed, and 能不能 wants a yes or a no.
_SEVERAL = re.compile(r"(?:有|分|哪)几[种类样]|能不能|可不可以|可否|能否|会不会|要不要|行不行|是不是")
_CLAUSES = re.compile(r"[，,；;。.！!：:](?=\s*\S)")
# What a row has, in a cell or a header, that tells such a thing.
_ROW_OF_KIND: dict[str, re.Pattern[str]] = {
    "money": re.compile(
        r"[¥￥$€£元价费款薪酬贴奖罚]|块钱|工资|金额|限额|额度|资金|押金|标准|预算|成本|币|price|cost|fee|charge|amount|deposit|salar|wage|rate|budget|payment|usd|gbp|eur|\d[\d.]*\s?%"
    ),
    "how_long": re.compile(r"[天日月年周期限长]|小时|分钟|时间|day|week|month|year|hour|min|period|time|length|duration|term|valid"),
    "contact": re.compile(r"\d{3}|@"),
    "when": re.compile(r"\d{4}|\d{1,2}[月日号:：点]|[-/]\d{1,2}[-/]|(?:周|星期|每)[一二三四五六日天周月年季]|日期|时间|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day|\b(?:date|time)\b|(?:jan|febr)uary|march|april|\b(?:may|june|july)\b|august|(?:septem|octo|novem|decem)ber"),
    "year": re.compile(r"(?:19|20)\d{2}"),
    "age": re.compile(r"岁|年龄|出生|生日|\b(?:age|aged|born|birth|years? old)\b"),
    "area": re.compile(r"面积|[平㎡]|m2|尺寸|\b(?:area|size|square|sq)\b"),
}  # fmt: skip
_AGE = re.compile(r"今年多大|多大(?:年纪|岁数|了)|几岁|多少岁|\bhow old\b")
_AREA = re.compile(r"(?:房间?|室|厅|宿舍|公寓|场地|仓库|车间|面积)(?:有|是)?多大")
_WHO_DOES = re.compile(
    r"^who (?!is\b|are\b|was\b|were\b|do\b|does\b|did\b|can\b|will\b|should\b|must\b|has\b|have\b)(?P<verb>[a-z]{4,})"
)
_YEAR = re.compile(r"哪一?年|什么年份|\b(?:which|what) year\b")


def asked_kind(question: str) -> Kind | None:
    """Return the kind of the one thing that `question` asks for, or None where it asks for another or for several.

    A question of several clauses tells a story around what it asks, which no single sentence repeats: None.
    """
    bare = question.strip().rstrip("？?。.！! ")
    if _CLAUSES.search(bare) or len(_ASKS.findall(bare)) > 1 or _SEVERAL.search(bare):
        return None
    if _NAME_ASKED.search(bare):
        return "name"
    if PLACES_ASKED.search(bare):
        return "where"
    found = wanted(question)
    if found is not None:
        return _OWN_KINDS.get(found.kind, "number" if found.kind in _NUMBERS else None)
    subject = _TAIL.sub("", question.strip())
    ending = next((kind for kind, pattern in _ENDS if pattern.search(subject)), None)
    return ending or ("number" if _HOW_MUCH.search(bare) else None)


def counted_in(question: str) -> tuple[str, ...]:
    """Return the units in which a number is asked for: 秒 of 实测多少秒."""
    return tuple(_COUNTED_IN.findall(question))


def stated(
    question: str, kind: Kind, units: Sequence[Unit], passages: Sequence[Passage], *, rows_only: bool = False
) -> float:
    """Return the best weighted share (0 to 1) of `units` that stands around a value of `kind` in one sentence or row.

    What the question says itself is no value. The nearer a word stands to the value, the more it counts.
    """
    asked, total = fold(question), sum(unit.weight for unit in units)
    best, detail = 0.0, _detail(question)
    telling = _ROW_OF_KIND.get(detail)
    for passage in passages if total else ():
        place = fold(
            " ".join((passage.document.title, passage.document.name, *passage.chunk.location.headings))
        )
        headed, before = {unit: _HEADED * unit.covered_by(place) for unit in units}, ""
        for sentence, row in lines_of(passage.chunk.text):
            if rows_only and not row:
                continue
            text = fold(sentence)
            if row and kind == "number" and telling is not None and not telling.search(text):
                continue
            words = [
                (unit, *_found(unit, text), max(headed[unit], _BESIDE * unit.covered_by(before)))
                for unit in units
            ]
            # Tagging words is the dear part: only a sentence that could be the best one is looked at.
            if sum(unit.weight * max(share, beside) for unit, _, share, beside in words) > best * total:
                # The unit of a row's value may stand in its header.
                for value in told_in(kind, "" if row else detail, text, asked, row=row):
                    got = sum(
                        unit.weight
                        * max(
                            share
                            * (
                                1.0
                                if row
                                else _nearness(spans, value, _NEAR_LATIN if text.isascii() else _NEAR)
                            ),
                            beside,
                        )
                        for unit, spans, share, beside in words
                    )
                    best = max(best, got / total)
            before = text
    return best


def close_by(question: str, kind: Kind, words: Sequence[tuple[tuple[str, ...], float]], sentence: str) -> float:
    """Return the share (0 to 1) of what a sentence says of a question that stands close to one value of `kind`.

    `words`: the forms of each word that the sentence says, itself or by its headings, and how much it weighs.
    """
    text, asked, total = fold(sentence), fold(question), sum(weight for _, weight in words)
    placed = [(_where(forms, text), weight) for forms, weight in words]
    near, best = _NEAR_LATIN if text.isascii() else _NEAR, 0.0
    for value in told_in(kind, _detail(question), text, asked) if total else ():
        got = sum(weight * (_nearness(spans, value, near) if spans else _HEADED) for spans, weight in placed)
        best = max(best, got / total)
    return best


def _where(forms: Sequence[str], text: str) -> list[Span]:
    """Where a word stands in a folded text: one of its forms, else two characters in a row of the first."""
    spans = [found.span() for form in forms if form for found in _pattern(form).finditer(text)]
    pairs = () if spans or forms[0].isascii() else (forms[0][at : at + 2] for at in range(len(forms[0]) - 1))
    return spans or [(at, at + 2) for pair in pairs if (at := text.find(pair)) >= 0]


def has_value(kind: Kind, sentence: str, question: str, *, row: bool = False) -> bool:
    """Whether a sentence or row has something of `kind` that the question does not say itself."""
    detail = _detail(question)
    # The unit of a row's value may stand in its header; how often something is done is said in words.
    looser = row and detail != "how_often"
    return bool(told_in(kind, "" if looser else detail, fold(sentence), fold(question), row=row))


def row_tells(kind: Kind, row: str, question: str) -> bool:
    """Whether a row has, in a cell or a header, what tells such a thing: an asset's row without a price tells no price."""
    detail = "age" if _AGE.search(question) else "year" if _YEAR.search(question) else _detail(question)
    telling = _ROW_OF_KIND.get(detail) or _ROW_OF_KIND.get(kind)
    return telling is None or bool(telling.search(fold(row)))


_FIRM = re.compile(
    r"哪一?家(?:公司|单位|供应商|厂商|厂家|机构|企业|银行)|\b(?:which|what) (?:company|vendor|supplier|firm)\b",
    re.IGNORECASE,
)
_FIRM_CALLED = re.compile(
    r"公司|集团|厂|院|研究所|银行|中心|大学|有限|\b(?:ltd|inc|gmbh|llc|co|plc|corp|pte)\b"
)
_SORT = re.compile(r"哪一?[家所间座]?(?P<sort>(?!城市|国家|地方)[\u3400-\u9fff]{1,3}?[院店校馆厅厂行])")


def lacks_sort(question: str, text: str) -> bool:
    """Whether a text lacks the sort of thing that is asked for: 哪家医院 is no room, 哪家公司 no date, an age is in years."""
    if _FIRM.search(question):
        firms = (found[0] for found in _FIRM_CALLED.finditer(fold(text)))
        return all(firm in fold(question) for firm in firms) and not has_value("who", text, question)
    for asks, telling in ((_AGE, "age"), (_AREA, "area")):
        if asks.search(fold(question)) and not _ROW_OF_KIND[telling].search(fold(text)):
            return True
    if _leaves_undone(fold(question), fold(text)):
        return True
    found = _SORT.search(question)
    return found is not None and found["sort"][-1] not in text


def _leaves_undone(question: str, text: str) -> bool:
    """Whether an English text does not say what somebody is asked to have done: who signed it."""
    done = _WHO_DOES.search(question)
    if done is None or not text.isascii():
        return False
    forms = (done["verb"], *lexicon().other(done["verb"]), *bases(done["verb"]))
    return not any(form[:5].rstrip("esd") in text for form in forms if form.isascii())


def _detail(question: str) -> str:
    """Return the kind of number that is asked for, as the fact lane has it: money, how_long, percent, contact …; empty for none."""
    found = wanted(question)
    kind = found.kind if found is not None else ""
    return "how_often" if kind == "how_long" and _ONCE.search(question) else kind


def _found(unit: Unit, text: str) -> tuple[list[Span], float]:
    """Where the unit stands in the folded text, and how far (as `Unit.covered_by` has it)."""
    spans = [found.span() for form in unit.forms if form for found in _pattern(form).finditer(text)]
    if spans:
        return spans, 1.0
    share = unit.covered_by(text)
    form = unit.forms[0]
    pairs = (form[at : at + 2] for at in range(len(form) - 1)) if share else ()
    return [(start, start + 2) for pair in pairs if (start := text.find(pair)) >= 0], share


def _nearness(spans: Sequence[Span], value: Span, near: int) -> float:
    gap = min((max(value[0] - end, start - value[1], 0) for start, end in spans), default=near + 1)
    return 1.0 if gap <= near else _SAME_SENTENCE


@lru_cache(maxsize=4096)
def _pattern(form: str) -> re.Pattern[str]:
    bounds = (r"(?<![a-z0-9])", r"(?![a-z0-9])") if form.isascii() else ("", "")
    return re.compile(f"{bounds[0]}{re.escape(form)}{bounds[1]}")
