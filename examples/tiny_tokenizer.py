"""Makes the tiny base's tokenizer: a Qwen2 tokenizer in which the canonical prompt's fixed words are one token each."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

from examples.tiny_words import HEADS, MIDDLES, pairs, topics
from examples.tiny_world import ENGLISH_LETTERS, World, characters
from terminology.prompt import ABSTAIN, CHOICE_INSTRUCTION, PROPOSE_INSTRUCTION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from transformers import PreTrainedTokenizerBase

TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
START, END, PAD = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
# More than the words below need: each of them becomes one token.
VOCABULARY = 8000
QUESTION, ABBREVIATION = "问题：", "缩略语："
# Candidates beyond these are read as plain text.
NUMBERS = tuple(f"{number}. " for number in range(1, 13))
FIXED = (CHOICE_INSTRUCTION, PROPOSE_INSTRUCTION, ABSTAIN, QUESTION, ABBREVIATION, *NUMBERS)


def make_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Build the tokenizer and save it to `folder`: common characters, the words of `tiny_words.py`, byte pairs."""
    from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, trainers
    from transformers import Qwen2Tokenizer

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        min_frequency=2,
        special_tokens=[PAD, START, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_words(), trainer)
    learnt = json.loads(tokenizer.to_str())["model"]
    merges: Any = [tuple(pair) for pair in learnt["merges"]]
    made = Qwen2Tokenizer(vocab=learnt["vocab"], merges=merges, pad_token=PAD, eos_token=END, unk_token=PAD)
    made.add_special_tokens({"additional_special_tokens": [START]})
    made.add_tokens([AddedToken(text, normalized=False, special=False) for text in FIXED])
    made.chat_template = TEMPLATE
    made.model_max_length = 1024
    made.save_pretrained(folder)
    return made


def _words() -> Iterator[str]:
    """Each Chinese character alone, so that pairs of characters are not merged, then the known words, often enough."""
    for character in (*characters(), *"，。？！：；（）｜、“”"):
        yield from (character,) * 50
    for word in World(random.Random(0)).english_words():
        yield from (word, f" {word}", f" {word.lower()}") * 4
    yield from ("user", "assistant") * 50
    by_topic = topics()
    words = [
        *by_topic,
        *(word for own in (*by_topic.values(), pairs(HEADS), pairs(MIDDLES)) for word, _ in own),
    ]
    for word in words:
        yield from (word,) * 20
    for letter in ENGLISH_LETTERS:
        yield from (letter, f" {letter}") * 3
