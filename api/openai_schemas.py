"""The shapes of OpenAI's chat completions, as far as our answers need them."""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from api.chat import Question
from api.errors import BadMessagesError
from api.schemas import Text

MODEL = "termroute"
# Longer earlier messages are cut: they only help to understand the last one.
_LONGEST_EARLIER = 4_000


class Part(BaseModel):
    """A part of a message's content; text parts are read, pictures and sound are not."""

    model_config = ConfigDict(extra="ignore")

    type: str
    text: Text = ""


class Message(BaseModel):
    """One message of the conversation."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Text | list[Part] | None = None

    @property
    def text(self) -> str:
        """The message's text: that of its text parts, one a line."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type in {"text", "input_text"})
        return self.content or ""


class StreamOptions(BaseModel):
    """What a stream should have beside the text."""

    model_config = ConfigDict(extra="ignore")

    include_usage: bool = False


class CompletionRequest(BaseModel):
    """A request for a chat completion; settings of sampling are taken and have no effect.

    `conversation_id`, `department` and `route` are this program's own (`extra_body` in OpenAI's client): with a
    conversation id the conversation is the stored one, otherwise it is the earlier messages.
    """

    model_config = ConfigDict(extra="ignore")

    model: str
    messages: list[Message] = Field(min_length=1, max_length=2_000)
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: int | None = Field(None, ge=1, le=1, description="one answer")
    conversation_id: Text | None = Field(None, max_length=128)
    department: Text | None = Field(None, max_length=128)
    route: Literal["term", "fact", "analysis"] | None = None

    @field_validator("stream", mode="before")
    @classmethod
    def _unset(cls, value: Any) -> Any:
        return False if value is None else value

    @property
    def wants_usage(self) -> bool:
        """Whether a stream ends with the usage."""
        return self.stream_options is not None and self.stream_options.include_usage

    def asked(self) -> Question:
        """Return the last user message as the question, and the turns before it. Raises BadMessagesError.

        System messages are not followed: what this program answers with, and from what, is not a caller's to change.
        """
        last = max((at for at, message in enumerate(self.messages) if message.role == "user"), default=-1)
        if last < 0:
            raise BadMessagesError("no message has the role user")
        if not self.messages[last].text.strip():
            raise BadMessagesError("the last user message has no text")
        turns: list[tuple[str, str]] = []
        for message in self.messages[:last]:
            text = message.text[:_LONGEST_EARLIER]
            if message.role == "user" and text.strip():
                turns.append((text, ""))
            elif message.role == "assistant" and turns:
                turns[-1] = (turns[-1][0], "\n".join(part for part in (turns[-1][1], text) if part))
        return Question(
            self.messages[last].text, self.department, self.conversation_id, self.route, tuple(turns)
        )

    def usage(self, answer: str) -> dict[str, int]:
        """Return how many tokens were read and written, estimated from characters: no one tokenizer fits all models."""
        read = sum(estimated_tokens(message.text) for message in self.messages)
        written = estimated_tokens(answer)
        return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def estimated_tokens(text: str) -> int:
    """Return about how many tokens `text` has: one for a Chinese character, one for four others."""
    wide = sum(ord(char) >= 0x2E80 for char in text)
    return wide + math.ceil((len(text) - wide) / 4)


def error_document(problem: dict[str, Any]) -> dict[str, Any]:
    """Return a problem document in OpenAI's shape of an error."""
    status, slug = int(problem["status"]), str(problem["type"]).rsplit("/", 1)[-1]
    kinds = {401: "invalid_request_error", 403: "permission_error", 429: "rate_limit_error"}
    codes = {"unauthorized": "invalid_api_key", "model-not-found": "model_not_found"}
    places = problem.get("errors") or [{}]
    param = "model" if slug == "model-not-found" else str(places[0].get("at", "")).removeprefix("body.") or None
    kind = kinds.get(status, "server_error" if status >= 500 else "invalid_request_error")
    code = codes.get(slug, slug.replace("-", "_"))
    return {"error": {"message": problem["detail"], "type": kind, "param": param, "code": code}}


def error_status(status: int) -> int:
    """Return the HTTP status that OpenAI's clients expect: they know a wrong request as 400."""
    return 400 if status == 422 else status
