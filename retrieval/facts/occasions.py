"""Which month, event or time of day a question speaks of, and whether a sentence speaks of another one."""

from __future__ import annotations

import re

from retrieval.facts.everyday import everyday_words
from retrieval.facts.values import CHINESE_DIGITS, chinese_number

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CHINESE_MONTH = re.compile(rf"(?<![\d个{CHINESE_DIGITS}])(1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月")
_ENGLISH_MONTH = re.compile(
    r"\b(january|february|march|april|june|july|august|september|october|november|december|(?<=in )may|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?)(?![a-z])"
)
_QUARTER = re.compile(r"第?([一二三四1-4])季度|(?<![a-z])q([1-4])(?!\d)")
_WEEKEND = re.compile(r"周末|双休|(?:周|星期|礼拜)[六日天]|\bweekends?\b|\b(?:satur|sun)days?\b")
_WORKDAYS = re.compile(
    r"工作日|平日|(?:周|星期)一(?:至|到|-|~)(?:周|星期)?五|\bweekdays?\b|\bmonday (?:to|through) friday\b"
)
_ARRIVES = re.compile(r"(几点|时候|何时)到(?=[？?呢啊\s]*$)")
_CLOCK_ASKED = re.compile(r"几点|\bwhat time\b")
_CLOCK = re.compile(
    r"\d{1,2}\s*[:：]\s*\d{2}|[\d一二三四五六七八九十]{1,3}点|\b\d{1,2}\s?[ap]\.?m\b|中午|\bnoon\b|\bmidnight\b|24小时|全天"
)


def months_in(text: str) -> frozenset[int]:
    """The months that a text in plain form names by themselves; a day of one (3月6日) counts too."""
    found = {_number(match[1]) for match in _CHINESE_MONTH.finditer(text)}
    found |= {_MONTHS.index(match[1][:3]) + 1 for match in _ENGLISH_MONTH.finditer(text)}
    return frozenset(found)


def quarters_in(text: str) -> frozenset[int]:
    """The quarters of a year that a text in plain form names."""
    return frozenset(_number(match[1] or match[2]) for match in _QUARTER.finditer(text))


def of_another_period(question: str, said: str, around: str) -> bool:
    """Whether a sentence and its titles tell of other months or quarters than the question alone; all in plain form."""
    for named in (months_in, quarters_in):
        asked = named(question)
        told = named(said) | named(around)
        if asked and told and not asked & told:
            return True
    return _weekend_alone(question, said) or _weekend_alone(said, question)


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
    """Whether a question asks for a time of day (几点), and a value in plain form says none."""
    return _CLOCK_ASKED.search(question) is not None and _CLOCK.search(value) is None


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else int(chinese_number(text) or 0)


def _stands(word: str, text: str) -> bool:
    return (
        re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text) is not None
        if word.isascii()
        else word in text
    )
