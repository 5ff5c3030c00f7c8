"""Opens zip packages (Office Open XML, OpenDocument, EPUB) and their XML safely: limits, no DTD, no entities."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from lxml import etree

from ingest.errors import EncryptedError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from ingest.parsers.source import Source

# A member that grows this much is a bomb; office XML rarely grows thirtyfold. Small members may do as they like.
_MAX_RATIO = 1_000
_RATIO_FREE = 32 * 1024 * 1024
_MAX_MEMBERS = 100_000
# What programs write into the title when its author wrote nothing.
_NO_TITLE = re.compile(
    r"^(?:(?:Microsoft )?PowerPoint.?(?:Presentation|presentatie|Präsentation| 演示文稿)|演示文稿\s*\d*|幻灯片\s*\d+|Slide \d+|"
    r"Presentation\s*\d*|Document\s*\d*|文档\s*\d*|无标题|Untitled|Title)$",
    re.IGNORECASE,
)
# Nothing is expanded and nothing fetched.
_SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "remove_comments": True,
    "remove_pis": True,
}
_DAMAGED = "is damaged ({}): open it in the program that made it and save it again"


@dataclass(frozen=True, slots=True)
class Relation:
    """One relationship of a part: the last word of its type, and the part it points to (or a URL outside)."""

    id: str
    kind: str
    target: str
    external: bool = False


class Package:
    """A zip file whose members are read by name, in any letter case, within the limits of `source`."""

    def __init__(self, source: Source) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(source.data))
            infos = self._zip.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
            raise UnreadableError(_DAMAGED.format(f"its zip structure cannot be read: {error}")) from error
        self._limit = source.settings.max_unpacked_size
        self._check(infos)
        self._members = {_folded(info.filename): info for info in infos}

    def _check(self, infos: list[zipfile.ZipInfo]) -> None:
        total = sum(info.file_size for info in infos)
        swollen = [
            info.filename
            for info in infos
            if info.file_size > max(_RATIO_FREE, _MAX_RATIO * max(1, info.compress_size))
        ]
        if len(infos) > _MAX_MEMBERS or total > self._limit or swollen:
            raise UnreadableError(
                f"unpacks to {total:,} bytes in {len(infos):,} parts, which looks like a zip bomb:"
                " split the document, or raise the setting ingest.max_unpacked_size"
            )

    def names(self) -> list[str]:
        """The names of all members as written in the package."""
        return [info.filename for info in self._members.values()]

    def __contains__(self, name: str) -> bool:
        return _folded(name) in self._members

    def read(self, name: str) -> bytes | None:
        """The bytes of a member; None where it is missing. Raises UnreadableError where it is damaged."""
        member = self.open(name)
        if member is None:
            return None
        try:
            with member:
                data = member.read(self._limit + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise UnreadableError(_DAMAGED.format(f"{name}: {error}")) from error
        if len(data) > self._limit:
            raise UnreadableError(
                f"its part {name} is larger than ingest.max_unpacked_size: split the document"
            )
        return data

    def open(self, name: str) -> IO[bytes] | None:
        """A member as a stream, for parts that are too large to hold; None where it is missing."""
        info = self._members.get(_folded(name))
        if info is None:
            return None
        if info.flag_bits & 0x1:
            raise EncryptedError
        try:
            return self._zip.open(info)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
            raise UnreadableError(_DAMAGED.format(f"{name}: {error}")) from error

    def xml(self, name: str) -> Any | None:
        """The root element of an XML member; None where it is missing or empty. Raises UnreadableError when broken."""
        data = self.read(name)
        if not data or not data.strip():
            return None
        return parse_xml(data, name)

    def optional_xml(self, name: str) -> Any | None:
        """As `xml`, for a part that the text can do without: None where it is broken as well."""
        try:
            return self.xml(name)
        except UnreadableError:
            return None

    def relations(self, part: str) -> dict[str, Relation]:
        """The relationships of a part (empty name: of the package) by their ids; broken ones are left out."""
        folder, base = posixpath.split(part)
        root = self.optional_xml(posixpath.join(folder, "_rels", f"{base}.rels"))
        found: dict[str, Relation] = {}
        for node in children(root, "Relationship"):
            identifier, target = node.get("Id"), node.get("Target")
            if identifier and target:
                external = node.get("TargetMode") == "External"
                kind = (node.get("Type") or "").rstrip("/").rsplit("/", 1)[-1]
                found[identifier] = Relation(
                    identifier, kind, target if external else _resolve(folder, target), external
                )
        return found

    def related(self, part: str, kind: str) -> list[str]:
        """The parts of one kind that `part` points to and that exist."""
        return [
            relation.target
            for relation in self.relations(part).values()
            if relation.kind == kind and not relation.external and relation.target in self
        ]


def _folded(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _resolve(folder: str, target: str) -> str:
    target = unquote(target).replace("\\", "/")
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def parse_xml(data: bytes, name: str = "XML") -> Any:
    """The root element of a document, with entities left alone and nothing fetched. Raises UnreadableError when broken.

    A part that is cut short or has stray bytes gives what could be read of it.
    """
    try:
        return etree.fromstring(data, _parser(recover=False))
    except (etree.XMLSyntaxError, ValueError):
        pass
    try:
        root = etree.fromstring(data, _parser(recover=True))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError(_DAMAGED.format(f"{name}: {error}")) from error
    if root is None:
        raise UnreadableError(_DAMAGED.format(f"{name} is no XML"))
    return root


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(recover=recover, **_SAFE)


def iterate_xml(stream: IO[bytes], tags: tuple[str, ...]) -> Iterator[Any]:
    """The elements with these local names as they end, in document order; each is emptied after it was used."""
    wanted = tuple(f"{{*}}{tag}" for tag in tags)
    events = etree.iterparse(
        stream,
        events=("end",),
        tag=wanted,
        recover=True,
        **_SAFE,
    )
    try:
        for _, element in events:
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except (etree.XMLSyntaxError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise UnreadableError(_DAMAGED.format(str(error))) from error


@lru_cache(maxsize=8192)
def _local_name(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def local(element: Any) -> str:
    """The name of an element without its namespace; empty for what is no element."""
    tag = element.tag
    return _local_name(tag) if isinstance(tag, str) else ""


def attribute(element: Any, name: str) -> str | None:
    """An attribute by its local name, whatever its namespace."""
    value = element.get(name)
    if value is not None:
        return str(value)
    for key, other in element.attrib.items():
        if key.rsplit("}", 1)[-1] == name:
            return str(other)
    return None


def children(element: Any | None, *names: str) -> list[Any]:
    """The direct children with one of these local names."""
    return [] if element is None else [child for child in element if local(child) in names]


def child(element: Any | None, *path: str) -> Any | None:
    """The first element found by going down this path of local names; None where there is none."""
    for name in path:
        if element is None:
            return None
        element = next((node for node in element if local(node) == name), None)
    return element


def descendants(element: Any | None, *names: str) -> Iterator[Any]:
    """All elements below with one of these local names, in document order."""
    if element is not None:
        yield from element.iter(*(f"{{*}}{name}" for name in names))


def flag(element: Any | None) -> bool:
    """An OOXML on/off element: present, and not switched off by its `val`."""
    return element is not None and (attribute(element, "val") or "1").lower() not in (
        "0",
        "false",
        "off",
        "none",
    )


def core_title(package: Package) -> str:
    """The title in the document properties; empty where there is none."""
    for part in (*package.related("", "core-properties"), "docProps/core.xml"):
        title = child(package.optional_xml(part), "title")
        text = re.sub(r"\s+", " ", title.text or "").strip() if title is not None else ""
        if text and not _NO_TITLE.match(text):
            return text
    return ""
