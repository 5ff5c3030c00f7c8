"""Tells the format of a file by its content: magic bytes, the parts of a zip or OLE container, the look of a text."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

from ingest.errors import EncryptedError, UnreadableError, UnsupportedError
from ingest.parsers.encoding import decode, looks_binary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.parsers.source import Source

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"{\\rtf", "rtf"),
    (b"\x89PNG\r\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"BM", "bitmap"),
    (b"ID3", "media"),
    (b"OggS", "media"),
    (b"fLaC", "media"),
    (b"\x1aE\xdf\xa3", "media"),
    (b"FLV\x01", "media"),
    (b"#!AMR", "media"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "media"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ", "archive"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"SQLite format 3\x00", "database"),
)
_MEDIA_EXTENSIONS = frozenset(
    [
        "mp3",
        "wav",
        "m4a",
        "aac",
        "flac",
        "ogg",
        "wma",
        "amr",
        "mp4",
        "mov",
        "avi",
        "mkv",
        "webm",
        "flv",
        "wmv",
        "mpg",
        "mpeg",
    ]
)
_REFUSED = {
    "media": "is sound or video, which is not read: provide a transcript as text",
    "archive": "is an archive: unpack it and ingest the files",
    "program": "is a program, not a document",
    "database": "is a database file: export its tables as .csv or .xlsx",
    "xlsb": "is a binary workbook (.xlsb), which is not read: save it as .xlsx",
    "visio": "is a drawing (.vsdx), which is not read: export it as PDF",
    "iwork": "is an iWork document, which is not read: export it as .docx, .xlsx, .pptx or PDF",
}
_PACKAGES = (
    ("word/document", "docx"),
    ("xl/workbook.bin", "xlsb"),
    ("xl/workbook", "xlsx"),
    ("ppt/presentation", "pptx"),
    ("visio/document", "visio"),
    ("index/document.iwa", "iwork"),
    ("index.apxl", "iwork"),
)
_XML_SPREADSHEET = '"urn:schemas-microsoft-com:office:spreadsheet"'
_ZIPPED = frozenset({"docx", "xlsx", "pptx", "opendocument", "epub"})
_MAIN_TYPES = ((b"wordprocessingml", "docx"), (b"spreadsheetml", "xlsx"), (b"presentationml", "pptx"))
_HTML = re.compile(r"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table|meta)\b",
                   re.IGNORECASE | re.DOTALL)  # fmt: skip
_MAIL_HEADER = re.compile(
    r"^(?:Return-Path|Received|Delivered-To|Message-ID|MIME-Version|X-[\w-]+|From|Date|Subject|To|Content-Type):",
    re.I,
)
_MAIL_SURE = re.compile(r"^(?:Message-ID|MIME-Version|Received):", re.IGNORECASE | re.MULTILINE)


def sniff(source: Source, expected: str) -> str:
    """The name of the format; `expected` is what the extension says, empty where it says nothing.

    Raises UnsupportedError for known kinds that are not read, EncryptedError for locked office files, and
    UnreadableError where the extension promises a format that the content is not.
    """
    head = source.data[:4096]
    kind = _by_magic(head, source, expected)
    if kind in _REFUSED:
        raise UnsupportedError(_REFUSED[kind])
    if kind:
        return kind
    if source.extension in _MEDIA_EXTENSIONS:
        raise UnsupportedError(_REFUSED["media"])
    return _by_text(source, expected)


def _by_magic(head: bytes, source: Source, expected: str) -> str:
    if b"%PDF-" in head[:1100]:
        return "pdf"
    if head.startswith(_OLE):
        return _in_ole(source.data)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _in_zip(source.data, expected)
    if head[4:8] == b"ftyp":
        return "media"
    if head.startswith(b"RIFF"):
        return "image" if head[8:12] == b"WEBP" else "media"
    kind = next((name for magic, name in _MAGIC if head.startswith(magic)), "")
    if kind == "bitmap":
        return "image" if expected == "image" else ""
    if kind in ("program", "media") and not looks_binary(head):
        return ""
    return kind


def _in_zip(data: bytes, expected: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [name.replace("\\", "/").lower() for name in archive.namelist()]
            return _by_members(archive, names) or (expected if expected in _ZIPPED else "archive")
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, EOFError, RuntimeError):
        # A broken package is left to the parser that the extension names: it says best what is wrong.
        return expected or "archive"


def _by_members(archive: zipfile.ZipFile, names: list[str]) -> str:
    if "mimetype" in names:
        kind = archive.read(archive.namelist()[names.index("mimetype")])[:100]
        if b"epub" in kind:
            return "epub"
        if b"opendocument" in kind:
            return "opendocument"
    for prefix, name in _PACKAGES:
        if any(member.lstrip("/").startswith(prefix) for member in names):
            return name
    if "[content_types].xml" in names:
        content = archive.read(archive.namelist()[names.index("[content_types].xml")])[:200_000]
        return next((name for mark, name in _MAIN_TYPES if mark in content), "")
    return "epub" if "meta-inf/container.xml" in names else ""


def _in_ole(data: bytes) -> str:
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            streams = ["/".join(path).lower() for path in ole.listdir(streams=True, storages=True)]
    except (OSError, ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
        raise UnreadableError(
            f"is damaged ({error}): open it in the program that made it and save it again"
        ) from error
    return _by_streams(streams)


def _by_streams(streams: Iterable[str]) -> str:
    names = set(streams)
    if "encryptedpackage" in names:
        raise EncryptedError
    for stream, kind in (
        ("__properties_version1.0", "msg"),
        ("worddocument", "doc"),
        ("workbook", "xls"),
        ("book", "xls"),
        ("powerpoint document", "ppt"),
    ):
        if stream in names:
            return kind
    raise UnsupportedError("is an old container file of a kind that is not read: save it in a current format")


def _by_text(source: Source, expected: str) -> str:
    if looks_binary(source.data):
        if expected in ("", "text", "csv", "markdown", "html"):
            raise UnsupportedError("is not a document of a known kind: export it as PDF or text")
        raise UnreadableError(f"is damaged: its content is not a .{source.extension} file")
    text, _ = decode(source.data[:8192])
    if expected == "eml" or _is_mail(text, expected):
        return "eml"
    if _XML_SPREADSHEET in text and text.lstrip().startswith("<") and not _HTML.match(text):
        return "xmlspreadsheet"
    if expected in ("markdown", "csv", "html", "text"):
        return expected
    if _HTML.match(text):
        return "html"
    if expected in ("xls", "xlsx"):
        return _exported_table(text)
    if expected:
        raise UnreadableError(f"is damaged: its content is plain text, not a .{source.extension} file")
    return "text"


def _is_mail(text: str, expected: str) -> bool:
    first = text.lstrip().split("\n", 1)[0]
    return expected in ("", "html") and bool(_MAIL_HEADER.match(first)) and bool(_MAIL_SURE.search(text))


def _exported_table(text: str) -> str:
    """Programs that export `.xls` files often write delimited text into them."""
    if any(delimiter in text for delimiter in "\t,;"):
        return "csv"
    raise UnreadableError("is damaged: its content is no workbook")
