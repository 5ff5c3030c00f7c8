"""Writes the question with its terms spelled out, and gives the further forms that retrieval may search for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terminology.normalize import fold_key, is_chinese

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from terminology.types import ResolvedTerm, Sense

_BY_ABBREVIATION = frozenset({"exact", "folded", "alias"})


def rewrite(question: str, terms: Sequence[ResolvedTerm]) -> str:
    """Return `question` with each abbreviation spelled out once: `AM负责` becomes `客户经理（AM，Account Manager）负责`.

    Terms whose sense is too close to call stay as they are, and so do full names; a name that the question
    already holds is not written twice.
    """
    pieces: list[str] = []
    position = 0
    done: set[Sense] = set()
    for resolved in terms:
        sense = resolved.chosen.sense
        if not _is_to_expand(resolved) or sense in done:
            continue
        done.add(sense)
        pieces += [question[position : resolved.match.start], expanded(resolved.match.surface, sense, question)]
        position = resolved.match.end
    return "".join((*pieces, question[position:]))


def _is_to_expand(resolved: ResolvedTerm) -> bool:
    match = resolved.match
    misspelt = match.kind == "typo" and not is_chinese(match.surface) and " " not in match.surface
    return not resolved.close and (match.kind in _BY_ABBREVIATION or misspelt)


def expanded(surface: str, sense: Sense, question: str) -> str:
    """Return one abbreviation with its full names; as it stands if `question` holds one of them already."""
    text = fold_key(question)
    english, chinese = sense.english, sense.chinese
    if _holds(text, english) or _holds(text, chinese):
        return surface
    # A person who asks by an alias is shown the abbreviation of the glossary beside it.
    short = surface if fold_key(surface).rstrip(".") == fold_key(sense.term).rstrip(".") else sense.term
    if not chinese:
        return f"{surface}（{english}）" if is_chinese(question) else f"{surface} ({english})"
    return f"{chinese}（{short}，{english}）" if english else f"{chinese}（{short}）"


def _holds(folded_question: str, name: str) -> bool:
    return bool(name) and fold_key(name) in folded_question


def search_terms(question: str, terms: Iterable[ResolvedTerm]) -> tuple[str, ...]:
    """Return the names and abbreviations of the chosen senses that the question itself does not hold.

    Of a term that is too close to call, the names of all its senses are given, so that retrieval misses none.
    """
    text = fold_key(question)
    forms: dict[str, None] = {}
    for resolved in terms:
        senses = [resolved.chosen.sense]
        if resolved.close:
            senses += [other.sense for other in resolved.alternatives]
        for sense in senses:
            for form in (sense.chinese, sense.english, sense.term):
                if form and (form == sense.term or not _holds(text, form)):
                    forms.setdefault(form)
    surfaces = {
        fold_key(resolved.match.surface) for resolved in terms if resolved.match.kind in _BY_ABBREVIATION
    }
    return tuple(form for form in forms if fold_key(form) not in surfaces)
