"""A completed question, and where each stretch of it comes from: the user's own words or the conversation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.types import Query
    from terminology.types import ResolvedTerm

# A completed question is not longer than this: a conversation cannot grow a question without bound.
MAX_COMPLETED = 400


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a completed question; `start` and `end` say which part of the user's question it is or stands for.

    A piece that comes from the conversation alone has -1 for both.
    """

    text: str
    start: int = -1
    end: int = -1


@dataclass(frozen=True, slots=True)
class Completion:
    """A question as it is to be answered: `question` equals the user's unless it leaned on the conversation.

    `chosen` holds the senses that the user picked by this question (folded surface, sense id), `picked` those of the
    conversation with them; `reason` says which rule completed it, empty where nothing was.
    """

    question: str
    pieces: tuple[Piece, ...] = ()
    reason: str = ""
    chosen: tuple[tuple[str, int], ...] = ()

    def applied(self, query: Query) -> Query:
        """Return `query` with the completed question and the senses that the user has picked."""
        earlier = tuple(pair for pair in query.chosen if pair[0] not in dict(self.chosen))
        return replace(query, question=self.question, chosen=(*earlier, *self.chosen))

    def in_question(self, term: ResolvedTerm, asked: str) -> ResolvedTerm | None:
        """Return `term` with its offsets in the question as `asked`; None for a term that the conversation brought.

        A term that a pronoun stands for has the pronoun's place.
        """
        if not self.pieces:
            return term
        match, at = term.match, 0
        for piece in self.pieces:
            inside = at <= match.start and match.end <= at + len(piece.text)
            if inside and piece.start >= 0:
                copied = asked[piece.start : piece.end] == piece.text
                start = piece.start + match.start - at if copied else piece.start
                end = piece.start + match.end - at if copied else piece.end
                return replace(term, match=match._replace(surface=asked[start:end], start=start, end=end))
            at += len(piece.text)
        return None


def completion(pieces: Sequence[Piece], reason: str) -> Completion | None:
    """Put the pieces together; None for a question longer than `MAX_COMPLETED`."""
    kept = tuple(piece for piece in pieces if piece.text)
    text = "".join(piece.text for piece in kept)
    return Completion(text, kept, reason) if len(text) <= MAX_COMPLETED else None


def around(text: str, new: Piece) -> tuple[Piece, ...]:
    """Split `text` into what the conversation gave and the user's own words in it."""
    at = text.find(new.text)
    if at < 0:
        return (Piece(text),)
    return Piece(text[:at]), new, Piece(text[at + len(new.text) :])


def aligned(text: str, question: str) -> tuple[Piece, ...]:
    """Find the user's words again in a text that a model wrote: the common stretches of two characters or more."""
    from difflib import SequenceMatcher

    pieces, at = [], 0
    for block in SequenceMatcher(None, question, text, autojunk=False).get_matching_blocks():
        if block.size >= 2:
            pieces += [
                Piece(text[at : block.b]),
                Piece(text[block.b : block.b + block.size], block.a, block.a + block.size),
            ]
            at = block.b + block.size
    return tuple(piece for piece in (*pieces, Piece(text[at:])) if piece.text)
