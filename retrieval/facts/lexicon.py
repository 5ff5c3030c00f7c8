"""Everyday words under other names: English and Chinese for one another, and words that say the same."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|ember|ober)?\.?"
)
_ENDINGS = (("ies", "y"), ("es", ""), ("s", ""), ("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e"), ("ly", ""))


@dataclass(frozen=True)
class Lexicon:
    """Other names of words (folded), both ways; the English keys of several words; things that say little."""

    forms: Mapping[str, tuple[str, ...]]
    phrases: re.Pattern[str]
    weak: frozenset[str]

    def other(self, word: str) -> tuple[str, ...]:
        """The other names of a folded word, of its singular or its infinitive; empty where there is none."""
        return _other(word)

    def knows(self, word: str) -> bool:
        """Whether the list has the word in any of its forms."""
        return bool(_other(word))


@cache
def lexicon() -> Lexicon:
    """The packaged list."""
    path = resources.files("retrieval.facts") / "translations.toml"
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    found: dict[str, tuple[str, ...]] = {}
    for word, forms in raw["english"].items():
        found[word] = (*found.get(word, ()), *forms)
        for form in forms:
            found[form] = (*found.get(form, ()), word)
    for group in raw["same"]["groups"]:
        for word in group:
            found[word] = (*found.get(word, ()), *(other for other in group if other != word))
    phrases = sorted((word for word in raw["english"] if " " in word or "-" in word), key=len, reverse=True)
    pattern = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, phrases))})(?:s|es)?(?![a-z0-9])")
    unique = {word: tuple(dict.fromkeys(forms)) for word, forms in found.items()}
    return Lexicon(unique, pattern, frozenset(raw["weak"]["words"]))


@lru_cache(maxsize=8192)
def _other(word: str) -> tuple[str, ...]:
    forms = lexicon().forms
    if word in forms:
        return forms[word]
    return next((forms[base] for base in bases(word) if base in forms), ())


@cache
def _header_words() -> Mapping[str, tuple[str, ...]]:
    path = resources.files("retrieval.facts") / "header_words.toml"
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    found: dict[str, tuple[str, ...]] = {}
    for word, forms in raw["english"].items():
        found[word] = (*found.get(word, ()), *forms)
        for form in forms:
            found[form] = (*found.get(form, ()), word)
    for group in raw["same"]["groups"]:
        for word in group:
            found[word] = (*found.get(word, ()), *(other for other in group if other != word))
    return found


@lru_cache(maxsize=8192)
def in_headers(word: str) -> tuple[str, ...]:
    """The other names of a word of a header, in plain form: those of headers alone, and the everyday ones."""
    known = _header_words()
    own = known.get(word) or next((known[base] for base in bases(word) if base in known), ())
    return tuple(dict.fromkeys((*own, *_other(word))))


def bases(word: str) -> tuple[str, ...]:
    """What an English word may be an inflection of: hours → hour, kept → kept, applied → appli, applie, apply."""
    if not word.isascii() or len(word) < 4:
        return ()
    found = [
        word[: -len(end)] + put for end, put in _ENDINGS if word.endswith(end) and len(word) - len(end) >= 2
    ]
    if word.endswith("ied"):
        found.append(word[:-3] + "y")
    # planned → plan
    found += [base[:-1] for base in found if len(base) > 3 and base[-1] == base[-2]]
    return tuple(found)


def dates(text: str) -> list[tuple[tuple[int, int], tuple[str, ...]]]:
    """The days that a folded text names, each with where it stands and the forms in which a table may show it."""
    found = []
    patterns = (
        r"(?:(?P<year>\d{4})年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})[日号]?",
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)",
        rf"\b{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,? (?P<year>\d{{4}}))?",
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_MONTH}(?: (?P<year>\d{{4}}))?\b",
    )
    for pattern in patterns:
        for match in re.finditer(pattern, text):
            parts = match.groupdict()
            month = int(parts["month"]) if parts.get("month") else _MONTHS.index(parts["name"][:3]) + 1
            day, year = int(parts["day"]), parts.get("year")
            if 1 <= month <= 12 and 1 <= day <= 31:
                found.append((match.span(), _day_forms(year, month, day)))
    return found


def _day_forms(year: str | None, month: int, day: int) -> tuple[str, ...]:
    if year:
        full = (f"{year}-{month:02}-{day:02}", f"{year}/{month}/{day}", f"{year}年{month}月{day}日")
        return (*full, f"{year}/{month:02}/{day:02}", f"{year}.{month}.{day}")
    return (
        f"-{month:02}-{day:02}",
        f"/{month}/{day}",
        f"{month}月{day}日",
        f"{month}月{day}号",
        f"/{month:02}/{day:02}",
    )


def translated(question: str) -> tuple[str, ...]:
    """The words of a question in the other language and under other names, joined to one text for a search; empty where none is known."""
    text = question.casefold()
    found: list[str] = []
    for match in lexicon().phrases.finditer(text):
        found.extend(lexicon().other(match[0])[:2])
    for word in re.findall(r"[a-z]{3,}", text):
        found.extend(form for form in lexicon().other(word)[:3] if not form.isascii())
    found.extend(form for word in _known_chinese(text) for form in lexicon().forms[word][:3])
    return (" ".join(dict.fromkeys(found)),) if found else ()


def _known_chinese(text: str) -> list[str]:
    import rjieba

    return [
        word for word in rjieba.cut(text) if len(word) > 1 and not word.isascii() and word in lexicon().forms
    ]
