"""Reads a question about tables: what is to be done, which columns it mentions, and what is left to name the rows."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import ahocorasick_rs

from retrieval.facts.conditions import comparisons
from retrieval.facts.forms import header_forms
from retrieval.facts.normalize import plain
from retrieval.facts.spoken import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from retrieval.facts.columns import Vocabulary

Operation = Literal["value", "count", "list", "max", "min", "sum", "average", "compare", "check"]

_OPERATIONS: tuple[tuple[Operation, str], ...] = (
    ("average", r"平均(值|数)?|均价|\b(average|mean)\b"),
    ("compare", r"(?:和|与|跟|还是).{1,40}(?:谁|哪[个家款种台条座]?)(?:(?!最|第).){0,6}?(?:[贵高低多少大小早晚长短快慢重轻远近]|便宜)(?:[些点]|一[些点])?[呢啊]?[?？]?$|相差|差多少|比.{1,40}(?:多多少|少多少|[多少](?!少)[一-鿿]{1,2}了?多少)|(?:和|与|跟|还是).{1,40}(?:谁|哪个|哪一个|哪款|哪家|哪种|哪台)(?:的.{1,8})?(?:更|比较|[贵高低多少大小早晚长短快慢]|便宜)|比.{1,40}(?:[高低贵多少大小早晚长短快慢便宜]+(?:吗|多少|了多少)|更)|"
                r"比[^？?，,]{1,40}(?:早|晚|迟|大|小|多|少|长|短|高|低|贵|便宜|重|轻|深|宽|快|慢|远|近)[^？?，,比]{0,6}?(?:多久|多长时间|多少|几(?:天|年|个月|个|台|人|岁|米|张|间|条|艘|辆|家|名|位|项|本|套|件|份|次|分|级|层|座|门|只|支|吨|公里|小时|分钟|块|元))|"
                r"(?:谁|哪个|哪款|哪一个|哪种)更|\bcompare\b|\bdifference between\b|\b(?:more|less|[a-z]{3,}er)\b.{0,30}\bthan\b(?!\s*[£$€¥]?\s?\d)|"
                r"\b(?:which|who)\b.{0,40}\b(?:more|less|older|younger|cheaper|more expensive|higher|lower|larger|faster)\b.{0,60}\bor\b"),
    ("sum", r"总和|总共|一共|合计|总计|加起来|总额是|总金额|\b(sum|total|altogether|combined|in total)\b"),
    ("max", r"最(?:高|贵|大|多(?!\s*\d)|长|晚|新|快|重|远|年长|迟|久|深|老)|第一高|\b(?:highest|largest|biggest|(?<!at )most|latest|newest|longest|fastest|maximum|max|top|oldest|heaviest|deepest)\b|(?<!at )\blast[?.]?$"),
    ("min", r"最(?:低|便宜|小|少(?!\s*\d)|短|早|旧|慢|轻|近|年轻|浅)|\b(?:lowest|smallest|cheapest|(?<!at )least|earliest|shortest|slowest|minimum|min|fewest|youngest|lightest|shallowest)\b|(?<!at )\bfirst[?.]?$"),
    ("count", r"多少(?:个(?!小时|钟头|月|星期|工作日|学期)|部(?!门)|家|种|台|名|位|人|款|条|张|件|类|项|座|所|间|只|辆|部|门|次|份|本|支|套|场|笔|批|例)|几(?:个(?!小时|钟头|月|星期|工作日|学期)|部(?!门)|家|种|台|名|位|人|款|条|件|类|项|座|所|间|只|辆|门(?!课?的)|份|本|首|支|套|场|栋|幢|艘|笔|批|例)|有多少|\bhow many\b|(?:^|\bis |\bare |'s )the (?:total )?number of\b|^number of\b(?=.*\b(?:than|over|under|above|below|at least|at most)\b)|^count\b"),
    ("list", r"哪些|有谁|都有谁|列出|列一下|列举|分别是|所有|全部|名单|清单|\b(?:list|show all|all the|which .{0,30}s (?:are|have|cost|do|does|did)|what .{0,30}s (?:are|have|cost|do|does))\b"),
    ("check", r"是否|是不是|有没有|对不对|对吗|是吗|吗[？?]?$|^(?:is|are|does|do|has|have|was|were|did)\b"),
)  # fmt: skip
_PATTERNS = tuple((name, re.compile(pattern)) for name, pattern in _OPERATIONS)
_PHRASES = re.compile(
    r"\bpays? for\b|(?<=[一-鿿])[那这](?:个|座|位|款|台|条|趟|门|套|间|幢|栋)(?=[一-鿿])|(?:晚上|早上|上午|下午|中午|夜里|平时|一般)(?=[开关\0]|营业|到几|几点)|[,，]?\s*(?:很|挺)?急(?:用|急急)?(?=[?？!！。\s]*$)|(?:告诉|跟|给)我(?:说|讲|发)?一下|说一下|发我一下|在线等|大概|大约|请问一下|请问|请帮我|帮我|帮忙|麻烦你?|我想要?知道|我要查|我想问一?下?|我想查一?下?|想知道|想问一?下?|告诉我|请告诉我|给我查?一?下?|你知道|查一下|查询一?下?|查查|"
    r"请查一?下?|查下|查一查|多长时间|多少时间|按(?=\d{4})|根据|按照|现在|目前|规定(?=的?[^的]{0,6}$)|是多少呢?|有多少|是多少钱|等于多少|为多少|多少(?![年月日])|是什么|叫什么名字|叫什么|是啥|是几号?|什么(?!意思)|是哪一?[个家位款种座本份台件条门所趟支]?|哪一?[个家位款种座本份台件条门所趟支]|"
    r"\bwhat time\b|多长(?!沙)|多大|多高|多重|多快|多久|怎么卖|几块钱?|几元|几毛|哪一?天|什么时候|何时|几点钟?|是谁的|是谁|^谁是|谢谢|你好|您好|呢(?=$|[?？,，。!])|吗(?=$|[?？,，。!])|啊(?=$|[?？])|呀(?=$|[?？])|吧(?=$|[?？])|"
    r"(?:这|那)家(?=供应商|客户|公司|厂商?|店)?|\b(?:please|we|you|they|tell me|can you|could you|do you know|i want to know|i need|i would like to know|give me|show me|look up|find)\b|"
    r"^(?:what(?:'s|s)?|which|who(?:'s)?|where|when|whose|how much|how many|how)\b(?:\s+(?:is|are|does|do|was|were|did|the))*|"
    r"\b(?:what|which) (?:is|are)\b"
)
# 土豆卖多少, 护照收几元: before anything else such a character is the end of a name (雪莲花, 外卖).
_SELLS = r"(?:卖|售|收|花|得花|要花|要收)"
_SOLD = re.compile(rf"{_SELLS}(?=(?:多少|几|什么价|怎么)(?!个人))")
_PERIODS = re.compile(
    r"(?:每|一)(?:个)?(?:天|晚|月|年|人|次|台|套|小时|周|班|位|份|件|夜|箱|盒|瓶|包|袋|桶|支|辆|间|条|双)(?=\s|的|\0|$)"
)
# What is done, left alone between two words of columns (生日送多少礼券), names no row.
_ONLY_VERB = re.compile(
    r"(?:还|能|要|会|可以?)?(?:送|发|给|交|付|领|拿|放|享|享受|有|剩|需|补|报|寄)?(?:多少|几)?[个箱盒瓶包袋件台套天元人份张]?"
)
# How much is asked, beside the word of the column (还有多少箱库存, 账期几天). 还有几天年假 asks for what is left: it stays.
_QUANTITY = re.compile(
    r"(?:还?有|还剩|剩)?(?:多少|几)(?:箱|盒|瓶|包|袋|件|台|套|个|支|桶)?\0|\0(?:是|有|要|为)?(?:多少|几)(?:天|个?月|年|小时|分钟|元|块钱?|个|人|箱|盒|瓶|包|袋|件|台|套|平米|吨|公斤|千克|升|米|公里)(?=$|[\0?？呢啊呀的])"
)
# 从哪里取水: the word of the column says what is asked.
_FROM = re.compile(r"(?:从|打|由|向)(?:哪里|什么地方|谁那里|哪家)")
_REMARK = re.compile(r"(?<=.)\s*\([^()]*\)\s*(?=[?？]?$)")
_PUNCTUATION = re.compile(r"[?？!！。,，;；:：、…\"“”「」『』《》]+|\.(?=\s|$)")
_EDGES = re.compile(
    r"^(?:[和与及有为](?=\s|$)|\s|的|是|在(?!线)|把|(?:the|was|were|did|will|can|of|for|in|at|is|are|does|do|has|have|with|a|an|to|by|belong(?:s)? to)(?![-\w/.+#]))+|"
    r"(?:\s|的|是|隶?属于|归属于?|位于|坐落于?|有|在|为|哪|要|'s|(?<=s)'|(?<![-\w/.+#])(?:the|of|for|in|at|is|are|does|have|has|a|need|needs|use|uses|located|belong(?:s)?(?: to)?|to))+$"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of the question that may name a column: by its header, a synonym, or what it asks (多少钱).

    `apart` says that a comma or 和 parts it from the mentions beside it: a second thing asked.
    """

    start: int
    end: int
    word: str
    concepts: frozenset[str]
    asks: bool = False
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question as read; `text` is in the plain form to which the mentions' offsets refer.

    `scattered` are headers whose words stand apart in the question (计划哪天完成 for 计划完成), each as its words;
    `names` are the words of it that a glossary knows by other names, with these, in plain form.
    """

    text: str
    operation: Operation
    mentions: tuple[Mention, ...]
    scattered: tuple[tuple[Mention, ...], ...] = ()
    names: tuple[tuple[str, tuple[str, ...]], ...] = ()


class QuestionReader:
    """Finds the words of columns in questions; made for one vocabulary and the headers of the visible tables."""

    def __init__(self, vocabulary: Vocabulary, headers: Iterable[str]) -> None:
        headers = list(headers)
        self._entries: dict[str, tuple[frozenset[str], bool]] = {}
        for concept in vocabulary.concepts.values():
            for word in concept.words:
                self._know(plain(word), frozenset({concept.name}), asks=False)
            for word in concept.asks:
                self._know(plain(word), frozenset({concept.name}), asks=True)
        for header in headers:
            for form in header_forms(plain(header)):
                if (len(form) > 1 or not form.isascii()) and form not in self._entries:
                    self._know(form, vocabulary.concepts_of(form), asks=False)
        self._split = {
            h: words for h in {plain(header) for header in headers} if len(words := _header_words(h)) > 1
        }
        self._words = list(self._entries)
        self._automaton = ahocorasick_rs.AhoCorasick(self._words)

    def _know(self, word: str, concepts: frozenset[str], *, asks: bool) -> None:
        if len(word) > 3 and word.isascii() and word[-1] == "y" and word[-2] not in "aeiou":
            self._know(word[:-1] + "ies", concepts, asks=asks)
        known, asked = self._entries.get(word, (frozenset(), True))
        self._entries[word] = (known | concepts, asks and asked)

    def read(self, question: str, extra: Mapping[str, Sequence[str]] | None = None) -> Question:
        """The question with its operation and mentions; `extra` gives other names for words of the question."""
        text = written(plain(question))
        found = [Mention(s, e, w, *self._entries[w]) for w, s, e in self._matches(text)]
        for surface, forms in (extra or {}).items():
            found.extend(self._by_other_names(text, plain(surface), forms))
        names = tuple((plain(word), tuple(map(plain, forms))) for word, forms in (extra or {}).items())
        operation = _operation(text)
        if operation in {"max", "min"} and comparisons(text):
            # 最长期限10年以上的: the superlative is a part of the column's name.
            operation = _operation(_blanked(text, found))
        return Question(
            text, operation, tuple(_parted(text, _longest(found))), tuple(self._scattered(text)), names
        )

    def _scattered(self, text: str) -> Iterator[tuple[Mention, ...]]:
        for header, words in self._split.items():
            places = [text.find(word) for word in words]
            if header not in text and min(places) >= 0:
                concepts = self._entries.get(header, (frozenset[str](), False))[0]
                yield tuple(
                    Mention(at, at + len(w), header, concepts) for at, w in zip(places, words, strict=True)
                )

    def _matches(self, text: str) -> list[tuple[str, int, int]]:
        matches = self._automaton.find_matches_as_indexes(text, overlapping=True)
        return [
            (self._words[i], s, _past_plural(text, e))
            for i, s, e in matches
            # A header of one character (值, 价) is one only where 的 says so.
            if _whole(text, s, e) and (e - s > 1 or text[s] == "谁" or text[:s].endswith("的"))
        ]

    def _by_other_names(self, text: str, surface: str, forms: Sequence[str]) -> list[Mention]:
        concepts = frozenset[str]().union(
            *(self._entries.get(plain(f), (frozenset(), False))[0] for f in forms)
        )
        known = next((plain(f) for f in forms if plain(f) in self._entries), "")
        if not known:
            return []
        return [
            Mention(m.start(), m.end(), known, concepts)
            for m in re.finditer(re.escape(surface), text)
            if _whole(text, m.start(), m.end())
        ]


def _blanked(text: str, mentions: Iterable[Mention]) -> str:
    """A question with the words of columns blanked, so that offsets stay."""
    for mention in mentions:
        text = text[: mention.start] + " " * (mention.end - mention.start) + text[mention.end :]
    return text


def _header_words(header: str) -> list[str]:
    """The words of a Chinese header without its brackets, if all have two characters or more."""
    import rjieba

    bare = re.sub(r"[(（\[【].*?[)）\]】]", "", header).strip()
    if not 4 <= len(bare) <= 12 or bare.isascii():
        return []
    words = [str(word) for word in rjieba.cut(bare)]
    return words if all(len(word) > 1 for word in words) else []


def _operation(text: str) -> Operation:
    # 哪个行驶时间短（汉堡出发）: what is asked stands before the brackets.
    bare = _REMARK.sub("", text)
    return next((name for name, pattern in _PATTERNS if pattern.search(bare)), "value")


def _whole(text: str, start: int, end: int) -> bool:
    """Whether a stretch cuts no Latin word or number in two (a plural s may follow)."""

    def joined(left: str, right: str) -> bool:
        return left.isascii() and right.isascii() and left.isalnum() and right.isalnum()

    before = start > 0 and joined(text[start - 1], text[start])
    after = end < len(text) and joined(text[end - 1], text[end])
    if after and text[end] == "s" and text[end - 1].isalpha():
        after = end + 1 < len(text) and text[end + 1].isalnum() and text[end + 1].isascii()
    return not before and not after


def _past_plural(text: str, end: int) -> int:
    """The end of a word with the s of its plural, if it has one."""
    return (
        end + 1 if text[end : end + 1] == "s" and text[end - 1].isascii() and text[end - 1].isalpha() else end
    )


def _longest(mentions: Sequence[Mention]) -> list[Mention]:
    """Of overlapping mentions the longer; in the question's order."""
    kept: list[Mention] = []
    for mention in sorted(mentions, key=lambda m: (m.start - m.end, m.start)):
        if all(mention.end <= other.start or mention.start >= other.end for other in kept):
            kept.append(mention)
    return sorted(kept, key=lambda m: m.start)


def _parted(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions, those marked that a comma or 和 parts from the next or last one."""
    parted = []
    for at, mention in enumerate(mentions):
        before = text[mentions[at - 1].end : mention.start] if at else ""
        after = text[mention.end : mentions[at + 1].start] if at + 1 < len(mentions) else ""
        apart = any(
            re.fullmatch(r"\s*(?:[,，、;；]|和|及|与|以及|还有|and)\s*", gap) for gap in (before, after)
        )
        parted.append(replace(mention, apart=apart))
    return parted


def residue(question: Question, *without: Mention) -> str:
    """What is left of a question when mentions, polite words and question words are taken out: the row's name."""
    text = question.text
    for mention in sorted(without, key=lambda m: -m.start):
        end = mention.end + (
            text[mention.end : mention.end + 1] == "s" and text[mention.end - 1 : mention.end].isascii()
        )
        before = text[: mention.start]
        sold = re.search(rf"{_SELLS}$", before) if mention.asks and _SOLD.match(f"卖{mention.word}") else None
        text = f"{before[: sold.start()] if sold else before}\0{text[end:]}"
    return strip_phrases(_FROM.sub(" ", _QUANTITY.sub("\0", text)) if without else text)


def strip_phrases(text: str) -> str:
    """A text without polite words, question words and punctuation, its edges freed of particles."""
    rest = _PUNCTUATION.sub(" ", _PHRASES.sub(" ", _SOLD.sub(" ", text)))
    parts = [part for part in (_trimmed(part) for part in rest.split("\0")) if part]
    kept = [part for part in parts if _PERIODS.sub("", part).strip() and not _ONLY_VERB.fullmatch(part)]
    return " ".join(kept or parts)


def without_phrases(text: str) -> str:
    """A text with its polite words and question words blanked, so that offsets stay."""
    return _PHRASES.sub(lambda match: " " * len(match[0]), text)


def _trimmed(text: str) -> str:
    """A text freed of particles at its edges, and of a period at its end (一天, 每人) if something else is left."""
    previous = None
    while previous != text:
        previous = text
        text = _EDGES.sub("", text.strip())
        text = _PERIODS.sub("", text).strip() or text
    return text
