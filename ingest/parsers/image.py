"""Reads pictures of text (photographs, scans, screenshots) by OCR, where it is installed."""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ingest.errors import UnreadableError, UnsupportedError
from ingest.parsers import ocr
from ingest.parsers.outline import Outline
from ingest.types import Parsed
from retrieval.types import Location

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

    from ingest.parsers.source import Source

MEDIA_TYPE = "image/*"
_MOST_FRAMES = 500


def parse(source: Source) -> Parsed:
    """Reads every page of a picture file. Raises UnsupportedError where OCR is missing or finds nothing."""
    reader = ocr.reader(source)
    if reader is None:
        raise UnsupportedError(f"is a picture: {ocr.advice(source, None)}")
    from PIL import Image, ImageSequence, UnidentifiedImageError

    outline = Outline()
    warnings = ["read by OCR: check figures against the original"]
    pages = 0
    try:
        with Image.open(io.BytesIO(source.data)) as picture:
            for pages, frame in enumerate(ImageSequence.Iterator(picture), 1):
                lines = reader.read_page(partial(_draw, frame))
                if lines is None or pages > _MOST_FRAMES:
                    warnings.append(f"pictures from {pages} on were not read: {ocr.advice(source, reader)}")
                    break
                outline.move(Location(page=pages))
                for text in ocr.paragraphs(lines):
                    outline.add(text)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnreadableError(f"is damaged ({error}): open it in a picture viewer and save it again") from error
    if not outline.blocks:
        raise UnsupportedError("is a picture without text that could be read")
    return Parsed(source.stem, tuple(outline.blocks), (), pages, MEDIA_TYPE, tuple(warnings))


def _draw(frame: Image, side: int) -> NDArray[np.uint8]:
    """A picture as RGB samples, upright as its camera says, its longer side at most `side` and twice its own."""
    from PIL import ImageOps

    upright = ImageOps.exif_transpose(frame)
    if upright.mode in ("RGBA", "LA", "P"):
        from PIL import Image as Pictures

        layered = upright.convert("RGBA")
        white = Pictures.new("RGBA", layered.size, "white")
        upright = Pictures.alpha_composite(white, layered)
    plain = upright.convert("RGB")
    scale = min(side / max(plain.size), 2.0)
    if scale != 1.0:
        plain = plain.resize((max(1, round(plain.width * scale)), max(1, round(plain.height * scale))))
    return np.ascontiguousarray(np.asarray(plain, np.uint8))
