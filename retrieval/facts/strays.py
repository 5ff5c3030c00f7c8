"""What touches a name in a question and is no part of it: 青 in 青水支行, where the row says 清水支行.

Words say too little about a name: a segmenter takes 青水支行 for 青, 水 and 支行, and two of them stand in the row of
清水支行. So the question is laid over the row character by character. Stretches that cells, headers and titles hold
are accounted for, and so are the words of asking; what is left may stand somewhere else in the question, but not at
the side of a name: there it makes another name of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from retrieval.facts.around_names import around_names
from retrieval.facts.columns import load_vocabulary
from retrieval.facts.forms import header_forms
from retrieval.facts.lexicon import lexicon
from retrieval.facts.normalize import plain
from retrieval.facts.subject import stop_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from retrieval.facts.subject import SubjectWord

_CJK = re.compile(r"[㐀-鿿]")
_LATIN = re.compile(r"[a-z0-9]+(?:[-_./+&][a-z0-9]+)*")
_INNER = re.compile(r"[-_./+&]")
_BREAK = re.compile(r"[\s()（）\[\]【】,，、;；:：/／|·•\"'“”‘’《》?？!！。]+")
_WORDS = around_names()
_FOR_MONEY = re.compile(r"(?:要|了|得)?(?:多少|几|什么价|怎么|钱|费)")
_COUNTED_IN = frozenset("号楼层年月天日时分个台件元级期版区栋室库线路班%℃米")
_VOLUME = re.compile(r"[上中下][册部集卷期篇]")
_ASKS = re.compile(
    r"多少[钱个人天元次张家名位台件套份条项种款只本支辆间笔场块页]?|[几哪](?:个|家|位|天|年|月|点钟?|楼|层|号|次|人|小时|分钟|里|儿|些|种|台|款|项|类|份|张|条|套|件|间|本|支|辆)*|一共|总共|什么(?:时候|时间|地方|地点|人)?|怎么|如何|多(?:久|长|大|高|快|重|远|宽)|何时|是谁|谁"
)  # fmt: skip
_PER = re.compile(r"[一每半](?:个)?(?:天|晚|年|月|周|次|人|日|小时|趟|份|盒|瓶|件|台)")


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A stretch of the question that something accounts for; of a name, its text in the cell and what stands around it there."""

    start: int
    end: int
    named: bool
    before: str = ""
    after: str = ""
    whole: str = ""


def names_another(
    question: str,
    words: Sequence[SubjectWord],
    cells: Sequence[str],
    headers: Sequence[str],
    around: str,
) -> bool:
    """Whether a question speaks of another thing than the row with these cells, headers and titles (in plain form).

    `cells` are those that may name the row, without the one that would answer. True where something touches a name
    and is accounted for by nothing, and where a name stands so incompletely that it may be another's.
    """
    capitals = _capitals(question)
    question = plain(question)
    taken = _laid(question, words, cells, headers, around)
    named = [stretch for stretch in taken if stretch.named]
    if not named or any(not _short(stretch) for stretch in named):
        return True
    if any(a.end == b.start and a.whole and a.whole == b.whole for a, b in pairwise(named)):
        # 售后务部: what was left out of the middle may be what tells two names apart.
        return True
    covered = bytearray(len(question))
    for stretch in taken:
        covered[stretch.start : stretch.end] = b"\1" * (stretch.end - stretch.start)
    tokens = _tokens(question)
    if any(stretch.end in capitals and not covered[stretch.end + 1] for stretch in named):
        # Smoked Mackerel Returns is no Smoked Mackerel.
        return True
    return any(_strange_beside(stretch, tokens, covered, question) for stretch in named)


def names_beside(
    question: str, words: Sequence[SubjectWord], cells: Sequence[str], headers: Sequence[str], around: str
) -> bool:
    """Whether a question says another name than a row that is to be shown as it is.

    As `names_another`, but a cell may say more than the question (九川冷链 for 九川冷链股份有限公司): the reader sees it.
    """
    question = plain(question)
    taken = _laid(question, words, cells, headers, around)
    named = [stretch for stretch in taken if stretch.named]
    covered = bytearray(len(question))
    for stretch in taken:
        covered[stretch.start : stretch.end] = b"\1" * (stretch.end - stretch.start)
    tokens = _tokens(question)
    return not named or any(_strange_beside(stretch, tokens, covered, question) for stretch in named)


def _capitals(question: str) -> frozenset[int]:
    """Where in a question in plain form the space lies before each word typed with a capital."""
    shown = plain(question)
    if len(shown) != len(question):
        return frozenset()
    return frozenset(m.start() for m in re.finditer(r"(?<=[A-Za-z0-9]) (?=[A-Z][a-z])", question))


def _laid(
    question: str, words: Sequence[SubjectWord], cells: Sequence[str], headers: Sequence[str], around: str
) -> list[_Stretch]:
    """The stretches that are accounted for: of overlapping ones the longest, a name before a word of a header."""
    found = [stretch for cell in cells for stretch in _of_cell(question, plain(cell))]
    found += [_Stretch(m.start(), m.end(), False) for m in _ASKS.finditer(question)]
    found += _of_headers(question, headers)
    for text in (around, *headers):
        found += [_Stretch(s, e, False) for s, e, _ in _shared(question, plain(text))]
    found += _of_words(question, words, cells, (*headers, around))
    kept: list[_Stretch] = []
    for stretch in sorted(found, key=lambda s: (s.start - s.end, not s.named)):
        if all(stretch.end <= other.start or other.end <= stretch.start for other in kept):
            kept.append(stretch)
    return sorted(kept, key=lambda s: s.start)


def _of_cell(question: str, cell: str) -> Iterator[_Stretch]:
    for part in (piece for piece in _BREAK.split(cell) if piece):
        if len(part) == 1 and part == cell and _CJK.match(part) and part not in _WORDS.glue | _WORDS.answers:
            yield from (_Stretch(m.start(), m.end(), True) for m in re.finditer(re.escape(part), question))
        elif len(part) > 1 and _CJK.search(part):
            for start, end, at in _shared(question, part):
                yield _Stretch(start, end, True, part[:at], part[at + end - start :], part)
    yield from _of_words_in(cell, question)


def _of_words_in(cell: str, question: str) -> Iterator[_Stretch]:
    """The longest runs of Latin words and numbers that a cell shares with the question."""
    words = [match[0] for match in _LATIN.finditer(cell)]
    asked = list(_LATIN.finditer(question))
    at = 0
    while at < len(asked):
        runs = ((_run(words[start:], asked[at:]), start) for start in range(len(words)))
        length, start = max(runs, default=(0, 0), key=lambda run: run[0])
        if length:
            before, after = words[:start], words[start + length :]
            named = length > 1 or len(words[start]) > 1 or words[start] == cell
            if length == 1 and words[start].isdecimal() and _ends_a_name(question, asked[at]):
                # 流体力学2 is not 流体力学, though it gives 2 credits.
                at += 1
                continue
            yield _Stretch(
                asked[at].start(), asked[at + length - 1].end(), named, " ".join(before), " ".join(after),
                " ".join(words) if len(words) > 1 else "",
            )  # fmt: skip
        at += max(length, 1)
    for part in dict.fromkeys(part for word in words for part in _INNER.split(word) if part != word):
        if len(part) > 1:
            for own in re.finditer(rf"(?<![a-z0-9]){re.escape(part)}(?![a-z0-9])", question):
                yield _Stretch(own.start(), own.end(), True)


def _ends_a_name(question: str, number: re.Match[str]) -> bool:
    """Whether a short number touches a word at its left and nothing that it counts at its right."""
    before, after = question[: number.start()][-1:], question[number.end() :][:1]
    touches = bool(_CJK.match(before)) or re.search(r"[a-z0-9] $", question[: number.start()]) is not None
    short = len(number[0]) < 3 and touches and before not in _WORDS.glue | {"第"}
    return short and after not in _COUNTED_IN


def _run(words: Sequence[str], asked: Sequence[re.Match[str]]) -> int:
    """How many words two lists begin with alike; a plural s or 's may follow in the question."""
    same = 0
    for word, match in zip(words, asked, strict=False):
        if match[0] not in (word, f"{word}s"):
            break
        same += 1
    return same


def _shared(question: str, text: str) -> Iterator[tuple[int, int, int]]:
    """The longest stretches of two characters or more that a text shares with the question, and where in the text."""
    at = 0
    while at < len(question) - 1:
        length = 0
        while at + length < len(question) and question[at : at + length + 1] in text:
            length += 1
        if length > 1 and (_CJK.match(question[at]) or length == len(text)):
            yield at, at + length, text.find(question[at : at + length])
            at += length
        else:
            at += 1


def _of_headers(question: str, headers: Sequence[str]) -> Iterator[_Stretch]:
    for header in headers:
        for form in _called(header):
            at = question.find(form)
            while at >= 0:
                yield _Stretch(at, at + len(form), False)
                at = question.find(form, at + 1)


@lru_cache(maxsize=4_096)
def _called(header: str) -> tuple[str, ...]:
    """What a column may be called: forms of its header, and the words of what it is about."""
    vocabulary = load_vocabulary()
    forms = set(header_forms(header))
    for name in vocabulary.concepts_of(header):
        concept = vocabulary.concepts[name]
        forms.update(plain(word) for word in (*concept.words, *concept.asks))
    forms.update(other for form in tuple(forms) for other in lexicon().other(form))
    bare = plain(header)
    return tuple(form for form in forms if len(form) > 1 or form == bare)


def _of_words(
    question: str, words: Sequence[SubjectWord], cells: Sequence[str], titles: Sequence[str]
) -> Iterator[_Stretch]:
    """Words that the row says by another name: 客服电话 where it says 热线."""
    for word in words:
        at = question.find(word.text)
        if at < 0 or len(word.text) < 2:
            continue
        others = [form for form in word.forms if len(form) > 1 and form != word.text]
        if any(form in plain(cell) for cell in cells for form in others):
            yield _Stretch(at, at + len(word.text), True)
        elif any(form in plain(title) for title in titles for form in others):
            yield _Stretch(at, at + len(word.text), False)


def _short(stretch: _Stretch) -> bool:
    """Whether what a cell says more than the question is only its kind: 国庆 for 国庆节, but not 水支行 for 清水支行.

    Which longer name is meant, only those can say who know all rows (`finding.py`); a passage shows a few of them.
    """
    return not stretch.before and (not stretch.after or stretch.after in _WORDS.kinds)


def told_of_another(question: str, words: Sequence[SubjectWord], sentence: str, around: str) -> bool:
    """Whether a sentence speaks of another thing of the same kind: 第二类药品 for 第一类药品, ship-to-shore cranes for harbour ones.

    `question`, `sentence` and `around` (its headings and titles) are in plain form. True where a word before a shared
    stretch stands in none of them, and the sentence has another word in its place.
    """
    held = [_Stretch(s, e, False) for text in (sentence, around) for s, e, _ in _shared(question, text)]
    held += list(_of_words(question, words, (), (sentence, around)))
    covered = bytearray(len(question))
    for stretch in (*held, *(_Stretch(m.start(), m.end(), False) for m in _ASKS.finditer(question))):
        covered[stretch.start : stretch.end] = b"\1" * (stretch.end - stretch.start)
    tokens, others = _tokens(question), _tokens(sentence)
    for start, end, _ in _shared(question, sentence):
        before = [t for t in tokens if t.start < start <= t.end and not covered[start - 1]]
        if before and _names(before[-1], start) and _named_otherwise(question[start:end], sentence, others):
            return True
    return _other_word(question, sentence, around, words)


def _names(token: _Token, start: int) -> bool:
    """Whether what a token has before a place tells things of one kind apart: a noun, an adjective, a number."""
    text = token.text[: start - token.start]
    if not _CJK.search(text) or all(char in _WORDS.glue for char in text) or token.text in stop_words():
        return False
    return token.end > start or (token.tag[:1] in "nabmjlsz" and text not in lexicon().weak)


def _named_otherwise(stretch: str, sentence: str, tokens: Sequence[_Token]) -> bool:
    """Whether wherever the stretch stands in the sentence, something that tells things apart stands before it."""
    places = [match.start() for match in re.finditer(re.escape(stretch), sentence)]
    before = [next((t for t in tokens if t.start < at <= t.end), None) for at in places]
    return bool(places) and all(
        token is not None and _names(token, at) for token, at in zip(before, places, strict=True)
    )


def _other_word(question: str, sentence: str, around: str, words: Sequence[SubjectWord]) -> bool:
    """Whether a Latin word before one that the sentence has is replaced there by another."""
    asked, told = (list(_LATIN.finditer(text)) for text in (question, sentence))
    said = {match[0] for match in (*told, *_LATIN.finditer(around))}
    forms = {word.text: word.forms for word in words}
    for first, second in pairwise(asked):
        if question[first.end() : second.start()] != " " or first[0] in said | stop_words() | lexicon().weak:
            continue
        if any(form in sentence or form in around for form in forms.get(first[0], ())):
            continue
        before = [
            a[0] if sentence[a.end() : b.start()] == " " else ""
            for a, b in pairwise(told) if b[0] == second[0]
        ]  # fmt: skip
        if before and all(
            word and word not in stop_words() and not word.isdigit() and word not in forms for word in before
        ):
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    text: str
    tag: str


def _tokens(question: str) -> list[_Token]:
    import rjieba

    tokens, at = [], 0
    for text, tag in rjieba.tag(question):
        start = question.find(text, at)
        if start >= 0:
            at = start + len(text)
            tokens.append(_Token(start, at, str(text), str(tag)))
    return tokens


def _strange_beside(stretch: _Stretch, tokens: Sequence[_Token], covered: bytearray, question: str) -> bool:
    """Whether something that nothing accounts for touches a name at its left or at its right."""
    tokens = [token for token in tokens if any(char.isalnum() for char in token.text)]
    left = [
        t for t in tokens if t.start < stretch.start and not all(covered[t.start : min(t.end, stretch.start)])
    ]
    if (
        left
        and _touches(left[-1].end, stretch.start, question)
        and _strange(left[-1], stretch, question, before=True, covered=covered)
    ):
        return True
    right = [t for t in tokens if t.end > stretch.end and not all(covered[max(t.start, stretch.end) : t.end])]
    return (
        bool(right)
        and _touches(stretch.end, right[0].start, question)
        and _strange(right[0], stretch, question, before=False, covered=covered)
    )


def _touches(end: int, start: int, question: str) -> bool:
    """Whether nothing stands between two places, or between Latin words or numbers only a space."""
    between = question[end:start]
    if end >= start or between in {")", "）"}:
        return True
    return between.isspace() and question[end - 1].isascii() and question[start].isascii()


def _strange(token: _Token, stretch: _Stretch, question: str, *, before: bool, covered: bytearray) -> bool:
    """Whether a token beside a name speaks of another: words of asking and doing do not."""
    text, tag = _outside(token, covered)
    if not text or not (_CJK.search(text) or text[0].isalnum()):
        return False
    if _VOLUME.fullmatch(text):
        return True
    if all(char in _WORDS.glue for char in text) or (
        len(text) > 1 and (_only_asks(text) or text[0] in _WORDS.this)
    ):
        return False
    if text.isascii():
        return _strange_word(text, stretch, before=before)
    if _is_done(text, token, question) or _PER.fullmatch(text):
        return False
    if stretch.before if before else stretch.after:
        return True
    if tag[:1] in "mq" and _counts(text):
        return False
    if text in lexicon().weak or (_WORDS.placed.issuperset(text) and not _opens(token, question)):
        return False
    if tag[:1] in "dz" and not before and question[token.end : token.end + 1] == "的":
        # 机械制图未尽的学分: what says how something is done stands before a verb.
        return True
    return not (tag[:1] in "vtrdsf" and len(text) > 1)


def _outside(token: _Token, covered: bytearray) -> tuple[str, str]:
    """What of a token lies outside the name, and its tag; x where the segmenter cut across a border."""
    free = "".join(token.text[at - token.start] for at in range(token.start, token.end) if not covered[at])
    text, tag = (token.text.strip(), token.tag) if len(free) == len(token.text) else (free, "x")
    if len(text) > 1 and text.endswith("在") and text not in stop_words():
        # 东在哪 is taken for 东在 and 哪.
        return text[:-1], "x"
    return text, tag


def _only_asks(word: str) -> bool:
    return word in stop_words() and word not in _WORDS.may_tell


def _is_done(text: str, token: _Token, question: str) -> bool:
    """Whether a token says what is done with a thing (放几天), for money only before an amount (花多少)."""
    if _WORDS.sold & set(text) and not _FOR_MONEY.match(question, token.end):
        return False
    return all(char in _WORDS.done | _WORDS.sold | _WORDS.glue for char in text)


def _opens(token: _Token, question: str) -> bool:
    """Whether a token stands at the beginning, where nothing is for the name to lie in (中 before a name)."""
    return not _CJK.search(question[: token.start])


def _strange_word(text: str, stretch: _Stretch, *, before: bool) -> bool:
    """Whether a Latin word or a number beside a name belongs to another one: the C of dental chair C."""
    if _only_asks(text):
        return False
    if text in _WORDS.may_tell or (stretch.before if before else stretch.after):
        return True
    return not before and (len(text) == 1 or any(char.isdigit() for char in text))


def _counts(text: str) -> bool:
    """Whether a numeral counts the thing that it stands beside (一份): 二 or 3 alone may be a part of its name."""
    return len(text) > 1 and text[0] in "一两这那每"
