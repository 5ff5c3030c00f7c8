"""The chat API over a real socket, as curl and a browser would use it, over the sample pack."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from api.app import create_app
from api.settings import Settings
from api.wiring import Application

pytestmark = pytest.mark.functional

KEYS = {"reader": "reader-key-0123456789", "editor": "editor-key-0123456789", "admin": "admin-key-01234567890"}


@pytest.fixture(scope="module")
def server(pack_dir: Path) -> Iterator[httpx.Client]:
    with serve(Settings(data_dir=pack_dir, embedding_model="hashed")) as client:
        yield client


class serve:
    """Runs the API on a free port in a thread and gives a client for it."""

    def __init__(self, settings: Settings) -> None:
        self.application = Application(settings)
        config = uvicorn.Config(create_app(self.application), log_level="error", timeout_graceful_shutdown=2)
        self.server = uvicorn.Server(config)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]}, daemon=True)

    def __enter__(self) -> httpx.Client:
        self.thread.start()
        deadline = time.monotonic() + 120
        while not self.server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{self.socket.getsockname()[1]}", timeout=60, trust_env=False
        )
        return self.client

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.server.should_exit = True
        self.thread.join(timeout=60)
        self.socket.close()
        assert not self.thread.is_alive()


def events(text: str) -> list[tuple[str, dict]]:
    found = []
    for block in text.strip().split("\n\n"):
        head, data = block.split("\n", 1)
        found.append((head.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_chat_answers_with_the_answer_object(server: httpx.Client) -> None:
    reply = server.post("/chat", json={"question": "AM代表什么职位？"})
    assert reply.status_code == 200
    answer = reply.json()
    assert (answer["route"], answer["status"]) == ("term", "answered")
    assert answer["terms"][0]["source"] == {"file": "公司常用缩略语.xlsx", "sheet": "Sheet1", "row": 7}


def test_chat_streams_route_then_answer(server: httpx.Client) -> None:
    reply = server.post("/chat", json={"question": "在产品售后流程里，AM负责哪些事情？", "stream": True})
    assert reply.headers["content-type"].startswith("text/event-stream")
    found = events(reply.text)
    assert found[0][0] == "route"
    assert found[0][1]["route"] == "analysis"
    assert found[-1][0] == "answer"
    assert found[-1][1] == {
        **server.post("/chat", json={"question": "在产品售后流程里，AM负责哪些事情？"}).json(),
        "trace": found[-1][1]["trace"],
        "answer_id": found[-1][1]["answer_id"],
    }


def test_each_lane_alone(server: httpx.Client) -> None:
    passages = server.post("/search", json={"query": "保修期", "top_k": 2}).json()
    assert len(passages) == 2
    assert passages[0]["scores"]
    resolved = server.post("/terms/resolve", json={"question": "AM加网适合什么活？"}).json()
    assert resolved["terms"][0]["chinese"] == "调幅（调幅加网）"
    facts = server.post("/facts/query", json={"question": "314535092252"}).json()
    assert facts["facts"][0]["value"] == "湖北青槐农村商业银行股份有限公司兴发支行"
    assert len(server.get("/terms", params={"limit": 5}).json()) == 5


def test_health(server: httpx.Client) -> None:
    assert server.get("/healthz").json() == {"status": "ok"}
    ready = server.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["models"]["search"] == "keyword search only"
    server.post("/chat", json={"question": "AM代表什么职位？"})
    assert 'termroute_answers_total{route="term"' in server.get("/metrics").text
    schema = server.get("/openapi.json").json()
    paths = schema["paths"]
    docs = server.get("/docs").text
    assert "://" not in docs.replace("http://www.w3.org", "")
    for path, methods in paths.items():
        assert path in docs
        for operation in methods.values():
            assert "HTTPValidationError" not in str(operation)
            assert operation["responses"]["default"]["content"]
            assert ("security" in operation) == (path not in {"/healthz", "/readyz", "/metrics"})
    assert set(schema["components"]["securitySchemes"]) == {"bearer", "header"}
    assert {"/chat", "/search", "/terms/resolve", "/documents", "/healthz", "/readyz"} <= set(paths)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "slug"),
    [
        ("POST", "/chat", {"question": "   "}, 422, "empty-question"),
        ("POST", "/chat", {}, 422, "invalid-request"),
        ("POST", "/chat", {"question": "x", "colour": 1}, 422, "invalid-request"),
        ("POST", "/chat", {"question": "长" * 5000}, 422, "question-too-long"),
        ("POST", "/chat", {"question": " ", "stream": True}, 422, "empty-question"),
        ("POST", "/search", {"query": "x", "top_k": 0}, 422, "invalid-request"),
        ("POST", "/search", {"query": " "}, 422, "invalid-request"),
        ("POST", "/facts/query", {"question": "\u3000"}, 422, "invalid-request"),
        ("POST", "/terms/resolve", {"question": ""}, 422, "invalid-request"),
        ("GET", "/documents/nope", None, 404, "not-found"),
        ("GET", "/jobs/nope", None, 404, "not-found"),
        ("GET", "/nowhere", None, 404, "not-found"),
        ("PUT", "/chat", {}, 405, "method-not-allowed"),
    ],
)
def test_errors_are_problem_documents(server: httpx.Client, method, path, body, status, slug) -> None:
    reply = server.request(method, path, json=body)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert problem["type"].endswith(slug)
    assert problem["status"] == status
    assert problem["detail"]


def wait_for_job(client: httpx.Client, job_id: str, **headers: str) -> dict:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        job = client.get(f"/jobs/{job_id}", headers=headers).json()
        if job["status"] in {"done", "failed"}:
            return job
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def test_documents_over_http(tmp_path: Path) -> None:
    with serve(Settings(data_dir=tmp_path, embedding_model="hashed")) as client:
        files = [
            ("files", ("餐补.txt", "加班餐补标准为每人每餐30元。".encode())),
            ("files", ("x.zip", b"PK\x05\x06" + b"\0" * 18)),
        ]
        accepted = client.post("/documents", files=files)
        assert accepted.status_code == 202
        job = wait_for_job(client, accepted.json()["job_id"])
        assert {report["status"] for report in job["reports"]} <= {"indexed", "skipped", "failed"}
        (document,) = client.get("/documents").json()
        assert document["name"] == "餐补.txt"
        assert "30元" in client.get(f"/documents/{document['document_id']}").json()["chunks"][0]["text"]
        original = client.get(f"/documents/{document['document_id']}/file")
        assert original.content.decode() == "加班餐补标准为每人每餐30元。"
        assert "attachment" in original.headers["content-disposition"]
        assert (
            client.post("/chat", json={"question": "加班餐补每餐多少元？"})
            .json()["facts"][0]["value"]
            .startswith("30元")
        )
        assert client.delete(f"/documents/{document['document_id']}").status_code == 204
        assert client.get("/documents").json() == []
        assert client.post("/search", json={"query": "加班餐补"}).json() == []
        assert not (tmp_path / "uploads" / "餐补.txt").exists()


@pytest.mark.parametrize("name", ["../../evil.txt", "..\\..\\evil.txt", ".hidden", "a/../../b.txt"])
def test_an_upload_cannot_leave_its_folder(tmp_path: Path, name: str) -> None:
    with serve(Settings(data_dir=tmp_path / "data", embedding_model="hashed")) as client:
        reply = client.post("/documents", files=[("files", (name, b"text"))])
        if reply.status_code == 202:
            wait_for_job(client, reply.json()["job_id"])
    written = list(tmp_path.rglob("*.txt"))
    assert all(path.parent == tmp_path / "data" / "uploads" for path in written)


def test_bodies_that_are_too_large_are_refused_unread(server: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * (1 << 20)

    large = "x" * (5 << 20)
    for path in ("/chat", "/search", "/v1/chat/completions"):
        reply = server.post(path, json={"question": large})
        assert reply.status_code == 413, path
    assert server.post("/search", json={"query": large}).json()["type"].endswith("/too-large")
    try:
        reply = server.post("/chat", content=endless(), headers={"Content-Type": "application/json"})
    except httpx.WriteError:
        pass  # The server has closed the connection before everything was sent.
    else:
        assert reply.status_code == 413
    assert server.get("/healthz").status_code == 200


def test_a_glossary_that_cannot_be_read_is_told_by_its_name(server: httpx.Client) -> None:
    reply = server.post("/terms/import", files={"file": ("坏.xlsx", b"junk")})
    assert reply.status_code == 422
    assert "file 坏.xlsx cannot" in reply.json()["detail"]


def test_a_method_that_is_not_there_is_told_with_those_that_are(server: httpx.Client) -> None:
    reply = server.put("/documents")
    assert reply.status_code == 405
    assert "POST" in reply.headers["allow"] or "GET" in reply.headers["allow"]


def test_an_extractive_stream_has_its_text_as_a_token_too(server: httpx.Client) -> None:
    reply = server.post("/chat", json={"question": "AM代表什么职位？", "stream": True})
    (route, _), (token, text), (last, answer) = events(reply.text)
    assert (route, token, last) == ("route", "token", "answer")
    assert text == {"text": answer["answer"]}


def test_keys_roles_and_groups(tmp_path: Path) -> None:
    keys = tmp_path / "keys.toml"
    keys.write_text(
        "\n".join(
            f'[[keys]]\nkey = "{key}"\nuser = "{role}"\nrole = "{role}"\ngroups = ["{role}s"]'
            for role, key in KEYS.items()
        )
        + '\n[[keys]]\nkey = "outsider-key-0123456789"\nuser = "outsider"\nrole = "editor"\ngroups = ["others"]\n',
        "utf-8",
    )
    keyed = KEYS | {"outsider": "outsider-key-0123456789"}
    bearer = {role: {"Authorization": f"Bearer {key}"} for role, key in keyed.items()}
    settings = Settings(data_dir=tmp_path / "data", embedding_model="hashed", api_keys=keys)
    with serve(settings) as client:
        assert client.get("/healthz").status_code == 200
        assert client.post("/chat", json={"question": "x"}).status_code == 401
        assert client.get("/documents", headers={"X-API-Key": "wrong"}).status_code == 401
        files = [("files", ("薪酬.txt", "副总裁的年薪为987654元。".encode()))]
        assert client.post("/documents", files=files, headers=bearer["reader"]).status_code == 403
        sent = client.post("/documents", files=files, data={"groups": "editors"}, headers=bearer["editor"])
        assert wait_for_job(client, sent.json()["job_id"], **bearer["editor"])["status"] == "done"
        (document,) = client.get("/documents", headers=bearer["editor"]).json()
        other = client.post("/documents", content=b"x" * 1000, headers=bearer["reader"])
        assert (other.status_code, client.post("/documents", content=b"x").status_code) == (403, 401)
        assert client.get("/documents", headers=bearer["reader"]).json() == []
        assert client.get(f"/documents/{document['document_id']}", headers=bearer["reader"]).status_code == 404
        assert client.post("/search", json={"query": "副总裁的年薪"}, headers=bearer["reader"]).json() == []
        question = {"question": "副总裁的年薪是多少元？"}
        assert "987654" not in client.post("/chat", json=question, headers=bearer["reader"]).text
        told = client.post("/chat", json=question, headers=bearer["editor"])
        assert "987654" in told.text
        verdict = {"answer_id": told.json()["answer_id"], "verdict": "right"}
        assert client.post("/feedback", json=verdict, headers=bearer["editor"]).status_code == 201
        everyones = {
            role: client.get("/feedback", params={"all": True}, headers=bearer[role]).text
            for role in ("editor", "outsider", "admin")
        }
        assert [role for role, text in everyones.items() if "987654" in text] == ["editor", "admin"]
        assert "副总裁的年薪是多少元" in everyones["outsider"]
        assert "987654" in client.post("/chat", json=question, headers=bearer["admin"]).text
