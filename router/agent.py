"""Writing an answer with Qwen-Agent: its Assistant, our passages as its knowledge, our lanes as its tools."""

from __future__ import annotations

import functools
import logging
import os
import queue
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from router import prompts
from router.calls import MALFORMED, Calls, explained, masked, openai_client
from router.errors import ModelUnavailableError
from router.tool_answers import TOOL_NAMES, TOOL_TEXTS, tool_answer
from router.visible import visible
from router.writing import Deltas, current_round

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from router.settings import LanguageModelSettings
    from router.writing import Tools, WritingRequest

# Text that a model writes before it calls a tool ("let me look that up") is not the answer. While tools are on
# offer, this many characters are held back, so that such a remark can still be dropped.
_HELD = 80
# Models whose template opens the thought in the prompt, so that the output holds only the closing tag.
_REASONER = re.compile(r"(?:^|[-_/.])(?:r1|qwq)(?:$|[-_/.:])|thinking|reasoner", re.IGNORECASE)


class AgentWriter:
    """Writes answers through Qwen-Agent's Assistant with the model of `settings`.

    `workspace` is the folder that Qwen-Agent may write to; nothing is written elsewhere.
    """

    def __init__(self, settings: LanguageModelSettings, tools: Tools | None, workspace: Path) -> None:
        self._settings = settings
        self._tools = tools
        self._workspace = workspace
        self._lock = threading.Lock()
        self._client: Any = None
        self._tokens: Counter[str] = Counter()
        self._thoughts_close_only = bool(_REASONER.search(settings.model or ""))

    def tokens_used(self) -> dict[str, int]:
        """Return how many tokens the server says it has read (`prompt`) and written (`completion`) so far."""
        with self._lock:
            return {"prompt": self._tokens["prompt"], "completion": self._tokens["completion"]}

    def warm_up(self) -> None:
        """Load Qwen-Agent and the HTTP client now (seconds), so that the first answer need not wait for it."""
        _qwen(self._workspace)
        if self._settings.base_url and self._settings.base_url != "dashscope":
            self._openai_client()

    def write(self, request: WritingRequest) -> Generator[str, None, str]:
        """Yield the answer's further pieces as the model writes them, and return the whole answer.

        The returned text is the authoritative one: where a model repeats itself without end, or closes a thought
        that it never opened, it is shorter than what was yielded. Raises ModelUnavailableError when the model cannot be
        reached, cuts the connection, answers with nothing, or is not done within `settings.timeout` seconds.
        """
        reason = _misconfigured(self._settings)
        if reason:
            raise ModelUnavailableError(self._settings.model or "", reason)
        self.warm_up()
        run = _Run(self, request, self._tools if request.tools is None else request.tools)
        threading.Thread(target=run.work, name="answer-writer", daemon=True).start()
        try:
            result = yield from run.pieces()
        finally:
            run.cancel()
            with self._lock:
                self._tokens.update(run.tokens)
        if result.thoughts_close_only:
            self._thoughts_close_only = True
        if result.error:
            raise ModelUnavailableError(self._settings.model or "", masked(result.error, self._settings))
        return result.text

    def _openai_client(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = openai_client(self._settings)
            return self._client


@dataclass(frozen=True, slots=True)
class _Result:
    """How a run ended: the whole text, or why there is none."""

    text: str = ""
    error: str = ""
    thoughts_close_only: bool = False


class _Run:
    """One answer being written: a thread that talks to the model, and the pieces it hands over.

    The thread is what makes the time limit hold whatever blocks: a name lookup, a stalled stream, a slow tool.
    """

    def __init__(self, writer: AgentWriter, request: WritingRequest, tools: Tools | None) -> None:
        self._writer = writer
        self._settings = writer._settings
        self._request = request
        self._tools = tools
        self._outbox: queue.SimpleQueue[str | _Result] = queue.SimpleQueue()
        self._calls = Calls(
            failures=_expected_failures(),
            retries=self._settings.retries,
            rounds=self._settings.rounds if tools else 0,
            deadline=time.monotonic() + self._settings.timeout,
        )
        self._deltas = Deltas()
        self._thoughts_close_only = writer._thoughts_close_only

    def pieces(self) -> Generator[str, None, _Result]:
        """Yield what the thread hands over, until it is done or the time is up."""
        while True:
            try:
                item = self._outbox.get(timeout=max(self._calls.remaining(), 0.0))
            except queue.Empty:
                return _Result(error=f"no complete answer within {self._settings.timeout:g} s")
            if isinstance(item, _Result):
                return item
            yield item

    @property
    def tokens(self) -> Counter[str]:
        """What the server says it has read and written."""
        return self._calls.tokens

    def cancel(self) -> None:
        """Stop the thread soon: its connection is closed under it."""
        self._calls.cancel()

    def work(self) -> None:
        """Write the answer; whatever happens, the reader gets a result."""
        result = _Result(error="the writer stopped unexpectedly; see the log of this program")
        try:
            result = self._produce()
        except self._calls.failures as error:
            result = _Result(error=explained(error))
        finally:
            self._outbox.put(result)
            self._calls.close()

    def _produce(self) -> _Result:
        assistant, messages, options = self._assistant()
        raw = ""
        late = False
        for response in assistant.run(messages, **options):
            raw, calling, thinking = current_round(response)
            shown = visible(raw, complete=False)
            late = late or shown.late_thoughts
            waiting = self._thoughts_close_only and not late and not thinking
            if not calling and not waiting:
                self._hand_over(shown.text, final=False)
            if shown.stop and not calling:
                break
        text = visible(raw, complete=True).text
        self._hand_over(text, final=True)
        error = "" if text else "the answer was empty"
        return _Result(text, error, thoughts_close_only=late)

    def _hand_over(self, text: str, *, final: bool) -> None:
        held = 0 if final or not self._calls.tools_offered else _HELD
        if len(text) <= held:
            return
        piece = self._deltas.feed(text)
        if piece:
            self._calls.released = True
            self._outbox.put(piece)

    def _assistant(self) -> tuple[Any, list[dict[str, str]], dict[str, Any]]:
        """The Assistant for this request, its messages, and the options of its run."""
        qwen = _qwen(self._writer._workspace)
        request = self._request
        language = prompts.language_of(request.question)
        assistant = qwen.assistant(
            self._calls,
            llm=self._model(qwen),
            function_list=qwen.tools(self._tools, language) if self._tools else None,
            system_message=prompts.system_prompt(request.terms, language, with_tools=self._tools is not None),
        )
        asked = prompts.user_message(request.question, request.rewritten_question, language)
        messages = [*prompts.conversation(request.history), {"role": "user", "content": asked}]
        sources = prompts.knowledge(request.passages, language, self._settings.context_characters)
        return assistant, messages, {"lang": language, "knowledge": sources}

    def _model(self, qwen: _Qwen) -> Any:
        settings = self._settings
        generate = {
            "max_tokens": settings.max_tokens,
            "temperature": settings.temperature,
            "seed": 0,
            # The prompt is bounded in characters already; Qwen-Agent's own cut would drop whole turns.
            "max_input_tokens": 0,
        }
        if settings.base_url == "dashscope":
            # A second more than the run has: the run's own limit ends it, and says so.
            generate["request_timeout"] = int(settings.timeout) + 2
            return qwen.chat_model(
                {
                    "model": settings.model,
                    "model_type": "qwen_dashscope",
                    "api_key": settings.api_key,
                    "generate_cfg": generate,
                }
            )
        model = qwen.chat_model(
            {
                "model": settings.model,
                "model_type": "oai",
                "model_server": settings.base_url,
                "api_key": settings.api_key or "EMPTY",
                "generate_cfg": generate,
            }
        )
        client = self._writer._openai_client()
        # Qwen-Agent makes a client of its own for every call, with hidden retries and no time limit.
        model._chat_complete_create = functools.partial(self._calls.open_stream, client)
        return model


class _Qwen(NamedTuple):
    """What is used of Qwen-Agent, loaded when first needed."""

    assistant: Any
    chat_model: Callable[[dict[str, Any]], Any]
    tools: Callable[[Tools, prompts.Language], list[Any]]


@functools.cache
def _qwen(workspace: Path) -> _Qwen:
    """Load Qwen-Agent (about 3 s), with its workspace in our data folder, and fit our two classes into it."""
    os.environ.setdefault("QWEN_AGENT_DEFAULT_WORKSPACE", str(workspace))
    from qwen_agent.agents import Assistant
    from qwen_agent.llm import get_chat_model
    from qwen_agent.tools import BaseTool

    # Its own logger writes questions and token counts to stderr.
    logging.getLogger("qwen_agent_logger").setLevel(logging.WARNING)

    class LaneTool(BaseTool):  # type: ignore[misc]
        """One of our lanes as a tool that takes one text."""

        def __init__(self, name: str, description: str, run: Callable[[str], str]) -> None:
            self.name = name
            self.description = description
            self.parameters = {
                "type": "object",
                "properties": {"query": {"type": "string", "description": description}},
                "required": ["query"],
            }
            self._run = run
            super().__init__()

        def call(self, params: str | dict[str, Any], **_: Any) -> str:
            """Run the lane; a failure is told to the model as data, without a traceback."""
            return tool_answer(self.name, self._run, params)

    class BoundedAssistant(Assistant):  # type: ignore[misc]
        """An Assistant without retrieval memory, whose model calls are bounded by `calls`."""

        def __init__(self, calls: Calls, **options: Any) -> None:
            # Set first, this keeps Qwen-Agent from building its own memory and retrieval tools.
            self.mem = None
            self._calls = calls
            super().__init__(**options)

        def _call_llm(self, messages: Any, functions: Any = None, **options: Any) -> Iterator[Any]:
            ask = super()._call_llm
            return self._calls.answer(
                lambda offered: ask(messages, functions=functions if offered else None, **options)
            )

    def tools(lanes: Tools, language: prompts.Language) -> list[Any]:
        texts = TOOL_TEXTS[language]
        runs = (lanes.lookup_term, lanes.query_fact, lanes.search_documents)
        return [LaneTool(name, texts[name], run) for name, run in zip(TOOL_NAMES, runs, strict=True)]

    return _Qwen(BoundedAssistant, get_chat_model, tools)


def _misconfigured(settings: LanguageModelSettings) -> str:
    if not settings.model:
        return "no model is set: set TERMROUTE_LLM_MODEL"
    if not settings.base_url:
        return "no server is set: set TERMROUTE_LLM_BASE_URL to its address (ending in /v1) or to dashscope"
    return ""


@functools.cache
def _expected_failures() -> tuple[type[Exception], ...]:
    """What a model server can cause: refusals, cuts, time-outs, and replies that are not what they should be."""
    import httpx
    import openai
    from dashscope.common.error import DashScopeException
    from qwen_agent.llm import ModelServiceError

    services = (ModelServiceError, openai.OpenAIError, DashScopeException, httpx.HTTPError)
    return (*services, OSError, *MALFORMED)
