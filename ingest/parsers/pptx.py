"""Reads PowerPoint presentations (.pptx, .pptm, .ppsx): each slide's shapes, tables, charts and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.errors import UnreadableError
from ingest.parsers import attachments, charts
from ingest.parsers.grids import SpannedCell
from ingest.parsers.outline import Outline
from ingest.parsers.package import Package, attribute, child, children, core_title, descendants, local
from ingest.types import Parsed
from retrieval.types import Location

if TYPE_CHECKING:
    from ingest.parsers.source import Source

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_FURNITURE = frozenset({"sldNum", "dt", "sldImg"})
_FOOTERS = frozenset({"ftr", "hdr"})
_TITLES = frozenset({"title", "ctrTitle"})
_MAX_DEPTH = 20


def parse(source: Source) -> Parsed:
    """Reads the slides in their order. Raises UnreadableError where the presentation part is missing or broken."""
    package = Package(source)
    part = next(iter(package.related("", "officeDocument")), "ppt/presentation.xml")
    root = package.xml(part)
    if root is None:
        raise UnreadableError("is damaged (no presentation part): open it in PowerPoint and save it again")
    relations = package.relations(part)
    outline, warnings = Outline(), []
    slides = [relations.get(_relation_id(node) or "") for node in children(child(root, "sldIdLst"), "sldId")]
    for number, relation in enumerate(slides, 1):
        slide = package.optional_xml(relation.target) if relation else None
        if relation is None or slide is None:
            warnings.append(f"slide {number} is missing or damaged")
            continue
        _Slide(package, relation.target, outline, number).read(slide)
        if attribute(slide, "show") in ("0", "false"):
            warnings.append(f"slide {number} is hidden; it was read")
    title = core_title(package) or outline.first_heading() or source.stem
    parsed = Parsed(
        title, tuple(outline.blocks), tuple(outline.grids), len(slides), MEDIA_TYPE, tuple(warnings)
    )
    parts = [relation.target for relation in slides if relation]
    return attachments.append_embedded(parsed, package, parts, source)


def _relation_id(node: Any) -> str | None:
    """The `r:id` of a slide, which also has a plain `id`."""
    return next((str(value) for key, value in node.attrib.items() if key.endswith("}id")), None)


class _Slide:
    """One slide while it is read."""

    def __init__(self, package: Package, part: str, outline: Outline, number: int) -> None:
        self._package = package
        self._part = part
        self._outline = outline
        self._number = number
        self._tables = 0

    def read(self, root: Any) -> None:
        self._outline.clear_headings()
        self._outline.move(Location(slide=self._number))
        tree = child(root, "cSld", "spTree")
        shapes = list(self._shapes(tree, 0))
        # The title comes first whatever its place in the drawing order.
        shapes.sort(key=lambda shape: _placeholder(shape) not in _TITLES)
        for shape in shapes:
            self._shape(shape)
        self._related()

    def _shapes(self, tree: Any | None, depth: int) -> list[Any]:
        """The shapes in drawing order, groups opened, and one reading of alternatives."""
        found: list[Any] = []
        for node in () if tree is None or depth > _MAX_DEPTH else tree:
            name = local(node)
            if name in ("sp", "graphicFrame", "cxnSp", "pic"):
                found.append(node)
            elif name in ("grpSp", "Choice"):
                found.extend(self._shapes(node, depth + 1))
            elif name == "AlternateContent":
                found.extend(self._shapes(node, depth + 1) or self._shapes(child(node, "Fallback"), depth + 1))
        return found

    def _shape(self, shape: Any) -> None:
        kind = _placeholder(shape)
        if kind in _FURNITURE:
            return
        if kind in _FOOTERS:
            self._footer("\n".join(_lines(child(shape, "txBody"))))
            return
        table = next(descendants(shape, "tbl"), None)
        if table is not None:
            self._table(table)
        elif kind in _TITLES:
            self._outline.heading(" ".join(_lines(child(shape, "txBody"))), 1)
        else:
            self._body(child(shape, "txBody"))
            self._alternative_text(shape)

    def _footer(self, text: str) -> None:
        """A header or footer is read once, where it first stands."""
        if not any(block.kind == "notes" and block.text == text for block in self._outline.blocks):
            self._outline.add(text, "notes")

    def _body(self, body: Any | None) -> None:
        paragraphs = [(_paragraph(p), _depth(p)) for p in children(body, "p")]
        written = [(text, depth) for text, depth in paragraphs if text.strip()]
        for text, depth in written:
            if len(written) > 1:
                self._outline.add(text, "list", depth + 1)
            else:
                self._outline.add(text)

    def _alternative_text(self, shape: Any) -> None:
        if local(shape) != "pic":
            return
        described = next(descendants(shape, "cNvPr"), None)
        text = (attribute(described, "descr") or "") if described is not None else ""
        if (
            len(text) > 15
            and "\n" not in text.strip()
            and not text.lower().endswith((".png", ".jpg", ".jpeg", ".gif"))
        ):
            self._outline.add(text, "caption")

    def _table(self, table: Any) -> None:
        self._tables += 1
        rows = [[_cell(tc) for tc in children(tr, "tc") if not _covered(tc)] for tr in children(table, "tr")]
        heading = self._outline.location.headings
        name = heading[-1] if heading else f"幻灯片{self._number}表{self._tables}"
        self._outline.table(name, rows)

    def _related(self) -> None:
        for part in self._package.related(self._part, "chart"):
            self._chart(self._package.optional_xml(part))
        for part in self._package.related(self._part, "diagramData"):
            root = self._package.optional_xml(part)
            for paragraph in descendants(root, "p"):
                self._outline.add(_paragraph(paragraph), "list", 1)
        for part in self._package.related(self._part, "notesSlide"):
            tree = child(self._package.optional_xml(part), "cSld", "spTree")
            for shape in self._shapes(tree, 0):
                if _placeholder(shape) not in _FURNITURE:
                    self._outline.add("\n".join(_lines(child(shape, "txBody"))), "notes")
        for part in self._package.related(self._part, "comments"):
            for node in descendants(self._package.optional_xml(part), "text"):
                self._outline.add(node.text or "", "notes")

    def _chart(self, root: Any | None) -> None:
        """The title of a chart, and its categories and values as a table."""
        title = " ".join(_lines(child(root, "chart", "title", "tx", "rich")))
        self._outline.add(title, "caption")
        charts.add_tables(self._outline, root, title or f"幻灯片{self._number}图表")


def _placeholder(shape: Any) -> str:
    for holder in ("nvSpPr", "nvGraphicFramePr", "nvPicPr"):
        node = child(shape, holder, "nvPr", "ph")
        if node is not None:
            return attribute(node, "type") or "body"
    return ""


def _paragraph(paragraph: Any) -> str:
    parts = (
        {"br": "\n", "tab": "\t"}.get(local(node), node.text or "")
        for node in descendants(paragraph, "t", "br", "tab")
    )
    return "".join(parts).replace("\v", "\n")


def _lines(body: Any | None) -> list[str]:
    return [text for p in children(body, "p") if (text := _paragraph(p).strip())]


def _depth(paragraph: Any) -> int:
    level = child(paragraph, "pPr")
    value = level.get("lvl") if level is not None else None
    return int(value) if value and value.isdigit() else 0


def _cell(cell: Any) -> SpannedCell:
    text = "\n".join(_lines(child(cell, "txBody")))
    return SpannedCell(text, _span(cell, "gridSpan"), _span(cell, "rowSpan"))


def _span(cell: Any, name: str) -> int:
    value = cell.get(name)
    return int(value) if value and value.isdigit() else 1


def _covered(cell: Any) -> bool:
    return any(cell.get(name) in ("1", "true") for name in ("hMerge", "vMerge"))
