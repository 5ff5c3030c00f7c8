"""Measures of generated answers: BLEU, ROUGE, exact match, repetition, leaked tokens and invented codes."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from retrieval.facts.guard import unsupported

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Tokens = list[str]

# Tokens of chat templates and tokenizers, which no reader should ever see; and the headings of old prompt formats.
LEAKED = re.compile(
    r"<\|[^|<>\n]{1,40}\|>|<｜[^｜<>\n]{1,40}｜>|</?s>|\[/?INST\]|<</?SYS>>|</?think>"
    r"|<(?:unk|pad|bos|eos|start_of_turn|end_of_turn)>|(?m:^#{2,3} ?(?:Instruction|Response|Input|Output):)"
    r"|(?m:^(?:Human|Assistant):)"
)
_ORDERS = 4
_SHORTEST_CYCLE, _CYCLES = 2, 3


def characters(text: str) -> Tokens:
    """Return the characters of a text, without spaces."""
    return [each for each in unicodedata.normalize("NFKC", text) if not each.isspace()]


def words(text: str) -> Tokens:
    """Return the words of a text as jieba cuts them (rjieba: the same cuts), without spaces."""
    import rjieba

    return [word for word in rjieba.cut(unicodedata.normalize("NFKC", text)) if not word.isspace()]


def exact(answer: str, reference: str) -> bool:
    """Whether an answer is the reference, but for width, case, spaces and a closing full stop."""
    return plain(answer) == plain(reference)


def plain(text: str) -> str:
    """Return a text as it is compared: NFKC, case folded, no spaces, no closing full stop."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).casefold()).rstrip("。.")


def bleu(answers: Sequence[str], references: Sequence[str], cut: Callable[[str], Tokens]) -> float:
    """Return corpus BLEU-4, 0 to 1 (Papineni and others, 2002), with one reference an answer.

    The geometric mean of the clipped n-gram precisions for n = 1 to 4, times the brevity penalty. Where all texts
    together have no n-gram of an order, since they are shorter, the mean is taken over the other orders.
    """
    matched, possible = [0] * _ORDERS, [0] * _ORDERS
    length = wanted = 0
    for answer, reference in zip(answers, references, strict=True):
        said, right = cut(answer), cut(reference)
        length, wanted = length + len(said), wanted + len(right)
        for order in range(1, _ORDERS + 1):
            of_answer = _ngrams(said, order)
            matched[order - 1] += sum((of_answer & _ngrams(right, order)).values())
            possible[order - 1] += sum(of_answer.values())
    precisions = [hits / all_ for hits, all_ in zip(matched, possible, strict=True) if all_]
    if not precisions or min(precisions) == 0:
        return 0.0
    brevity = 1.0 if length > wanted else math.exp(1 - wanted / length)
    return brevity * math.exp(sum(map(math.log, precisions)) / len(precisions))


def rouge(
    answers: Sequence[str], references: Sequence[str], cut: Callable[[str], Tokens], order: int | None
) -> float:
    """Return the mean ROUGE F1, 0 to 1 (Lin, 2004): of n-grams of `order`, or of the longest common subsequence.

    Texts without an n-gram of this order count by whether they are equal.
    """
    scores = [_rouge(cut(answer), cut(right), order) for answer, right in zip(answers, references, strict=True)]
    return sum(scores) / len(scores) if scores else 0.0


def repeats(text: str) -> bool:
    """Whether a text goes round in circles: the same stretch of two characters or more, three times in a row."""
    compact = re.sub(r"\s+", "", text)
    # Digits and dots repeat in numbers and leaders.
    pattern = rf"([^\d.·…\-_=]{{{_SHORTEST_CYCLE},40}}?)\1{{{_CYCLES - 1},}}"
    return re.search(pattern, compact) is not None


def leaked(text: str) -> list[str]:
    """Return the template's tokens that stand in an answer."""
    return LEAKED.findall(text)


def invented(answer: str, sources: Sequence[str]) -> list[str]:
    """Return the numbers, dates, codes and addresses of an answer that stand in none of `sources`."""
    return [value.text for value in unsupported(answer, sources)]


def _ngrams(tokens: Tokens, order: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[at : at + order]) for at in range(len(tokens) - order + 1))


def _rouge(said: Tokens, right: Tokens, order: int | None) -> float:
    if order is None:
        hits, of_answer, of_reference = _common(said, right), len(said), len(right)
    else:
        first, second = _ngrams(said, order), _ngrams(right, order)
        hits = sum((first & second).values())
        of_answer, of_reference = sum(first.values()), sum(second.values())
    if not of_answer and not of_reference:
        return float(said == right)
    return 2 * hits / (of_answer + of_reference)


def _common(first: Tokens, second: Tokens) -> int:
    """Return the length of the longest common subsequence."""
    row = [0] * (len(second) + 1)
    for token in first:
        before = 0
        for at, other in enumerate(second, start=1):
            before, row[at] = row[at], before + 1 if token == other else max(row[at], row[at - 1])
    return row[-1]
