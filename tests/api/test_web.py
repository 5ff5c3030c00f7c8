"""The web chat without a browser: its agent, what it shows, and that it serves locally and stops cleanly."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import web_view
from api.web import TITLE, build_web, replies
from router.errors import EmptyQuestionError, ModelUnavailableError, QuestionTooLongError
from router.types import (
    Answer,
    AnswerEvent,
    Citation,
    Decision,
    Option,
    Route,
    RouteEvent,
    Status,
    TokenEvent,
    Trace,
)
from terminology.types import ResolvedTerm, ScoredSense, Sense, TermMatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from router.types import Event

pytestmark = [
    # Gradio, modelscope_studio and dashscope warn about their own dependencies at import and at launch.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::SyntaxWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning:gradio.*"),
]

ROOT = Path(__file__).parents[2]
# Seconds: the machine may be busy with other tests.
PATIENCE = 60
HOSTILE = '<script>x()</script><img src="http://h/x.png" onerror="x()">![i](http://h/y) [l](/etc/passwd) src="/etc/passwd"'


def an_answer(text: str = "AM 是客户经理。", **more: object) -> Answer:
    values: dict[str, object] = {
        "question": "AM是谁？",
        "rewritten_question": "客户经理（AM）是谁？",
        "route": Route.TERM,
        "status": Status.ANSWERED,
        "confidence": 0.9,
        "trace": Trace("问的是一个术语的含义", {"terms": 0.4}),
    }
    return Answer(answer=text, **{**values, **more})  # type: ignore[arg-type]


def term(surface: str = "AM") -> ResolvedTerm:
    sense = Sense("AM", "Account Manager", "客户经理")
    return ResolvedTerm(TermMatch(surface, 0, len(surface), (sense,)), ScoredSense(sense, 1.0), "context")


class Tags(HTMLParser):
    """The tags and attributes that a browser would see, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_an_answer_shows_road_status_reason_terms_sources_and_options() -> None:
    citations = (
        Citation("售后流程.docx", "d", "AM 负责回访。", page=3),
        Citation("培训.pptx", "d", "第一周", slide=5),
        Citation("分行表.xlsx", "d", "402535510938", sheet="分行", cell="B7"),
    )
    option = Option("客户经理", "客户经理（AM）是谁？")
    shown = Tags(web_view.answer_html(an_answer(terms=(term(),), citations=citations, options=(option,)))).text
    for part in (
        "术语直查",
        "已回答",
        "问的是一个术语的含义",
        "客户经理，Account Manager",
        "依据（3）",
        "[1] 售后流程.docx",
        "第 3 页",
        "第 5 张幻灯片",
        "工作表 分行 · 单元格 B7",
        "402535510938",
        "客户经理（AM）是谁？",
        "不到 1 毫秒",
    ):
        assert part in shown


@pytest.mark.parametrize(
    ("route", "label"), [(Route.TERM, "术语直查"), (Route.FACT, "精确查询"), (Route.ANALYSIS, "文档分析")]
)
def test_every_road_and_status_has_its_name(route: Route, label: str) -> None:
    for status in Status:
        shown = Tags(web_view.answer_html(an_answer(route=route, status=status))).text
        assert label in shown
        assert web_view.STATUSES[status] in shown


def test_markdown_of_a_model_is_shown_as_such() -> None:
    shown = web_view.answer_html(
        an_answer("**AM**：\n\n1. 甲 [1]\n2. 乙\n\n| 列 | 值 |\n|---|---|\n| a | `b` |\n")
    )
    for tag in ("<strong>AM</strong>", "<li>甲 &#91;1&#93;</li>", "<td>a</td>", "<code>b</code>"):
        assert tag in shown


def test_a_code_block_keeps_its_lines_in_one_html_block() -> None:
    shown = web_view.answer_html(an_answer("```\na\n\n  b\n```"))
    assert "\n" not in shown
    assert "a\n\n  b" in Tags(shown).text


HARMLESS_TAGS = {
    *(
        "div",
        "span",
        "p",
        "b",
        "br",
        "strong",
        "em",
        "s",
        "hr",
        "blockquote",
        "details",
        "summary",
        "code",
        "pre",
    ),
    *("ol", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6"),
}


def assert_harmless(page: str) -> None:
    seen = Tags(page)
    assert seen.tags <= HARMLESS_TAGS
    assert seen.attributes <= {"class", "title", "tabindex", "style", "start"}
    # What modelscope_studio's chat component would turn into a copy of a local file.
    assert not re.search(r"\[(.*?)\]\((.*?)\)", page)
    assert not re.search(r"src=[\"'](.*?)[\"']", page)
    assert "\n\n" not in page


@pytest.mark.parametrize(
    "hostile", [HOSTILE, f"    {HOSTILE}", f"`{HOSTILE}`", f"[a][b]\n\n[b]: http://h/ '{HOSTILE}'"]
)
def test_markup_in_answers_documents_and_questions_is_text(hostile: str) -> None:
    citation = Citation(hostile, "d", hostile, sheet=hostile, cell=hostile)
    answer = an_answer(
        hostile,
        question=hostile,
        rewritten_question=hostile + "x",
        terms=(term(hostile),),
        citations=(citation,),
        options=(Option(hostile, hostile),),
        trace=Trace(hostile),
    )
    for page in (
        web_view.answer_html(answer),
        web_view.question_html(hostile),
        web_view.notice_html(hostile),
        web_view.progress_html(Decision(Route.ANALYSIS, 1.0, hostile), hostile),
    ):
        assert_harmless(page)
    assert "<script>x()</script>" in Tags(web_view.question_html(hostile)).text


@given(
    st.lists(st.sampled_from([*"[]()!<>\"'`\n*_|&;#/ a", "src=", "](", "<img ", "&lt;", "http://h"])).map(
        "".join
    )
)
def test_no_text_becomes_markup(text: str) -> None:
    assert_harmless(web_view.answer_html(an_answer(text, citations=(Citation(text, "d", text),))))


def stream_of(*events: Event | Exception) -> object:
    def stream(question: str, history: tuple[str, ...]) -> Iterator[Event]:
        for event in events:
            if isinstance(event, Exception):
                raise event
            yield event

    return stream


def shown_by(*events: Event | Exception, question: str = "AM是谁？") -> list[str]:
    return [Tags(page).text for page in replies(stream_of(*events), question, ())]  # type: ignore[arg-type]


def test_an_answer_grows_and_ends_whole() -> None:
    events = (
        RouteEvent(Decision(Route.ANALYSIS, 0.9, "")),
        TokenEvent("AM 负责"),
        TokenEvent("回访"),
        AnswerEvent(an_answer("完")),
    )
    shown = shown_by(*events)
    assert "正在理解问题" in shown[0]
    assert "文档分析" in shown[1]
    assert any("AM 负责" in page for page in shown[2:-1])
    assert "完" in shown[-1]
    assert "AM 负责" not in shown[-1]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (EmptyQuestionError(), "请先输入问题"),
        (QuestionTooLongError(5000, 4000), "5000"),
        (ModelUnavailableError("m", "secret detail"), "暂时无法回答"),
        (RuntimeError("secret detail"), "出了错"),
    ],
)
def test_errors_are_said_in_chinese_without_details(error: Exception, says: str) -> None:
    last = shown_by(RouteEvent(Decision(Route.TERM, 1.0, "")), error)[-1]
    assert says in last
    assert "secret" not in last
    assert "Traceback" not in last


def test_a_stream_without_an_answer_is_said_so() -> None:
    assert "没有完成" in shown_by(TokenEvent("半"))[-1]


def test_the_agent_is_qwen_agents_and_hands_on_the_question_with_its_history() -> None:
    asked: list[tuple[str, tuple[str, ...]]] = []

    def stream(question: str, history: tuple[str, ...]) -> Iterator[Event]:
        asked.append((question, history))
        yield AnswerEvent(an_answer(f"答{question}"))

    page = build_web(stream, suggestions=["AM是谁？"])
    from qwen_agent import Agent
    from qwen_agent.gui import WebUI

    assert isinstance(page, WebUI)
    assert isinstance(page.agent_list[0], Agent)
    history: list[dict[str, str]] = []
    for question in ("一", "二", "三"):
        *_, history = page.converse(question, history)
    assert asked == [("一", ()), ("二", ("一",)), ("三", ("一", "二"))]
    assert [turn["role"] for turn in history] == ["user", "assistant"] * 3
    assert "答三" in Tags(history[-1]["content"]).text


@dataclass(frozen=True)
class Served:
    """The scripted chat page, running in a process of its own with `folder` as its working directory."""

    url: str
    program: subprocess.Popen[bytes]
    folder: Path


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("web")
    with chat_page(folder) as (url, program):
        yield Served(url, program, folder)


@contextlib.contextmanager
def chat_page(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The scripted chat page in a process of its own, behind a proxy that does not exist."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PYTHONPATH": str(ROOT),
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
    }
    program = subprocess.Popen(
        [sys.executable, str(ROOT / "tests/functional/chat_page.py"), str(port), str(folder / "ws")],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 120
        while not answers(url):
            assert program.poll() is None, program.communicate()[1].decode()
            assert time.monotonic() < deadline, "the page did not come up"
            time.sleep(0.2)
        yield url, program
    finally:
        if program.poll() is None:
            program.kill()
        program.communicate()


def answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def test_the_page_loads_nothing_from_elsewhere(served: Served) -> None:
    page = httpx.get(served.url, trust_env=False, timeout=PATIENCE)
    assert TITLE in page.text
    assert 'lang="zh-CN"' in page.text
    loaded = re.findall(r"<(?:script|link)\b[^>]*(?:src|href)=\"(https?:[^\"]*)", page.text)
    assert loaded == []
    assert "default-src 'self'" in page.headers["content-security-policy"]
    theme = httpx.get(f"{served.url}/theme.css", trust_env=False, timeout=PATIENCE).text
    assert "http" not in re.sub(r"http://www\.w3\.org/\S*", "", theme)


def test_a_hand_made_request_cannot_show_a_local_file(served: Served, tmp_path: Path) -> None:
    """The chat component would copy a file named in a message to where it can be fetched."""
    secret = tmp_path / "secret.txt"
    secret.write_text("top secret")
    session = "s1"
    body = {"data": [f'[x]({secret}) <img src="{secret}">', None], "fn_index": 0, "session_hash": session}
    joined = httpx.post(f"{served.url}/gradio_api/queue/join", json=body, trust_env=False, timeout=PATIENCE)
    assert joined.status_code == 200
    with httpx.stream(
        "GET",
        f"{served.url}/gradio_api/queue/data?session_hash={session}",
        trust_env=False,
        timeout=PATIENCE,
    ) as events:
        text = ""
        for line in events.iter_lines():
            text += line
            if "process_completed" in line:
                break
    assert "tr-question" in text
    assert list(served.folder.rglob("secret.txt")) == []


def test_everything_is_written_to_the_given_folder_and_ctrl_c_ends_it(served: Served) -> None:
    """Last, because it stops the page."""
    served.program.send_signal(signal.SIGINT)
    assert served.program.wait(PATIENCE) == 0
    out, err = served.program.communicate()
    assert out == b""
    assert b"Traceback" not in err
    assert {entry.name for entry in served.folder.iterdir()} <= {"ws", ".cache", ".config"}
