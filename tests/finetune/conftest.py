"""Fixtures of the training room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.finetune.service import Service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path)
    yield made
    made.close()
