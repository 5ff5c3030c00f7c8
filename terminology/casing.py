"""Tells an abbreviation from the English word that is spelt like it: AM from am, IT from it, US from us."""

from __future__ import annotations

import re
from dataclasses import dataclass

from terminology.english import ORDINARY, PRONOUNS
from terminology.normalize import is_chinese

_QUOTES = frozenset("\"'“”‘’「」『』《》【】（）()[]`")
_CHINESE_MARKS = frozenset("，。、；：？！")
_TIME_OF_DAY = re.compile(r"\d\s?$")
_SENTENCE_START = re.compile(r"(?:^|[.!?。！？\n:：])\s*$")
_NAMED_TERM = re.compile(r"\b(?:abbreviation|acronym|term|word|letters)s?\s+[\"'“]?$", re.IGNORECASE)
_ASKED_BEFORE = re.compile(
    r"\b(?:(?:meaning|definition|full (?:form|name)|long form|expansion) of|define|expand|spell out)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_DOES = re.compile(r"\b(?:does|do|did)\s+(?:the\s+|an?\s+)?$", re.IGNORECASE)
_MEANS = re.compile(r"\s*(?:mean|stand|refer)\b", re.IGNORECASE)
_STANDS_FOR = re.compile(
    r"\s+(?:stands?\s+for|is\s+short\s+for|is\s+an?\s+(?:abbreviation|acronym))\b", re.IGNORECASE
)
_WHAT_IS = re.compile(r"\bwhat(?:'s|’s|\s+is|\s+are)\s+(?:an?\s+|the\s+)?$", re.IGNORECASE)
_NOTHING_MORE = re.compile(r"[\s?？!！.。]*$")
_LETTERS = re.compile(r"[^A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A surface in its text; `exact` says that it is written letter for letter as in the glossary."""

    text: str
    start: int
    end: int
    exact: bool
    kind: str

    @property
    def surface(self) -> str:
        """The characters of the occurrence."""
        return self.text[self.start : self.end]


def looks_ordinary(key: str, kind: str) -> bool:
    """Whether a folded surface could be an ordinary English word, so that its surroundings must decide.

    That is a single letter, a common short word, or a full English name of one word.
    """
    word = key.rstrip(".")
    return word in ORDINARY or (len(word) == 1 and word.isalpha()) or (kind == "english" and word.isalpha())


def is_meant(occurrence: Occurrence) -> bool:
    """Whether a surface that could be an ordinary word is meant as the term."""
    if _is_time_of_day(occurrence):
        return False
    chinese = is_chinese(occurrence.text) or not _CHINESE_MARKS.isdisjoint(occurrence.text)
    if occurrence.kind == "english" and chinese:
        return True
    if occurrence.kind != "english" and occurrence.exact and _written_like_a_term(occurrence, chinese):
        return True
    return _asked_about(occurrence)


def _is_time_of_day(occurrence: Occurrence) -> bool:
    word = occurrence.surface.casefold().rstrip(".")
    return word in ("am", "pm") and _TIME_OF_DAY.search(occurrence.text[: occurrence.start]) is not None


def _written_like_a_term(occurrence: Occurrence, chinese: bool) -> bool:
    """Whether its capitals set an exact occurrence apart from the words around it."""
    surface = _LETTERS.sub("", occurrence.surface)
    if surface.islower():
        return False
    if chinese:
        return True
    if not surface.isupper():
        return _SENTENCE_START.search(occurrence.text[: occurrence.start]) is None
    rest = occurrence.text[: occurrence.start] + " " + occurrence.text[occurrence.end :]
    shouted = _LETTERS.sub("", rest).isupper() and len(rest.split()) > 1
    return len(surface) > 1 and not shouted


def _asked_about(occurrence: Occurrence) -> bool:
    text, start, end = occurrence.text, occurrence.start, occurrence.end
    before, after = text[:start].rstrip(), text[end:].lstrip()
    near = (before[-1:], after[:1])
    if not before and _NOTHING_MORE.match(after):
        return True
    if near[0] in _QUOTES and near[1] in _QUOTES and all(near):
        return True
    if any(is_chinese(each) for each in near) and not any(_is_latin(each) for each in near):
        return True
    if near[0] in "，。、：；！？" and is_chinese(near[1]):
        return True
    return _defined_in_english(text[:start], text[end:], occurrence.surface)


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _defined_in_english(before: str, after: str, surface: str) -> bool:
    if _NAMED_TERM.search(before):
        return True
    if surface.casefold().rstrip(".") in PRONOUNS:
        return False
    if _ASKED_BEFORE.search(before) or _STANDS_FOR.match(after):
        return True
    if _DOES.search(before) and _MEANS.match(after):
        return True
    return bool(_WHAT_IS.search(before) and _NOTHING_MORE.match(after))
