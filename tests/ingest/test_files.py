"""Finding files."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from ingest.categories import category_of
from ingest.errors import PathMissingError, UnsupportedError
from ingest.files import FoundFile, find_files, fingerprint, is_gone, is_under
from ingest.settings import IngestSettings


def _names(folder: Path) -> list[str]:
    return [str(f.path.relative_to(folder)) for f in find_files([folder])]


def test_hidden_and_temporary_files_are_left_out(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", ".hidden", "~$a.docx", "x.tmp", "Thumbs.db", "y.crdownload"):
        (tmp_path / name).write_text("x")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("x")
    assert _names(tmp_path) == ["a.txt", "b.txt"]


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("x")
    (tmp_path / "in" / "back").symlink_to(tmp_path)
    assert _names(tmp_path) == ["in/a.txt"]


def test_special_files_and_broken_links_say_why(tmp_path: Path) -> None:
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(tmp_path / "s"))
        problems = {f.path.name: str(f.problem) for f in find_files([tmp_path])}
    assert "link to a file that does not exist" in problems["gone.txt"]
    assert "not a file" in problems["pipe"]
    assert "not a file" in problems["s"]


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/\xc4\xe3.txt"
    Path(os.fsdecode(raw)).write_text("x")
    (found,) = find_files([tmp_path])
    assert "rename it" in str(found.problem)


def test_each_file_once_however_often_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    assert len(find_files([tmp_path, tmp_path / "a.txt", tmp_path / "." / "a.txt"])) == 1


def test_missing_paths(tmp_path: Path) -> None:
    with pytest.raises(PathMissingError) as caught:
        find_files([tmp_path / "x", tmp_path / "y"])
    assert len(caught.value.paths) == 2
    assert find_files([tmp_path / "x"], gone_allowed=[str(tmp_path / "x")]) == []


def test_fingerprint_follows_content_and_source(tmp_path: Path) -> None:
    one, two = tmp_path / "1.txt", tmp_path / "2.txt"
    one.write_text("x")
    two.write_text("x")
    first, second = fingerprint(one, IngestSettings()), fingerprint(two, IngestSettings())
    assert first.content_hash == second.content_hash
    assert first.document_id != second.document_id
    one.write_text("longer than one byte")
    with pytest.raises(UnsupportedError, match="max_file_size"):
        fingerprint(one, IngestSettings(max_file_size=1))


def test_gone_and_under(tmp_path: Path) -> None:
    assert is_gone(str(tmp_path / "x"))
    assert not is_gone(str(tmp_path))
    assert is_under(str(tmp_path / "a" / "b"), [tmp_path])
    assert not is_under(str(tmp_path) + "2/a", [tmp_path])


def test_categories(tmp_path: Path) -> None:
    inside = FoundFile(tmp_path / "制度" / "a.txt", tmp_path)
    assert category_of(inside, None) == "制度"
    assert category_of(inside, "人事") == "人事"
    assert category_of(FoundFile(tmp_path / "a.txt"), None) == ""
