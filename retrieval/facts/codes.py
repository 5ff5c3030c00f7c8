"""Finds the identifiers in a question and the rows that they stand in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.facts.identifiers import fits, passes
from retrieval.facts.normalize import fold, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.identifiers import IdentifierPattern

_DIGITS = re.compile(r"(?<![0-9a-z.])\+?\d(?:[\s\-()]{0,2}\d){4,24}(?![0-9a-z%]|\.\d)")
_CODE = re.compile(r"(?<![0-9a-z])[0-9a-z]+(?:[-_/.:@+#][0-9a-z]+)*(?![0-9a-z])")


@dataclass(frozen=True, slots=True)
class CodeMention:
    """An identifier as it stands in a question, and its folded form."""

    start: int
    end: int
    shown: str
    folded: str


def codes_in(question: str) -> list[CodeMention]:
    """Long digit strings (spaces, dashes and full width allowed) and codes of letters and digits, longest first."""
    text = plain(question)
    found = [
        CodeMention(m.start(), m.end(), m[0].strip(), fold(m[0]).strip("()")) for m in _DIGITS.finditer(text)
    ]
    for match in _CODE.finditer(text):
        mixed = any(c.isdigit() for c in match[0]) and (not match[0].isdigit() or len(match[0]) >= 3)
        known = any(c.start <= match.start() and match.end() <= c.end for c in found)
        if (mixed or "@" in match[0]) and not known:
            found.append(CodeMention(match.start(), match.end(), match[0], fold(match[0])))
    return sorted(found, key=lambda c: (-len(c.folded), c.start))


def malformed(
    code: str, tables: Mapping[int, KnownTable], *, any_length: bool = False
) -> IdentifierPattern | None:
    """The pattern that `code` ought to follow and does not, because its check digit is wrong.

    With `any_length` also one with a digit too few or too many; without it, such digits may be something else.
    """
    patterns = [p for table in tables.values() for _, p in table.patterns if p.check != "none"]
    if not code.isdigit() or any(fits(code, p) and passes(code, p.check) for p in patterns):
        return None
    for pattern in patterns:
        if fits(code, pattern):
            return pattern
    near = (p for p in patterns if fits(code + "0", p) or fits(code[:-1], p))
    return next(near, None) if any_length else None
