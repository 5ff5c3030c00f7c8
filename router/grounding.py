"""Holds answers to their sources: how far passages support a question, which sentences answer it, what is invented."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from router.types import Citation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from retrieval.types import Passage
    from terminology.types import ResolvedTerm

_TOKEN = re.compile(r"[A-Za-z0-9]+(?:[.+&/\-][A-Za-z0-9]+)*|[\u3400-\u9fff]+")
_ASCII = re.compile(r"[A-Za-z0-9.+&/\-]+")
_SENTENCE_END = re.compile(r"(?<=[。！？；!?;])\s*|(?<=[.])\s+(?=[A-Z0-9\u3400-\u9fff])|\n+")


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing that a question is about, in all the forms in which a text may name it (folded)."""

    forms: tuple[str, ...]
    weight: float

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
    units.extend(Unit(_word_forms(word), _weight(word)) for word in _words(rest))
    return tuple({unit.forms: unit for unit in units}.values())


def support(units: Sequence[Unit], texts: Iterable[str]) -> float:
    """Return the weighted share (0 to 1) of `units` that some text covers; 0 for a question about nothing."""
    folded = [fold(text) for text in texts]
    total = sum(unit.weight for unit in units)
    if not total or not folded:
        return 0.0
    return sum(unit.weight * max(unit.covered_by(text) for text in folded) for unit in units) / total


def passage_text(passage: Passage) -> str:
    """Return the text that counts as support: the passage under its headings and its document's title."""
    headings = " ".join(passage.chunk.location.headings)
    return f"{passage.document.name} {passage.document.title} {headings}\n{passage.chunk.text}"


def sentences(text: str) -> list[str]:
    """Split a passage into sentences as a reader of Chinese or English would; never changes a character."""
    return [piece.strip() for piece in _SENTENCE_END.split(text) if piece and piece.strip()]


def best_sentences(units: Sequence[Unit], passages: Sequence[Passage], limit: int) -> list[tuple[str, Passage]]:
    """Choose at most `limit` sentences that together cover `units` best, in the order of passage and text.

    The first passage that covers most gives the bulk; a later sentence is taken only for what it adds.
    """
    scored = []
    for rank, passage in enumerate(passages):
        context = fold(" ".join((*passage.chunk.location.headings, passage.document.title)))
        for position, sentence in enumerate(sentences(passage.chunk.text)):
            folded = fold(sentence)
            own = sum(unit.weight * unit.covered_by(folded) for unit in units)
            around = sum(unit.weight * unit.covered_by(context) for unit in units)
            if own or (around and rank == 0):
                # The heading tells what a sentence is about, and an earlier passage is the better witness.
                scored.append((own + 0.4 * around - 0.25 * rank, rank, position, sentence, passage))
    scored.sort(key=lambda item: -item[0])
    if not scored:
        return []
    floor = 0.45 * scored[0][0]
    kept: list[tuple[float, int, int, str, Passage]] = []
    seen: set[str] = set()
    for item in scored:
        if item[0] < floor or len(kept) == limit:
            break
        if item[3] not in seen:
            seen.add(item[3])
            kept.append(item)
    return [(item[3], item[4]) for item in sorted(kept, key=lambda item: (item[1], item[2]))]


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
    return word.casefold() in _function_words() or bool(re.fullmatch(r"[几多第][\u3400-\u9fff]{1,2}", word))


def _words(text: str) -> list[str]:
    import rjieba

    words = []
    for run in _TOKEN.findall(unicodedata.normalize("NFKC", text)):
        pieces = [run] if _ASCII.fullmatch(run) else rjieba.cut(run)
        words += [piece for piece in pieces if not _is_function_word(piece)]
    return list(dict.fromkeys(words))


def _word_forms(word: str) -> tuple[str, ...]:
    form = fold(word)
    if _ASCII.fullmatch(form) and form.isalpha() and len(form) > 4:
        # Plural and tense endings fall away, as a reader would let them.
        stem = re.sub(r"(?:ies|es|s|ing|ed)$", "", form)
        return (form, stem) if stem != form and len(stem) > 3 else (form,)
    return (form,)


def _weight(word: str) -> float:
    if _ASCII.fullmatch(word):
        return 1.2 if any(c.isdigit() or c.isupper() for c in word) else 1.0
    return 0.4 if len(word) == 1 else 1.0


def _bigrams(word: str) -> list[str]:
    if len(word) < 3 or not re.fullmatch(r"[\u3400-\u9fff]+", word):
        return []
    return [word[i : i + 2] for i in range(len(word) - 1)]
