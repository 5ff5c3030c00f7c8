"""Uploads: what enters, what is taken back, and whose names are respected."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from api.errors import BadUploadError
from api.uploads import Uploads, Wanted, safe_name
from ingest.store import JobStore
from ingest.types import FileReport
from retrieval.types import Document

ADMIN = Wanted((), "", "ada", None)


class FakePipeline:
    """Reads every file that does not say that it is broken; `documents` is what it has read, by path."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}

    def ingest(
        self, paths: Sequence[Path], *, groups: Sequence[str] | None, category: str | None
    ) -> Iterator[FileReport]:
        for path in paths:
            text = path.read_text("utf-8")
            if text == "crash":
                raise OSError("the disk is full")
            if "broken" in text:
                yield FileReport(str(path), "failed", "is damaged")
                continue
            self.documents[str(path)] = document(path, text, tuple(groups or ()), category or "")
            yield FileReport(str(path), "indexed", document_id=text)

    def known(self, source: str) -> Document | None:
        return self.documents.get(source)


def document(path: Path, text: str, groups: tuple[str, ...], category: str) -> Document:
    return Document(
        id=text, source=str(path), name=path.name, content_hash=text, media_type="text/plain", title="",
        category=category, groups=groups, pages=1, size=len(text), modified="", ingested="",
    )  # fmt: skip


class Desk:
    """Uploads over a folder, a real job store and the fake pipeline."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "uploads"
        self.jobs = JobStore(f"sqlite:///{folder / 'jobs.db'}")
        self.jobs.create_schema()
        self.pipeline = FakePipeline()
        self.uploads = Uploads(
            self.folder, self.jobs, lambda: self.pipeline, 100, self.pipeline.known, lambda: None
        )

    def send(self, *files: tuple[str, str], wanted: Wanted = ADMIN) -> str:
        """Send files, wait for the job, and return its status."""
        job = self.uploads.accept([(name, io.BytesIO(text.encode())) for name, text in files], wanted)
        deadline = time.monotonic() + 60
        while (found := self.jobs.get(job.id)) and found.status in {"queued", "running"}:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        assert found is not None
        return found.status

    def kept(self) -> dict[str, str]:
        """Return the files of the folder, whatever their names, and what is in them; the lock of the room is none."""
        files = (path for path in self.folder.rglob("*") if path.is_file() and path.name != ".held")
        return {path.name: path.read_text("utf-8") for path in files}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.uploads.close()
    made.jobs.close()


def test_what_enters_stays_under_its_name(desk: Desk) -> None:
    assert desk.send(("a.txt", "one"), ("b.txt", "two"), wanted=Wanted(("hr",), "rules", "li", None)) == "done"
    assert desk.kept() == {"a.txt": "one", "b.txt": "two"}
    assert {(d.groups, d.category) for d in desk.pipeline.documents.values()} == {(("hr",), "rules")}


def test_what_cannot_be_read_is_not_kept(desk: Desk) -> None:
    assert desk.send(("a.txt", "one"), ("b.txt", "broken")) == "failed"
    assert desk.kept() == {"a.txt": "one"}


def test_a_damaged_new_version_leaves_the_old_one_as_it_is(desk: Desk) -> None:
    desk.send(("a.txt", "one"))
    assert desk.send(("a.txt", "broken")) == "failed"
    assert desk.kept() == {"a.txt": "one"}
    assert desk.send(("a.txt", "two")) == "done"
    assert desk.kept() == {"a.txt": "two"}


@pytest.mark.filterwarnings("ignore")
def test_a_job_that_breaks_off_leaves_the_old_version(desk: Desk) -> None:
    desk.send(("a.txt", "one"))
    assert desk.send(("a.txt", "crash"), ("b.txt", "two")) == "failed"
    assert desk.kept() == {"a.txt": "one"}


def after_a_kill(desk: Desk, name: str, text: str) -> str:
    """Leave `name` displaced by `text` and its job running, as a killed server does; returns the job's id."""
    job = desk.jobs.create([name])
    desk.jobs.update(job.id, "running")
    gone = desk.folder / ".incoming-gone" / job.id / ".before"
    gone.mkdir(parents=True)
    (desk.folder / name).replace(gone / name)
    (desk.folder / name).write_text(text, "utf-8")
    return job.id


def restarted(desk: Desk) -> Uploads:
    known = {
        path: replace(each, content_hash=sha256(each.content_hash.encode()).hexdigest())
        for path, each in desk.pipeline.documents.items()
    }
    return Uploads(desk.folder, desk.jobs, lambda: desk.pipeline, 100, known.get, lambda: None)


@pytest.mark.parametrize(("read", "stays"), [(False, "one"), (True, "two")])
def test_what_a_killed_server_left_is_put_right(desk: Desk, *, read: bool, stays: str) -> None:
    desk.send(("a.txt", "one"))
    job = after_a_kill(desk, "a.txt", "two")
    if read:
        path = desk.folder / "a.txt"
        desk.pipeline.documents[str(path)] = document(path, "two", (), "")
    other = restarted(desk)
    found = desk.jobs.get(job)
    assert found is not None
    assert (found.status, "send the files again" in found.error) == ("failed", True)
    assert desk.kept() == {"a.txt": stays}
    other.close()


def test_another_server_leaves_the_jobs_of_a_living_one_alone(desk: Desk) -> None:
    desk.send(("a.txt", "one"))
    (room,) = desk.folder.glob(".incoming-*")
    job = desk.jobs.create(["b.txt"])
    (room / job.id).mkdir()
    other = restarted(desk)
    found = desk.jobs.get(job.id)
    assert found is not None
    assert found.status == "queued"
    other.close()
    # The living server ends: what it had queued counts as interrupted.
    desk.uploads.close()
    found = desk.jobs.get(job.id)
    assert found is not None
    assert found.status == "failed"


def test_nobody_replaces_a_document_that_they_may_not_see(desk: Desk) -> None:
    desk.send(("pay.txt", "secret"), wanted=Wanted(("finance",), "", "erin", frozenset({"finance"})))
    stranger = Wanted(("ops",), "", "edgar", frozenset({"ops"}))
    with pytest.raises(BadUploadError, match="may not see"):
        desk.send(("pay.txt", "mine"), wanted=stranger)
    assert desk.kept() == {"pay.txt": "secret"}
    assert (
        desk.send(("pay.txt", "newer"), wanted=Wanted((), "", "fiona", frozenset({"finance", "it"}))) == "done"
    )
    desk.send(("open.txt", "all"))
    assert desk.send(("open.txt", "all of it"), wanted=stranger) == "done"


@pytest.mark.parametrize(
    "files",
    [
        [("a.txt", "x" * 101)],
        [("b.txt", "fine"), ("a.txt", "x" * 101)],
        [("a.txt", "1"), ("a.txt", "2")],
        [("ok.txt", "1"), ("..", "2")],
    ],
)
def test_a_refused_upload_leaves_nothing(desk: Desk, files: list[tuple[str, str]]) -> None:
    with pytest.raises(BadUploadError):
        desk.send(*files)
    assert desk.kept() == {}


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "a\x00b", "x" * 241, "\u202etxt.exe", "/", "C:\\"])
def test_names_that_are_no_names_are_refused(name: str) -> None:
    with pytest.raises(BadUploadError):
        safe_name(name)


def test_a_path_is_cut_down_to_its_name() -> None:
    assert {safe_name(name) for name in ("../a.txt", "/etc/a.txt", "C:\\x\\a.txt", "a.txt")} == {"a.txt"}
