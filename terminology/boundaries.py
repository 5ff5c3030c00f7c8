"""Decides whether a Latin surface stands alone, beside Chinese as well, or inside a longer word or code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from terminology.normalize import Folded

# Latin, Greek and Cyrillic letters and digits; from here on scripts that write words without spaces.
FIRST_WITHOUT_SPACES = "\u2e80"
_JOINERS = frozenset("-_.+&/@#'\\")
_ALWAYS_JOINED = frozenset("_@\\'.")
_RUN_LEFT = re.compile(r"[^\s\u2e80-\U000fffff]*$")
_RUN_RIGHT = re.compile(r"[^\s\u2e80-\U000fffff]*")
_PLAIN_WORDS = re.compile(r"[a-z]{3,}(?:-[a-z]{2,})*")
_PART_LEFT = re.compile(r"[a-z0-9-]*$")
_PART_RIGHT = re.compile(r"[a-z0-9-]*")
_NUMBER_PART = re.compile(r"(?=.*[0-9])(?:[0-9]+|[a-z0-9]*-[a-z0-9-]*)")
_WORD_LEFT = re.compile(r"[A-Za-z0-9-]*$")
_WORD_RIGHT = re.compile(r"[A-Za-z0-9-]*")


def _in_word(character: str) -> bool:
    return character.isalnum() and character < FIRST_WITHOUT_SPACES


def whole_word_end(folded: Folded, start: int, end: int) -> int:
    """Return where the whole word ends that a Latin surface makes up, plural ending included; 0 if it is part of one."""
    whole = plural_end(folded, start, end)
    return whole if stands_alone(folded, start, whole) else 0


def plural_end(folded: Folded, start: int, end: int) -> int:
    """Return where the word ends that begins with this surface: after a plural `s` or `'s`, else `end` itself."""
    text = folded.text
    if end >= len(text) or text[end] not in "s'" or not _in_word(text[end - 1]):
        return end
    after = end + 1 if text[end] == "s" else end + 2 if text[end : end + 2] == "'s" else end
    if after == end or _in_word(text[after : after + 1]):
        return end
    first, last = folded.span(start, end)
    surface = folded.original[first:last]
    ending = folded.original[last : folded.span(start, after)[1]]
    # AMs and AM's, Account Managers; but not AMS, and not the word "ams".
    long_enough = surface[-1].isupper() or surface[-1].isdigit() or len(surface) > 3
    return after if long_enough and not (ending.isupper() and surface.isupper()) else end


def stands_alone(folded: Folded, start: int, end: int) -> bool:
    """Whether the folded characters `start` to `end` are a whole word: not in `AMD`, `001AM23`, `x-AM1` or `AM.com`.

    Chinese beside it is a boundary. A hyphen with an ordinary lower-case word (`AM-related`), and a slash, plus or
    ampersand between two longer words (`AM/PM`), join words but make no code.
    """
    text = folded.text
    if start and text[start] < FIRST_WITHOUT_SPACES:
        before = text[start - 1]
        if _in_word(before):
            return False
        if before in _JOINERS and _joined(folded, start, end, start - 1):
            return False
    if end < len(text) and text[end - 1] < FIRST_WITHOUT_SPACES:
        after = text[end]
        if _in_word(after):
            return False
        if after in _JOINERS and _joined(folded, start, end, end):
            return False
    return True


def _joined(folded: Folded, start: int, end: int, at: int) -> bool:
    """Whether the joiner at the index `at` ties the surface to what stands on its other side."""
    text = folded.text
    joiner, beyond = text[at], text[at + 1 : at + 2] if at >= end else text[max(at - 1, 0) : at]
    single = end - start == 1
    if joiner in "+#" and single and at >= end:
        return True
    if not beyond or not _in_word(beyond):
        return False
    if joiner in _ALWAYS_JOINED:
        return True
    if joiner == "-":
        return beyond.isdigit() or not _is_plain_compound(folded, at, right=at >= end)
    if joiner == "/":
        return single or _is_number_part(text, at, right=at >= end) or _is_path(text, start, end)
    return single or beyond.isdigit() or _is_single(text, at, right=at >= end)


def _is_plain_compound(folded: Folded, at: int, *, right: bool) -> bool:
    """Whether the other side of a hyphen is an ordinary word in lower case, as in `AM-related` and `non-AM`."""
    place = folded.span(at, at + 1)[0]
    if right:
        side = _WORD_RIGHT.match(folded.original, place + 1)
    else:
        side = _WORD_LEFT.search(folded.original[:place])
    return side is not None and _PLAIN_WORDS.fullmatch(side.group()) is not None


def _is_number_part(text: str, at: int, *, right: bool) -> bool:
    """Whether a number stands on the other side of a slash, as in the part number `CT/45-B`; but not `CT/5G`."""
    side = _PART_RIGHT.match(text, at + 1) if right else _PART_LEFT.search(text, 0, at)
    return side is not None and _NUMBER_PART.fullmatch(side.group()) is not None


def _is_single(text: str, at: int, *, right: bool) -> bool:
    neighbour = text[at + 2 : at + 3] if right else text[max(at - 2, 0) : at - 1]
    return not neighbour or not _in_word(neighbour)


def _is_path(text: str, start: int, end: int) -> bool:
    left = _RUN_LEFT.search(text, 0, start)
    right = _RUN_RIGHT.match(text, end)
    run = (left.group() if left else "") + text[start:end] + (right.group() if right else "")
    return "//" in run or "@" in run or "\\" in run or run.startswith(("/", "www.", "~")) or "." in run
