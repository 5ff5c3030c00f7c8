"""The derived index of the names in tables: character 1-2-grams under BM25, and whole names, in tantivy.

It follows the change log of the fact tables, records up to which change it is built, and can be deleted at any
time: the next question builds it anew.
"""

from __future__ import annotations

import re
import shutil
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import orjson
import tantivy
from filelock import FileLock

from retrieval.facts.columns import load_vocabulary
from retrieval.facts.errors import RowIndexError
from retrieval.facts.forms import kind_forms
from retrieval.facts.names import NameReader, unpacked
from retrieval.facts.normalize import fold
from retrieval.index_folder import checksums, damaged, is_segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from retrieval.facts.names import Name
    from retrieval.facts.types import Column, RowChange, StoredTable, TableRow

ROWS_OF_A_TABLE = 1 << 24
_FORMAT = 7
_HEAP = 64_000_000
_LONGEST_NAME = 120
_SMALL_TABLE = 2_000
_MOST_MEMBERS = 40
_MEMBERS = re.compile(r"[、，,;；/／\n]\s*")
_COMMON = 0.1
_ALWAYS_KEPT = 2_000
_ENOUGH = 4
_FEW = 5
_FAR_BELOW = 0.6
DESCRIBING = frozenset(
    {
        "city",
        "province",
        "district",
        "region",
        "country",
        "address",
        "place",
        "status",
        "kind",
        "note",
        "unit",
        "department",
        "date",
        "owner",
        "brand",
        "gender",
        "duration",
    }
)
_NAMING = frozenset({"name", "person", "model", "branch"})
_PRICES = frozenset({"fee", "price", "amount", "ticket", "rent", "deposit"})
# 通用名, 中文名, 简称, codename: what a header calls a name is one.
_IN_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
_GENERAL_NAMES = frozenset(
    {"名称", "名", "姓名", "通用", "中文", "英文", "商品", "品", "品名", "全称", "简称", "description", "title", "codename", "name", "full", "short"}
)  # fmt: skip
_A_NAME = re.compile(
    r"(?<!用户)(?<![域签署排报点实匿件])(?:名|名称|全称|简称|俗称|内容|标题|事由|主题|name|title|subject)$"
)
_NAMES_OF = re.compile(r"(?!用户|文件|命|更|知|提|除|冠)[一-鿿]{1,3}(?<![域签署排报点实匿件户])名称?")


class RowSource(Protocol):
    """What the index reads: the tables, their rows and the log of their changes (`FactStore` has it)."""

    def tables(self, groups: frozenset[str] | None = None) -> list[StoredTable]:
        """The tables."""
        ...

    def table_rows(self, table_number: int) -> Iterator[TableRow]:
        """The rows of a table."""
        ...

    def changes_since(self, change: int, limit: int = 10_000) -> list[RowChange]:
        """The log after `change`."""
        ...

    def latest_change(self) -> int:
        """The newest entry of the log."""
        ...


@dataclass(frozen=True, slots=True)
class NameHit:
    """A stored name that resembles the asked one: cell `position` of row `row_id`, with its BM25 score."""

    row_id: int
    position: int
    score: float
    name: Name


def naming_columns(columns: Sequence[Column]) -> tuple[int, ...]:
    """The positions of the columns whose cells name their rows: the key, and names, persons and models beside it."""
    vocabulary = load_vocabulary()
    key = next((column.name for column in columns if column.key), "")
    found = []
    for position, column in enumerate(columns):
        concepts = vocabulary.concepts_of(column.name)
        wider = {each for concept in concepts for each in vocabulary.wider(concept)}
        named = wider & _NAMING or (column.kind == "text" and calls_rows(column.name, key))
        named = (named or (column.kind == "text" and headed_as_names(column.name))) and not _priced(column)
        if column.key or (column.kind in {"text", "identifier"} and named):
            found.append(position)
    if all(columns[p].kind == "identifier" for p in found):
        # Beside a code stands what it is the code of.
        texts = (p for p, c in enumerate(columns) if c.kind == "text" and not _told(c) & DESCRIBING)
        found = sorted({*found, *list(texts)[:1]})
    if not found:
        found = [p for p, c in enumerate(columns) if c.kind in {"text", "identifier"}][:1]
    return tuple(found)


def _priced(column: Column) -> bool:
    """Whether a column stands under a heading of prices: 收费标准/个人客户 holds what customers pay, not their names."""
    group = column.name.rpartition("/")[0]
    return bool(group) and bool(load_vocabulary().concepts_of(group) & _PRICES)


def headed_as_names(header: str) -> bool:
    """Whether a header says that its column holds names of a kind of things: 园名, 厂名, 楼名称; not 域名 or 排名."""
    return _NAMES_OF.fullmatch(fold(_IN_BRACKETS.sub("", header)).rsplit("/", 1)[-1]) is not None


def calls_rows(header: str, key: str) -> bool:
    """Whether a column is headed as the names of what the key column stands for: 通用名 or 药品名称 beside 药品编码."""
    mine, own = (next(reversed(kind_forms(text)), "") for text in (header, key))
    bare = fold(_IN_BRACKETS.sub("", header))
    if {fold(mine), bare} & _GENERAL_NAMES or (mine and mine == own and header != key):
        # Visit beside Visit code.
        return True
    shared = min(len(mine), len(own)) > 1 and (mine in own or own in mine)
    return shared and _A_NAME.search(fold(_IN_BRACKETS.sub("", header))) is not None


def _told(column: Column) -> frozenset[str]:
    vocabulary = load_vocabulary()
    return vocabulary.widened(vocabulary.concepts_of(column.name))


def list_columns(stored: StoredTable, naming: Sequence[int]) -> tuple[int, ...]:
    """The text columns beside the names whose cells may list several things (北京、上海、广州); of small tables only."""
    if stored.table.row_count > _SMALL_TABLE:
        return ()
    return tuple(p for p, c in enumerate(stored.table.columns) if c.kind == "text" and p not in naming)


def table_of(row_id: int) -> int:
    """The number of the table that a row belongs to: a row's id begins with it (`FactStore`)."""
    return row_id // ROWS_OF_A_TABLE


class RowIndex:
    """Finds the rows whose names resemble an asked name; in `folder`, or in memory where it is None."""

    def __init__(self, folder: Path | None, source: RowSource, reader: NameReader | None = None) -> None:
        self._folder = folder
        self._source = source
        self._reader = reader or NameReader()
        self._lock = threading.Lock()
        self._memory_change = 0
        self._held = -1
        self._index: Any = None

    def catch_up(self) -> int:
        """Brings the index to the newest change and returns it; builds it anew where it is missing or damaged.

        Raises `RowIndexError` when the folder cannot be written.
        """
        latest = self._source.latest_change()
        if self._held == latest:
            return latest
        with self._lock:
            if self._folder is None:
                self._follow()
                return latest
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                with FileLock(str(self._folder.parent / f"{self._folder.name}.lock"), timeout=600):
                    self._follow()
            except OSError as error:
                raise RowIndexError(str(self._folder), str(error)) from error
        return latest

    def search(self, name: str, limit: int = 30, tables: Sequence[int] | None = None) -> list[NameHit]:
        """Stored names by resemblance to `name`, best first; of the tables with these numbers only, if given.

        The index answers as of the last `catch_up`.
        """
        if tables is not None and not tables:
            return []
        schema, searcher = self._index.schema, self._index.searcher()
        grams = _telling(_query_grams(self._reader.canonical(name)), searcher)
        if not grams:
            return []
        should = [(tantivy.Occur.Should, tantivy.Query.term_query(schema, "grams", g, "freq")) for g in grams]
        return self._run(tantivy.Query.boolean_query(should), limit, tables)

    def same(self, name: str, limit: int = 30, tables: Sequence[int] | None = None) -> list[NameHit]:
        """The rows whose name in canonical form is exactly that of `name`, as of the last `catch_up`."""
        canonical = self._reader.canonical(name)
        if not canonical or (tables is not None and not tables):
            return []
        return self._run(tantivy.Query.term_query(self._index.schema, "exact", canonical), limit, tables)

    def containing(
        self, pairs: Sequence[str], limit: int = 50, tables: Sequence[int] | None = None
    ) -> list[NameHit]:
        """The names in which all these pairs of characters stand, as of the last `catch_up`."""
        if not pairs or (tables is not None and not tables):
            return []
        schema = self._index.schema
        must = [(tantivy.Occur.Must, tantivy.Query.term_query(schema, "grams", p, "freq")) for p in pairs]
        return self._run(tantivy.Query.boolean_query(must), limit, tables)

    def seen(self, pair: str) -> bool:
        """Whether two characters stand next to each other in any stored name."""
        return bool(self._index.searcher().doc_freq("grams", pair))

    def _run(self, query: Any, limit: int, tables: Sequence[int] | None) -> list[NameHit]:
        if tables is None:
            return self._best(query, (limit, limit))[0]
        # Most questions leave few rows out: to look all up and leave theirs aside is far quicker than a filter.
        found, complete = self._best(query, (2 * limit, limit), frozenset(tables))
        if complete:
            return found
        only = tantivy.Query.term_set_query(self._index.schema, "table", list(tables))
        query = tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, query), (tantivy.Occur.Must, tantivy.Query.const_score_query(only, 0.0))]
        )
        return self._best(query, (limit, limit))[0]

    def _best(
        self, query: Any, limits: tuple[int, int], tables: frozenset[int] | None = None
    ) -> tuple[list[NameHit], bool]:
        """The best hits of a query in these tables, and whether there is none left that is nearly as good.

        `limits` are how many hits are looked at, and how many of these tables are enough.
        """
        searcher = self._index.searcher()
        looked_at, enough = limits
        hits = searcher.search(query, looked_at, count=False).hits
        found: list[NameHit] = []
        for score, address in hits:
            if len(found) == enough or (len(found) >= _FEW and score < found[0].score * _FAR_BELOW):
                return found, True
            document = searcher.doc(address)
            row = document.get_first("row")
            if tables is None or table_of(row) in tables:
                name = unpacked(document.get_first("name"))
                found.append(NameHit(row, document.get_first("position"), score, name))
        return found, len(hits) < looked_at

    # Following the change log

    def _manifest(self) -> int | None:
        if self._folder is None:
            return self._memory_change
        record = self._recorded()
        return int(record["change"]) if record else None

    def _recorded(self) -> dict[str, Any]:
        """What the manifest says; nothing where it is missing, unreadable or of another format."""
        if self._folder is None:
            return {}
        try:
            record = orjson.loads((self._folder / "manifest.json").read_bytes())
            fits = record["format"] == _FORMAT and {"change", "files"} <= record.keys()
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return record if fits else {}

    def _follow(self) -> None:
        latest = self._source.latest_change()
        change = self._open()
        if change > latest:
            # The database is older than the index (restored from a backup): what it logged is not ours.
            change = self._empty()
        if change == latest:
            self._index.reload()
            self._held = latest
            return
        writer = self._index.writer(_HEAP, 1)
        tables = {stored.number: stored for stored in self._source.tables()}
        changes = self._source.changes_since(change, 1_000_000)
        added = {entry.table_number for entry in changes if entry.kind == "add"} & set(tables)
        touched = sorted({entry.table_number for entry in changes})
        # By query: deleting by term takes the number for a signed one, and finds nothing.
        writer.delete_documents_by_query(tantivy.Query.term_set_query(self._index.schema, "table", touched))
        for number in sorted(added):
            self._add(writer, tables[number])
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._held = max((entry.id for entry in changes), default=latest)
        self._record(self._held)

    def _open(self) -> int:
        """Opens or creates the index; returns the change that it is built up to."""
        manifest = self._manifest()
        if self._index is not None and manifest is not None:
            return manifest
        if self._folder is None or manifest is None:
            return self._empty()
        # Segments are written once; what lists them changes with each commit, also one that another process just made.
        said = {name: each for name, each in self._recorded().get("files", {}).items() if is_segment(name)}
        if damaged(self._folder / "tantivy", said):
            return self._empty()
        try:
            self._index = tantivy.Index.open(str(self._folder / "tantivy"))
            self._index.register_tokenizer("spaces", _spaces())
        except (ValueError, OSError):
            return self._empty()
        return manifest

    def _empty(self) -> int:
        if self._folder is None:
            self._index = tantivy.Index(_schema())
            self._memory_change = 0
        else:
            shutil.rmtree(self._folder / "tantivy", ignore_errors=True)
            (self._folder / "manifest.json").unlink(missing_ok=True)
            (self._folder / "tantivy").mkdir(parents=True)
            self._index = tantivy.Index(_schema(), path=str(self._folder / "tantivy"))
        self._index.register_tokenizer("spaces", _spaces())
        return 0

    def _record(self, change: int) -> None:
        """Writes down what the index holds: aside, then in place, so that a crash leaves the old word standing."""
        if self._folder is None:
            self._memory_change = change
            return
        aside = self._folder / "manifest.json.new"
        files = checksums(self._folder / "tantivy", self._recorded().get("files", {}))
        aside.write_bytes(orjson.dumps({"format": _FORMAT, "change": change, "files": files}))
        aside.replace(self._folder / "manifest.json")

    def _add(self, writer: Any, stored: StoredTable) -> None:
        positions = naming_columns(stored.table.columns)
        lists = list_columns(stored, positions)
        for row in self._source.table_rows(stored.number):
            if row.summary:
                continue
            for position in positions:
                self._add_name(writer, stored.number, row, position, row.cells[position])
            for position in lists:
                members = _MEMBERS.split(row.cells[position])
                for member in members if 1 < len(members) <= _MOST_MEMBERS else ():
                    self._add_name(writer, stored.number, row, position, member)

    def _add_name(self, writer: Any, table_number: int, row: TableRow, position: int, text: str) -> None:
        name = self._reader.read_once(text[:_LONGEST_NAME])
        if not name.chars:
            return
        document = tantivy.Document()
        document.add_unsigned("row", row.id)
        document.add_unsigned("position", position)
        document.add_unsigned("table", table_number)
        document.add_text("exact", name.chars)
        document.add_text("name", name.packed())
        document.add_text("grams", " ".join(_grams(name.chars)))
        writer.add_document(document)


def _spaces() -> Any:
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("row", stored=True)
    builder.add_unsigned_field("position", stored=True)
    builder.add_unsigned_field("table", indexed=True)
    # Stored only; "basic" with the raw tokenizer is the least that tantivy keeps of an indexed text.
    builder.add_text_field("name", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("exact", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("grams", tokenizer_name="spaces", index_option="freq")
    return builder.build()


def _grams(text: str) -> list[str]:
    return [*text, *(text[i : i + 2] for i in range(len(text) - 1))]


def _query_grams(text: str) -> list[str]:
    """Pairs of characters, each once; single characters only where there are too few pairs to tell names apart."""
    pairs = list(dict.fromkeys(text[i : i + 2] for i in range(min(len(text), 80) - 1)))
    return pairs if len(pairs) >= 3 else [*pairs, *dict.fromkeys(text)]


def _telling(grams: list[str], searcher: Any) -> list[str]:
    """Without the pairs that a large share of all names have (支行), where enough others are left.

    Those cost the most time and tell the least; the parts of the names are compared afterwards anyway.
    """
    counts = {gram: searcher.doc_freq("grams", gram) for gram in grams}
    most = max(_ALWAYS_KEPT, searcher.num_docs * _COMMON)
    rare = [gram for gram in grams if 0 < counts[gram] <= most]
    return (
        rare if len(rare) >= _ENOUGH else sorted((g for g in grams if counts[g]), key=lambda g: counts[g])[:12]
    )
