"""Conversations through the whole program: follow-ups, remembered choices, history and feedback, each user their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from api.auth import OPERATOR
from api.chat import Question
from api.feedback import Given
from api.glossary import import_terms
from api.schemas import AnswerSchema
from api.settings import Settings
from api.wiring import Application
from tests.functional.conftest import GLOSSARY
from tests.functional.test_http import KEYS, serve

pytestmark = pytest.mark.functional


@pytest.fixture
def conversation() -> str:
    return uuid4().hex


def say(pack: Application, conversation: str, question: str) -> AnswerSchema:
    answer = AnswerSchema.of(pack.chat.answer(Question(question, conversation_id=conversation), OPERATOR))
    for term in answer.terms:
        assert question[term.start : term.end] == term.surface
    return answer


def test_a_follow_up_takes_subject_and_column_from_the_conversation(
    pack: Application, conversation: str
) -> None:
    say(pack, conversation, "工行苏州墨衡路支行的联行号是多少")
    answer = say(pack, conversation, "那招行呢？")
    assert answer.completed_question == "招行苏州墨衡路支行的联行号是多少"
    assert (answer.route, answer.status) == ("fact", "answered")
    assert "招商银行" in answer.answer
    assert any("completed from the conversation" in step for step in answer.trace.steps)
    again = say(pack, conversation, "农行呢")
    assert "农业银行" in again.answer


def test_a_pronoun_stands_for_the_term_and_has_its_offsets(pack: Application, conversation: str) -> None:
    say(pack, conversation, "OEE是什么意思？")
    answer = say(pack, conversation, "它的英文全称？")
    assert (answer.route, answer.status) == ("term", "answered")
    assert "Overall Equipment Effectiveness" in answer.answer
    assert [(term.surface, term.start, term.end, term.term) for term in answer.terms] == [("它", 0, 1, "OEE")]


def test_a_term_that_only_the_conversation_brought_has_no_offsets(pack: Application, conversation: str) -> None:
    say(pack, conversation, "OEE是什么意思？")
    answer = say(pack, conversation, "英文全称是什么")
    assert "Overall Equipment Effectiveness" in answer.answer
    assert answer.terms == []
    assert "OEE" in answer.rewritten_question


@pytest.mark.parametrize("pick", ["印前的", "第二个", "我说的是加网那个", "调幅（调幅加网）（AM）是什么意思？"])
def test_a_picked_sense_counts_for_the_rest_of_the_conversation(
    pack: Application, conversation: str, pick: str
) -> None:
    asked = say(pack, conversation, "AM是什么意思？")
    assert asked.status == "clarify"
    chosen = asked.options[1] if pick == "第二个" else asked.options[0]
    picked = say(pack, conversation, pick)
    assert picked.status == "answered"
    wanted = "客户经理" if pick == "第二个" and "客户经理" in chosen.label else "调幅"
    assert wanted in picked.answer
    say(pack, conversation, "ESS培训每月几次？")
    later = say(pack, conversation, "AM的英文全称是什么？")
    assert later.terms[0].chosen_by == "user"
    assert later.terms[0].chinese.startswith(wanted)
    other = say(pack, uuid4().hex, "AM的英文全称是什么？")
    assert other.terms[0].chosen_by != "user"


def test_a_choice_is_read_again_where_nobody_stores_the_conversation(pack: Application) -> None:
    turns = (("AM是什么意思？", "AM 有 2 个含义"), ("印前的", "调幅"), ("ESS培训每月几次？", "3次"))
    answer = pack.chat.answer(Question("AM的英文全称是什么？", turns=turns), OPERATOR)
    assert answer.terms[0].chosen_by == "user"
    assert answer.terms[0].chosen.sense.english == "Amplitude Modulation"


@pytest.mark.parametrize(
    "old", ["AM是什么意思？", "工行苏州墨衡路支行的联行号是多少", "产品售后流程的处理步骤有哪些"]
)
@pytest.mark.parametrize(
    "new",
    [
        "ESS培训每月几次？",
        "在产品售后流程里，AM负责哪些事情？",
        "婚假几天",
        "What is the rate limit of GET /v3/devices?",
    ],
)
def test_a_new_question_is_never_damaged_by_an_old_topic(pack: Application, old: str, new: str) -> None:
    conversation = uuid4().hex
    say(pack, conversation, old)
    after = say(pack, conversation, new)
    alone = say(pack, uuid4().hex, new)
    assert after.completed_question == ""
    assert (after.route, after.status, after.answer) == (alone.route, alone.status, alone.answer)


def test_a_long_conversation_stays_bounded(pack: Application, conversation: str) -> None:
    for _ in range(12):
        answer = say(pack, conversation, "那招行苏州墨衡路支行的联行号呢" * 2)
        assert len(answer.completed_question) <= 400
    query = pack.chat._query(Question("它呢？", conversation_id=conversation), OPERATOR)
    assert len(query.history) == len(query.turns) == pack.chat.history_turns


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("keyed")
    entries = [f'[[keys]]\nkey = "{key}"\nuser = "{role}"\nrole = "{role}"\n' for role, key in KEYS.items()]
    (folder / "keys.toml").write_text("\n".join(entries))
    settings = Settings(data_dir=folder / "data", embedding_model="hashed", api_keys=folder / "keys.toml")
    with Application(settings) as application:
        import_terms(application, GLOSSARY, dry_run=False, who="test")
    with serve(settings) as client:
        yield client


def by(role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {KEYS[role]}"}


def test_each_user_sees_only_their_own(keyed: httpx.Client, conversation: str) -> None:
    body = {"question": "OEE是什么意思？", "conversation_id": conversation}
    for role in ("reader", "editor"):
        keyed.post("/chat", json=body, headers=by(role)).raise_for_status()
    keyed.post("/chat", json={**body, "question": "它的中文？"}, headers=by("reader"))
    listed = keyed.get("/conversations", headers=by("reader")).json()
    mine = [each for each in listed if each["conversation_id"] == conversation]
    assert [(each["user"], each["turns"], each["title"]) for each in mine] == [("reader", 2, "OEE是什么意思？")]
    shown = keyed.get(f"/conversations/{conversation}", headers=by("reader")).json()
    assert [turn["question"] for turn in shown["turns"]] == ["OEE是什么意思？", "它的中文？"]
    assert shown["turns"][1]["completed_question"] == "OEE的中文？"
    assert keyed.get("/conversations", params={"user": "reader"}, headers=by("editor")).status_code == 403
    assert keyed.get("/conversations", params={"all": True}, headers=by("reader")).status_code == 403
    everyone = keyed.get("/conversations", params={"all": True}, headers=by("admin")).json()
    assert {each["user"] for each in everyone} >= {"reader", "editor"}
    assert keyed.delete(f"/conversations/{conversation}", headers=by("reader")).status_code == 204
    assert keyed.get(f"/conversations/{conversation}", headers=by("reader")).status_code == 404
    assert keyed.delete(f"/conversations/{conversation}", headers=by("reader")).status_code == 404
    assert len(keyed.get(f"/conversations/{conversation}", headers=by("editor")).json()["turns"]) == 1


def test_a_verdict_on_a_sense_counts_at_the_next_question_and_can_be_taken_back(keyed: httpx.Client) -> None:
    def score() -> float:
        answer = keyed.post("/chat", json={"question": "请说明一下AM的安排"}, headers=by("reader")).json()
        (term,) = answer["terms"]
        senses = [term, *term["alternatives"]]
        return next(each["score"] for each in senses if each["english"] == "Amplitude Modulation")

    before = score()
    answer = keyed.post("/chat", json={"question": "请说明一下AM的安排"}, headers=by("reader")).json()
    body = {"answer_id": answer["answer_id"], "verdict": "down", "term": "AM", "sense": "Amplitude Modulation"}
    assert keyed.post("/feedback", json=body, headers=by("editor")).status_code == 404
    given = keyed.post("/feedback", json=body, headers=by("reader"))
    assert given.status_code == 201
    assert given.json()["learned"][-1]["right"] is True
    taught = score()
    assert taught > before + 0.2
    # A second word on the same answer replaces the first.
    again = keyed.post("/feedback", json=body, headers=by("reader")).json()
    assert score() == pytest.approx(taught, abs=1e-6)
    listed = keyed.get("/feedback", headers=by("reader")).json()
    assert [each["feedback_id"] for each in listed] == [again["feedback_id"]]
    assert keyed.get("/feedback", headers=by("editor")).json() == []
    assert len(keyed.get("/feedback", params={"all": True}, headers=by("editor")).json()) == 1
    assert keyed.delete(f"/feedback/{again['feedback_id']}", headers=by("reader")).status_code == 204
    assert score() == pytest.approx(before, abs=1e-6)


def test_deleting_a_conversation_takes_its_feedback_and_choices_with_it(
    keyed: httpx.Client, conversation: str
) -> None:
    body = {"question": "AM是什么意思？", "conversation_id": conversation}
    keyed.post("/chat", json=body, headers=by("reader"))
    keyed.post("/chat", json={**body, "question": "印前的"}, headers=by("reader"))
    said = {
        "conversation_id": conversation,
        "turn": 1,
        "verdict": "up",
        "term": "AM",
        "sense": "调幅（调幅加网）",
    }
    assert keyed.post("/feedback", json=said, headers=by("reader")).status_code == 201
    keyed.delete(f"/conversations/{conversation}", headers=by("reader"))
    assert keyed.get("/feedback", headers=by("reader")).json() == []
    answer = keyed.post("/chat", json={**body, "question": "AM的英文全称"}, headers=by("reader")).json()
    assert answer["terms"][0]["chosen_by"] != "user"


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ({"verdict": "maybe", "question": "x"}, 422, "invalid-request"),
        ({"verdict": "up"}, 422, "bad-feedback"),
        ({"verdict": "up", "answer_id": "nope"}, 404, "not-found"),
        ({"verdict": "up", "conversation_id": "nope"}, 404, "not-found"),
        ({"verdict": "down", "question": "AM?", "sense": 3}, 422, "bad-feedback"),
        ({"verdict": "down", "question": "AM?", "term": "AM", "sense": "Ante Meridiem"}, 422, "bad-feedback"),
    ],
)
def test_feedback_that_cannot_be_taken(keyed: httpx.Client, body: dict, status: int, slug: str) -> None:
    reply = keyed.post("/feedback", json=body, headers=by("reader"))
    assert reply.status_code == status
    assert reply.json()["type"].endswith(slug)


def test_the_commands(tmp_path: Path, termroute) -> None:
    data = tmp_path / "data"
    with Application(Settings(data_dir=data, embedding_model="hashed")) as application:
        import_terms(application, GLOSSARY, dry_run=False, who="test")
        say(application, "c1", "OEE是什么意思？")
        answer = say(application, "c1", "它的英文全称？")
        application.feedback.give(Given(right=True, answer_id=answer.answer_id, comment="好"), OPERATOR)
    assert '"turns": 2' in termroute("conversations", "list", "--json", data_dir=data).stdout
    assert "OEE的英文全称？" in termroute("conversations", "show", "c1", data_dir=data).stdout
    assert "right" in termroute("feedback", "list", data_dir=data).stdout
    assert termroute("conversations", "delete", "c1", data_dir=data).returncode == 0
    assert termroute("conversations", "show", "c1", data_dir=data).returncode == 2
