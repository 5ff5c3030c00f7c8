"""`termroute facts`: exact values, the tables as they were understood, and corrections of them."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from api.terminal import Json, Text, emit, open_application, out

commands = typer.Typer(no_args_is_help=True, help="The exact-fact lane alone.")
_PAGE = 50


@commands.command("query")
def query_facts(
    question: Text,
    page: Annotated[int, typer.Option(min=1, help="Which page of 50 rows of a list.")] = 1,
    offset: Annotated[int | None, typer.Option(min=0, help="The first row to show, instead of a page.")] = None,
    as_json: Json = False,
) -> None:
    """Look an exact value up."""
    from api.schemas import FactResultSchema

    start = offset if offset is not None else (page - 1) * _PAGE
    with open_application() as application:
        shown = FactResultSchema.of(question, application.find_facts(question, None, start)).model_dump()
    emit([shown]) if as_json else out(json.dumps(shown, ensure_ascii=False, indent=2))


@commands.command("tables")
def list_tables(
    table_id: Annotated[str | None, typer.Argument(help="Id of one table, or how it begins.")] = None,
    as_json: Json = False,
) -> None:
    """Show the tables as they were understood; one of them in full."""
    from api import tables
    from api.schemas import TableSchema

    with open_application() as application:
        if table_id is not None:
            shown = tables.detail(application, tables.find_table(application, table_id, None)).model_dump()
            emit([shown]) if as_json else out(tables.readable(shown))
            return
        listed = [TableSchema.of(stored).model_dump() for stored in application.tables()]
    if as_json:
        emit(listed)
        return
    for item in listed:
        names = ", ".join(column["name"] + ("*" if column["key"] else "") for column in item["columns"])
        out(f"{item['table_id'][:8]}  {item['document']} · {item['name']}: {item['rows']} rows: {names}")


@commands.command("correct")
def correct_table(
    table_id: Annotated[str, typer.Argument(help="Id of the table, or how it begins.")],
    header_row: Annotated[
        list[int] | None, typer.Option(help="Number of a header row as in the file; may be given again.")
    ] = None,
    no_header: Annotated[bool, typer.Option("--no-header", help="The table has no header.")] = False,
    key_columns: Annotated[
        list[str] | None,
        typer.Option("--key-columns", "--key-column", help="Columns that name the rows, parted by commas."),
    ] = None,
    rename: Annotated[list[str] | None, typer.Option(help="OLD=NEW; may be given again.")] = None,
    as_json: Json = False,
) -> None:
    """Correct how a table was understood; the correction survives when the file is read again."""
    from api import tables

    pairs = [entry.partition("=") for entry in rename or ()]
    if any(not old.strip() or not new.strip() for old, _, new in pairs):
        raise typer.BadParameter("give OLD=NEW", param_hint="--rename")
    rows: tuple[int, ...] | None = () if no_header else tuple(header_row) if header_row else None
    keys = tuple(name.strip() for entry in key_columns or () for name in entry.split(",") if name.strip())
    if rows is None and not keys and not pairs:
        raise typer.BadParameter("give --header-row, --no-header, --key-columns or --rename")
    change = tables.Change(rows, keys or None, {old.strip(): new.strip() for old, _, new in pairs})
    with open_application() as application:
        stored = tables.correct(application, tables.find_table(application, table_id, None), change)
        shown = tables.detail(application, stored).model_dump()
    emit([shown]) if as_json else out(tables.readable(shown))


@commands.command("undo")
def undo_correction(
    table_id: Annotated[str, typer.Argument(help="Id of the table, or how it begins.")], as_json: Json = False
) -> None:
    """Take the correction of a table back; it is read as found again."""
    from api import tables

    with open_application() as application:
        stored = tables.find_table(application, table_id, None)
        tables.forget(application, stored)
        shown = tables.detail(application, tables.find_table(application, stored.table.id, None)).model_dump()
    emit([shown]) if as_json else out(tables.readable(shown))


@commands.command("corrections")
def list_corrections(as_json: Json = False) -> None:
    """List all corrections."""
    from api.tables import CorrectionSchema

    with open_application() as application:
        shown = [CorrectionSchema.of(each).model_dump() for each in application.fact_store.corrections()]
    if as_json:
        emit(shown)
        return
    for item in shown:
        said = {key: item[key] for key in ("header_rows", "key_columns", "column_names") if item[key]}
        out(
            f"{item['source']} · {item['table']} ({item['ordinal'] + 1}): {json.dumps(said, ensure_ascii=False)}"
        )
