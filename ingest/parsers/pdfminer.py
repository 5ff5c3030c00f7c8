"""Reads PDF files with pdfminer.six: slower than PyMuPDF, but it reads some files that PyMuPDF does not."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING

from ingest.errors import EncryptedError, UnreadableError
from ingest.parsers.outline import Outline
from ingest.types import Parsed
from retrieval.types import Location

if TYPE_CHECKING:
    from ingest.parsers.source import Source

MEDIA_TYPE = "application/pdf"
_RESERVE = 0.3
# What pdfminer raises on damaged files beside its own errors.
_ERRORS = (ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, struct.error, zlib.error,
           RecursionError, OverflowError, NotImplementedError, OSError, EOFError, StopIteration)  # fmt: skip


def parse(source: Source) -> Parsed:
    """Reads pages until a third of the time is left. Raises EncryptedError or UnreadableError."""
    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LTTextContainer
    from pdfminer.pdfdocument import PDFEncryptionError
    from pdfminer.psexceptions import PSException

    outline = Outline()
    pages = 0
    warnings: tuple[str, ...] = ()
    stop = source.settings.time_limit * _RESERVE
    try:
        for pages, layout in enumerate(extract_pages(io.BytesIO(source.data)), 1):
            outline.move(Location(page=pages))
            for element in layout:
                if isinstance(element, LTTextContainer):
                    outline.add(element.get_text().strip())
            if source.seconds_left() < stop:
                warnings = (f"only pages 1-{pages} were read: there was no time, raise ingest.time_limit",)
                break
    except PDFEncryptionError as error:
        raise EncryptedError from error
    except (PSException, *_ERRORS) as error:
        if not outline.blocks:
            raise UnreadableError(
                f"is damaged ({type(error).__name__} {error}): open it in a PDF reader and print it to a new PDF"
            ) from error
        warnings = (f"is damaged behind page {pages}: only the pages before were read",)
    return Parsed(source.stem, tuple(outline.blocks), (), pages, MEDIA_TYPE, warnings)


def parse_quietly(source: Source) -> Parsed | None:
    """As `parse`; None where nothing was found, or only marks without a meaning."""
    try:
        parsed = parse(source)
    except (UnreadableError, EncryptedError):
        return None
    text = "".join(block.text for block in parsed.blocks)
    useful = [c for c in text if c.isalnum() and not "\ue000" <= c <= "\uf8ff"]
    return parsed if len(useful) > len(text) // 3 and "(cid:" not in text else None
