"""Reads pictures of text with RapidOCR where it is installed: rotation set right, two scales compared."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ingest.parsers.source import Source

# Seconds that one more page may take; with less left, the rest is named as unread.
_PAGE_SECONDS = 8.0
# Longest sides in pixels: of the picture whose lines are read, of what the line finder sees, of its second look.
_SIDE, _FINDER_SIDE, _SECOND_SIDE = 1_760, 1_280, 960
_SURE = 0.6
# The model takes widely set digits and letters for full-width ones; on paper there is no difference.
_HALF_WIDTH = {
    code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}
# With fewer lines, a low score tells of a picture rather than of a page that is turned.
_FEW_LINES = 2
_UPRIGHT_SCORE = 0.85


@dataclass(frozen=True, slots=True)
class TextLine:
    """A recognised line with its box (left, top, right, bottom in pixels) and how sure the model is (0 to 1)."""

    text: str
    box: tuple[float, float, float, float]
    score: float


def available() -> bool:
    """Whether the `ocr` extra is installed."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def reader(source: Source) -> Reader | None:
    """A reader of pictures; None where OCR is switched off or not installed."""
    return Reader(source) if source.settings.ocr and available() else None


def advice(source: Source, used: Reader | None) -> str:
    """What to do about pictures that were not read."""
    if used is not None:
        return "there was no time for more OCR, raise ingest.time_limit or split the document"
    if not source.settings.ocr:
        return "they are pictures, and OCR is switched off (ingest.ocr)"
    return "they are pictures; install the ocr extra (pip install 'termroute[ocr]') to read them"


def pixels(pixmap: Any) -> NDArray[np.uint8]:
    """The RGB samples of a PyMuPDF pixmap, shape (height, width, 3)."""
    samples = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)
    return samples[:, : pixmap.width * pixmap.n].reshape(pixmap.height, pixmap.width, pixmap.n)


class Reader:
    """Recognises text; keeps an eye on the time left for the file."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._slowest = _PAGE_SECONDS / 2

    def has_time(self) -> bool:
        """Whether another picture may be begun."""
        return self._source.seconds_left() > max(_PAGE_SECONDS, 2 * self._slowest)

    def read_page(self, draw: Callable[[int], NDArray[np.uint8]]) -> list[TextLine] | None:
        """The lines of a page in reading order, turned upright; None where there is no time.

        `draw` gives the page as RGB samples, shape (height, width, 3), its longer side this many pixels. At some
        sizes the finder drops whole lines, so that it looks a second time at another size, and the page is read
        there as well if it finds more lines.
        """
        if not self.has_time():
            return None
        start = time.monotonic()
        small = draw(_SECOND_SIDE)
        shapes = _find_lines(small)
        # Drawings and photographs end here; a page of text always shows some line at this size.
        if not shapes:
            return []
        lines, turned = self._upright(draw(_SIDE), shapes)
        if len(shapes) > len(lines) and self.has_time():
            lines = max(lines, _recognize(np.ascontiguousarray(np.rot90(small, turned))), key=weight)
        self._slowest = max(self._slowest, time.monotonic() - start)
        return [line for line in lines if line.score >= _SURE]

    def _upright(
        self, image: NDArray[np.uint8], shapes: list[tuple[float, float]]
    ) -> tuple[list[TextLine], int]:
        """The lines of a picture, and how many quarter turns to the left set it right.

        Lines that stand upright tell of a page that lies on its side; a low score tells of one upside down.
        """
        standing = sum(height > 1.5 * width for width, height in shapes)
        readings: dict[int, list[TextLine]] = {}
        for quarters in (3, 1, 0) if standing * 2 > len(shapes) else (0, 2):
            if readings and not self.has_time():
                break
            lines = _recognize(np.ascontiguousarray(np.rot90(image, quarters)))
            readings[quarters] = lines
            if len(shapes) < _FEW_LINES or _mean_score(lines) > _UPRIGHT_SCORE:
                break
        best = max(readings, key=lambda quarters: weight(readings[quarters]))
        return readings[best], best


def weight(lines: list[TextLine]) -> float:
    """How much a reading is worth: its characters, each counted by how sure it is."""
    return sum(len(line.text) * line.score**2 for line in lines)


def _mean_score(lines: list[TextLine]) -> float:
    return sum(line.score for line in lines) / len(lines) if lines else 0.0


@lru_cache(maxsize=1)
def _engine() -> Any:
    """The models, loaded once for each process; they come with the package."""
    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    from rapidocr import RapidOCR

    # The finder's cost grows with the picture; at 1,280 pixels it finds the lines of a page in a quarter of the time.
    # One thread: the other processors have workers of their own.
    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.text_score": 0.0,
            "Det.limit_side_len": _FINDER_SIDE,
            "Det.limit_type": "max",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        }
    )


def _find_lines(image: NDArray[np.uint8]) -> list[tuple[float, float]]:
    """The width and height of every line that the finder sees; much cheaper than reading them."""
    boxes = _engine()(image, use_det=True, use_cls=False, use_rec=False).boxes
    shapes = [np.ptp(np.asarray(box, dtype=float), axis=0) for box in (() if boxes is None else boxes)]
    return [(float(width), float(height)) for width, height in shapes]


def _recognize(image: NDArray[np.uint8]) -> list[TextLine]:
    """The lines as they lie: turned ones are read badly, which tells that the page is turned."""
    result = _engine()(image, use_det=True, use_cls=False, use_rec=True)
    if not hasattr(result, "txts"):
        return []
    if result.txts is None or result.boxes is None:
        return []
    lines: list[TextLine] = []
    for text, corners, score in zip(result.txts, result.boxes, result.scores, strict=True):
        if text.strip():
            xs, ys = [float(x) for x, _ in corners], [float(y) for _, y in corners]
            lines.append(
                TextLine(
                    text.strip().translate(_HALF_WIDTH), (min(xs), min(ys), max(xs), max(ys)), float(score)
                )
            )
    return _in_reading_order(lines)


def _in_reading_order(lines: list[TextLine]) -> list[TextLine]:
    """By rows, each from left to right; lines whose middles are close stand in one row."""
    rows: list[list[TextLine]] = []
    for line in sorted(lines, key=lambda one: (one.box[1] + one.box[3]) / 2):
        middle, height = (line.box[1] + line.box[3]) / 2, line.box[3] - line.box[1]
        last = rows[-1][-1] if rows else None
        if last is not None and abs((last.box[1] + last.box[3]) / 2 - middle) < height * 0.5:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda one: one.box[0])]


def paragraphs(lines: list[TextLine]) -> list[str]:
    """Lines drawn together where the gap between them is small; pieces of one row are set apart by a tab."""
    found: list[str] = []
    before: TextLine | None = None
    for line in lines:
        if before is None or line.box[1] - before.box[3] > (line.box[3] - line.box[1]) * 0.9:
            found.append(line.text)
        else:
            beside = abs(line.box[1] - before.box[1]) < (line.box[3] - line.box[1]) * 0.5
            found[-1] += ("\t" if beside else "\n") + line.text
        before = line
    return found
