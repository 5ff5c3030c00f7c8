"""The terminology model: a small language model that says which of the glossary's senses a question means.

It scores and proposes; it never overrules the glossary, and nothing it writes is stored.
"""

from __future__ import annotations

import json
import re
import warnings
from collections import OrderedDict
from dataclasses import dataclass
from threading import RLock
from typing import TYPE_CHECKING, Any

from terminology.base_model import check_folder, load_base
from terminology.card import ModelCard, read_card
from terminology.errors import TermModelError
from terminology.prompt import choice_prompt, choice_texts
from terminology.scoring import log_likelihoods
from terminology.template import end_token, ids_of, prompt_ids, stop_tokens
from terminology.vote import votes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from terminology.prompt import Message
    from terminology.scoring import Scored
    from terminology.types import Sense

_CACHED = 4096
# A question that says nothing about which sense is meant.
_BARE = "{}是什么意思？"
_BATCH = 16
_WEIGHTS, _CONFIG = "adapter_model.safetensors", "adapter_config.json"
_THOUGHT = re.compile(r"<think>.*?(</think>|$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class TermModelInfo:
    """What is loaded: the base, the adapter's folder, the device asked for, and the card that speaks for it."""

    base: str
    adapter: str | None
    device: str
    card: ModelCard


class TerminologyModel:
    """A base model with at most one LoRA adapter; loads at its first use, safe for several threads."""

    def __init__(self, base: str, adapter: Path | None = None, device: str = "auto") -> None:
        """Load nothing yet. `base` is a folder or a hub name, `device` is auto, cpu or cuda."""
        self._base, self._adapter, self._device = base, adapter, device
        self._lock = RLock()
        self._model: Any = None
        self._tokenizer: Any = None
        self._votes: OrderedDict[tuple[str, ...], list[float]] = OrderedDict()
        self._bare: dict[tuple[str, ...], list[float]] = {}

    # What is loaded

    @property
    def info(self) -> TermModelInfo:
        """What is loaded, or will be at the first use."""
        adapter = self._adapter
        card = read_card(adapter or self._base) or ModelCard()
        return TermModelInfo(self._base, str(adapter) if adapter else None, self._device, card)

    def check(self) -> None:
        """Raise TermModelError where a folder is missing; loads nothing, so that a start stays quick."""
        check_folder(self._base)
        if self._adapter:
            check_adapter(self._adapter)

    def open(self) -> None:
        """Load the model now. Raises TermModelError."""
        with self._lock:
            if self._model is None:
                self._tokenizer, model = load_base(self._base, self._device)
                self._model = add_adapter(model, self._adapter) if self._adapter else model

    def load(self, adapter: Path | None) -> None:
        """Use another adapter, or none, from the next question on.

        Questions that are being scored are still answered with the old one. Raises TermModelError for an adapter
        that cannot be read or does not fit, and keeps the old one.
        """
        if adapter:
            check_adapter(adapter)
        with self._lock:
            old = self._adapter
            try:
                self._swap(adapter)
            except BaseException:
                # The base may be half dressed now, also where memory ran out: begin again from its files.
                self._model = None
                self._adapter = old
                raise
            finally:
                self._votes.clear()
                self._bare.clear()

    def _swap(self, adapter: Path | None) -> None:
        if self._model is not None:
            bare = self._model.unload() if self._adapter else self._model
            self._model = add_adapter(bare, adapter) if adapter else bare
        self._adapter = adapter
        self.open()

    # What it is asked

    def score(self, question: str, senses: Sequence[Sense]) -> list[float]:
        """Return one vote per sense, a log-probability no surer than the model was measured to be.

        The senses are scored as answers to the canonical prompt, in one padded batch, against how likely they are
        in a question that says nothing (contextual calibration: Zhao and others, 2021): a model that merely prefers
        a sense, or its place in the list, has no vote. The latest votes are kept.
        """
        key = (question, *(text for sense in senses for text in (sense.term, sense.chinese, sense.english)))
        with self._lock:
            if key not in self._votes:
                card = self.info.card
                asked, bare = self._asked(question, senses), self._asked(_BARE.format(senses[0].term), senses)
                told = [with_words - without for with_words, without in zip(asked, bare, strict=True)]
                self._votes[key] = votes(told, card.sense_accuracy, card.choices)
            self._votes.move_to_end(key)
            while len(self._votes) > _CACHED:
                self._votes.popitem(last=False)
            return list(self._votes[key])

    def _asked(self, question: str, senses: Sequence[Sense]) -> list[float]:
        """Return the senses' log-likelihoods as the answer to the canonical prompt."""
        prompt, texts = choice_prompt(question, senses[0].term, senses), tuple(choice_texts(senses))
        if question != _BARE.format(senses[0].term):
            return self.likelihoods(prompt, texts)
        if texts not in self._bare:
            self._bare[texts] = self.likelihoods(prompt, texts)
        return self._bare[texts]

    def likelihoods(self, messages: Sequence[Message], completions: Sequence[str]) -> list[float]:
        """Return each completion's log-likelihood as the whole answer, its end token included; the greatest is chosen.

        Not divided by the length: the prompt shows the candidates, so that all but the first differing token are
        copied at next to no cost, and a mean would only blur that token in the longer names.
        """
        return [each.total for each in self._scored(messages, completions)]

    def tokens(self, text: str) -> int:
        """Return the length of a text in tokens."""
        with self._lock:
            self.open()
            return len(ids_of(self._tokenizer, text))

    def generate(self, messages: Sequence[Message], max_new_tokens: int = 64) -> str:
        """Return the answer the model writes, taking the likeliest token each time, without any special token."""
        return self.generate_many([messages], max_new_tokens)[0]

    def generate_many(self, prompts: Sequence[Sequence[Message]], max_new_tokens: int = 64) -> list[str]:
        """Return one answer per prompt; prompts alike in length share a padded batch."""
        with self._lock:
            self.open()
            rows = [prompt_ids(self._tokenizer, messages) for messages in prompts]
            order = sorted(range(len(rows)), key=lambda at: len(rows[at]))
            answers = [""] * len(rows)
            for start in range(0, len(order), _BATCH):
                places = order[start : start + _BATCH]
                written = self._written([rows[at] for at in places], max_new_tokens)
                for at, text in zip(places, written, strict=True):
                    answers[at] = text
            return answers

    def _written(self, rows: Sequence[list[int]], max_new_tokens: int) -> list[str]:
        """Generate for prompts padded on the left, shape (prompts, longest)."""
        import torch

        width, pad = max(map(len, rows)), self._pad
        ids = torch.tensor([[pad] * (width - len(row)) + row for row in rows], device=self._model.device)
        mask = torch.tensor(
            [[0] * (width - len(row)) + [1] * len(row) for row in rows], device=self._model.device
        )
        stops = stop_tokens(self._tokenizer, self._model.generation_config.eos_token_id)
        with torch.inference_mode():
            written = self._model.generate(
                input_ids=ids,
                attention_mask=mask,
                max_new_tokens=max_new_tokens,
                do_sample=False,
                temperature=None,
                top_p=None,
                top_k=None,
                eos_token_id=stops,
                pad_token_id=pad,
            )
        return [self._text(row[width:].tolist(), stops) for row in written]

    def _text(self, ids: list[int], stops: Sequence[int]) -> str:
        end = next((at for at, token in enumerate(ids) if token in stops), len(ids))
        text = str(self._tokenizer.decode(ids[:end], skip_special_tokens=True))
        return _THOUGHT.sub("", text).strip()

    @property
    def _pad(self) -> int:
        pad = self._tokenizer.pad_token_id
        return int(pad if pad is not None else end_token(self._tokenizer))

    def _scored(self, messages: Sequence[Message], completions: Sequence[str]) -> list[Scored]:
        with self._lock:
            self.open()
            prompt = prompt_ids(self._tokenizer, messages)
            end = end_token(self._tokenizer)
            rows = [(prompt, [*ids_of(self._tokenizer, text), end]) for text in completions]
            return log_likelihoods(self._model, rows, self._pad)


def check_adapter(folder: Path) -> None:
    """Raise TermModelError where a folder holds no whole LoRA adapter."""
    from safetensors import SafetensorError, safe_open

    try:
        config = json.loads((folder / _CONFIG).read_text("utf-8"))
        with safe_open(folder / _WEIGHTS, framework="numpy") as weights:
            names = list(weights.keys())
    except (OSError, ValueError, SafetensorError) as error:
        raise TermModelError(
            str(folder), f"is not a readable adapter ({_CONFIG} and {_WEIGHTS} are needed: {error})"
        ) from error
    if not isinstance(config, dict) or config.get("peft_type") != "LORA" or not names:
        raise TermModelError(str(folder), "is not a LoRA adapter")


def add_adapter(model: Any, folder: Path) -> Any:
    """Return the base model with an adapter's weights. Raises TermModelError where any weight does not fit."""
    from peft import PeftModel, get_peft_model_state_dict
    from safetensors import SafetensorError, safe_open

    try:
        with warnings.catch_warnings():
            # What peft only warns of, missing weights, is refused below.
            warnings.simplefilter("ignore", UserWarning)
            dressed = PeftModel.from_pretrained(model, str(folder))
        with safe_open(folder / _WEIGHTS, framework="numpy") as weights:
            stored = set(weights.keys())
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, SafetensorError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise TermModelError(str(folder), f"does not fit the base model ({reason})") from error
    # Weights that the file lacks would stay fresh without a word.
    wanted = set(get_peft_model_state_dict(dressed))
    if wanted != stored:
        raise TermModelError(
            str(folder), f"lacks {len(wanted - stored)} and has {len(stored - wanted)} weights too many"
        )
    return dressed.eval()
