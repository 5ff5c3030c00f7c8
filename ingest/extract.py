"""Takes one file from bytes to passages and grids: read, parse, clean, chunk. Runs in a worker process."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.chunk import chunk
from ingest.clean import clean
from ingest.errors import UnsupportedError
from ingest.parsers.registry import parse
from ingest.parsers.source import Source
from ingest.types import Extracted

if TYPE_CHECKING:
    from ingest.settings import IngestSettings

# Optional work stops when this share of the time limit is used; the rest is for cleaning and chunking.
_SHARE_FOR_PARSING = 0.8
_NOTHING = "it is empty, or shows its content as pictures only (save it as PDF to have them read by OCR)"


def extract_file(path: str, settings: IngestSettings) -> Extracted:
    """Everything of a file that enters the database. Raises FileProblemError with a reason to act on, or OSError."""
    deadline = time.monotonic() + settings.time_limit * _SHARE_FOR_PARSING
    source = Source(Path(path).name, Path(path).read_bytes(), settings, deadline)
    return extract(source)


def extract(source: Source) -> Extracted:
    """The passages and grids of a file. Raises FileProblemError."""
    parsed = clean(parse(source))
    pieces, warnings = chunk(parsed, source.settings)
    every_warning = (*parsed.warnings, *warnings)
    if not pieces:
        raise UnsupportedError(f"has no text to index: {'; '.join(every_warning) or _NOTHING}")
    return Extracted(parsed.title, parsed.media_type, parsed.pages, tuple(pieces), parsed.grids, every_warning)
