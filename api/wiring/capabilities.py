"""What can be done with what is kept: understand terms, find passages, look up values."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from api.wiring.stores import Stores

if TYPE_CHECKING:
    from pathlib import Path

    from api.term_model import ServedTermModel
    from retrieval.embed import Embedder
    from retrieval.facts.lookup import FactLookup
    from retrieval.facts.row_index import RowIndex
    from retrieval.facts.sentences import SentenceFacts
    from retrieval.facts.settings import FactSettings
    from retrieval.search import SearchEngine
    from terminology.resolve import TermResolver


class Capabilities(Stores):
    """Terminology, search and exact facts over the stores."""

    @property
    def index_dir(self) -> Path:
        """Where the derived indexes lie; the folder can be deleted at any time."""
        return self.settings.data_dir / "index"

    @cached_property
    def embedding(self) -> tuple[Embedder, str]:
        """The embedding model in use, and why it is this one."""
        from retrieval.embed import open_embedder

        return open_embedder(self.settings.embedding_model, self.settings.device, self.settings.data_dir)

    @property
    def embedder(self) -> Embedder:
        """The embedding model in use."""
        return self.embedding[0]

    @cached_property
    def search(self) -> SearchEngine:
        """Hybrid search over the passages."""
        from retrieval.search import open_engine

        reranker = None
        if self.settings.reranker_model:
            from retrieval.rerank import open_reranker

            reranker = open_reranker(self.settings.reranker_model, self.settings.device)
        return open_engine(self.store, self.index_dir, self.embedder, reranker, device=self.settings.device)

    @cached_property
    def resolver(self) -> TermResolver:
        """Understands the terms of a question."""
        from api.contexts import DocumentContexts, StoredEmbeddings
        from terminology.resolve import TermResolver
        from terminology.spacefile import SpaceFile

        contexts = DocumentContexts(self.search)
        semantic = self.embedder.semantic
        embedder = StoredEmbeddings(self.embedder, self.store, contexts) if semantic else None
        resolver = TermResolver(self.glossary, contexts=contexts, embedder=embedder, scorer=self.term_model)
        resolver.keep_in(SpaceFile(self.index_dir / "terms" / "space.npz"))
        return resolver

    @cached_property
    def term_model(self) -> ServedTermModel:
        """The terminology model that is in use, which votes on the senses of ambiguous terms."""
        from api.term_model import ServedTermModel
        from terminology.model import TerminologyModel

        def open_model(base: str, adapter: Path | None) -> TerminologyModel:
            return TerminologyModel(base, adapter, self.settings.device)

        chosen = self.settings
        return ServedTermModel(self.training_store, chosen.term_model, chosen.term_adapter, open_model)

    @cached_property
    def facts(self) -> FactLookup:
        """Exact values in tables."""
        from retrieval.facts.lookup import FactLookup

        return FactLookup(self.fact_store, self.rows, self._fact_settings)

    @cached_property
    def rows(self) -> RowIndex:
        """The derived index of row names."""
        from retrieval.facts.names import NameReader, load_name_rules
        from retrieval.facts.row_index import RowIndex

        rules = load_name_rules(self._fact_settings.names_file)
        return RowIndex(self.index_dir / "rows", self.fact_store, NameReader(rules))

    @cached_property
    def _fact_settings(self) -> FactSettings:
        from retrieval.facts.settings import FactSettings

        # Editable lists of the company's own, beside the packaged ones; they may be missing.
        folder = self.settings.data_dir
        return FactSettings(columns_file=folder / "columns.toml", names_file=folder / "names.toml")

    @cached_property
    def statements(self) -> SentenceFacts:
        """Exact values in sentences."""
        from retrieval.facts.sentences import SentenceFacts

        return SentenceFacts()

    def catch_up(self) -> None:
        """Bring the derived indexes up to the database."""
        self.search.catch_up()
        self.rows.catch_up()
