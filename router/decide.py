"""Chooses the road: the question's form and the evidence at hand go in, a Decision with its reason comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from router.probability import probability
from router.types import Decision, Route

if TYPE_CHECKING:
    from router.questions import QuestionForm

# Below this, a table or sentence is a hint, not a find.
SURE = 0.6
VALUE_NOT_FOUND = "value not found"
ROW = "row"
# From this share of the question on, a row is what it asks for.
_WHOLE_ROW = 0.75


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the cheap looks have found so far, each as a confidence from 0 to 1 and the reason it came with.

    `table_status` and `sentence_status` are the fact lane's own words (`found`, `several`, `absent`,
    `wrong_identifier`, `not_a_table_question`), empty when that look was not needed. `table_near`: the question
    names something that the tables hold only under similar names. `row`: the share of the question that one row of a
    passage, or one sentence with a value, says, looked at only where its wording decides nothing. `named`: one row says
    nearly all of it, although its name was not given in full.
    """

    terms: int = 0
    ambiguous: bool = False
    table_status: str = ""
    table_confidence: float = 0.0
    table_reason: str = ""
    table_near: bool = False
    sentence_status: str = ""
    sentence_confidence: float = 0.0
    sentence_reason: str = ""
    row: float = 0.0
    named: bool = False


def decide(form: QuestionForm, evidence: Evidence, forced: Route | None = None) -> Decision:
    """Weigh the evidence, cheapest road first. The same input gives the same decision, and nothing is looked up here."""
    if forced is not None:
        return Decision(forced, 1.0, f"the caller asked for the {forced.value} route")
    return _term(form, evidence) or _fact(form, evidence) or _analysis(form, evidence)


def _term(form: QuestionForm, evidence: Evidence) -> Decision | None:
    if form.prefix:
        return _chosen(
            Route.TERM, "listing", 0.99, f"asks for the abbreviations that begin with {form.prefix!r}"
        )
    if form.compare and evidence.terms > 1:
        return _chosen(Route.TERM, "terms compared", 0.9, "compares terms that are all in the glossary")
    if form.definition and evidence.terms and evidence.table_status != "found":
        why = "a known term and a definition phrase are all there is in the question"
        return _chosen(Route.TERM, "definition", 0.98, why)
    return None


def _fact(form: QuestionForm, evidence: Evidence) -> Decision | None:
    if (form.comparison and not form.value) or form.reason:
        # No cell tells a difference or a reason.
        return None
    return _found(form, evidence) or _unresolved(form, evidence) or _told(form, evidence)


def _found(form: QuestionForm, evidence: Evidence) -> Decision | None:
    """A table or a sentence has the value, or the identifier asked about cannot exist."""
    if evidence.table_status == "found" and evidence.table_confidence >= SURE:
        return _chosen(
            Route.FACT, "table", evidence.table_confidence, f"a table answers: {evidence.table_reason}"
        )
    if evidence.table_status == "wrong_identifier":
        why = f"the identifier asked about is not valid: {evidence.table_reason}"
        return _chosen(Route.FACT, "wrong identifier", 0.95, why)
    stated = evidence.sentence_status == "found" and evidence.sentence_confidence >= SURE
    if stated and not _explains_only(form) and not form.mixed:
        why = f"a sentence states it: {evidence.sentence_reason}"
        return _chosen(Route.FACT, "sentence", evidence.sentence_confidence, why)
    return None


def _unresolved(form: QuestionForm, evidence: Evidence) -> Decision | None:
    """A value is asked for that tables or sentences have more than once, or only under a similar name."""
    table = evidence.table_status
    if (
        table == "several"
        and not evidence.named
        and (evidence.table_confidence >= SURE or _asks_value_only(form))
    ):
        return _chosen(Route.FACT, "several rows", 0.85, f"a table is asked about: {evidence.table_reason}")
    if table == "absent" and evidence.table_near and not (_explains_only(form) or form.mixed):
        # What only resembles a row must not be answered from the passages of that row.
        why = f"a table is asked about, but holds no such row: {evidence.table_reason}"
        return _chosen(Route.FACT, "similar row", 0.85, why)
    if evidence.sentence_status == "several" and not _explains_only(form):
        why = f"sentences state it differently: {evidence.sentence_reason}"
        return _chosen(Route.FACT, "several sentences", 0.7, why)
    if _asks_value_only(form) and not (form.small_talk or form.catalogue or form.unknown):
        # The fact road is the one asked for; having no answer, it hands over.
        why = "asks for a value that no table row and no sentence states exactly"
        return _chosen(Route.FACT, VALUE_NOT_FOUND, 0.6, why)
    return None


def _told(form: QuestionForm, evidence: Evidence) -> Decision | None:
    if evidence.row >= _WHOLE_ROW and not (form.small_talk or form.catalogue):
        return _chosen(
            Route.FACT, ROW, evidence.row, "a row or a sentence with a value says all that the question names"
        )
    return None


def _analysis(form: QuestionForm, evidence: Evidence) -> Decision:
    if form.small_talk:
        return _chosen(Route.ANALYSIS, "small talk", 0.97, "small talk needs no document")
    if form.catalogue:
        return _chosen(Route.ANALYSIS, "catalogue", 0.97, "asks which documents there are")
    if form.unknown:
        why = f"{form.unknown!r} is in no glossary row, so the documents are searched"
        return _chosen(Route.ANALYSIS, "unknown abbreviation", 0.7, why)
    if form.explanation:
        why = "asks for an explanation, a process or a comparison"
        return _chosen(Route.ANALYSIS, "explanation", 0.8 if form.value else 0.9, why)
    why = "no definition phrase and no value is asked for"
    reason = why if not evidence.terms else f"{why}, although a known term occurs"
    return _chosen(Route.ANALYSIS, "nothing decisive", 0.75, reason)


def _chosen(route: Route, ground: str, score: float, reason: str) -> Decision:
    return Decision(route, probability(ground, score), reason, ground, score)


def _asks_value_only(form: QuestionForm) -> bool:
    return form.value and not form.explanation and not form.mixed


def _explains_only(form: QuestionForm) -> bool:
    return form.explanation and not form.value
