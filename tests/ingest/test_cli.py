"""The command: lines, JSON, exit codes, watching."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from ingest.cli import describe, make_command
from ingest.files import find_files
from ingest.pipeline import Pipeline
from ingest.settings import IngestSettings
from ingest.types import FileReport
from ingest.watch import snapshot, watch
from tests.ingest.fakes import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ingest.types import Progress

FIELDS = ["path", "status", "error", "document_id", "pages", "chunks", "tables", "rows", "seconds"]


@pytest.fixture(scope="module")
def app() -> Iterator[typer.Typer]:
    store = MemoryStore()
    pipeline = Pipeline(store, None, IngestSettings(workers=1, ocr=False))

    @contextmanager
    def open_pipeline(_: Callable[[Progress], None]) -> Iterator[Pipeline]:
        yield pipeline

    program = typer.Typer()
    program.command("ingest")(make_command(open_pipeline))
    yield program
    pipeline.close()


def test_one_json_line_for_each_file(app: typer.Typer, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("客户经理。", "utf-8")
    (tmp_path / "b.mp3").write_bytes(b"ID3\x03\x00\x00\x00\x00")
    result = CliRunner().invoke(app, [str(tmp_path), "--json"])
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["status"] for line in lines] == ["indexed", "skipped"]
    assert all(list(line)[: len(FIELDS)] == FIELDS for line in lines)
    assert "transcript" in lines[1]["error"]
    assert result.exit_code == 0


def test_exit_codes(app: typer.Typer, tmp_path: Path) -> None:
    (tmp_path / "bad.docx").write_bytes(b"\x00\x01\x02" * 50)
    assert CliRunner().invoke(app, [str(tmp_path)]).exit_code == 1
    missing = CliRunner().invoke(app, [str(tmp_path / "nothing"), "--json"])
    assert missing.exit_code == 2
    assert "no such file" in missing.stderr
    assert missing.stdout == ""


def test_lines_for_people(app: typer.Typer, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("行名,联行号\n兴发支行,001100011002\n", "utf-8")
    result = CliRunner().invoke(app, [str(tmp_path), "--groups", "销售, 客服", "--category", "网点"])
    assert "+ indexed" in result.stdout
    assert "1 tables with" in result.stdout
    assert result.stdout.rstrip().endswith("1 indexed")
    assert "note: x" in describe(FileReport("p", "indexed", warnings=("x",)))


def test_groups_stay_unless_they_are_named_and_an_empty_text_opens_a_document(
    app: typer.Typer, tmp_path: Path
) -> None:
    (tmp_path / "pay.txt").write_text("薪酬等级。", "utf-8")

    def status(*words: str) -> str:
        return str(json.loads(CliRunner().invoke(app, [str(tmp_path), "--json", *words]).stdout)["status"])

    assert status("--groups", "hr") == "indexed"
    assert status() == "unchanged"
    assert status("--groups", "") == "replaced"
    assert status() == "unchanged"


def test_watch_waits_until_files_stand_still(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("1")
    runs: list[int] = []

    def ingest() -> Iterator[FileReport]:
        runs.append(len(file.read_text()))
        yield FileReport(str(file), "replaced")
        yield FileReport("other", "unchanged")

    contents = iter(["12", "123", "123", "123"])

    def sleep(_: float) -> None:
        text = next(contents, None)
        if text is None:
            raise KeyboardInterrupt
        if file.read_text() != text:
            file.write_text(text)

    reports = watch(ingest, [tmp_path], 1.0, sleep)
    seen = [next(reports).status for _ in range(3)]
    with pytest.raises(KeyboardInterrupt):
        next(reports)
    assert runs == [1, 3]
    assert seen == ["replaced", "unchanged", "replaced"]


def test_watch_outlives_a_disk_that_goes_away(tmp_path: Path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    file = folder / "a.txt"
    file.write_text("1")
    steps = iter(
        [lambda: folder.rename(tmp_path / "away"), None, lambda: (tmp_path / "away").rename(folder), None]
    )
    runs: list[bool] = []

    def ingest() -> Iterator[FileReport]:
        runs.append(folder.exists())
        find_files([folder])
        yield FileReport(str(file), "replaced")

    def sleep(_: float) -> None:
        try:
            step = next(steps)
        except StopIteration:
            raise KeyboardInterrupt from None
        if step is not None:
            step()

    reports = watch(ingest, [folder], 1.0, sleep)
    assert [next(reports).status for _ in range(2)] == ["replaced", "replaced"]
    with pytest.raises(KeyboardInterrupt):
        next(reports)
    assert runs == [True, False, True]


def test_snapshot_of_what_is_gone(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    assert list(snapshot([tmp_path, tmp_path / "gone"])) == [str(tmp_path / "a.txt")]
