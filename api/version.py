"""The version of the program, read from the installed package."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("termroute")
except PackageNotFoundError:
    VERSION = "0+unknown"
