"""The keyword index: BM25 over words and character grams in tantivy, derived from the database and replayable."""

from __future__ import annotations

import logging
import math
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

import tantivy
from filelock import FileLock, Timeout

from retrieval import tokens
from retrieval.errors import IndexBusyError
from retrieval.files import crc32_of, read_manifest, sync_folder, write_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from retrieval.types import Change, Chunk, Document

FORMAT = 1
EVERYONE = "*"
FIELDS = ("words", "grams")
_MANIFEST = "manifest.json"
_ANALYZER = "cut_by_us"
_BATCH = 2_000
_HEAP = 64_000_000
# What was removed still counts in tantivy's document frequencies; above this share the index is made anew.
_STALE_SHARE = 0.2
_TEXT_FIELDS = (*FIELDS, *(f"title_{field}" for field in FIELDS))
_log = logging.getLogger(__name__)


class ChangeLog(Protocol):
    """What an index needs of the database: the log of changes and the passages that it names."""

    def latest_change(self) -> int: ...

    def changes_since(self, change: int, limit: int) -> list[Change]: ...

    def stamp(self, change: int) -> str: ...

    def passages(self, numbers: Sequence[int]) -> dict[int, tuple[Chunk, Document]]: ...

    def passages_after(self, number: int, limit: int) -> list[tuple[Chunk, Document]]: ...


@dataclass(frozen=True, slots=True)
class Access:
    """Who searches where: `groups` None sees all; `document_ids` None looks everywhere.

    A document without groups is for everyone.
    """

    groups: frozenset[str] | None = None
    document_ids: frozenset[str] | None = None

    def allows(self, document: Document) -> bool:
        """Whether this document may be found."""
        if self.document_ids is not None and document.id not in self.document_ids:
            return False
        return self.groups is None or not document.groups or not self.groups.isdisjoint(document.groups)


@dataclass(frozen=True, slots=True)
class KeywordWeights:
    """How much a title (document, its name, headings) counts against the text, and an expansion against the query."""

    title: float = 0.5
    expansion: float = 1.25


class KeywordIndex:
    """A folder with a tantivy index and a manifest that says up to which change of the database it is built.

    Any number of processes may search it while one writes. Everything in the folder can be deleted at any time.
    """

    def __init__(self, folder: Path, weights: KeywordWeights | None = None) -> None:
        """Opens what is in `folder`; anything unreadable counts as nothing and is made anew at `catch_up`."""
        self.folder = folder
        self._weights = weights or KeywordWeights()
        self._schema = _schema()
        self._manifest: dict[str, Any] = {}
        self._index: tantivy.Index | None = None
        self._checked = False
        folder.mkdir(parents=True, exist_ok=True)
        self._open()

    @property
    def change(self) -> int:
        """The last change of the database that searches see."""
        return int(self._manifest.get("change", 0))

    def __len__(self) -> int:
        searcher = self._searcher()
        return searcher.num_docs if searcher is not None else 0

    # Following the database

    def catch_up(self, log: ChangeLog, *, wait: float = 1.0) -> None:
        """Brings the index up to the database's last change; makes it anew if it is damaged or follows another log.

        Raises IndexBusyError if another process holds the writer's lock for more than `wait` seconds.
        """
        if self._checked and log.latest_change() == self.change:
            return
        with self._lock(wait):
            # Another process may have done the work while we waited.
            self._open()
            if self._index is None or not self._follows(log) or not (self._checked or self._sound()):
                self._make_anew(log)
            self._checked = True
            while changes := log.changes_since(self.change, _BATCH):
                self._replay(log, changes)
            if int(self._manifest["removed"]) > _STALE_SHARE * len(self):
                self._make_anew(log)

    def rebuild(self, log: ChangeLog, *, wait: float = 30.0) -> None:
        """Makes the index anew from the database beside the old one, then takes its place."""
        with self._lock(wait):
            self._make_anew(log)

    def _replay(self, log: ChangeLog, changes: Sequence[Change]) -> None:
        """Deletes every chunk that changed and adds those that are there now: doing it twice changes nothing."""
        assert self._index is not None
        numbers = sorted({change.number for change in changes})
        before = len(self)
        found = log.passages(numbers).values()
        with _writer(self._index) as writer:
            # `delete_documents_by_term` takes a number for a signed one and deletes nothing.
            writer.delete_documents_by_query(tantivy.Query.term_set_query(self._schema, "number", numbers))
            for chunk, document in found:
                writer.add_document(_entry(chunk, document))
        self._index.reload()
        removed = int(self._manifest["removed"]) + before + len(found) - len(self)
        self._save(str(self._manifest["folder"]), changes[-1].id, changes[-1].stamp, removed)

    def _make_anew(self, log: ChangeLog) -> None:
        change = log.latest_change()
        stamp = log.stamp(change)
        name = f"index-{uuid4().hex}"
        path = self.folder / name
        path.mkdir()
        index = self._prepared(tantivy.Index(self._schema, path=str(path)))
        with _writer(index) as writer:
            for chunk, document in _all_passages(log):
                writer.add_document(_entry(chunk, document))
        self._index = index
        self._save(name, change, stamp)

    def _save(self, name: str, change: int, stamp: str, removed: int = 0) -> None:
        """Names the new state; only called after tantivy's commit, so the manifest is never ahead of the index."""
        known = self._manifest.get("files", {}) if self._manifest.get("folder") == name else {}
        sync_folder(self.folder / name)
        content = {
            "format": FORMAT,
            "tokens": tokens.VERSION,
            "folder": name,
            "change": change,
            "stamp": stamp,
            "removed": removed,
            "files": _checksums(self.folder / name, known),
        }
        write_manifest(self.folder / _MANIFEST, content)
        self._manifest = content
        self._remove_others(name)
        assert self._index is not None
        self._index.reload()

    # Opening

    def refresh(self) -> None:
        """Lets searches see what another process has written since."""
        self._open()

    def _open(self) -> None:
        manifest = read_manifest(self.folder / _MANIFEST)
        if manifest is None or manifest.get("format") != FORMAT or manifest.get("tokens") != tokens.VERSION:
            self._index, self._manifest = None, {}
            return
        if self._index is None or manifest.get("folder") != self._manifest.get("folder"):
            self._index = self._opened(manifest)
        elif manifest != self._manifest:
            self._index.reload()
        self._manifest = manifest if self._index is not None else {}

    def _opened(self, manifest: dict[str, Any]) -> tantivy.Index | None:
        path = self.folder / str(manifest.get("folder"))
        # Tantivy does not return from a damaged file with an error but panics, so files are checked first.
        if self._damaged(manifest, self._is_segment):
            return None
        try:
            return self._prepared(tantivy.Index.open(str(path)))
        except (ValueError, OSError) as error:
            _log.warning("The keyword index %s cannot be opened and is made anew: %s", path, error)
            return None

    def _prepared(self, index: tantivy.Index) -> tantivy.Index:
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        index.register_tokenizer(_ANALYZER, analyzer)
        index.config_reader("manual")
        index.reload()
        return index

    def _follows(self, log: ChangeLog) -> bool:
        """False after the database was replaced or restored from an older copy."""
        if self.change == 0 or log.stamp(self.change) == self._manifest.get("stamp"):
            return True
        _log.warning("The keyword index %s follows another database and is made anew.", self.folder)
        return False

    def _sound(self) -> bool:
        """Whether the files are those of the manifest; call with the lock held, since a writer adds and merges."""
        there = {path.name for path in (self.folder / str(self._manifest["folder"])).iterdir()}
        missing = sorted(self._manifest.get("files", {}).keys() - there)
        if missing:
            _log.warning("The keyword index %s lacks %s and is made anew.", self.folder, missing)
        # Segments were checked when they were opened.
        return not missing and not self._damaged(self._manifest, lambda name: not self._is_segment(name))

    def _damaged(self, manifest: dict[str, Any], checked: Callable[[str], bool]) -> bool:
        """Whether a file that is there has another size or checksum than the manifest says."""
        path = self.folder / str(manifest.get("folder"))
        for name, (size, crc) in manifest.get("files", {}).items():
            if checked(name) and _differs(path / name, size, crc):
                _log.warning("The keyword index %s is damaged (%s) and is made anew.", self.folder, name)
                return True
        return False

    @staticmethod
    def _is_segment(name: str) -> bool:
        """Segments are written once; the list of segments (meta.json) changes with every commit."""
        return not name.endswith(".json")

    @contextmanager
    def _lock(self, wait: float) -> Iterator[None]:
        try:
            with FileLock(self.folder / "writer.lock", timeout=wait):
                yield
        except Timeout as error:
            raise IndexBusyError(self.folder, wait) from error

    def _remove_others(self, name: str) -> None:
        for path in self.folder.glob("index-*"):
            if path.name != name:
                # A process that still searches the old one keeps its open files.
                shutil.rmtree(path, ignore_errors=True)
        for path in self.folder.glob("*.tmp"):
            path.unlink(missing_ok=True)

    # Searching

    def search(
        self,
        query: str,
        limit: int,
        access: Access | None = None,
        expansions: Sequence[str] = (),
        fields: Sequence[str] = FIELDS,
    ) -> list[tuple[int, float]]:
        """Chunk numbers with their scores, best first: the sum of BM25 over the fields, titles weighted.

        Both fields count the same text, so their BM25 scores are on one scale and can be added; fused by rank
        instead, two fields tie too often (benchmarks/results/retrieval.md has both).
        """
        cut = [(field, self._query(field, query, expansions)) for field in fields]
        return self._run([part for _, part in cut if part is not None], limit, access or Access())

    def field_scores(self, query: str, numbers: Collection[int]) -> dict[str, dict[int, float]]:
        """BM25 of each field alone for these chunks: `{"words": {number: score}, "grams": {…}}`."""
        found = {}
        for field in FIELDS:
            part = self._query(field, query, ())
            only = tantivy.Query.term_set_query(self._schema, "number", sorted(numbers))
            found[field] = dict(self._run([part], len(numbers), only)) if part is not None and numbers else {}
        return found

    def coverages(self, query: str, texts: Sequence[str]) -> list[float]:
        """For each text the share of the query's words, weighted by rarity (BM25's idf), that it has: 0 to 1."""
        searcher = self._searcher()
        own = set(tokens.words(query))
        if searcher is None or not own:
            return [0.0] * len(texts)
        weights = {word: _rarity(searcher.doc_freq("words", word), searcher.num_docs) for word in own}
        total = sum(weights.values())
        return [sum(weights[word] for word in own.intersection(tokens.words(text))) / total for text in texts]

    def rarities(self, words: Sequence[str]) -> list[float]:
        """How rare each word is among the chunks: 0 stands in all of them, 1 in none; of several tokens the rarest counts."""
        searcher = self._searcher()
        if searcher is None:
            return [1.0] * len(words)
        highest = _rarity(0, searcher.num_docs)
        rarest = ((searcher.doc_freq("words", token) for token in tokens.words(word)) for word in words)
        return [_rarity(min(counts, default=0), searcher.num_docs) / highest for counts in rarest]

    def _run(
        self, parts: Sequence[tantivy.Query], limit: int, only: Access | tantivy.Query
    ) -> list[tuple[int, float]]:
        searcher = self._searcher()
        if searcher is None or not parts or limit < 1:
            return []
        restriction = self._restrictions(only) if isinstance(only, Access) else [only]
        clauses = [(tantivy.Occur.Must, tantivy.Query.const_score_query(each, 0.0)) for each in restriction]
        wanted = tantivy.Query.boolean_query([(tantivy.Occur.Should, part) for part in parts])
        query = tantivy.Query.boolean_query([*clauses, (tantivy.Occur.Must, wanted)])
        hits = searcher.search(query, limit, count=False).hits
        numbers = searcher.fast_field_values("number", [address for _, address in hits])
        found = [
            (int(number), float(score)) for number, (score, _) in zip(numbers, hits, strict=True) if number
        ]
        # Equal scores would otherwise come in the order of segments, which differs from index to index.
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))

    def _restrictions(self, access: Access) -> list[tantivy.Query]:
        found = []
        if access.groups is not None:
            names = [EVERYONE, *(_group(name) for name in sorted(access.groups))]
            found.append(tantivy.Query.term_set_query(self._schema, "groups", names))
        if access.document_ids is not None:
            found.append(tantivy.Query.term_set_query(self._schema, "document", sorted(access.document_ids)))
        return found

    def _query(self, field: str, query: str, expansions: Sequence[str]) -> tantivy.Query | None:
        """The query's terms, and of the expansions the one that a chunk matches best: they say the same thing."""
        cut = tokens.words if field == "words" else tokens.grams
        own = dict.fromkeys(cut(query))
        clauses = [self._term(field, term) for term in own]
        others = [
            [self._term(field, term) for term in dict.fromkeys(cut(each)) if term not in own]
            for each in expansions
        ]
        forms = [_any_of(terms) for terms in others if terms]
        if forms:
            best = tantivy.Query.disjunction_max_query(forms)
            clauses.append(tantivy.Query.boost_query(best, self._weights.expansion))
        return _any_of(clauses) if clauses else None

    def _term(self, field: str, term: str) -> tantivy.Query:
        in_text = tantivy.Query.term_query(self._schema, field, term, "freq")
        if not self._weights.title:
            return in_text
        in_title = tantivy.Query.term_query(self._schema, f"title_{field}", term, "freq")
        return _any_of([in_text, tantivy.Query.boost_query(in_title, self._weights.title)])

    def _searcher(self) -> tantivy.Searcher | None:
        index = self._index
        return index.searcher() if index is not None else None


def _any_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, each) for each in queries])


def _rarity(documents_with: int, documents: int) -> float:
    """BM25's inverse document frequency (Robertson and Zaragoza 2009, with 1 added as Lucene does)."""
    return math.log(1 + (documents - documents_with + 0.5) / (documents_with + 0.5))


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("number", stored=False, indexed=True, fast=True)
    builder.add_text_field("document", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("groups", tokenizer_name="raw", index_option="basic")
    for name in _TEXT_FIELDS:
        builder.add_text_field(name, tokenizer_name=_ANALYZER, index_option="freq")
    return builder.build()


def _entry(chunk: Chunk, document: Document) -> tantivy.Document:
    title = " ".join([document.title, Path(document.name).stem, *chunk.location.headings])
    entry = tantivy.Document()
    # `Document(number=…)` makes a signed value, which kills the writer thread.
    entry.add_unsigned("number", chunk.number)
    entry.add_text("document", document.id)
    for name in [_group(each) for each in document.groups] or [EVERYONE]:
        entry.add_text("groups", name)
    entry.add_text("words", " ".join(tokens.words(chunk.text)))
    entry.add_text("grams", " ".join(tokens.grams(chunk.text)))
    entry.add_text("title_words", " ".join(tokens.words(title)))
    entry.add_text("title_grams", " ".join(tokens.grams(title)))
    return entry


def _group(name: str) -> str:
    """Keeps a group that someone names `*` apart from everyone."""
    return f"group:{name}"


@contextmanager
def _writer(index: tantivy.Index) -> Iterator[tantivy.IndexWriter]:
    """Commits at the end and waits for merges; nothing of what was written counts if the body raises."""
    writer = index.writer(heap_size=_HEAP, num_threads=1)
    try:
        yield writer
        writer.commit()
    except BaseException:
        writer.rollback()
        raise
    finally:
        writer.wait_merging_threads()


def _all_passages(log: ChangeLog) -> Iterable[tuple[Chunk, Document]]:
    number = 0
    while batch := log.passages_after(number, _BATCH):
        yield from batch
        number = batch[-1][0].number


def _differs(file: Path, size: int, crc: int) -> bool:
    try:
        return file.stat().st_size != size or crc32_of(file) != crc
    except FileNotFoundError:
        # A writer has merged it into another segment since the manifest was read.
        return False


def _checksums(path: Path, known: dict[str, list[int]]) -> dict[str, list[int]]:
    """Size and CRC-32 by file name; tantivy's segment files never change once written, so known ones are kept."""
    found: dict[str, list[int]] = {}
    for file in sorted(path.iterdir()):
        # Lock files and tantivy's own list of files to delete may change without a commit.
        if file.name.startswith(".") or file.suffix == ".lock":
            continue
        size = file.stat().st_size
        fixed = KeywordIndex._is_segment(file.name) and known.get(file.name, [None])[0] == size
        found[file.name] = known[file.name] if fixed else [size, crc32_of(file)]
    return found
