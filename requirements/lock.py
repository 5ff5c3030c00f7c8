"""Writes the lock files: `python requirements/lock.py [--upgrade]`, run with the interpreter of a fresh .venv.

pip resolves (so that this machine's own wheels, torch's CPU build among them, count), and its report is written
down as exact versions. Versions already locked are kept unless `--upgrade` is given.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
LOCKS = {
    "base.txt": "cpu",
    "all.txt": "cpu,bge,community,finetune,ocr,postgres,dev",
    "gpu.txt": "gpu,bge,community,finetune,ocr,postgres",
}
HEADER = "# Made by `make lock` from pyproject.toml, extras: {extras}. Do not edit by hand.\n"


def resolve(extras: str, constraints: Path) -> list[str]:
    """Return `name==version` lines for the project with these extras, sorted by name."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"),
            *("--report", str(report), "--constraint", str(constraints), f"{ROOT}[{extras}]", "setuptools>=77"),
        ]
        subprocess.run(command, check=True)
        items = json.loads(report.read_text())["install"]
    # A local label (`2.13.0+cpu`) names a build of one machine, not a release.
    names = {item["metadata"]["name"].lower(): item["metadata"]["version"].split("+")[0] for item in items}
    names.pop("termroute", None)
    return [f"{name}=={version}" for name, version in sorted(names.items())]


def main() -> None:
    """Write every lock file, the widest first, so that all agree on versions."""
    upgrade = "--upgrade" in sys.argv[1:]
    kept = HERE / "all.txt"
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "constraints.txt"
        constraints.write_text(kept.read_text() if kept.exists() and not upgrade else "")
        for name in ("all.txt", "base.txt", "gpu.txt"):
            lines = resolve(LOCKS[name], constraints)
            (HERE / name).write_text(HEADER.format(extras=LOCKS[name]) + "\n".join(lines) + "\n")
            constraints.write_text(kept.read_text())
            sys.stderr.write(f"{name}: {len(lines)} packages\n")


if __name__ == "__main__":
    main()
