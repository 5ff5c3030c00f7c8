"""Stores that ask the database what is new only when it has changed: the check before every question costs microseconds."""

from __future__ import annotations

import sqlite3
import time
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

from finetune.store import TrainingStore
from retrieval.facts.store import FactStore
from retrieval.store import KnowledgeStore
from terminology.store import GlossaryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from finetune.store import Promotion
    from terminology.types import Revision

T = TypeVar("T")
_SQLITE = "sqlite:///"
# How long, in seconds, a change may go unseen that nobody commits: a new day, an index that has caught up.
UNCOMMITTED = 0.05


class DatabaseWatch:
    """Tells whether anyone, in this process or another, has committed to the database since the last look.

    For SQLite this is `PRAGMA data_version` on a connection that never writes: it changes with every commit of any other
    connection (sqlite.org/pragma.html). For another database there is no such sign: `version` is None.
    """

    def __init__(self, database_url: str) -> None:
        self._path = database_url.removeprefix(_SQLITE) if database_url.startswith(_SQLITE) else ""
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None

    def version(self) -> int | None:
        """Return a number that stays the same as long as nothing was committed, or None where that cannot be told."""
        if not self._path:
            return None
        with self._lock:
            try:
                if self._connection is None:
                    # Read only: a watch must never create the file that it watches.
                    self._connection = sqlite3.connect(
                        f"file:{_quoted(self._path)}?mode=ro", uri=True, check_same_thread=False
                    )
                return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
            except sqlite3.Error:
                return None

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def _quoted(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


class Kept(Generic[T]):
    """A value read from the database that is read again only when something was committed."""

    def __init__(self, watch: DatabaseWatch) -> None:
        self._watch = watch
        self._held: tuple[int, T] | None = None

    def get(self, read: Callable[[], T]) -> T:
        """Return what `read` gave, or gives now if the database has changed since."""
        # Looked at before reading: a commit in between makes the next call read once more, never once too few.
        version, held = self._watch.version(), self._held
        if held is not None and held[0] == version:
            return held[1]
        value = read()
        self._held = None if version is None else (version, value)
        return value


class Standing:
    """What answers are drawn from as it stands now, as `read` returns it from values that are `Kept`."""

    def __init__(self, watch: DatabaseWatch, read: Callable[[], Hashable]) -> None:
        self._watch, self._read = watch, read
        self._held: tuple[int | None, float, Hashable] = (None, 0.0, None)

    def now(self) -> Hashable:
        """Return what the answers of this moment are drawn from: two equal standings answer alike."""
        standing = self.at_hand()
        return self._look(self._watch.version()) if standing is None else standing

    def at_hand(self) -> Hashable | None:
        """Return the same where nothing was committed since `now`, so that no query is needed; else None."""
        version, (held, since, standing) = self._watch.version(), self._held
        if version is None or version != held:
            return None
        return standing if time.monotonic() - since < UNCOMMITTED else self._look(version)

    def _look(self, version: int | None) -> Hashable:
        # The version is from before: a commit in between makes the next look one too many, never one too few.
        standing = self._read()
        self._held = (version, time.monotonic(), standing)
        return standing


class WatchedKnowledge(KnowledgeStore):
    """Documents and chunks; the latest change is remembered between commits."""

    def __init__(self, database_url: str, watch: DatabaseWatch) -> None:
        super().__init__(database_url)
        self._latest: Kept[int] = Kept(watch)

    def latest_change(self) -> int:
        """The id of the last change, 0 when nothing was ever stored."""
        return self._latest.get(super().latest_change)


class WatchedFacts(FactStore):
    """Tables and rows; the latest change is remembered between commits."""

    def __init__(self, database_url: str, watch: DatabaseWatch) -> None:
        super().__init__(database_url)
        self._latest: Kept[int] = Kept(watch)

    def latest_change(self) -> int:
        """The id of the newest entry of the change log, 0 when there is none."""
        return self._latest.get(super().latest_change)


class WatchedGlossary(GlossaryStore):
    """The glossary; its revision is remembered between commits."""

    def __init__(self, database_url: str, watch: DatabaseWatch) -> None:
        super().__init__(database_url)
        self._revision: Kept[Revision] = Kept(watch)

    def revision(self) -> Revision:
        """Return how often glossary and feedback have changed."""
        return self._revision.get(super().revision)


class WatchedTraining(TrainingStore):
    """Training jobs and promotions; the promotion that holds is remembered between commits."""

    def __init__(self, database_url: str, watch: DatabaseWatch) -> None:
        super().__init__(database_url)
        self._current: Kept[Promotion | None] = Kept(watch)

    def current(self) -> Promotion | None:
        """Return the promotion that holds, None before the first."""
        return self._current.get(super().current)
