"""`termroute terms import` tells by its exit code whether every row was taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.commands.terms import commands

HEADER = "序号,缩略语,英文全称,中文解释\n"


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERMROUTE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TERMROUTE_EMBEDDING_MODEL", "hashed")


def glossary(folder: Path, *rows: str) -> str:
    path = folder / "terms.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows), "utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("rows", "code", "counts"),
    [
        (["1,KYC,Know Your Customer,客户身份识别"], 0, {"added": 1, "incomplete": 0}),
        # The same row twice is told, and nothing is missing.
        (["1,KYC,Know Your Customer,客户身份识别"] * 2, 0, {"added": 1, "duplicate": 1}),
        (["1,KYC,Know Your Customer,客户身份识别", "2,AML,,"], 1, {"added": 1, "incomplete": 1}),
    ],
)
@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_one_for_an_incomplete_row(
    tmp_path: Path, rows: list[str], code: int, counts: dict[str, int], options: list[str]
) -> None:
    path = glossary(tmp_path, *rows)
    done = CliRunner().invoke(commands, ["import", path, "--json", *options])
    assert done.exit_code == code, done.output
    (report,) = (json.loads(line) for line in done.stdout.splitlines())
    assert (
        report["counts"] == {"added": 0, "changed": 0, "unchanged": 0, "duplicate": 0, "incomplete": 0} | counts
    )


def test_a_person_is_told_which_row(tmp_path: Path) -> None:
    done = CliRunner().invoke(commands, ["import", glossary(tmp_path, "1,AML,,", "2,KYC,Know Your Customer,")])
    assert done.exit_code == 1
    assert "added 1" in done.stdout
    assert "row 2: AML: incomplete" in done.stdout
