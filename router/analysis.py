"""The analysis road: passages are found, and an answer is written from them, or quoted where no model is set."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from router import grounding
from router.agent import WritingRequest
from router.errors import ModelUnavailableError
from router.term import Draft, cite_rows
from router.types import Status, TokenEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from retrieval.types import Passage
    from router.agent import Tools
    from router.questions import Language, QuestionForm
    from router.settings import RouterSettings
    from router.types import Citation, Query
    from terminology.types import Resolution, ResolvedTerm

_REFERENCE = re.compile(r"\[(\d{1,2})\]")


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
    """Everything this road needs: the writer (None: extractive), the check of values, and its settings."""

    settings: RouterSettings
    unsupported: Callable[[str, Sequence[str]], Sequence[str]]
    writer: Writer | None = None
    tools: Callable[[frozenset[str] | None], Toolbox] | None = None

    def answer(
        self, query: Query, resolution: Resolution, passages: Sequence[Passage], form: QuestionForm
    ) -> Iterator[TokenEvent | Draft]:
        """Yield the pieces of the answer as they come, and at the end the Draft that stands."""
        language = form.language
        units = grounding.content_units(query.question, resolution.terms)
        texts = [grounding.passage_text(passage) for passage in passages]
        covered = grounding.support(units, texts[:3])
        # Asked for a value of something that no passage names, a value of something else must not be shown.
        foreign = form.value and not form.explanation and grounding.uncovered(units, texts)
        unknown = form.unknown and not any(form.unknown.casefold() in text.casefold() for text in texts)
        codes = grounding.unknown_codes(units, texts)
        if covered < self.settings.minimum_support or foreign or unknown or codes:
            yield _refusal(passages, language, covered)
            return
        chosen = list(passages[: self.settings.passages])
        note = ""
        if self.writer is not None:
            box = self.tools(query.groups) if self.tools else None
            request = WritingRequest(
                query.question,
                resolution.rewritten_question,
                tuple(chosen),
                resolution.terms,
                query.turns[-self.settings.history_turns :],
                box.tools if box else None,
            )
            try:
                yield from self._written(request, box, language, covered)
                return
            except ModelUnavailableError as error:
                note = _unavailable(error, language)
        yield self._extracted(units, chosen, language, covered, note)

    def _written(
        self, request: WritingRequest, box: Toolbox | None, language: Language, covered: float
    ) -> Iterator[TokenEvent | Draft]:
        if self.writer is None:
            return
        text = yield from _as_events(self.writer.write(request))
        beside = [*_glossary_rows(text, request.terms), *(box.given if box else ())]
        sources = [grounding.passage_text(passage) for passage in request.passages]
        sources += [citation.quote for citation in beside]
        kept, struck = grounding.strike_unsupported(text.strip(), sources, self.unsupported)
        # The struck values themselves are not repeated: a flag says how many there were.
        flags = (f"unsupported-values-removed:{len(struck)}",) if struck else ()
        if not kept:
            yield _refusal(request.passages, language, covered, flags)
            return
        kept, citations = _cited(kept, request.passages)
        if struck:
            kept = f"{kept}\n{_struck(len(struck), language)}"
        yield Draft(
            Status.ANSWERED,
            kept,
            tuple(dict.fromkeys((*citations, *beside))),
            confidence=round(covered, 3),
            flags=flags,
        )

    def _extracted(
        self,
        units: Sequence[grounding.Unit],
        passages: Sequence[Passage],
        language: Language,
        covered: float,
        note: str,
    ) -> Draft:
        found = grounding.best_sentences(units, passages, self.settings.sentences)
        if not found:
            return _refusal(passages, language, covered)
        lines = [f"{sentence} [{number}]" for number, (sentence, _) in enumerate(found, 1)]
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


def _glossary_rows(text: str, terms: Sequence[ResolvedTerm]) -> tuple[Citation, ...]:
    """Cite the glossary rows whose names the text uses: the model was given their meanings."""
    senses = [term.chosen.sense for term in terms]
    return cite_rows(
        sense
        for sense in senses
        if any(name and name in text for name in (sense.term, sense.chinese, sense.english))
    )


def _as_events(pieces: Generator[str, None, str]) -> Generator[TokenEvent, None, str]:
    """Pass the pieces on as events, and return what the writer says the whole text is."""
    while True:
        try:
            yield TokenEvent(next(pieces))
        except StopIteration as done:
            return str(done.value or "")


def _cited(text: str, passages: Sequence[Passage]) -> tuple[str, tuple[Citation, ...]]:
    """Renumber the references in `text` to the citations that it really uses, in order of first use.

    A reference to no passage is taken out; a text without references cites every passage that it was given.
    """
    order: dict[int, int] = {}

    def renumber(found: re.Match[str]) -> str:
        number = int(found[1])
        if not 1 <= number <= len(passages):
            return ""
        return f"[{order.setdefault(number, len(order) + 1)}]"

    text = _REFERENCE.sub(renumber, text)
    used = [passages[number - 1] for number in order] or list(passages)
    return text, tuple(grounding.cite(passage, passage.chunk.text) for passage in used)


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


def _struck(count: int, language: Language) -> str:
    if language == "zh":
        return f"（已删去 {count} 处在所引资料中找不到依据的数值）"
    return f"({count} value(s) that no cited source holds were removed.)"


def _unavailable(error: ModelUnavailableError, language: Language) -> str:
    if language == "zh":
        return f"（语言模型 {error.model} 暂不可用，以下为文件原文摘录）"
    return f"(The language model {error.model} is unavailable; quoted from the documents.)"
