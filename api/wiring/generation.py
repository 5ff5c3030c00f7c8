"""The language model where one is set: writer, judge, rewriter, and our lanes as its tools."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING

from api.wiring.lanes import SingleLanes, unsupported_values

if TYPE_CHECKING:
    from router.agent import AgentWriter
    from router.analysis import Toolbox
    from router.judging import ModelJudge
    from router.rewriting import ModelRewriter
    from router.types import Citation

# Passages that a tool of the language model returns.
_TOOL_PASSAGES = 5


class Generation(SingleLanes):
    """What the language model does; without one, each of these is None."""

    @cached_property
    def _writer(self) -> AgentWriter | None:
        """Qwen-Agent with the language model set, or None: then answers are quoted."""
        from router.agent import AgentWriter

        model = self._language_model
        return AgentWriter(model, None, self.settings.data_dir / "workspace") if model.configured else None

    @cached_property
    def _judge(self) -> ModelJudge | None:
        """A second opinion where rules and classifier are unsure; without a language model there is none."""
        from router.judging import ModelJudge

        model = self._language_model
        return ModelJudge(model) if model.configured else None

    @cached_property
    def _rewriter(self) -> ModelRewriter | None:
        """The language model as a help in completing follow-ups, or None: then rules alone do."""
        from router.rewriting import ModelRewriter

        model = self._language_model
        return ModelRewriter(model, unsupported_values) if model.configured and model.base_url else None

    def tokens_used(self) -> dict[str, int]:
        """Return the tokens that the language model has read and written so far; nothing where none is set."""
        return {} if self._writer is None else self._writer.tokens_used()

    def _tools(self, groups: frozenset[str] | None) -> Toolbox:
        """Our lanes as the language model's tools for one answer, limited to what the asker may see."""
        from router.analysis import Toolbox
        from router.fact import cite_facts
        from router.grounding import cite
        from router.injection import harmless
        from router.term import cite_rows
        from router.writing import Tools

        given: list[Citation] = []

        def lookup_term(text: str) -> str:
            senses = self.lookup(text)
            given.extend(cite_rows(senses))
            return _json([asdict(sense) for sense in senses])

        def query_fact(text: str) -> str:
            result = self.find_facts(text, groups)
            given.extend(cite_facts(result.facts))
            return _json({"status": result.status, "facts": [asdict(fact) for fact in result.facts]})

        def search_documents(text: str) -> str:
            found = [harmless(passage) for passage in self.find_passages(text, _TOOL_PASSAGES, groups)]
            given.extend(cite(passage, passage.chunk.text) for passage in found)
            return _json([{"document": passage.document.name, "text": passage.chunk.text} for passage in found])

        return Toolbox(Tools(lookup_term, query_fact, search_documents), given)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
