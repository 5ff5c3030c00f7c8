"""The tables that an asker may see, with what each of their columns means and which identifiers they hold."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from retrieval.facts.aliases import learned
from retrieval.facts.bands import bands_of
from retrieval.facts.forms import form_fit, kind_forms
from retrieval.facts.identifiers import CITIZEN_NUMBER, CNAPS, CREDIT_CODE, IdentifierPattern, fits, passes
from retrieval.facts.lexicon import in_headers, lexicon
from retrieval.facts.month_cells import months_told
from retrieval.facts.normalize import fold, plain
from retrieval.facts.quantities import units_in
from retrieval.facts.row_index import calls_rows, headed_as_names, naming_columns
from retrieval.facts.values import date_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.facts.bands import Band
    from retrieval.facts.columns import Vocabulary
    from retrieval.facts.questions import Mention
    from retrieval.facts.types import Column, StoredTable, TableRow

PLACES = frozenset({"city", "province", "district", "region", "country", "address", "place"})
_NOT_THE_CODE = frozenset({"city_code", "head_code", "zip", "phone", "fax", "account"})
_REMEMBERED = 2_000
# A word that fits a header no better than this may only be the verb of the question.
VERB = 2.5
_WHOLE = 3.5
# The share of rows that have a name in a column of names, and how many of these differ at least.
_BARE_CODE = re.compile(r"编号|编码|代码|代号|code|id|no\.?")
_HOLDS_NAMES = re.compile(r"(?!姓)[一-鿿]{1,3}名称?(?:/|$)")
_TELLING, _CALLED = 0.9, 0.5
_FEW_NAMES, _LONGEST_KIND = 2, 4
_PHONES = re.compile(r"电话|通讯录|联系方式|\b(?:phone|telephone|contact)s?\b")
_PRICED = re.compile(r"[价费](?:格|用)?(?:[(（].*)?$|\b(?:cost|price|fee|fare|charge)s?\b")
_MONEY_UNIT = re.compile(r"(?:金额|货币)?单位\s*[:：]\s*(?:人民币)?\s*([百千万亿]*元|美元|欧元|港元|日元|英镑)")
_PAID = re.compile(r"[款费价额金资薪税]$")
_LISTED = re.compile(r"\s*[、,，;；/／\n]\s*")
_OF_MONTHS = re.compile(r"^(?:年)?月份?$|^月度$|\bmonth\b")
_BARE_NUMBERS = frozenset({"number", "no.", "no", "号码", "号", "numbers"})
_NUMBERS = frozenset({"number", "money", "percent"})
_PATTERNS = (CNAPS, CREDIT_CODE, CITIZEN_NUMBER)


@dataclass(frozen=True, slots=True)
class TableDocument:
    """The document of a table: what tells versions of it apart."""

    id: str
    name: str
    title: str
    modified: str


@dataclass(frozen=True, slots=True)
class KnownTable:
    """A stored table as understood: concepts by column (`wide`: with those that they belong to), the columns that name rows, and those that say places.

    `key` identifies a row, `label` is what people call it (a code is told by the name beside it); `prefix` is what all
    names begin with, `suffix` the word that they all end with; `lists` are, of each column, the cells of the sample that hold several of its texts, by these; `units` the known units that each column's amounts are in.
    """

    stored: StoredTable
    concepts: tuple[frozenset[str], ...]
    wide: tuple[frozenset[str], ...]
    naming: tuple[int, ...]
    places: tuple[int, ...]
    key: int
    label: int
    code: int | None
    patterns: tuple[tuple[int, IdentifierPattern], ...]
    prefix: str = ""
    suffix: str = ""
    aliases: tuple[tuple[str, str], ...] = ()
    years: dict[int, frozenset[int]] = field(default_factory=dict, compare=False, repr=False)
    bands: dict[int, dict[str, Band]] = field(default_factory=dict, compare=False, repr=False)
    lists: dict[int, dict[str, tuple[str, ...]]] = field(default_factory=dict, compare=False, repr=False)
    units: dict[int, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)
    months: dict[int, dict[tuple[int | None, int], str]] = field(
        default_factory=dict, compare=False, repr=False
    )
    fits: dict[tuple[str, bool], dict[int, float]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def dated(self) -> TableDocument:
        """The table's document, as its versions are told apart."""
        stored = self.stored
        return TableDocument(stored.table.document_id, stored.document, stored.title, stored.modified)

    def mixed(self, position: int) -> bool:
        """Whether the amounts of a column are written in several units (30年, 60个月), so that bare numbers mislead."""
        return len(self.units.get(position, ())) > 1

    @property
    def called(self) -> list[int]:
        """The columns that say which row it is: its name, and its code where that is another column."""
        return list(dict.fromkeys((self.label, self.key)))

    @property
    def number(self) -> int:
        """The table's number in the database."""
        return self.stored.number


def understand(stored: StoredTable, sample: Sequence[TableRow], vocabulary: Vocabulary) -> KnownTable:
    """Reads the headers and a sample of the rows of one table."""
    stored = _with_units(stored)
    columns = stored.table.columns
    # 周期/上映日期: a day under the heading of a period is no period.
    concepts = tuple(
        _concepts(c.name, vocabulary) - ({"duration"} if c.kind == "date" and "/" in c.name else set())
        for c in columns
    )
    if any("person" in each for each in concepts):
        # In a list of people Title is what they are, not what they are called.
        concepts = tuple(
            frozenset({"position"}) if fold(c.name) == "title" else each
            for c, each in zip(columns, concepts, strict=True)
        )
    if _PHONES.search(_title(stored)):
        # Number in a telephone list is a telephone number.
        concepts = tuple(
            each | {"phone"} if fold(c.name) in _BARE_NUMBERS else each
            for c, each in zip(columns, concepts, strict=True)
        )
    wide = [vocabulary.widened(each) for each in concepts]
    naming = naming_columns(columns)
    key = next((i for i, c in enumerate(columns) if c.key), naming[0] if naming else 0)
    codes = [
        i for i, c in enumerate(columns) if c.kind == "identifier" and i != key and not wide[i] & _NOT_THE_CODE
    ]
    coded = [i for i in codes if "code" in wide[i]]
    patterns = []
    for position, column in enumerate(columns):
        if column.kind == "identifier":
            pattern = _pattern([row.cells[position] for row in sample if row.cells[position].strip()])
            patterns.extend([(position, pattern)] if pattern else [])
    return KnownTable(
        stored=stored,
        concepts=concepts,
        naming=naming,
        wide=tuple(wide),
        places=tuple(i for i, found in enumerate(wide) if found & PLACES),
        key=key,
        label=_label(stored, sample, key, naming) if "code" in wide[key] else key,
        code=next(iter(coded), next(iter(codes), None)),
        patterns=tuple(patterns),
        prefix=_prefix(stored, sample, key),
        suffix=_suffix(stored, sample, key),
        bands=_bands(stored, sample),
        aliases=learned(columns, sample),
        years=_years(stored, sample),
        lists=_lists(stored, sample),
        units=_units(stored, sample),
        months=_months(stored, sample, naming),
    )


def _with_units(stored: StoredTable) -> StoredTable:
    """The table with the unit of money that its titles tell (单位：万元) in the columns of money that have none."""
    told = {match[1] for note in stored.table.notes if (match := _MONEY_UNIT.search(note))}
    if len(told) != 1:
        return stored
    unit = told.pop()
    columns = tuple(
        replace(column, unit=unit) if not column.unit and _of_money(column) else column
        for column in stored.table.columns
    )
    return replace(stored, table=replace(stored.table, columns=columns))


def _of_money(column: Column) -> bool:
    return column.kind == "money" or (column.kind == "number" and _PAID.search(column.name) is not None)


def _label(stored: StoredTable, sample: Sequence[TableRow], key: int, naming: Sequence[int]) -> int:
    """The column of what people call the rows whose key is a code: the first of the names beside it that nearly all rows have."""
    columns = stored.table.columns
    if columns[key].kind != "identifier":
        return key
    rows = [row for row in sample if not row.summary]
    for position in naming:
        texts = [text for row in rows if (text := row.cells[position].strip())]
        called = calls_rows(columns[position].name, columns[key].name) or headed_as_names(
            columns[position].name
        )
        # 编号 and beside it 片名/中文名: the header itself says that it holds names.
        beside = position == key + 1 and _BARE_CODE.fullmatch(plain(columns[key].name))
        called = called or bool(beside and _HOLDS_NAMES.match(plain(columns[position].name)))
        usable = columns[position].kind == "text" and called
        if usable and len(texts) >= _TELLING * len(rows) and len(set(texts)) >= _CALLED * len(rows):
            return position
    return key


def _title(stored: StoredTable) -> str:
    table = stored.table
    return plain(" ".join((table.name, table.sheet or "", stored.document, *table.notes[:3], *stored.headings)))


def _concepts(name: str, vocabulary: Vocabulary) -> frozenset[str]:
    """The concepts of a header, and of its parts where it has several rows (住宿限额/经理)."""
    parts = name.split("/") if "/" in name else ()
    return vocabulary.concepts_of(name).union(*(vocabulary.concepts_of(part) for part in parts if part.strip()))


def _prefix(stored: StoredTable, sample: Sequence[TableRow], key: int) -> str:
    """What all names of a table begin with, where the sample is the whole table: the company whose list it is."""
    names = [row.cells[key] for row in sample if row.cells[key].strip() and not row.summary]
    if len(names) <= _FEW_NAMES or stored.table.row_count > len(sample):
        return ""
    # What the first and the last in order share, all between them share.
    first, last = min(names), max(names)
    same = next(
        (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last))
    )
    return first[:same]


def _suffix(stored: StoredTable, sample: Sequence[TableRow], key: int) -> str:
    """The word that all names of a table end with, where the sample is the whole table: it says what kind of thing they name."""
    names = [plain(row.cells[key]) for row in sample if row.cells[key].strip() and not row.summary]
    if len(names) <= _FEW_NAMES or stored.table.row_count > len(sample):
        return ""
    shared = names[0]
    for name in names[1:]:
        while not name.endswith(shared):
            shared = shared[1:]
    shared = shared.lstrip("号期楼栋区第一二三四五六七八九十")
    long = len(shared) > 1 and not any(char.isascii() for char in shared) and len(shared) <= _LONGEST_KIND
    return shared if long and len(set(names)) == len(names) else ""


def _bands(stored: StoredTable, sample: Sequence[TableRow]) -> dict[int, dict[str, Band]]:
    """The columns whose cells are ranges, where the sample is the whole table: part of the ranges would mislead."""
    if stored.table.row_count > len(sample):
        return {}
    found = {}
    for position, column in enumerate(stored.table.columns):
        if column.kind in {"text", "number", "money", "percent", "identifier"}:
            bands = bands_of(row.cells[position] for row in sample)
            if bands:
                found[position] = bands
    return found


def _years(stored: StoredTable, sample: Sequence[TableRow]) -> dict[int, frozenset[int]]:
    """The years of the columns of days, where the sample is the whole table."""
    if stored.table.row_count > len(sample):
        return {}
    dates = [p for p, column in enumerate(stored.table.columns) if column.kind == "date"]
    return {p: frozenset(day.year for row in sample if (day := date_of(row.cells[p]))) for p in dates}


def _lists(stored: StoredTable, sample: Sequence[TableRow]) -> dict[int, dict[str, tuple[str, ...]]]:
    """The cells that hold several of the texts that other cells of their column hold alone, by each of these texts."""
    found: dict[int, dict[str, tuple[str, ...]]] = {}
    for position, column in enumerate(stored.table.columns):
        if column.kind not in {"text", "identifier"}:
            continue
        cells = list(dict.fromkeys(row.cells[position].strip() for row in sample if not row.summary))
        alone = {fold(cell) for cell in cells if cell and not _LISTED.search(cell)}
        for cell in cells:
            parts = [fold(part) for part in _LISTED.split(cell)] if _LISTED.search(cell) else []
            for part in alone.intersection(parts):
                known = found.setdefault(position, {})
                known[part] = (*known.get(part, ()), fold(cell))
    return found


def _units(stored: StoredTable, sample: Sequence[TableRow]) -> dict[int, frozenset[str]]:
    """The known units that the numbers of a column are written in, by its position."""
    return {
        position: units
        for position, column in enumerate(stored.table.columns)
        if column.kind in _NUMBERS and (units := units_in((row.cells[position] for row in sample), column.unit))
    }


def _months(
    stored: StoredTable, sample: Sequence[TableRow], naming: Sequence[int]
) -> dict[int, dict[tuple[int | None, int], str]]:
    """The columns whose cells are all months, with a cell of each, where the sample is the whole table."""
    if stored.table.row_count > len(sample):
        return {}
    rows = [row for row in sample if not row.summary]
    places = [
        p
        for p, c in enumerate(stored.table.columns)
        if p in naming or c.kind == "date" or _OF_MONTHS.search(plain(c.name))
    ]
    found = {p: months_told(row.cells[p] for row in rows) for p in places}
    return {p: months for p, months in found.items() if months}


def _pattern(texts: Sequence[str]) -> IdentifierPattern | None:
    """The kind of identifier that all the texts are; by their common shape where no known kind fits."""
    if len(texts) < 3:
        return None
    for pattern in _PATTERNS:
        if all(fits(text, pattern) and passes(text, pattern.check) for text in texts):
            return pattern
    shapes = Counter(_shape(text) for text in texts)
    shape, count = shapes.most_common(1)[0]
    return IdentifierPattern("编号", shape) if count == len(texts) else None


def _shape(text: str) -> str:
    """A regular expression of the text's run lengths: two letters and four digits become `[A-Z]{2}\\d{4}`."""
    runs: list[list[object]] = []
    for char in fold(text).upper():
        kind = r"\d" if char.isdigit() else "[A-Z]" if char.isascii() and char.isalpha() else char
        if runs and runs[-1][0] == kind:
            runs[-1][1] = int(str(runs[-1][1])) + 1
        else:
            runs.append([kind, 1])
    return "".join(
        f"{kind if kind in (chr(92) + 'd', '[A-Z]') else chr(92) + str(kind)}{{{count}}}"
        for kind, count in runs
    )


def columns_for(mention: Mention, table: KnownTable, vocabulary: Vocabulary) -> list[int]:
    """The columns that a mention can mean in a table: only the best, several where they are equally good."""
    return match_columns(mention, table, vocabulary)[1]


def match_columns(mention: Mention, table: KnownTable, vocabulary: Vocabulary) -> tuple[float, list[int]]:
    """How well a mention fits its best columns in a table (4 the very header, 0 none), and which these are."""
    fits = column_fits(mention, table, vocabulary)
    best = max(fits.values(), default=0.0)
    return best, [position for position, score in fits.items() if score == best]


def asked_together(mentions: Sequence[Mention], table: KnownTable, vocabulary: Vocabulary) -> list[int]:
    """The columns that mentions ask for together: those that mean one column (住宿限额 and 经理) narrow each other.

    The verb of a question (Where is it taught?) asks for nothing where a question word does.
    """
    fits = [(mention, column_fits(mention, table, vocabulary)) for mention in mentions]
    fits = [(mention, fit) for mention, fit in fits if fit]
    if any(mention.asks for mention, _ in fits):
        strong = [(m, fit) for m, fit in fits if m.asks or max(fit.values()) > VERB]
        weak = [(m, fit) for m, fit in fits if not m.asks and max(fit.values()) <= VERB]
        told = {p for m, fit in strong if m.asks for p in fit}
        fits = strong + [(m, fit) for m, fit in weak if told & set(fit)]
    groups: list[set[int]] = []
    for _, fit in sorted(fits, key=lambda each: -max(each[1].values())):
        best = {p for p, score in fit.items() if score == max(fit.values())}
        for group in groups:
            shared = (group & best) or (group & set(fit))
            if shared:
                group &= shared
                break
        else:
            groups.append(best)
    return list(dict.fromkeys(p for group in groups for p in sorted(group)))


def asks_elsewhere(mentions: Sequence[Mention], table: KnownTable, vocabulary: Vocabulary) -> bool:
    """Whether a question word asks for columns, and a Chinese word beside it speaks of what none of them is.

    上次保养是什么时候 in a table with 保养周期 and 启用日期 asks for a date that the table does not have.
    """
    told = {p for m in mentions if m.asks for p in column_fits(m, table, vocabulary)}
    if not told:
        return False
    own = {*table.naming, table.key, table.label}
    for mention in mentions:
        fits = {} if mention.asks or mention.word.isascii() else column_fits(mention, table, vocabulary)
        if fits and max(fits.values()) <= VERB and not set(fits) & (told | own):
            return True
    return False


def column_fits(mention: Mention, table: KnownTable, vocabulary: Vocabulary) -> dict[int, float]:
    """All the columns of a table that a mention can mean, with how well it fits each."""
    key = (mention.word, mention.asks)
    if key in table.fits:
        return table.fits[key]
    word = fold(mention.word)
    fits = {}
    columns = table.stored.table.columns
    listed = [p for p in (table.label, table.key) if mention.word in kind_forms(columns[p].name)]
    if listed and not mention.asks:
        # What the table lists: 合同 is a row of a table of 合同编号, not its 合同金额.
        fits[listed[0]] = 4.0
        return table.fits.setdefault(key, fits)
    for position, column in enumerate(table.stored.table.columns):
        score = _fit(word, mention, column.name, (table.concepts[position], table.wide[position]), vocabulary)
        if score:
            fits[position] = score
    if not fits and mention.asks and mention.concepts & {"price", "fee"}:
        fits = only_price(columns)
    if len(table.fits) < _REMEMBERED:
        table.fits[key] = fits
    return fits


def only_price(columns: Sequence[Column]) -> dict[int, float]:
    """The one column of a table whose header speaks of a price (票价, Cost per pupil): it answers how much a thing is."""
    found = [
        p
        for p, column in enumerate(columns)
        if column.kind in {"number", "money"} and _PRICED.search(plain(column.name))
    ]
    return {found[0]: 2.0} if len(found) == 1 else {}


def _translated(word: str, header: str) -> bool:
    """Whether a header in the other language says an English word: team in 团队人数."""
    known = word.isascii() and word not in lexicon().weak
    return known and any(len(other) > 1 and other in header for other in in_headers(word)[:3])


def _fit(
    word: str,
    mention: Mention,
    name: str,
    concepts: tuple[frozenset[str], frozenset[str]],
    vocabulary: Vocabulary,
) -> float:
    own, wide = concepts
    score, header = form_fit(mention.word, name), fold(name)
    if re.search(rf"[不未非无]{re.escape(word)}", header) and not score >= _WHOLE:
        # 不含税单价 is all but 含税单价.
        return 0.0
    if score >= _WHOLE:
        pass
    elif own & vocabulary.answering(mention.concepts):
        score = 3.25 if word in header else max(3.0, score)
    elif score:
        pass
    elif mention.concepts & wide:
        score = 1.5 if wide & _NOT_THE_CODE else 2.0
    elif len(word) > 1 and (word in header or _translated(word, header)):
        score = 1.5
    return min(score, 2.5) if mention.asks else score
