"""What a worker process answers, as JSON: a file that takes a worker over must not reach the program by pickle."""

from __future__ import annotations

from typing import Any

import orjson

from ingest.errors import FileProblemError, UnreadableError, UnsupportedError
from ingest.types import Extracted, Piece
from retrieval.facts.types import Grid, GridCell
from retrieval.types import Location

_FAILURES: dict[str, type[FileProblemError]] = {"failed": UnreadableError, "skipped": UnsupportedError}


def encode(outcome: Extracted | FileProblemError) -> bytes:
    """The bytes of a result or of the reason why there is none."""
    if isinstance(outcome, FileProblemError):
        return orjson.dumps({"status": outcome.status, "reason": _safe(outcome.reason)})
    return orjson.dumps(
        {
            "status": "ok",
            "title": outcome.title,
            "media_type": outcome.media_type,
            "pages": outcome.pages,
            "warnings": [_safe(warning) for warning in outcome.warnings],
            "pieces": [[piece.text, *_place(piece.location)] for piece in outcome.pieces],
            "grids": [_grid(grid) for grid in outcome.grids],
        }
    )


def decode(data: bytes) -> Extracted | FileProblemError:
    """What `encode` was given; a failure comes back as UnreadableError or UnsupportedError."""
    message: dict[str, Any] = orjson.loads(data)
    if message["status"] != "ok":
        return _FAILURES.get(message["status"], UnreadableError)(str(message["reason"]))
    return Extracted(
        str(message["title"]),
        str(message["media_type"]),
        int(message["pages"]),
        tuple(Piece(text, _location(place)) for text, *place in message["pieces"]),
        tuple(_read_grid(grid) for grid in message["grids"]),
        tuple(message["warnings"]),
    )


def _safe(text: str) -> str:
    """Errors of libraries may quote bytes of the file that are no text."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")


def _place(location: Location) -> list[Any]:
    return [location.page, location.slide, location.sheet, location.cell, list(location.headings)]


def _location(place: list[Any]) -> Location:
    page, slide, sheet, cell, headings = place
    return Location(page, slide, sheet, cell, tuple(headings))


def _grid(grid: Grid) -> dict[str, Any]:
    return {
        "name": grid.name,
        "rows": [[_cell(cell) for cell in row] for row in grid.rows],
        "row_numbers": list(grid.row_numbers),
        "first_column": grid.first_column,
        "place": [grid.sheet, grid.page, grid.slide, list(grid.headings)],
        "hidden_rows": list(grid.hidden_rows),
        "hidden_columns": list(grid.hidden_columns),
    }


def _cell(cell: GridCell) -> str | list[str | None]:
    """A plain text stays a string: most cells are, and large sheets have millions."""
    if cell.typed is None and cell.merged_from is None and cell.kind == "text":
        return cell.text
    return [cell.text, cell.typed, cell.kind, cell.merged_from]


def _read_grid(message: dict[str, Any]) -> Grid:
    sheet, page, slide, headings = message["place"]
    known: dict[str, GridCell] = {}
    rows = tuple(tuple(_read_cell(cell, known) for cell in row) for row in message["rows"])
    numbers, hidden = tuple(message["row_numbers"]), tuple(message["hidden_rows"])
    return Grid(
        message["name"], rows, numbers, message["first_column"], sheet, page, slide, tuple(headings), hidden, tuple(message["hidden_columns"]),
    )  # fmt: skip


def _read_cell(cell: Any, known: dict[str, GridCell]) -> GridCell:
    if isinstance(cell, str):
        found = known.get(cell)
        if found is None:
            found = known[cell] = GridCell(cell)
        return found
    text, typed, kind, merged_from = cell
    return GridCell(text, typed, kind, merged_from)
