"""Turns the lines of a PDF page into paragraphs, and tells headings by bookmarks, type size and weight."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ingest.parsers.mupdf import pymupdf
from ingest.parsers.text import heading_level

if TYPE_CHECKING:
    from collections.abc import Sequence

# Words clipped to the page; ligatures resolved; unknown characters stay U+FFFD rather than wrong ones.
TEXT_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP
_BOLD = 16
_LONGEST_HEADING = 100
_MOST_LINES = 3
_SENTENCE_ENDS = tuple("。；;，,！？!?：:")
_LEVELS = 4
# The beginning of an item of a list, which starts a paragraph of its own.
_ITEM = re.compile(
    r"\s*(?:[•●○■□◆◇▪※·✓➢\-–—*]\s*|[（(]?(?:\d{1,2}|[一二三四五六七八九十]{1,3}|[a-zA-Z])[）).、．]\s*\S)"
)

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text with the size in points of most of its characters, and its box on the page."""

    text: str
    size: float = 0.0
    bold: bool = False
    box: Box = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The lines of one block of text."""

    lines: tuple[Line, ...]

    @property
    def top(self) -> float:
        """The upper edge in points from the top of the page."""
        return min(line.box[1] for line in self.lines)

    @property
    def bottom(self) -> float:
        """The lower edge in points from the top of the page."""
        return max(line.box[3] for line in self.lines)

    @property
    def text(self) -> str:
        """The lines as one text, a line break between them."""
        return "\n".join(line.text for line in self.lines)

    @property
    def size(self) -> float:
        """The size of its largest line."""
        return max(line.size for line in self.lines)

    @property
    def bold(self) -> bool:
        """Whether every line is bold."""
        return all(line.bold for line in self.lines)


@dataclass(frozen=True, slots=True)
class PageText:
    """The paragraphs of a page in reading order, and the height of the page in points."""

    paragraphs: tuple[Paragraph, ...]
    height: float


def page_text(page: Any, tables: Sequence[Box]) -> PageText:
    """The paragraphs of a page, without those that lie inside a table."""
    raw = page.get_text("dict", flags=TEXT_FLAGS)
    paragraphs: list[Paragraph] = []
    for block in raw["blocks"]:
        lines = [_line(line) for line in block.get("lines", ()) if not _inside(line["bbox"], tables)]
        lines = _same_baseline([line for line in lines if line.text.strip()])
        if lines:
            paragraphs += [Paragraph(tuple(part)) for part in _split_by_size(lines)]
    return PageText(tuple(_draw_together(paragraphs)), float(raw["height"]))


def _line(raw: Any) -> Line:
    spans = raw["spans"]
    text = "".join(span["text"] for span in spans)
    weights: Counter[float] = Counter()
    bold = 0
    for span in spans:
        count = len(span["text"].strip())
        weights[round(span["size"] * 2) / 2] += count
        bold += count if span["flags"] & _BOLD or "bold" in span["font"].lower() else 0
    size = weights.most_common(1)[0][0] if weights else 0.0
    return Line(text.rstrip(), size, bold * 2 > len(text.strip()), tuple(raw["bbox"]))


def _same_baseline(lines: list[Line]) -> list[Line]:
    """Pieces of one line that the library gives apart, drawn together with a blank between them."""
    joined: list[Line] = []
    for line in lines:
        before = joined[-1] if joined else None
        if before is not None and _beside(before.box, line.box):
            box = (before.box[0], min(before.box[1], line.box[1]), line.box[2], max(before.box[3], line.box[3]))
            gap = "" if line.box[0] - before.box[2] < 0.15 * max(line.size, before.size) else " "
            larger = max(before, line, key=lambda one: len(one.text))
            text = before.text + gap + line.text.lstrip()
            joined[-1] = Line(text, larger.size, before.bold and line.bold, box)
        else:
            joined.append(line)
    return joined


def _beside(left: Box, right: Box) -> bool:
    overlap = min(left[3], right[3]) - max(left[1], right[1])
    lower = min(left[3] - left[1], right[3] - right[1])
    return lower > 0 and overlap > 0.6 * lower and right[0] >= left[2] - 1


def _draw_together(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Paragraphs that a wide line spacing tore apart, as a reader sees them: the line above reaches the margin."""
    result: list[Paragraph] = []
    for paragraph in paragraphs:
        if result and _continues(result[-1], paragraph, paragraphs):
            result[-1] = Paragraph((*result[-1].lines, *paragraph.lines))
        else:
            result.append(paragraph)
    return result


def _continues(above: Paragraph, below: Paragraph, page: Sequence[Paragraph]) -> bool:
    last, first = above.lines[-1], below.lines[0]
    size = last.size
    gap = first.box[1] - last.box[3]
    alike = size > 0 and abs(first.size - size) < 0.6 and first.bold == last.bold
    close = -0.5 * size < gap < 1.3 * size and last.box[0] < first.box[2] and first.box[0] < last.box[2]
    if not (alike and close) or _ITEM.match(first.text) or heading_level(first.text):
        return False
    left = min(line.box[0] for line in above.lines)
    indented = first.box[0] - left > 0.8 * size or left - first.box[0] > 4.5 * size
    margin = max(
        (line.box[2] for one in page for line in one.lines if abs(line.box[0] - first.box[0]) < 5 * size),
        default=0.0,
    )
    return not indented and last.box[2] > margin - 2.2 * size


def _split_by_size(lines: list[Line]) -> list[list[Line]]:
    """Cuts a block where the size changes clearly, as between a heading and the text set right under it."""
    parts: list[list[Line]] = [[lines[0]]]
    for line in lines[1:]:
        before = parts[-1][-1]
        larger, smaller = max(line.size, before.size), min(line.size, before.size)
        bold_head = (
            before.bold and not line.bold and len(parts[-1]) == 1 and len(before.text) < _LONGEST_HEADING // 2
        )
        if larger > smaller * 1.15 or bold_head or heading_level(line.text) or heading_level(before.text):
            parts.append([line])
        else:
            parts[-1].append(line)
    return parts


def _inside(box: Box, tables: Sequence[Box]) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in tables)


def is_garbage(paragraphs: Sequence[Paragraph]) -> bool:
    """Whether most of a text is characters without a meaning, as of fonts that do not say what they show."""
    text = "".join(line.text for paragraph in paragraphs for line in paragraph.lines)
    letters = [c for c in text if not c.isspace()]
    bad = sum(c == "\ufffd" or "\ue000" <= c <= "\uf8ff" or (c < " ") for c in letters)
    return bool(letters) and bad * 2 > len(letters)


def find_headings(pages: Sequence[PageText], bookmarks: dict[str, int]) -> dict[int, int]:
    """The level of each paragraph that is a heading, by the paragraph's `id()`."""
    paragraphs = [paragraph for page in pages for paragraph in page.paragraphs]
    body = _body_size(paragraphs)
    sizes = sorted({p.size for p in paragraphs if p.size > body * 1.12 and _may_be_heading(p)}, reverse=True)
    ranks = {size: min(rank, _LEVELS) for rank, size in enumerate(sizes, 1)}
    found: dict[int, int] = {}
    for paragraph in paragraphs:
        level = _level(paragraph, bookmarks, ranks, body)
        if level:
            found[id(paragraph)] = level
    # Where half of the text would be headings (slides, posters), sizes say nothing.
    if len(found) * 2 > len(paragraphs) and not bookmarks:
        return {}
    return found


def _level(paragraph: Paragraph, bookmarks: dict[str, int], ranks: dict[float, int], body: float) -> int:
    if not _may_be_heading(paragraph):
        return 0
    marked = bookmarks.get(" ".join(paragraph.text.split()))
    if marked:
        return marked
    if paragraph.size in ranks:
        return ranks[paragraph.size]
    numbered = heading_level(paragraph.text)
    if numbered or (paragraph.bold and paragraph.size >= body and len(paragraph.text) <= _LONGEST_HEADING // 2):
        return min(len(set(ranks.values())) + max(1, numbered), _LEVELS + 2)
    return 0


def _may_be_heading(paragraph: Paragraph) -> bool:
    text = paragraph.text.strip()
    return (
        paragraph.size > 0
        and 1 < len(text) <= _LONGEST_HEADING
        and len(paragraph.lines) <= _MOST_LINES
        and not text.endswith(_SENTENCE_ENDS)
        and any(c.isalpha() for c in text)
    )


def _body_size(paragraphs: Sequence[Paragraph]) -> float:
    """The size in which most characters are set."""
    weights: Counter[float] = Counter()
    for paragraph in paragraphs:
        for line in paragraph.lines:
            weights[line.size] += len(line.text)
    return weights.most_common(1)[0][0] if weights else 0.0
