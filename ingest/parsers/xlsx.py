"""Reads Excel workbooks (.xlsx, .xlsm, .xltx): sheets as grids, cells exactly as shown or typed.

The XML is read here rather than by openpyxl because the digits as written, formulas without a result, and
workbooks with broken styles are all needed; `tests/ingest/parsers/test_xlsx.py` compares with openpyxl.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.errors import UnreadableError
from ingest.parsers.numberformat import BUILT_IN
from ingest.parsers.package import Package, attribute, child, children, core_title, descendants, iterate_xml
from ingest.parsers.sheet import Strings, hidden_parts, place_of, read_formats, read_sheet, rich_text, to_grid
from ingest.types import Block, Parsed
from retrieval.facts.types import GridCell
from retrieval.types import Location

if TYPE_CHECKING:
    from ingest.parsers.sheet import SheetData
    from ingest.parsers.source import Source
    from retrieval.facts.types import Grid

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHOWN = 5
_MISSING = "sheet {} is missing from the file: open the workbook in Excel and look for it"


def parse(source: Source) -> Parsed:
    """Reads all sheets, hidden ones too. Raises UnreadableError where the workbook part is missing or broken."""
    package = Package(source)
    return _Workbook(package).read(source)


class _Workbook:
    """One workbook while it is read."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._part = next(iter(package.related("", "officeDocument")), "xl/workbook.xml")
        self._blocks: list[Block] = []
        self._grids: list[Grid] = []
        self._warnings: list[str] = []

    def read(self, source: Source) -> Parsed:
        root = self._package.xml(self._part)
        sheets = children(child(root, "sheets"), "sheet")
        if root is None or not sheets:
            raise UnreadableError("is damaged (no list of sheets): open it in Excel and save it again")
        strings = self._strings(root)
        relations = self._package.relations(self._part)
        for position, node in enumerate(sheets, 1):
            relation = relations.get(attribute(node, "id") or "")
            name = node.get("name") or f"Sheet{position}"
            if relation is None:
                self._warnings.append(_MISSING.format(name))
            elif relation.kind in ("worksheet", "xlMacrosheet"):
                self._sheet(relation.target, name, strings)
                if (node.get("state") or "visible") != "visible":
                    self._warnings.append(f"sheet {name} is hidden in the workbook; it was read")
        title = core_title(self._package) or source.stem
        return Parsed(
            title, tuple(self._blocks), tuple(self._grids), len(sheets), MEDIA_TYPE, tuple(self._warnings)
        )

    def _strings(self, root: Any) -> Strings:
        shared: list[GridCell] = []
        for part in self._package.related(self._part, "sharedStrings")[:1]:
            stream = self._package.open(part)
            if stream is not None:
                with stream:
                    shared = [GridCell(rich_text(item)) for item in iterate_xml(stream, ("si",))]
        formats: list[str] = []
        for part in self._package.related(self._part, "styles")[:1]:
            formats = read_formats(self._package.optional_xml(part), BUILT_IN)
        properties = child(root, "workbookPr")
        epoch = properties is not None and attribute(properties, "date1904") in ("1", "true")
        return Strings(shared, formats, epoch)

    def _sheet(self, part: str, name: str, strings: Strings) -> None:
        stream = self._package.open(part)
        if stream is None:
            self._warnings.append(_MISSING.format(name))
            return
        with stream:
            data = read_sheet(stream, strings)
        grid, cut = to_grid(name, data)
        if grid is not None:
            self._add_grid(grid)
        if cut:
            self._warnings.append(
                f"sheet {name} is too large: only its first {len(grid.rows) if grid else 0} rows"
            )
        self._warn(name, data)
        self._warnings += hidden_parts(name, data, grid)
        self._comments(part, name)
        self._drawings(part, name)

    def _add_grid(self, grid: Grid) -> None:
        self._blocks.append(Block("", "table", 0, place_of(grid), len(self._grids)))
        self._grids.append(grid)

    def _warn(self, name: str, data: SheetData) -> None:
        missing = len(data.uncalculated)
        if missing:
            shown = ", ".join(data.uncalculated[:_SHOWN]) + (" …" if missing > _SHOWN else "")
            self._warnings.append(
                f"sheet {name}: {missing} formulas have no stored result ({shown}) and were read as empty:"
                " open the workbook in Excel and save it"
            )

    def _comments(self, part: str, name: str) -> None:
        for target in self._package.related(part, "comments"):
            for comment in descendants(self._package.optional_xml(target), "comment"):
                text = "".join(t.text or "" for t in descendants(comment, "t")).strip()
                if text:
                    self._blocks.append(Block(text, "notes", 0, Location(sheet=name, cell=comment.get("ref"))))

    def _drawings(self, part: str, name: str) -> None:
        """Text boxes that lie on the sheet."""
        for target in self._package.related(part, "drawing"):
            for body in descendants(self._package.optional_xml(target), "txBody"):
                lines = ["".join(t.text or "" for t in descendants(p, "t")) for p in children(body, "p")]
                text = "\n".join(line for line in lines if line.strip())
                if text:
                    self._blocks.append(Block(text, "paragraph", 0, Location(sheet=name)))
