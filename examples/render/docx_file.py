"""Word documents from Markdown: real heading styles, lists and tables, with header and footer."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import docx
from docx.oxml.ns import qn

from examples.render.archive import WRITTEN, normalised
from examples.render.blocks import parse

if TYPE_CHECKING:
    from docx.document import Document

    from examples.render.blocks import Block

_STYLES = {"paragraph": "Normal", "bullet": "List Bullet", "number": "List Number", "quote": "Intense Quote"}
_FONT = "Microsoft YaHei"


def docx_bytes(markdown: str, *, author: str, header: str = "", footer: str = "") -> bytes:
    """Return a Word file of ``markdown``; its first level-1 heading becomes the title."""
    document = docx.Document()
    _set_fonts(document)
    for block in parse(markdown):
        _add(document, block)
    section = document.sections[0]
    section.header.paragraphs[0].text = header
    section.footer.paragraphs[0].text = footer
    properties = document.core_properties
    properties.author = properties.last_modified_by = author
    properties.title = next((block.text for block in parse(markdown) if block.kind == "heading"), "")
    properties.created = properties.modified = WRITTEN
    buffer = io.BytesIO()
    document.save(buffer)
    return normalised(buffer.getvalue())


def _set_fonts(document: Document) -> None:
    for name in ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3"):
        fonts = document.styles[name].element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), _FONT)


def _add(document: Document, block: Block) -> None:
    if block.kind == "heading":
        document.add_heading(block.text, level=block.level - 1)
    elif block.kind == "table":
        table = document.add_table(rows=0, cols=len(block.rows[0]), style="Table Grid")
        for row in block.rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
        document.add_paragraph()
    else:
        document.add_paragraph(block.text, style=_STYLES[block.kind])
