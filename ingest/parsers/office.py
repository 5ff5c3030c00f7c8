"""Converts old office files with LibreOffice where it is installed: it reads them better than we do."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.parsers.source import Source

_LEAST_SECONDS = 5.0


def convert(source: Source, to: str) -> bytes | None:
    """The file in another format (`docx`, `pptx`); None where LibreOffice is missing, fails, or there is no time."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    seconds = min(source.seconds_left(), source.settings.time_limit) * 0.8
    if program is None or seconds < _LEAST_SECONDS:
        return None
    with tempfile.TemporaryDirectory(prefix="termroute-") as folder:
        original = Path(folder, f"in.{source.extension or 'doc'}")
        original.write_bytes(source.data)
        command = [program, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", to,
                   "--outdir", folder, str(original)]  # fmt: skip
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=seconds)  # noqa: S603 (no shell)
        except (subprocess.SubprocessError, OSError):
            return None
        result = original.with_suffix(f".{to}")
        return result.read_bytes() if result.exists() else None
