"""Which year, month, turn, event or time of day a question speaks of, and whether a sentence speaks of another one."""

from __future__ import annotations

import re

from retrieval.facts.everyday import everyday_words
from retrieval.facts.values import CHINESE_DIGITS, chinese_number

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CHINESE_MONTH = re.compile(rf"(?<![\d个{CHINESE_DIGITS}])(1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月")
_ENGLISH_MONTH = re.compile(
    r"\b(january|february|march|april|june|july|august|september|october|november|december|(?<=in )may|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?)(?![a-z])"
)
_MONTH_OF_YEAR = re.compile(r"(?<![\d./-])(?:19|20)\d{2}[-/.](1[0-2]|0?[1-9])(?![\d])")
_QUARTER = re.compile(r"第?([一二三四1-4])季度|(?<![a-z])q([1-4])(?!\d)")
_WEEKEND = re.compile(r"周末|双休|(?:周|星期|礼拜)[六日天]|\bweekends?\b|\b(?:satur|sun)days?\b")
_WORKDAYS = re.compile(
    r"工作日|平日|(?:周|星期)一(?:至|到|-|~)(?:周|星期)?五|\bweekdays?\b|\bmonday (?:to|through) friday\b"
)
# 2021年, 2022世界杯: a year, alone or as the end of a span (2013—2021年), which is no year by itself.
_YEAR = re.compile(r"(?<![\d.,])(?:19|20)\d{2}(?=\s?年|(?![万亿元块个人名台件套吨米度公])[\u3400-\u9fff])")
_SPAN_OF_YEARS = re.compile(r"(?<!\d)(?:19|20)\d{2}\s?年?\s?(?:[-~～至到]|—)\s?(?:19|20)\d{2}\s?年?")
# The year of the rule itself, not of what it rules: 自2020年起, 2019年修订.
_OF_THE_RULE = re.compile(
    r"(?:自|从|于)?\s?(?:19|20)\d{2}\s?年(?:\d{1,2}月)?(?:\d{1,2}日)?\s?(?:起|版|以来|之?后|修订|发布|印发|下发|颁布|制定|施行|实施|执行|生效)"
)
_TURN = re.compile(rf"第\s?(?P<number>\d{{1,4}}|[{CHINESE_DIGITS}]{{1,4}})\s?(?:个)?(?P<of>[\u3400-\u9fff])")
_ARRIVES = re.compile(r"(几点|时候|何时)到(?=[？?呢啊\s]*$)")
_CLOCK_ASKED = re.compile(r"几点|\bwhat time\b")
_CLOCK = re.compile(
    r"不营业|不开放|不开门|不对外|不上班|休息|休业|停业|歇业|闭[店馆园]|\bclosed\b|\d{1,2}\s*[:：]\s*\d{2}|[\d一二三四五六七八九十]{1,3}点|\b\d{1,2}\s?[ap]\.?m\b|中午|\bnoon\b|\bmidnight\b|24小时|全天"
)


def months_in(text: str) -> frozenset[int]:
    """The months that a text in plain form names by themselves; a day of one (3月6日) counts too."""
    found = {_number(match[1]) for match in _CHINESE_MONTH.finditer(text)}
    found |= {_MONTHS.index(match[1][:3]) + 1 for match in _ENGLISH_MONTH.finditer(text)}
    return frozenset(found)


def _months_of_years(text: str) -> frozenset[int]:
    """The months of the dates in a text: 5 of 2026-05."""
    return frozenset(int(match[1]) for match in _MONTH_OF_YEAR.finditer(text))


def quarters_in(text: str) -> frozenset[int]:
    """The quarters of a year that a text in plain form names."""
    return frozenset(_number(match[1] or match[2]) for match in _QUARTER.finditer(text))


def of_another_period(question: str, said: str, around: str) -> bool:
    """Whether a sentence and its titles tell of other years, months, quarters or turns than the question alone; all in plain form."""
    if _of_another_year(question, said) or _of_another_turn(question, said):
        return True
    for named, also in ((months_in, _months_of_years(said)), (quarters_in, frozenset[int]())):
        asked = named(question)
        told = named(said) | named(around) | also
        if asked and told and not asked & told:
            return True
    return _weekend_alone(question, said) or _weekend_alone(said, question)


def _of_another_year(question: str, said: str) -> bool:
    """Whether a sentence names years, each alone or in spans, and none of those that the question names."""
    asked = set(_YEAR.findall(question))
    if not asked or _SPAN_OF_YEARS.search(question):
        return False
    told = _OF_THE_RULE.sub(" ", said)
    alone = set(_YEAR.findall(_SPAN_OF_YEARS.sub(" ", told)))
    return bool(alone or _SPAN_OF_YEARS.search(told)) and not asked & alone


def _of_another_turn(question: str, said: str) -> bool:
    """Whether a sentence speaks of another turn of the same thing alone: 第19棒 for 第一棒, 第三届 for 第六届."""
    asked, told = _turns(question), _turns(said)
    return any(of in told and not numbers & told[of] for of, numbers in asked.items())


def _turns(text: str) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for match in _TURN.finditer(text):
        found.setdefault(match["of"], set()).add(_number(match["number"]))
    return found


def _weekend_alone(one: str, other: str) -> bool:
    """Whether `one` speaks of the weekend and not of working days, and `other` of working days and not of the weekend."""
    return bool(
        _WEEKEND.search(one)
        and not _WORKDAYS.search(one)
        and _WORKDAYS.search(other)
        and not _WEEKEND.search(other)
    )


def of_another_event(question: str, said: str) -> bool:
    """Whether a question asks when something happened that a text does not speak of: 哪年入职, and the year of a manual."""
    question = _ARRIVES.sub(r"\1到达", question)
    for group in everyday_words().events.values():
        if any(_stands(word, question) for word in group):
            if "到达" in group and "到" in said:
                return False
            return not any(_stands(word, said) or (not word.isascii() and word[:2] in said) for word in group)
    return False


def no_clock(question: str, value: str) -> bool:
    """Whether a question asks for a time of day (几点), and a value in plain form says neither one nor that it is closed."""
    return _CLOCK_ASKED.search(question) is not None and _CLOCK.search(value) is None


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else int(chinese_number(text) or 0)


def _stands(word: str, text: str) -> bool:
    return (
        re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text) is not None
        if word.isascii()
        else word in text
    )
