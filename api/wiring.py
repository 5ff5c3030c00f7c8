"""The one place where concrete classes are chosen and put together; everything opens when it is first needed."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from api.auth import load_keyring
from api.chat import Chat, Question
from api.errors import NotFoundError, SettingProblem, SettingsError
from api.recent import RecentAnswers
from api.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from api.asked import UnknownTerms
    from api.auth import Keyring, Viewer
    from api.conversations import ConversationArchive
    from api.feedback import FeedbackDesk
    from api.freshness import DatabaseWatch
    from api.runnable import AnswerRunnable
    from api.settings import Settings
    from api.term_model import ServedTermModel
    from api.uploads import Uploads
    from finetune.adapters import Adapters
    from finetune.jobs import Jobs
    from finetune.settings import TrainingSettings
    from finetune.store import TrainingStore
    from ingest.pipeline import Pipeline
    from ingest.store import JobStore
    from ingest.types import Progress
    from retrieval.embed import Embedder
    from retrieval.facts.lookup import FactLookup
    from retrieval.facts.row_index import RowIndex
    from retrieval.facts.sentences import SentenceFacts
    from retrieval.facts.settings import FactSettings
    from retrieval.facts.store import FactStore
    from retrieval.facts.types import FactResult, StoredTable
    from retrieval.search import SearchEngine
    from retrieval.store import KnowledgeStore
    from retrieval.types import Document, Passage
    from router.agent import AgentWriter
    from router.analysis import Toolbox
    from router.answer import Answerer, Lanes
    from router.classify import Classifier
    from router.judging import ModelJudge
    from router.proposing import ProposingTables
    from router.rewriting import ModelRewriter
    from router.settings import LanguageModelSettings
    from router.store import ConversationStore
    from router.types import Citation, Event
    from terminology.resolve import TermResolver
    from terminology.store import GlossaryStore
    from terminology.types import Resolution, Sense

# Passages that a sentence is looked for in, and that a tool of the language model returns.
_STATEMENT_PASSAGES = 10
_TOOL_PASSAGES = 5


class Application:
    """The whole program over one data directory; close it, or use it as a context manager."""

    def __init__(self, settings: Settings) -> None:
        """Bring the database's schema up to date and open nothing else yet.

        Raises SettingsError for a bad file of keys, DatabaseUnavailableError when the database cannot be opened.
        """
        from api.store import upgrade

        self.settings = settings
        self.version = VERSION
        self.keyring: Keyring = load_keyring(settings.api_keys)
        _check_term_model(settings)
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        upgrade(settings.database)

    def __enter__(self) -> Self:
        """Return the application itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close what was opened."""
        self.close()

    def close(self) -> None:
        """Close what was opened, uploads first, since they still write."""
        for name in (
            "uploads",
            "unknown_terms",
            "resolver",
            "pipeline",
            "search",
            "facts",
            "store",
            "glossary",
            "conversations",
            "jobs",
            "fact_store",
            "training_store",
            "watch",
        ):
            opened = self.__dict__.pop(name, None)
            close = getattr(opened, "close", None)
            if close is not None:
                close()

    # The stores

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

    # The capabilities

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

    @property
    def index_dir(self) -> Path:
        """Where the derived indexes lie; the folder can be deleted at any time."""
        return self.settings.data_dir / "index"

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

    @cached_property
    def pipeline(self) -> Pipeline:
        """Reads files into the database."""
        return self.open_pipeline(None)

    def open_pipeline(self, progress: Callable[[Progress], None] | None) -> Pipeline:
        """Open a pipeline of its own, which tells `progress` how far it is; the caller closes it."""
        from ingest.pipeline import Pipeline
        from ingest.settings import IngestSettings

        settings = IngestSettings(time_limit=self.settings.file_time_limit, ocr=self.settings.ocr)
        return Pipeline(self.store, self.embedder, settings, progress=progress)

    @cached_property
    def uploads(self) -> Uploads:
        """Takes files over HTTP."""
        from api.uploads import Uploads
        from ingest.settings import IngestSettings

        self.jobs.fail_interrupted()
        folder = self.settings.data_dir / "uploads"
        return Uploads(
            folder, self.jobs, lambda: self.pipeline, IngestSettings().max_file_size, self._documents_changed
        )

    def _documents_changed(self) -> None:
        """After an upload: the indexes follow, and terminology learns anew how documents use the terms."""
        self.catch_up()
        self.resolver.documents_changed()
        self.resolver.prepare()

    # The training service

    @cached_property
    def training(self) -> TrainingSettings:
        """Where trainings live."""
        from finetune.settings import TrainingSettings

        return TrainingSettings(self.settings.data_dir.resolve() / "training")

    @cached_property
    def training_jobs(self) -> Jobs:
        """Trainings of the terminology model, queued and run in processes of their own."""
        from finetune.jobs import Jobs

        return Jobs(self.training_store, self.training, self.settings.database)

    @cached_property
    def adapters(self) -> Adapters:
        """Which adapter is in use."""
        from finetune.adapters import Adapters

        return Adapters(self.training_store, self.training_jobs, self.training)

    # The use cases

    @cached_property
    def answerer(self) -> Answerer:
        """Answers questions."""
        from router.answer import Answerer

        return Answerer(self._lanes)

    @cached_property
    def noted_answerer(self) -> Answerer:
        """Answers people's questions, and notes the abbreviations in them that the glossary lacks."""
        from api.asked import NotedAnswerer

        return NotedAnswerer(self._lanes, self.unknown_terms)

    @cached_property
    def unknown_terms(self) -> UnknownTerms:
        """Counts abbreviations that questions use and the glossary lacks."""
        from api.asked import UnknownTerms

        return UnknownTerms(self.glossary, self.resolver)

    @cached_property
    def _lanes(self) -> Lanes:
        from retrieval.search import RankedSearch
        from router.analysis import AnalysisLane
        from router.answer import Lanes
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
                _unsupported,
                self._writer,
                self._tools,
                lambda term: self.resolver.glossary.senses(term),
            ),
            documents=self.documents,
            settings=settings,
            rewriter=self._rewriter,
            tables_by_rules=self.facts,
            classifier=self.classifier,
            judge=self._judge,
        )

    @cached_property
    def chat(self) -> Chat:
        """Answers questions within conversations."""
        return Chat(self.noted_answerer, self.conversations, self.glossary, recent=self.recent_answers)

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

    @cached_property
    def queried_tables(self) -> FactLookup | ProposingTables:
        """The tables; with a language model set, it may propose the query where the rules find none."""
        from router.proposing import ProposingTables

        model = self._language_model
        return ProposingTables(self.facts, model, _unsupported) if model.configured else self.facts

    @cached_property
    def _writer(self) -> AgentWriter | None:
        """Qwen-Agent with the language model set, or None: then answers are quoted."""
        from router.agent import AgentWriter

        model = self._language_model
        return AgentWriter(model, None, self.settings.data_dir / "workspace") if model.configured else None

    @cached_property
    def classifier(self) -> Classifier:
        """What reads questions on which the rules are silent: the company's own, else the packaged one."""
        from router.classify import PACKAGED, Classifier

        own = self.settings.data_dir / "router" / "classifier.json"
        return Classifier.load(own if own.exists() else PACKAGED)

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
        return ModelRewriter(model, _unsupported) if model.configured and model.base_url else None

    @property
    def _language_model(self) -> LanguageModelSettings:
        from router.settings import LanguageModelSettings

        chosen = self.settings
        return LanguageModelSettings(
            chosen.llm_model, chosen.llm_base_url, chosen.llm_api_key, chosen.llm_timeout
        )

    def tokens_used(self) -> dict[str, int]:
        """Return the tokens that the language model has read and written so far; nothing where none is set."""
        return {} if self._writer is None else self._writer.tokens_used()

    def _tools(self, groups: frozenset[str] | None) -> Toolbox:
        """Our lanes as the language model's tools for one answer, limited to what the asker may see."""
        from router.agent import Tools
        from router.analysis import Toolbox
        from router.fact import cite_facts
        from router.grounding import cite
        from router.injection import harmless
        from router.term import cite_rows

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

    def stream_with_history(self, question: str, history: tuple[str, ...], viewer: Viewer) -> Iterator[Event]:
        """Answer within a conversation whose turns the caller keeps (the web chat)."""
        turns = tuple((earlier, "") for earlier in history)
        return self.chat.stream(Question(question, turns=turns), viewer)

    # Each lane and store alone, for the doors

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

    def documents(self, groups: frozenset[str] | None) -> list[Document]:
        """Return the documents that `groups` may see (None: all)."""
        found = self.store.documents()
        if groups is None:
            return found
        return [document for document in found if not document.groups or groups & set(document.groups)]

    def document(self, document_id: str) -> Document:
        """Return one document. Raises NotFoundError."""
        found = self.store.document(document_id)
        if found is None:
            raise NotFoundError("document", document_id)
        return found

    def delete_document(self, document_id: str) -> None:
        """Delete a document from the database and the derived indexes; an uploaded file goes too."""
        document = self.document(document_id)
        self.store.delete_document(document_id)
        self.catch_up()
        uploaded = self.settings.data_dir / "uploads" / document.name
        if uploaded.exists() and str(uploaded.resolve()) == document.source:
            uploaded.unlink()

    # Operations

    def warm_up(self) -> None:
        """Open everything that a question needs, so that the first one need not wait."""
        self.catch_up()
        _ = self.answerer
        self.resolver.prepare()
        # Dictionaries and index readers load at their first use; let that be now.
        self.classifier.guess("准备好了吗")
        self.facts.query("准备好了吗")
        self.search.search("准备好了吗", top_k=1)
        if self._writer is not None:
            self._writer.warm_up()
        self.term_model.follow()
        # Trainings that were waiting when the machine went down.
        self.training_jobs.tend()

    def drop_indexes(self) -> None:
        """Let go of the open indexes; they are opened again when they are next needed."""
        for name in ("unknown_terms", "resolver"):
            if name in self.__dict__:
                self.__dict__.pop(name).close()
        derived = (
            "search",
            "facts",
            "queried_tables",
            "rows",
            "_lanes",
            "answerer",
            "noted_answerer",
            "chat",
            "runnable",
            "feedback",
        )
        for name in derived:
            self.__dict__.pop(name, None)

    def catch_up(self) -> None:
        """Bring the derived indexes up to the database."""
        self.search.catch_up()
        self.rows.catch_up()


def _check_term_model(settings: Settings) -> None:
    """Raise SettingsError where the settings name a terminology model that cannot be there; loads nothing."""
    if not settings.term_model:
        if settings.term_adapter:
            problem = "an adapter needs its base model: set TERMROUTE_TERM_MODEL too"
            raise SettingsError([SettingProblem("TERMROUTE_TERM_ADAPTER", settings.term_adapter, problem)])
        return
    from terminology.errors import TermModelError
    from terminology.model import TerminologyModel

    adapter = Path(settings.term_adapter) if settings.term_adapter else None
    try:
        TerminologyModel(settings.term_model, adapter, settings.device).check()
    except TermModelError as error:
        key = "TERM_MODEL" if error.name == settings.term_model else "TERM_ADAPTER"
        raise SettingsError([SettingProblem(f"TERMROUTE_{key}", error.name, error.reason)]) from error


def _unsupported(text: str, sources: Sequence[str]) -> list[str]:
    from retrieval.facts.guard import unsupported

    return [value.text for value in unsupported(text, sources)]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
