"""What a PDF holds beside its pages: the notes of its readers, and files attached to it."""

from __future__ import annotations

from typing import Any

from ingest.parsers.mupdf import pymupdf

# Their text is drawn on the page, or is that of the note they belong to.
_SEEN_ELSEWHERE = frozenset(
    {pymupdf.PDF_ANNOT_FREE_TEXT, pymupdf.PDF_ANNOT_WIDGET, pymupdf.PDF_ANNOT_LINK, pymupdf.PDF_ANNOT_POPUP}
)


def notes(page: Any) -> list[str]:
    """The words that readers wrote to places of a page, in the order of the file. Raises what MuPDF raises."""
    written = [annot.info.get("content") for annot in page.annots() if annot.type[0] not in _SEEN_ELSEWHERE]
    return list(dict.fromkeys(text.strip() for text in written if text and text.strip()))


def attached(document: Any) -> list[tuple[str, bytes]]:
    """The files attached to a document, by name. Raises what MuPDF raises."""
    found: list[tuple[str, bytes]] = []
    for key in document.embfile_names():
        info = document.embfile_info(key)
        name = str(info.get("ufilename") or info.get("filename") or key)
        data = bytes(document.embfile_get(key))
        # Formulas for screen readers stand on the page already.
        if not data.lstrip().startswith(b"<math"):
            found.append((_as_written(name), data))
    return found


def _as_written(name: str) -> str:
    """PyMuPDF gives the UTF-8 bytes of a name as that many characters."""
    try:
        return name.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return name
