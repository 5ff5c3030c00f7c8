"""What the question before was about: its term, the row that it named, or its subject."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from router.grounding import content_units, support
from router.questions import language_of, read_question
from terminology.types import TermContext

if TYPE_CHECKING:
    from retrieval.facts.types import FactResult
    from router.lanes import Search, Tables, Terminology
    from router.types import Query
    from terminology.types import ResolvedTerm, Sense

_MAX_TOPIC = 60
_PREDICATE = re.compile(
    r"是|有哪|有什么|有几|有多|为什么|为何|怎|如何|什么|多少|几|(?:归|由|属于?|找|问)?谁|哪|需要|应该|可以|能|会|要(?!求)|每[月年周天日次人]|"
    r"提供了?|负责|包括|包含|规定|适用|支持|分为|代表|指|吗|呢|[？?]"
)
_ASIDE = re.compile(
    r"^(?:请问一?下?|想问一?下|我?想知道|麻烦|帮我?查一?下|查一?下|告诉我|在|对于|关于|根据|按照?)+[，, ]*"
)
_ENGLISH_OBJECT = re.compile(
    r"\b(?:of|for|in|at|does|do|did|is|are|can|about)\s+(?P<x>(?:the |our |an? )?[A-Z0-9][\w.+&/{}\-]*(?: [\w.+&/{}\-]+){0,5}?)"
    r"(?= (?:offer|have|has|need|mean|cost|work|support|provide|require|include|cover|last|take|stand|use)s?\b|\s*[?.!]*$)"
)
_ENGLISH_NOUN = re.compile(
    r"\b(?:of|for|in|at|does|do|did|about)\s+(?P<x>(?:the |our |an? )?[\w.+&/{}\-]+(?: [\w.+&/{}\-]+){0,4}?)"
    r"(?= (?:offer|have|has|need|mean|cost|work|support|provide|require|include|cover|last|take|stand|use)s?\b|\s*[?.!]*$)"
)
_EDGE = re.compile(r"^[\s，,的]+|[\s，,。？?！!的]+$")


class Lanes(Protocol):
    """The capabilities that a conversation may ask."""

    @property
    def terminology(self) -> Terminology:
        """What finds terms."""
        ...

    @property
    def tables(self) -> Tables:
        """What finds exact values."""
        ...

    @property
    def search(self) -> Search:
        """What finds passages."""
        ...


class Topic:
    """What `earlier`, the question before, was about; every look is taken once, and only when it is needed."""

    def __init__(self, lanes: Lanes, earlier: Query) -> None:
        self._lanes = lanes
        self._earlier = earlier
        self.question = earlier.question
        self.zh = language_of(earlier.question) == "zh"

    @cached_property
    def terms(self) -> tuple[ResolvedTerm, ...]:
        """Its terms."""
        return self._lanes.terminology.resolve(self.question, context_of(self._earlier)).terms

    @cached_property
    def rows(self) -> FactResult:
        """What the tables say to it."""
        return self._lanes.tables.query(self.question, groups=self._earlier.groups)

    @cached_property
    def defines(self) -> bool:
        """Whether it asked what a term means."""
        spans = [(term.match.start, term.match.end) for term in self.terms]
        return read_question(self.question, spans).definition

    @cached_property
    def topic(self) -> str:
        """What the question before was about: its term, the row that it named, or its subject."""
        spans = [(term.match.start, term.match.end) for term in self.terms]
        form = read_question(self.question, spans)
        asked = [term for term in self.terms if term.match.start >= form.focus]
        if form.definition and asked:
            return _spelled(asked[0])
        if self.rows.status == "found" and self.rows.facts and len({f.row for f in self.rows.facts}) == 1:
            label = self.rows.facts[0].label
            if label and support(content_units(label), [self.question]) >= 0.5:
                return label
        subject = self.subject
        for term in self.terms:
            if term.match.surface == subject:
                return _spelled(term)
        return subject

    @cached_property
    def subject(self) -> str:
        """The subject as the question before named it, without what it asked of it."""
        head = self.head
        if self.zh and "的" in head:
            possessor, _, attribute = head.rpartition("的")
            head = possessor if possessor and len(attribute) <= 12 else head
        return head[-_MAX_TOPIC:]

    @cached_property
    def head(self) -> str:
        """The question before up to what it asks: 产品售后流程的处理步骤 of 产品售后流程的处理步骤有哪些."""
        if not self.zh:
            found = _ENGLISH_OBJECT.search(self.question) or _ENGLISH_NOUN.search(self.question)
            return found["x"].strip() if found else _EDGE.sub("", self.question)
        text = _ASIDE.sub("", self.question)
        for cut in _PREDICATE.finditer(text):
            head = _EDGE.sub("", text[: cut.start()])
            if len(head) > 1 or (head and head.isascii()):
                return head
        return _EDGE.sub("", text)


def context_of(query: Query) -> TermContext:
    """Return what terminology is to know beside the question of `query`."""
    return TermContext(query.department, query.history, query.chosen)


def senses_of(term: ResolvedTerm) -> tuple[Sense, ...]:
    """Return the senses of a term, the chosen one first."""
    return (term.chosen.sense, *(other.sense for other in term.alternatives))


def _spelled(term: ResolvedTerm) -> str:
    """The term as it was written; with the name of its sense where it has several and one was settled on."""
    sense, surface = term.chosen.sense, term.match.surface
    name = sense.chinese or sense.english
    if term.close or not term.alternatives or not name or name == surface:
        return surface
    return f"{name}（{surface}）"
