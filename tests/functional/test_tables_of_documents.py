"""The same table in Word, PowerPoint, HTML, Markdown and a GBK file of comma-separated values: one answer, one text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import docx
import pptx
import pytest
from pptx.util import Inches

from api.settings import Settings
from api.wiring import Application

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.functional

ROWS = [
    ["型号", "编码", "采购价（元）", "税率", "生产日期"], ["{}-1", "001100011002", "12,800.00", "13%", "2026-03-05"],
    ["{}-2", "000120", "(1,234.50)", "9%", "2026/3/6"], ["{}-3", "6222021234567890123", "0.50", "6%", "2026年3月7日"],
]  # fmt: skip
FORMATS = ("docx", "pptx", "html", "csv", "md")


def rows(name: str) -> list[list[str]]:
    return [[text.format(name.upper()) for text in row] for row in ROWS]


def write_docx(path: Path) -> None:
    document = docx.Document()
    table = document.add_table(len(ROWS), len(ROWS[0]))
    for r, row in enumerate(rows("docx")):
        for c, text in enumerate(row):
            table.cell(r, c).text = text
    document.save(str(path))


def write_pptx(path: Path) -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    shape = slide.shapes.add_table(len(ROWS), len(ROWS[0]), Inches(1), Inches(1), Inches(8), Inches(3))
    for r, row in enumerate(rows("pptx")):
        for c, text in enumerate(row):
            shape.table.cell(r, c).text = text
    deck.save(str(path))


def write_texts(folder: Path) -> None:
    cells = "".join("<tr>" + "".join(f"<td>{text}</td>" for text in row) + "</tr>" for row in rows("html"))
    (folder / "表.html").write_text(f"<meta charset='utf-8'><table>{cells}</table>", encoding="utf-8")
    lines = "\r\n".join(",".join(f'"{text}"' for text in row) for row in rows("csv"))
    (folder / "表.csv").write_bytes(lines.encode("gbk"))
    head, *body = ["| " + " | ".join(row) + " |" for row in rows("md")]
    (folder / "表.md").write_text("\n".join([head, "|---" * len(ROWS[0]) + "|", *body]), encoding="utf-8")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    folder = tmp_path_factory.mktemp("formats")
    files = folder / "files"
    files.mkdir()
    write_docx(files / "表.docx")
    write_pptx(files / "表.pptx")
    write_texts(files)
    with Application(Settings(data_dir=folder / "data", embedding_model="hashed")) as application:
        reports = list(application.pipeline.ingest([files]))
        application.catch_up()
        assert {report.status for report in reports} == {"indexed"}
        yield application


@pytest.mark.parametrize("name", FORMATS)
def test_every_text_is_kept(program: Application, name: str) -> None:
    (stored,) = [t for t in program.tables() if t.document == f"表.{name}"]
    assert [list(row.cells) for row in program.fact_store.table_rows(stored.number)] == rows(name)[1:]
    assert [column.kind for column in stored.table.columns][1:] == ["identifier", "money", "percent", "date"]
    assert stored.table.columns[2].unit == "元"


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_answers(program: Application, name: str) -> None:
    for row in rows(name)[1:]:
        for header, text in (("编码", row[1]), ("采购价", row[2]), ("税率", row[3]), ("生产日期", row[4])):
            result = program.find_facts(f"{row[0]}的{header}是多少", None)
            assert [fact.value for fact in result.facts] == [text]
