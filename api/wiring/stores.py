"""Where everything is kept: one store for each subject, over one database."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.freshness import DatabaseWatch
    from api.settings import Settings
    from finetune.store import TrainingStore
    from ingest.store import JobStore
    from retrieval.facts.store import FactStore
    from retrieval.store import KnowledgeStore
    from router.store import ConversationStore
    from terminology.store import GlossaryStore


class Stores:
    """The stores of one data directory; each opens when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        """Open nothing yet."""
        self.settings = settings

    @cached_property
    def watch(self) -> DatabaseWatch:
        """Tells whether the database has changed."""
        from api.freshness import DatabaseWatch

        return DatabaseWatch(self.settings.database)

    @cached_property
    def store(self) -> KnowledgeStore:
        """Documents, chunks and embeddings."""
        from api.freshness import WatchedKnowledge

        return WatchedKnowledge(self.settings.database, self.watch)

    @cached_property
    def glossary(self) -> GlossaryStore:
        """Terms and their senses."""
        from api.freshness import WatchedGlossary

        return WatchedGlossary(self.settings.database, self.watch)

    @cached_property
    def fact_store(self) -> FactStore:
        """Tables and rows."""
        from api.freshness import WatchedFacts

        return WatchedFacts(self.settings.database, self.watch)

    @cached_property
    def conversations(self) -> ConversationStore:
        """Turns of conversations."""
        from router.store import ConversationStore

        return ConversationStore(self.settings.database)

    @cached_property
    def jobs(self) -> JobStore:
        """Ingestion jobs."""
        from ingest.store import JobStore

        return JobStore(self.settings.database)

    @cached_property
    def training_store(self) -> TrainingStore:
        """Training jobs and promoted adapters."""
        from api.freshness import WatchedTraining

        return WatchedTraining(self.settings.database, self.watch)
