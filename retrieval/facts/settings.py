"""Settings of exact facts; they arrive as an argument, nothing here reads the environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class FactSettings:
    """How facts are looked up.

    `page_size` is how many matching rows one answer holds; `details` how many further cells of a row are shown
    with a bare name; `columns_file` and `names_file` add to the packaged words (they may be missing).
    """

    page_size: int = 50
    details: int = 8
    columns_file: Path | None = None
    names_file: Path | None = None
