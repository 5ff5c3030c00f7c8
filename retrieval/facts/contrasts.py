"""Values that stand beside a part of the asked name only: 陪产假15天 for 产假, 恢复时间目标 for 恢复点目标, 高风险客户 for 低风险客户."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from retrieval.facts.clauses import Spot
from retrieval.facts.everyday import everyday_words
from retrieval.facts.lexicon import lexicon
from retrieval.facts.normalize import plain
from retrieval.facts.subject import Said, stop_words
from retrieval.facts.values import CHINESE_DIGITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.facts.subject import SubjectWord

_BETWEEN = re.compile(r"[，,；;。、：:（(](?!\d{3})|而(?![且已])|其中|\b(?:and|but|while|whereas)\b")
_CLAUSE = re.compile(r"[，,；;。：:](?!\d{3})")
_NUMBER = re.compile(rf"[\d{CHINESE_DIGITS}]|每[年月周天日季班]|[年月周天日]度|永久|长期")
_IS = re.compile(r"(?:为|是|共|达|不得?(?:超过|少于|低于|高于)|至少|至多|最[多少长短高低]|约|等于|均为)+$")
_CJK = re.compile(r"[㐀-鿿]")
# What may stand before a name without making another one of it: 休产假, 的产假, 年产假.
_GLUE = frozenset(
    "的之对为在由于其该本此每各及和与或按经向从给将把被须应可要是有无休请享含交付收用办做拿领发放过了内外前后中上下时日月年天者人员"
)
_JOINED = re.compile(
    r"(?P<a>[一-鿿a-z0-9]{2,12}?)(?:和|与|跟|加上?|以?及|\band\b|\bplus\b)\s*(?P<b>[一-鿿a-z0-9]{2,12}?)(?:的)?(?:一共|总共|合计|加起来|共计|together|in total)"
)
_OF = re.compile(r"\b(?P<noun>[a-z]{3,})(?: is| are| of|:)\s*$")
_MEASURED = frozenset(
    [
        "fee",
        "cost",
        "price",
        "rate",
        "amount",
        "total",
        "sum",
        "charge",
        "budget",
        "maximum",
        "minimum",
        "limit",
        "period",
        "term",
        "length",
        "duration",
        "number",
        "cap",
    ]
)
_NAMED = 0.8
_EXCEPTS = re.compile(r"免[交缴收费除]|不收|不适用|除外|无(?![论法效])|没有|不享|不予|不受|不在此")
# The name that a part begins with: 跨省件, 夜班津贴每班.
_NAME_OF = re.compile(
    r"(?P<name>(?:(?!的)[一-鿿]){2,6}?[费期班件部级类区线组车员师岗卡票房率金额款证险课库店贴薪假价量])(?=每|为|是|在|的|最|不|$)"
)
_DENIED = re.compile(r"(?:(?<!有)没(?!有)|未)(?P<what>[一-鿿]{2})")
_POINTS = frozenset("的每个各这那要是有在多少几问次")
_BOUND = re.compile(r"最[高低多少长短]|上限|下限|封顶|至[多少]")
_BOUND_ASKED = re.compile(r"最[高低多少长短]|上限|下限|封顶|至[多少]|限额|不[得能]?超过")
_SUM = re.compile(r"共|合计|总[计数和额]|加起来|\b(?:together|total|combined)\b")


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a sentence with a number; `shared` are the stretches that the question has too, `head` is what stands before the first number.

    `rival`: it tells a value of the asked kind; `foreign`: its head has a name that the question does not have.
    """

    start: int
    end: int
    text: str
    head: str
    shared: frozenset[str]
    rival: bool
    foreign: bool = False


def of_the_asked(question: str, sentence: str, spots: Sequence[Spot], rivals: Sequence[Spot]) -> list[Spot]:
    """The values without those of parts that name another thing of the asked kind; `question` is in plain form.

    Another thing is named where a part has only pieces of what another part has in full, or the asked name with
    something before it that makes another name of it. `rivals` are all values of the asked kind in the sentence.
    """
    parts = _parts(question, sentence, rivals)
    others = [part for part in parts if any(_says_more(each, part) for each in parts if each is not part)]
    others += [
        part
        for part in parts
        if _excepted(question, sentence, part)
        or _told_later(question, sentence, part)
        or _is_sibling(question, part)
        or _is_bound(question, sentence, part)
    ]
    return [spot for spot in spots if not any(part.start <= spot.start < part.end for part in others)]


def of_another_noun(words: Sequence[SubjectWord], sentence: str, spot: Spot) -> bool:
    """Whether an English clause tells a value of a noun that is not asked, and names nothing that is: a city tax of EUR 3."""
    start = max((match.end() for match in _BETWEEN.finditer(sentence, 0, spot.start)), default=0)
    noun = _OF.search(plain(sentence[start : spot.start]))
    if noun is None or noun["noun"] in _MEASURED:
        return False
    stop = _BETWEEN.search(sentence, spot.end)
    said = Said.of(sentence[start : stop.start() if stop else len(sentence)])
    return start > 0 and not any(said.share(word) >= _NAMED for word in words)


def of_another_thing(words: Sequence[SubjectWord], sentence: str, value: str) -> bool:
    """Whether a sentence names something else before its value that none of the words names (锅炉 for 泳池)."""
    before = plain(sentence[: sentence.find(value)])
    forms = [form for word in words for form in word.forms]
    return any(not any(noun in form or form in noun for form in forms) for noun in _telling(before))


def of_another_kind(question: str, sentence: str) -> bool:
    """Whether what is done tells two things of a kind apart, and a sentence has the other: 执行申请期限 for 再审申请期."""
    asked, told = _pairs(question), _pairs(sentence)
    return any(
        first not in sentence
        and not any(form in sentence for form in lexicon().other(first))
        and (
            befores := [
                before for before, after in told if after.startswith(second) or second.startswith(after)
            ]
        )
        and all(before not in question for before in befores)
        for first, second in asked
    )


@lru_cache(maxsize=8_192)
def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """The words of two Chinese characters or more that touch, the first a verb, in their order."""
    import rjieba

    tagged = [(str(word), str(tag)) for word, tag in rjieba.tag(text)]
    return tuple(
        (first, second)
        for (first, tag), (second, _) in pairwise(tagged)
        if tag[:1] == "v"
        and min(len(first), len(second)) > 1
        and _CJK.match(first)
        and _CJK.match(second)
        and not {first, second} & (stop_words() | lexicon().weak)
    )


def best_named(question: str, told: Sequence[tuple[str, str]]) -> list[int]:
    """Which of several sentences, each with its value, name the asked thing in full where another does; all where none does."""
    parts = [_part_of(question, sentence, value) for sentence, value in told]
    return [
        at for at, part in enumerate(parts)
        if part is None or not any(each is not None and each is not part and _says_more(each, part) for each in parts)
    ]  # fmt: skip


def _part_of(question: str, sentence: str, value: str) -> _Part | None:
    at = sentence.find(value)
    spot = Spot(at, at + len(value), value)
    return next((part for part in _parts(question, sentence, [spot]) if part.start <= at < part.end), None)


def of_others(question: str, first: tuple[str, str], second: tuple[str, str]) -> bool:
    """Whether two sentences, each with its value, tell it of different things, or under different conditions.

    Each has a name or a quality before its value that neither the other one nor the question has.
    """
    one, other = (_before(sentence, value) for sentence, value in (first, second))
    mine = [word for word in _telling(one, weak=True) if word not in other and word not in question]
    theirs = [word for word in _telling(other, weak=True) if word not in one and word not in question]
    return bool(mine and theirs) and any(word not in lexicon().weak for word in (*mine, *theirs))


def tells_more(question: str, text: str) -> bool:
    """Whether a text has a name or a quality that the question does not have (标准间 for 押金多少)."""
    return any(word not in question for word in _telling(text))


def _before(sentence: str, value: str) -> str:
    """What stands in the clause of a value before it, in plain form."""
    before = sentence[: sentence.find(value)]
    return plain(before[max((match.end() for match in _CLAUSE.finditer(before)), default=0) :])


@lru_cache(maxsize=16_384)
def _telling(text: str, *, weak: bool = False) -> tuple[str, ...]:
    """The words of a text that tell things apart: nouns, adjectives, and names; with `weak` also those that say little."""
    import rjieba

    words = [
        word for word, tag in rjieba.tag(text)
        if (tag[:1] in "nabjlisz" or word.isascii()) and len(word) > 1 and word.isalnum()
    ]  # fmt: skip
    return tuple(word for word in words if (weak or word not in lexicon().weak) and word not in stop_words())


def of_both(question: str, said: str) -> bool:
    """Whether a text tells the sum of two things where a question asks for it (产假和陪产假一共); True where it asks for none."""
    match = _JOINED.search(question)
    if match is None:
        return True
    first, second = sorted((match["a"], match["b"]), key=len, reverse=True)
    return _SUM.search(said) is not None and first in said and second in said.replace(first, " ")


def names_compound(question: str, sentence: str) -> bool:
    """Whether a sentence has a name of the question only as a part of another name (副经理 for 经理), or without its not (没保价)."""
    others = everyday_words().others
    if any(
        match["what"] in sentence and not re.search(rf"[没未无非不]有?{match['what']}", sentence)
        for match in _DENIED.finditer(question)
    ):
        return True
    return any(
        all(sentence[at - 1 : at] in others and _begins(sentence, at - 1) for at in _places(stretch, sentence))
        for stretch in _shared(question, sentence)
    )


def _parts(question: str, sentence: str, rivals: Sequence[Spot]) -> list[_Part]:
    """The parts of a sentence that hold a number."""
    bounds = [0, *(match.start() for match in _BETWEEN.finditer(sentence)), len(sentence)]
    found = []
    for start, end in pairwise(bounds):
        text = plain(sentence[start:end]).lstrip("，,；;。、:(（ ")
        number = _NUMBER.search(text)
        if number is not None:
            rival = any(start <= spot.start < end for spot in rivals)
            head = _IS.sub("", text[: number.start()])
            foreign = any(word not in question for word in _telling(head))
            found.append(_Part(start, end, text, head, frozenset(_shared(question, text)), rival, foreign))
    return found


def _says_more(fuller: _Part, part: _Part) -> bool:
    """Whether all that `part` shares with the question are pieces of what `fuller` shares, or compounds of it."""
    missing = part.shared - fuller.shared
    new = any(not any(each in other for other in part.shared) for each in fuller.shared)
    if new and fuller.rival and fuller.start > part.start and part.foreign and not fuller.foreign:
        # 报销比例门诊60%、住院80%: the label stands before the first of them only.
        return True
    if not part.shared:
        # 按件收费 beside 风险代理收费: all that is asked is named where the other value stands.
        return bool(fuller.shared) and fuller.rival and bool(_telling(part.head))
    if any(not any(each in other for other in fuller.shared) for each in missing):
        return False
    if not missing:
        return fuller.rival and any(
            _compounded(each, part.text) and not _compounded(each, fuller.text) for each in part.shared
        )
    # 恢复时间目标 beside 恢复点目标: told in another unit, it is still another one.
    return fuller.rival or any(part.head.endswith(each) and part.head != each for each in missing)


def _excepted(question: str, sentence: str, part: _Part) -> bool:
    """Whether another part excepts what is asked from the value of this one: 年会费1800元，实习律师免缴."""
    cuts = [0, *(match.start() for match in _BETWEEN.finditer(sentence)), len(sentence)]
    others = [plain(sentence[a:b]) for a, b in pairwise(cuts) if a >= part.end or b <= part.start]
    excepting = [other for other in others if _EXCEPTS.search(other) and not _NUMBER.search(other)]
    return any(stretch not in part.text for other in excepting for stretch in _shared(question, other))


def _told_later(question: str, sentence: str, part: _Part) -> bool:
    """Whether a clause behind a part names what is asked, and the part another thing: 住宿费1200元，教材费按实际收取."""
    before, behind = plain(sentence[: part.end]), plain(sentence[part.end :])
    if not part.foreign:
        return False
    return any(stretch not in before and _has_noun(stretch) for stretch in _shared(question, behind))


def _has_noun(stretch: str) -> bool:
    """Whether a stretch has a noun in it: what is done may be said of several things."""
    import rjieba

    return any(tag[:1] == "n" and len(word) > 1 for word, tag in rjieba.tag(stretch))


def _is_sibling(question: str, part: _Part) -> bool:
    """Whether a part begins with the name of another thing of the asked kind: 跨省件 for 特快件, 初中部 for 高中部."""
    match = _NAME_OF.match(part.head)
    name = match["name"] if match else ""
    if not name or name in question:
        return False
    same = max((size for size in range(1, len(name)) if name[-size:] in question), default=0)
    at = question.find(name[-same:]) if same else 0
    if at < 1 or not _CJK.match(question[at - 1]) or question[at - 1] in _POINTS:
        return False
    asked = [question[start : at + same] for start in range(max(at - 4, 0), at)]
    return not any(form in part.text for word in asked for form in (word, *lexicon().other(word)))


def _is_bound(question: str, sentence: str, part: _Part) -> bool:
    """Whether a part tells only the highest or lowest of what an earlier one tells (5倍赔偿，最高500元), or the other way round."""
    bound = _BOUND.match(part.text)
    asked = _BOUND_ASKED.search(question)
    if asked is None:
        before = _parts(question, sentence[: part.start], ())
        return bound is not None and bool(before) and bool(before[-1].shared)
    behind = plain(sentence[part.end :]).lstrip("，,；;。、:(（ ")
    return bound is None and asked[0] not in part.text and behind.startswith(asked[0])


def _compounded(stretch: str, text: str) -> bool:
    """Whether wherever a stretch stands in a text, a single character touches it that makes another name of it."""
    return all(
        at > 0 and _CJK.match(text[at - 1]) is not None and text[at - 1] not in _GLUE and _lone(text, at)
        for at in _places(stretch, text)
    )


def _lone(text: str, at: int) -> bool:
    """Whether the character before a place is no end of a word of its own (员工|产假)."""
    start, end = _word(text, at - 1)
    return end > at or end - start == 1


def _begins(text: str, at: int) -> bool:
    return _word(text, at)[0] == at


def _word(text: str, at: int) -> tuple[int, int]:
    """Where the word begins and ends that a character belongs to."""
    import rjieba

    end = 0
    for word in rjieba.cut(text):
        start, end = end, end + len(word)
        if end > at:
            return start, end
    return at, at + 1


def _places(stretch: str, text: str) -> list[int]:
    return [match.start() for match in re.finditer(re.escape(stretch), text)]


def _shared(question: str, text: str) -> list[str]:
    """The longest stretches of two Chinese characters or more that a text shares with a question."""
    found, at = [], 0
    while at < len(question) - 1:
        length = 0
        while (
            at + length < len(question)
            and _CJK.match(question[at + length])
            and question[at : at + length + 1] in text
        ):
            length += 1
        if length > 1:
            found.append(question[at : at + length])
        at += max(length, 1)
    return found
