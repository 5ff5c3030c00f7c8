"""The one way in which the terminology model is asked: what it is trained on is what it is asked later."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypedDict

from terminology.normalize import fold_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from terminology.types import Sense

# The canonical answer for an abbreviation that the glossary does not have.
ABSTAIN = "术语表中没有收录"
CHOICE_INSTRUCTION = "从候选中选出缩略语在问题里的含义，只写该项。"
PROPOSE_INSTRUCTION = f"写出缩略语的含义；不认识的写“{ABSTAIN}”。"

_ABSTAINS = re.compile(
    r"没有?收录|未收录|不在术语表|术语表(?:中|里)?没有|not (?:(?:found|listed|included) )?in the glossary"
)
_NUMBER = re.compile(r"^\s*\d{1,3}\.\s+")


class Message(TypedDict):
    """One turn as chat templates read it."""

    role: str
    content: str


def messages_of(instruction: str, text: str = "") -> list[Message]:
    """Return an instruction and its input (Alpaca's two parts) as the one user turn that the model sees."""
    content = f"{instruction}\n{text}" if text else instruction
    return [{"role": "user", "content": content}]


def choice_prompt(question: str, surface: str, senses: Sequence[Sense]) -> list[Message]:
    """Ask which of `senses` the abbreviation `surface` has in `question`; the answer is one of `choice_texts`."""
    return messages_of(CHOICE_INSTRUCTION, choice_input(question, surface, senses))


def choice_input(question: str, surface: str, senses: Sequence[Sense]) -> str:
    """Return the input below `CHOICE_INSTRUCTION`: question, abbreviation and the numbered candidates."""
    lines = [f"问题：{question}", f"缩略语：{surface}"]
    for sense, text in zip(senses, choice_texts(senses), strict=True):
        told = sense.department.strip()
        lines.append(f"{text}｜{told}" if told and told not in text else text)
    return "\n".join(lines)


def choice_texts(senses: Sequence[Sense]) -> list[str]:
    """Return one answer per candidate: its number and its text, `2. 客户经理（Account Manager）`.

    The number comes first so that one token decides and the rest is copied: names that begin alike, or are long,
    are then as easy to choose as others, and a base model's liking for a name has no say in the copying.
    """
    return [f"{number}. {text}" for number, text in enumerate(sense_texts(senses), start=1)]


def chosen_text(answer: str) -> str:
    """Return the text of a candidate without its number: of `2. 客户经理`, `客户经理`."""
    return _NUMBER.sub("", answer, count=1)


def propose_prompt(surface: str, question: str | None = None) -> list[Message]:
    """Ask, without candidates, for the meaning of an abbreviation; the answer is a sense text or `ABSTAIN`."""
    return messages_of(PROPOSE_INSTRUCTION, propose_input(surface, question))


def propose_input(surface: str, question: str | None = None) -> str:
    """Return the input below `PROPOSE_INSTRUCTION`: the question, where there is one, and the abbreviation."""
    return f"问题：{question}\n缩略语：{surface}" if question else f"缩略语：{surface}"


def sense_text(sense: Sense) -> str:
    """Return the canonical completion for a sense: `客户经理（Account Manager）`, or the one name that it has."""
    chinese, english = _line(sense.chinese), _line(sense.english)
    if chinese and english and fold_key(chinese) != fold_key(english):
        return f"{chinese}（{english}）"
    return chinese or english


def sense_texts(senses: Sequence[Sense]) -> list[str]:
    """Return one completion per candidate, all different: like names are told apart by department, note or number."""
    texts = [sense_text(sense) for sense in senses]
    for part in ("department", "note", "number"):
        tells = [_line(getattr(sense, part)) for sense in senses]
        texts = [
            f"{text}，{tell}" if tell and texts.count(text) > 1 else text
            for text, tell in zip(texts, tells, strict=True)
        ]
    seen: dict[str, int] = {}
    unique = []
    for text in texts:
        seen[text] = seen.get(text, 0) + 1
        unique.append(text if seen[text] == 1 else f"{text}，{seen[text]}")
    return unique


def abstains(answer: str) -> bool:
    """Whether an answer says that the glossary does not have the abbreviation, in Chinese or English."""
    return _ABSTAINS.search(answer.casefold()) is not None


def _line(cell: str) -> str:
    """Return a cell on one line, since a line of the prompt is a candidate."""
    return " ".join(cell.split())
