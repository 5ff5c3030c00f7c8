"""The sample pack, loaded once for all functional tests, through the same classes that the doors use."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.glossary import import_terms
from api.settings import Settings
from api.wiring import Application

ROOT = Path(__file__).parents[2]
KNOWLEDGE = ROOT / "examples" / "knowledge"
GLOSSARY = ROOT / "examples" / "glossary" / "公司常用缩略语.xlsx"


@pytest.fixture(scope="session")
def pack_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that holds the sample pack."""
    folder = tmp_path_factory.mktemp("pack")
    with Application(Settings(data_dir=folder, embedding_model="hashed")) as application:
        import_terms(application, GLOSSARY, dry_run=False, who="test")
        reports = list(application.pipeline.ingest([KNOWLEDGE]))
        application.catch_up()
    assert [report for report in reports if report.status != "indexed"] == []
    return folder


@pytest.fixture(scope="session")
def pack(pack_dir: Path) -> Iterator[Application]:
    """The program over the sample pack."""
    with Application(Settings(data_dir=pack_dir, embedding_model="hashed")) as application:
        yield application


@pytest.fixture
def termroute(pack_dir: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command as a user would, in a process of its own."""

    def run(*words: str, data_dir: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        settings = {"TERMROUTE_DATA_DIR": str(data_dir or pack_dir), "TERMROUTE_EMBEDDING_MODEL": "hashed"}
        clean = {key: value for key, value in os.environ.items() if not key.startswith("TERMROUTE_")}
        return subprocess.run(
            [sys.executable, "-m", "api", *words],
            env=clean | settings | environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
            cwd=ROOT,
        )

    return run
