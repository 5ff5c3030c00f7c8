"""A person corrects how a table was understood: at the terminal and over HTTP, and it lasts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import openpyxl
import pytest

from api.settings import Settings
from api.wiring import Application
from tests.functional.test_http import serve

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.functional

ROWS = [["医院电话表"], ["代", "科", "分"], ["K1", "骨科", "060522"], ["K2", "儿科", "070230"]]


def write(path: Path, *more: list[str]) -> None:
    """A workbook whose headers nobody can understand."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "电话"
    for row in [*ROWS, *more]:
        sheet.append(row)
    book.save(path)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with that workbook in it."""
    (tmp_path / "files").mkdir()
    write(tmp_path / "files" / "电话.xlsx")
    return tmp_path


def objects(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def value(done: subprocess.CompletedProcess[str]) -> list[str]:
    (result,) = objects(done)
    facts = result["facts"]
    assert isinstance(facts, list)
    return [fact["value"] for fact in facts]


def test_a_correction_at_the_terminal_survives_a_changed_file(termroute: Run, data: Path) -> None:
    folder = data / "data"
    assert termroute("ingest", str(data / "files"), data_dir=folder).returncode == 0
    (table,) = objects(termroute("facts", "tables", "--json", data_dir=folder))
    assert value(termroute("facts", "query", "骨科的分机", "--json", data_dir=folder)) == []
    words = ["--header-row", "2", "--rename", "科=科室", "--rename", "C=分机", "--key-columns", "科室"]
    corrected = termroute("facts", "correct", str(table["table_id"]), *words, "--json", data_dir=folder)
    (shown,) = objects(corrected)
    assert shown["key_columns"] == ["科室"]
    assert value(termroute("facts", "query", "骨科的分机", "--json", data_dir=folder)) == ["060522"]
    write(data / "files" / "电话.xlsx", ["K3", "眼科", "070411"])
    assert termroute("ingest", str(data / "files"), data_dir=folder).returncode == 0
    assert value(termroute("facts", "query", "眼科的分机", "--json", data_dir=folder)) == ["070411"]
    (kept,) = objects(termroute("facts", "corrections", "--json", data_dir=folder))
    assert kept["column_names"] == {"2": "科室", "3": "分机"}
    (again,) = objects(termroute("facts", "tables", "--json", data_dir=folder))
    undone = termroute("facts", "undo", str(again["table_id"]), "--json", data_dir=folder)
    assert objects(undone)[0]["correction"] is None
    assert objects(termroute("facts", "corrections", "--json", data_dir=folder)) == []


def test_a_wrong_correction_is_told_and_not_kept(termroute: Run, data: Path) -> None:
    folder = data / "data"
    termroute("ingest", str(data / "files"), data_dir=folder)
    (table,) = objects(termroute("facts", "tables", "--json", data_dir=folder))
    for words in (["--rename", "电话=分机"], ["--header-row", "99"], ["--rename", "分"], []):
        done = termroute("facts", "correct", str(table["table_id"]), *words, data_dir=folder)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
    assert objects(termroute("facts", "corrections", "--json", data_dir=folder)) == []


def test_corrections_over_http(data: Path) -> None:
    keys = data / "keys.toml"
    keys.write_text(
        '[[keys]]\nkey = "reader-key-1234567890"\nuser = "r"\nrole = "reader"\n'
        '[[keys]]\nkey = "editor-key-1234567890"\nuser = "e"\nrole = "editor"\n'
    )
    settings = Settings(data_dir=data / "data", embedding_model="hashed", api_keys=keys)
    with Application(settings) as application:
        list(application.pipeline.ingest([data / "files"]))
        application.catch_up()
    with serve(settings) as client:
        reader = {"Authorization": "Bearer reader-key-1234567890"}
        editor = {"Authorization": "Bearer editor-key-1234567890"}
        (table,) = client.get("/facts/tables", headers=reader).json()
        path = f"/facts/tables/{table['table_id']}"
        assert client.get(path, headers=reader).json()["sample"][0] == ["K1", "骨科", "060522"]
        change = {"rename": {"科": "科室", "分": "分机"}, "key_columns": ["科室"]}
        assert client.patch(path, headers=reader, json=change).status_code == 403
        assert client.patch(path, headers=editor, json={"rename": {"无": "有"}}).status_code == 422
        assert client.patch(path, headers=editor, json=change).json()["key_columns"] == ["科室"]
        asked = client.post("/facts/query", headers=reader, json={"question": "儿科的分机"}).json()
        assert [fact["value"] for fact in asked["facts"]] == ["070230"]
        assert len(client.get("/facts/corrections", headers=editor).json()) == 1
        assert client.delete(f"{path}/correction", headers=editor).json()["correction"] is None
        assert client.get("/facts/tables/none", headers=reader).status_code == 404
