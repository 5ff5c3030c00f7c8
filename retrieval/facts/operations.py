"""The words by which questions ask for extremes, totals and comparisons, and the columns that they speak of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.facts.catalogue import columns_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.columns import Vocabulary
    from retrieval.facts.questions import Question

NUMERIC = frozenset({"number", "money", "percent"})
_ADJECTIVES: tuple[tuple[str, frozenset[str]], ...] = (
    (r"贵|便宜|expensive|cheap", frozenset({"price", "amount"})),
    (r"最早|最晚|最新|最旧|最迟|早于|晚于|更早|更晚|latest|newest|oldest|earliest|older|newer|earlier|later", frozenset({"date", "age"})),
    (r"重|轻|heav|light", frozenset({"weight"})),
    (r"快|慢|fast|slow", frozenset({"speed"})),
    (r"长|短|久|long|short", frozenset({"duration", "days"})),
    (r"年轻|年长|年纪|岁|young|old", frozenset({"age"})),
    (r"多|少|most|least|few", frozenset({"quantity", "days"})),
)  # fmt: skip
_LOWER = re.compile(
    r"便宜|低|少|小|早|旧|短|轻|慢|年轻|cheap|low|less|few|small|earl|old|short|light|slow|young|least"
)
_FILLER = re.compile(
    r"多少|几|一共|总共|合计|总计|总和|加起来|平均值?|平均数|均价|最(?:高|低|贵|便宜|大|小|多|少|长|短|早|晚|新|旧|快|慢|重|轻|久|迟|年长|年轻)|是否|是不是|有没有|对不对|对吗|是吗|"
    r"哪些|哪一?[个家位款种座台名项条]|哪里?|有谁|都有谁|谁|列出|列一下|列举|分别|所有|全部|名单|清单|什么|怎么|请问|告诉我|帮我|查一?下|查询|统计|一下|"
    r"[个家种台名位人款条张件类项座所间只辆部门次元块天](?![一-鿿])|个|家|台|位|名|人|款|种|件|条|的|是|有|在|属于|为|里面|里|中|内|现在|目前|当前|我们|公司|咱们|本|该|这|那|都|共|及|和|与|且|并且|同时|或|吗|呢|啊|呀|了|来自|位于|得|钱|值|数|更|比|贵|便宜|高|低|大|小|"
    r"\b(?:how many|how much|which|what|who|where|when|list|show|all|the|of|in|at|on|for|with|and|or|is|are|was|were|do|does|did|has|have|there|total|sum|average|mean|count|number|most|least|highest|lowest|largest|smallest|biggest|cheapest|expensive|latest|newest|oldest|earliest|maximum|minimum|max|min|a|an|to|from|by|that|whose|please|me|give|tell|than|more|less|it|them|they|we|our|us|belong|work|works|working|located|cost|costs|own|owns|people|items|ones|any|every|each|only)\b|"
    r"[\s?？!！。，,、;；:：.'\"“”‘’()（）\[\]]"
)  # fmt: skip


def unexplained(text: str) -> str:
    """What a text still says when the words of asking are taken out of it, its pieces parted by spaces."""
    return " ".join(_FILLER.sub(" ", text).split())


def asks_for_less(text: str) -> bool:
    """Whether the comparing word of a question points to the smaller or earlier end."""
    return _LOWER.search(text) is not None


def number_column(
    read: Question, table: KnownTable, vocabulary: Vocabulary, kinds: Sequence[str]
) -> int | None:
    """The column of a table whose numbers the question is about; None when it does not say, or not clearly."""
    columns = table.stored.table.columns
    usable = [p for p, c in enumerate(columns) if c.kind in kinds and "row_number" not in table.concepts[p]]
    for mention in reversed(read.mentions):
        found = [p for p in columns_for(mention, table, vocabulary) if p in usable]
        if found:
            return found[0]
    for pattern, concepts in _ADJECTIVES:
        if re.search(pattern, read.text):
            found = [p for p in usable if table.concepts[p] & concepts]
            if len(found) == 1:
                return found[0]
            if found:
                return None
    return usable[0] if len(usable) == 1 else None


def oldest_is_smallest(read: Question, table: KnownTable, position: int) -> bool:
    """Whether "oldest" means the smallest number of the column: it does for dates, not for ages."""
    old = re.search(r"\boldest\b|\bolder\b|最旧", read.text) is not None
    return old and table.stored.table.columns[position].kind == "date"
