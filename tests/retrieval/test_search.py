"""The search engine: stages and their scores, access, equal texts, following the database, rebuilding."""

from __future__ import annotations

import logging
import multiprocessing
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
from filelock import FileLock

from retrieval.errors import OtherModelError
from retrieval.hashed import HashedEmbedder
from retrieval.search import RankedSearch, SearchEngine, open_engine, rebuild
from retrieval.settings import SearchSettings
from retrieval.store import KnowledgeStore
from tests.retrieval.samples import document

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from retrieval.types import NewDocument, Passage


class MeaningEmbedder:
    """A fake with meaning: one dimension per subject, whichever word names it."""

    name, dimension, semantic = "meaning", 3, True
    subjects = (("客户", "顾客", "client"), ("价格", "多少钱", "price"), ("天气", "weather"))

    def embed_documents_array(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self.embed_query_array(text) for text in texts])

    def embed_query_array(self, text: str) -> NDArray[np.float32]:
        vector = np.asarray([sum(word in text for word in words) for words in self.subjects], dtype=np.float32)
        return vector / max(float(np.linalg.norm(vector)), 1e-9)


DOCUMENTS = [
    document("售后流程.docx", ["客户经理（AM）在售后流程里负责回访。", "退货要在七天内提出。"]),
    document("价目.xlsx", ["标准版的价格是九百元。"]),
    document("工资.xlsx", ["客户经理的工资是保密的，价格也是。"], groups=("hr",)),
]


def put(store: KnowledgeStore, embedder: HashedEmbedder | MeaningEmbedder, *new: NewDocument) -> None:
    for each in new:
        vectors = embedder.embed_documents_array([chunk.text for chunk in each.chunks])
        store.put_document(each, (embedder.name, vectors))


@pytest.fixture(params=[HashedEmbedder, MeaningEmbedder])
def embedder(request: pytest.FixtureRequest) -> HashedEmbedder | MeaningEmbedder:
    return request.param()


@pytest.fixture
def engine(tmp_path: Path, store: KnowledgeStore, embedder: HashedEmbedder | MeaningEmbedder) -> SearchEngine:
    put(store, embedder, *DOCUMENTS)
    return open_engine(store, tmp_path, embedder, device="cpu")


def texts(passages: list[Passage]) -> list[str]:
    return [passage.chunk.text for passage in passages]


def test_passages_come_with_the_scores_of_every_stage(engine: SearchEngine) -> None:
    found = engine.search("AM负责哪些事情", top_k=2)
    assert found[0].document.name == "售后流程.docx"
    assert found[0].chunk.location.page == 1
    assert {"words", "grams", "keyword", "vector", "fused", "coverage"} == set(found[0].scores)
    assert found[0].score == found[0].scores["fused"]
    assert found == sorted(found, key=lambda passage: -passage.score)


def test_an_answers_search_finds_the_same_without_the_stages(engine: SearchEngine) -> None:
    for groups in (None, frozenset({"sales"})):
        shown = engine.search("客户经理负责什么", groups=groups)
        plain = RankedSearch(engine).search("客户经理负责什么", groups=groups)
        assert [each.chunk.id for each in plain] == [each.chunk.id for each in shown]
        assert [each.score for each in plain] == [each.score for each in shown]
        assert all("coverage" not in each.scores for each in plain)


def test_meaning_finds_what_words_do_not(tmp_path: Path, store: KnowledgeStore) -> None:
    meaning = MeaningEmbedder()
    put(store, meaning, *DOCUMENTS)
    engine = open_engine(store, tmp_path, meaning, device="cpu")
    assert engine.semantic
    assert texts(engine.search("多少钱", groups=frozenset()))[0] == "标准版的价格是九百元。"


def test_hashed_vectors_have_no_say(tmp_path: Path, store: KnowledgeStore) -> None:
    hashed = HashedEmbedder()
    put(store, hashed, *DOCUMENTS)
    engine = open_engine(store, tmp_path, hashed, device="cpu")
    keywords_only = SearchEngine(store, engine._keywords)
    assert not engine.semantic
    for query in ("客户经理负责", "价格是多少", "七天"):
        assert texts(engine.search(query)) == texts(keywords_only.search(query))
    assert engine.search("多少钱zzz") == []
    assert engine.search("客户经理")[0].scores["vector"] > 0


@pytest.mark.parametrize("query", ["", "  ", "？！", "\n"])
def test_an_empty_question_finds_nothing(engine: SearchEngine, query: str) -> None:
    if not engine.semantic or not query.strip():
        assert engine.search(query) == []


def test_groups_never_leak(engine: SearchEngine) -> None:
    for top_k in (1, 2, 50):
        for query in ("客户经理的工资是保密的，价格也是。", "工资", "价格", "client"):
            for groups in (frozenset(), frozenset({"it"}), frozenset({"*", ""})):
                found = engine.search(query, top_k=top_k, groups=groups)
                assert "工资.xlsx" not in {passage.document.name for passage in found}
    assert engine.search("客户经理的工资", groups=frozenset({"hr"}))[0].document.name == "工资.xlsx"
    assert engine.search("客户经理的工资")[0].document.name == "工资.xlsx"


def test_a_group_filter_does_not_cost_hits(tmp_path: Path, store: KnowledgeStore) -> None:
    """The filter is inside the query: a hundred better hits of others do not push out the one allowed."""
    meaning = MeaningEmbedder()
    secret = document("secret.txt", [f"客户经理 客户经理 第{number}" for number in range(300)], groups=("hr",))
    put(store, meaning, secret, document("open.txt", ["这里也提到过一次客户经理，以及别的很多事情。"]))
    engine = open_engine(store, tmp_path, meaning, settings=SearchSettings(depth=20), device="cpu")
    assert [each.document.name for each in engine.search("客户经理", groups=frozenset())] == ["open.txt"]


def test_only_these_documents(engine: SearchEngine) -> None:
    wanted = DOCUMENTS[1].document.id
    found = engine.search("客户经理的价格", document_ids=[wanted])
    assert {passage.document.id for passage in found} == {wanted}
    assert engine.search("客户经理的价格", document_ids=[]) == []
    hidden = DOCUMENTS[2].document.id
    assert engine.search("客户经理的价格", document_ids=[hidden], groups=frozenset()) == []


def test_equal_texts_count_once_and_the_rest_moves_up(
    tmp_path: Path, store: KnowledgeStore, embedder: HashedEmbedder | MeaningEmbedder
) -> None:
    copies = [document(f"{number}.txt", ["客户经理  负责回访"]) for number in range(40)]
    put(store, embedder, *copies, document("other.txt", ["客户经理负责很多其他的事情，例如合同"]))
    engine = open_engine(store, tmp_path, embedder, settings=SearchSettings(depth=10), device="cpu")
    found = engine.search("客户经理负责回访", top_k=2)
    assert [text.split()[0][:4] for text in texts(found)] == ["客户经理", "客户经理"]
    assert len({" ".join(text.split()) for text in texts(found)}) == 2


def test_top_k_is_kept(engine: SearchEngine) -> None:
    assert len(engine.search("客户经理价格退货", top_k=1)) == 1
    assert len(engine.search("客户经理价格退货", top_k=50)) == 4
    assert engine.search("客户经理价格退货", top_k=0) == []


def test_expansions_find_the_other_name(engine: SearchEngine) -> None:
    assert engine.search("account manager回访", expansions=["客户经理"], groups=frozenset())[
        0
    ].chunk.text.startswith("客户经理")


def test_new_documents_are_found_at_once(engine: SearchEngine, store: KnowledgeStore) -> None:
    assert "5-ALA用于荧光引导手术" not in texts(engine.search("荧光"))
    store.put_document(document("new.txt", ["5-ALA用于荧光引导手术"]))
    assert texts(engine.search("荧光"))[0] == "5-ALA用于荧光引导手术"
    store.delete_document(store.documents()[0].id)
    assert "5-ALA用于荧光引导手术" not in texts(engine.search("荧光"))


def test_state_says_how_far_the_indexes_are(engine: SearchEngine, store: KnowledgeStore) -> None:
    engine.catch_up()
    state = engine.state()
    assert state.change == state.keyword_change == state.vector_change == store.latest_change()
    assert state.keyword_chunks == state.vector_chunks == 4
    assert state.model == state.indexed_model
    assert state.semantic == engine.semantic


def test_a_busy_writer_does_not_stop_searches(
    engine: SearchEngine,
    store: KnowledgeStore,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine.catch_up()
    waits: list[float] = []

    def lock(path: Path, timeout: float) -> FileLock:
        waits.append(timeout)
        return FileLock(path, timeout=timeout)

    monkeypatch.setattr("retrieval.index_folder.FileLock", lock)
    store.put_document(document("new.txt", ["荧光引导手术"]))
    with FileLock(tmp_path / "keywords" / "writer.lock"), caplog.at_level(logging.WARNING):
        assert engine.search("退货", groups=frozenset())[0].chunk.text.startswith("退货")
        assert "荧光引导手术" not in texts(engine.search("荧光"))
    # Only the first search waits.
    assert waits == [SearchSettings().writer_wait, 0.0]
    assert "another process" in caplog.text
    assert texts(engine.search("荧光"))[0] == "荧光引导手术"


def test_without_faiss_keywords_still_search(
    store: KnowledgeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    meaning = MeaningEmbedder()
    put(store, meaning, *DOCUMENTS)
    monkeypatch.setitem(sys.modules, "faiss", None)
    engine = open_engine(store, tmp_path, meaning)
    assert not engine.semantic
    assert texts(engine.search("退货"))[0].startswith("退货")
    assert "FAISS is not installed" in caplog.text
    assert rebuild(store, tmp_path, meaning) == 0


def test_another_model_is_refused_until_rebuilt(
    engine: SearchEngine, store: KnowledgeStore, tmp_path: Path
) -> None:
    engine.catch_up()

    class Other(MeaningEmbedder):
        name = "other"

    with pytest.raises(OtherModelError, match="termroute rebuild"):
        open_engine(store, tmp_path, Other(), device="cpu").search("退货")
    told: list[int] = []
    assert rebuild(store, tmp_path, Other(), progress=told.append) == 4
    assert told == [4]
    assert texts(open_engine(store, tmp_path, Other(), device="cpu").search("退货"))[0].startswith("退货")
    assert rebuild(store, tmp_path, Other()) == 0


@pytest.mark.parametrize("replaced", [False, True])
def test_a_rebuilt_index_finds_the_same(
    tmp_path: Path, store: KnowledgeStore, embedder: HashedEmbedder | MeaningEmbedder, replaced: bool
) -> None:
    engine = open_engine(store, tmp_path, embedder, device="cpu")
    for number in range(20):
        name = f"{number % 7 if replaced else number}.txt"
        put(store, embedder, document(name, [f"客户{number}", f"价格{number}"], version=str(number)))
        engine.catch_up()
    rebuild(store, tmp_path / "fresh", embedder)
    fresh = open_engine(store, tmp_path / "fresh", embedder, device="cpu")
    for query in ("客户经理负责", "价格19", "客户17的价格"):
        found, again = engine.search(query, top_k=50), fresh.search(query, top_k=50)
        assert sorted(texts(found)) == sorted(texts(again))
        # Removed passages count in the frequencies of words until enough have been removed.
        if not replaced:
            assert _summary(found) == _summary(again)


def _summary(passages: list[Passage]) -> list[tuple[int, float]]:
    return [(passage.chunk.number, pytest.approx(passage.score, rel=1e-6)) for passage in passages]


class _Shortest:
    name = "shortest"

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        return [1.0 / len(text) for text in texts]


def test_a_reranker_has_the_last_word(engine: SearchEngine, store: KnowledgeStore) -> None:
    reranked = SearchEngine(store, engine._keywords, engine._vectors, engine._embedder, _Shortest())
    found = reranked.search("客户经理退货价格", top_k=2)
    assert texts(found) == ["退货要在七天内提出。", "标准版的价格是九百元。"]
    assert found[0].score == found[0].scores["rerank"] == pytest.approx(1 / 10)


def _write(url: str, count: int) -> None:
    store, hashed = KnowledgeStore(url), HashedEmbedder()
    for number in range(count):
        put(
            store, hashed, document(f"{number % 9}.txt", [f"第{number}版客户经理", "价格"], version=str(number))
        )
        if number % 3 == 2:
            store.delete_document(store.documents()[0].id)


def test_one_process_writes_while_another_searches(tmp_path: Path, store: KnowledgeStore) -> None:
    writer = multiprocessing.get_context("spawn").Process(target=_write, args=(store.url, 40))
    writer.start()
    engines = [open_engine(store, tmp_path / "shared", HashedEmbedder(), device="cpu") for _ in range(2)]
    while writer.is_alive():
        for engine in engines:
            for passage in engine.search("客户经理"):
                assert "客户经理" in passage.chunk.text
    writer.join()
    assert writer.exitcode == 0
    wanted = {chunk.text for chunk, _ in store.passages_after(0, 100) if "客户经理" in chunk.text}
    for engine in engines:
        assert set(texts(engine.search("客户经理", top_k=100))) == wanted
        assert engine.state().keyword_chunks == engine.state().vector_chunks == store.statistics().chunks


def test_threads_search_while_one_writes(engine: SearchEngine, store: KnowledgeStore) -> None:
    def search(_number: int) -> bool:
        return all(
            "工资" not in passage.document.name for passage in engine.search("客户经理", groups=frozenset())
        )

    with ThreadPoolExecutor(4) as pool:
        searches = [pool.submit(search, number) for number in range(60)]
        for number in range(12):
            store.put_document(document(f"{number % 4}.txt", ["客户经理回访"], version=str(number)))
        assert all(each.result() for each in searches)
    assert "客户经理回访" in texts(engine.search("客户经理回访", groups=frozenset()))
