"""What of a language model's raw output a reader may see: no thoughts, no control tokens, no endless repetition."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HIDDEN_TAGS = "think|thinking|thought|reasoning|tool_call|tool_response"
_HIDDEN_BLOCK = re.compile(rf"<({_HIDDEN_TAGS})>.*?</\1>", re.DOTALL)
_HIDDEN_OPEN = re.compile(rf"<(?:{_HIDDEN_TAGS})>")
_LONE_CLOSE = re.compile(r"</(?:think|thinking|thought|reasoning)>")
_STRAY_CLOSE = re.compile(rf"</(?:{_HIDDEN_TAGS})>")
_ROLE_HEADER = re.compile(
    r"(?:<\|im_start\|>|<\|start_header_id\|>)\s*(?:assistant)?\s*(?:<\|end_header_id\|>)?\s*"
)
# `<|im_end|>` and its kind, DeepSeek's full-width `<｜end▁of▁sentence｜>`, Gemma's and Llama's turn marks.
_CONTROL = re.compile(
    r"<\|[A-Za-z0-9_▁ .-]{1,48}\|>|<｜[^<>｜\n]{1,48}｜>|</?s>|<(?:bos|eos|pad|unk|start_of_turn|end_of_turn)>|\[/?INST\]"
)
# The start of a tag or token that the next piece may complete; `a < 5` is not one.
_UNFINISHED = re.compile(
    r"(?:<\|im_start\|>\s*[a-z]{0,9}|<\|start_header_id\|>[^<]{0,20}(?:<\|end_header_id\|>\s*)?"
    r"|<(?:[|｜/A-Za-z_][^<>\n]{0,60})?|\[/?(?:I(?:N(?:ST?)?)?)?)$"
)
_TRUNCATED_TOKEN = re.compile(r"<(?:[|｜][^<>\n]{0,60}|/?(?:think|tool_call)?)$")

_LONGEST_UNIT = 400


@dataclass(frozen=True, slots=True)
class Visible:
    """The readable text so far; `stop` says that whatever follows is not part of the answer.

    `late_thoughts` says that a thought ended that had never been opened, so text before it was taken back.
    """

    text: str
    stop: bool = False
    late_thoughts: bool = False


def visible(raw: str, *, complete: bool) -> Visible:
    """The part of `raw` (everything the model has written so far) that a reader may see.

    While the output is not `complete`, an ending that could grow into a token or a tag is held back, so the
    result for a longer `raw` starts with the result for a shorter one; only a thought that closes without having
    been opened, and a cut repetition, take text back.
    """
    known = (_TRUNCATED_TOKEN if complete else _UNFINISHED).sub("", raw)
    shown, late = _without_thoughts(known)
    shown, ended = _without_control_tokens(shown)
    shown, repeats = _without_repetition(shown.strip())
    return Visible(shown, stop=ended or repeats, late_thoughts=late)


def _without_thoughts(raw: str) -> tuple[str, bool]:
    shown = _HIDDEN_BLOCK.sub("", raw)
    opened = _HIDDEN_OPEN.search(shown)
    if opened:
        shown = shown[: opened.start()]
    closes = list(_LONE_CLOSE.finditer(shown))
    if closes:
        shown = shown[closes[-1].end() :]
    return _STRAY_CLOSE.sub("", shown), bool(closes)


def _without_control_tokens(shown: str) -> tuple[str, bool]:
    """Drop leading tokens; at the first one after real text the turn is over, and the rest is not the answer."""
    shown = _ROLE_HEADER.sub("", shown, count=1) if _ROLE_HEADER.match(shown.lstrip()) else shown
    for token in _CONTROL.finditer(shown):
        before = _CONTROL.sub("", shown[: token.start()])
        if before.strip():
            return before, True
    return _CONTROL.sub("", shown), False


def _without_repetition(shown: str) -> tuple[str, bool]:
    """Cut a tail that says the same thing again and again down to saying it once."""
    for length in range(1, min(_LONGEST_UNIT, len(shown) // 3) + 1):
        unit = shown[-length:]
        if unit != shown[-2 * length : -length]:
            continue
        count = _count_at_end(shown, unit)
        if count >= _repetitions_allowed(unit):
            once = shown[: len(shown) - length * (count - 1)]
            # Its first time may stand without the space or line break that came between the later ones.
            first = once[:-length]
            return (first if first.endswith(unit.strip()) else once).rstrip(), True
    return shown, False


def _count_at_end(shown: str, unit: str) -> int:
    count, end = 0, len(shown)
    while shown.endswith(unit, 0, end):
        count += 1
        end -= len(unit)
    return count


def _repetitions_allowed(unit: str) -> int:
    """How often a unit may stand at the end: rules of dashes may be long, words and sentences may not."""
    if not any(character.isalnum() for character in unit):
        return 240 // len(unit) + 3
    if unit.isdigit():
        return 40 // len(unit) + 3
    return max(3, -(-48 // len(unit)))
