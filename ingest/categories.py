"""Gives each document its category: the one asked for, else the folder that the file lies in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.files import FoundFile


def category_of(file: FoundFile, asked: str | None) -> str:
    """The category asked for; else the name of the file's folder, empty for a file that was given by itself."""
    if asked is not None:
        return asked.strip()
    return file.path.parent.name if file.root is not None else ""
