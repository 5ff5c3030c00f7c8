"""Writes every document of the sample knowledge pack: ``python -m examples.build [--output FOLDER]``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from examples.sources import documents

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent


def build(output: Path) -> Iterator[Path]:
    """Write the pack into ``output`` and yield each file's path as it is written."""
    for name, content in documents.everything():
        target = output / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        yield target


def main() -> None:
    """Build the pack beside this file, or where ``--output`` says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=HERE, help="folder to write into (default: examples/)")
    output = parser.parse_args().output
    for path in build(output):
        print(f"{path.stat().st_size:>9,}  {path.relative_to(output)}")


if __name__ == "__main__":
    main()
