"""Finding model weights: the time limit is hard, and a failure is remembered for a while."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from retrieval import models
from tests.retrieval.tiny_models import save_bge


def test_a_download_that_hangs_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "_DOWNLOAD", "import time; time.sleep(60)")
    start = time.monotonic()
    assert "0.5 s" in models.download_model("BAAI/bge-small-zh-v1.5", 0.5)
    assert time.monotonic() - start < 30


def test_a_download_that_fails_gives_its_last_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "_DOWNLOAD", "import sys; sys.exit('first\\nno such repository')")
    assert models.download_model("x") == "no such repository"


def test_an_old_failure_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = tmp_path / "hub-attempt.json"
    memory.write_text(json.dumps({"at": time.time() - 2 * models.REMEMBER_SECONDS, "problem": "old"}))
    monkeypatch.setattr(models, "cached_model", lambda name: None)
    monkeypatch.setattr(models, "download_model", lambda name, seconds: "new")
    assert "new" in models.cached_or_quick_bge(tmp_path)[1]
    assert json.loads(memory.read_text())["problem"] == "new"


@pytest.mark.parametrize("content", ["", "[]", '{"at": "soon"}', "\x00"])
def test_an_unreadable_memory_counts_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    (tmp_path / "hub-attempt.json").write_text(content)
    monkeypatch.setattr(models, "cached_model", lambda name: None)
    monkeypatch.setattr(models, "download_model", lambda name, seconds: "asked")
    assert "asked" in models.cached_or_quick_bge(tmp_path)[1]


def test_a_cached_model_is_found_without_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = tmp_path / "models--BAAI--bge-small-zh-v1.5"
    commit = "0123456789abcdef0123456789abcdef01234567"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(commit)
    save_bge(repository / "snapshots" / commit)
    # In a process of its own, since huggingface_hub reads the variable when it is imported.
    code = "from retrieval.models import *; f = cached_model('BAAI/bge-small-zh-v1.5'); print(short_name(f))"
    root = str(Path(__file__).parents[2])
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", root)
    import subprocess

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "bge-small-zh-v1.5"


def test_half_a_model_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert not models.has_weights(tmp_path)
