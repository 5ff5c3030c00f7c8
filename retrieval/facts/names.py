"""Names: their canonical form, the parts that they are read into, and whether an asked name agrees with a stored one."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING

from retrieval.facts.errors import RuleFileError
from retrieval.facts.normalize import fold, plain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LISTS = (
    "legal", "leading", "organisations", "shared_organisations", "units", "place_marks", "places", "filler",
)  # fmt: skip
_DATE = re.compile(r"(?<!\d)((?:19|20)\d{2})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)(?:[ t]00:00(?::00)?)?")
_WORD = re.compile(r"[0-9a-z]")
_SPECIAL = re.compile(r"[0-9a-z.+#/%]")
_PART = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class NameRules:
    """How names are shortened: contractions, and words that may be missing."""

    contractions: Mapping[str, str]
    legal: tuple[str, ...]
    leading: tuple[str, ...]
    organisations: tuple[str, ...]
    shared_organisations: tuple[str, ...]
    units: tuple[str, ...]
    place_marks: tuple[str, ...]
    places: frozenset[str]
    filler: tuple[str, ...]


def load_name_rules(extra: Path | None = None) -> NameRules:
    """The packaged rules with those of the file `extra` added where it exists; raises `RuleFileError`."""
    base = _packaged_entries()
    if extra is not None and extra.exists():
        try:
            added = tomllib.loads(extra.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise RuleFileError(str(extra), str(error)) from error
        return _rules(base, added, str(extra))
    return _rules(base, {}, "names.toml")


@cache
def _packaged_entries() -> Mapping[str, object]:
    return tomllib.loads((resources.files("retrieval.facts") / "names.toml").read_text(encoding="utf-8"))


def _rules(base: Mapping[str, object], added: Mapping[str, object], path: str) -> NameRules:
    contractions: dict[str, str] = {}
    lists: dict[str, list[str]] = {name: [] for name in _LISTS}
    for entries in (base, added):
        given = entries.get("contractions", {})
        if not isinstance(given, dict) or not all(isinstance(v, str) for v in given.values()):
            raise RuleFileError(path, '[contractions] must hold lines such as "工行" = "工商银行"')
        contractions.update({fold(k): fold(v) for k, v in given.items()})
        words = entries.get("lists", {})
        for name, values in words.items() if isinstance(words, dict) else ():
            if name not in lists or not isinstance(values, list):
                raise RuleFileError(
                    path, f"[lists] knows {', '.join(_LISTS)}, each a list of texts; not {name}"
                )
            lists[name].extend(fold(str(value)) for value in values)
    by_length = {name: tuple(sorted(set(values), key=len, reverse=True)) for name, values in lists.items()}
    return NameRules(contractions=contractions, places=frozenset(by_length.pop("places")), **by_length)


@dataclass(frozen=True, slots=True)
class Name:
    """A name in canonical form: `chars` without spaces, `cuts` where a word may begin or end in it."""

    chars: str
    cuts: frozenset[int]
    latin: bool = True

    def packed(self) -> str:
        """The name in one text, with a space at each cut inside it, from which `unpacked` makes it again."""
        if len(self.cuts) <= 2:
            return self.chars
        inner = sorted(cut for cut in self.cuts if 0 < cut < len(self.chars))
        return " ".join(self.chars[a:b] for a, b in pairwise([0, *inner, len(self.chars)]))


def unpacked(text: str) -> Name:
    """The name that `Name.packed` gave as `text`."""
    cuts, at = {0}, 0
    parts = text.split(" ")
    for part in parts:
        at += len(part)
        cuts.add(at)
    chars = "".join(parts)
    return Name(chars, frozenset(cuts), _WORD.search(chars) is not None)


class NameReader:
    """Brings names to canonical form by a set of rules."""

    def __init__(self, rules: NameRules | None = None) -> None:
        self.rules = rules or load_name_rules()
        known = sorted(self.rules.contractions, key=len, reverse=True)
        # 农商 alone is a contraction too, but not inside 农商行 or 农商银行, which are longer ones.
        self._contraction = re.compile("|".join(map(re.escape, known)) + r"|农商(?![行银])")
        self._legal = re.compile("|".join(_bounded(word) for word in self.rules.legal))
        self.read = lru_cache(maxsize=50_000)(self._read)

    def canonical(self, text: str) -> str:
        """The canonical characters of `text`: folded, contractions written out, legal forms dropped."""
        return self.read(text).chars

    def read_once(self, text: str) -> Name:
        """As `read`, for the many names of a table: nothing is remembered."""
        return self._read(text)

    def _read(self, text: str) -> Name:
        shown = self._legal.sub(" ", self._contraction.sub(self._expand, _DATE.sub(_written_out, plain(text))))
        if not _SPECIAL.search(shown):
            return _plain_name(_PART.findall(shown))
        chars: list[str] = []
        cuts = {0}
        for position, char in enumerate(shown):
            if char.isspace() or not (char.isalnum() or char in ".+#/%"):
                cuts.add(len(chars))
                continue
            if char == "." and not _inside_number(shown, position):
                continue
            if chars and bool(_WORD.match(char)) != bool(_WORD.match(chars[-1])):
                cuts.add(len(chars))
            chars.append(char)
        cuts.add(len(chars))
        return Name("".join(chars), frozenset(cuts), any(_WORD.match(char) for char in chars))

    def _expand(self, match: re.Match[str]) -> str:
        return self.rules.contractions.get(match[0], "农村商业银行")


def _plain_name(parts: list[str]) -> Name:
    """A name without Latin letters, numbers and their signs: a word may begin or end only where its parts do."""
    cuts, at = {0}, 0
    for part in parts:
        at += len(part)
        cuts.add(at)
    return Name("".join(parts), frozenset(cuts), latin=False)


def _written_out(match: re.Match[str]) -> str:
    """A date as people say it: 2026年5月6日 for 2026-05-06."""
    return f"{match[1]}年{int(match[2])}月{int(match[3])}日"


def _bounded(word: str) -> str:
    escaped = re.escape(word)
    return rf"(?<![a-z]){escaped}(?![a-z])" if word.isascii() else escaped


def _inside_number(text: str, position: int) -> bool:
    return 0 < position < len(text) - 1 and text[position - 1].isdigit() and text[position + 1].isdigit()
