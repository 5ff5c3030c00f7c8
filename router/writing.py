"""What a writer is asked for, and the pieces in which its text comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from retrieval.types import Passage
    from terminology.types import ResolvedTerm


@dataclass(frozen=True, slots=True)
class Tools:
    """Our lanes as functions of one text that return JSON text."""

    lookup_term: Callable[[str], str]
    query_fact: Callable[[str], str]
    search_documents: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class WritingRequest:
    """What an answer is to be written from; the sources are cited by their place in `passages`, from 1.

    `history` holds earlier turns as (user, assistant), oldest first. `tools`, if given, stand in for the writer's
    own for this one request, so that they can be limited to what the asker may see.
    """

    question: str
    rewritten_question: str
    passages: tuple[Passage, ...]
    terms: tuple[ResolvedTerm, ...]
    history: tuple[tuple[str, str], ...] = ()
    tools: Tools | None = None


@dataclass(slots=True)
class Deltas:
    """Turns ever longer texts into the pieces by which they grew."""

    handed: str = ""

    def feed(self, text: str) -> str:
        """The piece that `text` adds; a text that does not continue the last one starts a new paragraph."""
        if text.startswith(self.handed):
            piece = text[len(self.handed) :]
        elif self.handed.startswith(text):
            return ""
        else:
            piece = f"\n\n{text}"
        self.handed = text
        return piece


def current_round(response: list[Any]) -> tuple[str, bool, bool]:
    """The text of the model's latest turn, whether it calls a tool, and whether its thoughts come apart."""
    text, calling, thinking = "", False, False
    for message in response:
        if message["role"] == "function":
            text, calling, thinking = "", False, False
        elif message.get("function_call"):
            calling = True
        else:
            content = message["content"]
            text += content if isinstance(content, str) else "".join(part["text"] for part in content)
            thinking = thinking or bool(message.get("reasoning_content"))
    return text, calling, thinking
