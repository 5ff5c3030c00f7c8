"""How the lanes are put together into answers, and answers into conversations."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from api.chat import Chat, Question
from api.recent import RecentAnswers
from api.wiring.generation import Generation
from api.wiring.lanes import unsupported_values

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from api.answer_cache import CachingAnswerer
    from api.asked import NotedAnswerer, UnknownTerms
    from api.auth import Viewer
    from api.conversations import ConversationArchive
    from api.feedback import FeedbackDesk
    from api.runnable import AnswerRunnable
    from router.answer import Answerer
    from router.classify import Classifier
    from router.lanes import Lanes
    from router.types import Event

# A value, a person, a process and an English question: each loads word lists of its own.
_REHEARSED = (
    "准备工作由谁负责？",
    "准备时间有多长？",
    "为什么要提前准备，怎么准备？",
    "How long do the preparations take?",
)


class Answers(Generation):
    """Answers questions, and keeps what was asked and said of the answers."""

    @cached_property
    def classifier(self) -> Classifier:
        """What reads questions on which the rules are silent: the company's own, else the packaged one."""
        from router.classify import PACKAGED, Classifier

        own = self.settings.data_dir / "router" / "classifier.json"
        return Classifier.load(own if own.exists() else PACKAGED)

    @cached_property
    def _lanes(self) -> Lanes:
        from retrieval.search import RankedSearch
        from router.analysis import AnalysisLane
        from router.lanes import Lanes
        from router.settings import RouterSettings

        settings = RouterSettings()
        return Lanes(
            terminology=self.resolver,
            glossary=lambda: self.resolver,
            tables=self.queried_tables,
            statements=self.statements,
            search=RankedSearch(self.search),
            analysis=AnalysisLane(
                settings,
                unsupported_values,
                self._writer,
                self._tools,
                lambda term: self.resolver.glossary.senses(term),
                self.search.rarities,
            ),
            documents=self.documents,
            settings=settings,
            rewriter=self._rewriter,
            tables_by_rules=self.facts,
            classifier=self.classifier,
            judge=self._judge,
        )

    @cached_property
    def answerer(self) -> Answerer:
        """Answers questions."""
        from router.answer import Answerer

        return Answerer(self._lanes)

    def rehearse(self) -> None:
        """Answer one question of each kind, by rules alone, so that nobody waits for what is loaded at its first use."""
        from dataclasses import replace

        from router.answer import Answerer
        from router.types import Query

        lanes = self._lanes
        by_rules = replace(
            lanes,
            tables=self.facts,
            analysis=replace(lanes.analysis, writer=None),
            rewriter=None,
            judge=None,
        )
        answerer = Answerer(by_rules)
        for question in _REHEARSED:
            answerer.answer(Query(question))

    @cached_property
    def unknown_terms(self) -> UnknownTerms:
        """Counts abbreviations that questions use and the glossary lacks."""
        from api.asked import UnknownTerms

        return UnknownTerms(self.glossary, self.resolver)

    @cached_property
    def noted_answerer(self) -> NotedAnswerer:
        """Answers people's questions, and notes the abbreviations in them that the glossary lacks."""
        from api.asked import NotedAnswerer

        return NotedAnswerer(self.answerer, self.unknown_terms)

    @cached_property
    def caching_answerer(self) -> CachingAnswerer:
        """Answers, exact ones from the cache while nothing that they draw on has changed."""
        from api.answer_cache import AnswerCache, CachingAnswerer
        from api.freshness import Standing

        cache = AnswerCache(self.settings.answer_cache)
        standing = Standing(self.watch, self._standing)
        return CachingAnswerer(self.noted_answerer, cache, standing, model=self._language_model.configured)

    def _standing(self) -> Hashable:
        """What answers are drawn from: documents, indexes, tables, glossary with feedback on this day, models."""
        tables = self.fact_store.latest_change()
        return self.search.standing(), tables, self.resolver.standing(), self.term_model.standing()

    @cached_property
    def chat(self) -> Chat:
        """Answers questions within conversations."""
        return Chat(self.caching_answerer, self.conversations, self.glossary, recent=self.recent_answers)

    @cached_property
    def recent_answers(self) -> RecentAnswers:
        """The latest answers, for feedback on those that no conversation kept."""
        return RecentAnswers()

    @cached_property
    def feedback(self) -> FeedbackDesk:
        """Takes people's verdicts on answers."""
        from api.feedback import FeedbackDesk

        return FeedbackDesk(self.conversations, self.glossary, self.resolver, self.recent_answers)

    @property
    def archive(self) -> ConversationArchive:
        """Lists and deletes conversations."""
        from api.conversations import ConversationArchive

        return ConversationArchive(self.conversations, self.glossary)

    @cached_property
    def runnable(self) -> AnswerRunnable:
        """The whole answer as a LangChain Runnable, asked by the local operator."""
        from api.auth import OPERATOR
        from api.runnable import AnswerRunnable

        return AnswerRunnable(self.chat, OPERATOR)

    def stream_with_history(self, question: str, history: tuple[str, ...], viewer: Viewer) -> Iterator[Event]:
        """Answer within a conversation whose turns the caller keeps (the web chat)."""
        turns = tuple((earlier, "") for earlier in history)
        return self.chat.stream(Question(question, turns=turns), viewer)
