"""Reads electronic books (.epub): the chapters in the order of the spine, each as a web page."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ingest.errors import UnreadableError
from ingest.parsers import html
from ingest.parsers.package import Package, child, children, descendants
from ingest.parsers.source import Source
from ingest.types import Block, Parsed
from retrieval.types import Location

if TYPE_CHECKING:
    from retrieval.facts.types import Grid

MEDIA_TYPE = "application/epub+zip"
_PAGES = ("application/xhtml+xml", "text/html", "application/xml", "text/x-oeb1-document")


def parse(source: Source) -> Parsed:
    """Reads the chapters of the spine. Raises UnreadableError where the book has no list of them."""
    package = Package(source)
    root_file = next(descendants(package.xml("META-INF/container.xml"), "rootfile"), None)
    book = root_file.get("full-path") if root_file is not None else None
    root = package.xml(book) if book else None
    if root is None or book is None:
        raise UnreadableError("is damaged (no list of chapters): convert it again, or save it as PDF")
    blocks: list[Block] = []
    grids: list[Grid] = []
    warnings: list[str] = []
    chapters = _spine(root, posixpath.dirname(book))
    for number, name in enumerate(chapters, 1):
        try:
            data = package.read(name)
            if data is None:
                warnings.append(f"chapter {number} is missing from the file")
            elif data:
                _add(html.parse(Source(name, data, source.settings)), number, blocks, grids)
        except UnreadableError as problem:
            warnings.append(f"chapter {number} {problem.reason}")
    written = next(descendants(child(root, "metadata"), "title"), None)
    title = " ".join((written.text or "").split()) if written is not None else ""
    return Parsed(title or source.stem, tuple(blocks), tuple(grids), len(chapters), MEDIA_TYPE, tuple(warnings))


def _spine(root: object, folder: str) -> list[str]:
    """The names of the chapters' parts in reading order."""
    items = {item.get("id"): item for item in children(child(root, "manifest"), "item")}
    ordered = [items.get(ref.get("idref")) for ref in children(child(root, "spine"), "itemref")]
    return [
        posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))
        for item in ordered
        if item is not None and (item.get("media-type") or "") in _PAGES
    ]


def _add(chapter: Parsed, number: int, blocks: list[Block], grids: list[Grid]) -> None:
    """Appends a chapter; the grids' numbers move up, and chapters count as pages."""
    for block in chapter.blocks:
        place = Location(page=number, headings=block.location.headings)
        moved = None if block.grid is None else block.grid + len(grids)
        blocks.append(replace(block, location=place, grid=moved))
    grids.extend(replace(grid, page=number) for grid in chapter.grids)
