"""The whole program with its cache: whatever an answer draws on may change, in this process or another."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from api import operations
from api.auth import OPERATOR, Viewer
from api.chat import Question
from api.feedback import Given
from api.glossary import import_terms
from api.settings import Settings
from api.tables import Change, correct, forget
from api.wiring import Application

if TYPE_CHECKING:
    from router.types import Answer

TERM, FACT, NONE = "KYC是什么意思？", "骨科的分机是多少？", "火星办事处的传真号码是多少？"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    write_table(tmp_path, "060522")
    (tmp_path / "files" / "制度.txt").write_text("值班制度：夜班值班电话为13900001111。\n", "utf-8")
    (tmp_path / "terms.csv").write_text(
        "缩略语,英文全称,中文解释\nKYC,Know Your Customer,客户身份识别\nAM,Account Manager,客户经理\n"
        "AM,Amplitude Modulation,调幅\n",
        "utf-8",
    )
    with Application(settings(tmp_path)) as application:
        import_terms(application, tmp_path / "terms.csv", dry_run=False, who="test")
        ingest(application, tmp_path)
    return tmp_path


@pytest.fixture
def serving(folder: Path) -> Iterator[Application]:
    with Application(settings(folder)) as application:
        application.warm_up()
        yield application


@pytest.fixture
def other(folder: Path) -> Iterator[Application]:
    """Another program over the same data: it shares nothing with the serving one but the database."""
    with Application(settings(folder)) as application:
        yield application


def settings(folder: Path) -> Settings:
    return Settings(data_dir=folder / "data", embedding_model="hashed")


def write_table(folder: Path, extension: str) -> None:
    rows = f"科室,分机,楼层\n骨科,{extension},3\n儿科,070230,5\n"
    (folder / "files" / "电话.csv").write_text(rows, "utf-8")


def ingest(application: Application, folder: Path) -> None:
    assert {report.status for report in application.pipeline.ingest([folder / "files"])} <= {
        "indexed",
        "replaced",
        "unchanged",
    }


def ask(application: Application, question: str, viewer: Viewer = OPERATOR) -> Answer:
    return application.chat.answer(Question(question), viewer)


def from_cache(answer: Answer) -> bool:
    return "cache" in answer.trace.timings_ms


def kept(application: Application, question: str) -> Answer:
    """Ask until the answer is kept; return it as it is given again."""
    answer = again(application, question)
    assert application.chat.at_once(Question(question), OPERATOR) is not None
    return answer


def again(application: Application, question: str, viewer: Viewer = OPERATOR) -> Answer:
    """Ask until the answer comes from the cache: what is learnt from new documents in the background counts as a change."""
    deadline = time.monotonic() + 60
    while not from_cache(answer := ask(application, question, viewer)):
        assert time.monotonic() < deadline
    return answer


def changed(application: Application, question: str) -> Answer:
    """Ask after a change: what was kept must not be given."""
    assert application.chat.at_once(Question(question), OPERATOR) is None
    answer = ask(application, question)
    assert not from_cache(answer)
    return answer


def test_terms_facts_and_refusals_are_given_again(serving: Application) -> None:
    for question in (TERM, FACT, NONE):
        first, second = ask(serving, question), again(serving, question)
        assert not from_cache(first)
        assert first.answer_id != second.answer_id
        assert replace(second, trace=first.trace, answer_id=first.answer_id) == first
        for answer in (first, second):
            assert serving.recent_answers.find(answer.answer_id, OPERATOR.user) is not None


def test_a_term_edited_elsewhere_counts_at_the_next_question(serving: Application, other: Application) -> None:
    assert "客户身份识别" in kept(serving, TERM).answer
    (sense,) = other.lookup("KYC")
    other.glossary.edit(replace(sense, chinese="了解你的客户"), "test")
    assert "了解你的客户" in changed(serving, TERM).answer
    kept(serving, TERM)
    other.glossary.undo()
    assert "客户身份识别" in changed(serving, TERM).answer


def test_feedback_counts_at_the_next_question(serving: Application, other: Application) -> None:
    question = "请问AM是谁负责安排的？"

    def score(answer: Answer) -> float:
        (term,) = answer.terms
        senses = [term.chosen, *term.alternatives]
        return next(each.score for each in senses if each.sense.chinese == "调幅")

    ask(serving, question)
    before = score(ask(serving, question))
    given = other.feedback.give(Given(False, question=question, term="AM", sense="调幅"), OPERATOR)
    assert score(ask(serving, question)) > before
    other.feedback.take_back(given.id, OPERATOR)
    assert score(ask(serving, question)) == pytest.approx(before)


def test_a_changed_file_counts_at_the_next_question(
    serving: Application, other: Application, folder: Path
) -> None:
    assert "060522" in kept(serving, FACT).answer
    write_table(folder, "060599")
    ingest(other, folder)
    assert "060599" in changed(serving, FACT).answer


def test_a_deleted_document_answers_nothing(serving: Application, other: Application) -> None:
    assert "060522" in kept(serving, FACT).answer
    (document,) = [each for each in other.documents(None) if each.name == "电话.csv"]
    other.delete_document(document.id)
    assert "060522" not in changed(serving, FACT).answer


def test_what_was_refused_is_answered_once_a_document_says_it(
    serving: Application, other: Application, folder: Path
) -> None:
    assert kept(serving, NONE).status == "refused"
    (folder / "files" / "传真.csv").write_text("办事处,传真号码\n火星办事处,010-5550123\n", "utf-8")
    ingest(other, folder)
    assert "010-5550123" in changed(serving, NONE).answer


def test_a_corrected_table_counts_at_the_next_question(serving: Application, other: Application) -> None:
    assert "060522" in kept(serving, FACT).answer
    (stored,) = other.fact_store.tables()
    correct(other, stored, Change(rename={"分机": "房间", "楼层": "分机"}))
    assert [fact.value for fact in changed(serving, FACT).facts] == ["3"]
    kept(serving, FACT)
    (stored,) = other.fact_store.tables()
    assert forget(other, stored)
    assert [fact.value for fact in changed(serving, FACT).facts] == ["060522"]


def test_rebuilt_indexes_answer_anew(serving: Application) -> None:
    kept(serving, FACT)
    operations.rebuild(serving)
    assert not from_cache(ask(serving, FACT))
    again(serving, FACT)


def test_nobody_gets_what_another_may_see(serving: Application, folder: Path) -> None:
    closed = folder / "files" / "薪酬.csv"
    closed.write_text("职务,年薪\n副总裁,987654\n", "utf-8")
    assert [r.status for r in serving.pipeline.ingest([closed], groups=("editors",))] == ["indexed"]
    question = "副总裁的年薪是多少？"
    editor, reader = (Viewer(name, "reader", frozenset({name})) for name in ("editors", "readers"))
    for _ in range(2):
        assert "987654" in ask(serving, question, editor).answer
        assert "987654" not in ask(serving, question, reader).answer
        assert "987654" in ask(serving, question).answer
    assert "987654" not in again(serving, question, reader).answer
    assert "987654" in again(serving, question, editor).answer


def test_a_turn_of_a_conversation_is_there_right_after_its_answer(serving: Application) -> None:
    kept(serving, TERM)
    answer = serving.chat.answer(Question(TERM, conversation_id="c"), OPERATOR)
    assert from_cache(answer)
    (turn,) = serving.archive.turns("c", OPERATOR)
    assert (turn.answer, turn.answer_id) == (answer.answer, answer.answer_id)
    follow_up = serving.chat.answer(Question("它的英文全称？", conversation_id="c"), OPERATOR)
    assert "Know Your Customer" in follow_up.answer
    assert not from_cache(follow_up)


def test_an_unknown_abbreviation_counts_each_time(folder: Path) -> None:
    with Application(settings(folder)) as application:
        for _ in range(3):
            answer = ask(application, "ZQX的联系电话是多少？")
        assert from_cache(answer)
    with Application(settings(folder)) as application:
        (unknown,) = application.glossary.unknown()
        assert (unknown.surface, unknown.count) == ("ZQX", 3)
