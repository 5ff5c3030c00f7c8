"""What every parser is given, and the small interface that it fulfils."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Protocol

from ingest.settings import IngestSettings

if TYPE_CHECKING:
    from ingest.types import Parsed


@dataclass(frozen=True, slots=True)
class Source:
    """A file to parse: its name, its bytes, the limits, and how deep it lies in other files.

    `deadline` is on the clock of `time.monotonic`; a parser with optional work (tables of a PDF, OCR) leaves it
    out when time runs short, since the process is killed soon after.
    """

    name: str
    data: bytes
    settings: IngestSettings = field(default_factory=IngestSettings)
    deadline: float = float("inf")
    depth: int = 0

    @property
    def stem(self) -> str:
        """The name without folder and extension: the title of last resort."""
        return PurePath(self.name).stem

    @property
    def extension(self) -> str:
        """The extension in lower case, without the dot; empty where there is none."""
        return PurePath(self.name).suffix.lower().lstrip(".")

    def seconds_left(self) -> float:
        """Seconds until the deadline; negative when it has passed."""
        return self.deadline - time.monotonic()


class Parser(Protocol):
    """The function `parse` of every module of this package that reads a format."""

    def __call__(self, source: Source) -> Parsed:
        """Reads a file. Raises FileProblemError where it cannot; other exceptions count as a damaged file."""
        ...
