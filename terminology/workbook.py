"""Reads and writes the glossary workbook: which row means what, with nothing dropped in silence."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from terminology.columns import EXPORTED, guess_columns, read_header
from terminology.errors import WorkbookError
from terminology.sheets import Sheet, read_sheets, write_csv, write_xlsx
from terminology.types import Sense, TermSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from terminology.columns import Field

_ALIAS_SEPARATORS = re.compile(r"[;；、，,]")
_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]00:00(?::00)?)?|(\d{4})(\d{2})(\d{2})"
)
# Control characters that neither a cell nor an XML file can hold.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class WorkbookRow:
    """One data row of a glossary file: what is typed in it and, if it gives no sense, the `reason`.

    `notes` are remarks on a row that is used all the same (a date that cannot be read, a name that is missing).
    """

    source: TermSource
    typed: Sense
    reason: str = ""
    notes: tuple[str, ...] = ()

    @property
    def sense(self) -> Sense | None:
        """The sense that the row gives, or None where it is incomplete."""
        return None if self.reason else self.typed


@dataclass(frozen=True, slots=True)
class WorkbookReading:
    """Everything found in a glossary file.

    `titles` are the rows above the header that are no data, `warnings` what a person should know about the file
    (columns or sheets that were not used).
    """

    rows: tuple[WorkbookRow, ...]
    titles: tuple[TermSource, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def senses(self) -> tuple[Sense, ...]:
        """The senses of all complete rows, in the order of the file."""
        return tuple(row.sense for row in self.rows if row.sense is not None)


def read_workbook(path: Path, name: str | None = None) -> WorkbookReading:
    """Read a glossary from `.xlsx`, `.xlsm`, `.csv`, `.tsv` or `.txt`; `name` is the file name to cite.

    Raises WorkbookError if the file cannot be read at all or no sheet of it looks like a glossary.
    """
    file = name or path.name
    rows: list[WorkbookRow] = []
    titles: list[TermSource] = []
    warnings: list[str] = []
    used = False
    for sheet in read_sheets(path):
        reading = _read_sheet(sheet, file)
        if reading is None:
            warnings.append(
                f"{sheet.label(file)} is not used: no header and no rows of abbreviation and meaning"
            )
            continue
        used = True
        rows += reading.rows
        titles += reading.titles
        warnings += reading.warnings
        read = {number for number, _ in sheet.rows}
        warnings += [
            f"{sheet.label(file)}, row {row}: nothing can be read ({said})"
            for row, said in sheet.lost.items()
            if row not in read
        ]
    if not used:
        raise WorkbookError(
            path,
            "no sheet has a header with 缩略语 and 英文全称 or 中文解释, nor rows of abbreviation and meaning.",
            "Put the header 序号, 缩略语, 英文全称, 中文解释 above the rows.",
        )
    return WorkbookReading(tuple(rows), tuple(titles), tuple(warnings))


def write_workbook(path: Path, senses: Iterable[Sense]) -> int:
    """Write `senses` to `.xlsx` or `.csv` (UTF-8 with a signature, as Excel expects) and return their number.

    Reading the file gives the same senses again, apart from ids and sources.
    """
    rows = [export_cells(sense) for sense in senses]
    header = tuple(EXPORTED.values())
    suffix = path.suffix.casefold()
    if suffix == ".xlsx":
        write_xlsx(path, header, rows)
    elif suffix == ".csv":
        write_csv(path, header, rows)
    else:
        raise WorkbookError(
            path, f"{suffix or 'no ending'} is not a kind of file to export to.", "Use .xlsx or .csv."
        )
    return len(rows)


def export_cells(sense: Sense) -> tuple[str, ...]:
    """Return the cells of `sense` in the order of the exported header."""
    joined = {"aliases": _join(sense.aliases, _ALIAS_SEPARATORS), "examples": _join(sense.examples, None)}
    return tuple(joined[field] if field in joined else str(getattr(sense, field)) for field in EXPORTED)


def _join(values: Sequence[str], separators: re.Pattern[str] | None) -> str:
    """Join one value a line; a line end after a single value says that it is not to be split."""
    joined = "\n".join(values)
    return f"{joined}\n" if len(values) == 1 and separators and separators.search(joined) else joined


def _read_sheet(sheet: Sheet, file: str) -> WorkbookReading | None:
    header = _find_header(sheet)
    if header is not None:
        position, columns = header
        titles = tuple(
            TermSource(file, sheet.name, number) for number, cells in sheet.rows[:position] if any(cells)
        )
        body = sheet.rows[position + 1 :]
        return WorkbookReading(
            _rows(sheet, body, columns, file), titles, _unused(sheet, position, columns, file)
        )
    return _read_without_header(sheet, file)


def _find_header(sheet: Sheet) -> tuple[int, dict[Field, int]] | None:
    for position, (_, cells) in enumerate(sheet.rows):
        columns = read_header(cells)
        if columns is not None:
            return position, columns
    return None


def _read_without_header(sheet: Sheet, file: str) -> WorkbookReading | None:
    body = list(sheet.rows)
    titles: list[TermSource] = []
    while body and sum(1 for cell in body[0][1] if cell.strip()) < 2:
        number, cells = body.pop(0)
        if any(cells):
            titles.append(TermSource(file, sheet.name, number))
    columns = guess_columns([cells for _, cells in body])
    if columns is None:
        return None
    extra = {column for _, cells in body for column, cell in enumerate(cells) if cell} - set(columns.values())
    warnings = (
        (
            f"{sheet.label(file)} has no header; {len(extra)} further column(s) are not used: name them in a header",
        )
        if extra
        else ()
    )
    return WorkbookReading(_rows(sheet, body, columns, file), tuple(titles), warnings)


def _unused(sheet: Sheet, position: int, columns: Mapping[Field, int], file: str) -> tuple[str, ...]:
    header = sheet.rows[position][1]
    names = [cell for column, cell in enumerate(header) if cell and column not in columns.values()]
    if not names:
        return ()
    return (f"{sheet.label(file)}: the column(s) {', '.join(names)} are not known and not used",)


def _rows(
    sheet: Sheet, body: Sequence[tuple[int, tuple[str, ...]]], columns: Mapping[Field, int], file: str
) -> tuple[WorkbookRow, ...]:
    rows = []
    for number, cells in body:
        if not any(cell.strip() for cell in cells):
            continue
        repeated = read_header(cells)
        if repeated is not None and "english" in repeated and "chinese" in repeated:
            columns = repeated
            continue
        rows.append(_row(TermSource(file, sheet.name, number), cells, columns, sheet.lost.get(number, "")))
    return tuple(rows)


def _row(source: TermSource, cells: tuple[str, ...], columns: Mapping[Field, int], lost: str) -> WorkbookRow:
    values = {field: cells[column] if column < len(cells) else "" for field, column in columns.items()}
    sense, notes = sense_of(values, source)
    reasons = incomplete(sense)
    if lost:
        notes = (*notes, lost)
        reasons = (*reasons, lost) if reasons else ()
    return WorkbookRow(source, sense, "; ".join(reasons), () if reasons else notes)


def incomplete(sense: Sense) -> tuple[str, ...]:
    """Return why `sense` cannot stand in the glossary; empty if it can."""
    reasons = []
    if not sense.term:
        reasons.append("no abbreviation (缩略语 is empty)")
    if not sense.english and not sense.chinese:
        reasons.append("no meaning (英文全称 and 中文解释 are both empty)")
    if sense.valid_from and sense.valid_to and sense.valid_from > sense.valid_to:
        reasons.append(f"ends ({sense.valid_to}) before it begins ({sense.valid_from})")
    return tuple(reasons)


def sense_of(values: Mapping[Field, str], source: TermSource | None = None) -> tuple[Sense, tuple[str, ...]]:
    """Make a sense of the cells of one row, with notes on what could not be taken as typed."""
    notes: list[str] = []
    made: dict[str, str] = {}
    for field in (each.name for each in fields(Sense)):
        cell = values.get(field, "")  # type: ignore[call-overload]
        clean = _UNWRITABLE.sub("", cell.replace("\r\n", "\n").replace("\r", "\n"))
        if clean != cell.replace("\r\n", "\n").replace("\r", "\n"):
            notes.append(f"control characters left out of {EXPORTED.get(field, field)}")  # type: ignore[call-overload]
        made[field] = clean
    sense = Sense(
        term=made["term"].strip(),
        english=made["english"].strip(),
        chinese=made["chinese"].strip(),
        number=made["number"].strip(),
        department=made["department"].strip(),
        note=made["note"].strip(),
        aliases=_split(made["aliases"], _ALIAS_SEPARATORS),
        examples=_split(made["examples"], None),
        valid_from=_date(made["valid_from"], "valid_from", notes),
        valid_to=_date(made["valid_to"], "valid_to", notes),
        source=source,
    )
    missing = [name for name, value in (("英文全称", sense.english), ("中文解释", sense.chinese)) if not value]
    if len(missing) == 1:
        notes.append(f"{missing[0]} is empty")
    return sense, tuple(notes)


def _split(cell: str, separators: re.Pattern[str] | None) -> tuple[str, ...]:
    parts = cell.split("\n") if "\n" in cell or separators is None else separators.split(cell)
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _date(cell: str, field: str, notes: list[str]) -> str:
    """Return a date cell as ISO; one that cannot be read gives no limit and a note."""
    typed = cell.strip()
    if not typed:
        return ""
    match = _DATE.fullmatch(typed)
    parts = [int(group) for group in match.groups() if group] if match else []
    if parts and _is_day(parts):
        return "{:04d}-{:02d}-{:02d}".format(*parts)
    notes.append(f"{EXPORTED.get(field, field)} {typed!r} is not a date such as 2026-01-31; no limit set")  # type: ignore[call-overload]
    return ""


def _is_day(parts: Sequence[int]) -> bool:
    from datetime import date

    try:
        date(*parts)
    except ValueError:
        return False
    return True
