"""The term road: the glossary row is the answer, verbatim, with no language model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from router.types import Citation, Option, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from router.questions import Language, QuestionForm
    from terminology.types import ResolvedTerm, Sense


class TermSource(Protocol):
    """What this road needs of the glossary."""

    def starting_with(self, prefix: str) -> Sequence[Sense]:
        """Return the senses whose abbreviation begins with `prefix`, in alphabetical order."""
        ...


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer in the making, common to the three roads."""

    status: Status
    text: str
    citations: tuple[Citation, ...] = ()
    options: tuple[Option, ...] = ()
    confidence: float = 1.0
    flags: tuple[str, ...] = ()


def answer_terms(
    form: QuestionForm, terms: Sequence[ResolvedTerm], source: TermSource, *, bare: bool = False
) -> Draft | None:
    """Answer a definition, comparison or listing question from the glossary; None when it holds no such row.

    `bare`: nothing but the term and the definition phrase was said, so that only the documents' habits could have
    chosen a sense; then all senses are shown.
    """
    if form.prefix:
        return _listing(form, source)
    subjects = _subjects([term for term in terms if term.match.start >= form.focus], bare)
    if not subjects:
        return None
    if form.wanted == "abbreviation":
        return _reverse(form, subjects)
    return _definitions(form, subjects)


def _subjects(terms: Sequence[ResolvedTerm], bare: bool) -> list[tuple[ResolvedTerm, tuple[Sense, ...]]]:
    """Pair each asked term with the senses to show: the chosen one, or all while they are too close to choose."""
    subjects: list[tuple[ResolvedTerm, tuple[Sense, ...]]] = []
    seen: set[tuple[int, ...]] = set()
    for resolved in terms:
        senses: tuple[Sense, ...] = (resolved.chosen.sense,)
        if resolved.close or (bare and resolved.chosen_by == "context"):
            senses += tuple(other.sense for other in resolved.alternatives)
        key = tuple(sorted(sense.id for sense in senses))
        if key not in seen:
            seen.add(key)
            subjects.append((resolved, senses))
    return subjects


def _definitions(form: QuestionForm, subjects: list[tuple[ResolvedTerm, tuple[Sense, ...]]]) -> Draft:
    parts = []
    for resolved, senses in subjects:
        if len(senses) == 1:
            parts.append(_row(senses[0], form.language, form.wanted))
        else:
            parts.append(_several(resolved.chosen.sense.term, senses, form.language))
    shown = [sense for _, senses in subjects for sense in senses]
    confidence = min(1.0 if len(senses) > 1 else resolved.chosen.score for resolved, senses in subjects)
    options = tuple(
        option
        for resolved, senses in subjects
        if len(senses) > 1
        for option in readings(resolved, form.language)
    )
    # With nothing to tell the senses apart the question has several readings: all rows are shown, and asked about.
    status = Status.CLARIFY if any(len(senses) > 1 for _, senses in subjects) else Status.ANSWERED
    return Draft(status, "\n".join(parts), cite_rows(shown), options, confidence)


def _reverse(form: QuestionForm, subjects: list[tuple[ResolvedTerm, tuple[Sense, ...]]]) -> Draft:
    lines = []
    for resolved, senses in subjects:
        # A Chinese name may belong to several abbreviations: all candidates of the match answer "what is its short form".
        found = _unique([*senses, *(sense for sense in resolved.match.senses if sense.term != senses[0].term)])
        names = "、".join(dict.fromkeys(sense.term for sense in found))
        asked = resolved.match.surface
        detail = "；".join(_row(sense, form.language, "any") for sense in found)
        lead = (
            f"{asked}的缩略语是 {names}。"
            if form.language == "zh"
            else f"The abbreviation of {asked} is {names}."
        )
        lines.append(f"{lead}\n{detail}")
    shown = [sense for _, senses in subjects for sense in senses]
    return Draft(Status.ANSWERED, "\n".join(lines), cite_rows(shown), confidence=subjects[0][0].chosen.score)


def _listing(form: QuestionForm, source: TermSource) -> Draft | None:
    senses = tuple(source.starting_with(form.prefix))
    if not senses:
        return None
    # No count: a number in an answer must stand in its source.
    lead = (
        f"以 {form.prefix} 开头的缩略语："
        if form.language == "zh"
        else f"Abbreviations that begin with {form.prefix}:"
    )
    rows = "\n".join(f"- {_row(sense, form.language, 'any')}" for sense in senses)
    return Draft(Status.ANSWERED, f"{lead}\n{rows}", cite_rows(senses))


def _several(term: str, senses: Sequence[Sense], language: Language) -> str:
    lead = f"{term} 有 {len(senses)} 个含义：" if language == "zh" else f"{term} has {len(senses)} meanings:"
    rows = [f"{i}. {_meaning(sense, language)}{_scope(sense, language)}" for i, sense in enumerate(senses, 1)]
    return "\n".join([lead, *rows])


def _row(sense: Sense, language: Language, wanted: str) -> str:
    if language == "zh":
        if wanted == "english" and sense.english:
            chinese = f"（{sense.chinese}）" if sense.chinese else ""
            return f"{sense.term} 的英文全称是 {sense.english}{chinese}{_scope(sense, language)}"
        if wanted == "chinese" and sense.chinese:
            english = f"（{sense.english}）" if sense.english else ""
            return f"{sense.term} 的中文含义是{sense.chinese}{english}{_scope(sense, language)}"
        return f"{sense.term}：{_meaning(sense, language)}{_scope(sense, language)}"
    return f"{sense.term}: {_meaning(sense, language)}{_scope(sense, language)}"


def _meaning(sense: Sense, language: Language) -> str:
    first, second = (sense.chinese, sense.english) if language == "zh" else (sense.english, sense.chinese)
    if not first or not second:
        return first or second
    return f"{first}（{second}）" if language == "zh" else f"{first} ({second})"


def _scope(sense: Sense, language: Language) -> str:
    extras = [part for part in (sense.department, sense.note) if part]
    if not extras:
        return ""
    return f"［{'；'.join(extras)}］" if language == "zh" else f" [{'; '.join(extras)}]"


def readings(resolved: ResolvedTerm, language: Language, question: str = "") -> tuple[Option, ...]:
    """Return one option per sense of an ambiguous term: its meaning, and the question that would choose it.

    With `question`, the surface in it is replaced by the sense's own name; without, the option asks for the definition.
    """
    senses = [resolved.chosen.sense, *(other.sense for other in resolved.alternatives)]
    if len(senses) < 2:
        return ()
    start, end = resolved.match.start, resolved.match.end
    options = []
    for sense in senses:
        name = sense.chinese or sense.english
        precise = (
            f"{name}（{resolved.match.surface}）"
            if language == "zh"
            else f"{sense.english or name} ({resolved.match.surface})"
        )
        asked = question[:start] + precise + question[end:] if question else _ask(precise, language)
        options.append(Option(f"{sense.term}：{_meaning(sense, language)}{_scope(sense, language)}", asked))
    return tuple(options)


def _ask(name: str, language: Language) -> str:
    return f"{name}是什么意思？" if language == "zh" else f"What does {name} mean?"


def cite_rows(senses: Iterable[Sense]) -> tuple[Citation, ...]:
    """Cite the glossary rows that `senses` were read from; a sense typed by hand has no file to cite."""
    citations = []
    for sense in senses:
        if sense.source is None:
            continue
        quote = " | ".join(part for part in (sense.number, sense.term, sense.english, sense.chinese) if part)
        row = sense.source.row
        cell = f"{row}:{row}" if row else None
        citations.append(Citation(sense.source.file, "", quote, sheet=sense.source.sheet, cell=cell, score=1.0))
    return tuple(citations)


def _unique(senses: Iterable[Sense]) -> list[Sense]:
    return list({(sense.term, sense.english, sense.chinese): sense for sense in senses}.values())
