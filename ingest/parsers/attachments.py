"""Reads files that lie inside a mail or a document and appends them to it, under their name as a heading."""

from __future__ import annotations

import logging
import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from ingest.errors import FileProblemError, problem_of
from ingest.parsers.registry import parse
from ingest.parsers.source import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.parsers.package import Package
    from ingest.types import Parsed
    from retrieval.types import Location

# A file put into a document as it is, and one that Word takes in when it next opens it.
_EMBEDDED = ("package", "aFChunk")
_logger = logging.getLogger(__name__)
_DEEPEST, _MOST, _LARGEST = 3, 50, 100 * 1024 * 1024
_UNREAD_KINDS = (
    "image/",
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
)


def is_decoration(media_type: str, *, inline: bool) -> bool:
    """Whether a part is a signature or a picture inside the text, which nobody misses."""
    return media_type.startswith(_UNREAD_KINDS[1:]) or (inline and media_type.startswith(_UNREAD_KINDS[0]))


def append_embedded(document: Parsed, package: Package, parts: Sequence[str], source: Source) -> Parsed:
    """A Word or PowerPoint document with the files that lie in its parts; objects of other kinds become a warning."""
    targets = [target for part in parts for kind in _EMBEDDED for target in package.related(part, kind)]
    files = []
    for target in dict.fromkeys(targets):
        name = posixpath.basename(target)
        try:
            files.append((name, package.read(target) or b""))
        except FileProblemError as problem:
            document = _warned(document, f"attachment {name} {problem.reason}")
    objects = sum(len(package.related(part, "oleObject")) for part in parts)
    if objects:
        document = _warned(document, f"{objects} embedded objects were not read: save those with text as files")
    return append(document, files, source)


def append(mail: Parsed, attachments: Sequence[tuple[str, bytes]], source: Source) -> Parsed:
    """The mail with its attachments behind it; those that cannot be read become warnings."""
    if source.depth >= _DEEPEST:
        return (
            _warned(mail, f"{len(attachments)} attachments were not read: they lie too deep")
            if attachments
            else mail
        )
    for name, data in attachments[:_MOST]:
        if len(data) > _LARGEST or source.seconds_left() < 1:
            mail = _warned(mail, f"attachment {name} was not read: it is too large or there was no time")
            continue
        try:
            inner = parse(Source(name, data, source.settings, source.deadline, source.depth + 1))
        except MemoryError:
            raise
        except Exception as error:
            # Whatever a parser raises about one damaged attachment, the mail itself is whole.
            _logger.debug("%s: %s", source.name, name, exc_info=True)
            mail = _warned(mail, f"attachment {name} {problem_of(error).reason}")
        else:
            mail = _joined(mail, inner, name)
    if len(attachments) > _MOST:
        mail = _warned(mail, f"only the first {_MOST} of {len(attachments)} attachments were read")
    return mail


def _warned(mail: Parsed, warning: str) -> Parsed:
    return replace(mail, warnings=(*mail.warnings, warning))


def _joined(mail: Parsed, inner: Parsed, name: str) -> Parsed:
    def under(location: Location) -> Location:
        return replace(location, headings=(name, *location.headings))

    shift = len(mail.grids)
    blocks = tuple(
        replace(block, location=under(block.location), grid=None if block.grid is None else block.grid + shift)
        for block in inner.blocks
    )
    grids = tuple(replace(grid, headings=(name, *grid.headings)) for grid in inner.grids)
    warnings = tuple(f"attachment {name}: {warning}" for warning in inner.warnings)
    return replace(
        mail,
        blocks=(*mail.blocks, *blocks),
        grids=(*mail.grids, *grids),
        pages=mail.pages + inner.pages,
        warnings=(*mail.warnings, *warnings),
    )
