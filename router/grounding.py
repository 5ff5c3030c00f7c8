"""Holds answers to their sources: how far passages support a question, which sentences answer it, what is invented."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.facts.lexicon import lexicon
from retrieval.facts.row_lines import is_row
from router.types import Citation
from router.wordlists import synonyms

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from retrieval.types import Passage
    from terminology.types import ResolvedTerm

_TOKEN = re.compile(r"[A-Za-z0-9]+(?:[.+&/\-][A-Za-z0-9]+)*|[\u3400-\u9fff]+")
_ASCII = re.compile(r"[A-Za-z0-9.+&/\-]+")
# A passage further down the ranking is the worse witness; the next passage or sentence must come near the best.
_RANK_COST, _NEXT_PASSAGE, _NEXT_SENTENCE, _INHERITED = 0.02, 0.9, 0.5, 0.5
# A sentence that only announces a list lends its score to the list.
_ANNOUNCES = re.compile(r"(?:如下|以下(?:几[点项个])?|包括|as follows|the following)[。：:.]?$", re.IGNORECASE)
# The header of a table chunk: names between bars, without a value.
_HEADER_ROW = re.compile(r"^[^:：]+(?: \| [^:：|]+)+$")
_SENTENCE_END = re.compile(r"(?<=[。！？!?])\s*|(?<=[.])\s+(?=[A-Z0-9\u3400-\u9fff])|\n+")


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing that a question is about, in all the forms in which a text may name it (folded).

    `thing`: a noun, name or code; what is done or how it is (verbs, adjectives) may be said in other words.
    """

    forms: tuple[str, ...]
    weight: float
    thing: bool = True

    def covered_by(self, text: str) -> float:
        """Return 1 where a form stands in the folded `text`, else how much of its Chinese 2-grams does (0 to 0.8)."""
        if any(_stands(form, text) for form in self.forms):
            return 1.0
        grams = _bigrams(self.forms[0])
        return 0.8 * sum(gram in text for gram in grams) / len(grams) if len(grams) > 1 else 0.0


def fold(text: str) -> str:
    """Fold width and case, so that texts are compared as a reader would."""
    return unicodedata.normalize("NFKC", text).casefold()


def content_units(question: str, terms: Sequence[ResolvedTerm] = ()) -> tuple[Unit, ...]:
    """Return what `question` is about: its known terms with all their names, then its other content words."""
    units: list[Unit] = []
    rest = question
    for resolved in sorted(terms, key=lambda term: -term.match.start):
        sense = resolved.chosen.sense
        names = (resolved.match.surface, sense.term, sense.chinese, sense.english, *sense.aliases)
        forms = tuple(dict.fromkeys(fold(name) for name in names if name))
        units.append(Unit(forms, 1.5))
        rest = f"{rest[: resolved.match.start]} {rest[resolved.match.end :]}"
    for match in lexicon().phrases.finditer(fold(rest)):
        units.append(Unit((match[0], *lexicon().other(match[0])), 1.2, thing=False))
        rest = f"{rest[: match.start()]}{' ' * len(match[0])}{rest[match.end() :]}"
    units.extend(Unit(_word_forms(word), _weight(word), thing) for word, thing in content_words(rest))
    return tuple({unit.forms: unit for unit in units}.values())


def support(units: Sequence[Unit], texts: Iterable[str]) -> float:
    """Return the weighted share (0 to 1) of `units` that some text covers; 0 for a question about nothing."""
    folded = [fold(text) for text in texts]
    total = sum(unit.weight for unit in units)
    if not total or not folded:
        return 0.0
    return sum(unit.weight * max(unit.covered_by(text) for text in folded) for unit in units) / total


def uncovered(units: Sequence[Unit], texts: Iterable[str]) -> tuple[str, ...]:
    """Return the things that the question names and no text does, not even in part."""
    folded = [fold(text) for text in texts]
    return tuple(
        unit.forms[0]
        for unit in units
        if unit.thing and unit.weight >= 1 and not any(unit.covered_by(text) for text in folded)
    )


def unknown_codes(units: Sequence[Unit], texts: Iterable[str]) -> tuple[str, ...]:
    """Return the codes of the question (three digits or more in one word) that stand in no text."""
    folded = [fold(text) for text in texts]
    codes = [unit.forms[0] for unit in units if sum(c.isdigit() for c in unit.forms[0]) >= 3]
    return tuple(code for code in codes if not any(_stands(code, text) for text in folded))


def passage_text(passage: Passage) -> str:
    """Return the text that counts as support: the passage under its headings and its document's title."""
    headings = " ".join(passage.chunk.location.headings)
    return f"{passage.document.name} {passage.document.title} {headings}\n{passage.chunk.text}"


def sentences(text: str) -> list[str]:
    """Split a passage into sentences as a reader of Chinese or English would; never changes a character."""
    return [piece.strip() for piece in _SENTENCE_END.split(text) if piece and piece.strip()]


@lru_cache(maxsize=4096)
def lines_of(text: str) -> tuple[tuple[str, bool], ...]:
    """Return the sentences of a text, a row of a table in one piece, and whether it is one: its cells belong together."""
    return tuple(_lines(text))


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the sentences of a text, a row of a table in one piece, and whether it is one: its cells belong together."""
    told: list[str] = []
    for line in text.splitlines():
        if not is_row(line):
            told.append(line)
            continue
        yield from ((sentence, False) for sentence in sentences("\n".join(told)))
        told.clear()
        yield line.strip(), True
    yield from ((sentence, False) for sentence in sentences("\n".join(told)))


def best_sentences(
    units: Sequence[Unit], passages: Sequence[Passage], limit: int, floor: float = _NEXT_SENTENCE
) -> list[tuple[str, Passage]]:
    """Choose at most `limit` sentences that answer best, in the order of passage and text.

    The passages whose text, headings and title cover most of `units` give them. Within a passage a sentence counts by
    what it covers itself, and half of what the headings and questions above it cover: an answer seldom repeats its heading.
    It must come to the share `floor` of the best one.
    """
    ranked = sorted(
        (
            (support(units, [passage_text(passage)]) - _RANK_COST * rank, passage)
            for rank, passage in enumerate(passages)
        ),
        key=lambda item: -item[0],
    )
    if not ranked:
        return []
    nearest = _NEXT_PASSAGE * ranked[0][0]
    kept: list[tuple[str, Passage]] = []
    seen: set[str] = set()
    best = 0.0
    for relevance, passage in ranked:
        if relevance < nearest or len(kept) >= limit:
            break
        scored = [(score, sentence) for score, sentence in _scored(units, passage) if sentence not in seen]
        best = max([best, *(score for score, _ in scored)])
        # A later passage must be as good as what is there already; it must not pad the answer.
        wanted = sorted((score for score, _ in scored if score >= floor * best), reverse=True)
        wanted = wanted[: limit - len(kept)]
        for score, sentence in scored:
            if score in wanted:
                wanted.remove(score)
                seen.add(sentence)
                kept.append((sentence, passage))
    return kept


def _scored(units: Sequence[Unit], passage: Passage) -> list[tuple[float, str]]:
    """Score the informative sentences of a passage; headings and questions lend their score to what follows them."""
    title = fold(" ".join((*passage.chunk.location.headings, passage.document.title, passage.document.name)))
    place, document = passage.chunk.location, passage.document
    headings = {
        fold(name) for name in (*place.headings, place.sheet or "", document.title, document.name) if name
    }
    above, scored = title, []
    for sentence, _ in lines_of(passage.chunk.text):
        folded = fold(sentence)
        if _is_heading(folded, headings) or folded.endswith(("?", ":")) or _HEADER_ROW.search(sentence):
            above = f"{title} {folded}"
            continue
        if _ANNOUNCES.search(folded):
            above = f"{above} {folded}"
            continue
        score = sum(
            unit.weight * max(unit.covered_by(folded), _INHERITED * unit.covered_by(above)) for unit in units
        )
        if score:
            scored.append((round(score, 6), sentence))
    return scored


def _is_heading(line: str, headings: Collection[str]) -> bool:
    """Whether a folded line only names what follows: a heading, its number, the sheet or the document."""
    bare = line.strip(" .、:：#")
    if not re.search(r"[^\W\d_]", bare):
        return True
    return any(
        bare == name or (len(bare) > 2 and name.endswith(bare)) or name.startswith(f"{bare}.")
        for name in headings
    )


def cite(passage: Passage, quote: str) -> Citation:
    """Cite `quote`, which stands verbatim in `passage`."""
    at = passage.chunk.location
    document = passage.document
    return Citation(
        document.name, document.id, quote, at.page, at.slide, at.sheet, at.cell, round(float(passage.score), 4)
    )


def strike_unsupported(
    text: str, sources: Sequence[str], unsupported: Callable[[str, Sequence[str]], Sequence[str]]
) -> tuple[str, tuple[str, ...]]:
    """Take the sentences out of `text` whose numbers, codes, dates or identifiers no source holds.

    Returns the remaining text and the values that were struck. Numbers of citations, as in [2], do not count.
    """
    kept: list[str] = []
    struck: list[str] = []
    for line in text.splitlines():
        pieces = [piece for piece in _SENTENCE_END.split(line) if piece]
        good = []
        for piece in pieces:
            bare = re.sub(r"\[\d{1,2}\]|^\s*(?:\d{1,2}[.、)）]|[-*•])\s*", "", piece)
            invented = list(unsupported(bare, sources))
            if invented:
                struck += invented
            else:
                good.append(piece)
        if good or not pieces:
            kept.append("".join(good))
    return "\n".join(kept).strip(), tuple(dict.fromkeys(struck))


def _stands(form: str, text: str) -> bool:
    """Tell whether `form` stands in `text`; an ASCII form must not be part of a longer word."""
    if not form:
        return False
    if _ASCII.fullmatch(form) or re.fullmatch(r"[\x00-\x7f]+", form):
        return bool(_bounded(form).search(text))
    return form in text


@lru_cache(maxsize=4096)
def _bounded(form: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9]){re.escape(form)}(?:e?s|ing|ed)?(?![a-z0-9])")


@lru_cache(maxsize=1)
def _function_words() -> frozenset[str]:
    lines = (Path(__file__).parent / "function_words.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _is_function_word(word: str) -> bool:
    return word.casefold() in _function_words() or bool(
        re.fullmatch(r"[几多][\u3400-\u9fff]{1,2}|第几[\u3400-\u9fff]?", word)
    )


def content_words(text: str) -> list[tuple[str, bool]]:
    """Return the content words of `text`, each once, and whether it names a thing (by rjieba's part of speech)."""
    import rjieba

    words: dict[str, bool] = {}
    for run in _TOKEN.findall(unicodedata.normalize("NFKC", text)):
        tagged = [(run, "eng")] if _ASCII.fullmatch(run) else rjieba.tag(run)
        for word, tag in tagged:
            if not _is_function_word(word):
                words.setdefault(word, tag[:1] in {"n", "j"} or tag == "eng")
    return list(words.items())


def _word_forms(word: str) -> tuple[str, ...]:
    form = fold(word)
    if _ASCII.fullmatch(form) and form.isalpha() and len(form) > 4:
        # Plural and tense endings fall away, as a reader would let them.
        stem = re.sub(r"(?:ies|es|s|ing|ed)$", "", form)
        stems = (stem,) if stem != form and len(stem) > 3 else ()
        return (form, *stems, *lexicon().other(form), *synonyms(form))
    return (form, *lexicon().other(form), *synonyms(form))


def _weight(word: str) -> float:
    if _ASCII.fullmatch(word):
        return 1.2 if any(c.isdigit() or c.isupper() for c in word) else 1.0
    return 0.4 if len(word) == 1 else 1.0


def _bigrams(word: str) -> list[str]:
    if len(word) < 3 or not re.fullmatch(r"[\u3400-\u9fff]+", word):
        return []
    return [word[i : i + 2] for i in range(len(word) - 1)]
