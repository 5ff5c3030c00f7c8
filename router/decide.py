"""Chooses the road: the question's form and the evidence at hand go in, a Decision with its reason comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from router.types import Decision, Route

if TYPE_CHECKING:
    from router.questions import QuestionForm

# Below this, a table or sentence is a hint, not a find.
SURE = 0.6


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the cheap looks have found so far, each as a confidence from 0 to 1 and the reason it came with.

    `table_status` and `sentence_status` are the fact lane's own words (`found`, `several`, `absent`,
    `wrong_identifier`, `not_a_table_question`), empty when that look was not needed. `table_near`: the question
    names something that the tables hold only under similar names.
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


def decide(form: QuestionForm, evidence: Evidence, forced: Route | None = None) -> Decision:
    """Weigh the evidence, cheapest road first. Pure: the same input gives the same decision."""
    if forced is not None:
        return Decision(forced, 1.0, f"the caller asked for the {forced.value} route")
    return _term(form, evidence) or _fact(form, evidence) or _analysis(form, evidence)


def _term(form: QuestionForm, evidence: Evidence) -> Decision | None:
    if form.prefix:
        return Decision(Route.TERM, 0.99, f"asks for the abbreviations that begin with {form.prefix!r}")
    if form.compare and evidence.terms > 1:
        return Decision(Route.TERM, 0.9, "compares terms that are all in the glossary")
    if form.definition and evidence.terms and evidence.table_status != "found":
        return Decision(
            Route.TERM, 0.98, "a known term and a definition phrase are all there is in the question"
        )
    return None


def _fact(form: QuestionForm, evidence: Evidence) -> Decision | None:
    table, sentence = evidence.table_status, evidence.sentence_status
    if table == "found" and evidence.table_confidence >= SURE:
        return Decision(Route.FACT, evidence.table_confidence, f"a table answers: {evidence.table_reason}")
    if table == "wrong_identifier":
        return Decision(Route.FACT, 0.95, f"the identifier asked about is not valid: {evidence.table_reason}")
    if sentence == "found" and evidence.sentence_confidence >= SURE and not _explains_only(form):
        return Decision(
            Route.FACT, evidence.sentence_confidence, f"a sentence states it: {evidence.sentence_reason}"
        )
    if table == "several" and (evidence.table_confidence >= SURE or _asks_value_only(form)):
        return Decision(Route.FACT, 0.85, f"a table is asked about: {evidence.table_reason}")
    if table == "absent" and evidence.table_near and not _explains_only(form):
        # What only resembles a row must not be answered from the passages of that row.
        return Decision(
            Route.FACT, 0.85, f"a table is asked about, but holds no such row: {evidence.table_reason}"
        )
    if sentence == "several" and not _explains_only(form):
        return Decision(Route.FACT, 0.7, f"sentences state it differently: {evidence.sentence_reason}")
    return None


def _asks_value_only(form: QuestionForm) -> bool:
    return form.value and not form.explanation


def _explains_only(form: QuestionForm) -> bool:
    return form.explanation and not form.value


def _analysis(form: QuestionForm, evidence: Evidence) -> Decision:
    if form.unknown:
        return Decision(
            Route.ANALYSIS, 0.7, f"{form.unknown!r} is in no glossary row, so the documents are searched"
        )
    if form.explanation:
        return Decision(Route.ANALYSIS, 0.9, "asks for an explanation, a process or a comparison")
    if form.value:
        return Decision(
            Route.ANALYSIS, 0.6, "asks for a value that no table row and no sentence states exactly"
        )
    why = "no definition phrase and no value is asked for"
    return Decision(Route.ANALYSIS, 0.75, why if not evidence.terms else f"{why}, although a known term occurs")
