"""Conversations and feedback in the database: each owner's apart, deleted together, and readable after an upgrade."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from router.errors import ConversationsUnavailableError
from router.store import ConversationStore, Feedback, Turn
from router.types import Option
from terminology.types import Verdict


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConversationStore]:
    opened = ConversationStore(f"sqlite:///{tmp_path / 'x.db'}")
    opened.create_schema()
    yield opened
    opened.close()


def turn(question: str, answer_id: str = "") -> Turn:
    return Turn(
        question,
        f"答{question}",
        "term",
        "answered",
        "2026-01-01T00:00:00+00:00",
        answer_id,
        f"完整的{question}",
        (Option("甲", "甲？"),),
        ("a.docx",),
        (("am", 7),),
    )


def test_a_turn_comes_back_as_it_was(store: ConversationStore) -> None:
    store.append("c", turn("问", "a1"), "anna")
    assert store.history("c", "anna") == (turn("问", "a1"),)
    assert store.answered("a1", "anna") == ("c", turn("问", "a1"))
    assert store.answered("a1", "ben") is None


def test_the_same_id_of_two_owners_is_two_conversations(store: ConversationStore) -> None:
    for owner in ("anna", "ben", "anna"):
        store.append("c", turn(owner), owner)
    assert [each.question for each in store.history("c", "ben")] == ["ben"]
    assert [(each.owner, each.turns) for each in store.conversations("anna")] == [("anna", 2)]
    assert {each.owner for each in store.conversations(None)} == {"anna", "ben"}
    assert store.delete("c", "anna") == 2
    assert len(store.history("c", "ben")) == 1


def test_conversations_are_listed_the_latest_first_and_by_page(store: ConversationStore) -> None:
    for name in ("c1", "c2", "c3", "c1"):
        store.append(name, turn(f"{name}?"), "anna")
    assert [each.conversation_id for each in store.conversations("anna")] == ["c1", "c3", "c2"]
    assert [each.title for each in store.conversations("anna", limit=1, offset=1)] == ["c3?"]


def test_history_is_bounded(store: ConversationStore) -> None:
    for number in range(20):
        store.append("c", turn(str(number)))
    assert [each.question for each in store.history("c", limit=3)] == ["17", "18", "19"]


def test_feedback_goes_with_its_conversation(store: ConversationStore) -> None:
    verdicts = (Verdict("am", 7, "AM？", False, "anna"), Verdict("am", 8, "AM？", True, "anna"))
    given = store.add_feedback(
        Feedback("anna", "AM？", False, answer_id="a1", conversation_id="c", term="AM", verdicts=verdicts)
    )
    other = store.add_feedback(Feedback("ben", "x", True, conversation_id="c"))
    assert given.id
    assert store.feedback("anna") == [given]
    assert store.feedback_on("anna", answer_id="a1") == [given]
    assert store.feedback_on("anna") == []
    assert store.feedback_by_id(given.id, "ben") is None
    assert store.feedback_by_id(given.id, None) == given
    store.append("c", turn("AM？", "a1"), "anna")
    store.delete("c", "anna")
    assert store.feedback(None) == [other]
    store.delete_feedback(other.id)
    assert store.feedback(None) == []


def test_a_database_that_is_gone_is_named_without_its_password() -> None:
    store = ConversationStore("sqlite:////nowhere/at/all.db")
    with pytest.raises(ConversationsUnavailableError, match="nowhere"):
        store.history("c")
