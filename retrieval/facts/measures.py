"""In what a named measure is told: takings in money, growth in percent, a head count in people, a length in metres."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from retrieval.facts.values import CHINESE_DIGITS

Unit = Literal["percent", "time", "money", "people", "length", "times", "other", "none"]

_NUMERAL = rf"(?:\d[\d,]*(?:\.\d+)?|[{CHINESE_DIGITS}半]+)"
_SCALE = r"(?:\s?[万亿千百]{1,2})?(?:余|多)?"
# Units by what they measure, as they stand behind a number in plain text; the first that fits counts.
_UNITS: tuple[tuple[Unit, str], ...] = (
    ("percent", r"%|‰|个百分点|百分点|成|折|percent\b"),
    ("money", r"元|块|[美欧日港]元|英镑|港币|人民币|(?:rmb|cny|usd|eur|gbp|jpy|hkd|yuan|dollars?|euros?|pounds?)\b"),
    ("people", r"个?人(?!次)|名|位|(?:people|persons?|employees|staff|participants|passengers|students|members)\b"),
    ("time", r"个?(?:工作日|自然日|小时|分钟|秒|天|日|号|周|星期|月|季度|年|学期|点)|(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?)\b"),
    ("length", r"(?:公里|千米|厘米|毫米|微米|英里|英寸|英尺|海里|[米里寸])|(?:km|cm|mm|m|ft|in|inch(?:es)?|miles?|met(?:er|re)s?)\b"),
    ("times", r"倍|次|times?\b"),
    ("other", r"[一-鿿a-z]"),
)  # fmt: skip
_MONEY_AHEAD = re.compile(
    r"(?:[¥￥$€£]|rmb|cny|usd|eur|gbp|人民币)\s?$|^\s*(?:[¥￥$€£]|rmb|usd|eur|gbp|人民币)"
)
_ASKED = r"(?:总额|总数|总量|合计|情况)?(?:一共|总共|共)?(?:是|为|有|达到?|约|了)*(?:多少|几|多大|多高|什么)?[了吗呢呀啊]*[?？。!！\s]*$"
_CLASSIFIERS = frozenset("个座家块枚条台件套辆只艘架项门间栋所处部册张份种款")
_TIME = re.compile(r"个?(?:工作日|自然日|小时|分钟|秒|天|日|周|星期|月|季度|年|学期)")
# A bare number is a head count only right behind the word for one.
_HEADS = re.compile(r"(?:人数|headcount|attendance|number of \w+)[^\d，,。；;]{0,6}$")
_COUNTED = re.compile(
    r"(?:多少|几)(?P<by>[个座家块枚条台件套辆只艘架项门间栋所处株棵头幅部册张份种款])(?!钟|小时|月|工作日|自然日|星期|礼拜|周|季度|学期|点|人|百分点)"
)


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure that questions name, and the units in which a text tells it; `none` is a number without a unit."""

    asks: re.Pattern[str]
    units: frozenset[Unit]


def _measure(asks: str, *units: Unit) -> Measure:
    return Measure(re.compile(asks), frozenset(units))


_MEASURES = (
    _measure(
        r"人数" + _ASKED + r"|(?:多少|几)(?:个|名|位)?(?:人(?![次民份])|员工|职工|同事|名(?!额)|位)"
        r"|\bhow many (?:people|persons|employees|staff|participants|passengers|students|members)\b",
        "people", "none",
    ),
    _measure(rf"(?:票房|营收|营业额|收入|利润|销售额|成交额|交易额|产值|市值|投资额){_ASKED}", "money", "none"),
    _measure(r"(?:增长|增幅|涨幅|增速|降幅|下降|上涨|下跌)(?:率|幅度)?(?:是|为|有|达到?|了)*(?:多少|几)", "percent", "money", "people", "length", "times", "other", "none"),
    _measure(rf"(?:产量|销量|出口量|进口量|吞吐量|出货量|装机量|储量){_ASKED}", "people", "length", "other", "none"),
    _measure(r"(?:宽|高|厚|深|远|直径)度?(?:是|为|有|达)*(?:多少|多[宽高厚深远大])|(?<!时间)(?<!期)(?:有|是)?多[宽厚深远]|[桥路线缆管轨道]多长", "length", "other", "none"),
)  # fmt: skip
# Measures that a sentence must name, with their other names, since such figures stand in many sentences.
_NAMED = (
    ("票房",), ("营收", "营业收入", "营业额", "收入", "销售额", "流水"), ("利润", "盈利", "净利"), ("成交额", "交易额"), ("产值",), ("市值",),
    ("投资额", "投资"), ("产量", "产出"), ("销量", "销售量", "卖出", "售出"), ("出口量", "出口"), ("进口量", "进口"), ("吞吐量",), ("出货量", "出货"),
    ("装机量", "装机"), ("储量",),
)  # fmt: skip
# What a number is no value of: a calendar year or a span of them, the number of a table, a vague 几千.
_YEARS = re.compile(r"(?:19|20)\d{2}\s?年?(?:\s?(?:[-—–~～至到]|和)\s?(?:19|20)\d{2}\s?年?)?")
_NUMBERED = re.compile(r"(?:[表图]|附[件录表]|图表|第|\b(?:table|figure|fig\.|section))\s?[\d.—-]*$")
_VAGUE = re.compile(r"[几数好]$")
# What is planned or foretold is no figure of a year: 力争突破4000万吨.
_PLANNED = re.compile(r"目标|力争|预计|预期|有望|预测|预估|\b(?:target|expected|forecast|planned)\b")
_PLAN_ASKED = re.compile(
    r"目标|计划|规划|预计|预期|预测|预估|预算|指标|任务|力争|将|要(?!求)|\b(?:target|expect|forecast|plan|budget)"
)
_DATED = re.compile(r"(?:19|20)\d{2}\s?年|上半年|下半年|季度|去年")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?=\s?年)")
_CLAUSE = re.compile(r"[，,；;。]")
_YEAR_ASKED = re.compile(r"年份|哪一?年|几几年|\byear\b")


def measure_of(question: str) -> Measure | None:
    """The measure that a question in plain form asks for, if it names one that is always told in certain units."""
    return next((measure for measure in _MEASURES if measure.asks.search(question)), None)


def fits(question: str, before: str, value: str, behind: str = "") -> bool:
    """Whether a value can be an amount of what `question` asks for, by its unit; all texts in plain form.

    `before` and `behind` stand around it in its sentence: a value may be cut off before its unit.
    """
    if _VAGUE.search(before) or _NUMBERED.search(before):
        return False
    if _YEARS.fullmatch(value) and not _YEAR_ASKED.search(question):
        return False
    measure = measure_of(question)
    if measure is None:
        return True
    ahead, after = _CLAUSE.split(before)[-1], _CLAUSE.split(behind)[0]
    if _PLANNED.search(ahead + after) and _DATED.search(question) and not _PLAN_ASKED.search(question):
        return False
    if _of_another_year(question, ahead) or _of_another_place(question, f"{ahead} {after}"):
        return False
    unit = _unit_of(before, value, behind)
    if unit == "none" and measure is _MEASURES[0]:
        return _HEADS.search(before) is not None
    return unit in measure.units


def _of_another_year(question: str, ahead: str) -> bool:
    """Whether the year that stands last before a value, in its clause, is none that is asked about."""
    asked, told = _YEAR.findall(question), _YEAR.findall(ahead)
    return bool(asked and told) and told[-1] not in asked


def _of_another_place(question: str, clause: str) -> bool:
    """Whether the clause of a value names places, and none of those that are asked about."""
    told = _places(clause)
    return (
        bool(told)
        and bool(asked := _places(question))
        and not any(a in b or b in a for a in asked for b in told)
    )


def _places(text: str) -> set[str]:
    import rjieba

    return {word for word, tag in rjieba.tag(text) if tag == "ns" and len(word) > 1}


def names_measure(question: str, said: str) -> bool:
    """Whether a text in plain form speaks of the takings or the quantity that a question asks for: a share price is no 营收."""
    asked = next((group for group in _NAMED if any(_asks_for(name, question) for name in group)), None)
    return asked is None or any(name in said for name in asked)


def _asks_for(name: str, question: str) -> bool:
    return name in question and re.search(name + _ASKED, question) is not None


def told_amounts(question: str, text: str) -> list[tuple[int, int]] | None:
    """Where a plain text tells amounts of what `question` asks for; None where it asks for no measure and counts nothing."""
    counted = _COUNTED.search(question)
    if measure_of(question) is None and counted is None:
        return None
    found = [
        match
        for match in _number().finditer(text)
        if fits(question, text[: match.start()], match[0], text[match.end() :])
    ]
    if counted is not None:
        found = [
            match for match in found if _counts(counted["by"], question[counted.end() :], text[match.end() :])
        ]
    return [match.span() for match in found]


def _counts(by: str, asked: str, behind: str) -> bool:
    """Whether what follows a number counts such things: 10座车站 for 多少个车站, but not 2分钟."""
    following = behind.lstrip()
    what = re.match(r"[一-鿿]{1,4}", asked.strip())
    if what is not None and any(following.startswith(what[0][:size]) for size in (1, 2)):
        return True
    if _TIME.match(following):
        return False
    return following.startswith((by, "个")) or (by == "个" and following[:1] in _CLASSIFIERS)


def _unit_of(before: str, value: str, behind: str) -> Unit:
    if _MONEY_AHEAD.search(before) or _MONEY_AHEAD.search(value):
        return "money"
    if "百分之" in value or before.endswith("百分之"):
        return "percent"
    number = re.match(rf"\D{{0,4}}?{_NUMERAL}{_SCALE}", value)
    rest = (value[number.end() :] if number else value).strip() or behind.lstrip()[:8]
    return next((unit for unit, pattern in _units() if pattern.match(rest)), "none")


@cache
def _units() -> tuple[tuple[Unit, re.Pattern[str]], ...]:
    return tuple((unit, re.compile(pattern)) for unit, pattern in _UNITS)


@cache
def _number() -> re.Pattern[str]:
    return re.compile(rf"(?<![\d.a-z]){_NUMERAL}{_SCALE}(?![\d])")
