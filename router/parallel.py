"""Finds what in the previous question a new counterpart stands in for: 工行 for 建行, P1 for P2, the 29th for the 30th."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from retrieval.facts.names import load_name_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

Span = tuple[int, int]

_HAN = re.compile(r"[\u3400-\u9fff]")
_TOKEN = re.compile(r"/?[A-Za-z0-9](?:[\w.+&/\-{}#]*[A-Za-z0-9}#+])?")
_PHRASE = re.compile(rf"{_TOKEN.pattern}(?: {_TOKEN.pattern})*")
_QUESTION_WORDS = frozenset(
    [
        "what",
        "which",
        "who",
        "whom",
        "whose",
        "when",
        "where",
        "why",
        "how",
        "is",
        "are",
        "was",
        "were",
        "do",
        "does",
        "did",
        "can",
        "could",
        "should",
        "the",
        "a",
        "an",
        "in",
        "of",
        "for",
        "at",
        "to",
        "on",
        "by",
        "with",
        "i",
        "we",
        "you",
        "our",
        "my",
        "tell",
        "me",
        "please",
        "about",
        "and",
    ]
)
_PREPOSITION = re.compile(
    r"\b(?:in|of|for|at|to|from|with|by|on)\s+(?:the |our |an? )?(?P<x>[^?]+?)\s*[?.!]*$", re.IGNORECASE
)
# Where a name in Chinese text cannot begin before: spaces, marks, and words that join rather than name.
_BEFORE = re.compile(
    r"[\s，,。；;：:、？?]|的|在|和|与|及|请问|关于|对于|按照|根据|我们|公司里?|想知道|查一?下"
)
_DATE_PARTS = (
    re.compile(r"(?:19|20)\d{2}(?:年)?(?!\d)|今年|去年|明年|前年|后年|本年度?|上年度?"),
    re.compile(r"(?<![\d.])\d{1,2}月份?|[一二三四五六七八九十]{1,2}月份?|本月|上个?月|下个?月|这个月"),
    re.compile(r"(?<![\d.])\d{1,2}[日号](?!楼|线|机|仓|柜)"),
    re.compile(
        r"(?:周|星期|礼拜)[一二三四五六日天末]|(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.IGNORECASE
    ),
    re.compile(r"第?[一二三四1-4]季度|[Qq][1-4](?!\d)|上半年|下半年|全年"),
    re.compile(r"昨天|今天|明天|后天|前天|上周|本周|下周|这周"),
)
_LONGEST_SUFFIX = 4
# Not what a thing is, but what one may do with or about it.
_PLACES_AND_PEOPLE = ("ns", "nr", "nt")


def with_counterpart(new: str, previous: str, spans: Sequence[Span], *, known: bool) -> str | None:
    """Return `previous` with `new` in the place of its counterpart, or None where nothing in it is of its kind.

    `spans` are the ranges of the known terms of `previous`; `known` says that `new` is a known term itself.
    """
    dated = _with_date(new, previous)
    if dated is not None:
        return dated
    span = counterpart(new, previous, spans, known=known)
    return None if span is None else f"{previous[: span[0]]}{new}{previous[span[1] :]}"


def counterpart(new: str, previous: str, spans: Sequence[Span], *, known: bool) -> Span | None:
    """Return the range of `previous` that `new` is the counterpart of, or None."""
    if known and spans:
        return min(spans, key=lambda span: (_shape(previous[slice(*span)]) != _shape(new), span))
    if not _HAN.search(new):
        return _latin(new, previous)
    return _organisation(new, previous) or _by_last_characters(new, previous) or _by_kind(new, previous)


def _with_date(new: str, previous: str) -> str | None:
    """Put the parts of a date that `new` names (30号) into the date of `previous` (5月29日)."""
    rest, text, changed = new, previous, False
    for pattern in _DATE_PARTS:
        part, place = pattern.search(rest), pattern.search(text)
        if part is None:
            continue
        if place is None:
            return None
        given, there = part[0], place[0]
        if given[-1:] in "日号" and there[-1:] in "日号":
            given = given[:-1] + there[-1]
        text = f"{text[: place.start()]}{given}{text[place.end() :]}"
        rest = f"{rest[: part.start()]}{rest[part.end() :]}"
        changed = True
    return text if changed and not rest.strip(" -/的") else None


def _latin(new: str, previous: str) -> Span | None:
    """A code beside a code of the same shape, a path beside a path, a name beside a name."""
    words = new.split()
    tokens = [found.span() for found in _TOKEN.finditer(previous)]
    if len(words) == 1:
        for span in tokens:
            text = previous[slice(*span)]
            coded = any(c.isdigit() or c.isupper() or c == "/" for c in new)
            if coded and text.casefold() != new.casefold() and _shape(text) == _shape(new) and not _asks(text):
                return span
        starting = [s for s in tokens if previous[slice(*s)][:1].isupper() and not _asks(previous[slice(*s)])]
        if new[:1].isupper() and starting:
            return starting[-1]
    for phrase in _PHRASE.finditer(previous):
        found = _aligned(words, phrase)
        if found is not None:
            return found
    last = _PREPOSITION.search(previous)
    return last.span("x") if last and not _HAN.search(previous) else None


def _aligned(words: Sequence[str], phrase: re.Match[str]) -> Span | None:
    """The part of a phrase that begins, or ends, with the same word as the new one, as many words long."""
    if len(words) < 2:
        return None
    tokens = [(found[0].casefold(), found.start(), found.end()) for found in _TOKEN.finditer(phrase[0])]
    base = phrase.start()
    first, last = words[0].casefold(), words[-1].casefold()
    for at, (word, start, _) in enumerate(tokens):
        if word == first and at + 1 < len(tokens):
            end = min(at + len(words), len(tokens)) - 1
            return base + start, base + tokens[end][2]
    for at, (word, _, end) in enumerate(tokens):
        if word == last and at > 0:
            begin = at
            while begin > 0 and at - begin + 1 < len(words) and tokens[begin - 1][0] not in _QUESTION_WORDS:
                begin -= 1
            return base + tokens[begin][1], base + end
    return None


def _asks(word: str) -> bool:
    return word.casefold() in _QUESTION_WORDS


def _shape(text: str) -> str:
    """The shape of a code: A for a run of capitals, a for small letters, 9 for digits, marks as they are."""
    shape = re.sub(r"[A-Z]+", "A", re.sub(r"[0-9]+", "9", re.sub(r"[a-z]+", "a", text)))
    return re.sub(r"(?<=[/])[\w{}]+", "w", shape)


def _organisation(new: str, previous: str) -> Span | None:
    """An organisation beside an organisation: 建行 for 工行 in 工行苏州支行, for 青槐农商行 in 青槐农商行兴发支行."""
    if not any(new.endswith(word) for word in (*_brands(), *_organisation_words())):
        return None
    for found in re.finditer("|".join(map(re.escape, (*_brands(), *_organisation_words()))), previous):
        word, end = found[0], found.end()
        legal = re.match(r"(?:股份有限公司|有限责任公司|有限公司)", previous[end:])
        end += legal.end() if legal else 0
        return (found.start() if word in _brands() else _name_start(previous, found.start())), end
    return None


def _name_start(text: str, at: int) -> int:
    """Where the name that ends at `at` begins: after the last mark or joining word before it."""
    starts = [found.end() for found in _BEFORE.finditer(text, 0, at)]
    start = max(starts, default=0)
    while start < at and not _HAN.match(text[start]):
        start += 1
    return start


def _by_last_characters(new: str, previous: str) -> Span | None:
    """企业版 for 标准版, 胶版纸 for 新闻纸: what ends alike is of one kind, the longest common ending first."""
    words = _words(previous)
    subject_end = previous.rfind("的") if "的" in previous else len(previous)
    for length in range(min(_LONGEST_SUFFIX, len(new) - 1), 0, -1):
        ending = new[-length:]
        if not _HAN.match(ending[-1]):
            return None
        for at, (_, end) in enumerate(words):
            start = end - length
            ends_so = (
                end <= subject_end and previous[start:end] == ending and previous[:end][-len(new) :] != new
            )
            if ends_so and (length > 1 or end - words[at][0] > 1):
                return _reach_back(previous, words, at, start - (len(new) - length)), end
    return None


def _reach_back(previous: str, words: Sequence[Span], at: int, wanted: int) -> int:
    """The beginning of the word at `at`, or of one before it, until the counterpart is as long as the new name."""
    start = words[at][0]
    for index in range(at - 1, -1, -1):
        word = previous[slice(*words[index])]
        if start <= wanted or words[index][1] != start or _BEFORE.fullmatch(word) or not _HAN.search(word):
            break
        start = words[index][0]
    return start


def _by_kind(new: str, previous: str) -> Span | None:
    """A place beside a place, a person beside a person."""
    import rjieba

    tags = {tag[:2] for _, tag in rjieba.tag(new)}
    kind = next((tag for tag in _PLACES_AND_PEOPLE if tag in tags), "")
    if not kind or len(new) > 8:
        return None
    place = 0
    for word, tag in rjieba.tag(previous):
        place = previous.find(word, place)
        if tag[:2] == kind:
            return place, place + len(word)
        place += len(word)
    return None


def _words(text: str) -> list[Span]:
    import rjieba

    spans, place = [], 0
    for word in rjieba.cut(text):
        spans.append((place, place + len(word)))
        place += len(word)
    return spans


@cache
def _brands() -> tuple[str, ...]:
    """Short names that mean one organisation each, such as 工行; 农商行 is a kind, not a brand."""
    rules = load_name_rules()
    shared = set(rules.shared_organisations)
    return tuple(
        sorted((s for s, full in rules.contractions.items() if full not in shared), key=len, reverse=True)
    )


@cache
def _organisation_words() -> tuple[str, ...]:
    rules = load_name_rules()
    kinds = {s for s, full in rules.contractions.items() if full in set(rules.shared_organisations)}
    return tuple(sorted({*rules.organisations, *kinds}, key=len, reverse=True))
