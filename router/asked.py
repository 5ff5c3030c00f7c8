"""The words of a question and how much each of them tells: its rarity in the collection, and in the language."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from retrieval.facts.lexicon import bases, lexicon
from retrieval.facts.normalize import plain
from retrieval.facts.subject import SubjectWord, stop_words, subject_of
from retrieval.facts.values import number_of
from router.wordlists import common_english, facets, synonyms, words_with_synonyms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    # How rare each word is in the collection: 0 stands everywhere, 1 stands nowhere.
    Rarity = Callable[[Sequence[str]], Sequence[float]]

_CJK = re.compile(r"[\u3400-\u9fff]")
# Counts in rjieba's dictionary run to some ten thousands for the commonest words of content.
_COMMONEST, _LEAST_UNCOMMON, _LATIN, _EVERYDAY = math.log(40_000), 0.1, 0.8, 0.2
# A common word tells this much at least, and a word of which there is more everywhere this much.
_COMMON_TELLS, _PIECE, _CONDITION, _LEAST_RARE = 0.3, 0.3, 0.1, 0.02
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
    r"(?P<name>(?:[A-Z][A-Za-z]+ ){0,3}[A-Z][A-Za-z]+|[\u3400-\u9fff]{2,8})\s?[(（](?P<other>[A-Za-z ]{2,40}|[\u3400-\u9fff]{2,10})[)）]"
)
_AMOUNT = re.compile(
    r"(?P<n>\d+)(?:\.\d+)?\s?(?:万|千|百)?(?:元|块|美元|欧元|公里|公斤|吨|人|个月|年(?<!\d{4}年)|天|小时|米|km\b|%|years?\b|months?\b|days?\b|hours?\b|people\b)"
)
# 超过4000, 交1200, over 5,000: what a rule is asked about, not a code.
_BOUND = re.compile(
    r"(?:超过|超出|超|高于|低于|不到|不足|不满|满|达到?|大于|小于|多于|少于|至少|最多|花了?|付了?|交了?|收了?|给了?|借了?|能报)\s?(?P<n>\d{1,3}(?:,\d{3})+|\d{3,6})(?![\dA-Za-z年月日号:：./-])"
    r"|\b(?:over|above|below|under|exceed(?:s|ing)?|more than|less than|at least|up to|worth) [$£€]?(?P<m>\d{1,3}(?:,\d{3})+|\d{3,6})(?![\d:./-])"
)
# 200dpi, 500gb: an amount that is typed in one with its unit.
_MEASURED = re.compile(r"(?<![A-Za-z0-9.-])\d{2,}(?:\.\d+)?[a-z]{2,3}(?![A-Za-z0-9-])", re.IGNORECASE)
_SPELLED = re.compile(r"(?P<n>[一二两三四五六七八九十百千万\d]*[十百千万])(?:块钱?|元)")
_EVERYDAY_PAIR, _PLACED = re.compile(r"[\u3400-\u9fff]{2}"), frozenset("里上中下内外")
_NUMBERED = re.compile(r"(?<![\dA-Za-z月.-])(?P<n>\d{1,4})(?:路|号线|号楼|号|楼|层|栋|座|室|期|档|类)(?!\d)")
_THING = re.compile(r"(?!.*(?:ed|ing|ly|ise|ize|ify|ate)$)[a-z]{5,}")
_OPENING = re.compile(r"[A-Z][a-z]{2,}(?:-[a-z]+)*")
_CAPITAL = re.compile(r"(?<![A-Za-z])(?<!^)(?<![.?!] )[A-Z][a-z]{2,}")
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")  # fmt: skip
# rjieba's tags of persons, places, organisations and other names; a word this rare is no adverb.
_NAMING, _TELLING = 0.28, 0.4
_NAMES, _RARE, _PROPER = frozenset({"nr", "nrt", "nrfg", "ns", "nt", "nz"}), 0.35, 1.4
_DIGITS, _LONGEST_AMOUNT = "一二三四五六七八九十", 7
_COUNTED = re.compile(rf"(?P<n>[{_DIGITS}两]{{1,3}})(?P<unit>年|个月|月份?|天|日|号|小时|分钟|次|级|人|周|岁)")


@dataclass(frozen=True, slots=True)
class AskedWord:
    """A word of the question and how much it tells: its weight times its rarity in the collection and in the language.

    `proper`: the name of a person, a place, a firm or a product.
    """

    word: SubjectWord
    weight: float
    proper: bool = False


def asked_words(
    question: str, names: Mapping[str, Sequence[str]], rarity: Rarity | None = None
) -> tuple[AskedWord, ...]:
    """Return the words that `question` is about, each with what it tells; `names` gives other names of its terms.

    A word that the collection lacks tells little if everybody uses it (程度) and much if nobody does (公租房).
    """
    question, names = _with_asides(question, names)
    folded = plain(question)
    words = [_with_numbers(word) for word in subject_words(question, names)]
    words += _taken_for_adverbs(question, words)
    words = _numbered(question, words)
    forms = list(dict.fromkeys(form for word in words for form in word.forms))
    rare = dict(zip(forms, rarity(forms), strict=True)) if rarity else dict.fromkeys(forms, 1.0)
    amounts = conditions(question)
    kind, typed = kind_asked(question), _typed_as_names(question)
    found: list[AskedWord] = []
    words = [word for word in words if not _is_unit(word.text, folded)]
    if rarity is not None:
        words = list(_without_slips(words, folded, rare, rarity))
        more = [form for word in words for form in word.forms if form not in rare]
        rare |= dict(zip(more, rarity(more), strict=True))
    for word in words:
        least = min(rare[form] for form in word.forms)
        if least >= 1.0 and _cut_wrongly(word, folded):
            found += [AskedWord(_character(c), _PIECE * uncommon(c)) for c in word.text]
            continue
        slight = (
            word.text in kind
            or word.text in amounts
            or (word.text in facets() and not word.code)
            or _SLIGHT.fullmatch(word.text)
        )
        piece = _CONDITION if word.text in amounts else _PIECE
        asked = replace(word, firm=False, weight=word.weight * piece) if slight else _named_in_english(word)
        tells = _COMMON_TELLS + (1 - _COMMON_TELLS) * uncommon(word.text)
        proper = word.text in typed or (asked.firm and _is_proper(asked))
        # 铂 of `铂|金牌`: a rare character before a noun tells which one is meant.
        proper = proper or (asked.firm and len(word.text) == 1 and uncommon(word.text) >= _TELLING)
        found.append(AskedWord(asked, asked.weight * max(least, _LEAST_RARE) * tells, proper))
    return tuple(found)


def _is_unit(word: str, question: str) -> bool:
    """Whether a Latin word is the unit in which a number is asked for: 几个G, 多少MB."""
    return word.isascii() and bool(re.search(rf"(?:几|多少)\s?个?\s?{re.escape(word)}(?![a-z0-9])", question))


def _without_slips(
    words: Sequence[SubjectWord], question: str, rare: Mapping[str, float], rarity: Rarity
) -> Iterator[SubjectWord]:
    """Put the collection's own word in the place of one that cuts through it and stands nowhere: 色库 for 库里 of `色库里`.

    Such a word is everyday Chinese (心想, 建工) that the segmenter read across the edge of a company's word.
    """
    import rjieba

    for word in words:
        text, at = word.text, question.find(word.text)
        if word.code or at < 0 or not _EVERYDAY_PAIR.fullmatch(text) or min(rare[f] for f in word.forms) < 1.0:
            yield word
            continue
        pairs = (question[max(at - 1, 0) : at + 1], question[at + 1 : at + 3])
        crossing = [pair for pair in pairs if _EVERYDAY_PAIR.fullmatch(pair)]
        own = [pair for pair, r in zip(crossing, rarity(crossing), strict=True) if r < 1.0]
        known = [pair for pair in own if rjieba.has_word(pair) or not set(pair) <= stop_words()]
        name = _tag(text) in _NAMES and text[-1] not in _PLACED
        if name or not known or not rjieba.has_word(text):
            yield word
        elif not any(known[0] in other.text for other in words):
            yield replace(word, text=known[0], forms=(known[0], *synonyms(known[0])))


def conditions(question: str) -> frozenset[str]:
    """Return the numbers that set a condition (工作8年, 超过4000, £20,000): a rule that holds for them seldom names them."""
    bounds = (found["n"] or found["m"] for found in _BOUND.finditer(question))
    spelled = (found[0].casefold() for each in (_SPELLED, _MEASURED) for found in each.finditer(question))
    return frozenset((*(found["n"] for found in _AMOUNT.finditer(question)), *bounds, *spelled))


def subject_words(question: str, names: Mapping[str, Sequence[str]]) -> list[SubjectWord]:
    """Return the words that `question` is about, each with its synonyms beside its other names."""
    words = [_with_synonyms(word) for word in subject_of(question, names)]
    return _joined(plain(question), words)


def _with_synonyms(word: SubjectWord) -> SubjectWord:
    if word.code:
        return word
    return replace(word, forms=tuple(dict.fromkeys((*word.forms, *synonyms(word.text)))))


def _joined(question: str, words: list[SubjectWord]) -> list[SubjectWord]:
    """Put the pieces of a longer word that has synonyms together: 到账, which was cut in two, or 带|新人."""
    for text in words_with_synonyms(question):
        pieces = [word for word in words if word.text in text and word.text != text and not word.code]
        if any(text in word.text for word in words) or not pieces:
            continue
        words = [word for word in words if word not in pieces]
        words.append(SubjectWord(text, (text, *synonyms(text)), 1.0, any(word.firm for word in pieces)))
    return words


@lru_cache(maxsize=16_384)
def uncommon(word: str) -> float:
    """Return how uncommon a word is (0.1 to 1): a Chinese one by rjieba's dictionary, else 0.8, and 0.2 for everyday English."""
    import rjieba

    if not _CJK.match(word):
        return _EVERYDAY if any(form in common_english() for form in (word, *bases(word))) else _LATIN
    count = rjieba.suggest_freq(word) if rjieba.has_word(word) else 0
    return min(1.0, max(_LEAST_UNCOMMON, 1 - math.log(count + 1) / _COMMONEST))


def _named_in_english(word: SubjectWord) -> SubjectWord:
    """Take an uncommon English word for a thing (strawberries), unless it looks like what is done (calculated)."""
    thing = word.text.isascii() and _THING.fullmatch(word.text) and uncommon(word.text) >= _LATIN
    return replace(word, firm=True) if thing else word


def _cut_wrongly(word: SubjectWord, question: str) -> bool:
    """Tell whether a word looks like a slip of the segmenter: nobody uses it, and it is of common characters (做软), one of which
    says little (里困), or its edge belongs to its neighbour (工单 of `建工|单要填`). A name has rarer characters (钉钉).
    """
    import rjieba

    text = word.text
    chinese = 2 <= len(text) <= 3 and all(map(_CJK.match, text))
    if not chinese or word.code or word.weight > 1 or synonyms(text) or rjieba.has_word(text):
        return False
    at = question.find(text)
    edges = (question[max(at - 1, 0) : at + 1], question[at + len(text) - 1 : at + len(text) + 1])
    crossed = any(len(edge) == 2 and rjieba.has_word(edge) for edge in edges)
    glued = text[0] in stop_words() or text[-1] in stop_words()
    return at < 0 or crossed or glued or max(map(uncommon, text)) < _NAMING


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
    if word.text.isascii():
        return word.weight > _PROPER and uncommon(word.text) > _EVERYDAY
    return len(word.text) > 1 and _tag(word.text) in _NAMES


def _character(character: str) -> SubjectWord:
    return SubjectWord(character, (character,), _PIECE, firm=False)


def kind_asked(question: str) -> str:
    """Return what kind of thing is asked for (哪个教室, which department): a text that names the thing need not say it."""
    return " ".join(found["zh"] or found["en"] for found in _KIND.finditer(question.casefold()))


def _typed_as_names(question: str) -> frozenset[str]:
    """Return the Latin words within the question that are typed with a capital, folded: Factory of `Pixel Factory的评级`."""
    names = frozenset(found[0].casefold() for found in _CAPITAL.finditer(question))
    opening = _OPENING.match(question) if _CJK.search(question) else None
    if opening is None or lexicon().knows(opening[0].casefold()):
        return names
    return names | {opening[0].casefold()}


def _numbered(question: str, words: Sequence[SubjectWord]) -> list[SubjectWord]:
    """Put a number and the word that it counts in one: 9路 is neither 15路 nor the ninth row."""
    found = {match[0]: match["n"] for match in _NUMBERED.finditer(question)}
    kept = [word for word in words if word.text not in found.values()]
    return [*kept, *(SubjectWord(text, (text,), 1.3, firm=True) for text in found)]


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
    if text.isdigit() and 4 <= len(text) <= _LONGEST_AMOUNT and not word.text.startswith("0"):
        return replace(word, forms=(*word.forms, f"{int(text):,}"))
    spelled = _SPELLED.fullmatch(text)
    amount = number_of(spelled["n"]) if spelled else None
    if amount is not None:
        return replace(word, forms=(*word.forms, f"{int(amount):,}", str(int(amount))))
    counted = _COUNTED.fullmatch(text)
    if counted is None:
        return word
    number = _number(counted["n"])
    forms = _month(number) if counted["unit"] in {"月", "月份"} else (f"{number}{counted['unit']}",)
    if counted["unit"] in {"日", "号"}:
        forms = (f"{number}日", f"{number}号", f"-{number:02}")
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
