"""The glossary row is the answer, verbatim."""

from __future__ import annotations

from router.questions import QuestionForm
from router.term import answer_terms, readings
from router.types import Status
from terminology.types import ResolvedTerm, ScoredSense, Sense, TermMatch, TermSource

MANAGER = Sense(
    "AM", "Account Manager", "客户经理", id=1, number="6", source=TermSource("词表.xlsx", "Sheet1", 7)
)
SCREEN = Sense(
    "AM", "Amplitude Modulation", "调幅", id=2, department="印前", source=TermSource("词表.xlsx", "Sheet1", 8)
)


class Source:
    def starting_with(self, prefix: str) -> tuple[Sense, ...]:
        return tuple(sense for sense in (MANAGER, SCREEN) if sense.term.startswith(prefix))


def resolved(*senses: Sense, close: bool = False, surface: str = "AM") -> ResolvedTerm:
    match = TermMatch(surface, 0, len(surface), senses)
    scored = [ScoredSense(sense, 1 / len(senses)) for sense in senses]
    return ResolvedTerm(match, scored[0], "only" if len(senses) == 1 else "context", tuple(scored[1:]), close)


def test_one_sense_is_answered_with_its_row_and_source() -> None:
    draft = answer_terms(QuestionForm("zh", definition=True), [resolved(MANAGER)], Source())
    assert draft.status is Status.ANSWERED
    assert draft.text == "AM：客户经理（Account Manager）"
    assert (draft.citations[0].document, draft.citations[0].sheet, draft.citations[0].cell) == (
        "词表.xlsx",
        "Sheet1",
        "7:7",
    )
    assert draft.citations[0].quote == "6 | AM | Account Manager | 客户经理"


def test_senses_that_nothing_tells_apart_are_all_shown_and_asked_about() -> None:
    draft = answer_terms(QuestionForm("zh", definition=True), [resolved(MANAGER, SCREEN, close=True)], Source())
    assert draft.status is Status.CLARIFY
    assert "客户经理" in draft.text
    assert "调幅" in draft.text
    assert [option.question for option in draft.options] == [
        "客户经理（AM）是什么意思？",
        "调幅（AM）是什么意思？",
    ]


def test_a_clear_choice_shows_one_sense() -> None:
    draft = answer_terms(QuestionForm("zh", definition=True), [resolved(SCREEN, MANAGER)], Source())
    assert draft.status is Status.ANSWERED
    assert "客户经理" not in draft.text


def test_english_question_english_first() -> None:
    draft = answer_terms(QuestionForm("en", definition=True), [resolved(MANAGER)], Source())
    assert draft.text == "AM: Account Manager (客户经理)"


def test_reverse_look_up_names_the_abbreviation() -> None:
    form = QuestionForm("zh", definition=True, wanted="abbreviation")
    draft = answer_terms(form, [resolved(MANAGER, surface="客户经理")], Source())
    assert draft.text.startswith("客户经理的缩略语是 AM。")


def test_listing_by_prefix_and_none() -> None:
    draft = answer_terms(QuestionForm("zh", prefix="A"), [], Source())
    assert "客户经理" in draft.text
    assert "调幅" in draft.text
    assert answer_terms(QuestionForm("zh", prefix="Z"), [], Source()) is None


def test_no_term_no_answer() -> None:
    assert answer_terms(QuestionForm("zh", definition=True), [], Source()) is None


def test_options_put_the_sense_into_the_question() -> None:
    options = readings(resolved(MANAGER, SCREEN, close=True), "zh", "AM负责什么？")
    assert [option.question for option in options] == ["客户经理（AM）负责什么？", "调幅（AM）负责什么？"]


def test_without_any_context_the_documents_habits_do_not_choose() -> None:
    form = QuestionForm("zh", definition=True)
    assert answer_terms(form, [resolved(SCREEN, MANAGER)], Source(), bare=True).status is Status.CLARIFY
    assert answer_terms(form, [resolved(MANAGER)], Source(), bare=True).status is Status.ANSWERED
