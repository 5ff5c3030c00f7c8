"""The analysis road: passages are found, and an answer is written from them, or quoted where no model is set."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from retrieval.facts.subject import in_full
from router import grounding
from router.asked import conditions, kind_asked, subject_words
from router.claims import Claims, Source, complete_sentences
from router.errors import ModelUnavailableError
from router.injection import without_active_parts
from router.lookalikes import resembles, stands_for_another
from router.parts import asked_part
from router.questions import asked_attribute
from router.statement import asked_kind, close_by, counted_in, has_value, stated
from router.support import other_names, support_of
from router.term import Draft, cite_rows
from router.types import Status, TokenEvent
from router.versions import in_force
from router.writing import WritingRequest
from terminology.types import ResolvedTerm, ScoredSense, TermMatch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterator, Sequence

    from retrieval.types import Passage
    from router.asked import Rarity
    from router.coverage import Coverage
    from router.questions import Language, QuestionForm
    from router.settings import RouterSettings
    from router.statement import Kind
    from router.support import Support
    from router.types import Citation, Query
    from router.writing import Tools
    from terminology.types import Resolution, Sense


_WHOLE_SUBJECT, _IN_A_ROW, _WHOLE_ROW, _HALF, _TOGETHER, _SEVERAL = 0.95, 0.78, 0.8, 0.5, 0.9, 2
# A process takes more sentences than a value: one counts from this share of the best one's score.
_AROUND, _BESIDE = 0.35, 0.5
# From this probability on, a sentence below a heading that names what is asked need only have such a thing.
_LIKELY, _HEADED = 0.4, 0.2
_ONE_THING = re.compile(r"\bwhat(?:'s| is| was) the\b", re.IGNORECASE)
_LISTED = re.compile(r"哪些|哪几|\b(?:which|what|list)\b", re.IGNORECASE)
# What is asked over many rows, unless it is a column's name (最低折扣): the one row that is nearest does not tell.
_OVER_ROWS = re.compile(
    r"最[贵旧好差]|最便宜|最[高低大小多少长短新早晚快慢]的|(?:谁|哪)[^，。]{0,12}最[\u3400-\u9fff]|总共|一共|合计|总计|总和|平均|加起来"
    r"|\b(?:most|least|highest|lowest|largest|smallest|biggest|oldest|newest|average|total|altogether|combined|sum)\b",
    re.IGNORECASE,
)
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
        case = _Case(query, resolution, passages, form, support)
        refusal = _refusal(passages, form.language, support.covered)
        if not self._supports(case):
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
        if part is None and not self._tells(case):
            yield refusal
            return
        found = [part] if part else _best_rows(case, self.settings.sentences) or self._sentences(case)
        draft = _extracted(found, passages, form.language, support.covered, note)
        yield _naming_version(draft, newest, form.language)

    def enough(self, support: Support) -> bool:
        """Whether the passages that were weighed may answer."""
        return support.enough(self.settings.minimum_support)

    def _chosen(self, passages: Sequence[Passage]) -> Sequence[Passage]:
        return passages[: self.settings.passages]

    def _sentences(self, case: _Case) -> list[tuple[str, Passage]]:
        """Return the sentences to quote; where one thing is asked for, the one that says most of it comes first."""
        told, kind = case.support.sentence, _kind_of(case.query.question, case.form)
        limit, floor = self.settings.sentences, _AROUND if case.form.explanation else _BESIDE
        found = grounding.best_sentences(case.units, self._chosen(case.passages), limit, floor)
        if kind is None or told.passage is None or not has_value(kind, told.text, case.query.question):
            return found
        first = (told.text, told.passage)
        return [first, *(pair for pair in found if pair[0] != told.text)][:limit]

    def _supports(self, case: _Case) -> bool:
        """Whether nothing that the question names is missing, and the passages speak of it well enough."""
        unknown = case.form.unknown.casefold()
        if unknown and not any(unknown in text.casefold() for text in case.texts):
            return False
        return self.enough(case.support) and not grounding.unknown_codes(case.units, case.texts)

    def _tells(self, case: _Case) -> bool:
        """Whether a sentence or row may be quoted: nobody weighs it, so it must itself state such a thing as is asked for."""
        told, kind = case.support.sentence, _kind_of(case.query.question, case.form)
        if kind and not (told.row and told.share >= _WHOLE_ROW):
            headed = _told_below_its_heading(case.support) and has_value(kind, told.text, case.query.question)
            if not (headed or self._stated(case, kind) or self._stands_together(case, kind)):
                return False
        if told.row and self._of_other_things(case):
            return False
        # The neighbour of the asked row, or a row whose asked cell is empty, says nothing of what is asked.
        return not (told.row and _of_another(case.support.coverage, case.query.question, case.form))

    @staticmethod
    def _of_other_things(case: _Case) -> bool:
        """Whether the best row is not the asked one's, although it shares words with the question: 海岳 for 海月."""
        told, question, form = case.support.sentence, case.query.question, case.form
        if resembles(question, told.text):
            return True
        listed = _LISTED.search(question) and not _ONE_THING.search(question)
        if form.explanation or form.comparison or listed:
            return False
        words = subject_words(question, other_names(case.resolution))
        return stands_for_another(case.support.coverage, question, words)

    def weigh(
        self, query: Query, resolution: Resolution, passages: Sequence[Passage], form: QuestionForm
    ) -> Support:
        """Measure how far `passages` support an answer to `query`."""
        kind = _kind_of(query.question, form)
        near = None
        if kind:
            units = _without_kind(grounding.content_units(query.question, resolution.terms), query.question)
            near = stated(query.question, kind, units, passages[: self.settings.passages])
        names = other_names(resolution)
        return support_of(query.question, names, passages, rarity=self.rarity, stated=near)

    def _stated(self, case: _Case, kind: Kind) -> bool:
        """Whether a sentence has all the question's words about such a thing, or nearly all the words of its subject do.

        The cells of a row belong together however it is worded, so there less of the subject is enough.
        """
        question, passages = case.query.question, self._chosen(case.passages)
        said = "\n".join(grounding.fold(grounding.passage_text(passage)) for passage in passages)
        amounts = conditions(question)
        units = _said(case.units, said, amounts)
        asked = _said(_asked_about(question, case.resolution, case.texts), said, amounts)
        return (
            stated(question, kind, units, passages) >= self.settings.minimum_statement
            or stated(question, kind, asked, passages) >= _WHOLE_SUBJECT
            or stated(question, kind, asked, passages, rows_only=True) >= _IN_A_ROW
        )

    def _stands_together(self, case: _Case, kind: Kind) -> bool:
        """Whether a sentence has such a thing close to all that it says of the question, and no asked thing stands nowhere."""
        told, coverage = case.support.sentence, case.support.coverage
        if told.row or told.passage is None or told.share < _HALF or coverage.lacking(coverage.anywhere):
            return False
        said = [
            (asked.word.forms, asked.weight * share)
            for asked, share in zip(coverage.words, told.said, strict=True)
            if share >= _HALF
        ]
        return close_by(case.query.question, kind, said, told.text) >= _TOGETHER

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

    def _written(self, case: _Case) -> Iterator[TokenEvent | Draft]:
        """Let the model write from the passages; what it writes is held to them. Raises ModelUnavailableError."""
        if self.writer is None:
            return
        language, query, asked = case.form.language, case.query, case.resolution.terms
        box = self.tools(query.groups) if self.tools else None
        chosen = self._chosen(case.passages)
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


@dataclass(frozen=True)
class _Case:
    """One question with the passages that may answer it, and what they say of it."""

    query: Query
    resolution: Resolution
    passages: Sequence[Passage]
    form: QuestionForm
    support: Support

    @cached_property
    def units(self) -> tuple[grounding.Unit, ...]:
        units = grounding.content_units(self.query.question, self.resolution.terms)
        return _without_kind(units, self.query.question)

    @cached_property
    def texts(self) -> list[str]:
        return [grounding.passage_text(passage) for passage in self.passages]


def _best_rows(case: _Case, limit: int) -> list[tuple[str, Passage]]:
    """Return the rows that say most, unless an explanation or a comparison is wanted, which one row does not give."""
    rows, form = case.support.coverage.rows, case.form
    listed = len(rows) >= _SEVERAL and _LISTED.search(case.query.question)
    if form.comparison or (form.explanation and not listed):
        return []
    return [(row.text, row.passage) for row in rows if row.passage is not None][:limit]


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


def _told_below_its_heading(support: Support) -> bool:
    return support.probability >= _LIKELY and support.coverage.heading >= _HEADED


def _of_another(coverage: Coverage, question: str, form: QuestionForm) -> bool:
    """Whether the best row does not answer: it is another thing's, has not the asked cell, or no single row can tell."""
    if form.reason:
        return True
    if form.comparison or _LISTED.search(question):
        return False
    if coverage.lacks_kind(kind_asked(question)):
        return True
    over_rows = any(
        word.casefold() not in coverage.sentence.text.casefold() for word in _OVER_ROWS.findall(question)
    )
    return (
        over_rows or coverage.lacking_cell or coverage.lacking_name or coverage.lacks(asked_attribute(question))
    )


def _kind_of(question: str, form: QuestionForm) -> Kind | None:
    """Return the kind of the one thing that is asked for; a reason, a process and a comparison are no such thing."""
    return None if form.explanation or form.comparison or form.reason else asked_kind(question)


def _without_kind(units: tuple[grounding.Unit, ...], question: str) -> tuple[grounding.Unit, ...]:
    """Leave out the word for the kind of thing that is asked for: 苏州 answers 哪个城市, 128 answers 多少秒."""
    kinds = {*kind_asked(question).split(), *counted_in(question)}
    return tuple(unit for unit in units if unit.forms[0] not in kinds) or units


def _said(units: Sequence[grounding.Unit], text: str, amounts: Collection[str]) -> tuple[grounding.Unit, ...]:
    """Keep the units that the text says at all: what it lacks has been weighed, and tells nothing of what stands together.

    Nor does an amount that only sets a condition: 入职6年 is met by the rule for 5 years.
    """
    return tuple(unit for unit in units if unit.forms[0] not in amounts and unit.covered_by(text) >= _HALF)


def _asked_about(question: str, resolution: Resolution, texts: Sequence[str]) -> tuple[grounding.Unit, ...]:
    """Return the words that the question is about, with their other names and the full forms that the texts have."""
    words = subject_words(question, other_names(resolution))
    return tuple(
        grounding.Unit((*word.forms, *in_full(word.text, texts)), word.weight, word.firm) for word in words
    )


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
