"""Facts in passages of tables: the row whose cells a question names, and the one cell of it that is asked for.

A passage of a table has a line `header: value；header: value` for each row. This reads what the exact lane of tables
leaves open, such as a row named by two of its cells, and is as strict: every thing that the question names must
stand in the row, its headers or the titles above it, and no other row may fit as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from retrieval.facts.columns import load_vocabulary
from retrieval.facts.days import days_in, of_other_days, without_days
from retrieval.facts.everyday import everyday_words
from retrieval.facts.fitting import says_whose
from retrieval.facts.lexicon import bases, in_headers
from retrieval.facts.month_cells import month_of
from retrieval.facts.normalize import plain
from retrieval.facts.occasions import months_in
from retrieval.facts.remarks import only_in_remarks
from retrieval.facts.strays import names_another, names_beside, told_of_another
from retrieval.facts.subject import Said, stop_words, subject_of
from retrieval.facts.wanted import value_pattern, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from retrieval.facts.passages import FoundPassage
    from retrieval.facts.subject import SubjectWord
    from retrieval.facts.wanted import Wanted

_CELL = re.compile(r"(?:^|；)([^:：；|\n]{1,40}): ")
_PERSON = re.compile(
    r"人|员|谁|经理|主管|组长|导师|讲师|班$|工程师|owner|contact|person|manager|engineer|name", re.I
)
# Whoever does something with a thing may be the one in charge of it; any other person is there for something else.
_IN_CHARGE = re.compile(r"负责|联系|主管|责任|管理|经办|owner|contact|manager|responsible|in charge", re.I)
_PLACE = re.compile(r"地|位置|场所|区域|处|库位|楼|所在|存放|location|place|site|address|room", re.I)
_CAPTION, _ROWS, _FEW_MONTHS = 40, 16, 2
_CALLED_SURE, _LEAST, _MARGIN, _TOLD = 0.65, 0.6, 0.15, 0.5
# Ways to reach someone, of which one does not stand for another; a mobile or landline number may stand under 电话.
_CHANNELS = tuple(
    re.compile(words)
    for words in (
        r"手机|移动电话|\b(?:mobile|cell ?phone)\b", r"座机|固定?电话|\blandline\b", r"邮箱|邮件|\be-?mail\b",
        r"传真|\bfax\b", r"分机|内线|短号|\bext(?:ension)?\b", r"网址|网站|\b(?:url|website)\b", r"微信|wechat",
    )
)  # fmt: skip
_PHONES, _ANY_PHONE = _CHANNELS[:2], re.compile(r"电话|联系方式|热线|\b(?:phone|tel|telephone)\b")
_NAMED_KINDS = frozenset({"amount", "percent", "contact", "count"})
_ATTRIBUTE = re.compile(
    r"\bwhat(?:'s| is| are| was| were)? (?:the )?(?P<english>(?:[a-z][a-z-]* ){0,2}[a-z][a-z-]*) (?:of|for)\b|的(?P<chinese>[一-鿿]{2,6}?)(?:是|为|有)?多少"
)
_TYPED = frozenset({"times", "how_often", "how_long", "when", "money", "percent", "contact", "which_weeks"})


@dataclass(frozen=True, slots=True)
class RowLine:
    """One row as a passage shows it: its cells under their headers, and the passage."""

    text: str
    headers: tuple[str, ...]
    values: tuple[str, ...]
    passage: FoundPassage
    rank: int


@dataclass(frozen=True, slots=True)
class CellFound:
    """The cell that answers, how sure that is (0 to 1), and the cell that names its row.

    `covered` is the share of the question's subject that the row, its headers and the titles above it name.
    """

    row: RowLine
    position: int
    sure: float
    label: str
    covered: float


def is_row(line: str) -> bool:
    """Whether a line of a passage is a row of a table, or the row of its headers."""
    return len(_CELL.findall(line)) > 1 or line.count(" | ") > 1


def in_row(text: str, at: int) -> bool:
    """Whether the character at `at` stands in a row of a table."""
    end = text.find("\n", at)
    return is_row(text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else len(text)])


def shows_rows(sentence: str) -> bool:
    """Whether what was taken for a sentence runs into a table."""
    return any(is_row(line) for line in sentence.split("\n"))


def row_lines(passages: Sequence[FoundPassage]) -> Iterator[RowLine]:
    """The rows of tables that the passages show."""
    for rank, passage in enumerate(passages):
        for line, headers, values in _rows(passage.chunk.text):
            yield RowLine(line, headers, values, passage, rank)


@lru_cache(maxsize=4096)
def _rows(text: str) -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    found = []
    for line in text.split("\n"):
        spots = list(_CELL.finditer(line))
        if len(spots) > 1:
            ends = [spot.start() for spot in spots[1:]] + [len(line)]
            values = tuple(line[spot.end() : end].strip() for spot, end in zip(spots, ends, strict=True))
            found.append((line, tuple(spot[1].strip() for spot in spots), values))
    return tuple(found)


def is_of_another(question: str, words: Sequence[SubjectWord], line: str, passage: FoundPassage) -> bool:
    """Whether a row that is to be quoted is of another thing than the question names (海岳 for 海月); False for no row."""
    rows = _rows(line)
    if not rows:
        return False
    _, headers, values = rows[0]
    asked = months_in(plain(question))
    told = {month[1] for value in values if (month := month_of(value)) is not None}
    if asked and told and not asked & told:
        # The row of January tells nothing of December.
        return True
    around = (*passage.chunk.location.headings, passage.document.title, passage.document.name)
    return names_beside(question, words, values, headers, plain(" ".join(around)))


def lacks_column(question: str, line: str, passage: FoundPassage) -> bool:
    """Whether a row that is to be quoted has no column for what the question names (手机号, rotor speed); False for no row."""
    rows = _rows(line)
    if not rows:
        return False
    asked = wanted(question)
    asks = _Asks(asked, (), question)
    if asked is not None and asked.kind == "contact":
        around = (*passage.chunk.location.headings, passage.document.title, passage.document.name)
        if not says_whose(subject_of(question), f"{line} {' '.join(around)}"):
            return True
    _, headers, values = rows[0]
    months = [months_in(f"in {plain(header).rsplit('/', 1)[-1]}") for header in headers]
    if (named := months_in(plain(question))) and sum(map(bool, months)) > _FEW_MONTHS:
        # 7月 of a row with the months from January to June.
        return not any(named & month for month in months)
    if asks.names_cell(values):
        # 的年假有多少天: what stands before the word of asking is the row's name.
        return False
    return all(asks.of_other_channel(header) or not asks.names_column(header) for header in headers)


# A word that stands in a text only in pieces has a share up to this; hours asked for are not answered by days.
_IN_PIECES, _EXACT_UNITS = 0.8, ("工作日", "小时", "分钟", "秒")
# What is said of all rows of a table, no row can say.
_OVER_ROWS = re.compile(
    r"最[一-鿿]{1,2}的(?!是?多少)|哪[^，,]{0,6}最[一-鿿]|平均|总共|一共|合计|"
    r"\b(?:longest|shortest|biggest|largest|smallest|highest|lowest|cheapest|oldest|newest|deepest|fastest|slowest|heaviest|average|total|"
    r"most expensive|least expensive)\b"
)
# 几个 counts whatever a column counts; 多少公里 does not.
_GENERAL_MEASURES = frozenset(
    [
        "个",
        "名",
        "位",
        "人",
        "个人",
        "家",
        "台",
        "件",
        "套",
        "份",
        "项",
        "条",
        "种",
        "类",
        "次",
        "张",
        "本",
        "辆",
    ]
)
_BARE_COUNTS, _ONE_BEFORE = 0.2, re.compile("[㐀-鿿]{3}")
_BARE = re.compile(r"(?:[天次人个件年月周日]数|时长|期限|数量|金额|数值)(?:[（(]|$)")


def find_cell(
    asked: Wanted | None, words: Sequence[SubjectWord], question: str, passages: Sequence[FoundPassage]
) -> CellFound | None:
    """The cell that answers the question about `words`; None where no row and column fit it for sure."""
    if _OVER_ROWS.search(plain(question)):
        return None
    spoken = [(_spoken(row.text, words), row) for row in row_lines(passages)]
    rows = [row for weight, row in sorted(spoken, key=lambda item: -item[0]) if weight][:_ROWS]
    asks = _Asks(asked, tuple(words), question)
    read = [_Reading(asks, row) for row in rows]
    fitting = sorted((r for r in read if r.fits), key=lambda r: (-r.score, r.row.rank))
    own = [reading for reading in fitting if not reading.is_another()]
    if not own or own[0].score < fitting[0].score:
        # The row that says most of the question is another's: what says less of it answers even less.
        return None
    best, fitting = own[0], own
    rivals = [r for r in fitting[1:] if r.score > best.score - 0.2 and r.value != best.value]
    if rivals:
        return None
    return CellFound(
        best.row, best.position, round(min(0.95, 0.55 + 0.4 * best.covered), 3), best.label, best.covered
    )


def _spoken(line: str, words: Sequence[SubjectWord]) -> float:
    """The weight of the words that stand in a line."""
    said = Said.of(line)
    return sum(word.weight for word in words if said.share(word) > _IN_PIECES)


class _Asks:
    """A question as it is compared with headers; what it makes of a header is remembered, since rows share theirs."""

    def __init__(self, asked: Wanted | None, words: tuple[SubjectWord, ...], question: str) -> None:
        self.asked, self.words, self.typed = asked, words, question
        self.question = plain(question)
        self._compact = self.question.replace(" ", "")
        self._called: dict[str, float] = {}

    def says(self, text: str) -> bool:
        """Whether the question has a folded text without spaces."""
        return text in self._compact

    def called(self, header: str) -> float:
        """How far the question names a column: the share of the header's characters that its words hold, and more."""
        if header not in self._called:
            self._called[header] = self._named(header) + (2 * _MARGIN if self._at_the_question(header) else 0.0)
        return self._called[header]

    def _named(self, header: str) -> float:
        bare = re.sub(r"[（(\[【].*?[)）\]】]", "", plain(header)).replace(" ", "")
        if not bare:
            return 0.0
        if len(bare) > 1 and bare in self._compact:
            return 1.2
        forms = [form.replace(" ", "") for word in self.words for form in word.forms]
        share = _held(bare, [form for form in forms if len(form) > 1 or form == bare])
        return max(0.9 * share, self._by_concept(bare) + 0.5 * share)

    def names_another_column(self, header: str) -> bool:
        """Whether the question names what it asks for, and a column cannot be that: a mail address for 手机号, a diameter for a speed."""
        if self.of_other_channel(header):
            return True
        if self.asked is None or self.asked.kind not in _NAMED_KINDS or not self._head:
            return False
        shown, vocabulary = plain(header), load_vocabulary()
        concepts = (vocabulary.concepts[name] for name in vocabulary.concepts_of(header))
        forms = (self._head, *bases(self._head), *in_headers(self._head))
        return not any(form in shown for form in forms) and not any(
            self._head in word for concept in concepts for word in concept.words
        )

    def of_other_channel(self, header: str) -> bool:
        """Whether a column is of another way to reach someone than the one asked for."""
        if self.asked is not None and self.asked.kind != "contact":
            return False
        shown = plain(header)
        for channel in _CHANNELS:
            if channel.search(self.question) and not channel.search(shown):
                others = any(other.search(shown) for other in _CHANNELS if other is not channel)
                if others or channel not in _PHONES or not _ANY_PHONE.search(shown):
                    return True
        return False

    def of_other_degree(self, header: str) -> bool:
        """Whether the question asks how large or heavy a thing is, and a header says nothing of that: 沈知远多大, and 顺序."""
        said = next((word for word in everyday_words().degrees if word in self.question), "")
        return bool(said) and not any(word in plain(header) for word in everyday_words().degrees[said])

    def names_column(self, header: str) -> bool:
        """Whether a header says more than half of what the question names; True where it names nothing."""
        shown, words = plain(header), self._attribute
        said = [any(form in shown for form in (word, *bases(word), *in_headers(word))) for word in words]
        told = sum(len(word) for word, there in zip(words, said, strict=True) if there)
        return not words or (all(said) if words[0].isascii() else 2 * told > sum(map(len, words)))

    def names_cell(self, values: Sequence[str]) -> bool:
        """Whether the last word of what the question names as asked for stands in a cell: it names the row."""
        return bool(self._head) and any(self._head in plain(value) for value in values)

    @property
    def _head(self) -> str:
        """The last word of what is asked for: speed of the rotor speed, 转速 of 的叶轮转速是多少; empty where none is named."""
        return self._attribute[-1] if self._attribute else ""

    @cached_property
    def _attribute(self) -> tuple[str, ...]:
        """The words of what the question names as asked for; a single Chinese character goes with the one before it."""
        match = _ATTRIBUTE.search(self.question)
        if match is None:
            return ()
        if match["english"]:
            return tuple(w.removesuffix("s") for w in match["english"].split() if w not in stop_words())
        import rjieba

        words = [str(word) for word in rjieba.cut(match["chinese"])]
        if len(words) > 1 and len(words[-1]) == 1:
            words[-2:] = [words[-2] + words[-1]] if len(words[-2]) == 1 else [words[-2]]
        return tuple(words)

    def _by_concept(self, header: str) -> float:
        vocabulary = load_vocabulary()
        for name in vocabulary.concepts_of(header):
            concept = vocabulary.concepts[name]
            if any(_stands(word, self.question) for word in concept.words if len(word) > 1):
                return 0.6
            # 哪天 asks for a date, but of several dates not for 截单时间 before others.
            wholly = any(plain(word) == header for word in concept.words)
            if wholly and any(_stands(word, self.question) for word in concept.asks):
                return 0.4
        return 0.0

    def _at_the_question(self, header: str) -> bool:
        """Whether the header stands where the asked thing does: 周期表里胶印机的工具是哪个 asks for the 工具."""
        bare = re.escape(re.sub(r"[（(\[【].*", "", plain(header)).strip())
        return len(bare) > 1 and bool(
            re.search(rf"的{bare}|{bare}(?:是|为|多少|几|哪|有多|$|[?？])", self.question)
        )


def _held(text: str, forms: Sequence[str]) -> float:
    """The share of a text's characters that the forms standing in it hold."""
    held = [False] * len(text)
    for form in forms:
        at = text.find(form)
        if at >= 0:
            held[at : at + len(form)] = [True] * len(form)
    return sum(held) / len(text)


class _Reading:
    """One row read against a question."""

    def __init__(self, asks: _Asks, row: RowLine) -> None:
        self.row = row
        self._asks, self._words, self._asked = asks, asks.words, asks.asked
        at = row.passage.chunk.location
        document = row.passage.document
        above = row.passage.chunk.text.split(" | ", 1)[0].split("\n")
        caption = " ".join(
            line for line in above[:-1] if len(line) <= _CAPTION and not re.search("[，。,；]", line)
        )
        self._around = Said.of(" ".join((*at.headings, document.title, document.name, caption)))
        self._cells = [Said.of(value) for value in row.values]
        self._headers = [Said.of(header) for header in row.headers]
        self._named = {
            word.text: [p for p, cell in enumerate(self._cells) if self._named_by(cell, word)]
            for word in self._words
        }
        self.position = self._column()
        self.covered, self.fits = self._coverage()
        self.score = self.covered + 0.3 * sum(
            word.weight for word in self._words if set(self._named[word.text]) - {self.position}
        )

    def _named_by(self, cell: Said, word: SubjectWord) -> bool:
        """Whether a cell names a word; one with one more character before it is another thing: 陪产假 is not 产假."""
        other = _ONE_BEFORE.match(cell.compact) and cell.compact[1:] == word.text
        return _names(cell, word) and (not other or self._asks.says(cell.compact))

    @property
    def value(self) -> str:
        """The text of the asked cell."""
        return self.row.values[self.position] if self.position >= 0 else ""

    @property
    def label(self) -> str:
        """The cell that names the row: the one with most of the question's words."""
        counts = [sum(p in places for places in self._named.values()) for p in range(len(self._cells))]
        return self.row.values[counts.index(max(counts))]

    def is_another(self) -> bool:
        """Whether the question names another thing than this row."""
        cells = [value for p, value in enumerate(self.row.values) if p != self.position]
        around = f"{self._around.plain} {plain(' '.join(cells))}"
        if told_of_another(self._asks.question, self._words, plain(self.row.headers[self.position]), around):
            # 退休人数 is not 在岗人数.
            return True
        return names_another(self._asks.typed, self._words, cells, self.row.headers, self._around.plain)

    def _coverage(self) -> tuple[float, bool]:
        """The share of the subject that the row, its headers and titles name, and whether that is enough."""
        if self.position < 0 or not self.value:
            return 0.0, False
        total = got = 0.0
        identified = coded = False
        missing = []
        for word in self._words:
            places = [p for p in self._named[word.text] if p != self.position]
            header = max((h.share(word) for h in self._headers), default=0.0)
            there = bool(self._named[word.text])
            share = 1.0 if there else max(header, 0.9 * self._around.share(word))
            total += word.weight
            got += word.weight * share
            identified = identified or bool(places and (word.firm or word.weight >= 0.7))
            coded = coded or bool(places and word.code)
            if share < 0.5 and word.firm:
                missing.append(word)
            if self._remarked(word):
                return 0.0, False
        covered = got / total if total else 0.0
        return covered, identified and not missing and covered >= (0.55 if coded else 0.7)

    def _remarked(self, word: SubjectWord) -> bool:
        """Whether a word that the question asks the amount of stands in the row's remarks: another column does not tell it."""
        places = [p for p in self._named[word.text] if p != self.position]
        headers, values = map(plain, self.row.headers), map(plain, self.row.values)
        return only_in_remarks(self._asks.question, word.text, places, tuple(headers), tuple(values))

    def _column(self) -> int:
        """The position of the asked column, -1 where none or several could be meant."""
        scores = [self._column_score(p) for p in range(len(self._cells))]
        best = max(scores, default=0.0)
        if best < _LEAST or sum(score > best - _MARGIN for score in scores) > 1:
            return -1
        return scores.index(best)

    def _column_score(self, position: int) -> float:
        if self._told(position) > _TOLD:
            return 0.0
        header = self.row.headers[position]
        if self._asks.names_another_column(header) or self._asks.of_other_degree(header):
            return 0.0
        if of_other_days(self._asks.question, header) or of_other_days(
            self._asks.question, self.row.values[position]
        ):
            return 0.0
        called, fits = self._asks.called(self.row.headers[position]), self._of_kind(position)
        if self._asked is not None and self._asked.kind in _TYPED and not fits:
            figure = any(char.isdigit() for char in self.row.values[position])
            return called if figure and called >= _CALLED_SURE else 0.0
        if self._asked is None and called < _LEAST:
            return 0.0
        # 天数 says no more than the kind of its values; 须提前申请 is another thing, which the question would name.
        bare = fits and _BARE.match(self.row.headers[position])
        return called + (0.6 if fits else 0.0) + (_BARE_COUNTS if bare else 0.0)

    def _told(self, position: int) -> float:
        """The share of a cell's characters that the question itself gives: such a cell names its row."""
        words = [word for word in self._words if position in self._named[word.text]]
        cell = self._cells[position].compact
        return _held(cell, [form.replace(" ", "") for word in words for form in word.forms]) if cell else 0.0

    def _does_another_thing(self, position: int) -> bool:
        """Whether the question says what the person does, and neither the row nor its headers say that: who directed, and 制片人."""
        beside = self._asked.beside if self._asked is not None else ()
        words = [word for word in self._words if word.text in beside]
        return (
            bool(words)
            and self._asks.called(self.row.headers[position]) <= 0
            and not any(self._named[w.text] or any(h.share(w) for h in self._headers) for w in words)
        )

    def _of_kind(self, position: int) -> bool:
        """Whether the cell holds a value of the asked kind."""
        if self._asked is None:
            return False
        header, value = self.row.headers[position], self.row.values[position]
        kind = self._asked.kind
        if kind == "who":
            person = bool(_PERSON.search(header)) and not any(c.isdigit() for c in value)
            return person and (bool(_IN_CHARGE.search(header)) or not self._does_another_thing(position))
        if kind == "where":
            return bool(_PLACE.search(header))
        if kind == "meaning":
            return False
        if days_in(header) & days_in(self._asks.question):
            # 不营业 under 周末营业时间 answers when it opens, as the hours beside it do.
            rest = without_days(header)
            beside = (
                v for h, v in zip(self.row.headers, self.row.values, strict=True) if without_days(h) == rest
            )
            return any(value_pattern(kind, self._asked.measure).search(v) for v in beside)
        unit = re.search(r"[（(\[【]([^，,)）\]】]{1,8})", header)
        if unit and value[-1:].isdigit():
            value = f"{value}{unit[1]}"
        exact = next((unit for unit in _EXACT_UNITS if unit in self._asked.measure), "")
        if exact and exact not in value and exact not in header:
            return False
        match = value_pattern(kind, self._asked.measure).search(value)
        if match is None:
            # 天数 without a unit in the cell: the measure stands in the header.
            bare = bool(re.fullmatch(r"(?!0\d)[\d,.]{1,7}", value))
            measure = self._asked.measure
            general = kind == "count" and (not measure or measure in _GENERAL_MEASURES or measure.isascii())
            return bare and (general or (bool(measure) and measure in header))
        return len(value) <= 3 * len(match[0].strip()) + 4


def _names(cell: Said, word: SubjectWord) -> bool:
    """Whether a cell names a word: a form of it stands in the cell, or the cell is a part of the word."""
    if cell.share(word) > _IN_PIECES:
        return True
    return len(cell.compact) > 1 and any(cell.compact == form.replace(" ", "") for form in word.forms)


def _stands(word: str, text: str) -> bool:
    word = plain(word)
    if word.isascii():
        return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?:s|es)?(?![a-z0-9])", text) is not None
    return word in text
