"""Sentences that state a value in other words than the question's: most of its subject stands in or near them.

The strict reading (`sentences.py`) wants every word of the subject. Here the words count by what they weigh, with
their other names, and may stand in the sentence, its headings, its document's title or the sentence before it. A
thing, name or code of the question that stands in none of them rules the sentence out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.facts.contrasts import of_another_thing
from retrieval.facts.normalize import plain
from retrieval.facts.row_lines import in_row, shows_rows
from retrieval.facts.splitting import told_under
from retrieval.facts.subject import Said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from retrieval.facts.passages import FoundPassage
    from retrieval.facts.subject import SubjectWord

# Half of the subject is enough where no other sentence comes near.
_ENOUGH, _MARGIN, _LEAST, _WIDE_MARGIN = 0.68, 0.05, 0.5, 0.15
_HEADING, _TITLE, _BEFORE, _PASSAGE, _CLAUSE_COUNTS = 0.9, 0.85, 0.7, 0.6, 0.15
_INSIDE, _INSIDE_COUNTS, _NAME = 0.3, 0.1, 1.4
_AFTER, _WITH_AFTER = 0.4, 0.9
# More of the subject than this must not be left unread, being words of another language without a translation.
_UNKNOWN = 0.4
_FEW = 2
_CLAUSE = re.compile(r"[，,；;。]")
_PART = re.compile(r"[，,；;。、]|\band\b|\bbut\b")
_JOINS = re.compile(r"\s*(?:for|to|of|per|的)\b")
_CJK = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True, slots=True)
class NearStatement:
    """A sentence with its one value; `covered` is the share of the subject that it and its surroundings name (0 to 1)."""

    value: str
    sentence: str
    passage: FoundPassage
    covered: float


def best_statement(
    words: Sequence[SubjectWord],
    passages: Sequence[FoundPassage],
    split: Callable[[FoundPassage], Iterator[tuple[int, int]]],
    values: Callable[[str, FoundPassage], list[str]],
) -> NearStatement | None:
    """The sentence that names most of `words` and has one value; None where none does, or two differ.

    `split` gives where the sentences of a passage are, `values` the values of the asked kind in one of a passage.
    """
    found, unclear = [], 0.0
    for rank, passage in enumerate(passages):
        for sentence, covered, away in _sentences(words, passage, split):
            if covered - 0.01 * rank < _LEAST:
                continue
            stated = values(sentence, passage)
            value = stated[0] if len(stated) == 1 else _nearest(words, sentence, stated)
            if stated and not value:
                unclear = max(unclear, covered)
            if value and not (away and of_another_thing(words, sentence, value)):
                # The value should stand in the clause that speaks of the subject.
                score = covered - 0.01 * rank + _CLAUSE_COUNTS * _in_clause(words, sentence, value)
                found.append((score, NearStatement(value, sentence, passage, covered)))
    found.sort(key=lambda item: -item[0])
    if not found:
        return None
    best, statement = found[0]
    if unclear > statement.covered:
        # What says more of the subject has several values: no other sentence answers in its place.
        return None
    margin = _MARGIN if statement.covered >= _ENOUGH else _WIDE_MARGIN
    rivals = [s for score, s in found[1:] if score > best - margin and s.value != statement.value]
    return None if rivals else statement


def _nearest(words: Sequence[SubjectWord], sentence: str, stated: Sequence[str]) -> str:
    """Of several values the one that the words stand nearest to; empty where two are about as near."""
    scored = sorted(((_nearness(words, sentence, value), value) for value in stated), reverse=True)
    if len(scored) < 2 or scored[0][0] < 1.15 * scored[1][0]:
        return ""
    return scored[0][1]


def _nearness(words: Sequence[SubjectWord], sentence: str, value: str) -> float:
    """How near the words stand to a value: those before it count in full, those after it only where 'for' joins them."""
    folded, sought = plain(sentence), plain(value)
    at = folded.find(sought)
    after = _WITH_AFTER if _JOINS.match(folded, at + len(sought)) else _AFTER
    total = 0.0
    for word in words:
        near = 0.0
        for form in word.forms:
            start = folded.rfind(form, 0, at)
            if start >= 0:
                near = max(near, _decay(folded[start + len(form) : at]))
            start = folded.find(form, at + len(sought))
            if start >= 0:
                near = max(near, after * _decay(folded[at + len(sought) : start]))
        total += word.weight * near
    return total


def _decay(between: str) -> float:
    return 1 / (1 + (len(between) + 30 * len(_PART.findall(between))) / 10)


def _in_clause(words: Sequence[SubjectWord], sentence: str, value: str) -> float:
    """The share of the words that stand in the clause of the value."""
    at = sentence.find(value)
    ends = [match.end() for match in _CLAUSE.finditer(sentence)]
    start = max((end for end in ends if end <= at), default=0)
    stop = min((end for end in ends if end > at), default=len(sentence))
    clause = Said.of(sentence[start:stop])
    # In 服务器内存 the last word is what has the value.
    weights = [word.weight * (2 if word is words[-1] else 1) for word in words]
    total = sum(weights)
    return sum(w * clause.share(word) for w, word in zip(weights, words, strict=True)) / total if total else 0.0


def _sentences(
    words: Sequence[SubjectWord],
    passage: FoundPassage,
    split: Callable[[FoundPassage], Iterator[tuple[int, int]]],
) -> Iterator[tuple[str, float, bool]]:
    """The sentences of a passage, each with the share of the words that is named, and whether a firm one stands away from it."""
    at = passage.chunk.location
    title = Said.of(f"{passage.document.title} {passage.document.name}")
    before = Said.of("")
    text = passage.chunk.text
    whole = Said.of(text)
    names = {heading.strip() for heading in at.headings}
    for start, end in split(passage):
        sentence = text[start:end].strip()
        if in_row(text, start) or shows_rows(sentence):
            continue
        said = Said.of(sentence)
        if len(sentence) <= 400 and not sentence.endswith(("?", "？")) and sentence not in names:
            headings = Said.of(" ".join(told_under(passage, start)))
            around = ((headings, _HEADING), (title, _TITLE), (before, _BEFORE))
            yield sentence, _covered(words, said, around, whole), _away(words, (said, headings, title))
        before = said


def _away(words: Sequence[SubjectWord], near: Sequence[Said]) -> bool:
    """Whether a thing that is asked about stands neither in a sentence nor in what heads it."""
    return any(word.firm and max(said.share(word) for said in near) < _LEAST for word in words)


def _covered(
    words: Sequence[SubjectWord], said: Said, around: Sequence[tuple[Said, float]], whole: Said
) -> float:
    """The weighted share of the words that is named; 0 where a firm one is not, or too few stand in the sentence.

    `around` are the texts about the sentence, each with what a word counts that stands there; a firm word may also
    stand elsewhere in the passage, which is `whole`.
    """
    total = got = inside = unknown = lost = 0.0
    chinese = bool(_CJK.search(said.compact))
    for word in words:
        here = said.share(word)
        if not _comparable(word, chinese) and not here:
            # A word of the other language, and no list has its translation: it can be neither found nor missed,
            # but what the question is about must be found.
            if word.firm and (chinese or all(_CJK.search(form) for form in word.forms)):
                return 0.0
            total += 0.3 * word.weight
            unknown += word.weight if word.weight >= _LEAST else 0.0
            continue
        share = here if here == 1.0 else max(here, *(worth * text.share(word) for text, worth in around))
        if word.firm and word.weight < _NAME and share < _PASSAGE:
            share = max(share, _PASSAGE * whole.share(word))
        if word.firm and share < 0.5:
            return 0.0
        total += word.weight
        # A Chinese thing is firm; what is done may be said in other words.
        lost += word.weight if not share and word.weight >= _LEAST and word.text.isascii() else 0.0
        got += word.weight * share
        inside += word.weight * here
    if not total or inside < _INSIDE * total or unknown > _UNKNOWN * sum(word.weight for word in words):
        return 0.0
    if lost and sum(word.weight >= _LEAST for word in words) <= _FEW:
        # One of two words is not half of what is asked.
        return 0.0
    return (1 - _INSIDE_COUNTS) * got / total + _INSIDE_COUNTS * inside / total


def _comparable(word: SubjectWord, chinese: bool) -> bool:
    """Whether a sentence in Chinese, or in another language, could have a form of the word at all."""
    if word.weight > 1.2:
        return True
    return any(bool(_CJK.search(form)) == chinese for form in word.forms)
