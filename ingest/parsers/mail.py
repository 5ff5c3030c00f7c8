"""Reads mails (.eml): the headers a reader sees, the body, and the attachments through their own parsers."""

from __future__ import annotations

import email
import email.policy
import re
from email.errors import MessageError
from typing import TYPE_CHECKING, Any

from ingest.parsers import attachments, html
from ingest.parsers.encoding import decode
from ingest.parsers.outline import Outline
from ingest.types import Block, Parsed

if TYPE_CHECKING:
    from email.message import EmailMessage

    from ingest.parsers.source import Source

MEDIA_TYPE = "message/rfc822"
_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_FILE_NAME = re.compile(r"(?:file)?name\s*=\s*\"?([^\"\r\n;]+)", re.IGNORECASE)
# What the standard library raises on headers and bodies that break the rules.
_ERRORS = (MessageError, ValueError, LookupError, TypeError, AttributeError, IndexError)


def parse(source: Source) -> Parsed:
    """Reads a mail; whatever part of it is malformed is read as far as it goes."""
    data = source.data
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:200]:
        data = decode(data)[0].encode("utf-8")
    message = email.message_from_bytes(data, policy=email.policy.default)
    outline = Outline()
    outline.add("\n".join(_headers(message)), "notes")
    body, files = _parts(message)
    parsed = Parsed(
        header(message, "Subject") or source.stem, (*outline.blocks, *body.blocks), body.grids, 1, MEDIA_TYPE
    )
    return attachments.append(parsed, files, source)


def _headers(message: Any) -> list[str]:
    return [f"{name}: {value}" for name in _HEADERS if (value := header(message, name))]


def header(message: Any, name: str) -> str:
    """A header in words; empty where it is missing or cannot be read."""
    try:
        return " ".join((_unlabelled(message, name) or str(message[name] or "")).split())
    except _ERRORS:
        return ""


def _unlabelled(message: Any, name: str) -> str:
    """A header that old programs wrote in GB18030 or UTF-8 without saying so; empty where it is none of these."""
    for key, value in message.raw_items():
        if key.lower() == name.lower() and any("\udc80" <= c <= "\udcff" for c in str(value)):
            return decode(str(value).encode("utf-8", "surrogateescape"))[0]
    return ""


def _parts(message: EmailMessage) -> tuple[Parsed, list[tuple[str, bytes]]]:
    """The body, and the attachments by name."""
    plain: list[str] = []
    pages: list[str] = []
    files: list[tuple[str, bytes]] = []
    for part in _leaves(message):
        kind = part.get_content_type()
        name = _file_name(part)
        attached = part.get_content_disposition() == "attachment" or bool(name)
        if kind == "message/rfc822":
            files.append((name or "forwarded.eml", _embedded(part)))
        elif attached:
            if not attachments.is_decoration(kind, inline=part.get("Content-ID") is not None):
                files.append((name or f"attachment.{kind.rsplit('/', 1)[-1]}", _bytes(part)))
        elif kind == "text/html":
            pages.append(_text(part))
        elif kind.startswith("text/"):
            plain.append(_text(part))
    return body("\n\n".join(plain), "\n".join(pages)), files


def body(plain: str, page: str) -> Parsed:
    """The body of a mail: its plain text, or its HTML where that says much more."""
    if page:
        rich = html.parse_text(page, "")
        size = sum(len(block.text) for block in rich.blocks) + sum(
            len(cell.text) for grid in rich.grids for row in grid.rows for cell in row
        )
        if rich.grids or len(plain.strip()) * 2 < size:
            return rich
    blocks = tuple(
        Block(text.strip("\n")) for text in plain.replace("\r\n", "\n").split("\n\n") if text.strip()
    )
    return Parsed("", blocks)


def _leaves(message: Any) -> list[Any]:
    """The parts that are not only envelopes of other parts; a forwarded mail is one part."""
    if message.get_content_type() == "message/rfc822" or not message.is_multipart():
        return [message]
    return [leaf for part in message.get_payload() for leaf in _leaves(part)]


def _embedded(part: Any) -> bytes:
    inner = part.get_payload()
    try:
        return bytes(inner[0].as_bytes()) if isinstance(inner, list) and inner else _bytes(part)
    except _ERRORS:
        return b""


def _file_name(part: Any) -> str:
    try:
        raw = _FILE_NAME.search(_unlabelled(part, "Content-Disposition") or _unlabelled(part, "Content-Type"))
        return " ".join((raw.group(1) if raw else str(part.get_filename() or "")).split())
    except _ERRORS:
        return ""


def _bytes(part: Any) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except _ERRORS:
        return b""
    return bytes(data) if isinstance(data, bytes) else b""


def _text(part: Any) -> str:
    return decode(_bytes(part), part.get_content_charset())[0]
