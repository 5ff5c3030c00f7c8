"""The vector index: exact search, access, following the database, damage, kills, and other models."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from filelock import FileLock

from retrieval import vectors as vectors_module
from retrieval.errors import IndexBusyError, OtherModelError, VectorsUnavailableError
from retrieval.store import KnowledgeStore
from retrieval.vectors import VectorIndex
from tests.retrieval.samples import document

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

COUNT, SIZE = 60, 16


def made_up(count: int, seed: int = 0) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).standard_normal((count, SIZE)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def filled(store: KnowledgeStore) -> KnowledgeStore:
    new = [document(f"{place}.txt", [f"text {place}"], groups=("g",) * (place % 2)) for place in range(COUNT)]
    store.put_documents(new, ("m", made_up(COUNT)))
    return store


@pytest.fixture
def index(tmp_path: Path, filled: KnowledgeStore) -> VectorIndex:
    made = VectorIndex(tmp_path / "vectors", "m", "cpu")
    made.catch_up(filled)
    return made


QUERY = made_up(1, seed=9)[0]


def by_hand(limit: int, kept: NDArray[np.bool_] | None = None) -> list[tuple[int, float]]:
    scores = made_up(COUNT) @ QUERY
    order = [place for place in np.argsort(-scores) if kept is None or kept[place]][:limit]
    return [(int(place) + 1, pytest.approx(float(scores[place]), abs=1e-6)) for place in order]


def test_the_search_is_exact(index: VectorIndex) -> None:
    assert index.search(QUERY, 10) == by_hand(10)
    assert len(index.search(QUERY, 1000)) == COUNT
    assert index.search(QUERY, 0) == []


def test_access_is_part_of_the_search(index: VectorIndex, filled: KnowledgeStore) -> None:
    allowed = filled.visible_numbers(frozenset())
    assert index.search(QUERY, 5, allowed) == by_hand(5, np.arange(COUNT) % 2 == 0)
    assert len(index.search(QUERY, 1000, allowed)) == COUNT // 2
    assert index.search(QUERY, 5, np.asarray([], dtype=np.int64)) == []


def test_scores_of_given_passages(index: VectorIndex) -> None:
    assert index.scores(QUERY, [2, 5, 999]) == {
        number: score for number, score in by_hand(COUNT) if number in (2, 5)
    }
    assert index.scores(QUERY, []) == {}


def test_following_the_database(index: VectorIndex, filled: KnowledgeStore, tmp_path: Path) -> None:
    first = filled.documents()[0]
    number = filled.chunks(first.id)[0].number
    filled.delete_document(first.id)
    filled.put_document(document("new.txt", ["new", "newer"]), ("m", made_up(2, seed=3)))
    index.catch_up(filled)
    assert len(index) == COUNT + 1
    assert number not in dict(index.search(QUERY, 1000))
    assert index.search(made_up(2, seed=3)[1], 1)[0] == (COUNT + 2, pytest.approx(1.0))
    fresh = VectorIndex(None, "m", "cpu")
    fresh.catch_up(filled)
    assert fresh.search(QUERY, 1000) == index.search(QUERY, 1000)


def test_a_copy_is_taken_up_where_it_was_left(
    index: VectorIndex, filled: KnowledgeStore, tmp_path: Path
) -> None:
    again = VectorIndex(tmp_path / "vectors", "m", "cpu")
    assert again.change == filled.latest_change()
    assert again.search(QUERY, 10) == index.search(QUERY, 10)


def test_few_changes_are_replayed_many_are_saved(
    index: VectorIndex, filled: KnowledgeStore, tmp_path: Path
) -> None:
    def saved() -> int:
        return int(json.loads((tmp_path / "vectors" / "manifest.json").read_text())["change"])

    filled.put_document(document("one.txt", ["a"]), ("m", made_up(1, seed=4)))
    index.catch_up(filled)
    assert saved() == COUNT
    filled.put_document(document("many.txt", ["b", "c", "d"]), ("m", made_up(3, seed=5)))
    index.catch_up(filled)
    assert saved() == COUNT + 4


def test_vectors_that_come_later_are_taken_in(store: KnowledgeStore, tmp_path: Path) -> None:
    store.put_document(document("a.txt", ["a", "b"]))
    index = VectorIndex(tmp_path / "vectors", "m", "cpu")
    index.catch_up(store)
    assert len(index) == 0
    store.put_embeddings("m", [1, 2], made_up(2))
    index.catch_up(store)
    assert len(index) == 2


@pytest.mark.parametrize("damage", ["flip", "truncate", "remove", "manifest", "nothing left"])
def test_a_damaged_copy_is_made_anew(
    index: VectorIndex,
    filled: KnowledgeStore,
    tmp_path: Path,
    damage: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    folder = tmp_path / "vectors"
    [file] = folder.glob("flat-*.faiss")
    content = bytearray(file.read_bytes())
    if damage == "flip":
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    elif damage == "truncate":
        file.write_bytes(content[: len(content) // 2])
    elif damage == "remove":
        file.unlink()
    elif damage == "manifest":
        (folder / "manifest.json").write_text("{")
    else:
        file.unlink()
        (folder / "manifest.json").unlink()
    again = VectorIndex(folder, "m", "cpu")
    assert again.change == 0
    again.catch_up(filled)
    assert again.search(QUERY, 10) == index.search(QUERY, 10)
    assert len(list(folder.glob("flat-*.faiss"))) == 1
    if damage in ("flip", "truncate"):
        assert "made anew" in caplog.text


def _save_and_die(folder: str, url: str, at: str) -> None:
    """Saves the copy in a process that dies at one point of saving, as a kill would end it."""
    from pathlib import Path

    import faiss

    real = faiss.write_index
    if at == "half a file":

        def half(index: Any, path: str) -> None:
            real(index, path)
            os.truncate(path, Path(path).stat().st_size // 2)
            os._exit(9)

        faiss.write_index = half
    elif at == "before the manifest":
        vectors_module.write_manifest = lambda *_: os._exit(9)
    else:
        Path.replace = lambda *_: os._exit(9)
    store = KnowledgeStore(url)
    index = VectorIndex(Path(folder), "m", "cpu")
    index.catch_up(store)
    index.save()
    os._exit(0)


@pytest.mark.parametrize("at", ["half a file", "before the manifest", "before the rename"])
def test_a_kill_while_saving_leaves_the_old_copy(
    index: VectorIndex, filled: KnowledgeStore, tmp_path: Path, at: str
) -> None:
    before = index.search(QUERY, 10)
    saved_at = index.change
    filled.put_document(document("new.txt", ["x"] * 20), ("m", made_up(20, seed=3)))
    process = multiprocessing.get_context("spawn").Process(
        target=_save_and_die, args=(str(tmp_path / "vectors"), filled.url, at)
    )
    process.start()
    process.join()
    assert process.exitcode == 9
    again = VectorIndex(tmp_path / "vectors", "m", "cpu")
    assert again.change == saved_at
    assert again.search(QUERY, 10) == before
    again.catch_up(filled)
    assert len(again) == COUNT + 20
    # What the kill left behind is cleared away by the next save.
    assert {path.suffix for path in (tmp_path / "vectors").iterdir()} == {".faiss", ".json", ".lock"}
    assert len(list((tmp_path / "vectors").glob("*.faiss"))) == 1


def test_another_model_is_refused_and_says_how_to_rebuild(
    index: VectorIndex, filled: KnowledgeStore, tmp_path: Path
) -> None:
    other = VectorIndex(tmp_path / "vectors", "n", "cpu")
    for use in (
        lambda: other.search(QUERY, 1),
        lambda: other.scores(QUERY, [1]),
        lambda: other.catch_up(filled),
    ):
        with pytest.raises(OtherModelError, match="termroute rebuild") as caught:
            use()
        assert (caught.value.indexed, caught.value.current) == ("m", "n")
    filled.put_embeddings("n", list(range(1, COUNT + 1)), made_up(COUNT, seed=8))
    other.rebuild(filled)
    assert len(other.search(QUERY, 1000)) == COUNT
    with pytest.raises(OtherModelError):
        VectorIndex(tmp_path / "vectors", "m", "cpu").search(QUERY, 1)


def test_the_database_tells_the_model_when_the_folder_is_gone(filled: KnowledgeStore, tmp_path: Path) -> None:
    other = VectorIndex(tmp_path / "new", "n", "cpu")
    with pytest.raises(OtherModelError, match="'m'"):
        other.catch_up(filled)
    with pytest.raises(OtherModelError):
        other.search(QUERY, 1)


def test_an_older_copy_never_takes_the_place_of_a_newer(
    index: VectorIndex, filled: KnowledgeStore, tmp_path: Path
) -> None:
    filled.put_document(document("new.txt", ["x"] * 20), ("m", made_up(20, seed=3)))
    newer = VectorIndex(tmp_path / "vectors", "m", "cpu")
    newer.catch_up(filled)
    assert not index.save()
    assert VectorIndex(tmp_path / "vectors", "m", "cpu").change == newer.change


def test_a_replaced_database_is_noticed(index: VectorIndex, tmp_path: Path) -> None:
    other = KnowledgeStore(f"sqlite:///{tmp_path / 'other.db'}")
    other.create_schema()
    other.put_document(document("x.txt", ["x"] * (COUNT + 5)), ("m", made_up(COUNT + 5, seed=2)))
    again = VectorIndex(tmp_path / "vectors", "m", "cpu")
    again.catch_up(other)
    assert len(again) == COUNT + 5
    other.close()


def test_without_faiss_there_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(VectorsUnavailableError, match="FAISS is not installed"):
        VectorIndex(tmp_path, "m")


@pytest.mark.parametrize(("device", "copies"), [("auto", 1), ("cuda", 1), ("cpu", 0)])
def test_with_a_gpu_unrestricted_searches_run_on_it(
    filled: KnowledgeStore, monkeypatch: pytest.MonkeyPatch, device: str, copies: int
) -> None:
    import faiss

    moved: list[Any] = []

    def to_gpu(_resources: object, _number: int, index: Any) -> Any:
        moved.append(index)
        return faiss.clone_index(index)

    fake = SimpleNamespace(**{name: getattr(faiss, name) for name in dir(faiss) if not name.startswith("__")})
    fake.get_num_gpus, fake.StandardGpuResources, fake.index_cpu_to_gpu = lambda: 1, object, to_gpu
    monkeypatch.setattr(vectors_module, "_faiss", lambda: fake)
    index = VectorIndex(None, "m", device)
    index.catch_up(filled)
    assert index.search(QUERY, 3) == by_hand(3)
    assert index.search(QUERY, 3) == by_hand(3)
    index.search(QUERY, 3, filled.visible_numbers(frozenset()))
    assert len(moved) == copies


def test_a_rebuild_that_cannot_be_saved_says_so(
    index: VectorIndex, filled: KnowledgeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors_module, "_PATIENCE", 0.1)
    with FileLock(tmp_path / "vectors" / "writer.lock"), pytest.raises(IndexBusyError, match="another process"):
        index.rebuild(filled)
    assert index.search(QUERY, 10) == by_hand(10)
