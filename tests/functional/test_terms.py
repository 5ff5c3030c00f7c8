"""The glossary through its doors: command and HTTP, history and undo, proposals, and processes that follow at once."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from api.glossary import discover
from api.settings import Settings
from api.wiring import Application
from terminology.types import Sense
from terminology.workbook import read_workbook
from tests.functional.conftest import ROOT
from tests.functional.test_cli import lines
from tests.functional.test_http import KEYS, serve

pytestmark = pytest.mark.functional

_FULL = {
    "term": "KYC",
    "english": "Know Your Customer",
    "chinese": "客户身份识别",
    "number": "007",
    "department": "合规部",
    "note": "=SUM(A1)",
    "aliases": ["客户尽调、简版", "CDD"],
    "examples": ["开户前先做KYC。", "KYC, 每年一次"],
    "valid_from": "2020-01-31",
    "valid_to": "2099-12-31",
}


@pytest.fixture
def termroute(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command in a process of its own, over a small data directory rather than the sample pack."""

    def run(*words: str, data_dir: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "api", *words],
            env=_environment(data_dir),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
            cwd=ROOT,
        )

    return run


def _environment(data_dir: Path) -> dict[str, str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("TERMROUTE_")}
    return clean | {"TERMROUTE_DATA_DIR": str(data_dir), "TERMROUTE_EMBEDDING_MODEL": "hashed"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    with serve(Settings(data_dir=tmp_path / "data", embedding_model="hashed")) as found:
        yield found


def test_a_sense_is_added_edited_removed_and_brought_back(client: httpx.Client) -> None:
    added = client.post("/terms", json=_FULL)
    assert added.status_code == 201
    number = added.json()["id"]
    assert added.headers["location"] == f"/terms/{number}"
    assert {key: added.json()[key] for key in _FULL} == _FULL
    ask = {"question": "KYC是什么意思？"}
    assert "客户身份识别" in client.post("/chat", json=ask).json()["answer"]
    changed = client.patch(f"/terms/{number}", json={"chinese": "了解你的客户", "aliases": []}).json()
    assert (changed["chinese"], changed["aliases"], changed["english"]) == (
        "了解你的客户",
        [],
        "Know Your Customer",
    )
    assert "了解你的客户" in client.post("/chat", json=ask).json()["answer"]
    assert client.delete(f"/terms/{number}").status_code == 204
    assert client.get(f"/terms/{number}").status_code == 404
    assert "客户" not in client.post("/chat", json=ask).json()["answer"]
    history = client.get("/terms/history").json()
    assert [(each["action"], each["who"]) for each in history] == [
        ("remove", "local"),
        ("edit", "local"),
        ("add", "local"),
    ]
    (edit,) = history[1]["edits"]
    assert (edit["before"]["chinese"], edit["after"]["chinese"]) == ("客户身份识别", "了解你的客户")
    undone = client.post("/terms/undo").json()
    assert (undone["action"], undone["undoes"]) == ("undo", history[0]["id"])
    assert client.get(f"/terms/{number}").json() == changed
    client.post("/terms/undo", json={"change": history[1]["id"]})
    assert {key: client.get(f"/terms/{number}").json()[key] for key in _FULL} == _FULL


def test_two_edits_of_different_fields_both_stay(client: httpx.Client) -> None:
    number = client.post("/terms", json=_FULL).json()["id"]
    client.patch(f"/terms/{number}", json={"note": "一"})
    client.patch(f"/terms/{number}", json={"department": "法务部"})
    kept = client.get(f"/terms/{number}").json()
    assert (kept["note"], kept["department"], kept["chinese"]) == ("一", "法务部", "客户身份识别")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "slug"),
    [
        ("POST", "/terms", {"term": "X"}, 422, "invalid-sense"),
        ("POST", "/terms", {"term": " ", "chinese": "x"}, 422, "invalid-sense"),
        ("POST", "/terms", {"term": "X", "chinese": "x", "valid_to": "soon"}, 422, "invalid-sense"),
        (
            "POST",
            "/terms",
            {"term": "X", "chinese": "x", "valid_from": "2026-02-02", "valid_to": "2026-02-01"},
            422,
            "invalid-sense",
        ),
        ("POST", "/terms", {"term": "X", "meaning": "x"}, 422, "invalid-request"),
        ("GET", "/terms/999", None, 404, "not-found"),
        ("PATCH", "/terms/999", {"note": "x"}, 404, "not-found"),
        ("DELETE", "/terms/999", None, 404, "not-found"),
        ("DELETE", "/terms/99999999999999999999", None, 422, "invalid-request"),
        ("POST", "/terms/undo", {"change": 999}, 409, "undo-conflict"),
        ("POST", "/terms/undo", None, 409, "undo-conflict"),
        ("GET", "/terms/export?format=pdf", None, 422, "invalid-request"),
        ("GET", "/terms/lookup", None, 422, "invalid-request"),
        ("POST", "/terms/proposals/accept", {"ids": [77]}, 404, "not-found"),
        ("POST", "/terms/proposals/reject", {}, 422, "invalid-request"),
        ("POST", "/terms/proposals/accept", {"ids": [1, 2], "chinese": "x"}, 422, "invalid-request"),
    ],
)
def test_problems(client: httpx.Client, method, path, body, status, slug) -> None:
    reply = client.request(method, path, json=body)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["type"].endswith(slug)


def test_listing_looks_up_filters_and_pages(client: httpx.Client) -> None:
    for at in range(7):
        client.post(
            "/terms", json={"term": f"T{at}", "chinese": f"词{at}", "department": "甲" if at < 3 else "乙"}
        )
    page = client.get("/terms", params={"offset": 2, "limit": 3})
    assert [row["term"] for row in page.json()] == ["T2", "T3", "T4"]
    assert page.headers["x-total-count"] == "7"
    found = client.get("/terms", params={"department": "乙", "limit": 2})
    assert ([row["term"] for row in found.json()], found.headers["x-total-count"]) == (["T3", "T4"], "4")
    assert [row["term"] for row in client.get("/terms", params={"search": "词５"}).json()] == ["T5"]
    assert [row["term"] for row in client.get("/terms", params={"prefix": "t6"}).json()] == ["T6"]
    assert [row["chinese"] for row in client.get("/terms/lookup", params={"text": "t1"}).json()] == ["词1"]
    assert client.get("/terms/lookup", params={"text": "nothing"}).json() == []


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_an_export_over_http_is_the_same_glossary(client: httpx.Client, tmp_path: Path, kind: str) -> None:
    client.post("/terms", json=_FULL)
    client.post("/terms", json={"term": "KYC", "english": "Keep Your Change"})
    before = client.get("/terms").json()
    sent = client.get("/terms/export", params={"format": kind})
    assert f"glossary.{kind}" in sent.headers["content-disposition"]
    path = tmp_path / f"glossary.{kind}"
    path.write_bytes(sent.content)
    assert [sense.aliases for sense in read_workbook(path).senses] == [("客户尽调、简版", "CDD"), ()]
    with serve(Settings(data_dir=tmp_path / "other", embedding_model="hashed")) as other:
        report = other.post("/terms/import", files={"file": (path.name, sent.content)}).json()
        assert report["counts"]["added"] == 2
        after = other.get("/terms").json()
    ignored = ("id", "source")
    assert [{k: v for k, v in row.items() if k not in ignored} for row in after] == [
        {k: v for k, v in row.items() if k not in ignored} for row in before
    ]


def test_readers_read_and_editors_write(tmp_path: Path) -> None:
    keys = tmp_path / "keys.toml"
    keys.write_text(
        "\n".join(f'[[keys]]\nkey = "{key}"\nuser = "{role}"\nrole = "{role}"' for role, key in KEYS.items()),
        "utf-8",
    )
    bearer = {role: {"Authorization": f"Bearer {key}"} for role, key in KEYS.items()}
    with serve(Settings(data_dir=tmp_path / "data", embedding_model="hashed", api_keys=keys)) as client:
        assert client.get("/terms").status_code == 401
        assert client.post("/terms", json=_FULL, headers=bearer["reader"]).status_code == 403
        number = client.post("/terms", json=_FULL, headers=bearer["editor"]).json()["id"]
        for path in ("/terms", f"/terms/{number}", "/terms/history", "/terms/export", "/terms/lookup?text=KYC"):
            assert client.get(path, headers=bearer["reader"]).status_code == 200
        for method, path in (
            ("PATCH", f"/terms/{number}"),
            ("DELETE", f"/terms/{number}"),
            ("POST", "/terms/undo"),
            ("POST", "/terms/discover"),
            ("GET", "/terms/proposals"),
        ):
            assert client.request(method, path, headers=bearer["reader"]).status_code == 403
        client.patch(f"/terms/{number}", json={"note": "x"}, headers=bearer["admin"])
        history = client.get("/terms/history", headers=bearer["reader"]).json()
        assert [each["who"] for each in history] == ["admin", "editor"]


@pytest.fixture
def defined(tmp_path: Path) -> Iterator[Application]:
    """Documents that define three terms, one of them for the board alone."""
    (tmp_path / "a.txt").write_text(
        "逾期率采用迁徙率模型（Roll Rate Model，RRM）计算。不良资产处置系统（以下简称“NPAS”）每日批处理。",
        "utf-8",
    )
    (tmp_path / "b.txt").write_text("董事会审议特别并购项目（Special Merger Project，SMP）。", "utf-8")
    with Application(Settings(data_dir=tmp_path / "data", embedding_model="hashed")) as application:
        list(application.pipeline.ingest([tmp_path / "a.txt"]))
        list(application.pipeline.ingest([tmp_path / "b.txt"], groups=("board",)))
        application.catch_up()
        yield application


def test_proposals_wait_for_a_person(defined: Application, termroute, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    found = lines(termroute("terms", "discover", "--json", data_dir=folder))
    assert {"RRM", "NPAS", "SMP"} <= {each["term"] for each in found}
    assert defined.senses() == []
    (smp,) = [each["id"] for each in found if each["term"] == "SMP"]
    assert lines(termroute("terms", "proposals", "reject", str(smp), "--json", data_dir=folder)) == [
        {"rejected": [smp]}
    ]
    (done,) = lines(termroute("terms", "proposals", "accept", "--all", "--json", data_dir=folder))
    assert {sense["term"] for sense in done["senses"]} == {each["term"] for each in found} - {"SMP"}
    (asked,) = lines(termroute("ask", "RRM是什么意思？", "--json", data_dir=folder))
    assert "迁徙率模型" in asked["answer"]
    assert "SMP" not in {each.term for each in discover(defined)}
    assert defined.glossary.history()[0].action == "accept"
    lines(termroute("terms", "undo", "--json", data_dir=folder))
    assert defined.senses() == []


def test_sentences_of_closed_documents_stay_closed(defined: Application, tmp_path: Path) -> None:
    from api.proposals import Selection, accept, proposals, reject
    from terminology.errors import ProposalNotFoundError

    discover(defined)
    assert "SMP" not in {each.term for each in proposals(defined, groups=frozenset())}
    assert "SMP" in {each.term for each in proposals(defined, groups=frozenset({"board"}))}
    (hidden,) = [each.id for each in proposals(defined) if each.term == "SMP"]
    for decide in (accept, reject):
        with pytest.raises(ProposalNotFoundError):
            decide(defined, Selection((hidden,)), "li", groups=frozenset({"staff"}))
    accept(defined, Selection(everything=True), "li")
    (sense,) = [each for each in defined.senses() if each.term == "SMP"]
    assert (sense.examples, sense.source) == ((), None)


def test_unknown_abbreviations_of_questions_are_proposed(termroute, tmp_path: Path) -> None:
    for _ in range(2):
        assert termroute("ask", "XQZ流程谁负责？", data_dir=tmp_path).returncode == 0
    assert termroute("ask", "QQJ流程谁负责？", data_dir=tmp_path).returncode == 0
    (found,) = lines(termroute("terms", "discover", "--json", data_dir=tmp_path))
    assert (found["term"], found["found_by"], found["count"]) == ("XQZ", "question", 2)
    refused = termroute("terms", "proposals", "accept", str(found["id"]), data_dir=tmp_path)
    assert refused.returncode == 2
    assert "no meaning" in refused.stderr
    bulk = lines(termroute("terms", "proposals", "accept", "--all", "--json", data_dir=tmp_path))
    assert bulk[0]["skipped"] == [{"id": found["id"], "reason": "no meaning was found"}]
    done = termroute(
        "terms", "proposals", "accept", str(found["id"]), "--chinese", "新签质检", "--json", data_dir=tmp_path
    )
    assert lines(done)[0]["senses"][0]["chinese"] == "新签质检"
    assert lines(termroute("terms", "discover", "--json", data_dir=tmp_path)) == []


def test_the_command_edits_with_history_and_undo(termroute, tmp_path: Path) -> None:
    def terms(*words: str) -> list[dict]:
        return lines(termroute("terms", *words, "--json", data_dir=tmp_path))

    words = ["--english", "Know Your Customer", "--chinese", "客户身份识别", "--department", "合规部"]
    words += ["--alias", "客户尽调、简版", "--alias", "CDD", "--example", "开户前先做KYC。", "--note", "=1"]
    (added,) = terms("add", "KYC", *words, "--valid-from", "2020年1月31日", "--number", "007")
    assert (added["aliases"], added["valid_from"]) == (["客户尽调、简版", "CDD"], "2020-01-31")
    number = str(added["id"])
    (changed,) = terms("edit", number, "--chinese", "了解你的客户", "--note", "")
    assert (changed["chinese"], changed["note"], changed["aliases"]) == ("了解你的客户", "", added["aliases"])
    terms("remove", number)
    assert terms("list") == []
    actions = [each["action"] for each in terms("history", number)]
    assert actions == ["remove", "edit", "add"]
    terms("undo")
    assert terms("lookup", "cdd") == [changed]
    for name in ("out.csv", "out.xlsx"):
        terms("export", str(tmp_path / name))
        assert lines(termroute("terms", "import", str(tmp_path / name), "--json", data_dir=tmp_path / name[:3]))
    for kind in ("csv", "xlsx"):
        (report,) = terms("import", str(tmp_path / f"out.{kind}"), "--dry-run")
        assert report["counts"]["unchanged"] == 1
    assert termroute("terms", "edit", number, data_dir=tmp_path).returncode == 2
    assert termroute("terms", "remove", "99", data_dir=tmp_path).returncode == 2
    assert termroute("terms", "add", "X", data_dir=tmp_path).returncode == 2


@contextmanager
def _served(folder: Path) -> Iterator[httpx.Client]:
    """A server in a process of its own, as `termroute serve` starts it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "api", "serve", "--port", str(port)], env=_environment(folder), cwd=ROOT
    )
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
        try:
            deadline = time.monotonic() + 120
            while time.monotonic() < deadline and process.poll() is None:
                try:
                    if client.get("/healthz").status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield client
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def test_every_serving_process_follows_at_the_next_question(termroute, tmp_path: Path) -> None:
    (tmp_path / "rules.csv").write_text(
        "缩略语,英文全称,中文解释\nAM,Account Manager,客户经理\nAM,Amplitude Modulation,调幅\n", "utf-8"
    )
    data, ask = tmp_path / "data", {"question": "KYC是什么意思？"}
    with _served(data) as first, _served(data) as second:
        added = first.post("/terms", json=_FULL).json()
        assert "客户身份识别" in second.post("/chat", json=ask).json()["answer"]
        second.patch(f"/terms/{added['id']}", json={"chinese": "了解你的客户"})
        assert "了解你的客户" in first.post("/chat", json=ask).json()["answer"]
        lines(termroute("terms", "edit", str(added["id"]), "--chinese", "识别客户", "--json", data_dir=data))
        for client in (first, second):
            assert "识别客户" in client.post("/chat", json=ask).json()["answer"]
        first.post("/terms/undo")
        assert "了解你的客户" in second.post("/chat", json=ask).json()["answer"]
        # New documents teach how the term is used, in the process that did not take them in as well.
        files = {"file": ("rules.csv", (tmp_path / "rules.csv").read_bytes())}
        assert second.post("/terms/import", files=files).json()["counts"]["added"] == 2
        question = {"question": "天线塔倒伏会影响AM吗？"}
        assert second.post("/terms/resolve", json=question).json()["terms"][0]["close"]
        radio, sales = tmp_path / "radio.txt", tmp_path / "sales.txt"
        radio.write_text("调幅（AM）广播的天线塔高度决定覆盖范围。天线塔倒伏时AM立即停播。\n", "utf-8")
        sales.write_text("客户经理（AM）每周回访老客户。AM回访之后登记商机。\n", "utf-8")
        assert termroute("ingest", str(radio), str(sales), data_dir=data).returncode == 0
        time.sleep(1.1)
        for client in (first, second):
            (term,) = client.post("/terms/resolve", json=question).json()["terms"]
            assert (term["chinese"], term["close"]) == ("调幅", False)


def test_what_was_learnt_from_documents_is_kept_for_the_next_process(tmp_path: Path) -> None:
    radio, sales = tmp_path / "radio.txt", tmp_path / "sales.txt"
    radio.write_text(
        "调幅（AM）广播的天线塔高度决定覆盖范围。\n\n天线塔倒伏时AM立即停播，调幅广播停播。\n", "utf-8"
    )
    sales.write_text("客户经理（AM）每周回访老客户。\n\nAM回访之后登记商机，客户经理跟进商机。\n", "utf-8")
    settings = Settings(data_dir=tmp_path / "data", embedding_model="hashed")
    with Application(settings) as application:
        for chinese in ("客户经理", "调幅"):
            application.glossary.add(Sense("AM", "", chinese))
        list(application.pipeline.ingest([radio, sales]))
        application.resolver.prepare()
        space = application.resolver._current().library.reader.space
    assert space.dimensions
    file = tmp_path / "data" / "index" / "terms" / "space.npz"
    written = file.stat().st_mtime_ns
    with Application(settings) as application:
        (term,) = application.resolve("天线塔倒伏会影响AM吗？", None).terms
        again = application.resolver._current().library.reader.space
    assert term.chosen.sense.chinese == "调幅"
    assert file.stat().st_mtime_ns == written
    bag = {"天线": 1.0, "广播": 1.0}
    assert space.vector(bag).tolist() == again.vector(bag).tolist()
    file.write_bytes(file.read_bytes()[:-100])
    with Application(settings) as application:
        assert application.resolve("天线塔倒伏会影响AM吗？", None).terms[0].chosen.sense.chinese == "调幅"
