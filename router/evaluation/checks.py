"""What is checked of one answer against its label; a check that the label does not ask for gives None."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from retrieval.facts.guard import unsupported
from router.types import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from router.evaluation.labels import Label
    from router.types import Answer, Citation

    SourceTexts = Callable[[Citation], Sequence[str]]

# A line of a list that the program counts itself: "共 3 条", "3 rows".
_LISTED = re.compile(r"(?m)^\s*(?:[-*•]|\d{1,3}[.、)）])\s")
# The model's or the program's numbers of citations.
_REFERENCE = re.compile(r"\[\d{1,3}\]")


def check(label: Label, answer: Answer) -> dict[str, bool | None]:
    """Return every check by its name."""
    return {name: one(label, answer) for name, one in CHECKS.items()}


def invented_values(answer: Answer, sources: SourceTexts) -> tuple[str, ...]:
    """Return the numbers, codes, dates and addresses of an answer that stand in no source that it cites.

    `sources` gives the texts of a citation's place beyond its quote. What the question says itself, and the count of
    the lines that the answer lists, is not invented. Answers that ask back or refuse are not looked at.
    """
    if answer.status is not Status.ANSWERED:
        return ()
    texts = [
        text
        for citation in answer.citations
        for text in (citation.document, citation.quote, *sources(citation))
    ]
    texts += [answer.question, answer.rewritten_question, str(len(_LISTED.findall(answer.answer)))]
    return tuple(dict.fromkeys(value.text for value in unsupported(_REFERENCE.sub("", answer.answer), texts)))


def key_points_found(label: Label, answer: Answer) -> tuple[int, int] | None:
    """Return how many of the label's key points the answer's text holds, and how many there are; None for none."""
    if not label.key_points:
        return None
    text = packed(answer.answer)
    found = sum(any(packed(wording) in text for wording in point) for point in label.key_points)
    return found, len(label.key_points)


def packed(text: str) -> str:
    """Return `text` as it is compared: width and case folded, without white space (a PDF breaks lines inside words)."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text).casefold())


def _route(label: Label, answer: Answer) -> bool | None:
    # A question without an answer is judged by its refusal: which road refused it is no one's concern.
    return None if label.status == "refused" else answer.route.value == label.route


def _status(label: Label, answer: Answer) -> bool | None:
    return answer.status.value == label.status


def _contains(label: Label, answer: Answer) -> bool | None:
    text = "\n".join([answer.answer, *(option.label + option.question for option in answer.options)])
    return _all(_unspaced(part) in _unspaced(text) for part in label.expect.get("contains", ()))


def _terms(label: Label, answer: Answer) -> bool | None:
    found = {(term.match.surface, term.chosen.sense.chinese) for term in answer.terms}
    return _all((term["surface"], term["chinese"]) in found for term in label.expect.get("terms", ()))


def _facts(label: Label, answer: Answer) -> bool | None:
    """Character for character, white space apart, among the facts."""
    values = {_unspaced(fact.value) for fact in answer.facts}
    return _all(_unspaced(wanted) in values for wanted in label.expect.get("facts", ()))


def _fact_shown(label: Label, answer: Answer) -> bool | None:
    """The value, or the same value in a longer or shorter stretch of its sentence."""
    values = [_unspaced(fact.value) for fact in answer.facts]
    return _all(
        any(_same(_unspaced(wanted), value) for value in values) for wanted in label.expect.get("facts", ())
    )


def _same(wanted: str, value: str) -> bool:
    return wanted == value or (len(wanted) > 1 and wanted in value) or (len(value) > 1 and value in wanted)


def _citations(label: Label, answer: Answer) -> bool | None:
    cited = {citation.document for citation in answer.citations}
    return _all(document in cited for document in label.expect.get("documents", ()))


def _rewritten(label: Label, answer: Answer) -> bool | None:
    return _all(part in answer.rewritten_question for part in label.expect.get("rewritten_contains", ()))


CHECKS: dict[str, Callable[[Label, Answer], bool | None]] = {
    "route_accuracy": _route,
    "status_accuracy": _status,
    "contains": _contains,
    "term_accuracy": _terms,
    "fact_exact_match": _facts,
    "fact_shown": _fact_shown,
    "citation_hit": _citations,
    "rewritten": _rewritten,
}


def _unspaced(text: str) -> str:
    return re.sub(r"\s", "", text)


def _all(results: Iterable[bool]) -> bool | None:
    values = list(results)
    return all(values) if values else None
