"""A process that reads files for the program, under a limit of memory, and can be killed without harm."""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import FileProblemError, UnreadableError, problem_of
from ingest.settings import MEGABYTE
from ingest.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from ingest.settings import IngestSettings
    from ingest.types import Extracted

READY = b"ready"
# A worker whose parent is gone stops by itself this many seconds after the time limit.
_GRACE = 15.0
_logger = logging.getLogger(__name__)


def serve(
    connection: Connection, settings: IngestSettings, extract: Callable[[str, IngestSettings], Extracted]
) -> None:
    """Answers each path that arrives with the bytes of `wire.encode`, until the other side hangs up."""
    _be_quiet()
    limit_memory(settings.memory_limit)
    connection.send_bytes(READY)
    while True:
        try:
            path = connection.recv_bytes().decode("utf-8")
        except (EOFError, OSError):
            return
        faulthandler.dump_traceback_later(settings.time_limit + _GRACE, exit=True)
        answer = _answer(path, settings, extract)
        faulthandler.cancel_dump_traceback_later()
        try:
            connection.send_bytes(answer)
        except OSError:
            return


def _answer(path: str, settings: IngestSettings, extract: Callable[[str, IngestSettings], Extracted]) -> bytes:
    try:
        return encode(extract(path, settings))
    except MemoryError:
        return encode(UnreadableError(too_much_memory(settings)))
    except Exception as error:
        # The boundary to a hundred thousand lines of parsers: whatever they raise is one damaged file, no more.
        _logger.debug("%s", path, exc_info=True)
        return encode(_problem(error, settings))


def _problem(error: Exception, settings: IngestSettings) -> FileProblemError:
    """The reason to give for what a parser raised."""
    if not isinstance(error, FileProblemError) and "malloc" in str(error):
        return UnreadableError(too_much_memory(settings))
    return problem_of(error)


def too_much_memory(settings: IngestSettings) -> str:
    """The reason given for a file that needs more memory than allowed."""
    return (
        f"needed more than {settings.memory_limit // MEGABYTE:,} MB of memory: split it, or raise the setting"
        " ingest.memory_limit"
    )


def _be_quiet() -> None:
    """Libraries may not write to the program's output, and Ctrl-C is the parent's affair."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)


def limit_memory(limit: int) -> None:
    """Caps the address space at what is in use plus `limit` bytes, where the system can (not on Windows)."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = _address_space() + limit
    if hard == resource.RLIM_INFINITY or wanted < hard:
        try:
            resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
        except (ValueError, OSError):
            _logger.debug("the address space cannot be limited here")


def _address_space() -> int:
    """Bytes of address space in use; a guess where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 1_024 * MEGABYTE
