"""Which words of a question ask for columns, and which columns of a table they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.facts.catalogue import VERB, column_fits, columns_for
from retrieval.facts.grammar import asked_which
from retrieval.facts.questions import strip_phrases

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from retrieval.facts.catalogue import KnownTable
    from retrieval.facts.columns import Vocabulary
    from retrieval.facts.finding import RowFinder
    from retrieval.facts.questions import Mention, Question

_LEAST_LIKELY = 1.2
_PRICES = frozenset({"price", "fee"})
_PERSONS = frozenset(
    {"contact", "owner", "responsible", "manager", "handler", "keeper", "administrator", "store_manager"}
)
_REACHED_BY = frozenset({"phone", "mobile", "landline", "extension", "email", "fax"})
_TRIES = 3


class AskedColumns:
    """Tells the columns that a question asks for from the words that name its row."""

    def __init__(self, finder: RowFinder, vocabulary: Vocabulary) -> None:
        self._finder = finder
        self._vocabulary = vocabulary

    def choices(self, read: Question, tables: Mapping[int, KnownTable]) -> list[tuple[Mention, ...]]:
        """The mentions that may be the asked columns, likeliest first; at last none of them: a bare name."""
        usable = [m for m in read.mentions if self._may_be_asked(read, m, tables)]
        ordered = sorted(usable, key=lambda m: (-likelihood(read, m), -m.start))
        joint = [tuple(usable)] if 1 < len(usable) <= 3 else []
        return [*joint, *((mention,) for mention in ordered[:_TRIES]), *read.scattered[:_TRIES], ()]

    def _may_be_asked(self, read: Question, mention: Mention, tables: Mapping[int, KnownTable]) -> bool:
        """Whether a mention can be the asked column: by where it stands, and not a word of the rows' own names."""
        if likelihood(read, mention) < _LEAST_LIKELY and not self._before_a_title(read, mention, tables):
            return False
        marked = mention.asks or read.text[: mention.start].rstrip().endswith(("的", "'s"))
        marked = marked or asked_which(read.text, mention.start)
        found = [(t, p) for t in tables.values() for p in columns_for(mention, t, self._vocabulary)]
        return any(marked or position not in table.naming for table, position in found)

    def _before_a_title(self, read: Question, mention: Mention, tables: Mapping[int, KnownTable]) -> bool:
        """Whether what follows a mention is what its table is called: 5月 in 一号站5月上网电量 where the sheet is 上网电量."""
        after = strip_phrases(read.text[mention.end :])
        return len(after) > 1 and any(
            after in self._finder.title(table)
            for table in tables.values() if columns_for(mention, table, self._vocabulary)
        )  # fmt: skip

    def columns(self, asked: Sequence[Mention], table: KnownTable) -> list[int]:
        """The columns that the mentions mean together; none where a table has no column for one of them."""
        fits = [column_fits(mention, table, self._vocabulary) for mention in asked]
        if len(asked) == 2 and all(fits) and _of_the_first(asked[0], asked[1]):
            # 联系人电话: the second is asked for, and the table has a column for the first.
            asked, fits = asked[1:], fits[1:]
        kinds = [column.kind for column in table.stored.table.columns]
        if any(fit and all(kinds[p] == "money" for p in fit) for fit in fits):
            # 儿童票多少钱: what asks for a price adds nothing to a column of money.
            told = [fit or m.concepts & _PRICES for m, fit in zip(asked, fits, strict=True)]
            fits = [fit for fit in fits if fit] if all(told) else fits
            asked = [m for m in asked if column_fits(m, table, self._vocabulary)]
        if not all(fits) or self._names_and_asks(asked, fits, table):
            return []
        shared = set(fits[0] if fits else ()).intersection(*fits[1:])
        if shared:
            total = {position: sum(fit[position] for fit in fits) for position in shared}
            return sorted(p for p in shared if total[p] == max(total.values()))
        best = [[p for p, score in fit.items() if score == max(fit.values())] for fit in fits]
        named = [
            c for c, fit, mention in zip(best, fits, asked, strict=True)
            if (not mention.asks and max(fit.values()) > VERB) or mention.apart
        ]  # fmt: skip
        questioned = [c for c, mention in zip(best, asked, strict=True) if mention.asks]
        return list(dict.fromkeys(p for columns in named or questioned or best for p in columns))

    @staticmethod
    def _names_and_asks(
        asked: Sequence[Mention], fits: Sequence[Mapping[int, float]], table: KnownTable
    ) -> bool:
        """Whether a question word asks for a column beside a word that is one for the rows themselves (现场服务多少钱)."""
        own = {table.key, table.label}
        told = [set(fit) <= own for m, fit in zip(asked, fits, strict=True) if not (m.asks or m.apart)]
        return any(told) and any(m.asks and set(fit) - own for m, fit in zip(asked, fits, strict=True))

    def narrowed_elsewhere(
        self, asked: Sequence[Mention], columns: Sequence[int], read: Question, table: KnownTable
    ) -> bool:
        """Whether another word of the question says which of several columns is asked (北京经理的住宿限额)."""
        if len(asked) != 1 or len(columns) < 2:
            return False
        others = (m for m in read.mentions if m not in asked and not m.asks)
        found = (set(column_fits(m, table, self._vocabulary)) & set(columns) for m in others)
        return any(each and each < set(columns) for each in found)


def likelihood(read: Question, mention: Mention) -> float:
    """How likely a mention is the asked column: after 的 or of, at an end of the question, or a question word."""
    before, after = read.text[: mention.start].rstrip(), read.text[mention.end :].lstrip()
    score = 0.0
    if before.endswith(("的", "'s")):
        score += 3
    if _is_joined(read, mention):
        score += 1.5
    if after.startswith(("of ", "for ", "是", "为", "多少", "有")) or not strip_phrases(after):
        score += 2
    if not strip_phrases(before):
        score += 1.5
    return score + (1 if mention.asks else 0) + min(len(mention.word), 6) * 0.1


def _of_the_first(first: Mention, second: Mention) -> bool:
    """Whether two words of columns touch, the first a person and the second how to reach one."""
    touch = second.start - first.end in {0, 1} and not first.apart and not second.asks
    return touch and bool(first.concepts & _PERSONS) and bool(second.concepts & _REACHED_BY)


def _is_joined(read: Question, mention: Mention) -> bool:
    """Whether only 和, 、 or and stands between this mention and another one."""
    for other in read.mentions:
        first, second = sorted((mention, other), key=lambda m: m.start)
        between = read.text[first.end : second.start].strip()
        if other is not mention and between in {"和", "及", "、", "与", "以及", "跟", "and", ",", "&"}:
            return True
    return False
