"""How far passages say what a question asks: its words in one sentence or row, in one passage, in all of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from retrieval.facts.lexicon import lexicon
from retrieval.facts.subject import Said
from router.asked import uncommon
from router.grounding import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from retrieval.types import Passage
    from router.asked import AskedWord

_CJK = re.compile(r"[\u3400-\u9fff]")
# A word that only shares a rare character with a text is half said, and a little more if it shares its half.
_HALF_SAID, _SOFT, _COMPOUND = 0.5, 0.45, 0.6
# What the headings and the sentence before say counts less than what a sentence says itself.
_HEADING, _BEFORE, _FADES, _WORTH_READING = 0.8, 0.6, 0.5, 0.7
# Two rows that say the same of what is asked may both be meant; a word tells something from this weight on.
_AS_GOOD, _TELLS, _WEIGHTY, _TELLING = 0.98, 0.5, 0.5, 0.6
_DONE = re.compile(
    "申请|办理|处理|进行|开展|查询|使用|提交|购买|安排|参加|组织|管理|负责|领取|报名|开具|联系|修改|取消|了解"
)
_HEADER = re.compile(r"^[^:：]+(?: \| [^:：|]+)+$")


@dataclass(frozen=True, slots=True)
class Window:
    """One sentence or row with its headings: how far it says each asked word (0 to 1), and their weighted share.

    `text` is the sentence verbatim; empty where no passage says anything. `beside`: what the other rows and the header
    of a row's table say there.
    """

    share: float
    said: tuple[float, ...]
    passage: Passage | None = None
    text: str = ""
    row: bool = False
    beside: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """The best sentence, the best passage and all passages together: how far each says the asked words.

    `passages` holds the share of each passage, best first; `rows` the rows that say as much as the best sentence, if it
    is one.
    """

    words: tuple[AskedWord, ...]
    sentence: Window
    rows: tuple[Window, ...]
    passage: tuple[float, ...]
    anywhere: tuple[float, ...]
    passages: tuple[float, ...]

    def share(self, said: Sequence[float]) -> float:
        """Return the weighted share (0 to 1) of the asked words."""
        return _share(self.words, said)

    def lacking(self, said: Sequence[float]) -> float:
        """Return the weighted share of the asked things that are not even half said."""
        return _share(
            self.words, [float(s < _HALF_SAID and w.word.firm) for w, s in zip(self.words, said, strict=True)]
        )

    @property
    def heading(self) -> float:
        """The weighted share of the asked words that stand above the best sentence: in its headings or its document's title."""
        passage = self.sentence.passage
        return self.share(_said(self.words, Said.of(_heading(passage)))) if passage is not None else 0.0

    @property
    def lacking_cell(self) -> bool:
        """Whether the best row lacks a word that its neighbours or its header have: its cell is empty, or another row is meant."""
        best = self.sentence
        said = zip(self.words, best.said, best.beside, strict=True) if best.row else ()
        return any(own < _HALF_SAID <= beside and w.word.weight >= _TELLS for w, own, beside in said)

    def lacks(self, attribute: str) -> bool:
        """Whether the best row says no word of an attribute that is asked for, neither in its cells nor in its headings."""
        wanted = [
            said for w, said in zip(self.words, self.sentence.said, strict=True) if w.word.text in attribute
        ]
        return bool(wanted) and max(wanted) < _HALF_SAID

    def lacks_kind(self, kind: str) -> bool:
        """Whether no passage says the uncommon word for the kind of thing that is asked for (which airline)."""
        said = zip(self.words, self.anywhere, strict=True)
        return any(w.word.text == kind and s < _HALF_SAID and uncommon(kind) >= _TELLING for w, s in said)

    @property
    def lacking_name(self) -> bool:
        """Whether the best row lacks a name or another weighty thing that is asked about: it is a row of something else."""
        said = zip(self.words, self.sentence.said, strict=True)
        return any(own < _HALF_SAID and (w.proper or (w.word.firm and w.weight >= _WEIGHTY)) for w, own in said)

    def told_by(self, text: str, passage: Passage) -> float:
        """Return the weighted share of the asked words that a sentence of `passage` says with its headings."""
        above, own = _said(self.words, Said.of(_heading(passage))), _said(self.words, Said.of(text))
        return self.share([max(s, _HEADING * h) for s, h in zip(own, above, strict=True)])

    @property
    def missing(self) -> tuple[str, ...]:
        """The words that no passage says."""
        return tuple(
            w.word.text for w, said in zip(self.words, self.anywhere, strict=True) if said < _HALF_SAID
        )


def coverage_of(words: Sequence[AskedWord], passages: Sequence[Passage]) -> Coverage:
    """Measure how far `passages` say `words`."""
    nothing = (0.0,) * len(words)
    heads = [Said.of(_heading(passage)) for passage in passages]
    whole = [
        tuple(
            max(pair)
            for pair in zip(_said(words, head), _said(words, Said.of(passage.chunk.text)), strict=True)
        )
        for head, passage in zip(heads, passages, strict=True)
    ]
    shares = [_share(words, said) for said in whole]
    highest = max(shares, default=0.0)
    best, windows = Window(0.0, nothing), list[Window]()
    for passage, head, held, share in zip(passages, heads, whole, shares, strict=True):
        if share and share >= _WORTH_READING * highest:
            windows += _windows(words, passage, head, held)
    # A header names what its rows tell, and tells nothing itself.
    best = max(
        (w for w in windows if not _HEADER.search(w.text)), key=lambda window: window.share, default=best
    )
    best = replace(best, beside=_beside(best, windows))
    rows = tuple(
        w for w in windows if w.row and w.share >= _AS_GOOD * best.share and not _HEADER.search(w.text)
    )
    top = shares.index(highest) if shares else 0
    anywhere = tuple(map(max, *whole)) if len(whole) > 1 else (whole[0] if whole else nothing)
    return Coverage(
        tuple(words),
        best,
        rows if best.row else (),
        whole[top] if whole else nothing,
        anywhere,
        tuple(sorted(shares, reverse=True)),
    )


def _beside(best: Window, windows: Sequence[Window]) -> tuple[float, ...]:
    """What the rows and headers of the best row's document say, word by word."""
    if not best.row or best.passage is None:
        return ()
    document = best.passage.document.id
    table = [
        window.said
        for window in windows
        if window.passage is not None
        and window.passage.document.id == document
        and (window.row or _HEADER.search(window.text))
    ]
    return tuple(max(column) for column in zip(*table, strict=True))


def _windows(
    words: Sequence[AskedWord], passage: Passage, head: Said, held: Sequence[float]
) -> Iterator[Window]:
    """Yield every sentence and row of a passage with what it says; a sentence leans on its headings and the one before.

    `held`: how far the whole passage says each word; what it does not say at all is not looked for in its lines.
    """
    above = [_HEADING * said for said in _said(words, head)]
    before = [0.0] * len(words)
    lines = [(line, row, _said(words, Said.of(line), held)) for line, row in lines_of(passage.chunk.text)]
    for line, row, own in lines:
        said = tuple(max(s, h, 0.0 if row else _BEFORE * b) for s, h, b in zip(own, above, before, strict=True))
        yield Window(_share(words, said), said, passage, line, row)
        before = [max(s, _FADES * b) for s, b in zip(own, before, strict=True)]


def _said(words: Sequence[AskedWord], text: Said, held: Sequence[float] = ()) -> list[float]:
    if not held:
        return [_held(asked, text) for asked in words]
    return [_held(asked, text) if whole else 0.0 for asked, whole in zip(words, held, strict=True)]


def _held(asked: AskedWord, text: Said) -> float:
    """How far a text says a word: a rare character of it is half of it, as 困 of 被困 in 困人."""
    word = asked.word
    if asked.proper and word.text.isascii():
        # Brightway is no other form of Brightwood.
        return 1.0 if any(text.has(form) for form in word.forms) else 0.0
    share = text.share(word)
    if share == 1 or len(word.text) < 2 or not _CJK.match(word.text):
        return share
    if _half_said(word.text, text):
        return max(share, _COMPOUND)
    return share or max(
        (_SOFT * min(1.0, 1.5 * uncommon(c)) for c in word.text if c in text.compact), default=0.0
    )


def _half_said(word: str, text: Said) -> bool:
    """Whether a text says the half of a Chinese compound that tells what it is about: 福利 of 福利待遇, 热线 of 客服热线."""
    if len(word) < 3:
        return False
    # 申请专利 is not said by 申请: what is done with many things tells nothing of one.
    first = text.has(word[:2]) and not (len(word) > 3 and _DONE.fullmatch(word[:2]))
    return first or (len(word) > 3 and word[-2:] not in lexicon().weak and text.has(word[-2:]))


def _share(words: Sequence[AskedWord], said: Sequence[float]) -> float:
    total = sum(asked.weight for asked in words)
    return sum(asked.weight * s for asked, s in zip(words, said, strict=True)) / total if total else 0.0


def _heading(passage: Passage) -> str:
    return " ".join((passage.document.name, passage.document.title, *passage.chunk.location.headings))
