"""PowerPoint files from Markdown: a slide for every level-1 heading, quotes as speaker notes."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pptx import Presentation
from pptx.util import Inches, Pt

from examples.render.archive import WRITTEN, normalised
from examples.render.blocks import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pptx.presentation import Presentation as Deck
    from pptx.slide import Slide

    from examples.render.blocks import Block

_TITLE_SLIDE, _TEXT_SLIDE, _TABLE_SLIDE = 0, 1, 5


@dataclass(slots=True)
class _Page:
    title: str
    notes: list[str] = field(default_factory=list)
    body: list[Block] = field(default_factory=list)


def pptx_bytes(markdown: str, *, author: str) -> bytes:
    """Return a presentation of ``markdown``; the first heading gives the title slide."""
    deck = Presentation()
    for number, page in enumerate(_pages(markdown)):
        _add_slide(deck, page, first=number == 0)
    properties = deck.core_properties
    properties.author = properties.last_modified_by = author
    properties.title = _pages(markdown)[0].title
    properties.created = properties.modified = WRITTEN
    buffer = io.BytesIO()
    deck.save(buffer)
    return normalised(buffer.getvalue())


def _pages(markdown: str) -> list[_Page]:
    pages: list[_Page] = []
    for block in parse(markdown):
        if block.kind == "heading":
            pages.append(_Page(block.text))
        elif block.kind == "quote":
            pages[-1].notes.append(block.text)
        else:
            pages[-1].body.append(block)
    return pages


def _add_slide(deck: Deck, page: _Page, *, first: bool) -> None:
    table = next((block for block in page.body if block.kind == "table"), None)
    layout = _TITLE_SLIDE if first else _TABLE_SLIDE if table else _TEXT_SLIDE
    slide = deck.slides.add_slide(deck.slide_layouts[layout])
    slide.shapes.title.text = page.title
    if table:
        _add_table(slide, table.rows)
    else:
        _add_text(slide, [block.text for block in page.body])
    if page.notes:
        slide.notes_slide.notes_text_frame.text = "\n".join(page.notes)


def _add_text(slide: Slide, lines: Sequence[str]) -> None:
    frame = slide.placeholders[1].text_frame
    frame.text = lines[0]
    for line in lines[1:]:
        frame.add_paragraph().text = line


def _add_table(slide: Slide, rows: Sequence[Sequence[str]]) -> None:
    place = (Inches(0.6), Inches(1.6), Inches(8.8), Inches(0.5 * len(rows)))
    table = slide.shapes.add_table(len(rows), len(rows[0]), *place).table
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            cell = table.cell(row, column)
            cell.text = text
            cell.text_frame.paragraphs[0].font.size = Pt(14)
