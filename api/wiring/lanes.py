"""Each lane alone, as the doors offer it beside the whole answer."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from api.wiring.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.facts.lookup import FactLookup
    from retrieval.facts.types import FactResult, StoredTable
    from retrieval.types import Passage
    from router.proposing import ProposingTables
    from router.settings import LanguageModelSettings
    from terminology.types import Resolution, Sense

# Passages that a sentence is looked for in.
_STATEMENT_PASSAGES = 10


class SingleLanes(Catalogue):
    """One call for each lane."""

    def resolve(self, question: str, department: str | None) -> Resolution:
        """Understand the terms of a question."""
        from terminology.types import TermContext

        return self.resolver.resolve(question, TermContext(department))

    def lookup(self, text: str) -> tuple[Sense, ...]:
        """Look one name up in the glossary."""
        return self.resolver.lookup(text)

    def senses(self) -> list[Sense]:
        """Return the whole glossary in its order."""
        return self.glossary.senses()

    def find_passages(self, query: str, top_k: int, groups: frozenset[str] | None) -> list[Passage]:
        """Find passages for a query whose terms are expanded."""
        expansions = self.resolve(query, None).search_terms
        return self.search.search(query, top_k=top_k, expansions=expansions, groups=groups)

    def find_facts(self, question: str, groups: frozenset[str] | None, offset: int = 0) -> FactResult:
        """Look an exact value up in the tables (from row `offset` of a list on), else in sentences."""
        from router.injection import harmless
        from router.support import other_names

        names = other_names(self.resolve(question, None))
        result = self.queried_tables.query(question, groups=groups, extra_names=names, offset=offset)
        if result.status in {"not_a_table_question", "absent"}:
            found = self.find_passages(question, _STATEMENT_PASSAGES, groups)
            stated = self.statements.find(question, [harmless(passage) for passage in found], names)
            if stated.status == "found" or result.status == "not_a_table_question":
                return stated
        return result

    def tables(self) -> Sequence[StoredTable]:
        """Return all tables as they were understood."""
        return self.fact_store.tables()

    @cached_property
    def queried_tables(self) -> FactLookup | ProposingTables:
        """The tables; with a language model set, it may propose the query where the rules find none."""
        from router.proposing import ProposingTables

        model = self._language_model
        return ProposingTables(self.facts, model, unsupported_values) if model.configured else self.facts

    @property
    def _language_model(self) -> LanguageModelSettings:
        from router.settings import LanguageModelSettings

        chosen = self.settings
        return LanguageModelSettings(
            chosen.llm_model, chosen.llm_base_url, chosen.llm_api_key, chosen.llm_timeout
        )


def unsupported_values(text: str, sources: Sequence[str]) -> list[str]:
    """Return the values of `text` that stand in none of its sources."""
    from retrieval.facts.guard import unsupported

    return [value.text for value in unsupported(text, sources)]
