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
    for report in pipeline.ingest([sys.argv[2]], prune=True):
        assert report.status in ("indexed", "unchanged", "replaced", "deleted"), report
        print(report.status, flush=True)
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
    """Documents of several formats; each says which version it is of, and some come and go."""
    folder.mkdir(exist_ok=True)
    for number in range(20):
        text = "".join(
            f"第{n}条，第{version}版：客户经理在{n}小时内回复，编号{n:012d}。\n\n" for n in range(1, 40)
        )
        (folder / f"制度{number:02d}.txt").write_text(text, "utf-8")
    for number in range(6):
        rows = [["行名", "联行号", "版本"], *([f"支行{n}", f"{n:012d}", f"第{version}版"] for n in range(60))]
        samples.workbook(folder / f"网点{number}.xlsx", rows)
    samples.word(folder / "流程.docx", text=f"第{version}版流程。")
    for old in folder.glob("培训*.pptx"):
        old.unlink()
    samples.slides(folder / f"培训{version}.pptx")


def _start(database: Path, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", DRIVER, str(database), str(folder)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _finish(database: Path, folder: Path) -> None:
    with _start(database, folder) as process:
        process.communicate()
    assert process.returncode == 0


def _kill_at_random(database: Path, folder: Path, moments: random.Random) -> bool:
    """Kills a run up to a tenth of a second after up to two files were changed; False where it was done before."""
    with _start(database, folder) as process:
        assert process.stdout is not None
        wanted = moments.choice([0, 0, 1, 2])
        while wanted and (line := process.stdout.readline()):
            wanted -= line.strip() != "unchanged"
        time.sleep(moments.uniform(0.0, 0.1))
        if not wanted and process.poll() is None:
            # Before the first file there is nothing to wait for but the start of the program.
            time.sleep(moments.uniform(0.0, 1.5) if moments.random() < 0.2 else 0.0)
        alive = process.poll() is None
        process.send_signal(signal.SIGKILL)
    return alive


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
    _finish(disturbed, folder)
    _fill(folder, 2)

    moments = random.Random(20261122)
    killed, version = 0, 2
    while killed < KILLS and version < KILLS:
        if _kill_at_random(disturbed, folder, moments):
            killed += 1
        else:
            # It was done before the blow: new changes give the next run something to do.
            version += 1
            _fill(folder, version)
        _is_whole(disturbed)
    assert killed == KILLS

    _finish(disturbed, folder)
    _finish(undisturbed, folder)
    left, right = _kept(disturbed), _kept(undisturbed)
    assert len(right["documents"]) == 28
    for name in QUESTIONS:
        assert left[name] == right[name], name
