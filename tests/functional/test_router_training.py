"""A company edits its utterances and trains the router's classifier from the command line."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from api.settings import Settings
from api.wiring import Application
from router.errors import ClassifierError


@pytest.mark.timeout(120)
def test_own_utterances_are_copied_edited_and_trained(
    termroute: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    first = termroute("router", "utterances", "--json", data_dir=tmp_path)
    assert json.loads(first.stdout)["written"] is True
    own = tmp_path / "utterances.tsv"
    own.write_text(own.read_text("utf-8") + "talk\t干杯干杯\ntalk\t干杯呀\n", "utf-8")
    assert json.loads(termroute("router", "utterances", "--json", data_dir=tmp_path).stdout)["written"] is False
    trained = termroute("router", "train", "--json", data_dir=tmp_path)
    assert trained.returncode == 0, trained.stderr
    shown = json.loads(trained.stdout)
    assert shown["from"] == str(own)
    with Application(Settings(data_dir=tmp_path, embedding_model="hashed")) as application:
        assert application.classifier.guess("干杯干杯呀").intent == "talk"
        assert "干 杯" in application.classifier.features


def test_a_bad_line_is_named_and_nothing_is_written(
    termroute: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    (tmp_path / "utterances.tsv").write_text("fact\t多少\n", "utf-8")
    done = termroute("router", "train", data_dir=tmp_path)
    assert done.returncode == 2
    assert "line 1" in done.stderr
    assert not (tmp_path / "router").exists()


def test_a_broken_classifier_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "router").mkdir()
    (tmp_path / "router" / "classifier.json").write_text("{", "utf-8")
    with (
        Application(Settings(data_dir=tmp_path, embedding_model="hashed")) as application,
        pytest.raises(ClassifierError, match=r"classifier\.json"),
    ):
        _ = application.classifier
