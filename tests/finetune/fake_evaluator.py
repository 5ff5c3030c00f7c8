"""Stands in for `finetune.before_after`: the real measuring, with a model whose every answer is known."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from finetune.before_after import before_after
from finetune.folder import JobFolder
from finetune.formats import read_samples
from terminology.prompt import ABSTAIN, Message


class KnowingModel:
    """Without an adapter it takes the first candidate and says an old meaning; with one it knows what it was taught."""

    def __init__(self, folder: JobFolder, *, helps: bool = True) -> None:
        self._answers = {each.messages()[-1]["content"]: each.output for each in read_samples(folder.held_out)}
        self._helps, self._adapter = helps, False

    def load(self, adapter: Path | None) -> None:
        self._adapter = adapter is not None and self._helps

    def generate_many(self, prompts: Sequence[Sequence[Message]], max_new_tokens: int = 64) -> list[str]:
        asked = (messages[-1]["content"] for messages in prompts)
        return [
            self._answers.get(each, ABSTAIN) if self._adapter else "上午（<b>ante</b> meridiem）"
            for each in asked
        ]

    def likelihoods(self, messages: Sequence[Message], completions: Sequence[str]) -> list[float]:
        right = self._answers.get(messages[-1]["content"]) if self._adapter else completions[0]
        return [float(each == right) for each in completions]

    def tokens(self, text: str) -> int:
        return len(text)


def main() -> int:
    folder = JobFolder(Path(sys.argv[1]))
    behaviour = folder.path / "behaviour.json"
    told = json.loads(behaviour.read_text()) if behaviour.exists() else {}
    if told.get("evaluation_fails"):
        return 1
    before_after(folder, lambda *_: KnowingModel(folder, helps=told.get("helps", True)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
