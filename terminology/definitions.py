"""Reads definitions of abbreviations out of running text, in English and Chinese."""

from __future__ import annotations

import re
from dataclasses import dataclass

from terminology.normalize import is_chinese

_SENTENCE_END = re.compile(r"(?<=[。！？!?；;])|(?<=[a-z0-9)]\.)\s+|\n")
_PARENTHESES = re.compile(r"\s*[（(]([^（）()\n]{1,80})[）)]")
_PIECES = re.compile(r"\s*[,，;；、:：/|]\s*")
_MARK = re.compile(
    r"^(?:以下简称为?|下称|以下称|简称为?|缩写为?|英文缩写为?|英文简称为?|英文名称?为?|英文全称为?|英文|中文|全称为?|即为?|也称|又称|或称|"
    r"hereinafter(?: referred to as)?|abbreviated(?: as| to)?|abbr\.?|short for|or|i\.e\.)\s*",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"[（(，,]\s*(?:以下|下文)?(?:简称|下称|统称)为?[:：]?\s*[“\"「『《'‘]?([^（）()，,。；;“”\"「」『』《》'‘’]{2,20})"
)
_ABBREVIATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.&+/-]{0,11}")
_LATIN_TAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .,&+/'’-]*$")
_ABBREVIATION_TAIL = re.compile(r"(?<![A-Za-z0-9.&+/-])([A-Za-z0-9][A-Za-z0-9.&+/-]{0,11})$")
_CHINESE_TAIL = re.compile(r"[\u3400-\u9fff·]{2,30}$")
_QUOTES = "“”\"'‘’「」『』《》【】 \t"
_LATIN_WORD = re.compile(r"[A-Za-z]+")
_CAPITALS = re.compile(
    r"(?<![A-Za-z0-9_.&+/@#-])[A-Z](?:[A-Z]|&(?=[A-Z])){1,6}(?![A-Za-z0-9_@-]|[.&+/](?=[A-Za-z0-9]))"
)
_ROMAN = re.compile(r"[IVX]+")
# Units and words of forms, which stand in capitals without being anybody's jargon.
_NO_TERMS = frozenset(
    [
        "GB",
        "MB",
        "KB",
        "TB",
        "HZ",
        "MW",
        "KW",
        "MPA",
        "VA",
        "OK",
        "NO",
        "YES",
        "NA",
        "FAQ",
        "PDF",
        "RMB",
        "CNY",
        "USD",
        "EUR",
        "AND",
        "OR",
        "NOT",
        "THE",
    ]
)
# Characters before a parenthesis in which a full name is looked for.
_REACH = 200
# Words after which a Chinese name begins.
_LEADS = re.compile(
    r".*(?:联系|使用|通过|采用|参加|举办|成立|建立|引入|推出|设立|称为|叫做|包括|根据|按照|关于|以及|其中|由于|负责|实行|实施|召开|组建|依据|"
    r"开展|对于|遵守|执行|每位|每个|每名|各位|一位|一名|该|[的是在由对向给把被了将从至于])"
)


@dataclass(frozen=True, slots=True)
class Definition:
    """An abbreviation with the full names that one sentence gives for it; a name that it does not give is empty."""

    term: str
    english: str
    chinese: str
    sentence: str


def definitions_in(text: str) -> list[Definition]:
    """Return the definitions in `text`: `long form (SF)`, `SF（长形式，Long Form）`, `…（以下简称SF）` and the like."""
    found: dict[tuple[str, str, str], Definition] = {}
    for sentence in _SENTENCE_END.split(text):
        for definition in (*_in_parentheses(sentence), *_called(sentence)):
            key = (definition.term, definition.english.casefold(), definition.chinese)
            found.setdefault(key, definition)
    kept = list(found.values())
    # One sentence may be read in two ways; the reading that says more of a term stands.
    return [each for each in kept if not any(_says_more(other, each) for other in kept)]


def used_in(text: str) -> list[tuple[str, str]]:
    """Return every use in `text` of a word of capitals that nothing but its look makes an abbreviation, with its sentence.

    Codes, numbers, units, Roman numerals and parts of longer words (MH-Flow, TMP-00) are none, nor is what stands in a
    sentence that is all capitals.
    """
    found: list[tuple[str, str]] = []
    for sentence in _SENTENCE_END.split(text):
        shouted = (
            len(_LATIN_WORD.findall(sentence)) > 2 and sentence.upper() == sentence and not is_chinese(sentence)
        )
        words = [] if shouted else _CAPITALS.findall(sentence)
        known = (word for word in words if word not in _NO_TERMS and not _ROMAN.fullmatch(word))
        found.extend((word, sentence.strip()) for word in known)
    return found


def _says_more(other: Definition, than: Definition) -> bool:
    return (
        other is not than
        and other.term == than.term
        and other.sentence == than.sentence
        and bool(other.english) + bool(other.chinese) > bool(than.english) + bool(than.chinese)
    )


def _in_parentheses(sentence: str) -> list[Definition]:
    found = []
    for group in _PARENTHESES.finditer(sentence):
        before = sentence[max(group.start() - _REACH, 0) : group.start()].rstrip(_QUOTES)
        pieces = [_MARK.sub("", piece.strip(_QUOTES)).strip(_QUOTES) for piece in _PIECES.split(group.group(1))]
        found += _short_outside(before, pieces, sentence) or _short_inside(before, pieces, sentence)
    return found


def _short_outside(before: str, pieces: list[str], sentence: str) -> list[Definition]:
    """Read `AM（客户经理，Account Manager）`."""
    tail = _ABBREVIATION_TAIL.search(before)
    if tail is None or not looks_like_abbreviation(tail.group(1)):
        return []
    term = tail.group(1)
    english = next((piece for piece in pieces if long_form(term, piece) == piece and piece), "")
    chinese = next((piece for piece in pieces if _CHINESE_TAIL.fullmatch(piece)), "")
    return [Definition(term, english, chinese, sentence.strip())] if english or chinese else []


def _short_inside(before: str, pieces: list[str], sentence: str) -> list[Definition]:
    """Read `Account Manager (AM)`, `客户经理（AM）` and `客户经理（Account Manager，AM）`."""
    term = next((piece for piece in pieces if looks_like_abbreviation(piece)), "")
    if not term:
        return []
    term = term[:-1] if term.endswith("s") and term[:-1].isupper() else term
    latin = _LATIN_TAIL.search(before)
    english = long_form(term, latin.group()) if latin else ""
    english = english or next(
        (piece for piece in pieces if piece != term and long_form(term, piece) == piece), ""
    )
    chinese = _chinese_name(before[: latin.start()] if latin else before)
    if latin and not english:
        chinese = ""
    return [Definition(term, english, chinese, sentence.strip())] if english or chinese else []


def _called(sentence: str) -> list[Definition]:
    """Read `中国国际印刷技术展（以下简称“全印展”）` and `客户经理，以下简称AM`."""
    found = []
    for call in _CALLED.finditer(sentence):
        short, before = (
            call.group(1).strip(_QUOTES),
            sentence[max(call.start() - _REACH, 0) : call.start()].rstrip(_QUOTES),
        )
        inner = before.rfind("（")
        if inner >= 0 and "）" not in before[inner:]:
            before = before[:inner]
        chinese = _chinese_name(before, short if is_chinese(short) else "")
        if short and chinese and short != chinese:
            found.append(Definition(short, "", chinese, sentence.strip()))
    return found


def _chinese_name(before: str, short: str = "") -> str:
    """Return the Chinese name that ends `before`.

    It begins where the first character of its Chinese short form stands, if the rest follows in order; else after
    the last word that leads up to a name.
    """
    tail = _CHINESE_TAIL.search(before.rstrip(_QUOTES))
    if tail is None:
        return ""
    name = tail.group()
    at = len(name)
    for character in reversed(short):
        at = name.rfind(character, 0, at)
        if at < 0:
            break
    if short and at >= 0 and name[at:] != short:
        return name[at:]
    lead = _LEADS.match(name)
    rest = name[lead.end() :] if lead else name
    return rest if len(rest) > 1 else name


def looks_like_abbreviation(text: str) -> bool:
    """Whether `text` is written like an abbreviation: one short word with at least two capitals, or one and a digit."""
    if not _ABBREVIATION.fullmatch(text) or not 2 <= len(text) <= 12:
        return False
    capitals = sum(1 for each in text if each.isupper())
    digits = sum(1 for each in text if each.isdigit())
    if 2 * digits > len(text):
        return False
    return capitals >= 2 or (capitals == 1 and 0 < digits < 4 and len(text) <= 6)


def long_form(short: str, words: str) -> str:
    """Return the part of `words` that `short` abbreviates, or an empty text.

    The method of Schwartz and Hearst (2003): from the right, every letter or digit of the short form is found in
    the text; its first one must begin a word; the long form has at most min(|A| + 5, 2|A|) words, |A| being the
    length of the short form.
    """
    characters = [each for each in short.casefold() if each.isalnum()]
    tokens = words.strip().split()
    text = " ".join(tokens[-min(len(characters) + 5, 2 * len(characters)) :]).strip(" ,.")
    folded = text.casefold()
    at = len(folded)
    for number, wanted in enumerate(reversed(characters), 1):
        at -= 1
        while at >= 0 and (
            folded[at] != wanted or (number == len(characters) and at > 0 and folded[at - 1].isalnum())
        ):
            at -= 1
        if at < 0:
            return ""
    start = folded.rfind(" ", 0, at) + 1 if at else 0
    found = text[start:]
    if len(found) <= len(short) or len(found.split()) < 2 or short.casefold() in found.casefold().split():
        return ""
    return found
