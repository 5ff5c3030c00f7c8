"""The whole road of the terminology model as its users walk it: glossary, data, training, stop, resume, promotion, answer."""

from __future__ import annotations

import json
import os
import signal
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.settings import Settings
from finetune.folder import JobFolder
from terminology.card import ModelCard, write_card
from tests.finetune.micro import make_micro_base
from tests.functional.test_http import serve

pytestmark = [pytest.mark.functional, pytest.mark.timeout(600)]

Run = Callable[..., tuple[int, list[dict[str, Any]], str]]
SAVES = 10
RECIPE = """
preset = "tiny"
name = "{name}"
[model]
base = "{base}"
[training]
epochs = {epochs}
batch_size = 4
save_steps = {saves}
logging_steps = 1
[evaluation]
steps = {saves}
max_samples = 8
"""
ROWS = """序号,缩略语,英文全称,中文解释,部门
1,AM,Account Manager,客户经理,销售部
2,AM,Amplitude Modulation,调幅,印前技术部
3,CRM,Customer Relationship Management,客户关系管理,销售部
4,SLA,Service Level Agreement,服务水平协议,客服部
5,BOM,Bill of Materials,物料清单,生产部
6,PM,Project Manager,项目经理,实施部
7,PM,Preventive Maintenance,预防性维护,设备部
"""
# Nothing in it says which sense is meant, so that the model's voice is the only one.
QUESTION = "AM怎么样？"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A glossary, and a model of two small layers with random weights: the road is walked, not the quality."""
    folder = tmp_path_factory.mktemp("walk")
    (folder / "terms.csv").write_text(ROWS, "utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        base = make_micro_base(folder / "base")
    for name, epochs in (("long", 2000), ("short", 1)):
        (folder / f"{name}.toml").write_text(
            RECIPE.format(name=name, base=base, epochs=epochs, saves=SAVES), "utf-8"
        )
    return folder


@pytest.fixture
def run(termroute: Callable[..., Any], data: Path) -> Run:
    """Runs a command over the module's data directory; returns exit code, the objects on stdout, and stderr."""

    def call(*words: str) -> tuple[int, list[dict[str, Any]], str]:
        done = termroute(*words, "--json", data_dir=data / "data")
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    return call


def test_data_is_built_and_recipes_are_checked(run: Run, data: Path) -> None:
    code, findings, _ = run("train", "check", str(data / "short.toml"))
    assert code == 2, "there is no data yet"
    assert "data.train" in {each["key"] for each in findings}
    assert run("terms", "import", str(data / "terms.csv"))[0] == 0
    code, (version,), _ = run("train", "data", "build", "--kinds", "choice,propose,abstain", "--phrasings", "4")
    assert (code, version["counts"]["train"] > 20) == (0, True)
    assert run("train", "data", "check", version["path"])[0] == 0
    assert [each["hash"] for each in run("train", "data", "versions")[1]] == [version["hash"]]
    code, findings, _ = run("train", "check", str(data / "short.toml"))
    assert (code, {each["severity"] for each in findings}) == (0, {"note"})


def test_a_killed_training_is_noticed_and_goes_on(run: Run, data: Path) -> None:
    recipe = str(data / "long.toml")
    code, (started,), _ = run("train", recipe, "--detach")
    assert (code, started["action"]) == (0, "started")
    task = started["task_id"]
    wait(run, task, lambda now: now["step"] > SAVES)
    code, _, told = run("train", recipe, "--if-exists", "restart")
    assert (code, "jobs stop" in told) == (2, True)
    kill_worker(data, task)
    dead = wait(run, task, lambda now: now["status"] == "interrupted")
    assert "SIGKILL" in dead["error"]
    code, _, told = run("train", recipe)
    assert code == 2
    assert all(choice in told for choice in ("resume", "restart", "backup", "cancel"))

    assert run("jobs", "resume", task, "--detach")[0] == 0
    wait(run, task, lambda now: now["status"] == "running" and now["phase"] == "training")
    _, (stopped,), _ = run("jobs", "stop", task, "--wait")
    assert (stopped["status"], stopped["checkpoints"][-1]) == ("stopped", stopped["step"])
    job = JobFolder(data / "data" / "training" / "jobs" / "long")
    again = [event.fields for event in job.events() if event.kind == "started"][-1]
    assert (again["run"], dead["step"] - again["step"] <= SAVES) == ("resume", True)


def test_a_training_is_followed_promoted_and_rolled_back(run: Run, data: Path) -> None:
    _, (started,), _ = run("train", str(data / "short.toml"), "--detach")
    wait(run, started["task_id"], lambda now: now["status"] not in {"queued", "running"})
    code, lines, _ = run("jobs", "watch", started["task_id"])
    assert code == 0, lines[-1]
    assert {"started", "step", "checkpoint", "finished", "evaluated"} <= {line.get("event") for line in lines}
    finished = lines[-1]
    assert (finished["status"], finished["progress"], finished["val_loss"] > 0) == ("finished", 1.0, True)
    task, offered = finished["task_id"], finished["offered"]
    trust(data)
    _, (table,), _ = run("train", "evaluate", task)
    assert len(table["table"]["table"]["arms"]) == 4
    _, (before,), _ = run("terms", "resolve", QUESTION)
    if not offered:
        code, _, told = run("train", "promote", task)
        assert (code, "not offered" in told) == (2, True)
    force = () if offered else ("--force", "--reason", "a test")
    code, (made,), _ = run("train", "promote", task, *force)
    assert (code, made["offered"]) == (0, offered)
    _, (after,), _ = run("terms", "resolve", QUESTION)
    assert after["terms"][0]["chosen_by"] == "model"
    code, (back,), _ = run("train", "rollback")
    assert (code, back["adapter"]) == (0, None)
    assert run("terms", "resolve", QUESTION)[1] == [before]
    assert run("train", "rollback")[0] == 2
    code, (files,), _ = run("train", "report", task)
    assert "rollback" in Path(files["files"][1]).read_text("utf-8")


def trust(data: Path) -> None:
    """Say that the adapter was measured to be good, since a random model's voice is worth nothing."""
    write_card(
        data / "data" / "training" / "jobs" / "short" / "adapter", ModelCard("short", sense_accuracy=0.95)
    )


def test_another_process_serves_what_is_promoted(run: Run, data: Path) -> None:
    """After the test above: a server that runs on follows a promotion made by a command."""
    _, jobs, _ = run("jobs", "list")
    if not jobs or jobs[0]["status"] != "finished":
        pytest.skip("there is no finished training")
    task = jobs[0]["task_id"]
    trust(data)
    with serve(Settings(data_dir=data / "data", embedding_model="hashed")) as client:
        assert client.post("/generate", json={"surface": "AM"}).status_code == 503
        assert chosen_by(client) != "model"
        assert run("train", "promote", task, "--force", "--reason", "a test")[0] == 0
        assert chosen_by(client) == "model"
        said = client.post("/generate", json={"surface": "AM", "question": QUESTION, "max_new_tokens": 8})
        assert said.status_code == 200
        assert "<|" not in said.json()["text"]
        assert client.post("/models/rollback").json()["adapter"] is None
        assert chosen_by(client) != "model"


def chosen_by(client: httpx.Client) -> str:
    return str(client.post("/terms/resolve", json={"question": QUESTION}).json()["terms"][0]["chosen_by"])


def wait(run: Callable[..., Any], task: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        _, (shown,), _ = run("jobs", "status", task)
        if wanted(shown):
            return shown
        time.sleep(0.2)
    raise AssertionError(shown)


def kill_worker(data: Path, task: str) -> None:
    from finetune.store import TrainingStore

    store = TrainingStore(f"sqlite:///{data / 'data' / 'termroute.db'}")
    os.kill(store.get(task).summary["pid"], signal.SIGKILL)
    store.close()
