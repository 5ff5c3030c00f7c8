"""A folder with a tantivy index and a manifest that says up to which change of the database it is built."""

from __future__ import annotations

import logging
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import tantivy
from filelock import FileLock, Timeout

from retrieval.errors import IndexBusyError
from retrieval.files import crc32_of, read_manifest, sync_folder, write_manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

_MANIFEST = "manifest.json"
_HEAP = 64_000_000
_log = logging.getLogger(__name__)


class IndexFolder:
    """The files of an index, so that a process killed at any moment leaves the old or the new state.

    The manifest names the subfolder that counts, with the checksums of its files. Any number of processes may read
    while the one that holds `lock` writes. Everything in the folder can be deleted at any time.
    """

    def __init__(self, path: Path, schema: tantivy.Schema, analyzer: str, versions: Mapping[str, int]) -> None:
        """Opens what is in `path`; what is unreadable, or was made by rules of other `versions`, counts as nothing.

        `analyzer` is the name under which the schema's text fields are cut at white space.
        """
        self.index: tantivy.Index | None = None
        self._path = path
        self._schema = schema
        self._analyzer = analyzer
        self._versions = dict(versions)
        self._manifest: dict[str, Any] = {}
        path.mkdir(parents=True, exist_ok=True)
        self.open()

    @property
    def change(self) -> int:
        """The last change of the database that the index holds, 0 where there is none."""
        return int(self._manifest.get("change", 0))

    @property
    def stamp(self) -> str:
        """The stamp of that change: another database has another at the same place."""
        return str(self._manifest.get("stamp", ""))

    @property
    def removed(self) -> int:
        """How many entries were removed since the index was made anew."""
        return int(self._manifest.get("removed", 0))

    @contextmanager
    def lock(self, wait: float) -> Iterator[None]:
        """Keeps other writers out; raises IndexBusyError if one holds the lock for more than `wait` seconds."""
        try:
            with FileLock(self._path / "writer.lock", timeout=wait):
                yield
        except Timeout as error:
            raise IndexBusyError(self._path, wait) from error

    # Opening

    def open(self) -> None:
        """Lets searches see what is there now, written by this process or by another."""
        manifest = read_manifest(self._path / _MANIFEST)
        if manifest is None or any(manifest.get(name) != wanted for name, wanted in self._versions.items()):
            self.index, self._manifest = None, {}
            return
        if self.index is None or manifest.get("folder") != self._manifest.get("folder"):
            self.index = self._opened(manifest)
        elif manifest != self._manifest:
            self.index.reload()
        self._manifest = manifest if self.index is not None else {}

    def _opened(self, manifest: dict[str, Any]) -> tantivy.Index | None:
        path = self._path / str(manifest.get("folder"))
        # Tantivy does not return from a damaged file with an error but panics, so files are checked first.
        if self._damaged(manifest, is_segment):
            return None
        try:
            return self._prepared(tantivy.Index.open(str(path)))
        except (ValueError, OSError) as error:
            _log.warning("The index %s cannot be opened and is made anew: %s", path, error)
            return None

    def _prepared(self, index: tantivy.Index) -> tantivy.Index:
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        index.register_tokenizer(self._analyzer, analyzer)
        index.config_reader("manual")
        index.reload()
        return index

    def is_sound(self) -> bool:
        """Whether the files are those of the manifest; call with the lock held, since a writer adds and merges."""
        there = {path.name for path in (self._path / str(self._manifest["folder"])).iterdir()}
        missing = sorted(self._manifest.get("files", {}).keys() - there)
        if missing:
            _log.warning("The index %s lacks %s and is made anew.", self._path, missing)
        # Segments were checked when they were opened.
        return not missing and not self._damaged(self._manifest, lambda name: not is_segment(name))

    def _damaged(self, manifest: dict[str, Any], checked: Callable[[str], bool]) -> bool:
        """Whether a file that is there has another size or checksum than the manifest says."""
        path = self._path / str(manifest.get("folder"))
        files = {name: said for name, said in manifest.get("files", {}).items() if checked(name)}
        return damaged(path, files)

    # Writing

    def start_anew(self) -> tuple[str, tantivy.Index]:
        """An empty index beside the one in use, with its name for `save`."""
        name = f"index-{uuid4().hex}"
        path = self._path / name
        path.mkdir()
        return name, self._prepared(tantivy.Index(self._schema, path=str(path)))

    @contextmanager
    def writer(self, index: tantivy.Index) -> Iterator[tantivy.IndexWriter]:
        """Commits at the end and waits for merges; nothing of what was written counts if the body raises."""
        writer = index.writer(heap_size=_HEAP, num_threads=1)
        try:
            yield writer
            writer.commit()
        except BaseException:
            writer.rollback()
            raise
        finally:
            writer.wait_merging_threads()

    def take(self, name: str, index: tantivy.Index, change: int, stamp: str) -> None:
        """Puts an index made anew in the place of the old one, which is deleted."""
        self.index = index
        self._save(name, change, stamp, 0)

    def advance(self, change: int, stamp: str, removed: int) -> None:
        """Says that the index holds everything up to `change`; only after tantivy's commit, so never too early."""
        self._save(str(self._manifest["folder"]), change, stamp, removed)

    def _save(self, name: str, change: int, stamp: str, removed: int) -> None:
        known = self._manifest.get("files", {}) if self._manifest.get("folder") == name else {}
        sync_folder(self._path / name)
        content = {
            **self._versions,
            "folder": name,
            "change": change,
            "stamp": stamp,
            "removed": removed,
            "files": checksums(self._path / name, known),
        }
        write_manifest(self._path / _MANIFEST, content)
        self._manifest = content
        self._remove_others(name)
        assert self.index is not None
        self.index.reload()

    def _remove_others(self, name: str) -> None:
        for path in self._path.glob("index-*"):
            if path.name != name:
                # A process that still searches the old one keeps its open files.
                shutil.rmtree(path, ignore_errors=True)
        for path in self._path.glob("*.tmp"):
            path.unlink(missing_ok=True)


def damaged(path: Path, files: Mapping[str, Sequence[int]]) -> bool:
    """Whether one of `files` (size and CRC-32 by name) is there with another size or checksum; tantivy panics on such."""
    for name, (size, crc) in files.items():
        if _differs(path / name, size, crc):
            _log.warning("The index %s is damaged (%s) and is made anew.", path, name)
            return True
    return False


def is_segment(name: str) -> bool:
    """Segments are written once; the list of segments (meta.json) changes with every commit."""
    return not name.endswith(".json")


def _differs(file: Path, size: int, crc: int) -> bool:
    try:
        return file.stat().st_size != size or crc32_of(file) != crc
    except FileNotFoundError:
        # A writer has merged it into another segment since the manifest was read.
        return False


def checksums(path: Path, known: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """Size and CRC-32 by file name; tantivy's segment files never change once written, so known ones are kept."""
    found: dict[str, list[int]] = {}
    for file in sorted(path.iterdir()):
        # Lock files and tantivy's own list of files to delete may change without a commit.
        if file.name.startswith(".") or file.suffix == ".lock":
            continue
        size = file.stat().st_size
        fixed = is_segment(file.name) and known.get(file.name, [None])[0] == size
        found[file.name] = known[file.name] if fixed else [size, crc32_of(file)]
    return found
