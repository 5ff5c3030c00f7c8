"""A real glossary, whole: every abbreviation's definition question is answered with its row, or with both rows."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from api.glossary import import_terms
from api.settings import Settings
from api.wiring import Application
from router.types import Query, Route, Status

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "glossary" / "clinical_abbreviations.jsonl"
pytestmark = [
    pytest.mark.functional,
    pytest.mark.skipif(not DATA.exists(), reason="../shared/data/glossary is missing"),
]


def test_every_definition_question(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]
    book = openpyxl.Workbook()
    book.active.append(["临床缩略语表"])
    book.active.append(["序号", "缩略语", "英文全称", "中文解释"])
    senses: dict[str, list[str]] = {}
    for number, row in enumerate(rows, 1):
        book.active.append([number, row["abbreviation"], row["english"], row["chinese"]])
        senses.setdefault(row["abbreviation"], []).append(row["chinese"])
    book.save(tmp_path / "glossary.xlsx")
    with Application(Settings(data_dir=tmp_path / "data", embedding_model="hashed")) as application:
        report = import_terms(application, tmp_path / "glossary.xlsx", dry_run=False, who="test")
        assert report["counts"]["added"] == len(rows)
        for abbreviation, meanings in senses.items():
            for question in (f"{abbreviation}是什么意思？", f"What does {abbreviation} stand for?"):
                answer = application.answerer.answer(Query(question))
                assert answer.route is Route.TERM, question
                assert answer.status is (Status.ANSWERED if len(meanings) == 1 else Status.CLARIFY), question
                assert all(meaning in answer.answer for meaning in meanings), question
