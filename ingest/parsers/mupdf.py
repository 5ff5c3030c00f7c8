"""PyMuPDF without its layout models: they take seconds and a gigabyte of address space to load, and are not used."""

from __future__ import annotations

import sys
from typing import Any

_UNUSED = ("pymupdf.layout", "pymupdf4llm")


def _load() -> Any:
    """PyMuPDF 2 imports both where it can; a None among the modules means that it cannot, for this moment."""
    hidden = [name for name in _UNUSED if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        import pymupdf
    finally:
        for name in hidden:
            sys.modules.pop(name, None)
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    return pymupdf


pymupdf = _load()
