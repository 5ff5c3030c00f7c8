"""What a question is about, word by word, each with its other names, and how far a text speaks of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from retrieval.facts.lexicon import bases, dates, lexicon
from retrieval.facts.normalize import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_CJK = re.compile(r"[㐀-鿿]")
_PIECE = re.compile(r"[a-z0-9]+(?:[-_./&+][a-z0-9{}]+)*%?|/[a-z0-9_{}/.-]+|[㐀-鿿]+")
_PERIOD = re.compile(r"(?<![第十百])[一每](?:个)?(小时|季度|[年月周天班晚])(?![前后内以之])")
# 空压机 is the clipped form of 空气压缩机: its characters in their order, each at most two before the next.
_CLIPPED, _IN_FULL = re.compile(r"[㐀-鿿]{2}(?![路街道巷镇乡村县区市省州行])[㐀-鿿]"), 0.9
# authenticate is spoken of where authentication is.
_DERIVED = re.compile("[a-z]{8,}")
# Tags of adverbs, conjunctions, prepositions, particles and interjections: how it is said, not of what.
_SAYS_LITTLE = frozenset("dcpuey")
# 小鹿特丹 is not 鹿特丹, though 小 alone says nothing.
_BEGINS = frozenset("小大新老副")
# 那封邮件, 每份样张: the measure word after these says nothing.
_COUNTED = frozenset("这那每各某该本几单")
_CONDITION = re.compile(r"(?<=.{12})\b(?:after|before|if|when|once|upon|until)\b")
_NUMBERED = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]+[A-Z-][A-Za-z-]* \d+(?:\.\d+)*(?![A-Za-z0-9.-])")
_ASKED = re.compile(
    r"[会要能](?![议求计力够员])[㐀-鿿](?=多少|几|多久|多长)|第几(?:个)?[周月天步]?|哪几(?:个)?[周月天]?|百分之(?:几|多少)|(?:多少|几)(?:个)?(?:工作日|自然日|小时|分钟|星期|[天日周月年次个人名位台件套份家项条页倍门节期轮种类款层楼间张本箱岁级步分点号块元折])?(?:钱)?"
    r"|什么(?:时候|时间|地方|地点|部门|人)?|哪(?:一)?(?:个|家|位|天|年|月|里|儿|种|些|台|款|项|类|份)?|多(?:久|长|大|高|快|重|远|少|宽)|谁|星期几|周几|隔?多久.{0,2}一次|一次"
)


@dataclass(frozen=True, slots=True)
class SubjectWord:
    """A word of the subject with all forms in which a text may say it (folded).

    `firm`: a thing, a name or a code, which a text that answers must name; what is done or how may be said in other words.
    `code`: it has letters or digits that stand for one thing, so that naming it is enough.
    """

    text: str
    forms: tuple[str, ...]
    weight: float
    firm: bool
    code: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A text made ready for comparison: folded, and folded without spaces."""

    plain: str
    compact: str

    @staticmethod
    @lru_cache(maxsize=32_768)
    def of(text: str) -> Said:
        """Fold a text."""
        folded = plain(text)
        return Said(folded, folded.replace(" ", ""))

    def share(self, word: SubjectWord) -> float:
        """How far the text names the word: 1 where a form of it stands, else the share of its characters that do (to 0.8)."""
        if any(self.has(form) for form in word.forms):
            return 1.0
        if _CLIPPED.fullmatch(word.text) and _in_full(word.text).search(self.compact):
            return _IN_FULL
        if _DERIVED.fullmatch(word.text) and _stem(word.text).search(self.plain):
            return _IN_FULL
        return max(self._pieces(form) for form in word.forms[:1])

    def has(self, form: str) -> bool:
        """Whether a form stands in the text; letters and digits must not be cut out of a longer word."""
        if form.isascii():
            return _bounded(form).search(self.plain) is not None
        return form.replace(" ", "") in self.compact

    def _pieces(self, form: str) -> float:
        if len(form) < 3 or not _CJK.match(form):
            return 0.0
        held = [False] * len(form)
        for at in range(len(form) - 1):
            if form[at : at + 2] in self.compact:
                held[at] = held[at + 1] = True
        return 0.8 * sum(held) / len(form)


def in_full(word: str, texts: Sequence[str]) -> tuple[str, ...]:
    """Return the longer words of `texts` that a Chinese word is the clipped form of: 空气压缩机 for 空压机."""
    if not _CLIPPED.fullmatch(word):
        return ()
    found = (match for text in texts for match in _in_full(word).findall(text))
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=8192)
def _stem(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9]){word[:-3]}")


@lru_cache(maxsize=8192)
def _in_full(word: str) -> re.Pattern[str]:
    first, middle, last = map(re.escape, word)
    # Two characters at least are left out: 南京东路 is not 南京路.
    return re.compile(
        f"{first}[㐀-鿿]{{1,2}}{middle}[㐀-鿿]{{1,2}}{last}|{first}{middle}[㐀-鿿]{{2}}{last}|{first}[㐀-鿿]{{2}}{middle}{last}"
    )


@lru_cache(maxsize=8192)
def _bounded(form: str) -> re.Pattern[str]:
    left = "" if not form[0].isalnum() else r"(?<![a-z0-9])"
    return re.compile(rf"{left}{re.escape(form)}(?:e?s|ed|d|ing)?(?![a-z0-9])")


def subject_of(question: str, names: Mapping[str, Sequence[str]] | None = None) -> tuple[SubjectWord, ...]:
    """The words that `question` is about; `names` gives the other names of its known terms (as written in it)."""
    text = plain(question)
    words: list[SubjectWord] = []
    for surface, forms in sorted((names or {}).items(), key=lambda item: -len(item[0])):
        at = text.find(plain(surface))
        if at >= 0:
            all_forms = dict.fromkeys((plain(surface), *(plain(form) for form in forms)))
            words.append(
                SubjectWord(plain(surface), tuple(form for form in all_forms if form), 1.4, True, True)
            )
            text = _blank(text, at, at + len(plain(surface)))
    for (start, end), forms in dates(text):
        words.append(SubjectWord(text[start:end], forms, 1.6, True))
        text = _blank(text, start, end)
    for match in _NUMBERED.finditer(question):
        # MH-Flow 6 is not MH-Flow 5.
        name = plain(match[0])
        at = text.find(name)
        if at >= 0:
            words.append(SubjectWord(name, (name, name.replace(" ", "")), 1.6, True, True))
            text = _blank(text, at, at + len(name))
    for match in lexicon().phrases.finditer(text):
        words.append(SubjectWord(match[0], (match[0], *lexicon().other(match[0])), 1.2, False))
        text = _blank(text, *match.span())
    words.extend(_plain_words(_PERIOD.sub(r" 每\1 ", text), question))
    if not words and ("公司" in text or "company" in text):
        words = [SubjectWord("公司", ("公司", "company"), 0.4, False)]
        words += [_chinese("员工", "n", False)] if "人" in text or "员工" in text else []
    return tuple({word.text: word for word in words}.values())


def _blank(text: str, start: int, end: int) -> str:
    return f"{text[:start]}{' ' * (end - start)}{text[end:]}"


@dataclass(frozen=True, slots=True)
class _Token:
    """A segmented Chinese word; `stops` where it says nothing of the subject or belongs to the question phrase."""

    word: str
    tag: str
    stops: bool


def _plain_words(text: str, question: str) -> Iterator[SubjectWord]:
    typed = {plain(word): word for word in re.findall(r"[A-Za-z0-9][A-Za-z0-9_.+&/-]*", question)}
    condition = _CONDITION.search(text)
    for match in _PIECE.finditer(text):
        piece = match[0]
        if _CJK.match(piece):
            yield from _chinese_words(piece)
        elif piece not in stop_words():
            word = _latin(piece, typed.get(piece, piece))
            # What stands behind `after` or `if` is less what is asked about.
            beyond = condition is not None and match.start() > condition.start() and not word.firm
            yield replace(word, weight=word.weight / 2) if beyond else word


def _chinese_words(piece: str) -> Iterator[SubjectWord]:
    if re.fullmatch("每(?:小时|季度|[年月周天班晚])", piece):
        yield _chinese(piece, "r", False)
        return
    tokens = _tokens(piece)
    for at, token in enumerate(tokens):
        following = tokens[at + 1] if at + 1 < len(tokens) else None
        if at and len(token.word) == 1 and tokens[at - 1].word[-1:] in _COUNTED:
            continue
        if token.word in _BEGINS and following is not None and _is_name(following):
            yield SubjectWord(token.word, (token.word,), 0.8, True)
        elif not token.stops:
            beside = [other for other in tokens[max(at - 1, 0) : at + 2] if other.word != token.word]
            found = _chinese(token.word, token.tag, any(_is_noun(other) for other in beside))
            # 安全培训 is not any 培训.
            modifies = token.tag[:1] in "ab" and following is not None and not following.stops
            yield replace(found, firm=True) if modifies and len(token.word) > 1 else found


def _tokens(piece: str) -> list[_Token]:
    import rjieba

    asks = [found.span() for found in _ASKED.finditer(piece)]
    tokens, start = [], 0
    for word, tag in rjieba.tag(piece):
        start = piece.find(word, start)
        end = start + len(word)
        asking = any(first < end and start < last for first, last in asks)
        tokens.append(_Token(word, tag, tag[:1] in _SAYS_LITTLE or _stops(word) or asking))
        start = end
    return tokens


def _is_noun(token: _Token) -> bool:
    return not token.stops and len(token.word) > 1 and token.tag[:1] == "n"


def _is_name(token: _Token) -> bool:
    return _is_noun(token) and token.word not in lexicon().weak


def _stops(word: str) -> bool:
    """Whether a word says nothing of the subject: a stop word, also after this or may (这门, 能报)."""
    if word in stop_words() or (len(word) == 2 and word[0] in "这那该本此"):
        return True
    return len(word) == 2 and word[0] in "能可会要得需须应" and word[1] in stop_words()


def _latin(word: str, typed: str) -> SubjectWord:
    """A Latin word; what is typed in capitals or with digits is a name or a code, and has no translation."""
    if word in lexicon().weak:
        return SubjectWord(word, (word, *bases(word), *lexicon().other(word)), 0.4, False)
    digits = any(c.isdigit() for c in word)
    name = digits or (len(typed) > 1 and typed.isupper()) or (not typed.islower() and not lexicon().knows(word))
    forms = (word, *bases(word)) if name else (word, *bases(word), *lexicon().other(word))
    code = digits and len(word) > 2 and (not word.isdigit() or len(word) > 3)
    return SubjectWord(word, tuple(dict.fromkeys(forms)), 1.6 if name else 1.0, name, code)


def _chinese(word: str, tag: str, attached: bool) -> SubjectWord:
    if re.fullmatch("[每半](?:[年月周天日]|小时|季度)", word):
        # 每年 is not 每月, even where all else agrees.
        unit = word[1:]
        forms = (word, f"{word[0]}个{unit}", f"/{unit}", f"一{unit}", *lexicon().other(word))
        return SubjectWord(word, forms, 0.7, True)
    if re.fullmatch("[一二三四五六七八九十0-9]{1,3}[档级类号等组期]", word):
        # 三档 is not 二档.
        return SubjectWord(word, (word,), 1.0, True)
    if re.fullmatch("每.", word):
        return SubjectWord(word, (word, f"/{word[1]}", *lexicon().other(word)), 0.4, False)
    if word in lexicon().weak:
        return SubjectWord(word, (word, *lexicon().other(word)), 0.4, False)
    noun = tag[:1] in {"n", "j"}
    # A single character says little alone, but much as a part of its neighbour's name: 铂|金牌, 陪|产假.
    weight = (0.8 if attached else 0.5 if noun else 0.25) if len(word) == 1 else (1.0 if noun else 0.7)
    return SubjectWord(word, (word, *lexicon().other(word)), weight, noun if len(word) > 1 else attached)


@cache
def stop_words() -> frozenset[str]:
    """The packaged list of words that say how a question is asked."""
    text = (resources.files("retrieval.facts") / "stop_words.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
