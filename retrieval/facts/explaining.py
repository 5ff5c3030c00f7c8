"""What stands beside a row's name in a question, and how far the words of one column explain it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.facts.everyday import everyday_words
from retrieval.facts.forms import header_forms
from retrieval.facts.lexicon import bases, in_headers
from retrieval.facts.normalize import plain
from retrieval.facts.questions import without_phrases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.columns import Vocabulary

_PIECE = re.compile(r"(?:\d{1,4}(?=[㐀-鿿]))?[㐀-鿿]+(?:\d{1,4}[㐀-鿿]+)*|[a-z0-9]+(?:[-_./&+'][a-z0-9]+)*")
_WORD = re.compile(r"[a-z0-9]+(?:[-_./&+'][a-z0-9]+)*|(?:\d{1,2}(?=月))?[㐀-鿿]+")
_ASKING = re.compile(
    r"[收花卖]?多少钱?|几块钱|什么时候|什么|何时|几点|哪[里儿天年位家些]|哪一?[个座间条种类]|哪|谁|啥|几(?=[一-鿿])|吗|呢|怎么|\b(?:when|where|who|whose)\b"
)
# 海缆抢修那份合同: what stands between a name and what it is the name of.
_THAT = re.compile(r"[那这](?:份|个|条|台|家|座|款|辆|艘|部|套|笔|张|本|间|栋|幢|位|门|项)")
_WHICH = re.compile(r"哪一?(?:个|家|座|间|条|种|类|层)?(?P<what>[㐀-鿿])(?:里|内|中)?[\s?？。]*$")
_HOW_MANY = re.compile(
    r"(?:多少|几)个?(?P<measure>人次|[人台张间条艘辆家名位套件份层座支栋部])(?P<what>[㐀-鿿]{1,2})?(?=[\s?？。]*$)"
)
_COUNTED = re.compile(r"(?:多少|几|how many|in)\s*$")
_PERIOD = re.compile(
    r"(?:^|/)(?:\d{1,2}月|[一二三四五六七八九十]{1,3}月|第?[一二三四1-4]季度?|q[1-4]|[上下]半年|(?:19|20)\d\d年?(?:\d{1,2}月)?|jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*(?:[(（].*)?$"
)
_DENIED = re.compile(r"[不未非无]([㐀-鿿]{2})")
# 一周, 每天: what a rate is paid for, and how headers say it.
_PER = re.compile(r"[一每]个?(?P<time>天|晚|周|月|年|次|小时|人|台|班|位)")
_TIMES = {
    "天": ("天", "日", "day"), "晚": ("晚", "night"), "周": ("周", "week"), "月": ("月", "month"), "年": ("年", "annual", "year"),
    "小时": ("小时", "时薪", "hour"), "次": ("次", "每次", "visit", "time"),
}  # fmt: skip
# The least that the words of a header must explain.
LEAST = 2
_LEAST_FIT = 1.5


def left_of(text: str, mentions: Sequence[tuple[int, int]]) -> list[re.Match[str]]:
    """The stretches of a text that are neither words of columns nor of asking, the longest first; they may name a row."""
    chars = list(_THAT.sub(lambda match: " " * len(match[0]), without_phrases(text)))
    for start, end in mentions:
        chars[start:end] = " " * (end - start)
    bare = _ASKING.sub(lambda match: " " * len(match[0]), "".join(chars))
    found = [match for match in _WORD.finditer(bare) if match[0] not in everyday_words().light]
    return sorted(found, key=lambda match: match.start() - match.end())[:2]


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a question without the row's name: its pieces, and what it says of the value's size, unit and kind.

    `degrees` are words that a header must have (多高: 高), `units` those that its brackets may say (升: L), `which` the
    word behind 哪个 at the end (哪个库: 库), `counted` the thing or measure word behind 多少 (几个人: 人, 多少张床: 床).
    """

    pieces: tuple[str, ...]
    degrees: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    which: str = ""
    counted: str = ""

    def bare(self, beside: Sequence[str], title: str = "") -> bool:
        """Whether nothing is left but words that say little, or are in a title, and what a price is for, if a cell beside it says so."""
        light = {
            *everyday_words().light,
            *(piece for piece in self.pieces if len(piece) > 1 and piece in title),
        }
        pers = [match["time"] for piece in self.pieces if (match := _PER.fullmatch(piece))]
        return all(piece in light or _PER.fullmatch(piece) for piece in self.pieces) and set(pers) <= set(
            beside
        )

    @classmethod
    def of(cls, text: str) -> Left:
        """Read what is left; a null character stands where the name was."""
        words = everyday_words()
        degree = next((word for word in words.degrees if word in text), "")
        text = text.replace(degree, " ") if degree else text
        unit = next(
            (
                word
                for word in sorted(words.units, key=len, reverse=True)
                if word in text and _COUNTED.search(text[: text.index(word)])
            ),
            "",
        )
        if unit:
            at = text.index(unit)
            text = f"{text[:at]} {text[at + len(unit) :]}"
        counted = _HOW_MANY.search(text)
        if counted:
            text = f"{text[: counted.start()]} {text[counted.end() :]}"
        which = _WHICH.search(text)
        bare = without_phrases(_ASKING.sub(" ", text)).replace("\0", " ")
        return cls(
            tuple(match[0] for match in _PIECE.finditer(bare)),
            words.degrees.get(degree, ()),
            words.units.get(unit, ()),
            which["what"] if which else "",
            (counted["what"] or counted["measure"]) if counted else "",
        )


@dataclass(frozen=True)
class ColumnWords:
    """The words that speak of one column: `own` are its header's, `title` what its table is called."""

    header: str
    unit: str
    own: frozenset[str]
    title: str
    period: bool

    @classmethod
    def of(cls, table: KnownTable, position: int, title: str, vocabulary: Vocabulary) -> ColumnWords:
        """The words of a column: its header in all its forms, what its concept is called, and the events that it alone tells."""
        columns = table.stored.table.columns
        header, kind = plain(columns[position].name), columns[position].kind
        own = {form for form, fit in header_forms(columns[position].name).items() if fit >= _LEAST_FIT}
        for concept in table.concepts[position]:
            own.update(plain(word) for word in vocabulary.concepts[concept].words)
            own.update(plain(word) for word in vocabulary.concepts[concept].asks)
        words = everyday_words()
        headers = {p: plain(column.name) for p, column in enumerate(columns)}
        if kind == "date":
            for group in words.events.values():
                dates = [p for p in headers if columns[p].kind == "date" and _says(headers[p], group)]
                own.update(group if dates == [position] else ())
        if [p for p in headers if _says(headers[p], words.in_charge)] == [position]:
            own.update(words.verbs)
        return cls(header, plain(columns[position].unit), frozenset(own), title, bool(_PERIOD.search(header)))

    def weigh(self, left: Left, end: str = "", beside: Sequence[str] = ()) -> float | None:
        """How many characters of what is left the column explains; None where something is left unexplained.

        `end` is what the column's cells end with, and the row's own; `beside` are the row's cells, of which one may say
        what a price is for (天).
        """
        if left.degrees and not _says(self.header, left.degrees):
            return None
        if left.units and self.unit not in left.units and not _says(self.header, left.units):
            return None
        if any(
            match[1] in "".join(left.pieces) and match[0] not in "".join(left.pieces)
            for match in _DENIED.finditer(self.header)
        ):
            # 含税单价 is not what 不含税单价 says.
            return None
        weight = (2.0 if left.degrees else 0.0) + (2.0 if left.units else 0.0)
        if left.counted:
            said = f"{left.counted}数" in self.header or (
                left.counted in self.header and self.header.endswith("数")
            )
            # 1月进了多少人次: the title says what the months count.
            said = said or (self.period and left.counted in self.title)
            if not said and self.unit != left.counted:
                return None
            weight += LEAST
        pieces = list(left.pieces)
        if left.which and left.which == end:
            weight += LEAST
            if pieces and pieces[-1].endswith(end):
                pieces[-1] = pieces[-1].removesuffix(end)
        for piece in pieces:
            told = [
                gain for form in dict.fromkeys((piece, piece.replace("的", "")))
                if (gain := self._told(form, beside)) is not None
            ]  # fmt: skip
            if not told:
                return None
            weight += max(told)
        return weight

    def _told(self, piece: str, beside: Sequence[str]) -> float | None:
        """How many characters of a piece the header explains; None where it cannot be put together from known words."""
        best: list[float | None] = [0.0, *([None] * len(piece))]
        for end in range(1, len(piece) + 1):
            for start in range(end):
                before = best[start]
                gain = self._gain(piece[start:end], beside) if before is not None else None
                if before is not None and gain is not None:
                    known = best[end]
                    best[end] = before + gain if known is None else max(known, before + gain)
        return best[-1]

    def _gain(self, word: str, beside: Sequence[str]) -> float | None:
        words = everyday_words()
        if word in words.verbs and word in self.own:
            return float(max(len(word), LEAST))
        if len(word) > 1 and self._calls(word):
            return float(len(word))
        if match := _PER.fullmatch(word):
            said = _says(self.header, _TIMES.get(match["time"], (match["time"],)))
            return (
                1.0 if said or self.unit.endswith(match["time"]) else 0.0 if match["time"] in beside else None
            )
        if word in words.light or (self.period and word in words.periods):
            return 0.0
        if word.isascii():
            return 0.0 if self._titled(word) else None
        if len(word) == 1:
            return 0.0 if word in self.header or (self.period and word in self.title) else None
        return 0.0 if self._titled(word) else None

    def _calls(self, word: str) -> bool:
        """Whether a word, or another name of it, stands in the header; 含税 does not in 不含税单价."""
        if re.search(rf"[不未非无]{re.escape(word)}", self.header):
            return False
        if word in self.own:
            return True
        if word.isascii():
            forms = (word, *bases(word))
            return any(_stands(form, self.header) for form in forms) or any(
                len(other) > 1 and other in self.header for other in in_headers(word) if not other.isascii()
            )
        return word in self.header or any(
            _stands(other, self.header) if other.isascii() else other in self.header
            for other in in_headers(word)
            if len(other) > 1
        )

    def _titled(self, word: str) -> bool:
        """Whether a word, or another name of it, stands in the table's title."""
        if word.isascii():
            forms = (word, *bases(word))
            return any(_stands(form, self.title) for form in forms) or any(
                len(other) > 1 and other in self.title for other in in_headers(word) if not other.isascii()
            )
        return word in self.title


def _stands(word: str, text: str) -> bool:
    return (
        len(word) > 1 and re.search(rf"(?<![a-z0-9]){re.escape(word)}(?:s|es)?(?![a-z0-9])", text) is not None
    )


def _says(header: str, words: Sequence[str]) -> bool:
    return any(_stands(word, header) if word.isascii() and len(word) > 1 else word in header for word in words)
