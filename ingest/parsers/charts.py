"""Reads the numbers behind a chart of DrawingML, as Word and PowerPoint store them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.parsers.grids import grid_from_texts
from ingest.parsers.numberformat import show
from ingest.parsers.package import child, children, descendants, local

if TYPE_CHECKING:
    from ingest.parsers.outline import Outline

_MOST_POINTS = 5_000


def add_tables(outline: Outline, root: Any | None, name: str) -> None:
    """Adds a table for each plot of a chart: its categories, and the values of each series beside them."""
    area = child(root, "chart", "plotArea")
    for plot in () if area is None else area:
        series = children(plot, "ser")
        if series:
            outline.add_grid(grid_from_texts(name, _rows(series), outline.location))


def _rows(series: list[Any]) -> list[list[str]]:
    categories = _points(child(series[0], "cat")) or _points(child(series[0], "xVal"))
    columns = [_points(child(one, "val")) or _points(child(one, "yVal")) for one in series]
    names = [next(iter(_points(child(one, "tx")).values()), f"系列{i}") for i, one in enumerate(series, 1)]
    places = sorted({*categories, *(place for column in columns for place in column)})[:_MOST_POINTS]
    return [
        # A first row with one text only would be taken for the title of the table.
        ["类别", *names],
        *([categories.get(p, ""), *(column.get(p, "") for column in columns)] for p in places),
    ]


def _points(node: Any | None) -> dict[int, str]:
    """The cached points of a chart reference by their index, numbers as their format shows them."""
    found: dict[int, str] = {}
    for cache in descendants(node, "strCache", "strLit", "numCache", "numLit", "multiLvlStrCache"):
        written = child(cache, "formatCode")
        code = (written.text or "General") if written is not None else "General"
        for point in descendants(cache, "pt"):
            index, value = point.get("idx") or "", child(point, "v")
            if index.isdigit() and value is not None and value.text:
                shown = (
                    _shown(value.text, point.get("formatCode") or code) if "num" in local(cache) else value.text
                )
                # Of categories in several levels the innermost comes first.
                found.setdefault(int(index), shown)
    return found


def _shown(number: str, code: str) -> str:
    return show(number, code, epoch_1904=False).text or number
