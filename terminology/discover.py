"""Proposes terms that documents and questions use and the glossary lacks; a person decides on each."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from terminology.boundaries import stands_alone
from terminology.columns import read_header
from terminology.definitions import definitions_in, looks_like_abbreviation, used_in
from terminology.english import ORDINARY
from terminology.normalize import fold, fold_key
from terminology.types import Evidence, Proposal
from terminology.workbook import incomplete, sense_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from terminology.glossary import Glossary
    from terminology.types import TermMatch, UnknownTerm

_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.&+/-]*")
_MOST_EVIDENCE = 5


class DocumentSource(Protocol):
    """The ingested documents as discovery reads them."""

    def texts(self) -> Iterable[tuple[str, str]]:
        """Yield pairs of a document's name and a text of it."""
        ...

    def grids(self) -> Iterable[tuple[str, Sequence[Sequence[str]]]]:
        """Yield pairs of a document's name and a table of it, as rows of cells."""
        ...


@dataclass(frozen=True, slots=True)
class _Find:
    proposal: Proposal
    evidence: Evidence


def from_documents(source: DocumentSource, glossary: Glossary, at_least: int = 2) -> list[Proposal]:
    """Return what documents define and the glossary lacks, the most frequent first, with sentences as evidence.

    Then the abbreviations that they use at least so often and nobody explains, which a person may.
    """
    finds: list[_Find] = []
    used: dict[str, list[Evidence]] = {}
    for document, text in source.texts():
        finds += _defined(document, text)
        for word, sentence in used_in(text):
            used.setdefault(word, []).append(Evidence(sentence, document))
    finds += [find for document, rows in source.grids() for find in _tabled(document, rows)]
    explained = {fold_key(find.proposal.term) for find in finds}
    unexplained = [
        Proposal(
            word, found_by="document", evidence=tuple(dict.fromkeys(places))[:_MOST_EVIDENCE], count=len(places)
        )
        for word, places in used.items()
        if len(places) >= at_least and fold_key(word) not in explained and not glossary.senses(word)
    ]
    new = _merged(find for find in finds if not _is_known(glossary, find.proposal))
    return [*new, *sorted(unexplained, key=lambda each: -each.count)]


def from_questions(unknown: Iterable[UnknownTerm], glossary: Glossary, at_least: int = 2) -> list[Proposal]:
    """Return abbreviations that questions used at least so often and that the glossary still lacks."""
    return [
        Proposal(each.surface, found_by="question", evidence=(Evidence(each.question),), count=each.count)
        for each in unknown
        if each.count >= at_least and not glossary.senses(each.surface)
    ]


def unknown_in(question: str, matches: Sequence[TermMatch], glossary: Glossary) -> tuple[str, ...]:
    """Return the words of `question` that are written like abbreviations and that the glossary does not know."""
    folded = fold(question)
    found = []
    for token in _TOKEN.finditer(question):
        word = token.group().rstrip(".&+/-")
        end = token.start() + len(word)
        if any(match.start < end and token.start() < match.end for match in matches):
            continue
        # Places agree only where folding kept them, which nearly every question does.
        alone = folded.origins is not None or stands_alone(folded, token.start(), end)
        ordinary = fold_key(word) in ORDINARY and not word.isupper()
        if alone and not ordinary and looks_like_abbreviation(word) and not glossary.senses(word):
            found.append(word)
    return tuple(dict.fromkeys(found))


def _defined(document: str, text: str) -> Iterable[_Find]:
    for each in definitions_in(text):
        proposal = Proposal(each.term, each.english, each.chinese, "definition")
        yield _Find(proposal, Evidence(each.sentence, document))


def _tabled(document: str, rows: Sequence[Sequence[str]]) -> Iterable[_Find]:
    """Read a table of a document that has a glossary's header."""
    columns = None
    for row in rows:
        header = read_header(row)
        if header is not None:
            columns = header
        elif columns is not None:
            values = {field: row[column] if column < len(row) else "" for field, column in columns.items()}
            sense, _ = sense_of(values)
            if not incomplete(sense):
                proposal = Proposal(sense.term, sense.english, sense.chinese, "table")
                yield _Find(proposal, Evidence(" | ".join(cell for cell in row if cell.strip()), document))


def _is_known(glossary: Glossary, proposal: Proposal) -> bool:
    """Whether the glossary has a sense of this abbreviation that shares a full name with the proposal."""
    return any(
        _shared(sense.english, proposal.english) or _shared(sense.chinese, proposal.chinese)
        for sense in glossary.senses(proposal.term)
    )


def _shared(left: str, right: str) -> bool:
    return bool(left) and bool(right) and fold_key(left) == fold_key(right)


def _merged(finds: Iterable[_Find]) -> list[Proposal]:
    """Join finds of the same term and names: those that give one name fill up those that give the other."""
    merged: list[Proposal] = []
    for find in finds:
        new = find.proposal
        for at, old in enumerate(merged):
            if fold_key(old.term) == fold_key(new.term) and _agree(old, new):
                evidence = tuple(dict.fromkeys((*old.evidence, find.evidence)))[:_MOST_EVIDENCE]
                merged[at] = replace(
                    old,
                    english=old.english or new.english,
                    chinese=old.chinese or new.chinese,
                    evidence=evidence,
                    count=old.count + 1,
                )
                break
        else:
            merged.append(replace(new, evidence=(find.evidence,)))
    return sorted(merged, key=lambda each: -each.count)


def _agree(old: Proposal, new: Proposal) -> bool:
    english = not old.english or not new.english or _shared(old.english, new.english)
    chinese = not old.chinese or not new.chinese or _shared(old.chinese, new.chinese)
    return english and chinese
