"""Generation through the whole program: a scripted model server behind the real Qwen-Agent client."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.auth import OPERATOR
from api.chat import Question
from api.schemas import AnswerSchema
from api.settings import Settings
from api.wiring import Application
from tests.model_server import Reply, serving

pytestmark = [
    pytest.mark.functional,
    # dashscope and Qwen-Agent warn about their own code at import.
    pytest.mark.filterwarnings("ignore::SyntaxWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:dashscope.*"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:qwen_agent.*"),
]
QUESTION = "在产品售后流程里，AM负责哪些事情？"


def asked(pack_dir: Path, *replies: Reply, **settings: object) -> AnswerSchema:
    with serving(*replies) as server:
        chosen = {"llm_model": "qwen-test", "llm_base_url": server.url, "llm_timeout": 20.0, **settings}
        with Application(Settings(data_dir=pack_dir, embedding_model="hashed", **chosen)) as application:
            return AnswerSchema.of(application.chat.answer(Question(QUESTION), OPERATOR))


def test_a_written_answer_cites_its_passages(pack_dir: Path) -> None:
    answer = asked(pack_dir, Reply(["AM负责在收到客户投诉后", "2小时内联系客户。[1]"]))
    assert (answer.route, answer.status) == ("analysis", "answered")
    assert "2小时" in answer.answer
    assert answer.citations[0].document == "售后流程.docx"
    assert "extractive" not in answer.flags


def test_an_invented_code_never_leaves(pack_dir: Path) -> None:
    answer = asked(pack_dir, Reply(["AM负责联系客户。[1]\n", "对应联行号是313164400027。[1]"]))
    assert "313164400027" not in answer.model_dump_json()
    assert "联系客户" in answer.answer


def test_a_model_that_is_down_leaves_the_quoted_answer(pack_dir: Path) -> None:
    answer = asked(pack_dir, Reply(status=500), llm_timeout=6.0)
    assert answer.status == "answered"
    assert "暂不可用" in answer.answer
    assert "model-unavailable" in answer.flags
    assert "2小时" in answer.answer
