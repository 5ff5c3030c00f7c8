"""The words by which questions ask for extremes, totals and comparisons, and the columns that they speak of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.facts.catalogue import asked_together, columns_for
from retrieval.facts.everyday import everyday_words
from retrieval.facts.normalize import plain
from retrieval.facts.quantities import of_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.columns import Vocabulary
    from retrieval.facts.questions import Mention, Question

NUMERIC = frozenset({"number", "money", "percent"})
_ORDERED = (*sorted(NUMERIC), "date")
_FAST = re.compile(
    r"[最更][快慢]|[快慢](?=[一些点吗呢?？]|了?多少|的是|\s*$)|\b(?:fast|slow|quick)(?:est|er)\b"
)
_SPEED = re.compile(r"速|率|speed|rate|knots")
_ADJECTIVES: tuple[tuple[str, frozenset[str]], ...] = (
    (r"人[多少]|more people|fewer people", frozenset({"headcount"})),
    (r"贵|便宜|expensive|cheap", frozenset({"price", "amount"})),
    (r"earn|paid|挣|赚", frozenset({"salary"})),
    (r"最早|最晚|最新|最旧|最老|最迟|早于|晚于|更早|更晚|latest|newest|oldest|earliest|older|newer|earlier|later", frozenset({"date", "age"})),
    (r"最深|最浅|更深|更浅|deep|shallow", frozenset({"depth"})),
    (r"重|轻|heav|light", frozenset({"weight"})),
    (r"快|慢|fast|slow", frozenset({"speed"})),
    (r"长|短|久|long|short", frozenset({"duration", "days"})),
    (r"年轻|年长|年纪|岁|young|old", frozenset({"age"})),
    (r"最大|最小|更大|更小|大多少|小多少|larg|bigg|small", frozenset({"area"})),
    (r"多|少|most|least|few", frozenset({"quantity", "days"})),
)  # fmt: skip
# 已付款总额: said of any column of numbers.
_ANY_AMOUNT = frozenset(
    {"总额", "总数", "总量", "总价", "总金额", "金额", "数额", "合计", "数量", "amount", "total"}
)
_TIMES = frozenset(
    {
        "天", "日", "工作日", "周", "个月", "月", "年", "小时", "分钟", "分", "秒", "days", "hours", "h", "min", "minutes", "s",
        "weeks", "months",
    }
)  # fmt: skip
_SUPERLATIVES = re.compile(r"[最更][一-鿿]{1,2}|\b[a-z]+est\b|\b(?:most|least)\b(?: [a-z]+)?")
_MEASURES = frozenset({"area", "depth", "weight", "speed", "duration", "days", "age"})
_OF_TIME = re.compile(r"最[早晚新旧近迟老]|\b(?:latest|earliest|newest|oldest|most recent(?:ly)?|first|last)\b")
_HIGH = re.compile(r"最[高低]|\b(?:high|low|tall)est\b")
_DEAR = re.compile(r"贵|便宜|expensive|cheap")
_LOWER = re.compile(
    r"便宜|低|少|小|早|旧|短|轻|慢|年轻|shallow|浅|cheap|low|less|few|small|earl|old|short|light|slow|young|least"
)
_FILLER = re.compile(
    r"手[里上头](?!机)|名下|旗下|出发|始发|出(?!租|差|厂|版|生|口|货|院)|大概|大约|差不多|多少|几|第|排名|倒数|一共|总共|合计|总计|总和|加起来|平均值?|平均数|均价|最(?:高|低|贵|便宜|大|小|多|少|长|短|早|晚|新|旧|老|快|慢|重|轻|久|迟|年长|年轻)|是否|是不是|有没有|对不对|对吗|是吗|数量|总数|个数|总|各|每|统计|分布|按|不同|出差|适用|标准|额度|限额|上限|金额|数值|写了?|订购|购买|上课|能坐|可坐|坐得下|能容纳|可容纳|对应|分别|年底|"
    r"哪些|哪一?[个家位款种座台名项条首本支套幢栋艘]|哪里?|跟|有谁|都有谁|谁|列出|列一下|列举|分别|所有|全部|名单|清单|什么|怎么|请问|可以(?!不)|告诉我|帮我|查一?下|查询|统计|一下|"
    r"[个家种台名位人款条张件类项座所间只辆部门次元块天份场首本支套幢栋艘](?![一-鿿])|个|家|台|位|名|人|款|种|件|条|份|还|都|自己|一[次回](?!性)|花了?|买的?(?!入)|做|用|当作?|作为?(?!业)|已经?|上(?=什么|哪|谁|\s|$)|买(?!入)|的|是|有|在|属于|为|里面|里|中|内|现在|目前|当前|我们|公司|咱们|本|该|这|那|都|共|及|和|与|且|并且|同时|或|吗|呢|啊|呀|了|来自|位于|得|钱|值|数|更|比|贵|便宜|高|低|大|小|长(?!期)|短|快(?!递)|慢|早|晚|轻|重|远|近|"
    r"\b(?:how many|how much|which|what|who|where|when|list|show|all|everyone|everybody|the|of|in|at|on|for|with|and|or|is|are|was|were|do|does|did|has|have|there|total|sum|average|mean|count|number|most|least|highest|lowest|largest|smallest|biggest|deepest|shallowest|cheapest|expensive|latest|newest|oldest|earliest|maximum|minimum|max|min|to|from|by|that|whose|please|me|give|tell|than|more|less|it|them|they|we|our|us|belong|work|works|working|located|cost|costs|own|owns|people|items|ones?|any|every|each|only|per|by|top|number|different|after|before|take|takes|get|earns?|earned|could|can|would|should|will|be|been|under|between|used|use|uses|using|run|runs|running|ends?|begins?|time|as|i|my|you|your|he|she|his|her|now|currently|today|got|handles?|handled|stored|kept|held|placed|serves?|served|covers?|covered|looks? after|does|offers?|offered|makes?|made|combined|we've|allowed)\b|"
    r"[\s?？!！。，,、;；:：.'\"“”‘’()（）\[\]]"
)  # fmt: skip
# 哪些宿舍有电梯: what stands behind is a word of its own.
_HOW_OR_WHICH = re.compile(
    r"\bhow (?:many|much)\b|哪些|哪一?[个家位款种座台名项条首本支套幢栋艘间份门辆](?=[一-鿿])"
)
# A letter beside Chinese or at the end of the question (评级是A, with rating A) is a value, no article.
_ARTICLE = re.compile(r"(?<![^\s])an?(?=\s+\S|\s{2,}$)")
_BREAK = re.compile(
    r"[\s?？!！。，,、;；:：\"“”‘’()（）\[\]《》]+|的|(?<=[一-鿿])(?:多少|几|哪些|什么|怎么)|(?:有|是|在)(?=[a-z0-9])"
)
_PARTICLES = re.compile(
    r"^(?:是|有|在|为|属于|位于|来自|请问|请|帮我|查询|查|多少|几(?=[a-z])|的|和|与|及|或|了|一共|总共|所有|全部|还|各|每|按|第|从|由)+|"
    r"(?:最[高低贵大小多少长短早晚新旧老快慢重轻久]|是|(?<![自国私专现持])有|在|为|吗|呢|啊|呀|了|的|多少|几|哪|谁|一共|总共|分别|和|与|及|或|还)+$"
)


def unexplained(text: str) -> list[str]:
    """The pieces of a text that are more than words of asking; a piece keeps what stands inside it (城中 is no 城)."""
    runs = _BREAK.split(_ARTICLE.sub(" ", _HOW_OR_WHICH.sub(" ", text)))
    pieces = (_PARTICLES.sub("", run) for run in runs if _FILLER.sub(" ", run).split())
    return [piece for piece in pieces if piece]


def asks_for_less(text: str) -> bool:
    """Whether the comparing word of a question points to the smaller or earlier end."""
    return _LOWER.search(text) is not None


def number_column(
    read: Question, table: KnownTable, vocabulary: Vocabulary, kinds: Sequence[str]
) -> int | None:
    """The column of a table whose numbers the question is about; None when it does not say, or not clearly."""
    return measure_of(read.text, read.mentions, table, vocabulary, kinds=kinds)


def measure_of(
    text: str,
    mentions: Sequence[Mention],
    table: KnownTable,
    vocabulary: Vocabulary,
    *,
    kinds: Sequence[str] = _ORDERED,
    fallback: bool = True,
) -> int | None:
    """The column of numbers that mentions or an adjective speak of; with `fallback` the only one that there is."""
    columns = table.stored.table.columns
    usable = [p for p, c in enumerate(columns) if c.kind in kinds and "row_number" not in table.concepts[p]]
    together = [p for p in asked_together(mentions, table, vocabulary) if p in usable]
    for mention in _best_told(text, mentions, table, vocabulary, usable):
        found = [p for p in columns_for(mention, table, vocabulary) if p in usable]
        narrowed = [p for p in found if p in together]
        if len(narrowed) == 1 or len(found) == 1:
            return (narrowed or found)[0] if len(narrowed) < 2 else None
        if found:
            return None
    if fallback and _OF_TIME.search(text) and (told := _of_event(text, usable, table)) is not None:
        return told
    money = [p for p in usable if columns[p].kind == "money"]
    if fallback and money and _DEAR.search(text):
        return money[0] if len(money) == 1 else _of_concepts(money, table)
    for pattern, concepts in _ADJECTIVES if fallback else ():
        if re.search(pattern, text):
            priced = bool(_DEAR.search(text))
            found = [
                p for p in usable if table.wide[p] & concepts and not (priced and columns[p].kind == "percent")
            ]
            if len(found) == 1:
                return found[0]
            if found:
                return None
    only = usable[0] if fallback and len(usable) == 1 else None
    return None if only is None or _of_another_measure(text, table.wide[only]) else only


def _of_event(text: str, usable: Sequence[int], table: KnownTable) -> int | None:
    """The only column of days whose header tells of the event that a question speaks of (最新买的: 购置日期)."""
    columns = table.stored.table.columns
    days = [p for p in usable if columns[p].kind == "date"]
    for group in everyday_words().events.values():
        if any(_stands(word, text) for word in group) or (
            group is everyday_words().events["bought"] and "买" in text
        ):
            found = [p for p in days if any(_stands(word, plain(columns[p].name)) for word in group)]
            return found[0] if len(found) == 1 else None
    return None


def _stands(word: str, text: str) -> bool:
    return (
        re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text) is not None
        if word.isascii()
        else word in text
    )


def _of_another_measure(text: str, concepts: frozenset[str]) -> bool:
    """Whether a superlative speaks of another measure than a column's: the highest hall is not the one with most ㎡."""
    said = " ".join(_SUPERLATIVES.findall(text))
    if not said or not concepts & _MEASURES:
        return False
    meant = [each for pattern, each in _ADJECTIVES if re.search(pattern, said)]
    return not any(each & concepts for each in meant) and bool(meant or _HIGH.search(said))


def _best_told(
    text: str, mentions: Sequence[Mention], table: KnownTable, vocabulary: Vocabulary, usable: Sequence[int]
) -> list[Mention]:
    """The mentions from the last to the first, but the one beside a word for any amount before that (已付款 before 总额).

    Before all of them the one that a superlative follows: 期限最长的贷款的额度 orders by 期限.
    """
    ordered = list(reversed(mentions))
    ordered.sort(key=lambda m: not (m.end < len(text) and text[m.end] == "最"))
    for general in [m for m in ordered if m.word in _ANY_AMOUNT]:
        beside = [
            m for m in ordered
            if m is not general and not m.asks and 0 <= general.start - m.end <= 1
            and any(p in usable for p in columns_for(m, table, vocabulary))
        ]  # fmt: skip
        if beside:
            ordered.remove(general)
    return ordered


def _of_concepts(money: Sequence[int], table: KnownTable) -> int | None:
    """The only one of several columns of money that is a price or an amount."""
    found = [p for p in money if table.wide[p] & _ADJECTIVES[1][1]]
    return found[0] if len(found) == 1 else None


def oldest_is_smallest(read: Question, table: KnownTable, position: int) -> bool:
    """Whether "oldest" means the smallest number of the column: it does for dates, not for ages."""
    old = re.search(r"\boldest\b|\bolder\b|最旧|最老", read.text) is not None
    return old and "age" not in table.wide[position]


def fast_is_small(text: str, table: KnownTable, position: int) -> bool | None:
    """Whether "fastest" means the smallest number of the column, as it does of days and hours; None where that is not clear."""
    column = table.stored.table.columns[position]
    if not _FAST.search(text):
        return False
    counted = plain(column.unit).split("/")[0]
    if column.kind == "date" or table.wide[position] & {"duration", "days"} or counted in _TIMES:
        return True
    if of_time(table.units.get(position, ())):
        return True
    per = "/" in column.unit and column.kind == "number"
    speed = "speed" in table.wide[position] or per or _SPEED.search(plain(column.name))
    return False if speed else None
