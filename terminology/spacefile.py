"""Keeps the word space on disk between processes: derived, checked when read, and free to be deleted at any time."""

from __future__ import annotations

import logging
import os
import zipfile
import zlib
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

import numpy as np

from terminology.space import WordSpace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Raised when the words of a text are cut or weighed in another way, so that old files are learnt anew.
_FORMAT = 1
_log = logging.getLogger(__name__)


class SpaceKey(NamedTuple):
    """What a space was learnt from: the latest change of the documents, and how many senses have rivals."""

    documents: int
    ambiguous: int


class SpaceFile:
    """One file with a word space and its key."""

    def __init__(self, path: Path) -> None:
        """Read nothing yet; the folder is made when the file is written."""
        self._path = path

    def load(self) -> tuple[SpaceKey, WordSpace] | None:
        """Return what the file holds; None where it is missing, damaged or of another version."""
        try:
            with self._path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                if stored["format"].tolist() != [_FORMAT]:
                    return None
                documents, ambiguous = stored["key"].tolist()
                return SpaceKey(documents, ambiguous), WordSpace.restored(stored)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            _log.warning("%s cannot be read (%s) and is made anew.", self._path, error)
            return None

    def save(self, key: SpaceKey, space: WordSpace) -> None:
        """Write the file aside and put it in place whole; where the disk refuses, say so and go on without it."""
        aside = self._path.with_name(f"{self._path.name}.{uuid4().hex}.tmp")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with aside.open("wb") as file:
                held: dict[str, Any] = {"format": np.asarray([_FORMAT]), "key": np.asarray(key, np.int64)}
                held.update(space.arrays())
                np.savez(file, allow_pickle=False, **held)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(self._path)
        except OSError as error:
            _log.warning("%s cannot be written: %s", self._path, error)
        finally:
            aside.unlink(missing_ok=True)


class SpaceKeeper:
    """Holds the word space in use: kept in memory, on disk where there is a file, and learnt where there is none."""

    def __init__(self, file: SpaceFile | None = None) -> None:
        """Without `file` every process learns for itself."""
        self._file = file
        self._held: tuple[SpaceKey, WordSpace] | None = None
        self._lock = Lock()

    def keep_in(self, file: SpaceFile) -> None:
        """Use this file from now on."""
        self._file = file

    def space(self, key: SpaceKey, learn: Callable[[], WordSpace]) -> WordSpace:
        """Return a space at once if there is one, though older than `key`; else learn it.

        One that was learnt before there was anything to learn from does not count.
        """
        with self._lock:
            if self._held is None and self._file is not None:
                self._held = self._file.load()
            if self._held is None or (self._held[0] != key and not self._held[1].dimensions):
                self._learn(key, learn)
            assert self._held is not None
            return self._held[1]

    def is_current(self, key: SpaceKey) -> bool:
        """Whether the space in use was learnt from what `key` names."""
        return self._held is not None and self._held[0] == key

    def holds(self, space: WordSpace) -> bool:
        """Whether this is the space in use."""
        return self._held is not None and self._held[1] is space

    def refresh(self, key: SpaceKey, learn: Callable[[], WordSpace]) -> None:
        """Bring the space up to `key`: from the file if another process was first, else by learning it.

        The space in use stays in use meanwhile.
        """
        if self.is_current(key):
            return
        found = self._file.load() if self._file is not None else None
        if found is not None and found[0] == key:
            self._held = found
        else:
            self._learn(key, learn)

    def _learn(self, key: SpaceKey, learn: Callable[[], WordSpace]) -> None:
        space = learn()
        self._held = key, space
        if self._file is not None:
            self._file.save(key, space)
