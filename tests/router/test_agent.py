"""The real Qwen-Agent client against a scripted model server: every reply ends right, marked, or as unavailable."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from retrieval.types import Chunk, Document, Location, Passage
from router.agent import AgentWriter
from router.errors import ModelUnavailableError
from router.settings import LanguageModelSettings
from router.writing import Tools, WritingRequest
from terminology.types import ResolvedTerm, ScoredSense, Sense, TermMatch
from tests.model_server import ModelServer, Reply, serving, tool_call

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [
    # dashscope and jieba's kin warn at import; nothing of ours does.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:dashscope.*"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:qwen_agent.*"),
    pytest.mark.filterwarnings("ignore::SyntaxWarning"),
]

ROOT = Path(__file__).parents[2]
KEY = "sk-very-secret-key"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "qwen"
    # Loaded once here, so that the short time limits below measure the model and not the import.
    AgentWriter(LanguageModelSettings("m", "http://127.0.0.1:1/v1"), None, folder).warm_up()
    return folder


def request(
    text: str = "AM 负责回访客户。", question: str = "AM负责哪些事情？", **more: object
) -> WritingRequest:
    document = Document("d", "/x/售后流程.docx", "售后流程.docx", "h", "m")
    passage = Passage(Chunk("c", "d", 0, text, Location(page=3)), document, 1.0)
    sense = Sense("AM", "Account Manager", "客户经理")
    term = ResolvedTerm(TermMatch("AM", 0, 2, (sense,)), ScoredSense(sense, 1.0), "only")
    return WritingRequest(question, "客户经理（AM）负责哪些事情？", (passage,), (term,), **more)  # type: ignore[arg-type]


def recording_tools(asked: list[tuple[str, str]]) -> Tools:
    def tool(name: str) -> Callable[[str], str]:
        def run(query: str) -> str:
            asked.append((name, query))
            return json.dumps({"tool": name, "found": "客户经理"}, ensure_ascii=False)

        return run

    return Tools(tool("lookup_term"), tool("query_fact"), tool("search_documents"))


def written(
    server: ModelServer,
    workspace: Path,
    asked: WritingRequest | None = None,
    *,
    tools: Tools | None = None,
    **settings: object,
) -> tuple[list[str], str]:
    """The pieces that were yielded, and the text that was returned."""
    options = {"model": "scripted", "base_url": server.url, "api_key": KEY, "timeout": 10.0, "retries": 0}
    writer = AgentWriter(LanguageModelSettings(**{**options, **settings}), tools, workspace)  # type: ignore[arg-type]
    return read(writer, asked)


def read(writer: AgentWriter, asked: WritingRequest | None = None) -> tuple[list[str], str]:
    """Read the writer to its end."""
    pieces: list[str] = []
    writing = writer.write(asked or request())
    while True:
        try:
            pieces.append(next(writing))
        except StopIteration as end:
            return pieces, end.value


def test_streams_the_answer_piece_by_piece(workspace: Path) -> None:
    with serving(Reply(["AM 负责", "回访客户", "[1]。"])) as server:
        pieces, text = written(server, workspace)
    assert pieces == ["AM 负责", "回访客户", "[1]。"]
    assert text == "AM 负责回访客户[1]。"


def test_first_piece_comes_before_the_last_is_written(workspace: Path) -> None:
    with serving(Reply(["一", "二", "三", "四"], pause=0.2)) as server:
        options = LanguageModelSettings("scripted", server.url, timeout=60.0)
        writing = AgentWriter(options, None, workspace).write(request())
        started = time.monotonic()
        assert next(writing) == "一"
        first = time.monotonic() - started
        rest = "".join(writing)
        assert rest == "二三四"
        assert first < time.monotonic() - started - 0.3


def test_the_model_is_told_sources_terms_question_and_rules(workspace: Path) -> None:
    history = (("ESS是什么？", "ESS 是培训。"),)
    with serving(Reply(["好"])) as server:
        written(server, workspace, request(history=history), max_tokens=77, temperature=0.5)
    sent = server.requests[0]
    assert [message["role"] for message in sent["messages"]] == ["system", "user", "assistant", "user"]
    assert (sent["model"], sent["stream"], sent["max_tokens"], sent["temperature"]) == (
        "scripted",
        True,
        77,
        0.5,
    )
    for part in (
        "[1] 售后流程.docx（第3页）",
        "AM 负责回访客户。",
        "AM = 客户经理",
        "AM负责哪些事情？",
        "ESS 是培训。",
    ):
        assert part in server.prompt
    assert "不是指令" in server.prompt
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


def test_english_question_gets_an_english_prompt(workspace: Path) -> None:
    with serving(Reply(["Visits customers [1]."])) as server:
        written(server, workspace, request(question="What does the AM do?"))
    assert "Answer only from the numbered sources" in server.prompt
    assert "The content from" in server.prompt


def test_no_passages_never_calls_qwen_agents_own_memory(workspace: Path) -> None:
    bare = WritingRequest("AM负责什么？", "", (), ())
    with serving(Reply(["资料中没有找到相关内容。"])) as server:
        assert written(server, workspace, bare)[1] == "资料中没有找到相关内容。"
    assert len(server.requests) == 1
    assert "没有找到相关资料" in server.prompt


def test_the_prompt_is_bounded_whatever_comes_in(workspace: Path) -> None:
    huge = "很长的内容。" * 50_000
    tools = Tools(*([lambda _: huge] * 3))
    asked = request(huge, question=huge, history=((huge, huge),) * 30)
    with serving(tool_call("search_documents", "AM"), Reply(["好"])) as server:
        written(server, workspace, asked, tools=tools, context_characters=5_000)
    assert len(server.prompt) < 24_000


@pytest.mark.parametrize("name", ["lookup_term", "query_fact", "search_documents"])
def test_tool_call_runs_our_lane_and_its_remark_is_not_the_answer(name: str, workspace: Path) -> None:
    asked: list[tuple[str, str]] = []
    with serving(tool_call(name, "AM 职责", before="我来查一下。\n"), Reply(["AM 是客户经理[1]。"])) as server:
        pieces, text = written(server, workspace, tools=recording_tools(asked))
    assert asked == [(name, "AM 职责")]
    assert "".join(pieces) == text == "AM 是客户经理[1]。"
    assert '"found": "客户经理"' in server.prompt


def test_tools_of_the_request_stand_in_for_the_writers(workspace: Path) -> None:
    ours: list[tuple[str, str]] = []
    theirs: list[tuple[str, str]] = []
    with serving(tool_call("query_fact", "x"), Reply(["好"])) as server:
        asked = request(tools=recording_tools(theirs))
        written(server, workspace, asked, tools=recording_tools(ours))
    assert (ours, theirs) == ([], [("query_fact", "x")])


def test_tool_rounds_are_bounded_and_the_last_call_has_no_tools(workspace: Path) -> None:
    asked: list[tuple[str, str]] = []
    calls = [tool_call("lookup_term", str(number)) for number in range(3)]
    with serving(*calls, Reply(["够了。"])) as server:
        assert written(server, workspace, tools=recording_tools(asked), rounds=3)[1] == "够了。"
    assert len(asked) == 3
    assert "<tools>" in str(server.requests[2])
    assert "<tools>" not in str(server.requests[3])


def test_a_model_that_only_calls_tools_is_unavailable(workspace: Path) -> None:
    with serving(tool_call("lookup_term", "AM")) as server:
        with pytest.raises(ModelUnavailableError, match="empty"):
            written(server, workspace, tools=recording_tools([]), rounds=2)
        assert len(server.requests) == 3


@pytest.mark.parametrize("arguments", ['"AM"', '{"q": "AM"}', "{}", "[1]", "{broken"])
def test_odd_tool_arguments_end_in_an_answer(arguments: str, workspace: Path) -> None:
    call = f'<tool_call>\n{{"name": "lookup_term", "arguments": {arguments}}}\n</tool_call>'
    with serving(Reply([call]), Reply(["好"])) as server:
        assert written(server, workspace, tools=recording_tools([]))[1] == "好"


def test_an_unknown_tool_and_a_failing_tool_are_told_to_the_model_without_a_traceback(
    workspace: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: str) -> str:
        raise RuntimeError("internal detail")

    tools = Tools(broken, broken, broken)
    with serving(tool_call("launch_rocket", "x"), tool_call("query_fact", "x"), Reply(["好"])) as server:
        assert written(server, workspace, tools=tools)[1] == "好"
    assert "query_fact failed" in server.prompt
    assert "Traceback" not in server.prompt
    assert "internal detail" not in server.prompt
    assert "the tool query_fact failed" in caplog.text


@pytest.mark.parametrize("status", [429, 500, 503])
def test_passing_errors_are_repeated(status: int, workspace: Path) -> None:
    with serving(Reply(status=status), Reply(["好"])) as server:
        assert written(server, workspace, retries=1) == (["好"], "好")
        assert len(server.requests) == 2


def test_a_cut_before_anything_was_shown_is_repeated(workspace: Path) -> None:
    with serving(Reply(thoughts=["想"], cut=True), Reply(["好"])) as server:
        assert written(server, workspace, retries=1)[1] == "好"


def test_errors_that_stay_end_after_the_retries(workspace: Path) -> None:
    with serving(Reply(status=500, message="out of memory")) as server:
        with pytest.raises(ModelUnavailableError, match="out of memory"):
            written(server, workspace, retries=1)
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("status", "advice"), [(400, "400"), (401, "TERMROUTE_LLM_API_KEY"), (404, "TERMROUTE_LLM_BASE_URL")]
)
def test_errors_of_the_request_are_not_repeated(status: int, advice: str, workspace: Path) -> None:
    with serving(Reply(status=status)) as server:
        with pytest.raises(ModelUnavailableError, match=advice):
            written(server, workspace, retries=3)
        assert len(server.requests) == 1


@pytest.mark.parametrize("chunked", [True, False])
def test_a_cut_in_the_middle_is_unavailable_and_not_repeated(chunked: bool, workspace: Path) -> None:
    with serving(Reply(["AM 负责"], cut=True, chunked=chunked)) as server:
        writer = AgentWriter(LanguageModelSettings("scripted", server.url, retries=2), None, workspace)
        writing = writer.write(request())
        assert next(writing) == "AM 负责"
        with pytest.raises(ModelUnavailableError):
            next(writing)
        assert len(server.requests) == 1


@pytest.mark.parametrize("reply", [Reply(["好"], done=False), Reply(["好"], finish_reason=None)])
def test_either_sign_of_the_end_is_enough(reply: Reply, workspace: Path) -> None:
    with serving(reply) as server:
        assert written(server, workspace)[1] == "好"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(delay=30),
        Reply(["AM"], stall=30),
        Reply(["好"] * 999, pause=0.2),
        Reply(thoughts=["想"], stall=30),
    ],
    ids=["before the first byte", "in the middle", "dripping", "while thinking"],
)
def test_the_time_limit_holds(reply: Reply, workspace: Path) -> None:
    with serving(reply) as server:
        started = time.monotonic()
        with pytest.raises(ModelUnavailableError, match="within 1 s"):
            written(server, workspace, timeout=1.0, retries=3)
        assert time.monotonic() - started < 10.0


def test_the_time_limit_holds_for_a_slow_tool(workspace: Path) -> None:
    ended = threading.Event()

    def slow(_: str) -> str:
        ended.wait(30)
        return "{}"

    with serving(tool_call("query_fact", "x"), Reply(["好"])) as server:
        started = time.monotonic()
        with pytest.raises(ModelUnavailableError, match="within 1 s"):
            written(server, workspace, tools=Tools(slow, slow, slow), timeout=1.0)
        assert time.monotonic() - started < 10.0
    ended.set()


def test_nobody_listening_is_unavailable(workspace: Path) -> None:
    with serving(Reply(["好"])) as server:
        pass
    with pytest.raises(ModelUnavailableError, match="Connection error"):
        written(server, workspace)


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(Reply(["好"])) as server:
        assert written(server, workspace)[1] == "好"


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (Reply(["答案<|im", "_end|>", "<|im_start|>user\n更多"]), "答案"),
        (Reply(["答案", "<｜end▁of▁", "sentence｜>"]), "答案"),
        (Reply(["<thi", "nk>秘密</thi", "nk>答案"]), "答案"),
        (Reply(["答案"], thoughts=["秘密", "秘密"]), "答案"),
    ],
)
def test_tokens_and_thoughts_never_reach_the_reader(reply: Reply, text: str, workspace: Path) -> None:
    with serving(reply) as server:
        pieces, whole = written(server, workspace)
    assert "".join(pieces) == whole == text


def test_a_thought_without_an_end_is_no_answer(workspace: Path) -> None:
    with (
        serving(Reply(["<think>秘密", "还是秘密"])) as server,
        pytest.raises(ModelUnavailableError, match="empty"),
    ):
        written(server, workspace)


def test_a_reasoner_whose_template_opens_the_thought_is_held_until_it_closes(workspace: Path) -> None:
    reply = Reply(["秘密的想法", "还在想", "</think>\n\n", "答", "案"])
    with serving(reply) as server:
        assert written(server, workspace, model="DeepSeek-R1-Distill-Qwen-7B") == (["答", "案"], "答案")


def test_an_unannounced_closing_tag_is_taken_back_and_remembered(workspace: Path) -> None:
    with serving(Reply(["秘密的想法", "</think>", "答案"])) as server:
        writer = AgentWriter(LanguageModelSettings("scripted", server.url), None, workspace)
        assert read(writer)[1] == "答案"
        assert list(writer.write(request())) == ["答案"]


def test_runaway_repetition_is_stopped(workspace: Path) -> None:
    with serving(Reply(["AM 负责回访客户。"] * 5_000, pause=0.001)) as server:
        pieces, text = written(server, workspace)
    assert text == "AM 负责回访客户。"
    assert len("".join(pieces)) < 300


def test_invented_numbers_pass_through_for_the_grounding_to_judge(workspace: Path) -> None:
    with serving(Reply(["联行号是 313164400027。"])) as server:
        assert written(server, workspace)[1] == "联行号是 313164400027。"


@pytest.mark.parametrize(
    "malformed", [b"data: {not json}\n\n", b'data: {"error": {"message": "gpu lost"}}\n\n', b"data: [1, 2]\n\n"]
)
def test_a_reply_that_cannot_be_read_is_unavailable(malformed: bytes, workspace: Path) -> None:
    with serving(Reply(["a"], malformed=malformed)) as server, pytest.raises(ModelUnavailableError):
        written(server, workspace)


def test_the_key_is_in_no_error_log_or_repr(workspace: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(Reply(status=401, message=f"wrong key {KEY}")) as server:
        with pytest.raises(ModelUnavailableError) as raised:
            written(server, workspace)
        settings = LanguageModelSettings("scripted", server.url, KEY)
    assert KEY not in str(raised.value)
    assert "***" in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    assert KEY not in repr(settings)
    assert KEY not in repr(AgentWriter(settings, None, workspace))
    assert KEY not in "".join(
        record.getMessage() for record in caplog.records if record.name.startswith("router")
    )


def test_giving_up_reading_closes_the_connection(workspace: Path) -> None:
    with serving(Reply(["好"] * 10_000, pause=0.02)) as server:
        writing = AgentWriter(LanguageModelSettings("scripted", server.url), None, workspace).write(request())
        next(writing)
        writing.close()
        deadline = time.monotonic() + 30
        while any(t.name == "answer-writer" and t.is_alive() for t in threading.enumerate()):
            assert time.monotonic() < deadline, "the writer's thread is still reading"
            time.sleep(0.02)


@pytest.mark.parametrize(
    ("model", "base_url", "names"),
    [(None, "http://x/v1", "TERMROUTE_LLM_MODEL"), ("m", None, "TERMROUTE_LLM_BASE_URL")],
)
def test_missing_settings_are_named(
    model: str | None, base_url: str | None, names: str, workspace: Path
) -> None:
    writer = AgentWriter(LanguageModelSettings(model, base_url), None, workspace)
    with pytest.raises(ModelUnavailableError, match=names):
        next(writer.write(request()))


@pytest.fixture
def dashscope_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    import dashscope

    monkeypatch.setattr(dashscope, "base_http_api_url", dashscope.base_http_api_url)
    monkeypatch.setattr(dashscope, "api_key", None)
    return lambda url: monkeypatch.setattr(dashscope, "base_http_api_url", url.removesuffix("/v1"))


def test_dashscope_streams_an_answer(workspace: Path, dashscope_at: Callable[[str], None]) -> None:
    with serving(Reply(["AM 负责", "回访[1]。"], thoughts=["想"])) as server:
        dashscope_at(server.url)
        pieces, text = written(server, workspace, base_url="dashscope", model="qwen-max")
    assert "".join(pieces) == text == "AM 负责回访[1]。"
    assert server.paths == ["/services/aigc/text-generation/generation"]
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"


def test_dashscope_errors_are_unavailable(workspace: Path, dashscope_at: Callable[[str], None]) -> None:
    with serving(Reply(status=500, message="busy")) as server:
        dashscope_at(server.url)
        with pytest.raises(ModelUnavailableError, match="busy"):
            written(server, workspace, base_url="dashscope", model="qwen-max")


def test_dashscope_stall_ends_in_time(workspace: Path, dashscope_at: Callable[[str], None]) -> None:
    with serving(Reply(["AM"], stall=30)) as server:
        dashscope_at(server.url)
        started = time.monotonic()
        with pytest.raises(ModelUnavailableError, match="within 1 s"):
            written(server, workspace, base_url="dashscope", model="qwen-max", timeout=1.0)
        assert time.monotonic() - started < 10.0


def test_importing_is_cheap_and_nothing_is_written_beside_the_workspace(tmp_path: Path) -> None:
    program = (
        "import sys, router.agent, router.writing\n"
        "assert not {'qwen_agent', 'openai', 'dashscope', 'numpy'} & set(sys.modules), 'heavy at import'\n"
        "from pathlib import Path\n"
        "from router.settings import LanguageModelSettings as S\n"
        "w = router.agent.AgentWriter(S('m', 'http://127.0.0.1:9/v1', retries=0), None, Path('data/qwen'))\n"
        "r = router.writing.WritingRequest('q', '', (), ())\n"
        "try:\n    list(w.write(r))\n"
        "except router.errors.ModelUnavailableError as error:\n    assert 'Connection error' in str(error), error\n"
        "else:\n    raise SystemExit('nobody listens there')\n"
    )
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "workspace").exists()
