"""Training over HTTP: who may do what, every error a problem, live events, promotion; a fake worker trains."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from api.settings import Settings
from api.term_model import ServedTermModel
from api.wiring import Application
from finetune.adapters import Decision
from finetune.formats import write_samples
from finetune.settings import TrainingSettings
from terminology.errors import TermModelError
from terminology.prompt import Message
from terminology.types import Sense
from tests.finetune.bases import make_base
from tests.finetune.service import EVALUATOR, WORKER, behave_in, choices, samples
from tests.functional.test_http import serve

KEYS = {name: f"{name}-key-0123456789" for name in ("reader", "editor", "second", "admin")}
ROLES = {"reader": "reader", "editor": "editor", "second": "editor", "admin": "admin"}
ENDED = {"stopped", "finished", "failed", "interrupted"}


class Client:
    """Calls with the key of one user."""

    def __init__(self, http: httpx.Client, user: str) -> None:
        self._http, self._headers = http, {"Authorization": f"Bearer {KEYS[user]}"}

    def get(self, path: str, **more: Any) -> Any:
        return self._http.get(path, headers=self._headers | more.pop("headers", {}), **more)

    def post(self, path: str, body: Any = None) -> Any:
        return self._http.post(path, json=body, headers=self._headers)

    def wait(self, task_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            shown = self.get(f"/train/status/{task_id}").json()
            if shown["status"] in ENDED:
                return shown
            time.sleep(0.05)
        raise AssertionError(shown)


class FakeModel:
    """A terminology model that says what it has been dressed with."""

    def __init__(self, base: str, adapter: Path | None) -> None:
        self.info, self.adapter = SimpleNamespace(base=base), adapter

    def open(self) -> None:
        if self.adapter is not None and "unloadable" in (self.adapter / "adapter_config.json").read_text():
            raise TermModelError(self.adapter.name, "does not fit the base")

    def load(self, adapter: Path | None) -> None:
        FakeModel(self.info.base, adapter).open()
        self.adapter = adapter

    def score(self, question: str, senses: Sequence[Sense]) -> list[float]:
        return [-0.01 if sense.chinese == "调幅" else -4.6 for sense in senses]

    def generate(self, messages: Sequence[Message], max_new_tokens: int) -> str:
        return f"{messages[-1]['content']}, {'with' if self.adapter else 'without'} an adapter"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("training") / "data"
    make_base(folder / "base")
    training = folder / "training"
    write_samples(training / "train.jsonl", samples(), "full")
    write_samples(training / "validation.jsonl", samples(4, "意思"), "full")
    write_samples(training / "held_out.jsonl", choices(), "full")
    return folder


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[serve]:
    keys = data.parent / "keys.toml"
    keys.write_text(
        "".join(
            f'[[keys]]\nkey = "{key}"\nuser = "{user}"\nrole = "{ROLES[user]}"\n' for user, key in KEYS.items()
        )
    )
    made = serve(Settings(data_dir=data, embedding_model="hashed", api_keys=keys))
    application = made.application
    application.__dict__["training"] = TrainingSettings(data.resolve() / "training", WORKER, EVALUATOR)
    application.__dict__["term_model"] = ServedTermModel(application.training_store, None, None, FakeModel)
    with made:
        yield made
        jobs = application.training_jobs
        for job in jobs.all():
            if job.state in {"queued", "running"}:
                jobs.stop(job.id)
        deadline = time.monotonic() + 120
        while any(job.state not in ENDED for job in jobs.all()) and time.monotonic() < deadline:
            time.sleep(0.05)


@pytest.fixture(scope="module")
def application(server: serve) -> Application:
    return server.application


@pytest.fixture(scope="module")
def as_user(server: serve) -> Callable[[str], Client]:
    return lambda user: Client(server.client, user)


@pytest.fixture(scope="module")
def trained(as_user: Callable[[str], Client], data: Path) -> str:
    """The id of the editor's finished training, shared by the tests that only look at it."""
    editor = as_user("editor")
    reply = editor.post("/train", {"recipe": recipe(data, "术语表")})
    assert reply.status_code == 202, reply.text
    assert editor.wait(reply.json()["task_id"])["status"] == "finished"
    return str(reply.json()["task_id"])


@pytest.fixture
def nothing_promoted(as_user: Callable[[str], Client]) -> None:
    while as_user("admin").post("/models/rollback").status_code == 200:
        pass


def recipe(data: Path, name: str) -> dict[str, Any]:
    files = {"train": ["train.jsonl"], "validation": ["validation.jsonl"], "held_out": ["held_out.jsonl"]}
    return {
        "name": name,
        "model": {"base": str(data.resolve() / "base"), "device": "cpu"},
        "data": files,
        "training": {"batch_size": 1, "accumulation": 1, "save_steps": 5, "epochs": 3},
        "evaluation": {"steps": 5},
    }


def slug(reply: Any) -> str:
    assert reply.headers["content-type"] == "application/problem+json", reply.text
    return str(reply.json()["type"]).rsplit("/", 1)[1]


def test_status_has_what_the_contract_says(as_user: Callable[[str], Client], trained: str) -> None:
    editor = as_user("editor")
    shown = editor.get(f"/train/status/{trained}").json()
    contract = {
        "status",
        "progress",
        "current_epoch",
        "epochs",
        "train_loss",
        "val_loss",
        "token_accuracy",
        "error",
    }
    assert contract <= shown.keys()
    assert (shown["status"], shown["progress"], shown["error"]) == ("finished", 1.0, None)
    assert (shown["folder"], shown["owner"]) == ("training/jobs/术语表", "editor")
    assert {each["name"] for each in shown["grades"]} >= {"loss", "overfitting"}
    assert shown["offered"] is True
    assert trained in [each["task_id"] for each in editor.get("/train/history").json()]


@pytest.mark.usefixtures("nothing_promoted")
def test_promote_and_roll_back_without_a_restart(
    as_user: Callable[[str], Client], application: Application, trained: str
) -> None:
    editor, reader = as_user("editor"), as_user("reader")
    application.glossary.add(Sense("AM", "Account Manager", "客户经理"))
    application.glossary.add(Sense("AM", "Amplitude Modulation", "调幅"))
    question = {"question": "AM有什么要注意的？"}
    before = reader.post("/terms/resolve", question).json()["terms"][0]
    assert before["chosen_by"] != "model"
    reply = reader.post("/generate", {"surface": "AM"})
    assert (reply.status_code, slug(reply)) == (503, "no-terminology-model")

    made = editor.post(f"/train/{trained}/promote").json()
    assert (made["action"], made["offered"], made["task_id"], made["who"]) == (
        "promote",
        True,
        trained,
        "editor",
    )
    assert editor.get(f"/train/status/{trained}").json()["promoted"] is True
    assert reader.get("/models").json()["promotion"]["number"] == made["number"]
    after = reader.post("/terms/resolve", question).json()["terms"][0]
    assert (after["chosen_by"], after["chinese"]) == ("model", "调幅")
    said = reader.post("/generate", {"prompt": "说话"}).json()
    assert (said["text"], said["adapter"]) == ("说话, with an adapter", made["adapter"])

    back = editor.post("/models/rollback").json()
    assert (back["action"], back["adapter"]) == ("rollback", None)
    assert reader.post("/terms/resolve", question).json()["terms"][0] == before
    assert slug(editor.post("/models/rollback")) == "nothing-to-roll-back"
    assert [each["action"] for each in editor.get("/train/promotions").json()][:2] == ["rollback", "promote"]


@pytest.mark.usefixtures("nothing_promoted")
def test_a_promotion_made_by_another_process_is_noticed_at_the_next_question(
    as_user: Callable[[str], Client], application: Application, trained: str
) -> None:
    reader = as_user("reader")
    assert reader.post("/generate", {"prompt": "x"}).status_code == 503
    with Application(application.settings) as other:
        other.adapters.promote(trained, Decision("somebody"))
    assert reader.post("/generate", {"prompt": "x"}).status_code == 200


def test_events_are_live_and_can_be_taken_up_again(as_user: Callable[[str], Client], data: Path) -> None:
    editor = as_user("editor")
    task = editor.post("/train", {"recipe": recipe(data, "live")}).json()["task_id"]
    reply = editor.get(f"/train/{task}/events")
    assert reply.headers["content-type"].startswith("text/event-stream")
    frames = [
        dict(line.split(": ", 1) for line in block.splitlines()) for block in reply.text.strip().split("\n\n")
    ]
    kinds = [frame["event"] for frame in frames]
    assert kinds[0] == "started"
    assert kinds[-1] == "status"
    assert {"step", "evaluation", "checkpoint", "finished", "evaluated"} <= set(kinds)
    assert json.loads(frames[-1]["data"])["status"] == "finished"
    numbers = [int(frame["id"]) for frame in frames if "id" in frame]
    assert numbers == list(range(1, len(numbers) + 1))
    again = editor.get(f"/train/{task}/events", headers={"Last-Event-ID": str(numbers[-2])}).text
    assert again.count("event: ") == 2


def test_results_demand_a_choice(as_user: Callable[[str], Client], data: Path, trained: str) -> None:
    editor, wanted = as_user("editor"), recipe(data, "术语表")
    refused = editor.post("/train", {"recipe": wanted})
    assert (refused.status_code, slug(refused)) == (409, "results-exist")
    assert refused.json()["choices"] == ["resume", "restart", "backup", "cancel"]
    wrong = editor.post("/train", {"recipe": wanted, "if_exists": "overwrite"})
    assert (wrong.status_code, slug(wrong)) == (422, "invalid-request")
    cancelled = editor.post("/train", {"recipe": wanted, "if_exists": "cancel"}).json()
    assert (cancelled["action"], cancelled["task_id"]) == ("cancelled", trained)
    assert editor.get(f"/train/status/{trained}").json()["status"] == "finished"


def test_stop_and_resume(as_user: Callable[[str], Client], data: Path) -> None:
    editor = as_user("editor")
    behave_in(data / "training" / "jobs" / "stopped", pause=0.05)
    task = editor.post("/train", {"recipe": recipe(data, "stopped")}).json()["task_id"]
    deadline = time.monotonic() + 60
    while editor.get(f"/train/status/{task}").json()["step"] < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (
        slug(editor.post("/train", {"recipe": recipe(data, "stopped"), "if_exists": "restart"})) == "job-active"
    )
    assert editor.post(f"/train/{task}/stop").json()["status"] in {"stopping", "stopped"}
    stopped = editor.wait(task)
    assert (stopped["status"], stopped["checkpoints"][-1]) == ("stopped", stopped["step"])
    assert "resume" in stopped["advice"]
    assert slug(editor.post(f"/train/{task}/stop")) == "job-state"
    behave_in(data / "training" / "jobs" / "stopped")
    assert editor.post(f"/train/{task}/resume").status_code == 202
    assert editor.wait(task)["status"] == "finished"
    assert slug(editor.post(f"/train/{task}/resume")) == "job-state"


def test_who_may_do_what(as_user: Callable[[str], Client], data: Path, trained: str) -> None:
    reader, second, admin = map(as_user, ("reader", "second", "admin"))
    for method, path in (
        ("post", "/train"), ("get", "/train/history"), ("get", "/train/status/x"), ("post", "/train/x/stop"),
        ("get", "/train/x/events"), ("post", "/train/x/promote"), ("post", "/models/rollback"),
    ):  # fmt: skip
        body = {"recipe": recipe(data, "x")} if path == "/train" else None
        reply = reader.post(path, body) if method == "post" else reader.get(path)
        assert (reply.status_code, slug(reply)) == (403, "forbidden"), path
    assert second.get(f"/train/status/{trained}").status_code == 200
    for path in (f"/train/{trained}/report", f"/train/{trained}/log", f"/train/{trained}/evaluation"):
        assert second.get(path).status_code == 403, path
        assert admin.get(path).status_code == 200, path
    assert second.post(f"/train/{trained}/stop").status_code == 403


def test_paths_beyond_the_data_directory_are_for_administrators(
    as_user: Callable[[str], Client], data: Path, tmp_path: Path
) -> None:
    editor, admin = as_user("editor"), as_user("admin")
    elsewhere = tmp_path / "elsewhere.jsonl"
    write_samples(elsewhere, samples(), "full")
    for sections in ({"output": {"folder": str(tmp_path / "out")}}, {"data": {"train": [str(elsewhere)]}}):
        assert editor.post("/train", {"recipe": recipe(data, "outside") | sections}).status_code == 403
    assert editor.post("/train", {"recipe": "../../secret.toml"}).status_code == 403
    wanted = recipe(data, "outside") | {"output": {"folder": str(tmp_path / "out")}}
    task = admin.post("/train", {"recipe": wanted}).json()["task_id"]
    assert admin.wait(task)["folder"] == str((tmp_path / "out").resolve())
    assert editor.get(f"/train/status/{task}").json()["folder"] == "out"
    assert slug(editor.post("/models/load", {"adapter": str(tmp_path / "out" / "adapter")})) == "forbidden"


def test_every_problem_of_a_recipe_is_told_at_once(as_user: Callable[[str], Client], data: Path) -> None:
    editor = as_user("editor")
    wrong = recipe(data, "wrong") | {"training": {"batch_size": 0, "epochz": 1}}
    reply = editor.post("/train", {"recipe": wrong})
    assert (reply.status_code, slug(reply)) == (422, "bad-recipe")
    assert {each["key"] for each in reply.json()["findings"]} >= {"training.batch_size", "training.epochz"}
    assert slug(editor.post("/train", {"recipe": "name = "})) == "bad-recipe"
    assert "wrong" not in [each["name"] for each in editor.get("/train/history").json()]


def test_a_recipe_comes_as_text_as_a_file_and_with_overrides(
    as_user: Callable[[str], Client], data: Path
) -> None:
    editor = as_user("editor")
    text = (
        f'[model]\nbase = "{data.resolve() / "base"}"\ndevice = "cpu"\n[data]\ntrain = "train.jsonl"\n'
        'validation = "validation.jsonl"\n[training]\nsave_steps = 5\nbatch_size = 1\naccumulation = 1\n'
        "[evaluation]\nsteps = 5\n"
    )
    (data / "training" / "mine.toml").write_text(text)
    overrides = {"name": "as-text", "training.epochs": 5}
    first = editor.post("/train", {"recipe": text, "overrides": overrides})
    second = editor.post("/train", {"recipe": "mine.toml"})
    assert (first.status_code, second.status_code) == (202, 202), first.text + second.text
    editor.wait(first.json()["task_id"])
    assert editor.wait(second.json()["task_id"])["name"] == "mine"
    written = (data / "training" / "jobs" / "as-text" / "recipe.toml").read_text()
    assert "epochs = 5.0" in written


def test_without_data_the_newest_dataset_is_used(
    as_user: Callable[[str], Client], data: Path, application: Application
) -> None:
    from finetune.versions import add_version

    editor = as_user("editor")
    bare = recipe(data, "bare")
    del bare["data"]
    assert slug(editor.post("/train", {"recipe": bare})) == "bad-recipe"
    splits = {"train": samples(), "validation": samples(4, "意思"), "held_out": choices()}
    version = add_version(application.training.datasets, splits, "for a test")
    reply = editor.post("/train", {"recipe": bare}).json()
    assert any(version.path.name in warning for warning in reply["warnings"])
    editor.wait(reply["task_id"])


def test_an_adapter_that_does_not_help_is_forced_only_by_an_administrator_with_a_reason(
    as_user: Callable[[str], Client], data: Path
) -> None:
    editor, admin = as_user("editor"), as_user("admin")
    behave_in(data / "training" / "jobs" / "useless", helps=False)
    task = editor.post("/train", {"recipe": recipe(data, "useless")}).json()["task_id"]
    shown = editor.wait(task)
    assert (shown["offered"], "does not beat" in shown["offered_why"]) == (False, True)
    refused = editor.post(f"/train/{task}/promote")
    assert (refused.status_code, slug(refused)) == (409, "adapter-not-offered")
    assert editor.post(f"/train/{task}/promote", {"force": True, "reason": "I like it"}).status_code == 403
    assert slug(admin.post(f"/train/{task}/promote", {"force": True})) == "adapter-not-offered"
    forced = admin.post(f"/train/{task}/promote", {"force": True, "reason": "a trial week"}).json()
    assert (forced["offered"], forced["reason"], forced["who"]) == (False, "a trial week", "admin")
    assert "a trial week" in admin.get(f"/train/{task}/report").text


@pytest.mark.usefixtures("nothing_promoted")
def test_load_takes_a_job_a_promotion_or_a_folder(
    as_user: Callable[[str], Client], data: Path, trained: str
) -> None:
    editor, admin = as_user("editor"), as_user("admin")
    first = editor.post("/models/load", {"task_id": trained}).json()
    assert first["offered"] is True
    editor.post("/models/rollback")
    again = editor.post("/models/load", {"promotion": first["number"]}).json()
    assert (again["action"], again["adapter"]) == ("load", first["adapter"])
    assert slug(editor.post("/models/load", {"promotion": 9999})) == "bad-adapter"
    folder = "training/jobs/术语表/adapter"
    assert slug(editor.post("/models/load", {"adapter": folder})) == "adapter-not-offered"
    forced = {"adapter": folder, "force": True, "reason": "by hand"}
    assert editor.post("/models/load", forced).status_code == 403
    assert admin.post("/models/load", forced).json()["reason"] == "by hand"
    assert slug(admin.post("/models/load", forced | {"adapter": "nope"})) == "bad-adapter"
    assert slug(editor.post("/models/load", {})) == "invalid-request"
    assert slug(editor.post("/models/load", {"task_id": trained, "promotion": 1})) == "invalid-request"


def test_an_adapter_that_cannot_be_loaded_is_taken_back(as_user: Callable[[str], Client], data: Path) -> None:
    admin = as_user("admin")
    folder = data / "broken"
    folder.mkdir()
    (folder / "adapter_model.safetensors").write_bytes(b"")
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "fake", "r": "unloadable"}')
    before = admin.get("/models").json()["term_model"]
    reply = admin.post("/models/load", {"adapter": "broken", "force": True, "reason": "a test"})
    assert (reply.status_code, slug(reply)) == (422, "bad-adapter")
    after = admin.get("/models").json()["term_model"]
    assert {**after, "promotion": None} == {**before, "promotion": None}


def test_evaluate_measures_again_and_waits(as_user: Callable[[str], Client], data: Path) -> None:
    editor = as_user("editor")
    behave_in(data / "training" / "jobs" / "unmeasured", evaluation_fails=True)
    task = editor.post("/train", {"recipe": recipe(data, "unmeasured")}).json()["task_id"]
    shown = editor.wait(task)
    assert (shown["status"], shown["offered"]) == ("finished", False)
    assert "evaluation before and after failed" in shown["warnings"][0]
    assert slug(editor.post(f"/train/{task}/promote")) == "adapter-not-offered"
    behave_in(data / "training" / "jobs" / "unmeasured")
    reply = editor.post("/evaluate", {"task_id": task})
    assert reply.status_code == 200
    assert (reply.json()["task_id"], reply.json()["offered"]) == (task, True)
    assert len(reply.json()["table"]["table"]["arms"]) == 4
    assert editor.get(f"/train/status/{task}").json()["status"] == "finished"
    assert editor.post("/evaluate", {"task_id": task, "again": True, "wait_seconds": 0}).status_code == 202
    editor.wait(task)


def test_plot_and_reports(as_user: Callable[[str], Client], data: Path, trained: str) -> None:
    import pymupdf
    from PIL import Image

    editor = as_user("editor")
    assert Image.open(io.BytesIO(editor.get(f"/train/{trained}/plot").content)).format == "PNG"
    text = editor.get(f"/train/{trained}/report").text
    assert "# Training report: 术语表" in text
    assert str(data) not in text
    page = editor.get(f"/train/{trained}/report?format=html")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    document = pymupdf.open("pdf", editor.get(f"/train/{trained}/report?format=pdf").content)
    shown = "".join(page.get_text() for page in document)
    assert "术语表" in shown
    assert "客户经理（Account Manager）" in "".join(shown.split("\n"))
    document.close()
    assert editor.get(f"/train/{trained}/report?format=docx").status_code == 422


def test_unknown_jobs_are_not_found(as_user: Callable[[str], Client]) -> None:
    editor = as_user("editor")
    for path in ("/train/status/nope", "/train/nope/events", "/train/nope/plot", "/train/nope/report"):
        assert (editor.get(path).status_code, slug(editor.get(path))) == (404, "not-found"), path
    for path in ("/train/nope/stop", "/train/nope/resume", "/train/nope/promote"):
        assert editor.post(path).status_code == 404, path
