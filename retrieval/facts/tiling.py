"""Lays an asked name over a stored one: the longest stretches that the two share, and what is left between them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from retrieval.facts.names import Name

_ASCII = re.compile(r"[0-9a-z.+#/%]")


@dataclass(frozen=True, slots=True)
class Segment:
    """`length` characters from `asked` in the asked name equal those from `stored` in the stored name."""

    asked: int
    stored: int
    length: int


def tile(asked: Name, stored: Name) -> list[Segment]:
    """The longest stretches that the two names share, longest first, none overlapping; in the asked name's order."""
    if asked.chars == stored.chars:
        return [Segment(0, 0, len(asked.chars))]
    found: list[Segment] = []
    used = bytearray(len(stored.chars))
    pieces = list(_known_runs(asked.chars, frozenset(stored.chars)))
    while pieces:
        start, end = pieces.pop()
        segment = _longest(asked, stored, (start, end), used)
        if segment is None:
            continue
        found.append(segment)
        used[segment.stored : segment.stored + segment.length] = b"\1" * segment.length
        pieces.append((start, segment.asked))
        pieces.append((segment.asked + segment.length, end))
    return sorted(found, key=lambda s: s.asked)


def _known_runs(chars: str, known: frozenset[str]) -> Iterator[tuple[int, int]]:
    """The stretches of a text that consist of known characters."""
    start = -1
    for position, char in enumerate(chars):
        if char in known:
            start = position if start < 0 else start
        elif start >= 0:
            yield start, position
            start = -1
    if start >= 0:
        yield start, len(chars)


def _longest(asked: Name, stored: Name, piece: tuple[int, int], used: bytearray) -> Segment | None:
    start, end = piece
    latin = asked.latin
    for length in range(min(end - start, len(stored.chars)), 0, -1):
        for begin in range(start, end - length + 1):
            at = stored.chars.find(asked.chars[begin : begin + length])
            if at < 0 or (latin and not _whole_words(asked, begin, length)):
                continue
            if length == 1 and not _stands_alone(asked, begin):
                continue
            while at >= 0:
                if 1 not in used[at : at + length] and (not latin or _whole_words(stored, at, length)):
                    return Segment(begin, at, length)
                at = stored.chars.find(asked.chars[begin : begin + length], at + 1)
    return None


def slid(asked: Name, stored: Name, segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    """Other tilings, where the border of two touching stretches may as well lie further left.

    广发银行兴发路 and 广发银行兴镇兴发路 share 广发银行兴 and 发路, or 广发银行 and 兴发路.
    """
    for at, (first, second) in enumerate(pairwise(segments)):
        touching = first.asked + first.length == second.asked and first.stored + first.length < second.stored
        step = 1
        while (
            touching
            and step < first.length
            and asked.chars[second.asked - step] == stored.chars[second.stored - step]
        ):
            moved = [
                Segment(first.asked, first.stored, first.length - step),
                Segment(second.asked - step, second.stored - step, second.length + step),
            ]
            yield [*segments[:at], *moved, *segments[at + 2 :]]
            step += 1


def _whole_words(name: Name, start: int, length: int) -> bool:
    """Whether a stretch cuts no number and no Latin word in two."""
    end = start + length
    chars = name.chars
    first = start in name.cuts or not _ASCII.match(chars[start]) or not _ASCII.match(chars[start - 1])
    last = end in name.cuts or not _ASCII.match(chars[end - 1]) or not _ASCII.match(chars[end])
    return first and last


def _stands_alone(name: Name, at: int) -> bool:
    return at in name.cuts and at + 1 in name.cuts


def between(length: int, taken: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The stretches of a text of that length that lie between the taken ones, before them and behind them."""
    gaps, position = [], 0
    for start, end in sorted(taken):
        if start > position:
            gaps.append((position, start))
        position = max(position, end)
    if position < length:
        gaps.append((position, length))
    return gaps
