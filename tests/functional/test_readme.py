"""The README's commands and snippets are run as they stand, in both languages."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.functional

ROOT = Path(__file__).parents[2]
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", path.read_text("utf-8"), re.DOTALL)


def commands(path: Path) -> list[str]:
    lines = [line for block in blocks(path, "sh") for line in block.splitlines()]
    return [line for line in lines if line.startswith("termroute ")]


def test_both_readmes_show_the_same_commands() -> None:
    english, chinese = (blocks(path, "sh") for path in READMES)
    assert english == chinese
    assert len(commands(READMES[0])) >= 8


def test_the_commands_run_in_order(tmp_path: Path) -> None:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("TERMROUTE_")}
    settings = {"TERMROUTE_DATA_DIR": str(tmp_path), "TERMROUTE_EMBEDDING_MODEL": "hashed"}
    shown = {}
    for line in commands(READMES[0]):
        words = shlex.split(line.replace("data/evaluation", str(tmp_path / "evaluation")))
        done = subprocess.run(
            [sys.executable, "-m", "api", *words[1:]],
            cwd=ROOT,
            env=clean | settings,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        shown[line] = done.stdout
    assert "客户经理" in shown['termroute ask "AM代表什么职位？"']
    assert json.loads(shown['termroute ask --json "ESS培训每月几次？"'])["facts"][0]["value"] == "3次"
    assert (tmp_path / "evaluation" / "report.json").exists()
    assert (tmp_path / "evaluation" / "latency.png").exists()


def test_the_python_snippet_runs(pack_dir: Path) -> None:
    (snippet,) = blocks(READMES[0], "python")
    settings = {"TERMROUTE_DATA_DIR": str(pack_dir), "TERMROUTE_EMBEDDING_MODEL": "hashed"}
    done = subprocess.run(
        [sys.executable, "-c", snippet],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("term AM")


def test_the_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for path in READMES:
        for target in re.findall(r"\bmake ([a-z]+)", path.read_text("utf-8")):
            if path.name == "README.md" and target not in {"run", "demo", "test", "check"}:
                continue
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", path.read_text("utf-8")):
        assert (ROOT / link).exists(), link
    for key in re.findall(r"`(TERMROUTE_[A-Z_]+)`", path.read_text("utf-8")):
        from api.settings import Settings

        assert key.removeprefix("TERMROUTE_").lower() in Settings.model_fields, key
