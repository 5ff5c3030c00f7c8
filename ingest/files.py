"""Finds the files to ingest: walks folders, leaves out what is hidden or temporary, and hashes contents."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import PathMissingError, UnreadableError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ingest.errors import FileProblemError
    from ingest.settings import IngestSettings

_TEMPORARY_STARTS = ("~$", ".~", "~wrl", "._")
_TEMPORARY_ENDS = (".tmp", ".temp", ".part", ".crdownload", ".swp", ".lnk", "~")
_SYSTEM_NAMES = frozenset(
    {"thumbs.db", "desktop.ini", "__macosx", "@eadir", "$recycle.bin", "system volume information"}
)
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to ingest: its absolute path, and the folder given by the user that it was found under.

    `root` is None where the file itself was given. `problem` says why it cannot be read, None where it can.
    """

    path: Path
    root: Path | None = None
    problem: FileProblemError | None = None


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What identifies a file's content: the ids of the catalogue, its size in bytes and its time of change."""

    document_id: str
    content_hash: str
    size: int
    modified: float


def find_files(paths: Sequence[Path | str], *, gone_allowed: Iterable[str] = ()) -> list[FoundFile]:
    """All files at and under the paths, each once, sorted within a folder.

    Raises PathMissingError naming every path that does not exist, save those of `gone_allowed`.
    """
    allowed = set(gone_allowed)
    given = [absolute(path) for path in paths]
    missing = tuple(str(path) for path in given if not os.path.lexists(path) and str(path) not in allowed)
    if missing:
        raise PathMissingError(missing)
    found: dict[Path, FoundFile] = {}
    for path in given:
        for file in _walk(path):
            found.setdefault(file.path, file)
    return list(found.values())


def absolute(path: Path | str) -> Path:
    """The absolute path without `..`, symbolic links left as they are: the source of a document."""
    # Not Path.resolve: a document keeps the name under which people know it.
    return Path(os.path.abspath(Path(path).expanduser()))  # noqa: PTH100


def _walk(path: Path) -> Iterator[FoundFile]:
    if not os.path.lexists(path):
        return
    if path.is_dir():
        yield from _walk_folder(path, path, set())
    else:
        yield _found(path, None)


def _walk_folder(folder: Path, root: Path, seen: set[tuple[int, int]]) -> Iterator[FoundFile]:
    """The files of a folder and those below; a link back to a folder above ends there."""
    try:
        status = folder.stat()
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        problem = UnreadableError(f"the folder cannot be opened ({error.strerror}): check its permissions")
        yield FoundFile(folder, root, problem)
        return
    identity = (status.st_dev, status.st_ino)
    if identity in seen:
        return
    seen = seen | {identity}
    for entry in entries:
        if _is_ignored(entry.name):
            continue
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=True):
            yield from _walk_folder(path, root, seen)
        else:
            yield _found(path, root)


def _is_ignored(name: str) -> bool:
    """Hidden files, and those that programs leave behind while a document is open."""
    folded = name.lower()
    return (
        folded.startswith(".")
        or folded.startswith(_TEMPORARY_STARTS)
        or folded.endswith(_TEMPORARY_ENDS)
        or folded in _SYSTEM_NAMES
    )


def _found(path: Path, root: Path | None) -> FoundFile:
    return FoundFile(path, root, _problem(path))


def _problem(path: Path) -> FileProblemError | None:
    """Why a path is nothing to read; None for an ordinary file."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        return UnsupportedError("has a name that is not valid UTF-8: rename it")
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return UnsupportedError("is a link to a file that does not exist: repair or delete the link")
    except OSError as error:
        return UnreadableError(f"cannot be opened ({error.strerror}): check the path and its permissions")
    if not stat.S_ISREG(mode):
        return UnsupportedError("is a device, socket or pipe, not a file")
    return None


def fingerprint(path: Path, settings: IngestSettings) -> Fingerprint:
    """The content hash and document id of a file, read once. Raises FileProblemError.

    The document id is the first 32 hex digits of SHA-256 over the source, a NUL and the bytes (retrieval.types).
    """
    content = hashlib.sha256()
    document = hashlib.sha256(str(path).encode() + b"\x00")
    try:
        status = path.stat()
        if status.st_size > settings.max_file_size:
            raise UnsupportedError(
                f"has {status.st_size:,} bytes, above the limit of {settings.max_file_size:,}: split it, or raise the"
                " setting ingest.max_file_size"
            )
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                content.update(block)
                document.update(block)
    except OSError as error:
        raise UnreadableError(f"cannot be opened ({error.strerror}): check its permissions") from error
    return Fingerprint(document.hexdigest()[:32], content.hexdigest(), status.st_size, status.st_mtime)


def is_gone(source: str) -> bool:
    """Whether a file surely is no more; a folder that cannot be looked into proves nothing."""
    try:
        Path(source).stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def is_under(source: str, paths: Iterable[Path]) -> bool:
    """Whether a source is one of these paths or lies below one."""
    here = Path(source)
    return any(here == path or path in here.parents for path in paths)
