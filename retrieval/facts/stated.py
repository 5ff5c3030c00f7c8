"""Which values of the asked kind a sentence states of the asked thing."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from retrieval.facts.clauses import Spot, joined, said_of
from retrieval.facts.contrasts import of_another_noun, of_the_asked
from retrieval.facts.coordinates import belongs_to_another
from retrieval.facts.fitting import is_share_of_asked, may_answer
from retrieval.facts.lexicon import lexicon
from retrieval.facts.measures import fits
from retrieval.facts.normalize import plain
from retrieval.facts.occasions import no_clock, of_another_period
from retrieval.facts.readings import READ_BY_RULES
from retrieval.facts.wanted import NUMERAL, Wanted, value_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.facts.subject import SubjectWord

# Kinds of which the unit, the year and the place tell whether a value can answer; a year may well be the answer to when.
_AMOUNTS = frozenset({"amount", "count", "percent", "money"})
_CLAUSE = re.compile(r"[，,；;。]")
_PART = re.compile(r"[，,；;。、]|\band\b|\bbut\b")
_SIDE = re.compile(
    r"(?P<more>超过|多于|高于|满)?(?P<n>\d+(?:\.\d+)?)\s*(?:个)?[一-鿿]{1,2}?(?:\(含\)|（含）)?(?:及?以(?P<side>[上下内]))"
)
_TIMES = re.compile(rf"(?:{NUMERAL})\s*次")
# `由每月2次改为3次`: what was is no longer so.
_CHANGED = re.compile(
    r"(?:由|从|原为|原来的?|\b(?:raised|increased|reduced|changed|lowered|extended|shortened|cut|moved|up|down)\b[^,.;]{0,20}\bfrom )\s*(?P<old>[^，,。；;]{1,40}?)\s*"
    r"(?:(?:改|调整|变|变更|修改|提高|提升|增加|增|降低|降|减少|减|缩短|延长|上调|下调|升|扩大|扩)(?:为|成|到|至)|\bto\b)",
    re.IGNORECASE,
)


def values_of(asked: Wanted, sentence: str, words: Sequence[SubjectWord]) -> list[str]:
    """The values of the asked kind in the clause that speaks most of the subject, verbatim, each once."""
    sentence = _on_its_side(asked.text, sentence)
    if asked.kind in READ_BY_RULES:
        return list(dict.fromkeys(READ_BY_RULES[asked.kind](asked, sentence)))
    pattern = value_pattern(asked.kind, asked.measure)
    found = [_spot(m) for m in pattern.finditer(sentence) if m[0].strip()]
    found = [spot for spot in found if plain(spot.text) not in asked.subject]
    if asked.kind == "how_often":
        # 每月做一次: how often is every month; how many times is said beside it.
        cycles = any(spot.text.startswith("每") for spot in found)
        found = [spot for spot in found if not (cycles and _TIMES.fullmatch(spot.text))]
    rivals = _rivals(asked, sentence, found)
    former = [match.span("old") for match in _CHANGED.finditer(sentence)]
    found = [
        spot for spot in found if not any(start <= spot.start and spot.end <= end for start, end in former)
    ]
    found = [
        spot
        for spot in joined(sentence, found)
        if may_answer(asked, sentence, spot)
        and (asked.kind not in _AMOUNTS or _fits(asked, sentence, spot))
        and not belongs_to_another(asked, sentence, spot)
        and not of_another_noun(words, sentence, spot)
        and not is_share_of_asked(asked.text, sentence, spot)
        and plain(spot.text) not in asked.text
        and not of_another_period(asked.text, _clause(sentence, spot), "")
        and not no_clock(asked.text, plain(spot.text))
    ]
    found = of_the_asked(asked.text, sentence, found, rivals)
    found = _with_word(asked.after, sentence, said_of(words, sentence, found))
    spots = [(spot.start, spot.text) for spot in found]
    for cut in (_CLAUSE, _PART):
        if len({value for _, value in spots}) > 1:
            spots = _nearest_clause(asked.subject, sentence, spots, cut)
    for word in asked.beside if len({value for _, value in spots}) > 1 else ():
        spots = _in_clause_with(word, sentence, spots) or spots
    return list(dict.fromkeys(value for _, value in spots))


def _on_its_side(question: str, sentence: str) -> str:
    """The stretch of a sentence on the side of a bound that a question names: 3天以上由主任批 of 3天以内由组长批，3天以上由主任批."""
    asked = _SIDE.search(question)
    sides = list(_SIDE.finditer(sentence)) if asked else []
    if asked is None or len({_upwards(side) for side in sides}) < 2:
        return sentence
    mine = [
        at for at, side in enumerate(sides) if side["n"] == asked["n"] and _upwards(side) == _upwards(asked)
    ]
    if len(mine) != 1:
        return sentence
    behind = sides[mine[0] + 1 :]
    return sentence[sides[mine[0]].start() : behind[0].start() if behind else len(sentence)]


def _upwards(side: re.Match[str]) -> bool:
    return bool(side["more"]) or side["side"] == "上"


def _clause(sentence: str, spot: Spot) -> str:
    """The clause of a value in plain form."""
    start = max((match.end() for match in _CLAUSE.finditer(sentence, 0, spot.start)), default=0)
    stop = _CLAUSE.search(sentence, spot.end)
    return plain(sentence[start : stop.start() if stop else len(sentence)])


def _rivals(asked: Wanted, sentence: str, found: Sequence[Spot]) -> list[Spot]:
    """All values of the asked kind; how often something is done counts where it is asked how long until it is done again."""
    if asked.kind != "how_long":
        return list(found)
    return [
        *found,
        *(_spot(m) for m in value_pattern("how_often", "").finditer(sentence) if m[0].startswith("每")),
    ]


def _spot(match: re.Match[str]) -> Spot:
    start = match.start() + len(match[0]) - len(match[0].lstrip())
    return Spot(start, start + len(match[0].strip()), match[0].strip())


def _with_word(word: str, sentence: str, spots: list[Spot]) -> list[Spot]:
    """Those of several values in whose clause the word stands that follows the question word: 80分及格 for 多少分及格."""
    if not word or len(spots) < 2:
        return spots
    forms = (word, *lexicon().other(word))
    bounds = [0, *(m.end() for m in _CLAUSE.finditer(sentence)), len(sentence)]
    inside = [
        spot
        for spot in spots
        if any(
            a <= spot.start < b and any(form in plain(sentence[a:b]) for form in forms)
            for a, b in pairwise(bounds)
        )
    ]
    return inside or spots


def _in_clause_with(word: str, sentence: str, spots: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Those of the values that share their clause with a word."""
    bounds = [0, *(m.end() for m in _CLAUSE.finditer(sentence)), len(sentence)]
    return [
        (at, v)
        for at, v in spots
        if any(a <= at < b and word in plain(sentence[a:b]) for a, b in pairwise(bounds))
    ]


def _nearest_clause(
    subject: Sequence[str], sentence: str, spots: list[tuple[int, str]], cut: re.Pattern[str]
) -> list[tuple[int, str]]:
    bounds = [0, *(m.end() for m in cut.finditer(sentence)), len(sentence)]
    clauses = [(a, b) for a, b in pairwise(bounds) if b > a]

    def weight(clause: tuple[int, int]) -> int:
        words = plain(sentence[clause[0] : clause[1]])
        return sum(contains(words, words.replace(" ", ""), word) for word in subject)

    valued = [c for c in clauses if any(c[0] <= at < c[1] for at, _ in spots)]
    best = max(weight(clause) for clause in (valued or clauses))
    chosen = [c for c in clauses if weight(c) == best and any(c[0] <= at < c[1] for at, _ in spots)]
    return [(at, v) for at, v in spots if any(a <= at < b for a, b in chosen)] if best and chosen else spots


def contains(text: str, compact: str, word: str) -> bool:
    if word.isascii():
        stem = word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
        return re.search(rf"(?<![a-z0-9]){re.escape(stem)}(?:s|es)?(?![a-z0-9])", text) is not None
    if word.replace(" ", "") in compact:
        return True
    # 每月 and 每个月 say the same.
    return word.startswith("每") and len(word) == 2 and f"每个{word[1]}" in compact


def _fits(asked: Wanted, sentence: str, spot: Spot) -> bool:
    return fits(asked.text, plain(sentence[: spot.start]), plain(spot.text), plain(sentence[spot.end :]))
