"""The text of WordprocessingML: paragraphs with fields, revisions, symbols and text boxes taken rightly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.parsers.package import attribute, child, children, descendants, local

if TYPE_CHECKING:
    from collections.abc import Iterator

# Content that is not part of the text as read: deletions, the source of moves, instructions, properties.
_SKIPPED = frozenset({"del", "moveFrom", "instrText", "delText", "delInstrText", "pPr", "rPr", "sdtPr", "Fallback",
                      "txbxContent", "rt", "fldData"})  # fmt: skip
_PLAIN = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}


def paragraph_text(paragraph: Any) -> str:
    """The text of a paragraph as its reader sees it: insertions in, deletions and field codes out."""
    parts: list[str] = []
    _collect(paragraph, parts)
    return "".join(parts)


def _collect(element: Any, parts: list[str]) -> None:
    for node in element:
        name = local(node)
        if name in _SKIPPED:
            continue
        if name == "t":
            parts.append(node.text or "")
        elif name in _PLAIN:
            parts.append(_PLAIN[name])
        elif name == "sym":
            parts.append(_symbol(node))
        elif name == "r" and _hidden(node):
            continue
        else:
            _collect(node, parts)


def _symbol(node: Any) -> str:
    code = attribute(node, "char") or ""
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    # Symbol fonts live in the private use area; check marks are the ones that carry meaning.
    return {0xF0FE: "☑", 0xF052: "☑", 0xF0A8: "☐", 0xF0A3: "☐", 0xF0FC: "✓", 0xF0FB: "✗", 0xF0B7: "•"}.get(
        number, "" if 0xE000 <= number <= 0xF8FF else chr(number) if number < 0x110000 else ""
    )


def _hidden(run: Any) -> bool:
    """Web-hidden runs hold the page numbers of a table of contents; other hidden text is kept."""
    return child(run, "rPr", "webHidden") is not None


def text_boxes(paragraph: Any) -> Iterator[Any]:
    """The contents of text boxes anchored in a paragraph, once each (not the copy for old programs)."""
    for box in descendants(paragraph, "txbxContent"):
        above = [local(node) for node in box.iterancestors()]
        if "Fallback" not in above:
            yield box


def body_items(container: Any) -> Iterator[Any]:
    """Paragraphs and tables in order, looking into content controls, insertions and the like."""
    for node in container:
        name = local(node)
        if name in ("p", "tbl"):
            yield node
        elif name in (
            "sdt",
            "sdtContent",
            "ins",
            "moveTo",
            "smartTag",
            "customXml",
            "AlternateContent",
            "Choice",
        ):
            yield from body_items(node)


def deleted_mark(paragraph: Any) -> bool:
    """Whether the paragraph's end was deleted in a revision, so that it runs into the next one."""
    return child(paragraph, "pPr", "rPr", "del") is not None


def row_cells(row: Any) -> list[Any]:
    """The cells of a table row, looking into content controls."""
    cells: list[Any] = []
    for node in row:
        if local(node) == "tc":
            cells.append(node)
        elif local(node) in ("sdt", "sdtContent", "customXml", "ins"):
            cells.extend(row_cells(node))
    return cells


def table_rows(table: Any) -> list[Any]:
    """The rows of a table that were not deleted in a revision."""
    rows: list[Any] = []
    for node in table:
        if local(node) == "tr" and child(node, "trPr", "del") is None:
            rows.append(node)
        elif local(node) in ("sdt", "sdtContent", "customXml", "ins"):
            rows.extend(table_rows(node))
    return rows


def cell_text(cell: Any) -> str:
    """The text of a table cell: its paragraphs on lines, nested tables as lines of cells."""
    lines: list[str] = []
    for item in body_items(cell):
        if local(item) == "p":
            lines.append(paragraph_text(item))
            lines.extend(cell_text(box) for box in text_boxes(item))
        else:
            lines += [" ".join(cell_text(c) for c in row_cells(row)) for row in table_rows(item)]
    return "\n".join(line for line in lines if line.strip())


def properties(element: Any, kind: str, name: str) -> str | None:
    """The value of one property of a cell or paragraph, as `w:gridSpan` in `w:tcPr`."""
    node = child(element, kind, name)
    return None if node is None else (attribute(node, "val") or "")


def notes(root: Any | None, tag: str) -> Iterator[str]:
    """The texts of footnotes, endnotes or comments, without the separators."""
    for note in children(root, tag):
        if (attribute(note, "type") or "normal") == "normal":
            text = cell_text(note)
            if text.strip():
                yield text
