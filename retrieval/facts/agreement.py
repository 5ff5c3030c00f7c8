"""Whether an asked name and a stored name agree: every part of the asked one is there, and none speaks against it.

A score is not enough to answer with a code: with a branch absent, its neighbour scores nearly as well. So the
asked name is tiled with stretches of the stored one, and what is left over on either side is judged by what it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from retrieval.facts.names import Name
from retrieval.facts.tiling import between, slid, tile

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from retrieval.facts.names import NameReader
    from retrieval.facts.tiling import Segment

_MENDABLE, _SHORT_NUMBER = 3, 3
_LONG_WORD, _UNIT_WORD = 5, 3
_PARTICLES = re.compile(r"[的里中内上在说去按之是]|规定|根据|按照")
_MODAL = re.compile(r"^(?:能|可以?|要|会|得|需)+")
_NUMERAL = re.compile(r"[一二三四五六七八九十\d]")
# What tells things of one name apart: Harbour Lights 2, 切割机二号. A year or an amount (2026, 500ml) does not.
TELLS_APART = re.compile(
    r"\d{1,3}号?|[a-z]|[ivx]{2,4}|第?[一二三四五六七八九十甲乙丙丁]+(?:[号期部册代版卷季集])?"
)
Verdict = Literal["same", "short", "part", "near", "other"]
_ASCII = re.compile(r"[0-9a-z.+#/%]")


@dataclass(frozen=True, slots=True)
class Agreement:
    """How an asked name relates to a stored one.

    same: equal in canonical form. short: equal but for parts that names drop (places, kinds of unit, brands).
    part: the stored name says more than that. near: a slip of one character. other: the names disagree.
    `missing` are the stretches of the stored name that the asked one leaves out, `extra` those of the asked name
    that nothing explains (of a `short` one, a slip that was overlooked); `score` orders agreements of the same verdict.
    """

    verdict: Verdict
    score: float
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowWords:
    """What else a row says: canonical texts of its other cells, those of them that are places, and what to ignore.

    `headers` are the names of the asked columns: parts of them say nothing about the row. `context` is what the
    table's document, name and notes say: parts of it tell the table, not the row (打样规范里新闻纸). `marks` are
    single characters for what the table lists, which may stand behind a Latin name (Beagle轮).
    """

    others: Sequence[str] = ()
    places: Collection[str] = ()
    ignored: re.Pattern[str] | None = None
    headers: Sequence[str] = ()
    context: str = ""
    marks: Collection[str] = ()


class Judge:
    """Compares asked with stored names by a reader's rules."""

    def __init__(self, reader: NameReader, seen: Callable[[str], bool] | None = None) -> None:
        """`seen` says whether two characters stand side by side in any known name: then they are no slip."""
        self._rules = reader.rules
        self._seen = seen or (lambda _pair: False)
        self._filler = _alternatives(
            [w for w in (*self._rules.filler, *self._rules.leading) if not w.isascii()]
        )
        self._marks = _alternatives(self._rules.place_marks)
        self._units = frozenset(self._rules.units)
        # Long enough that one wrong character leaves no doubt: 农商银行 and 招商银行 are two banks.
        long = [word for word in self._rules.organisations if len(word) >= _LONG_WORD]
        units = [word for word in self._rules.units if len(word) >= _UNIT_WORD]
        self._closed = tuple(word for word in (*units, *long) if not word.isascii())
        self._known = frozenset((*self._closed, *self._rules.organisations, *self._rules.contractions.values()))
        self._organisation = _alternatives(self._rules.organisations)

    def compare(
        self, asked: Name, stored: Name, row: RowWords, segments: Sequence[Segment] | None = None
    ) -> Agreement:
        """How `asked` relates to `stored`, given what else the row says; `segments` is their tiling where known."""
        if not asked.chars or not stored.chars:
            return Agreement("other", 0.0)
        if asked.chars == stored.chars:
            return Agreement("same", 1.0)
        if segments is None:
            segments = tile(asked, stored)
        if not segments:
            return Agreement("other", 0.0)
        extra = self._unexplained(asked, segments, row)
        if extra:
            return self._with_slip(asked, stored, segments, row, extra)
        return self._whole(asked, stored, segments, row)

    def _whole(self, asked: Name, stored: Name, segments: Sequence[Segment], row: RowWords) -> Agreement:
        """The agreement of names of which nothing asked is unexplained, by the best way to tile them."""
        found = self._judged(asked, stored, segments, row)
        for moved in slid(asked, stored, segments) if found.verdict not in {"same", "short"} else ():
            again = self._judged(asked, stored, moved, row)
            if again.verdict in {"same", "short"}:
                return again
        return found

    def _judged(self, asked: Name, stored: Name, segments: Sequence[Segment], row: RowWords) -> Agreement:
        """The agreement of names of which nothing asked is unexplained, by one way to tile them."""
        covered = sum(segment.length for segment in segments)
        score = 2 * covered / (len(asked.chars) + len(stored.chars))
        left = between(len(stored.chars), [(s.stored, s.stored + s.length) for s in segments])
        kept, missing = self._left_out(stored, left, segments, row)
        if not self._in_place(asked, stored, segments, row):
            return Agreement("other", score, missing)
        if missing:
            return Agreement("part", score, missing)
        out = tuple(stored.chars[a:b] for a, b in left)
        return Agreement("short" if left else "same", 1.0 - 0.01 * kept, out)

    def _unexplained(self, asked: Name, segments: Sequence[Segment], row: RowWords) -> tuple[str, ...]:
        """The stretches of the asked name that neither the stored name nor the rest of the row accounts for."""
        rest = []
        for start, end in between(len(asked.chars), [(s.asked, s.asked + s.length) for s in segments]):
            text = asked.chars[start:end]
            after_place = start > 0
            if text in row.marks and start and _ASCII.match(asked.chars[start - 1]):
                continue
            if not self._weak(text, row, after_place):
                rest.append(text)
        return tuple(rest)

    def _weak(self, text: str, row: RowWords, after_place: bool) -> bool:
        whole, text = text, self._strip_filler(text)
        if not text or (row.ignored and row.ignored.fullmatch(text)):
            return True
        if text in self._rules.leading and (not after_place or text != whole):
            return True
        if after_place and text in self._rules.place_marks:
            return True
        # What stands in one of several asked headers tells them apart: it is not for us to overlook.
        tells = len(text) > 1 or after_place
        # 能供几天水 asks for 可供水天数.
        asked = _MODAL.sub("", text)
        forms = {text, _stem(text), *([asked] if len(asked) > 1 else [])}
        if row.headers and tells and all(any(stands_in(form, h) for form in forms) for h in row.headers):
            return True
        said = _PARTICLES.sub("", text)
        if row.context and len(said) > 1 and _made_of(said, row.context):
            return True
        return self._said_elsewhere(text, row)

    def _strip_filler(self, text: str) -> str:
        previous = None
        while previous != text:
            previous = text
            for word in self._rules.filler:
                if text.startswith(word) and (
                    not word.isascii() or not text[len(word) : len(word) + 1].isalpha()
                ):
                    text = text[len(word) :]
                elif text.endswith(word) and not word.isascii():
                    text = text[: -len(word)]
        return text

    def _said_elsewhere(self, text: str, row: RowWords) -> bool:
        """Whether other cells of the row, places and words to ignore make up the text."""
        if text.isdecimal() and len(text) <= _SHORT_NUMBER:
            # 专线12 is not 专线2, though a ticket costs 12.
            return False
        rest = row.ignored.sub("\0", text) if row.ignored else text
        for word in sorted(row.others, key=len, reverse=True):
            if len(word) > 1:
                rest = rest.replace(word, "\0")
        for place in row.places:
            bare = self._bare(place)
            if len(bare) > 1:
                rest = rest.replace(bare, "\0")
        rest = self._filler.sub("", rest) if "\0" in rest else rest
        rest = self._marks.sub("", rest) if "\0" in rest else rest
        rest = "".join(char for char in rest if char not in "\0的在之用")
        if not rest:
            return True
        # 切割机二号 is not the 切割机 in 二号厂房.
        return not TELLS_APART.fullmatch(rest) and any(
            len(rest) > 1 and stands_in(rest, other) for other in row.others
        )

    def _bare(self, place: str) -> str:
        """A place's name without its mark: 大悟 for 大悟县."""
        match = self._marks.search(place)
        while match:
            if match.end() == len(place) and match.start() >= 2:
                return place[: match.start()]
            match = self._marks.search(place, match.start() + 1)
        return place

    def _left_out(
        self, stored: Name, left: Sequence[tuple[int, int]], segments: Sequence[Segment], row: RowWords
    ) -> tuple[int, tuple[str, ...]]:
        """How much that may be dropped was dropped, and the stretches that may not be."""
        dropped, missing = 0, []
        brand_end = self.brand_end(stored.chars)
        brand_said = any(s.stored < brand_end for s in segments)
        for start, end in left:
            text = stored.chars[start:end]
            if not self._droppable(stored, (start, end), brand_end if brand_said else 0, row) and not (
                not brand_said and brand_end > 0 and start == 0 and self._rest_is_place(text[brand_end:], row)
            ):
                missing.append(text)
            else:
                dropped += end - start
        return dropped, tuple(missing)

    def brand_end(self, chars: str) -> int:
        """Where the part that says which organisation it is ends; 0 where there is none."""
        match = None
        for match in self._organisation.finditer(chars):
            if not chars[match.end() :].startswith(("支行", "分行")) or match.end() > 3:
                break
        return match.end() if match else 0

    def _droppable(self, stored: Name, stretch: tuple[int, int], brand_end: int, row: RowWords) -> bool:
        start, end = stretch
        text = stored.chars[start:end]
        if self._rest_is_place(text, row) and (start > 0 or end < len(stored.chars)):
            # 上海 is all that tells 上海银行 from other banks; 湖北 before 大悟农村商业银行 is not.
            rest = stored.chars[end:brand_end]
            return rest not in self._rules.organisations or rest in self._rules.shared_organisations
        if end == len(stored.chars) and text in self._units:
            return not stored.chars[:start].endswith(tuple(self._units))
        if text == "第" and _NUMERAL.match(stored.chars, end):
            # 城北二水厂 for 城北第二水厂.
            return True
        if start > 0 and end <= brand_end and text in self._rules.organisations:
            return True
        return start == 0 and end < brand_end and self._before_shared(stored.chars[end:brand_end])

    def _before_shared(self, rest: str) -> bool:
        return rest in self._rules.shared_organisations

    def _rest_is_place(self, text: str, row: RowWords) -> bool:
        """Whether a stretch is made of places and their marks (湖北, 孝感市大悟县), or is empty."""
        rest = text
        places = {*row.places, *(self._bare(place) for place in row.places)}
        while rest:
            step = next((w for w in self._rules.leading if rest.startswith(w)), "")
            step = step or self._place_at(rest, places)
            if not step and rest != text:
                step = next((mark for mark in self._rules.place_marks if rest.startswith(mark)), "")
            if not step and text in self._rules.place_marks:
                return True
            if not step:
                return False
            rest = rest[len(step) :]
        return True

    def _place_at(self, text: str, places: Collection[str]) -> str:
        for length in range(min(8, len(text)), 1, -1):
            if text[:length] in places or text[:length] in self._rules.places:
                return text[:length]
        return ""

    def _in_place(self, asked: Name, stored: Name, segments: Sequence[Segment], row: RowWords) -> bool:
        """Whether stretches that touch in the asked name do so in the stored one, but for what may be dropped.

        Parts in another order are allowed where the one that moved begins the stored name: 厦门大同农行 for
        农业银行厦门大同支行, but not 北京银行上海分行 for 上海银行北京分行.
        """
        for first, second in pairwise(segments):
            between = asked.chars[first.asked + first.length : second.asked]
            end, start = first.stored + first.length, second.stored
            if end <= start:
                gap = stored.chars[end:start]
                if gap and not between and not self._bridges(gap, stored.chars[:end], row):
                    return False
            elif not between or between in self._rules.place_marks:
                moved = stored.chars[start : start + second.length]
                if not self._may_move(stored.chars, start, moved, row):
                    return False
        return True

    def _may_move(self, chars: str, start: int, moved: str, row: RowWords) -> bool:
        before = chars[:start]
        if not before or before in self._rules.leading or start == self.brand_end(chars):
            return True
        return self._rest_is_place(before, row) and not self._organisation.match(moved)

    def _bridges(self, gap: str, before: str, row: RowWords) -> bool:
        if gap == "第" or self._rest_is_place(gap, row) or gap in self._rules.organisations:
            return True
        # 大悟兴发支行 for 大悟农村商业银行兴发支行: the organisation between them was left out.
        match = self._organisation.match(gap)
        return bool(match and match.end() == len(gap) and before)

    def _with_slip(
        self, asked: Name, stored: Name, segments: Sequence[Segment], row: RowWords, extra: tuple[str, ...]
    ) -> Agreement:
        """Names where one character is wrong, missing or too many.

        A slip in a closed word (分里处, 农村商业很行) or a doubled character is overlooked; anywhere else it may
        be another name (城东, 城西), which is near and no more.
        """
        covered = sum(segment.length for segment in segments)
        score = 2 * covered / (len(asked.chars) + len(stored.chars))
        left = between(len(stored.chars), [(s.stored, s.stored + s.length) for s in segments])
        wrong = sum(len(text) for text in extra)
        missing = tuple(stored.chars[a:b] for a, b in left)
        if wrong <= _MENDABLE and len(extra) == 1:
            for mended in self._mended(asked, stored, segments):
                if mended.chars == stored.chars:
                    return Agreement("short", 0.92, (), extra)
                again_tiled = tile(mended, stored)
                if not again_tiled or self._unexplained(mended, again_tiled, row):
                    continue
                again = self._whole(mended, stored, again_tiled, row)
                if again.verdict in {"same", "short"}:
                    return Agreement("short", again.score * 0.92, again.missing, extra)
        lost = sum(len(text) for text in missing if text not in self._units)
        near = wrong <= 1 and score > 0.5 and (lost <= 2 or score > 0.7)
        return Agreement("near" if near else "other", score, missing, extra)

    def one_slip(self, asked: Name, stored: Name, row: RowWords) -> bool:
        """Whether leaving one character of the asked name out brings it to the stored one, but for one of its own.

        Such a name is worth asking back about; it may be another one (城东, 城西), so it is no answer.
        """
        segments = tile(asked, stored)
        ordered = all(a.stored < b.stored for a, b in pairwise(segments))
        if segments and ordered and not self._unexplained(asked, segments, row):
            # One character of the stored name was left out (大同路 for 大同南路).
            return sum(len(text) for text in self._judged(asked, stored, segments, row).missing) <= 1
        gaps = between(len(asked.chars), [(s.asked, s.asked + s.length) for s in segments])
        borders = {
            at for s in segments for at in (s.asked - 1, s.asked, s.asked + s.length - 1, s.asked + s.length)
        }
        places = borders | {at for start, end in gaps for at in range(start, end)}
        for at in sorted(place for place in places if 0 <= place < len(asked.chars)):
            shorter = _bare_name(asked.chars[:at] + asked.chars[at + 1 :], asked)
            again = tile(shorter, stored)
            if not again or self._unexplained(shorter, again, row):
                continue
            found = self._whole(shorter, stored, again, row)
            lost = sum(len(text) for text in found.missing)
            if found.verdict in {"same", "short"} or (found.verdict == "part" and lost <= 1):
                return True
        return False

    def _mended(self, asked: Name, stored: Name, segments: Sequence[Segment]) -> Iterator[Name]:
        """Readings of the asked name without a doubled character, or with a closed word put right."""
        gaps = between(len(asked.chars), [(s.asked, s.asked + s.length) for s in segments])
        chars = asked.chars
        for start, end in gaps:
            for at in range(max(1, start), min(len(chars), end + 1)):
                doubled = chars[at] == chars[at - 1] and not _ASCII.match(chars[at])
                if doubled and not self._seen(chars[at - 1 : at + 1]):
                    yield _bare_name(chars[:at] + chars[at + 1 :], asked)
            for word in self._closed:
                if word in stored.chars:
                    yield from (_bare_name(text, asked) for text in self._put_right(chars, (start, end), word))

    def _put_right(self, chars: str, gap: tuple[int, int], word: str) -> Iterator[str]:
        """The text with a stretch that differs from `word` in one character, and touches the gap, put right."""
        for start in range(max(0, gap[0] - len(word) + 1), gap[1]):
            written = chars[start : start + len(word)]
            same = sum(a == b for a, b in zip(written, word, strict=False))
            wrong = next((i for i, (a, b) in enumerate(zip(written, word, strict=False)) if a != b), 0)
            pairs = [written[i : i + 2] for i in (wrong - 1, wrong) if 0 <= i < len(written) - 1]
            unknown = written not in self._known and not any(self._seen(pair) for pair in pairs)
            if len(written) == len(word) and same == len(word) - 1 and unknown:
                yield chars[:start] + word + chars[start + len(word) :]


def _bare_name(chars: str, like: Name) -> Name:
    return Name(chars, frozenset({0, len(chars)}), like.latin)


def _made_of(text: str, context: str) -> bool:
    """Whether a text is put together from stretches of two or more characters of the context."""
    at = 0
    while at < len(text):
        length = next((n for n in range(len(text) - at, 1, -1) if stands_in(text[at : at + n], context)), 0)
        if not length:
            return False
        at += length
    return True


def stands_in(part: str, whole: str) -> bool:
    """Whether a text stands in another; a number or a Latin word only as a whole (02 does not stand in 2026)."""
    at = whole.find(part)
    while at >= 0:
        end = at + len(part)
        cut = (at > 0 and _joined(whole[at - 1], part[0])) or (
            end < len(whole) and _joined(part[-1], whole[end])
        )
        if not cut:
            return True
        at = whole.find(part, at + 1)
    return False


def _joined(left: str, right: str) -> bool:
    return left.isascii() and right.isascii() and left.isalnum() and right.isalnum()


def _stem(word: str) -> str:
    """An English word without its ending (purchased, purchases); any other text as it is."""
    for ending in ("ed", "s", "d", "ing"):
        if word.isascii() and word.endswith(ending) and len(word) > len(ending) + 3:
            return word[: -len(ending)]
    return word


def _alternatives(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)))
