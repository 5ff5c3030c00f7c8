"""Completes a question that leans on the conversation before it, and never touches one that stands by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from router.completion import Completion, aligned
from router.followups import read_follow_up
from router.lookback import Lookback, names_sense
from router.questions import read_question
from router.topics import context_of, senses_of
from terminology.normalize import fold_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.followups import FollowUp
    from router.lanes import Rewriter, Search, Tables, Terminology
    from router.types import Query

# A question of at most so many characters may ask for another column of the row before without saying so.
_SHORT = 20
_BETTER_WITH_MODEL = frozenset({"refer", "previous", "part", "compare", "attribute"})


@dataclass(frozen=True, slots=True)
class Conversation:
    """Completes follow-ups by rules, with evidence from the lanes where rules alone cannot tell; `rewriter` may help."""

    terminology: Terminology
    tables: Tables
    search: Search
    rewriter: Rewriter | None = None

    def complete(self, query: Query) -> Completion:
        """Return what `query` asks, completed from its history (earlier questions, oldest first) where it leans on it."""
        if not query.history:
            return Completion(query.question)
        earlier = self._chosen_earlier(query)
        completion = self._complete(replace(query, chosen=(*query.chosen, *earlier)))
        return replace(completion, chosen=tuple({**dict(earlier), **dict(completion.chosen)}.items()))

    def _complete(self, query: Query) -> Completion:
        resolution = self.terminology.resolve(query.question, context_of(query))
        spans = [(term.match.start, term.match.end) for term in resolution.terms]
        form = read_question(query.question, spans)
        if form.small_talk or form.catalogue or form.prefix or form.compare:
            return Completion(query.question)
        follow_up = read_follow_up(query.question, spans)
        if follow_up.kind in {"none", "doubtful"} and not spans and len(query.question) <= _SHORT:
            same = self._before(query).same_row(query)
            if same is not None or follow_up.kind == "none":
                return same or Completion(query.question)
        if follow_up.kind == "none" or (form.definition and follow_up.kind in {"narrow", "doubtful"}):
            return self._chosen_by_name(query, Completion(query.question))
        before = self._before(query)
        completion = before.complete(query, follow_up, known=_covers(follow_up, spans))
        if self.rewriter is not None and (completion is None or follow_up.kind in _BETTER_WITH_MODEL):
            rewritten = self._rewritten(query, completion, follow_up)
            completion = rewritten or completion
        return self._chosen_by_name(query, completion or Completion(query.question))

    def _chosen_earlier(self, query: Query) -> tuple[tuple[str, int], ...]:
        """Return the senses picked in a conversation that nobody stores (a web page's, an OpenAI client's): read again."""
        chosen: dict[str, int] = {}
        turns = range(1, len(query.history)) if query.conversation_id is None else ()
        for at in turns:
            before = replace(
                query, question=query.history[at], history=query.history[:at], turns=(), options=()
            )
            asked = self.terminology.resolve(query.history[at - 1], context_of(replace(before, history=())))
            if any(len(senses_of(term)) > 1 for term in asked.terms):
                chosen.update(self._rules_only()._complete(before).chosen)
        return tuple(chosen.items())

    def _before(self, query: Query) -> Lookback:
        """The question before this one, itself completed from those before it."""
        earlier = replace(
            query, question=query.history[-1], history=query.history[:-1], turns=query.turns[:-1], options=()
        )
        return Lookback(
            self,
            replace(
                earlier,
                question=self._rules_only()._complete(earlier).question
                if earlier.history
                else earlier.question,
            ),
            query,
        )

    def _rules_only(self) -> Conversation:
        return replace(self, rewriter=None) if self.rewriter is not None else self

    def _rewritten(self, query: Query, ruled: Completion | None, follow_up: FollowUp) -> Completion | None:
        """Ask the model; a doubtful question, which rules leave alone, stays as it is unless evidence speaks for more."""
        if self.rewriter is None or (ruled is None and follow_up.kind == "doubtful"):
            return None
        text = self.rewriter.rewrite(query.question, query.history)
        if not text or text == query.question:
            return None
        chosen = ruled.chosen if ruled else ()
        return Completion(text, aligned(text, query.question), "completed by the language model", chosen)

    def _chosen_by_name(self, query: Query, completion: Completion) -> Completion:
        """Remember a sense that the user names beside a term that was asked back about: 客户经理（AM）."""
        if completion.chosen or not query.history:
            return completion
        asked = self.terminology.resolve(
            query.history[-1], context_of(replace(query, history=query.history[:-1]))
        )
        for term in asked.terms:
            named = [sense for sense in senses_of(term) if names_sense(completion.question, sense)]
            surface = term.match.surface
            if len(senses_of(term)) > 1 and len(named) == 1 and surface in completion.question:
                return replace(completion, chosen=((fold_key(surface), named[0].id),))
        return completion


def _covers(follow_up: FollowUp, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= follow_up.start and end >= follow_up.end for start, end in spans)
