"""Finds the header of a block: which rows name the columns, or none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from retrieval.facts.blocks import own_texts, text_at
from retrieval.facts.columns import column_kind, load_vocabulary
from retrieval.facts.normalize import plain
from retrieval.facts.values import number_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.facts.types import Grid

_LOOKED_AT = 40
_BARE = re.compile(r"[-−]?\d[\d,]*(?:\.\d+)?")
_DEEPEST = 4
_LIST_TITLE = re.compile(r"(名单|列表|清单|名称|一览|目录|list|names?)$", re.I)
_PERIOD = re.compile(
    r"^((19|20)\d{2}(年|财年|fy|版|年版|年度)?([-/.]?(0?[1-9]|1[0-2])月?)?|q[1-4]|[一二三四]季度|(1[0-2]|[1-9])月|第.{1,3}[周季月年])$"
)


def find_header(grid: Grid, rows: Sequence[int], columns: Sequence[int]) -> tuple[int, ...]:
    """The positions of the header rows, topmost first; empty when the block's first row is already data."""
    if len(columns) == 1:
        return _list_header(grid, rows, columns[0])
    first = _first_candidate(grid, rows, columns)
    if first is None:
        return ()
    start = rows.index(first)
    if start + 1 >= len(rows):
        return ()
    header = _deepened(grid, rows[start : start + _DEEPEST + 1], columns)
    below = rows[start + len(header) : start + len(header) + _LOOKED_AT]
    # Of a header of several rows the lower one may read like data (5 t, 20GP, 2025); what it stands under does not.
    if not below or _is_data(grid, header[0], below, columns) or _is_form(grid, [first, *below], columns):
        return ()
    return header


def _list_header(grid: Grid, rows: Sequence[int], column: int) -> tuple[int, ...]:
    first = text_at(grid, rows[0], column)
    named = load_vocabulary().is_header_word(first) or bool(_LIST_TITLE.search(plain(first)))
    return (rows[0],) if named and len(rows) > 1 else ()


def _first_candidate(grid: Grid, rows: Sequence[int], columns: Sequence[int]) -> int | None:
    """The first row that is as wide as the table: titles and `date: …  unit: …` lines above are narrower."""
    looked = rows[:_LOOKED_AT]
    counts = [len(own_texts(grid, row, columns)) for row in looked]
    usual = sorted(counts[len(counts) // 3 :])[len(counts[len(counts) // 3 :]) // 2]
    least = max(2, -(-usual * 3 // 5))
    for row, count in zip(looked, counts, strict=True):
        if count >= least and not _is_caption(own_texts(grid, row, columns), usual):
            return row
        if count >= 2 and _opens_a_merged_header(grid, row, columns):
            return row
    return None


def _is_caption(texts: Sequence[str], usual: int) -> bool:
    said = sum(bool(re.search(r"[:：]\s*\S*", text)) for text in texts)
    return len(texts) < usual and said * 2 >= len(texts)


def _opens_a_merged_header(grid: Grid, row: int, columns: Sequence[int]) -> bool:
    """Whether cells of the row are merged sideways while the others go down: the top of a header of several rows."""
    cells = grid.rows[row]
    anchors = [cells[c].merged_from for c in columns if c < len(cells) and cells[c].merged_from]
    filled = sum(bool(text_at(grid, row, c)) for c in columns)
    return bool(anchors) and filled == len(columns)


def _deepened(grid: Grid, rows: Sequence[int], columns: Sequence[int]) -> tuple[int, ...]:
    """The header with the rows below that belong to it: under merged cells, or filling the gaps of the row above."""
    header = [rows[0]]
    for row in rows[1:]:
        if not (_under_merge(grid, header[-1], row, columns) or _fills_gaps(grid, header, row, columns)):
            break
        header.append(row)
    return tuple(header) if len(header) <= _DEEPEST else (rows[0],)


def _under_merge(grid: Grid, above: int, row: int, columns: Sequence[int]) -> bool:
    """Whether the row still names columns that the row above named only together, or is covered from above."""
    upper, lower = grid.rows[above], grid.rows[row]
    number = str(grid.row_numbers[row])
    down = sideways = 0
    texts: list[str] = []
    for column in columns:
        if column >= len(upper) or column >= len(lower):
            continue
        anchor = lower[column].merged_from
        if (
            anchor
            and not re.fullmatch(rf"\$?[A-Z]+\$?{number}", anchor)
            and lower[column].text == upper[column].text
        ):
            down += 1
            continue
        sideways += _spans_columns(grid, above, column)
        texts.append(lower[column].text.strip())
    # Cells that reach down from above beside it make the row a part of the header, whatever it says (20GP, 5 t).
    return bool(sideways) and any(texts) and (down > 0 or _words(texts))


def _spans_columns(grid: Grid, row: int, column: int) -> bool:
    """Whether a cell is covered by one left of it in its row; what only reaches down from above is not."""
    anchor = grid.rows[row][column].merged_from
    return bool(anchor) and re.fullmatch(rf"\$?[A-Z]+\$?{grid.row_numbers[row]}", anchor or "") is not None


def _fills_gaps(grid: Grid, header: Sequence[int], row: int, columns: Sequence[int]) -> bool:
    gaps = [c for c in columns if not any(text_at(grid, above, c) for above in header)]
    filled = [c for c in columns if text_at(grid, row, c)]
    if _is_units(grid, row, columns):
        return True
    held = [c for c in columns if text_at(grid, header[-1], c)]
    return (
        bool(gaps) and set(gaps) <= set(filled) and len(filled) < len(columns)
        and len(held) > 1 and _words([text_at(grid, row, c) for c in filled])
    )  # fmt: skip


def _is_units(grid: Grid, row: int, columns: Sequence[int]) -> bool:
    texts = [text for c in columns if (text := text_at(grid, row, c))]
    units = load_vocabulary().units
    return bool(texts) and all(
        re.fullmatch(r"[(（\[【].{1,12}[)）\]】]", text) and (plain(text[1:-1]) in units or "/" in text)
        for text in texts
    )


def _words(texts: Sequence[str]) -> bool:
    said = [text for text in texts if text]
    return bool(said) and not any(number_of(t) is not None and not _PERIOD.match(plain(t)) for t in said)


def _is_data(grid: Grid, row: int, below: Sequence[int], columns: Sequence[int]) -> bool:
    """Whether the row is like those below it: values of the same kinds, or texts that come again in their column."""
    names = [(c, text_at(grid, row, c)) for c in columns]
    vocabulary = load_vocabulary()
    known = sum(vocabulary.is_header_word(text) for _, text in names if text)
    if known * 2 >= sum(bool(text) for _, text in names):
        return False
    alike = repeated = 0
    for column, text in names:
        if not text or _PERIOD.match(plain(text)):
            continue
        under = [t for r in below if (t := text_at(grid, r, column))]
        if not under:
            continue
        if not _BARE.fullmatch(text) and all(_BARE.fullmatch(t) for t in under):
            # 24寸 above 130, 330 and 650 names them; their kind is another.
            continue
        kind = column_kind("", "", under)
        alike += kind != "text" and column_kind("", "", [text, *under[:1]]) == kind and _valued(text, kind)
        repeated += text in under and kind == "text"
    return alike > 0 or (repeated > 0 and known == 0)


def _valued(text: str, kind: str) -> bool:
    if kind in {"number", "money", "percent"}:
        return number_of(text) is not None
    return kind == "date" or any(char.isdigit() for char in text) or kind == "boolean"


def _is_form(grid: Grid, rows: Sequence[int], columns: Sequence[int]) -> bool:
    """Whether two columns are a form: names of fields on the left, their values on the right."""
    if len(columns) != 2:
        return False
    left = [text for row in rows if (text := text_at(grid, row, columns[0]))]
    vocabulary = load_vocabulary()
    known = sum(vocabulary.is_header_word(text.rstrip(":： ")) for text in left)
    right = text_at(grid, rows[0], columns[1])
    return len(left) >= 3 and known * 2 > len(left) and not vocabulary.is_header_word(right)
