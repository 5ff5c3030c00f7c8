"""How far passages speak of what a question asks: its words, weighed by how much they tell, in one sentence or passage."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.facts.lexicon import bases, lexicon
from retrieval.facts.subject import Said, SubjectWord, subject_of
from router.grounding import lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from retrieval.types import Passage

    # How rare each word is in the collection: 0 stands everywhere, 1 stands nowhere.
    Rarity = Callable[[Sequence[str]], Sequence[float]]

_CJK = re.compile(r"[\u3400-\u9fff]")
# Counts in rjieba's dictionary run to some ten thousands for the commonest words of content.
_COMMONEST, _LEAST_UNCOMMON, _LATIN, _EVERYDAY = math.log(40_000), 0.1, 0.8, 0.2
# A common word tells this much at least; a word that only shares a character with the text is half said.
_COMMON_TELLS, _HALF_SAID, _COMPOUND, _PIECE = 0.3, 0.5, 0.6, 0.3
# What the headings and the sentence before say counts less than what a sentence says itself.
_HEADING, _BEFORE, _FADES, _WORTH_READING = 0.8, 0.6, 0.5, 0.7
# Two rows that say the same of what is asked may both be meant; a word tells something from this weight on.
_AS_GOOD, _TELLS, _WEIGHTY = 0.98, 0.5, 0.5
_HEADER = re.compile(r"^[^:：]+(?: \| [^:：|]+)+$")
_KIND = re.compile(
    r"(?:哪一?[个家位种类款间台门项份]|什么)(?P<zh>[\u3400-\u9fff]{1,4})|\b(?:which|what)(?: kind of)? (?P<en>[a-z]+)"
)
# An amount that sets a condition (工作8年, £20,000) is seldom the one that the rule states; a year or a code is a name.
# The number of a step stands as a numeral before it, and what is compared is seldom called a difference.
_SLIGHT = re.compile(
    r"\d{1,3}|0+|第[一二三四五六七八九十\d]{1,3}[步条点章节项个级]|相比|对比|比较|区别|不同|差别|差异|不一样|详细|具体|细节|情况"
    r"|compared?|comparison|differences?|detail(?:s|ed)?"
)
_ASIDE = re.compile(
    r"(?P<name>[A-Z][A-Za-z]+|[\u3400-\u9fff]{2,8})\s?[(（](?P<other>[A-Za-z ]{2,40}|[\u3400-\u9fff]{2,10})[)）]"
)
_OPENING = re.compile(r"[A-Z][a-z]{2,}")
_CAPITAL = re.compile(r"(?<![A-Za-z])(?<!^)(?<![.?!] )[A-Z][a-z]{2,}")
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")  # fmt: skip
# rjieba's tags of persons, places, organisations and other names; a word this rare is no adverb.
_NAMES, _RARE, _PROPER = frozenset({"nr", "nrt", "nrfg", "ns", "nt", "nz"}), 0.35, 1.4
_DIGITS = "一二三四五六七八九十"
_COUNTED = re.compile(rf"(?P<n>[{_DIGITS}两]{{1,3}})(?P<unit>年|个月|月份?|天|小时|分钟|次|级|人|周|岁)")


@dataclass(frozen=True, slots=True)
class AskedWord:
    """A word of the question and how much it tells: its weight times its rarity in the collection and in the language.

    `proper`: the name of a person, a place, a firm or a product.
    """

    word: SubjectWord
    weight: float
    proper: bool = False


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


def asked_words(
    question: str, names: Mapping[str, Sequence[str]], rarity: Rarity | None = None
) -> tuple[AskedWord, ...]:
    """Return the words that `question` is about, each with what it tells; `names` gives other names of its terms.

    A word that the collection lacks tells little if everybody uses it (程度) and much if nobody does (公租房).
    """
    question, names = _with_asides(question, names)
    words = [_with_numbers(word) for word in subject_of(question, names)]
    words += _taken_for_adverbs(question, words)
    forms = list(dict.fromkeys(form for word in words for form in word.forms))
    rare = dict(zip(forms, rarity(forms), strict=True)) if rarity else dict.fromkeys(forms, 1.0)
    kind, typed = _kind_asked(question), _typed_as_names(question)
    found: list[AskedWord] = []
    for word in words:
        least = min(rare[form] for form in word.forms)
        if least >= 1.0 and _cut_wrongly(word):
            found += [AskedWord(_character(c), _PIECE * uncommon(c)) for c in word.text]
            continue
        slight = word.text in kind or _SLIGHT.fullmatch(word.text)
        asked = replace(word, firm=False, weight=word.weight * _PIECE) if slight else word
        tells = _COMMON_TELLS + (1 - _COMMON_TELLS) * uncommon(word.text)
        proper = word.text in typed or (asked.firm and _is_proper(asked))
        found.append(AskedWord(asked, asked.weight * max(least, 0.02) * tells, proper))
    return tuple(found)


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
    for passage, head, share in zip(passages, heads, shares, strict=True):
        if share and share >= _WORTH_READING * highest:
            windows += _windows(words, passage, head)
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


@cache
def _common_english() -> frozenset[str]:
    lines = (Path(__file__).parent / "common_words.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@lru_cache(maxsize=16_384)
def uncommon(word: str) -> float:
    """Return how uncommon a word is (0.1 to 1): a Chinese one by rjieba's dictionary, else 0.8, and 0.2 for everyday English."""
    import rjieba

    if not _CJK.match(word):
        return _EVERYDAY if any(form in _common_english() for form in (word, *bases(word))) else _LATIN
    count = rjieba.suggest_freq(word) if rjieba.has_word(word) else 0
    return min(1.0, max(_LEAST_UNCOMMON, 1 - math.log(count + 1) / _COMMONEST))


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


def _windows(words: Sequence[AskedWord], passage: Passage, head: Said) -> Iterator[Window]:
    """Yield every sentence and row of a passage with what it says; a sentence leans on its headings and the one before."""
    above = [_HEADING * said for said in _said(words, head)]
    before = [0.0] * len(words)
    lines = [(line, row, _said(words, Said.of(line))) for line, row in lines_of(passage.chunk.text)]
    for line, row, own in lines:
        said = tuple(max(s, h, 0.0 if row else _BEFORE * b) for s, h, b in zip(own, above, before, strict=True))
        yield Window(_share(words, said), said, passage, line, row)
        before = [max(s, _FADES * b) for s, b in zip(own, before, strict=True)]


def _said(words: Sequence[AskedWord], text: Said) -> list[float]:
    return [_held(asked.word, text) for asked in words]


def _held(word: SubjectWord, text: Said) -> float:
    """How far a text says a word: a rare character of it is half of it, as 困 of 被困 in 困人."""
    share = text.share(word)
    if share == 1 or len(word.text) < 2 or not _CJK.match(word.text):
        return share
    if _half_said(word.text, text):
        return max(share, _COMPOUND)
    return share or max(
        (_HALF_SAID * min(1.0, 1.5 * uncommon(c)) for c in word.text if c in text.compact), default=0.0
    )


def _half_said(word: str, text: Said) -> bool:
    """Whether a text says the half of a Chinese compound that tells what it is about: 福利 of 福利待遇, 热线 of 客服热线."""
    if len(word) < 3:
        return False
    return text.has(word[:2]) or (len(word) > 3 and word[-2:] not in lexicon().weak and text.has(word[-2:]))


def _share(words: Sequence[AskedWord], said: Sequence[float]) -> float:
    total = sum(asked.weight for asked in words)
    return sum(asked.weight * s for asked, s in zip(words, said, strict=True)) / total if total else 0.0


def _heading(passage: Passage) -> str:
    return " ".join((passage.document.name, passage.document.title, *passage.chunk.location.headings))


def _cut_wrongly(word: SubjectWord) -> bool:
    """Tell whether a word looks like a slip of the segmenter (`建工|单要填`): nobody uses it."""
    import rjieba

    chinese = 2 <= len(word.text) <= 3 and all(map(_CJK.match, word.text))
    return chinese and not word.code and word.weight <= 1 and not rjieba.has_word(word.text)


def _taken_for_adverbs(question: str, words: Sequence[SubjectWord]) -> Iterator[SubjectWord]:
    """Yield the words that the tagger takes for adverbs although hardly anybody uses them: 高新 of 高新站 is a name."""
    import rjieba

    for word, tag in rjieba.tag(question):
        known = any(word in other.text or any(word in form for form in other.forms) for other in words)
        if len(word) > 1 and tag == "d" and not known and uncommon(word) >= _RARE:
            yield SubjectWord(word, (word,), 1.0, firm=True)


@lru_cache(maxsize=8192)
def _tag(word: str) -> str:
    import rjieba

    tagged = rjieba.tag(word)
    return str(tagged[0][1]) if len(tagged) == 1 else ""


def _is_proper(word: SubjectWord) -> bool:
    return word.weight > _PROPER if word.text.isascii() else len(word.text) > 1 and _tag(word.text) in _NAMES


def _character(character: str) -> SubjectWord:
    return SubjectWord(character, (character,), _PIECE, firm=False)


def _kind_asked(question: str) -> str:
    """Return what kind of thing is asked for (哪个教室, which department): a text that names the thing need not say it."""
    return " ".join(found["zh"] or found["en"] for found in _KIND.finditer(question.casefold()))


def _typed_as_names(question: str) -> frozenset[str]:
    """Return the Latin words within the question that are typed with a capital, folded: Factory of `Pixel Factory的评级`."""
    names = frozenset(found[0].casefold() for found in _CAPITAL.finditer(question))
    opening = _OPENING.match(question) if _CJK.search(question) else None
    return names | {opening[0].casefold()} if opening else names


def _with_asides(question: str, names: Mapping[str, Sequence[str]]) -> tuple[str, Mapping[str, Sequence[str]]]:
    """Take what stands in brackets behind a name out of the question, as another name: `Singapore (新加坡)`."""
    found = [aside for aside in _ASIDE.finditer(question) if aside["name"] not in names]
    for aside in reversed(found):
        question = question[: aside.end("name")] + question[aside.end() :]
    return question, {**names, **{aside["name"]: (aside["other"],) for aside in found}}


def _with_numbers(word: SubjectWord) -> SubjectWord:
    """Add the other spellings of a month or a count: 四月 is 4月, April or -04-; 二十年 is 20年."""
    text = word.text
    if text in _MONTHS and text != "may":
        return replace(word, forms=(*word.forms, *_month(_MONTHS.index(text) + 1)), firm=True)
    counted = _COUNTED.fullmatch(text)
    if counted is None:
        return word
    number = _number(counted["n"])
    forms = _month(number) if counted["unit"] in {"月", "月份"} else (f"{number}{counted['unit']}",)
    return replace(word, forms=(*word.forms, *forms))


def _month(number: int) -> tuple[str, ...]:
    name = _MONTHS[number - 1] if 1 <= number <= len(_MONTHS) else ""
    chinese = _DIGITS[number - 1] if number <= 10 else f"十{_DIGITS[number - 11]}" if number <= 12 else ""
    forms = (f"{number}月", f"{chinese}月" if chinese else "", name, f"-{number:02}")
    return tuple(form for form in forms if form)


def _number(text: str) -> int:
    """Read a Chinese number below one hundred: 二十五, 十二, 两."""
    value = {digit: at + 1 for at, digit in enumerate(_DIGITS)} | {"两": 2}
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return value.get(text, 0)
    return 10 * (value.get(tens, 1) if tens else 1) + (value.get(ones, 0) if ones else 0)
