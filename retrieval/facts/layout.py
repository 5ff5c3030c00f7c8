"""Finds the tables in a grid: header rows, body, columns and the notes around them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from retrieval.facts.blocks import Block, blocks_of, own_texts, text_at
from retrieval.facts.columns import column_kind, load_vocabulary, split_unit
from retrieval.facts.errors import BadCorrectionError
from retrieval.facts.headers import find_header
from retrieval.facts.normalize import fold
from retrieval.facts.row_index import headed_as_names
from retrieval.facts.types import Column, LaidTable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from retrieval.facts.types import Correction, Grid

_NOTE = re.compile(
    r"^\s*(注|备注|说明|附注|数据来源|资料来源|制表|填表|审核|批准|※|\*|note|remark|source|prepared by)", re.I
)
_SUMMARY = re.compile(
    r"^(合计|总计|小计|共计|汇总|平均|平均值|总和|total|grandtotal|subtotal|sum|average)[:：]?$"
)
_SAMPLE = 2_000
_NUMBERED, _FEW_THINGS = 0.75, 3
_NUMBER_OF_A_THING = re.compile(r"[A-Za-z]{0,3}-?\d{1,5}[A-Za-z]?")
_NAMING_KINDS = {"text": 1.0, "identifier": 0.8, "date": 0.7}
_NEVER_A_KEY = frozenset({"row_number", "note", "phone", "email", "address"})
_BESIDE_THE_KEY = frozenset({"owner", "place", "date", "duration", "zip", "city_code", "head_code", "url"})
_LONG_TEXT = 80
_BLANK_ROWS = 3
_MOSTLY, _NEARLY_ALL = 0.5, 0.9


@dataclass(frozen=True, slots=True)
class _Part:
    """A block whose header is known: `header` and `body` are positions in the grid."""

    block: Block
    header: tuple[int, ...]
    body: tuple[int, ...]
    notes: tuple[str, ...]


def lay_out(grid: Grid, corrections: Mapping[int, Correction] | None = None) -> list[LaidTable]:
    """The tables of `grid` from top to bottom; `corrections` are a person's words, by the table's ordinal.

    Raises `BadCorrectionError` where a correction names a row or column that its table does not have.
    """
    said = corrections or {}
    parts = _parts(grid)
    tables = []
    for ordinal, part in enumerate(parts):
        name = grid.name if len(parts) == 1 else _name(grid, part, ordinal)
        tables.append(_table(grid, part, name, said.get(ordinal)))
    return tables


def _name(grid: Grid, part: _Part, ordinal: int) -> str:
    title = next((note for note in part.notes if len(note) <= 40 and not _NOTE.match(note)), "")
    return f"{grid.name}: {title}" if title else f"{grid.name} ({ordinal + 1})"


def _parts(grid: Grid) -> list[_Part]:
    found: list[_Part] = []
    titles: list[str] = []
    for block in _headed(grid, blocks_of(grid)):
        if _is_remark(grid, block):
            words = [text for row in block.rows for text in own_texts(grid, row, block.columns)]
            if found and any(_NOTE.match(word) for word in words):
                found[-1] = replace(found[-1], notes=(*found[-1].notes, *words))
            else:
                titles.extend(words)
            continue
        if found and not titles and _continues(grid, found[-1], block):
            rows, notes = _cut_notes(grid, replace(block, columns=found[-1].block.columns))
            found[-1] = replace(found[-1], body=(*found[-1].body, *rows), notes=(*found[-1].notes, *notes))
            continue
        part = _part(grid, block, tuple(titles))
        if part is not None:
            found.append(part)
            titles = []
    if titles and found:
        found[-1] = replace(found[-1], notes=(*found[-1].notes, *titles))
    return found


def _headed(grid: Grid, blocks: Sequence[Block]) -> list[Block]:
    """The blocks, where a header that blank rows part from its rows is one block with them."""
    found: list[Block] = []
    for block in blocks:
        head = found[-1] if found else None
        if head is not None and _heads(grid, head, block):
            found[-1] = replace(
                head,
                rows=(*head.rows, *block.rows),
                columns=tuple(sorted({*head.columns, *block.columns})),
            )
        else:
            found.append(block)
    return found


def _heads(grid: Grid, head: Block, block: Block) -> bool:
    """Whether the last row of `head` names the columns of `block`, which lies below it and has no header of its own."""
    last = head.rows[-1]
    apart = grid.row_numbers[block.rows[0]] - grid.row_numbers[last]
    within = set(block.columns) <= set(head.columns) and len(own_texts(grid, last, head.columns)) > 1
    if not within or not 1 < apart <= _BLANK_ROWS + 1 or find_header(grid, head.rows, head.columns):
        return False
    if find_header(grid, block.rows, block.columns):
        return False
    return last in find_header(grid, (*head.rows, *block.rows), head.columns)


def _is_remark(grid: Grid, block: Block) -> bool:
    """Whether a block is running text: one cell a row, and too short or too wordy to be a list."""
    texts = [own_texts(grid, row, block.columns) for row in block.rows]
    if any(len(row) > 1 for row in texts):
        return False
    lengths = [len(row[0]) for row in texts if row]
    return len(lengths) < 2 or sum(lengths) / len(lengths) > _LONG_TEXT or bool(_NOTE.match(texts[0][0]))


def _continues(grid: Grid, part: _Part, block: Block) -> bool:
    """Whether a block after a blank row is more of the table above it rather than a table of its own."""
    if not set(block.columns) <= set(part.block.columns) or len(part.block.columns) < 2:
        return False
    header = find_header(grid, block.rows, block.columns)
    if not header:
        return True
    first = [text_at(grid, header[0], c) for c in block.columns]
    above = [text_at(grid, part.header[-1], c) for c in block.columns] if part.header else []
    if first == above:
        return True
    vocabulary = load_vocabulary()
    known = sum(vocabulary.is_header_word(text) for text in first if text)
    return known == 0 and bool(part.body) and _same_kinds(grid, part, block)


def _same_kinds(grid: Grid, part: _Part, block: Block) -> bool:
    def kinds(rows: Sequence[int]) -> list[str]:
        return [
            column_kind("", "", [t for r in rows[:50] if (t := text_at(grid, r, c))]) for c in block.columns
        ]

    above = kinds(part.body)
    return above == kinds(block.rows) and any(kind != "text" for kind in above)


def _part(grid: Grid, block: Block, titles: tuple[str, ...]) -> _Part | None:
    header = find_header(grid, block.rows, block.columns)
    first = header[0] if header else _first_wide(grid, block)
    above = tuple(t for row in block.rows if row < first for t in own_texts(grid, row, block.columns))
    rest = replace(
        block, rows=tuple(r for r in block.rows if r > header[-1]) if header else _from(block, first)
    )
    body, below = _cut_notes(grid, rest)
    names = [text_at(grid, header[-1], c) for c in block.columns] if header else []
    body = tuple(r for r in body if not names or [text_at(grid, r, c) for c in block.columns] != names)
    if not body:
        return None
    return _Part(block, header, body, (*titles, *above, *below))


def _from(block: Block, first: int) -> tuple[int, ...]:
    return tuple(row for row in block.rows if row >= first)


def _first_wide(grid: Grid, block: Block) -> int:
    if len(block.columns) == 1:
        return block.rows[0]
    return next((r for r in block.rows if len(own_texts(grid, r, block.columns)) >= 2), block.rows[0])


def _cut_notes(grid: Grid, block: Block) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The rows of the table proper, and the remarks below it and the section titles inside it."""
    width = len(block.columns)
    if width < 2:
        return block.rows, ()
    rows = list(block.rows)
    notes: list[str] = []
    while rows and _is_note(grid, rows[-1], block.columns):
        notes.insert(0, " ".join(own_texts(grid, rows.pop(), block.columns)))
    kept = []
    for row in rows:
        if _is_section(grid, row, block.columns):
            notes.append(own_texts(grid, row, block.columns)[0])
        else:
            kept.append(row)
    return tuple(kept), tuple(notes)


def _is_note(grid: Grid, row: int, columns: Sequence[int]) -> bool:
    texts = own_texts(grid, row, columns)
    if len(texts) > 2 or not texts:
        return False
    if _NOTE.match(texts[0]):
        return len(texts) == 1 or len(columns) > 2
    return len(texts) == 1 and (_spans(grid, row, columns) or (len(texts[0]) >= 20 and len(columns) > 2))


def _is_section(grid: Grid, row: int, columns: Sequence[int]) -> bool:
    return _spans(grid, row, columns) and len(own_texts(grid, row, columns)) == 1


def _spans(grid: Grid, row: int, columns: Sequence[int]) -> bool:
    """Whether one merged cell fills the whole row."""
    cells = grid.rows[row]
    if len(columns) < 2 or columns[1] >= len(cells) or cells[columns[1]].merged_from is None:
        return False
    anchors = {cells[c].merged_from for c in columns[1:] if c < len(cells)}
    return (
        len(columns) > 1
        and len(anchors) == 1
        and None not in anchors
        and _same_row(anchors, grid.row_numbers[row])
    )


def _same_row(anchors: set[str | None], number: int) -> bool:
    return all(
        anchor is not None and anchor.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ$").lstrip("$") == str(number)
        for anchor in anchors
    )


def _table(grid: Grid, part: _Part, name: str, correction: Correction | None) -> LaidTable:
    if correction is not None and correction.header_rows is not None:
        part = _with_header(grid, part, correction)
    columns = _columns(grid, part)
    if correction is not None:
        columns = _renamed(grid, part, columns, correction)
    summaries = frozenset(
        row
        for row in part.body
        if any(_SUMMARY.match(fold(t)) for t in _first_texts(grid, row, part.block.columns))
    )
    numbers = tuple(grid.row_numbers[row] for row in part.header)
    return LaidTable(name, columns, numbers, part.body, part.notes, summaries)


def _first_texts(grid: Grid, row: int, columns: Sequence[int]) -> list[str]:
    return [text for column in columns[:2] if (text := text_at(grid, row, column))]


def _with_header(grid: Grid, part: _Part, correction: Correction) -> _Part:
    rows = {grid.row_numbers[row]: row for row in part.block.rows} | {
        grid.row_numbers[row]: row for row in part.body
    }
    unknown = [number for number in correction.header_rows or () if number not in rows]
    if unknown:
        raise BadCorrectionError(correction, f"row {unknown[0]}", f"{min(rows)} to {max(rows)}")
    header = tuple(sorted(rows[number] for number in correction.header_rows or ()))
    known = sorted(set(rows.values()))
    after = tuple(row for row in known if not header or row > header[-1])
    body, notes = _cut_notes(grid, replace(part.block, rows=after))
    return replace(
        part, header=header, body=body, notes=(*part.notes, *(n for n in notes if n not in part.notes))
    )


def _columns(grid: Grid, part: _Part) -> tuple[Column, ...]:
    step = max(1, len(part.body) // _SAMPLE)
    sample = part.body[::step]
    columns: list[Column] = []
    used: dict[str, int] = {}
    for place, index in enumerate(part.block.columns):
        name, unit = _title(grid, part.header, index)
        name = name or f"列{place + 1}"
        used[name] = used.get(name, 0) + 1
        if used[name] > 1:
            name = f"{name} ({used[name]})"
        texts = [text for row in sample if (text := text_at(grid, row, index))]
        typed = {
            grid.rows[row][index].kind
            for row in sample
            if index < len(grid.rows[row]) and grid.rows[row][index].text
        }
        columns.append(Column(name, index, column_kind(name, unit, texts, typed), unit))
    return _with_key(grid, sample, tuple(columns))


def _title(grid: Grid, header: tuple[int, ...], column: int) -> tuple[str, str]:
    """A column's name, its header rows joined by slashes, and the unit that one of them says."""
    parts: list[str] = []
    for depth, row in enumerate(header):
        text = " ".join(text_at(grid, row, column).split())
        if not text and depth + 1 < len(header) and text_at(grid, header[depth + 1], column):
            text = _from_the_left(grid, row, header[depth + 1], column)
        if text and text not in parts:
            parts.append(text)
    if len(parts) > 1 and re.fullmatch(r"[(（\[【].{1,12}[)）\]】]", parts[-1]):
        parts[-2:] = [parts[-2] + parts[-1]]
    names, unit = [], ""
    for text in parts:
        name, said = split_unit(text)
        names.append(name)
        unit = said or unit
    return "/".join(dict.fromkeys(names)), unit


def _from_the_left(grid: Grid, row: int, below: int, column: int) -> str:
    """The group name that stands left of an empty cell in a header without merges; empty where none does."""
    for left in range(column - 1, -1, -1):
        if not text_at(grid, below, left):
            return ""
        if text := text_at(grid, row, left):
            return " ".join(text.split())
    return ""


def _with_key(grid: Grid, sample: Sequence[int], columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Marks the column that names the rows: a name by its header, else the first text that tells rows apart."""
    best, best_score, led = -1, 0.0, False
    vocabulary = load_vocabulary()
    for place, column in enumerate(columns):
        texts = [text for row in sample if (text := text_at(grid, row, column.index))]
        wider = vocabulary.widened(vocabulary.concepts_of(column.name))
        numbered = not place and column.kind == "number" and not column.unit and _are_numbers_of_things(texts)
        if not texts or wider & _NEVER_A_KEY or not (column.kind in _NAMING_KINDS or numbered):
            continue
        distinct = len(set(texts)) / len(texts) * min(1.0, len(texts) / len(sample))
        score = distinct * (_NUMBERED if numbered else _NAMING_KINDS[column.kind])
        # Names of customers that come again name no row; two persons of the same name still do.
        named = bool(wider & {"name", "person"}) or headed_as_names(column.name)
        if distinct > (_MOSTLY if "person" in wider else _NEARLY_ALL) and named:
            score *= 2.0
        elif wider & _BESIDE_THE_KEY and column.kind != "identifier":
            score *= 0.7
        # The first column is the key more often than not, unless another is called a name.
        if distinct > _NEARLY_ALL and not led:
            score, led = score + 0.3, True
        if score > best_score + 0.05:
            best, best_score = place, score
    return tuple(_marked(column, key=place == best) for place, column in enumerate(columns))


def _marked(column: Column, *, key: bool) -> Column:
    """The column as the key or not; numbers that name rows (stand 226) are read as codes, character by character."""
    return replace(column, key=key, kind="identifier" if key and column.kind == "number" else column.kind)


def _are_numbers_of_things(texts: Sequence[str]) -> bool:
    """Whether numbers of things (226, C01), each once and not just counted on from 1, tell the rows apart: rooms, stands."""
    if len(texts) < _FEW_THINGS or len(set(texts)) < len(texts):
        return False
    if not all(_NUMBER_OF_A_THING.fullmatch(text) for text in texts):
        return False
    if not all(text.isdecimal() for text in texts):
        return True
    numbers = [int(text) for text in texts]
    return numbers != list(range(numbers[0], numbers[0] + len(numbers))) or numbers[0] > _FEW_THINGS * 3


def _renamed(
    grid: Grid, part: _Part, columns: tuple[Column, ...], correction: Correction
) -> tuple[Column, ...]:
    named = dict(correction.column_names)
    for place in (*named, *(correction.key_columns or ())):
        if not 0 <= place < len(columns):
            raise BadCorrectionError(correction, f"column {place}", f"0 to {len(columns) - 1}")
    changed = []
    for place, column in enumerate(columns):
        name = named.get(place, column.name)
        key = column.key if correction.key_columns is None else place in correction.key_columns
        texts = [text for row in part.body[:_SAMPLE] if (text := text_at(grid, row, column.index))]
        kind = column_kind(name, column.unit, texts) if place in named else column.kind
        changed.append(replace(column, name=name, key=key, kind=kind))
    return tuple(changed)
