"""The keyword index: BM25 over words and character grams in tantivy, derived from the database and replayable."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import tantivy

from retrieval import tokens
from retrieval.entries import ANALYZER, EVERYONE, FIELDS, entry_of, group_token, schema
from retrieval.index_folder import IndexFolder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from retrieval.types import Change, Chunk, Document

FORMAT = 1
_BATCH = 2_000
# What was removed still counts in tantivy's document frequencies; above this share the index is made anew.
_STALE_SHARE = 0.2
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
    """BM25 over the chunks of the database, in a folder of its own that can be deleted at any time.

    Any number of processes may search it while one writes.
    """

    def __init__(self, folder: Path, weights: KeywordWeights | None = None) -> None:
        """Opens what is in `folder`; anything unreadable counts as nothing and is made anew at `catch_up`."""
        self.folder = folder
        self._weights = weights or KeywordWeights()
        self._schema = schema()
        versions = {"format": FORMAT, "tokens": tokens.VERSION}
        self._files = IndexFolder(folder, self._schema, ANALYZER, versions)
        self._checked = False

    @property
    def change(self) -> int:
        """The last change of the database that searches see."""
        return self._files.change

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
        with self._files.lock(wait):
            # Another process may have done the work while we waited.
            self._files.open()
            index = self._files.index
            if index is None or not self._follows(log) or not (self._checked or self._files.is_sound()):
                self._make_anew(log)
            self._checked = True
            while changes := log.changes_since(self.change, _BATCH):
                self._replay(log, changes)
            if self._files.removed > _STALE_SHARE * len(self):
                self._make_anew(log)

    def rebuild(self, log: ChangeLog, *, wait: float = 30.0) -> None:
        """Makes the index anew from the database beside the old one, then takes its place."""
        with self._files.lock(wait):
            self._make_anew(log)

    def refresh(self) -> None:
        """Lets searches see what another process has written since."""
        self._files.open()

    def _follows(self, log: ChangeLog) -> bool:
        """False after the database was replaced or restored from an older copy."""
        if self.change == 0 or log.stamp(self.change) == self._files.stamp:
            return True
        _log.warning("The keyword index %s follows another database and is made anew.", self.folder)
        return False

    def _replay(self, log: ChangeLog, changes: Sequence[Change]) -> None:
        """Deletes every chunk that changed and adds those that are there now: doing it twice changes nothing."""
        index = self._files.index
        assert index is not None
        numbers = sorted({change.number for change in changes})
        before = len(self)
        found = log.passages(numbers).values()
        with self._files.writer(index) as writer:
            # `delete_documents_by_term` takes a number for a signed one and deletes nothing.
            writer.delete_documents_by_query(tantivy.Query.term_set_query(self._schema, "number", numbers))
            for chunk, document in found:
                writer.add_document(entry_of(chunk, document))
        index.reload()
        removed = self._files.removed + before + len(found) - len(self)
        self._files.advance(changes[-1].id, changes[-1].stamp, removed)

    def _make_anew(self, log: ChangeLog) -> None:
        change = log.latest_change()
        stamp = log.stamp(change)
        name, index = self._files.start_anew()
        with self._files.writer(index) as writer:
            for chunk, document in _all_passages(log):
                writer.add_document(entry_of(chunk, document))
        self._files.take(name, index, change, stamp)

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
            names = [EVERYONE, *(group_token(name) for name in sorted(access.groups))]
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
        index = self._files.index
        return index.searcher() if index is not None else None


def _any_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, each) for each in queries])


def _rarity(documents_with: int, documents: int) -> float:
    """BM25's inverse document frequency (Robertson and Zaragoza 2009, with 1 added as Lucene does)."""
    return math.log(1 + (documents - documents_with + 0.5) / (documents_with + 0.5))


def _all_passages(log: ChangeLog) -> Iterable[tuple[Chunk, Document]]:
    number = 0
    while batch := log.passages_after(number, _BATCH):
        yield from batch
        number = batch[-1][0].number
