"""Reads delimited tables (.csv, .tsv): encoding and delimiter found, every value kept as the text it is."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from ingest.errors import UnsupportedError
from ingest.parsers.encoding import decode
from ingest.parsers.grids import EMPTY, address
from ingest.parsers.sheet import MAX_CELLS
from ingest.types import Block, Parsed
from retrieval.facts.types import Grid, GridCell
from retrieval.types import Location

if TYPE_CHECKING:
    from ingest.parsers.source import Source

MEDIA_TYPE = "text/csv"
_DELIMITERS = (",", "\t", ";", "|", "，", "\x01")
_SAMPLE_LINES = 50


def parse(source: Source) -> Parsed:
    """Reads the whole file as one table. Raises UnsupportedError where it has no value."""
    text, encoding = decode(source.data)
    text = text.replace("\x00", "")
    # The limit is the whole process's: it may be raised, never lowered.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    rows, numbers, cut = _rows(text, find_delimiter(text, source.extension))
    if not rows:
        raise UnsupportedError("is empty: nothing to read")
    warnings = (
        [f"{text.count(chr(0xFFFD))} characters could not be read as {encoding}"] if "\ufffd" in text else []
    )
    if cut:
        warnings.append(f"is too large: only its first {len(rows)} rows were read")
    grid = Grid(source.stem, rows, numbers)
    area = f"A{numbers[0]}:{address(numbers[-1], len(rows[0]))}"
    block = Block("", "table", 0, Location(cell=area), 0)
    return Parsed(source.stem, (block,), (grid,), 1, MEDIA_TYPE, tuple(warnings))


def _rows(text: str, delimiter: str) -> tuple[tuple[tuple[GridCell, ...], ...], tuple[int, ...], bool]:
    """The rows that have text, filled up to the same width, with their numbers counted in records."""
    known: dict[str, GridCell] = {"": EMPTY}
    raw: list[list[GridCell]] = []
    numbers: list[int] = []
    cells = 0
    for number, record in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1):
        if not any(value.strip() for value in record):
            continue
        cells += len(record)
        if cells > MAX_CELLS:
            return _filled(raw), tuple(numbers), True
        raw.append([known.setdefault(value, GridCell(value)) for value in map(_clean, record)])
        numbers.append(number)
    return _filled(raw), tuple(numbers), False


def _clean(value: str) -> str:
    """A value without the dress that exports put on codes: a tab behind them, or `="0012"` for the text 0012."""
    value = value.strip("\t\r\n\x1a")
    if len(value) > 3 and value.startswith('="') and value.endswith('"'):
        return value[2:-1]
    return value


def _filled(raw: list[list[GridCell]]) -> tuple[tuple[GridCell, ...], ...]:
    width = max((len(row) for row in raw), default=0)
    return tuple((*row, *[EMPTY] * (width - len(row))) for row in raw)


def find_delimiter(text: str, extension: str = "csv") -> str:
    """The delimiter that cuts the first lines into the most even number of parts."""
    sample = "\n".join(text[:100_000].splitlines()[:_SAMPLE_LINES])
    scores = {delimiter: _evenness(sample, delimiter) for delimiter in _DELIMITERS}
    if extension in ("tsv", "tab"):
        scores["\t"] += 1
    best = max(_DELIMITERS, key=lambda delimiter: scores[delimiter])
    return best if scores[best] > 0 else ","


def _evenness(sample: str, delimiter: str) -> float:
    """The share of lines with the commonest width, if it is above one; wider wins slightly."""
    try:
        records = list(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))
    except csv.Error:
        return 0.0
    widths = [len(record) for record in records if any(record)]
    several = [width for width in widths if width > 1]
    if not several:
        return 0.0
    common = max(set(several), key=several.count)
    return several.count(common) / len(widths) + min(common, 20) / 1_000 + len(several) / len(widths) / 2
