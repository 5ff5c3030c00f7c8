"""Reads PDF files with PyMuPDF: text with headings told by size, ruled tables, and scanned pages by OCR.

pdfminer.six reads the file where PyMuPDF cannot, or finds no text on any page.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from ingest.errors import EncryptedError, FileProblemError, UnreadableError
from ingest.parsers import attachments, ocr, pdfextras, pdfminer
from ingest.parsers.grids import grid_from_texts
from ingest.parsers.mupdf import pymupdf
from ingest.parsers.outline import Outline
from ingest.parsers.pdflayout import Line, PageText, Paragraph, find_headings, is_garbage, page_text
from ingest.parsers.pdftables import FoundTable, Tables
from ingest.types import Parsed
from retrieval.types import Location

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ingest.parsers.source import Source

MEDIA_TYPE = "application/pdf"
# Everything that MuPDF raises comes under these; ValueError and IndexError come from its Python side.
MUPDF_ERRORS = (
    RuntimeError,
    ValueError,
    IndexError,
    TypeError,
    KeyError,
    AttributeError,
    pymupdf.mupdf.FzErrorBase,
)
_SHOWN_PAGES = 20
# A page with no more characters than this, covered by pictures to this share, is a scan.
_STAMP, _COVERED = 60, 0.6


@dataclass(frozen=True, slots=True)
class _Page:
    text: PageText
    tables: tuple[FoundTable, ...] = ()
    by_ocr: bool = False
    notes: tuple[str, ...] = ()


def parse(source: Source) -> Parsed:
    """Reads all pages. Raises EncryptedError, or UnreadableError where neither library can open the file."""
    try:
        return _Reader(source).read()
    except FileProblemError:
        raise
    except MUPDF_ERRORS as error:
        parsed = pdfminer.parse(source)
        if not parsed.blocks:
            raise UnreadableError(
                f"is damaged ({error}): open it in a PDF reader and print it to a new PDF"
            ) from error
        return parsed


class _Reader:
    """One PDF while it is read."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._warnings: list[str] = []
        self._document = pymupdf.open(stream=source.data, filetype="pdf")
        if self._document.needs_pass and not self._document.authenticate(""):
            raise EncryptedError
        self._tables = Tables(source)

    def read(self) -> Parsed:
        count = self._document.page_count
        pages = {number: page for number in range(1, count + 1) if (page := self._page(number)) is not None}
        empty = [number for number, page in pages.items() if not page.text.paragraphs and not page.tables]
        scanned = [
            number for number, page in pages.items() if number not in empty and self._is_scan(number, page)
        ]
        if len(empty) == len(pages):
            fallback = pdfminer.parse_quietly(self._source)
            if fallback is not None:
                return fallback
        self._read_scans(pages, sorted([*scanned, *(number for number in empty if self._has_marks(number))]))
        outline = self._outline(pages)
        title = self._title() or outline.first_heading() or self._source.stem
        self._warnings += self._tables.warnings
        files = self._files()
        parsed = Parsed(
            title, tuple(outline.blocks), tuple(outline.grids), count, MEDIA_TYPE, tuple(self._warnings)
        )
        return attachments.append(parsed, files, self._source)

    def _page(self, number: int) -> _Page | None:
        try:
            page = self._document.load_page(number - 1)
            tables = self._tables.find(page)
            text = page_text(page, [table.box for table in tables])
        except MUPDF_ERRORS as error:
            self._warnings.append(f"page {number} is damaged and was left out ({error})")
            return None
        if is_garbage(text.paragraphs):
            text = PageText((), text.height)
        return _Page(text, tables, notes=self._notes(page))

    def _notes(self, page: Any) -> tuple[str, ...]:
        try:
            return tuple(pdfextras.notes(page))
        except MUPDF_ERRORS:
            return ()

    def _files(self) -> list[tuple[str, bytes]]:
        try:
            return pdfextras.attached(self._document)
        except MUPDF_ERRORS as error:
            self._warnings.append(f"files attached to it could not be read ({error})")
            return []

    def _is_scan(self, number: int, page: _Page) -> bool:
        """Whether a page is one large picture with hardly a word on it, as a scanner's stamp or a page number."""
        if page.tables or sum(len(paragraph.text) for paragraph in page.text.paragraphs) > _STAMP:
            return False
        try:
            loaded = self._document.load_page(number - 1)
            area = sum(abs(pymupdf.Rect(image["bbox"]) & loaded.rect) for image in loaded.get_image_info())
        except MUPDF_ERRORS:
            return False
        return bool(area > _COVERED * abs(loaded.rect))

    def _has_marks(self, number: int) -> bool:
        """Whether a page without text draws anything; white on white is told only where OCR would be wasted on it."""
        try:
            page = self._document.load_page(number - 1)
            if not page.get_bboxlog():
                return False
            if not self._source.settings.ocr:
                return True
            samples = page.get_pixmap(dpi=36, colorspace=pymupdf.csGRAY, alpha=False).samples
        except MUPDF_ERRORS:
            return False
        return bool(samples) and max(samples) - min(samples) > 40

    def _read_scans(self, pages: dict[int, _Page], numbers: list[int]) -> None:
        unread: list[int] = []
        blank: list[int] = []
        reader = ocr.reader(self._source) if numbers else None
        for number in numbers:
            lines = self._recognize(reader, number) if reader is not None else None
            if lines is None:
                unread.append(number)
            elif sum(len(line.text) for line in lines) > sum(
                len(p.text) for p in pages[number].text.paragraphs
            ):
                pages[number] = _Page(PageText(tuple(lines), 0.0), by_ocr=True, notes=pages[number].notes)
            elif not lines:
                blank.append(number)
        recognized = [number for number, page in pages.items() if page.by_ocr]
        if recognized:
            self._warnings.append(f"{name_pages(recognized)} read by OCR: check figures against the original")
        if blank:
            self._warnings.append(f"{name_pages(blank)} shown as pictures in which OCR found no text")
        if unread:
            self._warnings.append(
                f"{name_pages(unread)} without text, not read: {ocr.advice(self._source, reader)}"
            )

    def _recognize(self, reader: ocr.Reader, number: int) -> list[Paragraph] | None:
        """The paragraphs of a scanned page; None where time ran out."""
        try:
            page = self._document.load_page(number - 1)
            lines = reader.read_page(partial(_draw, page))
        except MUPDF_ERRORS:
            return []
        if lines is None:
            return None
        return [Paragraph((Line(text),)) for text in ocr.paragraphs(lines)]

    def _outline(self, pages: dict[int, _Page]) -> Outline:
        outline = Outline()
        headings = find_headings([page.text for page in pages.values()], self._bookmarks())
        for number, page in pages.items():
            outline.move(Location(page=number))
            tables = list(page.tables)
            for paragraph in page.text.paragraphs:
                while tables and tables[0].box[1] <= paragraph.top and tables[0].box[3] <= paragraph.bottom:
                    self._add_table(outline, tables.pop(0))
                level = headings.get(id(paragraph), 0)
                if level:
                    outline.heading(paragraph.text, level)
                else:
                    outline.add(paragraph.text)
            for table in tables:
                self._add_table(outline, table)
            for note in page.notes:
                outline.add(note, "notes")
        return outline

    def _add_table(self, outline: Outline, table: FoundTable) -> None:
        headings = outline.location.headings
        name = headings[-1] if headings else f"第{outline.location.page}页表{table.ordinal}"
        outline.add_grid(grid_from_texts(name, table.rows, outline.location))

    def _bookmarks(self) -> dict[str, int]:
        try:
            return {" ".join(str(title).split()): int(level) for level, title, *_ in self._document.get_toc()}
        except MUPDF_ERRORS:
            return {}

    def _title(self) -> str:
        title = " ".join(str((self._document.metadata or {}).get("title") or "").replace("\x00", "").split())
        made_by_program = title.lower().startswith(
            ("microsoft word", "microsoft powerpoint", "untitled", "无标题", "幻灯片")
        )
        is_file_name = title.lower().endswith(
            (".doc", ".docx", ".pdf", ".ppt", ".pptx", ".xls", ".xlsx", ".dvi", ".indd")
        )
        return "" if made_by_program or is_file_name or "\ufffd" in title else title


def _draw(page: Any, side: int) -> NDArray[np.uint8]:
    """A page as RGB samples, its longer side `side` pixels, at most 300 dpi."""
    zoom = min(side / max(page.rect.width, page.rect.height, 1.0), 300 / 72)
    return ocr.pixels(page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), colorspace=pymupdf.csRGB, alpha=False))


def name_pages(numbers: Sequence[int]) -> str:
    """`page 3`, `pages 1-4, 7`: runs drawn together, cut after twenty."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], number]
        else:
            runs.append([number])
    shown = ", ".join("-".join(str(n) for n in run) for run in runs[:_SHOWN_PAGES])
    return f"{'page' if len(numbers) == 1 else 'pages'} {shown}{' …' if len(runs) > _SHOWN_PAGES else ''}"
