"""Cleans parsed text without touching codes: stray characters, broken lines, and page furniture that repeats."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.types import Block, Parsed
    from retrieval.facts.types import Grid, GridCell

_CJK = "\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2060\ufeff\ufffe\uffff]")
# What programs write into logs to colour them on a terminal.
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_BLANKS = re.compile("[\u00a0\u2000-\u200a\u202f\u205f]")
# Radicals and ligatures that fonts of PDF files give instead of the characters they look like.
_LOOKALIKES = re.compile("[\u2e80-\u2fdf\ufb00-\ufb06]")
_SYMBOL_BULLETS = re.compile("^[\uf06c\uf06e\uf076\uf0a7\uf0b7\uf0d8\uf0fc](?=\\s|.)", re.MULTILINE)
_TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)
_MANY_BREAKS = re.compile(r"\n{3,}")
_HYPHENATED = re.compile(r"(?<=[a-zà-ÿ]{2})-\n(?=[a-zà-ÿ])")
_AFTER_HYPHEN = re.compile(r"(?<=[A-Za-z0-9][-/_])\n(?=[A-Za-z0-9])")
_CJK_BREAK = re.compile(f"(?<=[{_CJK}])\n(?=[{_CJK}])")
_ENDS_SENTENCE = re.compile(r"[。！？!?；;：:.…][”’」』）)\"']*$")
_ITEM = re.compile(
    r"\s*(?:[•●○■□◆◇▪※·✓➢]|[-–—*]\s|[（(]?(?:\d{1,2}|[一二三四五六七八九十]{1,3}|[a-zA-Z])[）).、．]\s*\S)"
)
_LABEL = re.compile(r"\s*[^\s:：]{1,12}[:：]")
_PDF = "application/pdf"
# Pages needed before repetition means furniture; blocks looked at from each end of a page; share of pages.
_MANY_PAGES, _EDGE, _SHARE = 3, 2, 0.6
_LONGEST_FURNITURE = 120


def clean(parsed: Parsed) -> Parsed:
    """The same document, readable; no letter, digit or code is changed, furniture is kept where it first stands."""
    blocks = [replace(block, text=clean_text(block.text)) for block in parsed.blocks]
    if parsed.media_type == _PDF:
        blocks = _drop_furniture(blocks, parsed.pages)
        blocks = [replace(b, text=join_lines(b.text, 0.6)) if b.kind != "code" else b for b in blocks]
        blocks = _join_pages(blocks)
    elif parsed.media_type == "text/plain":
        blocks = [replace(b, text=join_lines(b.text, 0.8, 56)) for b in blocks]
    kept = tuple(block for block in blocks if block.text.strip() or block.grid is not None)
    grids = tuple(_clean_grid(grid) for grid in parsed.grids)
    return replace(parsed, title=_one_line(parsed.title), blocks=_clean_paths(kept), grids=grids)


def clean_text(text: str) -> str:
    """Control characters and the like out, odd blanks made plain; letters and digits stay as they are."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    text = text.replace("\x0c", "\n").replace("\x0b", "\n")
    text = _SURROGATES.sub("\ufffd", _CONTROLS.sub("", _COLOURS.sub("", text)))
    text = _SYMBOL_BULLETS.sub("•", _BLANKS.sub(" ", text))
    text = _LOOKALIKES.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)
    return _MANY_BREAKS.sub("\n\n", _TRAILING.sub("", text))


def _one_line(text: str) -> str:
    return " ".join(clean_text(text).split())


def join_lines(text: str, share: float, least: int = 0) -> str:
    """Draws the lines of a paragraph together where they were only broken to fit a column.

    A line is full when it is at least `share` as wide as the widest and `least` columns wide (a Chinese character
    is two); what follows a shorter line, an item of a list or a row with tabs starts anew. With `least`, every line
    but the last must be full, since a text file has no other sign of being broken. Words hyphenated at the end of
    a line become whole.
    """
    lines = text.split("\n")
    full = max(max(map(_width, lines)) * share, least)
    if len(lines) < 2 or (least and any(_width(line) < full for line in lines[:-1])):
        return text
    joined = lines[0]
    for before, line in pairwise(lines):
        pair = f"{joined}\n{line}"
        joined = (
            _join_pair(pair) if _width(before) >= full and _may_join(before, line, strict=bool(least)) else pair
        )
    return joined


def _may_join(before: str, line: str, *, strict: bool) -> bool:
    """Whether nothing about two lines says that they stand by themselves."""
    if not before.strip() or not line.strip() or "\t" in before or "\t" in line or _ITEM.match(line):
        return False
    return not strict or not (_ENDS_SENTENCE.search(before) or _LABEL.match(line))


def _join_pair(pair: str) -> str:
    """Two lines as one; only the last line break is looked at."""
    head, _, tail = pair.rpartition("\n")
    start = max(0, len(head) - 4)
    seam = f"{head[start:]}\n{tail[:2]}"
    seam = _HYPHENATED.sub("", seam)
    seam = _CJK_BREAK.sub("", _AFTER_HYPHEN.sub("", seam))
    return head[:start] + seam.replace("\n", " ", seam.count("\n")) + tail[2:]


def _width(line: str) -> int:
    return sum(2 if "\u2e80" <= c <= "\uffef" else 1 for c in line.strip())


def _drop_furniture(blocks: list[Block], pages: int) -> list[Block]:
    """Leaves out headers and footers from their second appearance on, page numbers always read as the same."""
    if pages < _MANY_PAGES:
        return blocks
    edges = _edge_blocks(blocks, pages)
    counts = Counter(key for keys in edges.values() for key in set(keys.values()))
    repeated = {key for key, count in counts.items() if count >= max(_MANY_PAGES, len(edges) * _SHARE)}
    seen: set[str] = set()
    kept: list[Block] = []
    for index, block in enumerate(blocks):
        key = edges.get(block.location.page or 0, {}).get(index)
        if key in repeated and key in seen:
            continue
        if key is not None:
            seen.add(key)
        kept.append(block)
    return kept


def _edge_blocks(blocks: Sequence[Block], pages: int) -> dict[int, dict[int, str]]:
    """For each page, the first and last blocks by their index, with the text that repeats if they are furniture."""
    by_page: dict[int, list[int]] = {}
    for index, block in enumerate(blocks):
        by_page.setdefault(block.location.page or 0, []).append(index)
    return {
        page: {
            index: _furniture_key(blocks[index], page, pages)
            for index in (*indexes[:_EDGE], *indexes[-_EDGE:])
            if 0 < len(blocks[index].text) <= _LONGEST_FURNITURE
        }
        for page, indexes in by_page.items()
    }


def _furniture_key(block: Block, page: int, pages: int) -> str:
    """A text with the number of its page and of all pages made equal; in sentences and headings no number is."""
    plain = " ".join(block.text.split())
    if block.kind == "heading" or len(plain) > _LONGEST_FURNITURE // 2 or _ENDS_SENTENCE.search(plain):
        return plain
    own = {str(page), str(pages)}
    return re.sub(r"\d+", lambda match: "#" if match.group().lstrip("0") in own else match.group(), plain)


def _join_pages(blocks: list[Block]) -> list[Block]:
    """Gives a sentence that runs over the end of a page wholly to the page where it begins."""
    result: list[Block] = []
    for block in blocks:
        before = result[-1] if result else None
        if before is None or not _runs_on(before, block):
            result.append(block)
            continue
        head, rest = _first_sentence(block.text)
        result[-1] = replace(before, text=_join_pair(f"{before.text}\n{head}"))
        if rest:
            result.append(replace(block, text=rest))
    return result


def _runs_on(before: Block, after: Block) -> bool:
    """Whether `after` continues the last sentence of `before` on the next page."""
    if (
        before.kind != "paragraph"
        or after.kind != "paragraph"
        or before.location.headings != after.location.headings
    ):
        return False
    next_page = (before.location.page or 0) + 1 == after.location.page
    unfinished = not _ENDS_SENTENCE.search(before.text.rstrip()) and len(before.text) > 20
    starts_low = bool(re.match(rf"[{_CJK}a-z]", after.text)) and not re.match(
        r"[（(第一二三四五六七八九十•]", after.text
    )
    return next_page and unfinished and starts_low


def _first_sentence(text: str) -> tuple[str, str]:
    match = re.search(r"[。！？!?；;]|\.(?=\s)", text)
    if match is None:
        return text, ""
    return text[: match.end()], text[match.end() :].lstrip()


def _clean_paths(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    result: list[Block] = []
    for block in blocks:
        path = block.location.headings
        if path not in known:
            known[path] = tuple(_one_line(heading) for heading in path)
        same = known[path] == path
        result.append(block if same else replace(block, location=replace(block.location, headings=known[path])))
    return tuple(result)


def _clean_grid(grid: Grid) -> Grid:
    """A grid without characters that no database takes; its values stay as they are."""
    if any(_is_dirty(cell.text) for row in grid.rows for cell in row):
        grid = replace(grid, rows=tuple(tuple(_clean_cell(cell) for cell in row) for row in grid.rows))
    return replace(
        grid, name=_one_line(grid.name), headings=tuple(_one_line(heading) for heading in grid.headings)
    )


def _is_dirty(text: str) -> bool:
    return (not text.isascii() and bool(_SURROGATES.search(text) or _CONTROLS.search(text))) or (
        not text.isprintable() and bool(_CONTROLS.search(text))
    )


def _clean_cell(cell: GridCell) -> GridCell:
    return (
        replace(cell, text=_SURROGATES.sub("\ufffd", _CONTROLS.sub("", cell.text)))
        if _is_dirty(cell.text)
        else cell
    )
