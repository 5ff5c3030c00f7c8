"""Columns from words: what a header means, what kind of values a column holds, and which column a question asks."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from retrieval.facts.bilingual import in_each_script
from retrieval.facts.errors import RuleFileError
from retrieval.facts.identifiers import looks_like_identifier
from retrieval.facts.normalize import fold, plain
from retrieval.facts.values import date_of, number_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from retrieval.facts.types import ColumnKind

_KINDS = ("text", "identifier", "number", "money", "percent", "date", "boolean")
_YES_NO = frozenset({"是", "否", "有", "无", "yes", "no", "y", "n", "true", "false", "√", "×", "✓", "✗"})
_BRACKETS = re.compile(r"\s*[(（\[【]([^()（）\[\]【】]{1,16})[)）\]】]\s*$")
_TRAILING_UNIT = re.compile(r"\s*[/／:：]\s*(?:单位[:：]?)?([^/／:：]{1,6})$")
_MOST = 0.8


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing that a column can be about, with the words for it."""

    name: str
    words: tuple[str, ...]
    asks: tuple[str, ...] = ()
    kind: str = ""
    within: str = ""
    general: bool = False


@dataclass(frozen=True)
class Vocabulary:
    """The known concepts and units; look-ups fold their arguments."""

    concepts: Mapping[str, Concept]
    units: frozenset[str]
    _by_word: dict[str, frozenset[str]] = field(default_factory=dict)
    _remembered: Callable[[str], frozenset[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for concept in self.concepts.values():
            for word in concept.words:
                known = self._by_word.get(fold(word), frozenset())
                self._by_word[fold(word)] = known | {concept.name}
        object.__setattr__(self, "_remembered", lru_cache(maxsize=4_096)(self._find))

    def concepts_of(self, header: str) -> frozenset[str]:
        """The concepts that a header names: by the whole header, else by the longest known word it ends with.

        A header in two languages (Rank 职务) names those of both.
        """
        halves = in_each_script(_BRACKETS.sub("", header)) or in_each_script(header)
        if halves:
            return frozenset().union(*(self._remembered(plain(half)) for half in halves))
        shown = plain(header)
        return self._remembered(shown) or self._remembered(plain(_BRACKETS.sub("", shown)))

    def _find(self, header: str) -> frozenset[str]:
        starts = [0, *(at for at in range(1, len(header)) if _starts_a_word(header, at))]
        for start in starts:
            rest = fold(header[start:]).rstrip(".")
            found = self._by_word.get(rest)
            if found and (start == 0 or len(rest) > 1):
                # 网点全称 is a name, and what it names is 网点.
                return (
                    found | self._by_word.get(fold(header[:start]), frozenset()) if "name" in found else found
                )
        return frozenset()

    def is_header_word(self, text: str) -> bool:
        """Whether a cell's text is the name of a known column."""
        return len(text) <= 30 and bool(self.concepts_of(split_unit(text, self)[0]))

    def kind_of(self, header: str) -> str:
        """The kind of values that the header promises, empty when it promises none."""
        return next((k for k in (self.concepts[c].kind for c in sorted(self.concepts_of(header))) if k), "")

    def widened(self, concepts: Iterable[str]) -> frozenset[str]:
        """The concepts with all that they belong to."""
        return frozenset(wide for concept in concepts for wide in self.wider(concept))

    def answering(self, concepts: frozenset[str]) -> frozenset[str]:
        """The concepts whose columns answer a question for these: a column 电话 answers for a 手机."""
        general = {c.within for each in concepts if (c := self.concepts.get(each)) and c.general}
        return concepts | general

    def wider(self, concept: str) -> frozenset[str]:
        """A concept with those that it belongs to."""
        found = {concept}
        while concept in self.concepts and self.concepts[concept].within:
            concept = self.concepts[concept].within
            found.add(concept)
        return frozenset(found)


def _starts_a_word(text: str, start: int) -> bool:
    """Whether a known word may begin here: not within a Latin word or a number."""
    return not text[start].isspace() and not (
        text[start].isascii() and text[start - 1].isascii() and text[start - 1].isalnum()
    )


def load_vocabulary(extra: Path | None = None) -> Vocabulary:
    """The packaged vocabulary, with the words of the file `extra` added where it exists.

    Raises `RuleFileError` naming the file and the entry that cannot be read.
    """
    packaged = _packaged()
    if extra is None or not extra.exists():
        return packaged
    try:
        added = tomllib.loads(extra.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RuleFileError(str(extra), str(error)) from error
    return _merged(packaged, added, str(extra))


@cache
def _packaged() -> Vocabulary:
    path = resources.files("retrieval.facts") / "columns.toml"
    return _merged(Vocabulary({}, frozenset()), tomllib.loads(path.read_text(encoding="utf-8")), str(path))


def _merged(base: Vocabulary, added: Mapping[str, object], path: str) -> Vocabulary:
    concepts = dict(base.concepts)
    entries = added.get("concepts", {})
    if not isinstance(entries, dict):
        raise RuleFileError(path, "[concepts] must be a table of concepts")
    for name, entry in entries.items():
        if not isinstance(entry, dict):
            raise RuleFileError(path, f"[concepts.{name}] must be a table with words = [...]")
        concepts[name] = _extended(concepts.get(name, Concept(name, ())), entry, f"{path}: concepts.{name}")
    units = added.get("units", {})
    words = _words(units.get("words", []) if isinstance(units, dict) else None, f"{path}: units.words")
    return Vocabulary(concepts, base.units | {plain(word) for word in words})


def _extended(concept: Concept, entry: Mapping[str, object], place: str) -> Concept:
    kind = str(entry.get("kind", concept.kind))
    if kind and kind not in _KINDS:
        raise RuleFileError(place, f"kind is {kind!r}; allowed are {', '.join(_KINDS)}")
    return Concept(
        concept.name,
        (*concept.words, *_words(entry.get("words", []), place)),
        (*concept.asks, *_words(entry.get("asks", []), place)),
        kind,
        str(entry.get("within", concept.within)),
        bool(entry.get("general", concept.general)),
    )


def _words(value: object, place: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise RuleFileError(place, "must be a list of texts")
    return tuple(value)


def split_unit(header: str, vocabulary: Vocabulary | None = None) -> tuple[str, str]:
    """A header's name and unit: `单价（元/台）` gives 单价 and 元/台; brackets that hold no unit stay in the name."""
    units = (vocabulary or _packaged()).units
    match = _BRACKETS.search(header)
    if match:
        unit = re.sub(r"^单位[:：]?", "", match[1].strip())
        parts = [part for part in re.split(r"[/／每]", re.split(r"[,，、;；]", plain(unit))[0]) if part]
        if header[: match.start()].strip() and (
            plain(unit) in units or (parts and all(p in units for p in parts))
        ):
            return header[: match.start()].strip(), unit
        return header, ""
    match = _TRAILING_UNIT.search(header)
    if match and plain(match[1]) in units and header[: match.start()].strip():
        return header[: match.start()].strip(), match[1].strip()
    return header, ""


def column_kind(header: str, unit: str, texts: Sequence[str], typed: Iterable[str] = ()) -> ColumnKind:
    """The kind of the values `texts` (a sample, no empty ones) under `header`.

    `typed` are the kinds that the file itself gives its cells, `text` where it gives none. Digits are an
    identifier rather than a number where the header says so, where one has a leading zero or more than 15
    digits, or where all have the same length of 6 or more.
    """
    promised = _packaged().kind_of(header)
    if not texts:
        return promised or "text"  # type: ignore[return-value]
    if _share(texts, lambda t: date_of(t) is not None):
        return "date"
    if _share(texts, lambda t: plain(t) in _YES_NO):
        return "boolean"
    if promised == "identifier":
        return "identifier" if _share(texts, _code_like) else "text"
    numeric = _share(texts, lambda t: number_of(t) is not None and any(c.isdigit() for c in t))
    said = set(typed)
    if not numeric:
        return "identifier" if _share(texts, _mixed_code) else "text"
    if promised not in {"number", "money", "percent"} and _identifying(texts, said <= {"text", "identifier"}):
        return "identifier"
    return _number_kind(promised, unit, texts, said)


def _number_kind(promised: str, unit: str, texts: Sequence[str], said: set[str]) -> ColumnKind:
    if _share(texts, lambda t: plain(t).endswith(("%", "‰"))) or plain(unit) in {"%", "‰"}:
        return "percent"
    if (
        (promised == "money" and not unit)
        or _is_money(unit)
        or _share(texts, lambda t: plain(t)[0] in "¥￥$€£" or "元" in t)
    ):
        return "money"
    if said == {"percent"}:
        return "percent"
    return "money" if said == {"money"} else "number"


def _is_money(unit: str) -> bool:
    return any(
        word in plain(unit)
        for word in (
            "元",
            "¥",
            "$",
            "€",
            "£",
            "rmb",
            "cny",
            "usd",
            "eur",
            "gbp",
            "hkd",
            "jpy",
            "chf",
            "英镑",
            "港币",
        )
    )


def _share(texts: Sequence[str], test: Callable[[str], bool]) -> bool:
    passed = sum(1 for text in texts if test(text))
    return passed >= _MOST * len(texts)


def _code_like(text: str) -> bool:
    folded = fold(text)
    return any(c.isdigit() for c in folded) or (folded.isascii() and len(folded) <= 20)


def _mixed_code(text: str) -> bool:
    folded = plain(text)
    return len(folded) <= 30 and bool(
        re.fullmatch(r"(?=.*\d)(?=.*[a-z\-].*\d|\d+-)[a-z0-9][a-z0-9\-_/.+#]*", folded)
    )


def _identifying(texts: Sequence[str], written_as_text: bool) -> bool:
    """Whether texts that are all numbers are codes; where the file says they are numbers, only long ones are."""
    if not written_as_text:
        return len({len(text) for text in texts}) == 1 and texts[0].isdecimal() and len(texts[0]) >= 9
    digits = [fold(text) for text in texts]
    if not all(text.isdecimal() for text in digits):
        return sum(looks_like_identifier(text) for text in texts) >= _MOST * len(texts)
    if any((text[0] == "0" and len(text) > 1) or len(text) > 15 for text in digits):
        return True
    if all(looks_like_identifier(text) for text in texts):
        return True
    return len(digits) > 1 and len({len(text) for text in digits}) == 1 and len(digits[0]) >= 6
