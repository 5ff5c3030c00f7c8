"""The Qwen-Agent web chat on our router: its own page and process beside the API, usable without any network."""

from __future__ import annotations

import functools
import html
import logging
import os
import signal
import tempfile
import threading
import time
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api import web_view
from router.errors import EmptyQuestionError, QuestionTooLongError, RouterError
from router.types import AnswerEvent, Route, RouteEvent, TokenEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from router.types import Decision, Event

    Stream = Callable[[str, tuple[str, ...]], Iterator[Event]]

logger = logging.getLogger(__name__)

TITLE = "TermRoute 企业知识问答"
DESCRIPTION = "先弄清术语，再走最省的路找到有出处的答案"
PLACEHOLDER = "输入问题，回车发送；Shift+回车换行"
# The page is redrawn at most this often while an answer is being written, in seconds.
_REDRAW = 0.08


def serve_web(
    stream: Stream,
    host: str,
    port: int,
    *,
    suggestions: Sequence[str] = (),
    title: str = TITLE,
    workspace: Path | None = None,
) -> None:
    """Serve the chat page until Ctrl-C or SIGTERM; everything that is written goes to `workspace`.

    Raises OSError when the port is taken. The page knows no logins: who may reach it is the caller's to decide.
    """
    folder = workspace or Path(tempfile.gettempdir()) / "termroute-web"
    _prepare_environment(folder)
    build_web(stream, suggestions=suggestions, title=title).run(server_name=host, server_port=port)


def build_web(stream: Stream, *, suggestions: Sequence[str] = (), title: str = TITLE) -> Any:
    """The chat page (a `qwen_agent.gui.WebUI`) whose agent asks `stream(question, earlier questions)`."""
    qwen = _qwen_classes()
    agent = qwen.agent(stream, name=title, description=DESCRIPTION)
    return qwen.page(
        agent, chatbot_config={"input.placeholder": PLACEHOLDER, "prompt.suggestions": list(suggestions)}
    )


def replies(stream: Stream, question: str, history: tuple[str, ...]) -> Iterator[str]:
    """The answer to one question as ever fuller HTML; whatever goes wrong is said in Chinese, without a traceback."""
    try:
        yield from _shown(stream(question, history))
    except EmptyQuestionError:
        yield web_view.notice_html("请先输入问题。")
    except QuestionTooLongError as error:
        yield web_view.notice_html(
            f"问题太长（{error.length} 个字符），最多 {error.limit} 个字符，请缩短后再问。"
        )
    except RouterError as error:
        logger.warning("the question was not answered: %s", error)
        yield web_view.notice_html("暂时无法回答这个问题，请稍后再试；详细原因见服务日志。")
    except Exception:
        logger.exception("the answer broke off")
        yield web_view.notice_html("回答时出了错，已记入服务日志。请稍后再试，或换一种问法。")


def _shown(events: Iterator[Event]) -> Iterator[str]:
    decision: Decision | None = None
    written, drawn = "", 0.0
    yield web_view.progress_html(None, "")
    for event in events:
        if isinstance(event, AnswerEvent):
            yield web_view.answer_html(event.answer)
            return
        if isinstance(event, RouteEvent):
            decision = event.decision
        elif isinstance(event, TokenEvent):
            written += event.text
            if time.monotonic() - drawn < _REDRAW:
                continue
            drawn = time.monotonic()
        yield web_view.progress_html(decision, written)
    yield web_view.notice_html("回答没有完成，请再问一次。")


def _prepare_environment(folder: Path) -> None:
    """Tell Gradio and Qwen-Agent, which take this from the environment only, to stay local and in our folder."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_TEMP_DIR"] = str(folder / "gradio")
    os.environ.setdefault("QWEN_AGENT_DEFAULT_WORKSPACE", str(folder))
    # Gradio asks its own address whether it is up, and must not ask a proxy.
    for name in ("NO_PROXY", "no_proxy"):
        known = [os.environ[name]] if os.environ.get(name) else []
        os.environ[name] = ",".join([*known, "127.0.0.1", "localhost", "::1"])


class _Classes:
    """Our two classes on Qwen-Agent's, made when its modules are loaded."""

    def __init__(self, agent: type[Any], page: type[Any]) -> None:
        self.agent = agent
        self.page = page


@functools.cache
def _qwen_classes() -> _Classes:
    from qwen_agent import Agent
    from qwen_agent.gui import WebUI
    from qwen_agent.llm.schema import ASSISTANT, USER
    from qwen_agent.llm.schema import Message as ChatMessage

    logging.getLogger("qwen_agent_logger").setLevel(logging.WARNING)

    class RouterAgent(Agent):  # type: ignore[misc]
        """An agent without a model of its own: our router answers."""

        def __init__(self, stream: Stream, **options: Any) -> None:
            super().__init__(**options)
            self._stream = stream

        def _run(self, messages: list[Any], **_: Any) -> Iterator[list[Any]]:
            asked = [_message_text(message) for message in messages if message.role == USER]
            for shown in replies(self._stream, asked[-1] if asked else "", tuple(asked[:-1])):
                yield [ChatMessage(role=ASSISTANT, content=shown)]

    class ChatPage(WebUI):  # type: ignore[misc]
        """Qwen-Agent's page with our layout; the conversation is kept on the server, never taken from the browser."""

        def run(self, server_name: str = "127.0.0.1", server_port: int = 7860, **_: Any) -> None:
            """Serve the page until Ctrl-C or SIGTERM."""
            _serve_until_stopped(self.blocks(), server_name, server_port)

        def blocks(self) -> Any:
            """The page's Gradio Blocks, ready to launch."""
            return _blocks(self)

        def converse(self, question: str, history: list[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
            """The conversation with one more turn, again and again while its answer is written."""
            turns = [*history, {"role": USER, "content": question}]
            for response in self.agent_list[0].run(turns, lang="zh"):
                yield [*turns, *({"role": m["role"], "content": m["content"]} for m in response)]

    return _Classes(RouterAgent, ChatPage)


def _message_text(message: Any) -> str:
    content = message.content
    return content if isinstance(content, str) else "".join(part.text or "" for part in content)


def _blocks(page: Any) -> Any:
    """Lay out the page: the conversation and the input on the left, help and suggestions on the right."""
    from qwen_agent.gui.gradio_dep import gr, mgr, ms

    name = page.agent_config_list[0]["name"]
    description = page.agent_config_list[0]["description"]
    with gr.Blocks(
        css=_asset("chat.css"),
        js=_asset("chat.js"),
        theme=_theme(gr),
        title=name,
        analytics_enabled=False,
        fill_width=True,
    ) as blocks:
        history = gr.State([])
        with ms.Application():
            gr.HTML(f'<div class="tr-head"><h1>{html.escape(name)}</h1><p>{html.escape(description)}</p></div>')
            with gr.Row():
                with gr.Column(scale=4, min_width=420):
                    chatbot = mgr.Chatbot(
                        value=_bubbles([]),
                        label="对话",
                        show_label=False,
                        height=600,
                        avatar_images=[None, page.agent_config_list[0]["avatar"]],
                        avatar_image_width=36,
                        avatar_image_align="top",
                        bubble_full_width=False,
                        enable_latex=False,
                        flushing=False,
                        preview=False,
                        elem_id="chat",
                    )
                    # A plain text box: there is nowhere to put a file, which Qwen-Agent would try to parse.
                    entry = gr.Textbox(
                        placeholder=page.input_placeholder,
                        show_label=False,
                        lines=1,
                        max_lines=6,
                        submit_btn="发送",
                        autofocus=True,
                        elem_id="entry",
                    )
                with gr.Column(scale=1, min_width=240, elem_id="side"):
                    if page.prompt_suggestions:
                        gr.HTML('<div class="tr-side"><h3>试着问问</h3></div>', padding=False)
                    buttons = [
                        gr.Button(text, elem_classes=["tr-suggestion"]) for text in page.prompt_suggestions
                    ]
                    clear = gr.Button("新对话", size="sm", elem_id="clear")
                    gr.HTML(_HELP, padding=False)
        _connect(page, gr, (entry, chatbot, history), buttons, clear)
    return blocks


def _connect(page: Any, gr: Any, parts: tuple[Any, Any, Any], buttons: list[Any], clear: Any) -> None:
    entry, chatbot, history = parts

    # Gradio evaluates these annotations, so they may only name what exists at run time.
    def ask(question: str, turns: list[dict[str, str]]) -> Any:
        waiting = gr.update(interactive=False, value=None)
        for now in page.converse(question, turns):
            yield waiting, _bubbles(now), now
            waiting = gr.skip()
            turns = now
        yield gr.update(interactive=True), _bubbles(turns), turns

    def typed(question: str, turns: list[dict[str, str]]) -> Any:
        if question.strip():
            yield from ask(question, turns)
        else:
            gr.Info("请先输入问题。", duration=3)
            yield gr.skip(), gr.skip(), gr.skip()

    outputs = [entry, chatbot, history]
    entry.submit(typed, [entry, history], outputs, show_progress="hidden", api_name=False)
    for button in buttons:
        # Bound to its own text: what the browser says a button reads is not asked for.
        suggested = functools.partial(ask, button.value)
        button.click(suggested, [history], outputs, show_progress="hidden", api_name=False)
    clear.click(lambda: ("", _bubbles([]), []), None, outputs, show_progress="hidden", api_name=False)


def _bubbles(turns: list[dict[str, str]]) -> list[list[str | None]]:
    """The conversation as the chat component shows it: a welcome, then pairs of question and answer."""
    pairs: list[list[str | None]] = [[None, web_view.welcome_html()]]
    for turn in turns:
        if turn["role"] == "user":
            pairs.append([web_view.question_html(turn["content"]), None])
        else:
            pairs[-1][1] = turn["content"]
    return pairs


def _theme(gr: Any) -> Any:
    """Fonts that the reader's system has: Gradio's own theme would wait for one from the web."""
    font = gr.themes.utils.fonts.Font
    names = ["Inter", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "sans-serif"]
    return gr.themes.Default(
        primary_hue=gr.themes.utils.colors.blue,
        neutral_hue=gr.themes.utils.colors.slate,
        radius_size=gr.themes.utils.sizes.radius_md,
        font=[font(name) for name in names],
        font_mono=[font("Consolas"), font("Menlo"), font("monospace")],
    )


def _asset(name: str) -> str:
    return resources.files("api").joinpath("web_assets", name).read_text(encoding="utf-8")


_HELP = f"""<div class="tr-side">
<h3>三条路线</h3>
<div class="tr-roads">
<span class="tr-chip tr-route-term">{web_view.ROUTES[Route.TERM]}</span><p>缩略语和术语，直接取自术语表</p>
<span class="tr-chip tr-route-fact">{web_view.ROUTES[Route.FACT]}</span><p>代码、价格、日期，逐字取自表格或原文</p>
<span class="tr-chip tr-route-analysis">{web_view.ROUTES[Route.ANALYSIS]}</span><p>流程、职责、比较，检索文件后作答</p>
</div>
<h3 style="margin-top:14px">加入资料</h3>
<p>在终端运行 <code>termroute ingest 文件夹</code>，或通过接口 <code>POST /documents</code> 上传。</p>
</div>"""


def _serve_until_stopped(blocks: Any, host: str, port: int) -> None:
    from starlette.middleware import Middleware

    from api.web_local import LocalOnly

    stop = threading.Event()
    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, lambda *_: stop.set())
    try:
        blocks.queue(default_concurrency_limit=8).launch(
            server_name=host,
            server_port=port,
            prevent_thread_lock=True,
            quiet=True,
            show_api=False,
            share=False,
            ssr_mode=False,
            # The page takes no files; this bounds what a hand-made request can leave on the disk.
            max_file_size="1mb",
            app_kwargs={"middleware": [Middleware(LocalOnly)]},
        )
        logger.info("the web chat is up at http://%s:%d", host, port)
        stop.wait()
    finally:
        blocks.close(verbose=False)
        for number, handler in before.items():
            signal.signal(number, handler)
