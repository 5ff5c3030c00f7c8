"""Reads delimited tables (.csv, .tsv): encoding and delimiter found, every value kept as the text it is."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from ingest.errors import UnsupportedError
from ingest.parsers.encoding import decode
from ingest.parsers.grids import EMPTY, address
from ingest.parsers.sheet import MAX_CELLS
from ingest.types import Block, Parsed
from retrieval.facts.types import Grid, GridCell
from retrieval.types import Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ingest.parsers.source import Source

MEDIA_TYPE = "text/csv"
_DELIMITERS = (",", "\t", ";", "|", "，", "\x01")
_SAMPLE_LINES = 50
# Excel's first line for programs: which character delimits.
_NAMED_DELIMITER = re.compile(r'\A"?sep=(.)"?\r?\n', re.IGNORECASE)
# A quoted text over more lines than this is a quotation mark that stands for inches or was forgotten.
_LONGEST_RECORD = 200


def parse(source: Source) -> Parsed:
    """Reads the whole file as one table. Raises UnsupportedError where it has no value."""
    text, encoding = decode(source.data)
    text = text.replace("\x00", "")
    # The limit is the whole process's: it may be raised, never lowered.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    named = _NAMED_DELIMITER.match(text)
    text, skipped = (text[named.end() :], 1) if named else (text, 0)
    records = _Records(text, named.group(1) if named else find_delimiter(text, source.extension))
    rows, numbers, cut = _rows(records, skipped + 1)
    if not rows:
        raise UnsupportedError("is empty: nothing to read")
    warnings = (
        [f"{text.count(chr(0xFFFD))} characters could not be read as {encoding}"] if "\ufffd" in text else []
    )
    if records.misquoted:
        warnings.append(
            f"in {records.misquoted} lines quotation marks do not pair; they were read as they stand"
        )
    if cut:
        warnings.append(f"is too large: only its first {len(rows)} rows were read")
    grid = Grid(source.stem, rows, numbers)
    area = f"A{numbers[0]}:{address(numbers[-1], len(rows[0]))}"
    block = Block("", "table", 0, Location(cell=area), 0)
    return Parsed(source.stem, (block,), (grid,), 1, MEDIA_TYPE, tuple(warnings))


class _Records:
    """The records of a delimited text; a quotation mark that never closes (5" 管) does not swallow what follows."""

    def __init__(self, text: str, delimiter: str) -> None:
        self.misquoted = 0
        self._text = text
        self._delimiter = delimiter
        self._loose_end = re.compile(rf'"[ \t]+(?={re.escape(delimiter)}|\r?\n|\r|$)')

    def __iter__(self) -> Iterator[list[str]]:
        records = self._read(self._text)
        try:
            for _ in self._read(self._text):
                pass
        except csv.Error:
            records = self._line_by_line()
        return records

    def _read(self, text: str) -> Iterator[list[str]]:
        return iter(csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter, strict=True))

    def _line_by_line(self) -> Iterator[list[str]]:
        lines = io.StringIO(self._text, newline=None if "\n" not in self._text else "").readlines()
        place = 0
        while place < len(lines):
            taken, record = self._record(lines, place)
            place += taken
            yield record

    def _record(self, lines: list[str], place: int) -> tuple[int, list[str]]:
        """The record that begins on a line, and how many lines it takes."""
        for taken in range(1, min(_LONGEST_RECORD, len(lines) - place) + 1):
            text = "".join(lines[place : place + taken])
            if text.count('"') % 2 == 0:
                try:
                    return taken, next(self._read(self._loose_end.sub('"', text)), [])
                except csv.Error:
                    break
        self.misquoted += 1
        return 1, lines[place].rstrip("\r\n").split(self._delimiter)


def _rows(
    records: Iterable[list[str]], first: int
) -> tuple[tuple[tuple[GridCell, ...], ...], tuple[int, ...], bool]:
    """The rows that have text, filled up to the same width, with their numbers counted in records from `first`."""
    known: dict[str, GridCell] = {"": EMPTY}
    raw: list[list[GridCell]] = []
    numbers: list[int] = []
    width = 0
    for number, record in enumerate(records, first):
        if not any(value.strip() for value in record):
            continue
        width = max(width, len(record))
        if width * (len(raw) + 1) > MAX_CELLS and raw:
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
