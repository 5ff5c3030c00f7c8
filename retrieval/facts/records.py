"""Grids, tables, rows and corrections as records of the database, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from retrieval.facts.normalize import fold
from retrieval.facts.types import Column, Correction, GridCell, StoredTable, Table, TableRow
from retrieval.facts.values import comparable

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_LOOKUP = 200


def pack_cell(cell: GridCell) -> str | list[str | None]:
    if cell.typed is None and cell.kind == "text" and cell.merged_from is None:
        return cell.text
    return [cell.text, cell.typed, cell.kind, cell.merged_from]


def unpack_cell(value: str | list[Any]) -> GridCell:
    return GridCell(value) if isinstance(value, str) else GridCell(value[0], value[1], value[2], value[3])


def records_of_cells(
    row_id: int, table_number: int, raw: list[GridCell], columns: tuple[Column, ...]
) -> Iterator[tuple[int, int, int, str, float | None]]:
    """The records of a row's cells: row id, position, table number, folded text and number."""
    for position, (cell, column) in enumerate(zip(raw, columns, strict=True)):
        if not cell.text or len(cell.text) > _LONGEST_LOOKUP:
            continue
        yield row_id, position, table_number, fold(cell.text), comparable(cell.text, column.kind, cell.typed)


def record_of_column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "index": column.index,
        "kind": column.kind,
        "unit": column.unit,
        "key": column.key,
    }


def read_correction(content: str) -> Correction:
    record = orjson.loads(content)
    for field in ("header_rows", "key_columns"):
        record[field] = None if record[field] is None else tuple(record[field])
    record["column_names"] = tuple((int(i), str(n)) for i, n in record["column_names"])
    return Correction(**record)


def read_table(record: Any, owners: dict[str, tuple[str, ...]]) -> StoredTable:
    head = orjson.loads(record.head)
    columns = tuple(Column(**column) for column in orjson.loads(record.columns))
    table = Table(
        id=record.id, document_id=record.document_id, name=record.name, columns=columns,
        header_rows=tuple(orjson.loads(record.header_rows)), row_count=record.row_count,
        sheet=head["sheet"], page=head["page"], slide=head["slide"], notes=tuple(orjson.loads(record.notes)),
    )  # fmt: skip
    return StoredTable(
        table, record.number, record.document, record.source, owners.get(record.document_id, ()), str(record.modified or ""),
        head["first_column"], record.ordinal, tuple(head["headings"]), record.title or "",
        record.grid, tuple(head.get("hidden_columns", ())),
    )  # fmt: skip


def read_row(record: Any) -> TableRow:
    anchors = tuple((int(i), str(a)) for i, a in orjson.loads(record.anchors)) if record.anchors else ()
    return TableRow(
        record.id,
        record.table_number,
        record.row_number,
        tuple(orjson.loads(record.cells)),
        record.hidden,
        anchors,
        record.summary,
    )
