"""Completes a follow-up with a language model: bounded in time, and held to the words of the conversation."""

from __future__ import annotations

import logging
import queue
import re
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from router import prompts
from router.calls import MALFORMED, explained, masked, openai_client
from router.completion import MAX_COMPLETED
from router.grounding import content_words, fold
from router.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from router.settings import LanguageModelSettings

logger = logging.getLogger(__name__)

# DashScope speaks OpenAI's language at this address.
_DASHSCOPE = "https://dashscope.aliyuncs.com/compatible-mode/v1"
_SECONDS = 4.0
# After a failure the model is left alone for so long: a dead server must not slow every follow-up down.
_REST = 60.0
_TOKENS = 256
# So much of the question's own characters must be in the completed one, pronouns and particles aside.
_KEPT = 0.6
_LITTLE = re.compile(r"[\s\W]|[它他她其这那个的呢吗呀啊吧]|\b(?:it|its|the|and|what|about|that|this|is)\b")

_TASK = {
    "zh": (
        "下面是一段对话中用户先后提出的问题。请把最后一个问题改写成不依赖上文也能看懂的完整问题：补上省略的主语、指代的对象或所问的栏目，"
        "只用对话中出现过的词，不回答问题，不添加任何信息。如果最后一个问题本身已经完整，或是换了话题，就原样输出。只输出改写后的问题。"
    ),
    "en": (
        "Below are the questions that a user asked one after another. Rewrite the last one so that it can be understood without the "
        "others: fill in the subject, pronoun or field that was left out, using only words of the conversation. Do not answer it and "
        "add nothing. If it is complete, or about something new, repeat it unchanged. Output the question only."
    ),
}


class ModelRewriter:
    """Asks the model of `settings` for the completed question; whatever is wrong with its answer, the rules stand.

    `unsupported` names the values of a text that stand in none of its sources.
    """

    def __init__(
        self,
        settings: LanguageModelSettings,
        unsupported: Callable[[str, Sequence[str]], Sequence[str]],
        seconds: float = _SECONDS,
    ) -> None:
        server = _DASHSCOPE if settings.base_url == "dashscope" else settings.base_url
        self._settings = replace(settings, base_url=server)
        self._unsupported = unsupported
        self._seconds = min(seconds, settings.timeout)
        self._resting_until = 0.0
        self._client: Any = None

    def rewrite(self, question: str, history: Sequence[str]) -> str | None:
        """Return the question completed from `history`, or None where the model failed or said more than was asked."""
        if time.monotonic() < self._resting_until:
            return None
        answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        # Loaded before the clock starts: the first import takes seconds.
        if self._client is None:
            self._client = openai_client(self._settings)
        # A thread of its own makes the time limit hold whatever blocks: a name lookup, a server that drips.
        threading.Thread(
            target=self._ask, args=(question, history, answers), name="rewriter", daemon=True
        ).start()
        try:
            raw = answers.get(timeout=self._seconds)
        except queue.Empty:
            raw = ""
        if not raw:
            self._resting_until = time.monotonic() + _REST
            return None
        return self._accepted(raw, question, history)

    def _ask(self, question: str, history: Sequence[str], answers: queue.SimpleQueue[str]) -> None:
        import httpx
        import openai

        try:
            answers.put(self._reply(question, history))
        except (openai.OpenAIError, httpx.HTTPError, OSError, *MALFORMED) as error:
            logger.info("the question was not rewritten: %s", masked(explained(error), self._settings))
            answers.put("")

    def _reply(self, question: str, history: Sequence[str]) -> str:
        language = prompts.language_of(question)
        reply = self._client.chat.completions.create(
            model=self._settings.model or "",
            messages=[
                {"role": "system", "content": _TASK[language]},
                {"role": "user", "content": prompts.questions(history, question)},
            ],
            temperature=0,
            max_tokens=_TOKENS,
            timeout=self._seconds,
        )
        return visible(str(reply.choices[0].message.content or ""), complete=True).text

    def _accepted(self, raw: str, question: str, history: Sequence[str]) -> str | None:
        """Take a reply that is one line, keeps the question's words, and has no word or value from anywhere else."""
        text = raw.strip().strip("\"'“”「」 ")
        if not text or "\n" in text or len(text) > MAX_COMPLETED:
            return None
        said = fold("\n".join((*history, question)))
        invented = [word for word, _ in content_words(text) if fold(word) not in said]
        own = set(_LITTLE.sub("", fold(question)))
        kept = len(own & set(fold(text)))
        if invented or kept < _KEPT * len(own) or self._unsupported(text, [*history, question]):
            logger.info("the rewritten question was not used")
            return None
        return text
