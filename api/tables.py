"""Tables for the doors: how each was understood, and a person's corrections of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from api.errors import NotFoundError
from api.schemas import TableSchema
from retrieval.facts.errors import BadCorrectionError
from retrieval.facts.normalize import fold, letters_of
from retrieval.facts.types import Correction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from api.wiring import Application
    from retrieval.facts.types import Column, StoredTable

_SHOWN_ROWS = 5


class CorrectionSchema(BaseModel):
    """What a person said about one table; columns count from 1."""

    source: str
    table: str
    ordinal: int
    header_rows: list[int] | None
    key_columns: list[int] | None
    column_names: dict[int, str]

    @classmethod
    def of(cls, correction: Correction) -> CorrectionSchema:
        """Show a correction."""
        return cls(
            source=correction.source,
            table=correction.table,
            ordinal=correction.ordinal,
            header_rows=None if correction.header_rows is None else list(correction.header_rows),
            key_columns=None if correction.key_columns is None else [p + 1 for p in correction.key_columns],
            column_names={place + 1: name for place, name in correction.column_names},
        )


class TableDetailSchema(TableSchema):
    """A table as it was understood, with what surrounds it and its first rows."""

    source: str
    slide: int | None
    key_columns: list[str]
    notes: list[str]
    hidden_rows: list[int]
    hidden_columns: list[str]
    sample: list[list[str]]
    correction: CorrectionSchema | None


class CorrectionRequest(BaseModel):
    """A correction: only what is given is changed. Columns are named by header, by number from 1, or by letter."""

    model_config = {"extra": "forbid"}

    header_rows: list[int] | None = Field(None, description="row numbers as in the file; [] says: no header")
    key_columns: list[str] | None = Field(None, description="the columns that name the rows")
    rename: dict[str, str] = Field(default_factory=dict, description="old name to new name")


@dataclass(frozen=True, slots=True)
class Change:
    """The parts of a correction as a door was given them."""

    header_rows: tuple[int, ...] | None = None
    key_columns: tuple[str, ...] | None = None
    rename: Mapping[str, str] | None = None


def find_table(application: Application, table_id: str, groups: frozenset[str] | None) -> StoredTable:
    """The table with this id, or with an id that begins so. Raises NotFoundError where `groups` may see none."""
    found = [t for t in application.fact_store.tables(groups) if table_id and t.table.id.startswith(table_id)]
    exact = [t for t in found if t.table.id == table_id]
    if len(exact or found) != 1:
        raise NotFoundError("table", table_id)
    return (exact or found)[0]


def detail(application: Application, stored: StoredTable) -> TableDetailSchema:
    """How one table was understood."""
    store, table = application.fact_store, stored.table
    correction = store.correction(stored.source, stored.grid, stored.ordinal)
    return TableDetailSchema(
        **TableSchema.of(stored).model_dump(),
        source=stored.source,
        slide=table.slide,
        key_columns=[column.name for column in table.columns if column.key],
        notes=list(table.notes),
        hidden_rows=list(store.hidden_rows(stored.number)),
        hidden_columns=[
            f"{letters_of(number)} {column.name}"
            for column in table.columns
            if (number := stored.first_column + column.index) in stored.hidden_columns
        ],
        sample=[list(row.cells) for row in store.table_rows(stored.number, limit=_SHOWN_ROWS)],
        correction=CorrectionSchema.of(correction) if correction else None,
    )


def correct(application: Application, stored: StoredTable, change: Change) -> StoredTable:
    """Keeps a correction and returns the table as it is understood now.

    Raises BadCorrectionError where it names a row or column that is not there.
    """
    store = application.fact_store
    known = store.correction(stored.source, stored.grid, stored.ordinal)
    correction = known or Correction(stored.source, stored.grid, stored.ordinal)
    if change.header_rows is not None:
        correction = replace(correction, header_rows=change.header_rows)
    columns = store.columns_with(correction)
    if change.rename:
        new = {_position(correction, columns, stored, old): name for old, name in change.rename.items()}
        correction = replace(correction, column_names=tuple((dict(correction.column_names) | new).items()))
        columns = store.columns_with(correction)
    if change.key_columns is not None:
        keys = tuple(_position(correction, columns, stored, name) for name in change.key_columns)
        correction = replace(correction, key_columns=keys)
    tables = store.correct(correction)
    application.rows.catch_up()
    return next(t for t in tables if (t.grid, t.ordinal) == (stored.grid, stored.ordinal))


def forget(application: Application, stored: StoredTable) -> bool:
    """Takes the correction of a table back; returns whether there was one."""
    done = application.fact_store.forget(stored.source, stored.grid, stored.ordinal)
    application.rows.catch_up()
    return done


def _position(correction: Correction, columns: Sequence[Column], stored: StoredTable, name: str) -> int:
    """The place of a column that a person names by its header, its number from 1, or its letter in the file."""
    for place, column in enumerate(columns):
        if fold(column.name) == fold(name):
            return place
    for place, column in enumerate(columns):
        if name.strip().upper() in {str(place + 1), letters_of(stored.first_column + column.index)}:
            return place
    raise BadCorrectionError(correction, f"column {name!r}", ", ".join(column.name for column in columns))


def readable(shown: Mapping[str, Any]) -> str:
    """A table's details as a person at a terminal reads them."""
    place = ", ".join(str(part) for part in (shown["sheet"], shown["page"] and f"p. {shown['page']}") if part)
    lines = [
        f"{shown['document']}{f' ({place})' if place else ''} · {shown['name']}: {shown['rows']} rows",
        f"  id          {shown['table_id']}",
        f"  header rows {', '.join(map(str, shown['header_rows'])) or 'none'}",
        f"  key         {', '.join(shown['key_columns']) or 'none'}",
    ]
    for number, column in enumerate(shown["columns"], 1):
        unit = f" ({column['unit']})" if column["unit"] else ""
        lines.append(
            f"  column {number:<4} {column['name']}{unit}: {column['kind']}{', key' if column['key'] else ''}"
        )
    for label, key in (("notes", "notes"), ("hidden rows", "hidden_rows"), ("hidden cols", "hidden_columns")):
        if shown[key]:
            lines.append(f"  {label:<11} {'; '.join(map(str, shown[key]))}")
    lines += [f"  row         {' | '.join(row)}" for row in shown["sample"]]
    if shown["correction"]:
        lines.append("  corrected by a person; `termroute facts undo ID` takes it back")
    return "\n".join(lines)
