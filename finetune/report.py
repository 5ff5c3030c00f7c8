"""The report on a training as Markdown, HTML and PDF, from the job's folder alone."""

from __future__ import annotations

import base64
import html
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from finetune.plot import plot_curves
from finetune.progress import read_curves
from finetune.sections import markdown

if TYPE_CHECKING:
    from pathlib import Path

    from finetune.folder import JobFolder

Format = Literal["md", "html", "pdf"]
CURVES = "curves.png"
MEDIA = {"md": "text/markdown", "html": "text/html", "pdf": "application/pdf"}
_CSS = """
body { font-family: sans-serif; font-size: 10pt; line-height: 1.45; color: #1b1f24; }
h1 { font-size: 18pt; margin: 0 0 6pt; } h2 { font-size: 13pt; margin: 14pt 0 4pt; }
table { border-collapse: collapse; width: 100%; margin: 4pt 0 8pt; }
th, td { border: 0.5pt solid #b8bec6; padding: 2pt 4pt; text-align: left; vertical-align: top; font-size: 8.5pt; }
code, pre { font-family: monospace; font-size: 8pt; } pre { white-space: pre-wrap; } img { width: 100%; }
"""
# Not on paper: MuPDF draws the backgrounds of every page's cells on each page.
_SCREEN = "th { background-color: #eef1f5; } body { max-width: 1000px; margin: 24px auto; padding: 0 16px; } td { overflow-wrap: break-word; }"
_MARGIN = 42


def render(folder: JobFolder, form: Format) -> bytes:
    """Return the report in one format; Markdown refers to `curves.png`, the other two hold the picture."""
    if form == "md":
        return markdown(folder).encode()
    if form == "html":
        picture = base64.b64encode(curves_png(folder)).decode()
        body = _body(folder).replace(f'src="{CURVES}"', f'src="data:image/png;base64,{picture}"')
        title = html.escape(folder.path.name)
        head = f'<meta charset="utf-8"><title>{title}</title><style>{_CSS}{_SCREEN}</style>'
        return f"<!doctype html>\n<html><head>{head}</head>\n<body>{body}</body></html>\n".encode()
    return _pdf(folder)


def write_report(folder: JobFolder, target: Path | None = None) -> list[Path]:
    """Write all formats and the curves into `target` (default: the job's report folder); returns the files."""
    target = target or folder.report
    target.mkdir(parents=True, exist_ok=True)
    contents: dict[str, bytes] = {CURVES: curves_png(folder)}
    forms: tuple[Format, ...] = ("md", "html", "pdf")
    contents |= {f"report.{form}": render(folder, form) for form in forms}
    for name, content in contents.items():
        (target / name).write_bytes(content)
    return [target / name for name in contents]


def curves_png(folder: JobFolder) -> bytes:
    """Return the picture of the job's curves."""
    return plot_curves(read_curves(folder))


def _body(folder: JobFolder) -> str:
    from markdown_it import MarkdownIt

    # `html` off: what a model wrote is shown, never run.
    body: str = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown(folder))
    return body


def _pdf(folder: JobFolder) -> bytes:
    import pymupdf

    archive = pymupdf.Archive()
    archive.add(curves_png(folder), CURVES)
    out = BytesIO()
    writer = pymupdf.DocumentWriter(out)
    first, mark, second = _body(folder).partition("<h2>Before")
    # What was measured begins on a page of its own.
    for part in (first, mark + second):
        _write_pages(writer, pymupdf.Story(part, user_css=_CSS, archive=archive))
    writer.close()
    document = pymupdf.open("pdf", out.getvalue())
    document.subset_fonts()
    content: bytes = document.tobytes(deflate=True, garbage=3)
    document.close()
    return content


def _write_pages(writer: Any, story: Any) -> None:
    """Write a story from the top of a new page, over as many A4 pages as it takes."""
    import pymupdf

    page = pymupdf.paper_rect("a4")
    inside = pymupdf.Rect(page.x0 + _MARGIN, page.y0 + _MARGIN, page.x1 - _MARGIN, page.y1 - _MARGIN)
    more = 1
    while more:
        device = writer.begin_page(page)
        more, _ = story.place(inside)
        story.draw(device)
        writer.end_page()
