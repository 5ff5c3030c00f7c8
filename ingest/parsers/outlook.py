"""Reads Outlook messages (.msg, MS-OXMSG): headers, body, and the attachments through their own parsers."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import olefile

from ingest.errors import UnreadableError
from ingest.parsers import attachments, mail
from ingest.parsers.encoding import decode
from ingest.types import Block, Parsed

if TYPE_CHECKING:
    from ingest.parsers.source import Source

MEDIA_TYPE = "application/vnd.ms-outlook"
# Property ids of MS-OXPROPS; the last four digits of a stream's name are the type: 001F UTF-16, 001E bytes, 0102 binary.
_SUBJECT, _FROM, _ADDRESS, _TO, _CC, _BODY, _HTML = "0037", "0C1A", "0C1F", "0E04", "0E03", "1000", "1013"
_LONG_NAME, _SHORT_NAME, _DATA, _HEADERS = "3707", "3704", "3701", "007D"
_ATTACHMENT, _EMBEDDED = "__attach_version1.0_", "__substg1.0_3701000D"


def parse(source: Source) -> Parsed:
    """Reads a message. Raises UnreadableError where its container is damaged."""
    try:
        with olefile.OleFileIO(io.BytesIO(source.data)) as ole:
            message = _Message(ole, [])
            return attachments.append(message.read(source.stem), message.files(), source)
    except (OSError, IndexError, KeyError, TypeError) as error:
        raise UnreadableError(f"is damaged ({error}): open it in Outlook and save it again") from error


class _Message:
    """A message, or one inside another, by its storage in the container."""

    def __init__(self, ole: Any, storage: list[str]) -> None:
        self._ole = ole
        self._storage = storage

    def read(self, fallback: str) -> Parsed:
        subject = self.text(_SUBJECT)
        sender = " ".join(part for part in (self.text(_FROM), self._address()) if part)
        lines = [
            f"{name}: {value}"
            for name, value in (
                ("From", sender),
                ("To", self.text(_TO)),
                ("Cc", self.text(_CC)),
                ("Date", self._date()),
                ("Subject", subject),
            )
            if value
        ]
        body = mail.body(self.text(_BODY), self._page())
        head = (Block("\n".join(lines), "notes"),) if lines else ()
        return Parsed(subject or fallback, (*head, *body.blocks), body.grids, 1, MEDIA_TYPE)

    def text(self, identifier: str, storage: list[str] | None = None) -> str:
        """A text property; empty where the message has none."""
        wide = self._stream(f"__substg1.0_{identifier}001F", storage)
        if wide is not None:
            return wide.decode("utf-16-le", "replace").rstrip("\x00")
        narrow = self._stream(f"__substg1.0_{identifier}001E", storage)
        return decode(narrow)[0].rstrip("\x00") if narrow else ""

    def files(self) -> list[tuple[str, bytes]]:
        """The attachments by name; messages inside this one are turned into texts."""
        names = sorted({path[len(self._storage)] for path in self._ole.listdir(streams=True, storages=True)
                        if path[: len(self._storage)] == self._storage and len(path) > len(self._storage)
                        and path[len(self._storage)].startswith(_ATTACHMENT)})  # fmt: skip
        return [file for name in names for file in self._files_of([*self._storage, name])]

    def _files_of(self, storage: list[str]) -> list[tuple[str, bytes]]:
        """The file of one attachment; a message gives its text and then its own attachments."""
        name = self.text(_LONG_NAME, storage) or self.text(_SHORT_NAME, storage)
        data = self._stream(f"__substg1.0_{_DATA}0102", storage)
        if data is not None:
            return [(name or "attachment", data)]
        if self._ole.exists([*storage, _EMBEDDED]):
            inner = _Message(self._ole, [*storage, _EMBEDDED])
            return [(f"{name or 'message'}.txt", _as_text(inner.read(name or "message"))), *inner.files()]
        return []

    def _stream(self, name: str, storage: list[str] | None = None) -> bytes | None:
        path = [*(self._storage if storage is None else storage), name]
        if not self._ole.exists(path):
            return None
        with self._ole.openstream(path) as stream:
            return bytes(stream.read())

    def _page(self) -> str:
        data = self._stream(f"__substg1.0_{_HTML}0102")
        return decode(data)[0] if data else self.text(_HTML)

    def _address(self) -> str:
        address = self.text(_ADDRESS)
        return f"<{address}>" if "@" in address else ""

    def _date(self) -> str:
        for line in self.text(_HEADERS).splitlines():
            if line.lower().startswith("date:"):
                return line[5:].strip()
        return ""


def _as_text(message: Parsed) -> bytes:
    """A message inside another in plain text, its tables as lines of cells."""
    texts = [
        block.text
        if block.grid is None
        else "\n".join(" | ".join(cell.text for cell in row) for row in message.grids[block.grid].rows)
        for block in message.blocks
    ]
    return "\n\n".join(texts).encode("utf-8", "replace")
