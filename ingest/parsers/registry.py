"""Which parser reads which format: a new format is one file in this package and one line here."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

from ingest.errors import UnsupportedError
from ingest.parsers.sniff import sniff

if TYPE_CHECKING:
    from ingest.parsers.source import Parser, Source
    from ingest.types import Parsed


@dataclass(frozen=True, slots=True)
class Format:
    """A format that is read: its name, the module of this package that reads it, and the usual extensions."""

    name: str
    module: str
    extensions: tuple[str, ...]


FORMATS = (
    Format("pdf", "pdf", ("pdf",)),
    Format("docx", "docx", ("docx", "docm", "dotx", "dotm")),
    Format("pptx", "pptx", ("pptx", "pptm", "ppsx", "ppsm", "potx")),
    Format("xlsx", "xlsx", ("xlsx", "xlsm", "xltx", "xltm")),
    Format("xls", "xls", ("xls", "xlt", "et")),
    Format("xmlspreadsheet", "xmlspreadsheet", ()),
    Format("doc", "doc", ("doc", "dot", "wps")),
    Format("ppt", "ppt", ("ppt", "pps", "dps")),
    Format("csv", "delimited", ("csv", "tsv", "tab")),
    Format("markdown", "markdown", ("md", "markdown")),
    Format("html", "html", ("html", "htm", "xhtml", "mhtml", "mht")),
    Format("eml", "mail", ("eml",)),
    Format("msg", "outlook", ("msg",)),
    Format("opendocument", "opendocument", ("odt", "ods", "odp", "ott", "ots", "otp")),
    Format("epub", "epub", ("epub",)),
    Format("rtf", "rtf", ("rtf",)),
    Format("image", "image", ("png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "webp")),
    Format(
        "text",
        "text",
        ("txt", "text", "log", "rst", "json", "jsonl", "xml", "yaml", "yml", "ini", "toml", "sql"),
    ),
)
_BY_NAME = {known.name: known for known in FORMATS}
_BY_EXTENSION = {extension: known for known in FORMATS for extension in known.extensions}


def parser_for(source: Source) -> Parser:
    """The parser for a file, by its content and then by its extension.

    Raises UnsupportedError, with what to do, for a kind of file that is not read, and EncryptedError.
    """
    if not source.data:
        raise UnsupportedError("is empty: nothing to read")
    by_extension = _BY_EXTENSION.get(source.extension)
    name = sniff(source, by_extension.name if by_extension else "")
    module = import_module(f"ingest.parsers.{_BY_NAME[name].module}")
    return cast("Parser", module.parse)


def parse(source: Source) -> Parsed:
    """Reads a file of any known format. Raises FileProblemError."""
    return parser_for(source)(source)
