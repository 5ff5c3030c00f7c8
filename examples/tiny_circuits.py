"""Sets the tiny base's first weights by hand, so that it begins with the circuits that choosing among candidates needs.

Trained from a random start, 24,000 examples taught four layers to copy two names in three and to choose no better than
by chance (`docs/experiments.md`): the circuits below take most of such a training to form by themselves. Each is one attention
head whose queries and keys are written out. Everything stays free to be trained.

1. first layer: a head that looks at the token before, and one that looks at the latest marker (`问题：`, `缩略语：`, `1. `),
   so that each token knows which part of the prompt it belongs to;
2. second layer: an induction head (Olsson and others, 2022), which copies what followed the present token before; and a head
   that gathers what the question is about;
3. third layer: two heads that look for the candidate that shares the question's topic, or its very words, and name its number.

The residual stream is divided among them, so that no circuit disturbs another at the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from examples.tiny_tokenizer import ABBREVIATION, NUMBERS, QUESTION
from examples.tiny_words import topics

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedTokenizerBase

# The base of the rotary positions, as in Qwen2.5.
THETA = 1_000_000.0
MARKERS = (QUESTION, ABBREVIATION, *NUMBERS)
# How many dimensions carry the identity of the token before, and that of the question's words.
_BEFORE, _WORDS = 40, 26
# Rotary frequencies from this one on hardly turn within a prompt, so that only content counts there.
_SLOW = 12
_EMBEDDING_NORM = 1.6


@dataclass(frozen=True, slots=True)
class _Space:
    """Orthonormal directions of the residual stream, each tensor of shape (hidden, dimensions).

    `topics`, `marked`, `numbers` and `words` are what a token's embedding is made of; the others are written by heads.
    """

    topics: Tensor
    marked: Tensor
    numbers: Tensor
    words: Tensor
    asked_words: Tensor
    part: Tensor
    asked_topics: Tensor
    before: Tensor

    @classmethod
    def drawn(cls, hidden: int) -> _Space:
        """Divide a random rotation of the stream."""
        sizes = [len(topics()), 1, len(MARKERS), 0, _WORDS, len(MARKERS), len(topics()), _BEFORE]
        sizes[3] = hidden - sum(sizes)
        return cls(*_orthonormal(hidden, hidden).split(sizes, dim=1))


def seed_circuits(model: Any, tokenizer: PreTrainedTokenizerBase) -> None:
    """Write the circuits into a Qwen2 model of at least three layers, four heads of 64 and two heads for keys and values."""
    import torch

    space = _Space.drawn(model.config.hidden_size)
    with torch.no_grad():
        # What the other weights add at random would drown the circuits.
        for layer in model.model.layers:
            layer.mlp.down_proj.weight.mul_(0.1)
            layer.self_attn.o_proj.weight.mul_(0.1)
        _embed(model.model.embed_tokens.weight, tokenizer, space)
        first, second, third = (_Heads(layer.self_attn) for layer in model.model.layers[:3])
        identity = torch.cat([space.words, space.numbers], dim=1)
        told = identity @ _orthonormal(identity.shape[1], _BEFORE)
        words = space.words @ _orthonormal(space.words.shape[1], _WORDS)
        _look_before(first, space, told)
        _look_at_the_marker(first, space)
        _copy_what_followed(second, space, told, identity)
        _gather_the_question(second, space, words)
        _choose_by_topic(third, space)
        _choose_by_words(third, space, words)


class _Heads:
    """An attention layer's weights, head by head; keys and values 0 serve the heads 0 and 1, those of 1 the heads 2 and 3."""

    def __init__(self, attention: Any) -> None:
        """Read the layer's sizes."""
        import torch

        self.size: int = attention.head_dim
        self._attention = attention
        half = torch.arange(self.size) % (self.size // 2)
        self.slow = torch.nonzero(half >= _SLOW).flatten()
        self.frequencies = THETA ** (-torch.arange(self.size // 2) / (self.size // 2))

    def query(self, head: int, weight: Tensor | None = None, bias: Tensor | None = None) -> None:
        """Set a head's queries: the weight has shape (size, hidden), the bias (size); None is zero."""
        self._set(self._attention.q_proj, head, weight, bias)

    def key(self, group: int, weight: Tensor | None = None, bias: Tensor | None = None) -> None:
        """Set the keys of two heads, in the same way."""
        self._set(self._attention.k_proj, group, weight, bias)

    def value(self, group: int, directions: Tensor) -> None:
        """Read `directions`, shape (hidden, at most size), as the values of two heads."""
        self._set(self._attention.v_proj, group, self.rows(directions), None)

    def write(self, head: int, directions: Tensor) -> None:
        """Write a head's values along `directions`, shape (hidden, at most size)."""
        part = self._attention.o_proj.weight[:, head * self.size : (head + 1) * self.size]
        part.zero_()
        part[:, : directions.shape[1]] = directions

    def rows(self, directions: Tensor) -> Tensor:
        """Return directions as the first rows of a weight."""
        weight = directions.new_zeros(self.size, directions.shape[0])
        weight[: directions.shape[1]] = directions.T
        return weight

    def still(self, directions: Tensor) -> Tensor:
        """Return directions as rows at places that the rotary positions hardly turn."""
        weight = directions.new_zeros(self.size, directions.shape[0])
        weight[self.slow[: directions.shape[1]]] = directions.T
        return weight

    def _set(self, projection: Any, at: int, weight: Tensor | None, bias: Tensor | None) -> None:
        own = slice(at * self.size, (at + 1) * self.size)
        for target, given in ((projection.weight, weight), (projection.bias, bias)):
            target[own] = 0.0 if given is None else given


def _embed(table: Tensor, tokenizer: PreTrainedTokenizerBase, space: _Space) -> None:
    """Make each embedding of random words' directions, its topics, and, for the markers, directions of their own."""
    import torch

    count, width = table.shape[0], space.words.shape[1]
    table.copy_(torch.nn.functional.normalize(torch.randn(count, width), dim=1) @ space.words.T)
    shares = torch.zeros(count, space.topics.shape[1])
    for at, (name, own) in enumerate(topics().items()):
        for chinese, english in [(name, name), *own]:
            for form in {chinese, english, f" {english}", f" {english.lower()}"}:
                ids = tokenizer(form, add_special_tokens=False)["input_ids"]
                if len(ids) == 1:
                    shares[ids[0], at] = 1.0
    known = shares.any(dim=1)
    table[known] = (
        0.8 * table[known] + 0.9 * torch.nn.functional.normalize(shares[known], dim=1) @ space.topics.T
    )
    markers = tokenizer.convert_tokens_to_ids(list(MARKERS))
    table[markers] = 0.5 * table[markers] + 0.6 * space.marked.T + 0.6 * space.numbers.T
    table.copy_(torch.nn.functional.normalize(table, dim=1) * _EMBEDDING_NORM)


def _look_before(heads: _Heads, space: _Space, told: Tensor) -> None:
    """Head 0: constant queries and keys, whose product under rotary positions depends on the distance alone.

    The query is turned so that the product is greatest at distance one; fast frequencies tell near distances apart.
    """
    import torch

    half = heads.size // 2
    fast = (torch.arange(half) < half // 4) * 7.75
    heads.key(0, bias=torch.cat([fast, torch.zeros(half)]))
    heads.query(0, bias=torch.cat([fast * heads.frequencies.cos(), -fast * heads.frequencies.sin()]))
    heads.value(0, told)
    heads.write(0, space.before * 0.3)


def _look_at_the_marker(heads: _Heads, space: _Space) -> None:
    """Head 2: markers before all else, and among them the nearest, by frequencies that turn less than once a prompt."""
    import torch

    half = heads.size // 2
    near = ((torch.arange(half) >= 6) & (torch.arange(half) < 9)) * 10.0
    wanted = torch.cat([near, torch.zeros(half)])
    marked = space.marked.expand(-1, len(heads.slow))
    heads.key(1, heads.still(marked), wanted)
    heads.query(2, bias=wanted.index_add(0, heads.slow, torch.full((len(heads.slow),), 2.0)))
    heads.value(1, space.numbers)
    heads.write(2, space.part * 0.3)


def _copy_what_followed(heads: _Heads, space: _Space, told: Tensor, identity: Tensor) -> None:
    """Head 0: where the present token was the one before, say what stood there."""
    read = identity @ _orthonormal(identity.shape[1], heads.size)
    heads.query(0, heads.still(told) * 3.2)
    heads.key(0, heads.still(space.before) * 3.2)
    heads.value(0, read)
    heads.write(0, read * 2.0)


def _gather_the_question(heads: _Heads, space: _Space, words: Tensor) -> None:
    """Head 2: every token looks at those of the question, those of a topic first, and keeps their mean."""
    import torch

    question = space.part[:, :1]
    half = len(heads.slow) // 2
    topical = space.topics.sum(dim=1, keepdim=True)
    looked = torch.cat([(question * 2.0).expand(-1, half), (topical * 0.5).expand(-1, half)], dim=1)
    heads.key(1, heads.still(looked))
    heads.query(2, bias=torch.zeros(heads.size).index_fill(0, heads.slow, 0.25))
    heads.value(1, torch.cat([space.topics, words], dim=1))
    heads.write(2, torch.cat([space.asked_topics, space.asked_words], dim=1) * 2.0)


def _choose_by_topic(heads: _Heads, space: _Space) -> None:
    """Head 2: the tokens of the question's topics, but not the question's own; their part's number is the answer."""
    _choose(heads, space, 2, (space.asked_topics * 12.0, space.topics * 2.0), 2.5)


def _choose_by_words(heads: _Heads, space: _Space, words: Tensor) -> None:
    """Head 0: the question's very words, in the same way."""
    _choose(heads, space, 0, (space.asked_words * 12.0, words * 2.0), 1.5)


def _choose(heads: _Heads, space: _Space, head: int, like: tuple[Tensor, Tensor], strength: float) -> None:
    import torch

    asked, offered = like
    own = space.part[:, :2].sum(dim=1, keepdim=True)
    away = torch.zeros(heads.size)
    away[heads.slow[offered.shape[1]]] = -30.0
    heads.query(head, heads.still(asked), away)
    heads.key(head // 2, heads.still(torch.cat([offered, own], dim=1)))
    heads.value(head // 2, space.part)
    heads.write(head, space.numbers * strength)


def _orthonormal(rows: int, columns: int) -> Tensor:
    """Return a random matrix with orthonormal columns."""
    import torch

    rotation: Tensor = torch.linalg.qr(torch.randn(rows, columns))[0]
    return rotation
