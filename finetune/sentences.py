"""Finds sentences that use an abbreviation in a known sense: in the glossary's examples and in ingested documents."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from terminology.normalize import fold_key, is_chinese

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from terminology.types import Sense

# A full stop after a short word belongs to an abbreviation (Act.).
_END = re.compile(r"(?<=[。！？!?；;])|(?<=[a-z]{4}\.)\s+(?=[A-Z])|\n+")
_BULLET = re.compile(r"^(?:[-•*·▪◦]|[(（]?\d{1,2}[.、)）])\s+")
_NO_SENTENCE = re.compile(r"https?://|www\.|\||\t|<\||第\s*\d+\s*页\s*共|^[\W\d]*$")
_WHOLE = re.compile(r"[。！？!?；;.][”」』）)]?$")
_SHORTEST, _LONGEST = 8, 100
# A shorter name is also an ordinary word, so that a sentence with it may not speak of the term.
_SHORTEST_CHINESE, _SHORTEST_ENGLISH = 3, 6


@dataclass(frozen=True, slots=True)
class Use:
    """A sentence in which the abbreviation of `sense` stands for it, and the abbreviation as written there."""

    sentence: str
    surface: str
    sense: Sense

    @property
    def key(self) -> str:
        """What two copies of the sentence share."""
        return re.sub(r"\W", "", fold_key(self.sentence))


def uses_of(
    surface: str, senses: Sequence[Sense], contexts: Callable[[str], Sequence[str]] | None, limit: int
) -> list[Use]:
    """Return at most `limit` sentences per sense in which `surface` has this sense, those of the glossary first.

    A sense is known where the glossary gives the sentence as its example, where the term has one sense only, and
    where a document writes one sense's full name: there the abbreviation takes the name's place (as Pakhomov, 2002,
    made training data for abbreviations from their expansions). A sentence found for two senses is left out.
    """
    found: dict[int, list[Use]] = defaultdict(list)
    for at, sense in enumerate(senses):
        rivals = [name for other in senses if other is not sense for name in _names(other)]
        seen = set()
        for sentence in _candidates(surface, sense, len(senses) == 1, contexts):
            use = Use(sentence, surface, sense)
            names_rival = any(fold_key(rival) in fold_key(sentence) for rival in rivals)
            if use.key not in seen and not names_rival and len(found[at]) < limit:
                seen.add(use.key)
                found[at].append(use)
    keys = [use.key for uses in found.values() for use in uses]
    return [use for uses in found.values() for use in uses if keys.count(use.key) == 1]


def bounded(surface: str) -> re.Pattern[str]:
    """Return a pattern for `surface` in its own case, an ASCII one only as a word of its own."""
    before, after = _edges(surface)
    return re.compile(before + re.escape(surface) + after)


def _candidates(
    surface: str, sense: Sense, only: bool, contexts: Callable[[str], Sequence[str]] | None
) -> Iterator[str]:
    for example in sense.examples:
        # What an editor wrote is an example as it stands.
        yield from _with(surface, [example.strip()] if len(example) <= _LONGEST else _sentences(example))
    if contexts is None:
        return
    for name in _names(sense):
        for sentence in _passages(contexts(name)):
            if name in sentence:
                yield from _with(surface, [_abbreviated(sentence, name, surface)])
    if only:
        for sentence in _passages(contexts(surface)):
            shortened = sentence
            for name in _names(sense):
                shortened = _abbreviated(shortened, name, surface)
            yield from _with(surface, [shortened])


def _with(surface: str, sentences: Iterable[str]) -> Iterator[str]:
    for sentence in sentences:
        if _SHORTEST <= len(sentence) <= _LONGEST and bounded(surface).search(sentence):
            yield sentence


def _passages(passages: Iterable[str]) -> list[str]:
    """Return the whole sentences of passages: no headings, no lines of a log or a table."""
    return [sentence for passage in passages for sentence in _sentences(passage) if _WHOLE.search(sentence)]


def _sentences(text: str) -> list[str]:
    pieces = (_BULLET.sub("", piece.strip()) for piece in _END.split(text) if piece)
    return [piece for piece in pieces if piece and not _NO_SENTENCE.search(piece)]


def _names(sense: Sense) -> list[str]:
    names = [each.strip() for each in (sense.chinese, sense.english)]
    return [
        name for name in names if len(name) >= (_SHORTEST_CHINESE if is_chinese(name) else _SHORTEST_ENGLISH)
    ]


def _abbreviated(sentence: str, name: str, surface: str) -> str:
    """Put the abbreviation where the full name stands; `客户经理（AM）` and `AM（客户经理）` become `AM` too."""
    short, long = re.escape(surface), re.escape(name)
    inside = r"[^（）()]{0,60}"
    both = rf"{long}\s*[（(]{inside}{short}{inside}[）)]|{short}\s*[（(]{inside}{long}{inside}[）)]"
    return re.sub(rf"{both}|{_edges(name)[0]}{long}{_edges(name)[1]}", lambda _: surface, sentence)


def _edges(text: str) -> tuple[str, str]:
    before = r"(?<![A-Za-z0-9])" if text[:1].isascii() else ""
    return before, r"(?![A-Za-z0-9])" if text[-1:].isascii() else ""
