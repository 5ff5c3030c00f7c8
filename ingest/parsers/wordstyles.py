"""What the styles of a Word document say about a paragraph: its name, its heading level, its list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ingest.parsers.package import attribute, child, descendants

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADING = re.compile(r"^(?:heading|标题|überschrift|titre|título|titolo)\s*(\d)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Style:
    """One paragraph style; `number` is the list that it brings, `depth` the level in it."""

    name: str = ""
    outline: int | None = None
    number: str | None = None
    depth: int | None = None
    parent: str = ""


@dataclass(frozen=True, slots=True)
class ListPlace:
    """The list of a paragraph and its depth there, 0 is outermost."""

    number: str
    depth: int


class Styles:
    """The paragraph styles of one document by their ids."""

    def __init__(self, root: Any | None) -> None:
        self._styles = {
            identifier: _style(node)
            for node in descendants(root, "style")
            if (identifier := attribute(node, "styleId"))
        }

    def name(self, identifier: str) -> str:
        """The name of a style in lower case; its id where it is not defined."""
        style = self._styles.get(identifier)
        return (style.name if style else identifier).lower()

    def heading_level(self, paragraph: Any, identifier: str) -> int | None:
        """The depth of a heading, 1 is outermost; None for body text."""
        own = child(paragraph, "pPr", "outlineLvl")
        if own is not None:
            return _level(attribute(own, "val"))
        for style in self._chain(identifier):
            named = _HEADING.match(style.name)
            if named:
                return int(named.group(1)) or 1
            if style.outline is not None:
                return style.outline
        named = _HEADING.match(identifier)
        return int(named.group(1)) if named else None

    def list_place(self, paragraph: Any, identifier: str) -> ListPlace | None:
        """The list that a paragraph belongs to by itself or by its style; None where it is in none."""
        number, depth = _numbering(child(paragraph, "pPr"))
        for style in self._chain(identifier):
            number = style.number if number is None else number
            depth = style.depth if depth is None else depth
        if number is None:
            return ListPlace("", 0) if "list" in identifier.lower() else None
        return ListPlace(number, depth or 0) if number != "0" else None

    def _chain(self, identifier: str) -> Iterator[Style]:
        """A style and those that it is based on."""
        seen: set[str] = set()
        while identifier in self._styles and identifier not in seen:
            seen.add(identifier)
            yield self._styles[identifier]
            identifier = self._styles[identifier].parent


def _style(node: Any) -> Style:
    number, depth = _numbering(child(node, "pPr"))
    outline = child(node, "pPr", "outlineLvl")
    return Style(
        (_value(node, "name") or "").strip(),
        _level(attribute(outline, "val")) if outline is not None else None,
        number,
        depth,
        _value(node, "basedOn") or "",
    )


def _numbering(properties: Any | None) -> tuple[str | None, int | None]:
    numbering = child(properties, "numPr")
    depth = _value(numbering, "ilvl")
    return _value(numbering, "numId"), int(depth) if depth and depth.isdigit() else None


def _value(element: Any | None, name: str) -> str | None:
    node = child(element, name)
    return None if node is None else attribute(node, "val")


def _level(value: str | None) -> int | None:
    """A heading level from an outline level; 9 means body text."""
    return int(value) + 1 if value and value.isdigit() and int(value) < 9 else None
