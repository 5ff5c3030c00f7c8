"""The command as its users type it: JSON alone on stdout, exit codes, and errors that say what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.functional


def lines(done) -> list[dict]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_ask_json_is_one_object_and_nothing_else(termroute) -> None:
    (answer,) = lines(termroute("ask", "--json", "AM代表什么职位？"))
    contract = {
        "question",
        "rewritten_question",
        "route",
        "status",
        "answer",
        "confidence",
        "terms",
        "facts",
        "citations",
        "options",
        "trace",
    }
    assert contract <= set(answer)
    assert answer["route"] == "term"


def test_ask_for_a_person(termroute) -> None:
    done = termroute("ask", "AM代表什么职位？")
    assert done.returncode == 0
    assert "客户经理" in done.stdout
    assert "公司常用缩略语.xlsx" in done.stdout


def test_search_shows_every_stage(termroute) -> None:
    found = lines(termroute("search", "保修期", "--top-k", "3", "--json"))
    assert 1 <= len(found) <= 3
    assert {"document", "document_id", "page", "sheet", "chunk_id", "text", "score", "scores"} <= set(found[0])
    assert {"words", "grams"} & set(found[0]["scores"])


def test_terms(termroute, tmp_path: Path) -> None:
    (resolved,) = lines(termroute("terms", "resolve", "AM加网适合什么活？", "--json"))
    assert resolved["terms"][0]["chinese"] == "调幅（调幅加网）"
    assert len(lines(termroute("terms", "list", "--json"))) == 99
    assert {row["chinese"] for row in lines(termroute("terms", "lookup", "AM", "--json"))} == {
        "客户经理",
        "调幅（调幅加网）",
    }
    out = tmp_path / "out.xlsx"
    assert lines(termroute("terms", "export", str(out), "--json"))[0]["senses"] == 99
    assert len(lines(termroute("terms", "export", "--json"))) == 99
    piped = termroute("terms", "export").stdout.splitlines()
    assert piped[0].startswith('"序号","缩略语","英文全称","中文解释"')
    assert len(piped) == 100
    unknown = termroute("terms", "lookup", "QQQZ")
    assert (unknown.returncode, unknown.stdout) == (0, "")
    assert "QQQZ" in unknown.stderr
    (report,) = lines(termroute("terms", "import", str(out), "--dry-run", "--json"))
    assert report["counts"]["unchanged"] == 99


def test_facts(termroute) -> None:
    (found,) = lines(termroute("facts", "query", "青槐农商行兴发支行的联行号是多少？", "--json"))
    assert found["facts"][0]["value"] == "314535092252"
    tables = lines(termroute("facts", "tables", "--json"))
    assert any("联行号" in {column["name"] for column in table["columns"]} for table in tables)


def test_documents_come_and_go(termroute, tmp_path: Path) -> None:
    data, source = tmp_path / "data", tmp_path / "in"
    source.mkdir()
    (source / "规定.txt").write_text("加班餐补标准为每人每餐30元。", "utf-8")
    (report,) = lines(termroute("ingest", str(source), "--json", data_dir=data))
    fields = {"path", "status", "error", "document_id", "pages", "chunks", "tables", "rows", "seconds"}
    assert fields <= set(report)
    assert report["status"] == "indexed"
    assert lines(termroute("ingest", str(source), "--json", data_dir=data))[0]["status"] == "unchanged"
    (source / "规定.txt").write_text("加班餐补标准为每人每餐35元。", "utf-8")
    assert lines(termroute("ingest", str(source), "--json", data_dir=data))[0]["status"] == "replaced"
    (listed,) = lines(termroute("documents", "list", "--json", data_dir=data))
    (shown,) = lines(termroute("documents", "show", listed["document_id"], "--json", data_dir=data))
    assert "35元" in shown["chunks"][0]["text"]
    (source / "规定.txt").unlink()
    assert lines(termroute("ingest", str(source), "--prune", "--json", data_dir=data))[0]["status"] == "deleted"
    assert lines(termroute("documents", "list", "--json", data_dir=data)) == []
    assert lines(termroute("search", "加班餐补", "--json", data_dir=data)) == []


def test_rebuild_changes_no_result(termroute, pack_dir: Path) -> None:
    before = lines(termroute("search", "保修期", "--json"))
    assert termroute("rebuild", "--json").returncode == 0
    assert lines(termroute("search", "保修期", "--json")) == before


def test_status_and_config(termroute) -> None:
    (status,) = lines(termroute("status", "--json"))
    assert status["models"]["search"] == "keyword search only"
    assert "\n  search: keyword search only\n" in termroute("status").stdout
    done = termroute("config", "--json", TERMROUTE_LLM_API_KEY="sk-secret-value")
    assert "sk-secret-value" not in done.stdout + done.stderr
    assert lines(done)[0]["TERMROUTE_LLM_API_KEY"] == "********"


@pytest.mark.parametrize(
    ("words", "environment", "code", "message"),
    [
        (("ask",), {}, 2, "Missing"),
        (("ask", ""), {}, 2, "empty"),
        (("nonsense",), {}, 2, "No such command"),
        (("ingest", "/no/such/path"), {}, 2, "/no/such/path"),
        (("documents", "show", "nope"), {}, 2, "nope"),
        (("terms", "import", "/no/such.xlsx"), {}, 2, "such.xlsx"),
        (("ask", "x"), {"TERMROUTE_DEVICE": "tpu"}, 2, "TERMROUTE_DEVICE"),
        (("serve", "--host", "0.0.0.0"), {}, 2, "TERMROUTE_API_KEYS"),
        (("status",), {"TERMROUTE_DATABASE_URL": "sqlite:////no/such/folder/x.db"}, 3, "no/such/folder"),
        (("status",), {"TERMROUTE_DATA_DIR": "/proc/none"}, 2, "TERMROUTE_DATA_DIR"),
        (("status",), {"TERMROUTE_DATA_DIR": __file__}, 2, "TERMROUTE_DATA_DIR"),
        (("search", " "), {}, 2, "empty"),
        (("facts", "query", ""), {}, 2, "empty"),
        (("terms", "resolve", ""), {}, 2, "empty"),
        (("terms", "lookup", ""), {}, 2, "empty"),
    ],
)
def test_wrong_use_is_told_without_a_traceback(termroute, words, environment, code, message) -> None:
    done = termroute(*words, **environment)
    assert done.returncode == code, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_help_is_quick_to_load() -> None:
    """`termroute --help` must not load the heavy libraries."""
    import subprocess
    import sys

    program = (
        "import sys; sys.argv = ['termroute', '--help']\n"
        "import api.cli\n"
        "try: api.cli.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'transformers', 'gradio', 'faiss', 'langchain_core', 'fastapi', 'sqlalchemy', 'numpy', 'tantivy'}\n"
        "sys.stderr.write(','.join(sorted(heavy & set(sys.modules))))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert "discover" in done.stdout or "ingest" in done.stdout
    assert done.stderr == ""
