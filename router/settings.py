"""Settings of the router: the language model behind the analysis road, and the thresholds of its decisions."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LanguageModelSettings:
    """What Qwen-Agent talks to: any OpenAI-compatible server, or DashScope (`base_url="dashscope"`).

    Unset `model`: answers are extractive. Times are in seconds; `rounds` bounds the agent's tool calls,
    `context_characters` the text of the sources that the model is given.
    """

    model: str | None = None
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    timeout: float = 60.0
    retries: int = 2
    rounds: int = 4
    max_tokens: int = 1024
    temperature: float = 0.1
    context_characters: int = 12_000

    @property
    def configured(self) -> bool:
        """Whether a model is set at all."""
        return bool(self.model)


@dataclass(frozen=True, slots=True)
class RouterSettings:
    """Thresholds of the router and sizes of an analysis answer.

    `minimum_support`: the probability that the passages answer, below which a question is refused. `minimum_statement`: where one thing is
    asked for and no language model reads the passages, the share that must stand around such a thing in one sentence.
    """

    passages: int = 6
    sentences: int = 8
    minimum_support: float = 0.15
    minimum_statement: float = 0.8
    history_turns: int = 6
