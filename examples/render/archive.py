"""Fixed timestamps inside zip-based office files, so that a rebuild gives the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime

WRITTEN = datetime(2026, 4, 20, 9, 0, 0, tzinfo=UTC)
"""The moment every generated file claims to have been written."""

_ENTRY_TIME = (2026, 4, 20, 9, 0, 0)
_CORE_TIME = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


def normalised(data: bytes) -> bytes:
    """Return the zip file ``data`` with every entry's time, and the document's own dates, set to ``WRITTEN``."""
    stamp = WRITTEN.strftime("%Y-%m-%dT%H:%M:%SZ").encode("ascii")
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _CORE_TIME.sub(rb"\g<1>" + stamp + rb"\g<3>", content)
            entry = zipfile.ZipInfo(name, date_time=_ENTRY_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return buffer.getvalue()
