"""Writes prompts as the base model's chat template wants them, and finds the token that ends an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from terminology.errors import TermModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from terminology.prompt import Message

_PROBE = "答案Xq"
# A reasoning model's template opens a thought; the canonical answers have none, so it is closed at once.
_THOUGHT, _THOUGHT_END = "<think>\n", "\n</think>\n\n"


def prompt_text(tokenizer: Any, messages: Sequence[Message]) -> str:
    """Return the text of a prompt up to where the answer begins. Raises TermModelError without a chat template."""
    if not getattr(tokenizer, "chat_template", None):
        raise TermModelError(
            str(tokenizer.name_or_path), "has no chat template; use an instruct model, or add a template to it"
        )
    text = str(tokenizer.apply_chat_template(list(messages), add_generation_prompt=True, tokenize=False))
    return text + _THOUGHT_END if text.endswith(_THOUGHT) else text


def prompt_ids(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
    """Return the token ids of a prompt up to where the answer begins."""
    return ids_of(tokenizer, prompt_text(tokenizer, messages))


def ids_of(tokenizer: Any, text: str) -> list[int]:
    """Return the token ids of a text; nothing is added, special tokens in a template's text are read as such."""
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def end_token(tokenizer: Any) -> int:
    """Return the id of the token that the template writes after an answer.

    It is not always the tokenizer's own end token: a base Qwen ends texts with `<|endoftext|>`, its chats with
    `<|im_end|>`. Where the template writes none, it is the tokenizer's. Raises TermModelError where there is none.
    """
    turns = [{"role": "user", "content": "?"}, {"role": "assistant", "content": _PROBE}]
    text = str(tokenizer.apply_chat_template(turns, tokenize=False)) if tokenizer.chat_template else ""
    after = ids_of(tokenizer, text.rpartition(_PROBE)[2].lstrip())
    # Once another token is named the end, the template's own is still a special one among the added.
    added = {id_ for id_, token in tokenizer.added_tokens_decoder.items() if token.special}
    special = added | set(tokenizer.all_special_ids)
    if after and after[0] in special:
        return int(after[0])
    if tokenizer.eos_token_id is None:
        raise TermModelError(str(tokenizer.name_or_path), "has no token that ends an answer")
    return int(tokenizer.eos_token_id)


def stop_tokens(tokenizer: Any, configured: Any = None) -> list[int]:
    """Return all ids at which generation stops: the template's, the tokenizer's and the `configured` ones."""
    listed = configured if isinstance(configured, (list, tuple)) else [configured]
    every = [end_token(tokenizer), tokenizer.eos_token_id, *listed]
    return list(dict.fromkeys(int(each) for each in every if each is not None))
