"""Identifiers: their check digits, their shapes, and whether one that is asked about can exist."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from retrieval.facts.normalize import fold, plain

Check = Literal["none", "iso7064_mod_11_10", "luhn", "gb32100", "gb11643"]
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


@dataclass(frozen=True, slots=True)
class IdentifierPattern:
    """The shape of one kind of identifier: `shape` is a regular expression over its folded, upper-case form."""

    name: str
    shape: str
    check: Check = "none"


CNAPS = IdentifierPattern("联行号", r"\d{12}", "iso7064_mod_11_10")
CREDIT_CODE = IdentifierPattern(
    "统一社会信用代码", r"[1-9A-HJ-NP-RTUWXY][0-9]{7}[0-9A-HJ-NP-RTUWXY]{10}", "gb32100"
)
CITIZEN_NUMBER = IdentifierPattern("身份证号", r"\d{17}[0-9X]", "gb11643")


def mod_11_10(digits: str) -> int:
    """The check digit after `digits` by ISO 7064 MOD 11,10, the one of the 12-digit CNAPS bank codes."""
    product = 10
    for char in digits:
        total = (int(char) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10


def luhn(digits: str) -> int:
    """The check digit after `digits` by ISO/IEC 7812 (Luhn), the one of bank cards."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10


def credit_code(code: str) -> str:
    """The check character after the first 17 of a unified social credit code by GB 32100-2015."""
    total = sum(_CREDIT.index(char) * weight for char, weight in zip(code, _CREDIT_WEIGHTS, strict=True))
    return _CREDIT[-total % 31]


def citizen_number(digits: str) -> str:
    """The check character after the first 17 digits of a citizen's number by GB 11643-1999 (ISO 7064 MOD 11-2)."""
    total = sum(int(char) * (2 ** (17 - place) % 11) for place, char in enumerate(digits))
    return "10X98765432"[total % 11]


def passes(identifier: str, check: Check) -> bool:
    """Whether the last character of `identifier` is its check character; True where there is no check."""
    code = fold(identifier).upper()
    if check == "none":
        return True
    if len(code) < 2 or not code.isascii():
        return False
    body, last = code[:-1], code[-1]
    try:
        expected = {
            "iso7064_mod_11_10": mod_11_10, "luhn": luhn, "gb32100": credit_code, "gb11643": citizen_number,
        }[check](body)  # fmt: skip
    except ValueError:
        return False
    return str(expected) == last


def fits(identifier: str, pattern: IdentifierPattern) -> bool:
    """Whether `identifier` has the shape of `pattern` (its check digit is not looked at)."""
    return re.fullmatch(pattern.shape, fold(identifier).upper()) is not None


def looks_like_identifier(text: str) -> bool:
    """Whether a text reads as a code, telephone number or the like rather than as a quantity."""
    shown = plain(text)
    digits = sum(char.isdigit() for char in shown)
    if digits == 0 or len(shown) > 40:
        return False
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?|[+-]?\d+\.\d+", shown):
        return False
    compact = fold(text)
    if compact.isdigit():
        return (len(compact) > 1 and compact[0] == "0") or len(compact) > 9 or "-" in shown
    return bool(re.fullmatch(r"[a-z0-9+()#/._-]+", compact)) and any(c.isalpha() for c in compact)
