"""Watches folders by looking again every few seconds, and ingests what is new, changed or gone."""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING

from ingest.errors import PathMissingError
from ingest.files import find_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from ingest.types import FileReport

_logger = logging.getLogger(__name__)
Snapshot = dict[str, tuple[int, int]]


def snapshot(paths: Sequence[Path | str]) -> Snapshot:
    """The time of change and the size of every file at and under the paths; paths that are gone have none."""
    there = [path for path in paths if os.path.lexists(path)]
    seen: Snapshot = {}
    for file in find_files(there):
        try:
            status = file.path.stat()
        except OSError:
            continue
        seen[str(file.path)] = (status.st_mtime_ns, status.st_size)
    return seen


def watch(
    ingest: Callable[[], Iterator[FileReport]],
    paths: Sequence[Path | str],
    interval: float,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[FileReport]:
    """Runs `ingest` once, and again whenever files changed and then stood still for one interval.

    Yields all reports of the first run, and of the later ones those of files that were not unchanged. Never ends
    by itself; a person stops it with Ctrl-C.
    """
    done = snapshot(paths)
    yield from ingest()
    before = done
    while True:
        sleep(interval)
        now = snapshot(paths)
        # A file that is still being copied grows from look to look.
        if now != done and now == before:
            done = now
            try:
                yield from (report for report in ingest() if report.status != "unchanged")
            except PathMissingError as error:
                # A network disk that is away comes back; nothing is deleted meanwhile.
                _logger.warning("%s; looking again", error)
        before = now
