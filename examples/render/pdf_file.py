"""PDF files from Markdown: a text PDF with ruled tables, and a scan that has pixels only."""

from __future__ import annotations

import io

import numpy as np
import pymupdf
from markdown_it import MarkdownIt
from PIL import Image

from examples.render.archive import WRITTEN

_PAGE = pymupdf.paper_rect("a4")
_BODY = pymupdf.Rect(56, 64, _PAGE.width - 56, _PAGE.height - 64)
_STYLE = """
* { font-family: sans-serif; font-size: 10.5pt; line-height: 1.5; }
h1 { font-size: 18pt; text-align: center; }
h2 { font-size: 13pt; }
table { width: 100%; border-collapse: collapse; }
td, th { border: 0.7pt solid #444444; padding: 3pt; }
th { background-color: #e8edf5; }
"""
_SCAN_DPI = 150
_SKEW_DEGREES = 0.6


def pdf_bytes(markdown: str, *, author: str, header: str = "") -> bytes:
    """Return an A4 PDF with a text layer; the header and the page number stand on every page."""
    html = MarkdownIt("commonmark").enable("table").render(markdown)
    story = pymupdf.Story(html, user_css=_STYLE)
    document = story.write_with_links(_page_areas)
    for number, page in enumerate(document.pages(), start=1):
        line = f"<p style='font-size:8pt;color:#666666'>{header}　第 {number} 页 共 {len(document)} 页</p>"
        page.insert_htmlbox(pymupdf.Rect(_BODY.x0, 30, _BODY.x1, 54), line)
    document.subset_fonts()
    return _saved(document, title=markdown.splitlines()[0].lstrip("# "), author=author)


def scan_bytes(markdown: str, *, author: str) -> bytes:
    """Return a PDF of pictures only: the pages of ``markdown``, grey, a little noisy and a little skewed."""
    text = pymupdf.open(stream=pdf_bytes(markdown, author=author), filetype="pdf")
    scan = pymupdf.open()
    for page in text.pages():
        target = scan.new_page(width=_PAGE.width, height=_PAGE.height)
        target.insert_image(target.rect, stream=_photographed(page))
    return _saved(scan, title="", author="MFP-Scanner")


def _page_areas(number: int, filled: object) -> tuple[pymupdf.Rect, pymupdf.Rect, None]:  # noqa: ARG001 - Story's
    return _PAGE, _BODY, None


def _photographed(page: pymupdf.Page) -> bytes:
    pixels = page.get_pixmap(dpi=_SCAN_DPI, colorspace=pymupdf.csGRAY)
    image = Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)
    image = image.rotate(_SKEW_DEGREES, resample=Image.Resampling.BICUBIC, fillcolor=250)
    noise = np.random.default_rng(20260227).normal(0, 6, (image.height, image.width))
    noisy = np.clip(np.asarray(image, dtype=np.float64) * 0.96 + noise, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noisy).save(buffer, "JPEG", quality=70, dpi=(_SCAN_DPI, _SCAN_DPI))
    return buffer.getvalue()


def _saved(document: pymupdf.Document, *, title: str, author: str) -> bytes:
    stamp = WRITTEN.strftime("D:%Y%m%d%H%M%SZ")
    document.set_metadata({"title": title, "author": author, "creationDate": stamp, "modDate": stamp})
    buffer = io.BytesIO()
    document.save(buffer, garbage=3, deflate=True, no_new_id=True, reproducible=True)
    return buffer.getvalue()
