"""An ingestion that is killed twenty times and run again leaves the same database as one that was left alone."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.ingest import samples

ROOT = Path(__file__).parents[2]
KILLS = 20
DRIVER = """
import sys
from ingest.pipeline import Pipeline
from ingest.settings import IngestSettings
from retrieval.hashed import HashedEmbedder
from retrieval.store import KnowledgeStore

store = KnowledgeStore("sqlite:///" + sys.argv[1])
store.create_schema()
with Pipeline(store, HashedEmbedder(), IngestSettings(workers=1, ocr=False)) as pipeline:
    statuses = {report.status for report in pipeline.ingest([sys.argv[2]], prune=True)}
sys.exit(0 if statuses <= {"indexed", "unchanged", "replaced", "deleted"} else 1)
"""
# Everything that is kept of the files; numbers that the database gives out, and the hour, are left out.
QUESTIONS = {
    "documents": "select id, source, name, content_hash, media_type, title, category, pages, size, modified, warnings,"
    " tables, rows from documents",
    "chunks": "select id, document_id, ordinal, text, page, slide, sheet, cell, headings from chunks",
    "embeddings": "select c.id, e.model, e.vector from embeddings e join chunks c on c.number = e.number",
    "grids": "select g.document_id, g.ordinal, g.name, g.head, p.part, p.content from fact_grids g"
    " join fact_grid_parts p on p.grid_id = g.id",
    "tables": "select id, document_id, ordinal, name, columns, header_rows, notes, row_count from fact_tables",
    "rows": "select t.id, r.row_number, r.hidden, r.cells, r.anchors from fact_rows r"
    " join fact_tables t on t.number = r.table_number",
    "cells": "select t.id, r.row_number, c.position, c.folded, c.number from fact_cells c"
    " join fact_rows r on r.id = c.row_id join fact_tables t on t.number = r.table_number",
}

pytestmark = [pytest.mark.functional, pytest.mark.timeout(280)]


def _fill(folder: Path, version: int) -> None:
    """Documents of several formats; half of them change with the version, and some come and go."""
    folder.mkdir(exist_ok=True)
    for number in range(14):
        own = version if number % 2 else 1
        text = "".join(f"第{n}条，第{own}版：客户经理在{n}小时内回复，编号{n:012d}。\n\n" for n in range(1, 40))
        (folder / f"制度{number}.txt").write_text(text, "utf-8")
        rows = [["行名", "联行号", "版本"], *([f"支行{n}", f"{n:012d}", f"第{own}版"] for n in range(60))]
        if number < 6:
            samples.workbook(folder / f"网点{number}.xlsx", rows)
    samples.word(folder / "流程.docx", text=f"第{version}版流程。")
    samples.slides(folder / f"培训{version}.pptx")
    for old in folder.glob("培训*.pptx"):
        if old.name != f"培训{version}.pptx":
            old.unlink()


def _start(database: Path, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", DRIVER, str(database), str(folder)], cwd=ROOT)


def _kept(database: Path) -> dict[str, list[Any]]:
    with sqlite3.connect(database) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        return {name: sorted(connection.execute(query), key=repr) for name, query in QUESTIONS.items()}


def _is_whole(database: Path) -> None:
    """Nothing is half in: every document has passages with vectors, and nothing belongs to no document."""
    with sqlite3.connect(database) as connection:
        for query in (
            "select count(*) from documents d where not exists (select 1 from chunks c where c.document_id = d.id)",
            "select count(*) from chunks where document_id not in (select id from documents)",
            "select count(*) from chunks where number not in (select number from embeddings)",
            "select count(*) from fact_tables where document_id not in (select id from documents)",
        ):
            assert connection.execute(query).fetchone() == (0,)


def test_killed_twenty_times_and_run_again_is_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "知识"
    _fill(folder, 1)
    disturbed, undisturbed = tmp_path / "disturbed.sqlite3", tmp_path / "undisturbed.sqlite3"
    began = time.monotonic()
    assert _start(disturbed, folder).wait() == 0
    seconds = time.monotonic() - began
    _fill(folder, 2)

    moments = random.Random(20261122)
    killed = 0
    for number in range(KILLS):
        if number % 5 == 4:
            # Work is done early in a short run: new changes keep something to be killed.
            _fill(folder, number)
        process = _start(disturbed, folder)
        try:
            process.wait(moments.uniform(0.25, 1.0) * seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
        _is_whole(disturbed)
    assert killed >= KILLS // 2

    assert _start(disturbed, folder).wait() == 0
    assert _start(undisturbed, folder).wait() == 0
    left, right = _kept(disturbed), _kept(undisturbed)
    assert len(right["documents"]) == 22
    for name in QUESTIONS:
        assert left[name] == right[name], name
