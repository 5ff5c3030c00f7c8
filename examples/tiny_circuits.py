"""Sets the tiny base's first weights by hand, so that it begins with the circuits that choosing among candidates needs.

Trained from a random start, 24,000 examples taught four layers to copy two names in three and to choose no better than
by chance (`docs/experiments.md`): the circuits below take most of such a training to form by themselves. Each is one attention
head whose queries and keys are written out. Everything stays free to be trained.

1. first layer: a head that looks at the token before, and one that looks at the latest marker (`问题：`, `缩略语：`, `1. `),
   so that each token knows which part of the prompt it belongs to;
2. second layer: a head by which each token of a candidate learns whether the question says it too; and one that gathers what
   the question is about;
3. third layer: an induction head (Olsson and others, 2022), which copies what followed the present token before; and one that
   looks for the candidate that shares the question's topic and names its number;
4. fourth layer: a head that looks at those tokens and names their candidate's number.

The residual stream is divided among them, so that no circuit disturbs another at the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from examples.tiny_tokenizer import ABBREVIATION, NUMBERS, QUESTION, START
from examples.tiny_words import topics

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedTokenizerBase

# Strengths of the second layer's search for a word in the question, before the division by the root of a head's size, for
# vectors as long as they are there: the same word counts about 19 times `_SAME`, a word of the question `_ASKED` more, and the
# prompt's first token `_NOWHERE`, which is what is found where the question does not have the word. A part is about 11
# long, the first token's direction 16.
_SAME, _ASKED, _NOWHERE, _PART, _START = 10.0, 60.0, 150.0, 11.0, 16.0
_ECHO = 30.0
# The base of the rotary positions, as in Qwen2.5.
THETA = 1_000_000.0
MARKERS = (QUESTION, ABBREVIATION, *NUMBERS)
# How many dimensions carry the identity of the token before, that of the one before it, and which word a token is, whatever its case.
_BEFORE, _TWICE, _STEMS = 24, 15, 39
# Rotary frequencies from this one on hardly turn within a prompt, so that only content counts there.
_SLOW = 12
_EMBEDDING_NORM = 1.6


@dataclass(frozen=True, slots=True)
class _Space:
    """Orthonormal directions of the residual stream, each tensor of shape (hidden, dimensions).

    `topics`, `marked`, `numbers`, `start`, `line`, `stems` and `forms` are what a token's embedding is made of; the others are written by heads.
    """

    topics: Tensor
    marked: Tensor
    numbers: Tensor
    start: Tensor
    line: Tensor
    stems: Tensor
    forms: Tensor
    part: Tensor
    asked_topics: Tensor
    before: Tensor
    echoed: Tensor

    @classmethod
    def drawn(cls, hidden: int) -> _Space:
        """Divide a random rotation of the stream."""
        sizes = [
            len(topics()),
            1,
            len(MARKERS),
            1,
            1,
            _STEMS,
            0,
            len(MARKERS),
            len(topics()),
            _BEFORE + _TWICE,
            1,
        ]
        sizes[6] = hidden - sum(sizes)
        return cls(*_orthonormal(hidden, hidden).split(sizes, dim=1))


def seed_circuits(model: Any, tokenizer: PreTrainedTokenizerBase) -> None:
    """Write the circuits into a Qwen2 model of at least four layers, four heads of 64 and two heads for keys and values."""
    import torch

    space = _Space.drawn(model.config.hidden_size)
    with torch.no_grad():
        # What the other weights add at random would drown the circuits.
        for layer in model.model.layers:
            layer.mlp.down_proj.weight.mul_(0.1)
            layer.self_attn.o_proj.weight.mul_(0.1)
        _embed(model.model.embed_tokens.weight, tokenizer, space)
        first, second, third, fourth = (_Heads(layer.self_attn) for layer in model.model.layers[:4])
        identity = torch.cat([space.stems, space.forms, space.numbers], dim=1)
        told = identity @ _orthonormal(identity.shape[1], _BEFORE)
        _look_before(first, space, told)
        _look_at_the_marker(first, space)
        _look_for_echoes(second, space)
        _gather_the_question(second, space)
        _copy_what_followed(third, space, told, identity)
        _choose_by_topic(third, space)
        _choose_by_words(fourth, space)


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
    """Make each embedding of its word, its form, its topics, and, for the markers, directions of their own.

    `Word`, ` Word` and ` word` are one word in three forms.
    """
    import torch

    unit = torch.nn.functional.normalize
    count, width = table.shape[0], space.forms.shape[1]
    words = [text.strip().casefold() for text in tokenizer.batch_decode([[at] for at in range(count)])]
    number = {word: at for at, word in enumerate(dict.fromkeys(words))}
    drawn = unit(torch.randn(len(number), _STEMS), dim=1)[[number[word] for word in words]]
    table.copy_(0.7 * drawn @ space.stems.T + 0.7 * unit(torch.randn(count, width), dim=1) @ space.forms.T)
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
    table[tokenizer.convert_tokens_to_ids(START)] = space.start[:, 0]
    # No identity: what follows the end of one line says nothing of what follows the end of another.
    table[tokenizer("\n", add_special_tokens=False)["input_ids"][0]] = space.line[:, 0]
    table.copy_(torch.nn.functional.normalize(table, dim=1) * _EMBEDDING_NORM)


def _look_before(heads: _Heads, space: _Space, told: Tensor) -> None:
    """Heads 0 and 1: constant queries and keys, whose product under rotary positions depends on the distance alone.

    The query is turned so that the product is greatest at distance one, or two; fast frequencies tell near distances apart.
    """
    import torch

    half = heads.size // 2
    fast = (torch.arange(half) < half // 4) * 7.75
    heads.key(0, bias=torch.cat([fast, torch.zeros(half)]))
    heads.value(0, told)
    for head, own in enumerate((space.before[:, :_BEFORE], space.before[:, _BEFORE:])):
        turn = heads.frequencies * (head + 1)
        heads.query(head, bias=torch.cat([fast * turn.cos(), -fast * turn.sin()]))
        heads.write(head, own * 0.3)


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
    """Head 0: where the present token was the one before, and the one before it too, say what stood there.

    Two tokens, so that a name that says a word twice is copied as well.
    """
    import torch

    read = identity @ _orthonormal(identity.shape[1], heads.size)
    at = torch.zeros(heads.size).index_fill(0, heads.slow[_BEFORE + _TWICE], 1.0)
    heads.query(0, heads.still(torch.cat([told * 5.0, space.before[:, :_TWICE] * 2.5], dim=1)), at)
    heads.key(0, heads.still(torch.cat([space.before * 5.0, space.start * 30], dim=1)))
    heads.value(0, read)
    heads.write(0, read * 16.0)


def _gather_the_question(heads: _Heads, space: _Space) -> None:
    """Head 2: every token looks at those of the question, those of a topic first, and keeps their mean."""
    import torch

    question = space.part[:, :1]
    half = len(heads.slow) // 2
    topical = space.topics.sum(dim=1, keepdim=True)
    looked = torch.cat([(question * 2.0).expand(-1, half), (topical * 0.5).expand(-1, half)], dim=1)
    heads.key(1, heads.still(looked))
    heads.query(2, bias=torch.zeros(heads.size).index_fill(0, heads.slow, 0.25))
    heads.value(1, space.topics)
    heads.write(2, space.asked_topics * 2.0)


def _choose_by_topic(heads: _Heads, space: _Space) -> None:
    """Head 2: the tokens of the question's topics, but not the question's own; their part's number is the answer."""
    import torch

    own = space.part[:, :2].sum(dim=1, keepdim=True)
    away = torch.zeros(heads.size)
    away[heads.slow[space.topics.shape[1]]] = -30.0
    heads.query(2, heads.still(space.asked_topics * 12.0), away)
    heads.key(1, heads.still(torch.cat([space.topics * 2.0, own], dim=1)))
    heads.value(1, space.part)
    heads.write(2, space.numbers * 4.0)


def _look_for_echoes(heads: _Heads, space: _Space) -> None:
    """Head 0: the same word in the question, else the prompt's first token; says whether it was found."""
    import torch

    at = heads.slow[_STEMS]
    wanted, offered = heads.still(space.stems) * _SAME, heads.still(space.stems)
    offered[at] = space.part[:, 0] * (_ASKED / _PART) + space.start[:, 0] * (_NOWHERE / _START)
    heads.query(0, wanted, torch.zeros(heads.size).index_fill(0, at, 1.0))
    heads.key(0, offered)
    heads.value(0, space.part[:, :1])
    heads.write(0, space.echoed)


def _choose_by_words(heads: _Heads, space: _Space) -> None:
    """Head 0: the tokens that the question says too, but not the question's own; their part's number is the answer."""
    import torch

    own = space.part[:, :2].sum(dim=1, keepdim=True)
    looked = torch.cat([space.echoed * _ECHO, own * -_ECHO], dim=1)
    heads.query(0, bias=torch.zeros(heads.size).index_fill(0, heads.slow[:2], 1.0))
    heads.key(0, heads.still(looked))
    heads.value(0, space.part)
    heads.write(0, space.numbers * 9.0)


def _orthonormal(rows: int, columns: int) -> Tensor:
    """Return a random matrix with orthonormal columns."""
    import torch

    rotation: Tensor = torch.linalg.qr(torch.randn(rows, columns))[0]
    return rotation
