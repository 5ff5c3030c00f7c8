"""Documents made on the spot for the tests of ingestion."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import docx
import openpyxl
import pptx
import pymupdf

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DUTIES = "客户经理（AM）负责跟进客户的售后需求，并在24小时内回复。"


def word(path: Path, *, text: str = DUTIES) -> Path:
    document = docx.Document()
    document.add_heading("售后流程", level=1)
    document.add_paragraph(text)
    document.save(str(path))
    return path


def workbook(path: Path, rows: Sequence[Sequence[Any]], sheet: str = "Sheet1") -> Path:
    book = openpyxl.Workbook()
    active = book.active
    active.title = sheet
    for row in rows:
        active.append(list(row))
    book.save(str(path))
    return path


def slides(path: Path, title: str = "产品培训", notes: str = "讲者备注：先演示。") -> Path:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = title
    slide.placeholders[1].text = "第一点\n第二点"
    slide.notes_slide.notes_text_frame.text = notes
    show.save(str(path))
    return path


def pdf(path: Path, pages: Sequence[Sequence[str]], *, font: str = "china-s", size: float = 11) -> Path:
    document = pymupdf.open()
    for lines in pages:
        page = document.new_page()
        for number, line in enumerate(lines):
            page.insert_text((72, 72 + number * size * 2.5), line, fontname=font, fontsize=size)
    document.save(str(path))
    return path


def scan(path: Path, lines: Sequence[str], *, rotate: int = 0) -> Path:
    """A PDF whose only page is a picture of text."""
    drawn = pymupdf.open()
    page = drawn.new_page()
    for number, line in enumerate(lines):
        page.insert_text((72, 90 + number * 40), line, fontname="china-s", fontsize=16)
    picture = page.get_pixmap(dpi=150)
    document = pymupdf.open()
    sheet = document.new_page()
    sheet.insert_image(sheet.rect, pixmap=picture, rotate=rotate)
    document.save(str(path))
    return path


def picture(lines: Sequence[str]) -> bytes:
    drawn = pymupdf.open()
    page = drawn.new_page(width=500, height=60 + 40 * len(lines))
    for number, line in enumerate(lines):
        page.insert_text((30, 50 + number * 40), line, fontname="china-s", fontsize=18)
    return bytes(page.get_pixmap(dpi=150).tobytes("png"))


def saved(document: Any) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()
