"""The decision is pure: form and evidence in, a road with its reason out."""

from __future__ import annotations

import pytest

from router.decide import VALUE_NOT_FOUND, Evidence, decide
from router.questions import QuestionForm
from router.types import Route

ZH = {"language": "zh"}


def test_a_definition_of_a_known_term_takes_the_term_road() -> None:
    decision = decide(QuestionForm(**ZH, definition=True), Evidence(terms=1))
    assert decision.route is Route.TERM
    assert decision.reason


def test_a_definition_without_a_known_term_does_not() -> None:
    assert decide(QuestionForm(**ZH, definition=True), Evidence()).route is Route.ANALYSIS


def test_a_sure_table_row_takes_the_fact_road() -> None:
    evidence = Evidence(table_status="found", table_confidence=0.95, table_reason="row 3")
    decision = decide(QuestionForm(**ZH, value=True), evidence)
    assert decision.route is Route.FACT
    assert "row 3" in decision.reason


def test_an_unsure_table_row_does_not() -> None:
    evidence = Evidence(table_status="found", table_confidence=0.2)
    assert decide(QuestionForm(**ZH), evidence).route is Route.ANALYSIS


@pytest.mark.parametrize("status", ["absent", "several", "wrong_identifier"])
def test_a_table_that_is_asked_about_keeps_the_question(status: str) -> None:
    evidence = Evidence(table_status=status, table_near=True)
    assert decide(QuestionForm(**ZH, value=True), evidence).route is Route.FACT


def test_a_table_that_knows_nothing_like_it_lets_the_question_go() -> None:
    asked = decide(QuestionForm(**ZH, value=True), Evidence(table_status="absent"))
    assert (asked.route, asked.ground) == (Route.FACT, VALUE_NOT_FOUND)
    explained = decide(QuestionForm(**ZH, value=True, explanation=True), Evidence(table_status="absent"))
    assert explained.route is Route.ANALYSIS


def test_a_sentence_answers_where_the_table_has_no_such_row() -> None:
    evidence = Evidence(
        table_status="absent", sentence_status="found", sentence_confidence=0.9, sentence_reason="s"
    )
    decision = decide(QuestionForm(**ZH, value=True), evidence)
    assert decision.route is Route.FACT
    assert "sentence" in decision.reason


def test_an_explanation_is_not_answered_by_one_sentence() -> None:
    evidence = Evidence(sentence_status="found", sentence_confidence=0.9)
    assert decide(QuestionForm(**ZH, explanation=True), evidence).route is Route.ANALYSIS


def test_the_caller_can_force_a_road() -> None:
    evidence = Evidence(table_status="found", table_confidence=1.0)
    decision = decide(QuestionForm(**ZH, value=True), evidence, Route.ANALYSIS)
    assert decision.route is Route.ANALYSIS
    assert "caller" in decision.reason
