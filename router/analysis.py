"""The analysis road: passages are found, and an answer is written from them, or quoted where no model is set."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from router import grounding
from router.claims import Claims, Source, complete_sentences
from router.courtesy import without_courtesy
from router.errors import ModelUnavailableError
from router.injection import without_active_parts
from router.parts import asked_part
from router.quoting import Case, kind_of, quoted, supports, tells, told_in_a_row, without_kind
from router.statement import stated
from router.support import other_names, support_of
from router.term import Draft, cite_rows
from router.types import Status, TokenEvent
from router.versions import in_force
from router.writing import WritingRequest
from terminology.types import ResolvedTerm, ScoredSense, TermMatch

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from retrieval.types import Passage
    from router.asked import Rarity
    from router.questions import Language, QuestionForm
    from router.settings import RouterSettings
    from router.support import Support
    from router.types import Citation, Query
    from router.writing import Tools
    from terminology.types import Resolution, Sense


_ABBREVIATION = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z0-9+&/-]{0,14}[A-Z])[A-Za-z0-9][A-Za-z0-9+&/-]{0,14}(?![A-Za-z0-9])"
)


class Writer(Protocol):
    """Writes an answer from numbered passages, piece by piece; raises ModelUnavailableError."""

    def write(self, request: WritingRequest) -> Generator[str, None, str]:
        """Yield the further pieces of the answer as they are written, and return the whole text that stands."""
        ...


@dataclass(frozen=True, slots=True)
class Toolbox:
    """Our lanes as the model's tools for one answer; what they gave is cited, since the model may repeat it."""

    tools: Tools
    given: list[Citation]


@dataclass(frozen=True, slots=True)
class AnalysisLane:
    """Everything this road needs: the writer (None: extractive), the check of values, tools, and the senses of a term."""

    settings: RouterSettings
    unsupported: Callable[[str, Sequence[str]], Sequence[str]]
    writer: Writer | None = None
    tools: Callable[[frozenset[str] | None], Toolbox] | None = None
    senses_of: Callable[[str], Sequence[Sense]] | None = None
    rarity: Rarity | None = None

    def answer(
        self,
        query: Query,
        resolution: Resolution,
        passages: Sequence[Passage],
        form: QuestionForm,
        support: Support | None = None,
    ) -> Iterator[TokenEvent | Draft]:
        """Yield the pieces of the answer as they come, and at the end the Draft that stands.

        `support`: what `weigh` said of the same passages, where it was asked before.
        """
        support = support or self.weigh(query, resolution, passages, form)
        current, newest = in_force(passages, query.question)
        if newest and self.enough(lately := self.weigh(query, resolution, current, form)):
            passages, support = current, lately
        else:
            newest = ()
        case = Case(query, resolution, passages, form, support, self.settings)
        refusal = _refusal(passages, form.language, support.covered)
        if not supports(case):
            yield refusal
            return
        note = ""
        if self.writer is not None:
            try:
                yield from self._written(case)
                return
            except ModelUnavailableError as error:
                note = _unavailable(error, form.language)
        part = asked_part(query.question, query.turns, passages)
        if part is None and not tells(case):
            yield refusal
            return
        found = [part] if part else quoted(case)
        draft = _extracted(found, passages, form.language, support.covered, note)
        yield _naming_version(draft, newest, form.language)

    def enough(self, support: Support) -> bool:
        """Whether the passages that were weighed may answer."""
        return support.enough(self.settings.minimum_support)

    def told_in_a_row(
        self, query: Query, resolution: Resolution, passages: Sequence[Passage], form: QuestionForm
    ) -> bool:
        """Whether one row of `passages` says so much of the question that it may be quoted as the answer."""
        support = self.weigh(query, resolution, passages, form)
        return told_in_a_row(Case(query, resolution, passages, form, support, self.settings))

    def weigh(
        self, query: Query, resolution: Resolution, passages: Sequence[Passage], form: QuestionForm
    ) -> Support:
        """Measure how far `passages` support an answer to `query`."""
        question = without_courtesy(query.question)
        kind, near = kind_of(question, form), None
        if kind:
            units = without_kind(grounding.content_units(question, resolution.terms), question)
            near = stated(question, kind, units, passages[: self.settings.passages])
        names = other_names(resolution)
        return support_of(question, names, passages, rarity=self.rarity, stated=near)

    def _terms_beside(
        self, passages: Sequence[Passage], asked: Sequence[ResolvedTerm]
    ) -> Iterator[ResolvedTerm]:
        """Yield the company's abbreviations that occur in the passages beside those asked, each with all its senses."""
        if self.senses_of is None:
            return
        known = {term.chosen.sense.term for term in asked}
        words = [word for passage in passages for word in _ABBREVIATION.finditer(passage.chunk.text)]
        for surface, word in {word[0]: word for word in words}.items():
            senses = tuple(self.senses_of(surface))
            if senses and senses[0].term not in known:
                first, *others = (ScoredSense(sense, 1.0 / len(senses)) for sense in senses)
                match = TermMatch(surface, word.start(), word.end(), senses)
                yield ResolvedTerm(match, first, "only", tuple(others), close=bool(others))

    def _written(self, case: Case) -> Iterator[TokenEvent | Draft]:
        """Let the model write from the passages; what it writes is held to them. Raises ModelUnavailableError."""
        if self.writer is None:
            return
        language, query, asked = case.form.language, case.query, case.resolution.terms
        box = self.tools(query.groups) if self.tools else None
        chosen = case.chosen
        request = WritingRequest(
            query.question,
            case.resolution.rewritten_question,
            tuple(chosen),
            (*asked, *self._terms_beside(chosen, asked)),
            query.turns[-self.settings.history_turns :],
            box.tools if box else None,
        )
        claims = Claims(
            language,
            self.unsupported,
            len(request.passages),
            lambda: _sources(request, box.given if box else ()),
        )
        grounded = claims.ground((yield from _grounded_events(self.writer.write(request), claims)))
        if not grounded.supported:
            yield _refusal(request.passages, language, case.support.covered, grounded.flags)
            return
        kept = f"{grounded.text}\n{_struck(language)}" if grounded.struck else grounded.text
        yield Draft(
            Status.ANSWERED,
            kept,
            tuple(dict.fromkeys((*grounded.citations, *_glossary_rows(grounded.text, asked)))),
            confidence=round(case.support.covered, 3),
            flags=grounded.flags,
        )


def _extracted(
    found: Sequence[tuple[str, Passage]],
    passages: Sequence[Passage],
    language: Language,
    covered: float,
    note: str,
) -> Draft:
    """Quote the sentences and rows that answer, each with its passage."""
    if not found:
        return _refusal(passages, language, covered)
    lines = [f"{without_active_parts(text)} [{number}]" for number, (text, _) in enumerate(found, 1)]
    lead = note or (
        "（未配置语言模型，以下为文件原文摘录）"
        if language == "zh"
        else "(No language model is set; quoted from the documents.)"
    )
    citations = tuple(grounding.cite(passage, sentence) for sentence, passage in found)
    flags = ("extractive", "model-unavailable") if note else ("extractive",)
    return Draft(
        Status.ANSWERED, "\n".join([lead, *lines]), citations, confidence=round(covered, 3), flags=flags
    )


def _naming_version(draft: Draft, newest: Sequence[str], language: Language) -> Draft:
    """Say which version counts, where a quoted document has older ones."""
    quoted = [name for name in newest if any(citation.document == name for citation in draft.citations)]
    if not quoted:
        return draft
    names = "、".join(f"《{name}》" for name in quoted) if language == "zh" else "; ".join(quoted)
    note = (
        f"（有新旧版本，以较新的{names}为准）"
        if language == "zh"
        else f"(There are older versions; the newest counts: {names}.)"
    )
    return replace(draft, text=f"{draft.text}\n{note}")


def _glossary_rows(text: str, terms: Sequence[ResolvedTerm]) -> tuple[Citation, ...]:
    """Cite the glossary rows whose names the text uses: the model was given their meanings."""
    senses = [term.chosen.sense for term in terms]
    return cite_rows(
        sense
        for sense in senses
        if any(name and name in text for name in (sense.term, sense.chinese, sense.english))
    )


def _sources(request: WritingRequest, given: Sequence[Citation]) -> list[Source]:
    """Return what an answer may rest on: the passages by their numbers, the glossary rows, and what tools gave."""
    numbered = [
        Source(grounding.cite(passage, passage.chunk.text), grounding.passage_text(passage))
        for passage in request.passages
    ]
    beside = (*cite_rows(term.chosen.sense for term in request.terms if not term.close), *given)
    return [*numbered, *(Source(citation, citation.quote) for citation in dict.fromkeys(beside))]


def _grounded_events(pieces: Generator[str, None, str], claims: Claims) -> Generator[TokenEvent, None, str]:
    """Pass whole sentences on as they are written and found supported; return what the writer says the text is.

    What was passed on cannot be taken back, so an invented value must never be in it.
    """
    written = whole = shown = ""
    while True:
        try:
            piece = next(pieces)
        except StopIteration as done:
            return str(done.value or "")
        written += piece
        if whole == (whole := complete_sentences(written)):
            continue
        grounded = claims.ground(whole)
        if grounded.supported and len(grounded.text) > len(shown) and grounded.text.startswith(shown):
            yield TokenEvent(grounded.text[len(shown) :])
            shown = grounded.text


def _refusal(
    passages: Sequence[Passage], language: Language, covered: float, flags: tuple[str, ...] = ()
) -> Draft:
    text = (
        "资料中没有找到能够支持回答的内容，因此无法回答这个问题。"
        if language == "zh"
        else "Nothing in the documents supports an answer, so this question cannot be answered."
    )
    nearest = tuple(grounding.cite(passage, passage.chunk.text) for passage in passages[:3])
    return Draft(Status.REFUSED, text, nearest, confidence=round(1 - covered, 3), flags=flags)


def _struck(language: Language) -> str:
    """Say that something was taken out, without a number: numbers must stand in a source."""
    if language == "zh":
        return "（已删去在所引资料中找不到依据的内容）"
    return "(What no cited source holds was removed.)"


def _unavailable(error: ModelUnavailableError, language: Language) -> str:
    if language == "zh":
        return f"（语言模型 {error.model} 暂不可用，以下为文件原文摘录）"
    return f"(The language model {error.model} is unavailable; quoted from the documents.)"
