"""The pipeline: new, unchanged, changed, gone and bad files, and readers that hang, hog or die."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ingest.errors import PathMissingError
from ingest.pipeline import Pipeline, chunk_id
from ingest.settings import MEGABYTE, IngestSettings
from ingest.types import FileReport, Progress
from ingest.workers import Workers
from retrieval.store import KnowledgeStore
from tests.ingest import samples
from tests.ingest.fakes import LengthEmbedder, MemoryStore, misbehave

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = IngestSettings(workers=1, ocr=False)


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    """One warm process for all tests of this file."""
    shared = Workers(SETTINGS)
    yield shared
    shared.close()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def pipeline(store: MemoryStore, workers: Workers) -> Pipeline:
    return Pipeline(store, LengthEmbedder(), SETTINGS, workers=workers)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "知识"
    (home / "制度").mkdir(parents=True)
    samples.word(home / "制度" / "售后流程.docx")
    samples.workbook(home / "网点.xlsx", [["行名", "联行号"], ["兴发支行", "001100011002"]])
    (home / "说明.txt").write_text("每月三次。", "utf-8")
    return home


def _statuses(reports: list[FileReport]) -> dict[str, str]:
    return {Path(report.path).name: report.status for report in reports}


def test_first_and_second_time(pipeline: Pipeline, store: MemoryStore, folder: Path) -> None:
    first = list(pipeline.ingest([folder]))
    assert _statuses(first) == {"售后流程.docx": "indexed", "网点.xlsx": "indexed", "说明.txt": "indexed"}
    kept, puts = dict(store.kept), store.puts
    second = list(pipeline.ingest([folder]))
    assert set(_statuses(second).values()) == {"unchanged"}
    assert (store.kept, store.puts) == (kept, puts)
    same = [(r.path, r.document_id, r.pages, r.chunks, r.tables, r.rows) for r in first]
    assert same == [(r.path, r.document_id, r.pages, r.chunks, r.tables, r.rows) for r in second]


def test_what_enters_the_store(pipeline: Pipeline, store: MemoryStore, folder: Path) -> None:
    report = next(
        r for r in pipeline.ingest([folder], groups=["销售", "客服", "销售"]) if r.path.endswith(".docx")
    )
    new = store.kept[report.document_id]
    document = new.document
    assert (document.name, document.title, document.category) == ("售后流程.docx", "售后流程", "制度")
    assert document.groups == ("客服", "销售")
    assert document.source == str(folder / "制度" / "售后流程.docx")
    assert len(document.id) == 32
    assert len(document.content_hash) == 64
    assert document.modified.endswith("+00:00")
    assert [c.id for c in new.chunks] == [chunk_id(document.id, i, c.text) for i, c in enumerate(new.chunks)]
    name, vectors = store.vectors[document.id]
    assert name == "length"
    assert np.array_equal(vectors[:, 0], [len(c.text) for c in new.chunks])


def test_changed_file_replaces_its_old_self(pipeline: Pipeline, store: MemoryStore, folder: Path) -> None:
    before = {r.path: r.document_id for r in pipeline.ingest([folder])}
    (folder / "说明.txt").write_text("每月四次。", "utf-8")
    reports = list(pipeline.ingest([folder]))
    changed = next(r for r in reports if r.status == "replaced")
    assert changed.path.endswith("说明.txt")
    assert changed.document_id != before[changed.path]
    assert before[changed.path] not in store.kept
    assert store.kept[changed.document_id].chunks[0].text == "每月四次。"
    assert len(store.kept) == 3


def test_failing_change_keeps_the_old_version_and_says_so(
    pipeline: Pipeline, store: MemoryStore, folder: Path
) -> None:
    list(pipeline.ingest([folder]))
    (folder / "网点.xlsx").write_bytes(b"PK\x03\x04 not a workbook any more")
    report = next(r for r in pipeline.ingest([folder]) if r.path.endswith("网点.xlsx"))
    assert report.status == "failed"
    assert report.error.endswith("the version read before stays searchable")
    assert report.document_id in store.kept


def test_groups_and_category_are_kept_unless_given(
    pipeline: Pipeline, store: MemoryStore, folder: Path
) -> None:
    path = folder / "说明.txt"
    list(pipeline.ingest([path], groups=["hr"], category="人事"))
    assert [r.status for r in pipeline.ingest([path])] == ["unchanged"]
    path.write_text("改过。", "utf-8")
    list(pipeline.ingest([path]))
    (document,) = store.documents()
    assert (document.groups, document.category) == (("hr",), "人事")
    assert [r.status for r in pipeline.ingest([path], groups=[])] == ["replaced"]
    assert store.documents()[0].groups == ()


def test_prune_deletes_only_what_is_gone_under_the_paths(
    pipeline: Pipeline, store: MemoryStore, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.txt"
    other.write_text("别处。", "utf-8")
    list(pipeline.ingest([folder, other]))
    (folder / "说明.txt").unlink()
    other.unlink()
    assert "deleted" not in _statuses(list(pipeline.ingest([folder]))).values()
    reports = list(pipeline.ingest([folder], prune=True))
    assert _statuses(reports)["说明.txt"] == "deleted"
    assert [Path(d.source).name for d in store.documents()] == [
        "售后流程.docx",
        "网点.xlsx",
        "other.txt",
    ]
    assert [r.status for r in pipeline.ingest([other], prune=True)] == ["deleted"]


def test_missing_paths_are_all_named_before_anything_is_done(
    pipeline: Pipeline, store: MemoryStore, folder: Path
) -> None:
    with pytest.raises(PathMissingError, match=r"/nowhere, .*nothing\.txt"):
        pipeline.ingest([folder, "/nowhere", folder / "nothing.txt"])
    assert not store.kept


def test_progress_counts_files_and_pages(store: MemoryStore, workers: Workers, folder: Path) -> None:
    seen: list[Progress] = []
    list(Pipeline(store, None, SETTINGS, progress=seen.append, workers=workers).ingest([folder]))
    assert [(p.done, p.total) for p in seen] == [(1, 3), (2, 3), (3, 3)]
    assert seen[-1].pages == 3
    assert seen[-1].rate > 0
    assert not store.vectors


def test_large_files_are_left_out(store: MemoryStore, folder: Path) -> None:
    settings = replace(SETTINGS, max_file_size=10)
    with Pipeline(store, None, settings) as small:
        reports = list(small.ingest([folder]))
    assert {r.status for r in reports} == {"skipped"}
    assert all("ingest.max_file_size" in r.error for r in reports)


def test_one_bad_file_never_stops_the_rest(store: MemoryStore, tmp_path: Path) -> None:
    settings = replace(SETTINGS, time_limit=3.0, memory_limit=300 * MEGABYTE)
    for name in ("sleep", "hog", "die", "raise", "recurse", "shout", "good1", "good2"):
        (tmp_path / f"{name}.txt").write_text("可以读的文字。", "utf-8")
    with Pipeline(store, None, settings, workers=Workers(settings, misbehave)) as pipeline:
        reports = {Path(r.path).name: r for r in pipeline.ingest([tmp_path])}
    assert {name for name, r in reports.items() if r.status == "indexed"} == {
        "good1.txt",
        "good2.txt",
        "shout.txt",
    }
    reasons = {name.partition(".")[0]: r.error for name, r in reports.items() if r.status == "failed"}
    assert "took more than 3 s" in reasons["sleep"]
    assert "needed more than 300 MB of memory" in reasons["hog"]
    assert "crash" in reasons["die"]
    assert "ZeroDivisionError" in reasons["raise"]
    assert "nested too deeply" in reasons["recurse"]
    assert reports["sleep.txt"].seconds < 10


def test_stopping_in_the_middle_leaves_a_usable_pipeline(
    pipeline: Pipeline, store: MemoryStore, folder: Path
) -> None:
    reports = pipeline.ingest([folder])
    next(reports)
    reports.close()  # type: ignore[attr-defined]
    assert len(store.kept) == 1
    assert sorted(_statuses(list(pipeline.ingest([folder]))).values()) == ["indexed", "indexed", "unchanged"]


def test_a_worker_that_died_while_idle_is_replaced(store: MemoryStore, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("一。", "utf-8")
    with Pipeline(store, None, SETTINGS) as pipeline:
        assert [r.status for r in pipeline.ingest([tmp_path])] == ["indexed"]
        for child in multiprocessing.active_children():
            child.kill()
            child.join()
        (tmp_path / "a.txt").write_text("二。", "utf-8")
        assert [r.status for r in pipeline.ingest([tmp_path])] == ["replaced"]


def test_with_the_real_store(workers: Workers, folder: Path, tmp_path: Path) -> None:
    store = KnowledgeStore(f"sqlite:///{tmp_path / 'knowledge.sqlite3'}")
    store.create_schema()
    pipeline = Pipeline(store, LengthEmbedder(), SETTINGS, workers=workers)
    first = list(pipeline.ingest([folder]))
    assert [r.status for r in first] == ["indexed"] * 3
    table = next(r for r in first if r.path.endswith(".xlsx"))
    assert (table.tables, table.rows) == (1, 1)
    change = store.latest_change()
    assert {r.status for r in pipeline.ingest([folder])} == {"unchanged"}
    assert store.latest_change() == change
    (folder / "说明.txt").unlink()
    assert "deleted" in {r.status for r in pipeline.ingest([folder], prune=True)}
    assert store.statistics().documents == 2
    store.close()
