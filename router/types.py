"""The vocabulary of the router: a query, the decision on its road, and the answer with its sources."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from retrieval.facts.types import Fact
    from terminology.types import ResolvedTerm


class Route(StrEnum):
    """The three roads, cheapest first."""

    TERM = "term"
    FACT = "fact"
    ANALYSIS = "analysis"


class Status(StrEnum):
    """How an answer ended: answered, asked back, or refused because nothing supports an answer."""

    ANSWERED = "answered"
    CLARIFY = "clarify"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Query:
    """A question with what is known about its asker.

    `groups` are the asker's groups (None: the local operator, who sees everything). `history` holds earlier
    questions of the conversation, oldest first, and `turns` those whose answers are known, as (question, answer);
    `chosen` the senses picked in it (folded surface, sense id). `options` and `documents` are what the last answer
    offered to choose from, and the documents that it cited. `answer_id` is the id that the answer is to have.
    """

    question: str
    department: str | None = None
    conversation_id: str | None = None
    groups: frozenset[str] | None = None
    history: tuple[str, ...] = ()
    turns: tuple[tuple[str, str], ...] = ()
    chosen: tuple[tuple[str, int], ...] = ()
    route: Route | None = None
    options: tuple[Option, ...] = ()
    documents: tuple[str, ...] = ()
    answer_id: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage, cell or sentence that an answer rests on; `quote` stands verbatim in the document."""

    document: str
    document_id: str
    quote: str
    page: int | None = None
    slide: int | None = None
    sheet: str | None = None
    cell: str | None = None
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Option:
    """One reading of an ambiguous question, and the question that would choose it."""

    label: str
    question: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The road chosen, how sure the router is (0 to 1), and why, in words for a person.

    `ground` names the rule or evidence that decided, `score` how strong it was (0 to 1) before calibration.
    """

    route: Route
    confidence: float
    reason: str
    ground: str = ""
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Trace:
    """Why this road, how long each stage took (milliseconds), and what each stage did."""

    reason: str
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the user gets; the public contract's answer object (section 3) is this, as JSON.

    `completed_question` is the question as it was answered where it leaned on the conversation, else empty; `chosen`
    holds the senses that the user picked with it (folded surface, sense id). `answer_id` is what feedback names.
    """

    question: str
    rewritten_question: str
    route: Route
    status: Status
    answer: str
    confidence: float
    trace: Trace
    terms: tuple[ResolvedTerm, ...] = ()
    facts: tuple[Fact, ...] = ()
    citations: tuple[Citation, ...] = ()
    options: tuple[Option, ...] = ()
    flags: tuple[str, ...] = ()
    completed_question: str = ""
    answer_id: str = ""
    chosen: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class RouteEvent:
    """First event of a streamed answer: the road is chosen."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class TokenEvent:
    """A further piece of the answer's text, as it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class AnswerEvent:
    """Last event: the whole answer, grounded and cited; it replaces the pieces."""

    answer: Answer


Event = RouteEvent | TokenEvent | AnswerEvent
