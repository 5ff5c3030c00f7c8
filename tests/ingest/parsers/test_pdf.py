"""PDF files: paragraphs, headings, tables, scans, and the second reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pymupdf
import pytest

from ingest.clean import clean
from ingest.errors import EncryptedError, UnreadableError
from ingest.parsers import ocr, pdf, pdfminer
from ingest.parsers.pdf import name_pages, parse
from ingest.parsers.source import Source
from ingest.settings import IngestSettings
from tests.ingest import samples

if TYPE_CHECKING:
    from pathlib import Path

NO_OCR = IngestSettings(ocr=False)


def _source(path: Path, settings: IngestSettings = NO_OCR) -> Source:
    return Source(path.name, path.read_bytes(), settings)


def test_pages_and_title(tmp_path: Path) -> None:
    path = samples.pdf(tmp_path / "手册.pdf", [["第一页的文字。"], ["第二页的文字。"]])
    parsed = parse(_source(path))
    assert [(b.text, b.location.page) for b in parsed.blocks] == [("第一页的文字。", 1), ("第二页的文字。", 2)]
    assert (parsed.title, parsed.pages) == ("手册", 2)


def test_larger_type_makes_headings(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((72, 80), "售后服务流程", fontname="china-s", fontsize=20)
    for number in range(6):
        page.insert_text(
            (72, 130 + number * 40), f"第{number}段正文，说明流程的步骤。", fontname="china-s", fontsize=11
        )
    document.save(str(tmp_path / "a.pdf"))
    blocks = parse(_source(tmp_path / "a.pdf")).blocks
    assert (blocks[0].kind, blocks[0].text) == ("heading", "售后服务流程")
    assert blocks[1].location.headings == ("售后服务流程",)


def test_lines_set_far_apart_are_one_paragraph(tmp_path: Path) -> None:
    first = "客户经理负责跟进客户的全部售后需求并且在二十四小时之内给出书面答复同时将处理"
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((72, 100), first, fontname="china-s", fontsize=11)
    page.insert_text((72, 120), "结果登记在系统里。", fontname="china-s", fontsize=11)
    document.save(str(tmp_path / "a.pdf"))
    assert [b.text for b in clean(parse(_source(tmp_path / "a.pdf"))).blocks] == [first + "结果登记在系统里。"]


def _ruled(page: pymupdf.Page, rows: list[list[str]], top: float = 100.0) -> None:
    for r in range(len(rows) + 1):
        page.draw_line((72, top + r * 30), (72 + 150 * len(rows[0]), top + r * 30))
    for c in range(len(rows[0]) + 1):
        page.draw_line((72 + c * 150, top), (72 + c * 150, top + 30 * len(rows)))
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            page.insert_text((78 + c * 150, top + 20 + r * 30), text, fontname="china-s", fontsize=10)


def test_ruled_tables_become_grids_and_leave_the_text(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((72, 60), "网点一览", fontname="china-s", fontsize=11)
    rows = [["行名", "联行号"], ["兴发支行", "402535510938"], ["城关支行", "001100011002"]]
    _ruled(page, rows)
    page.insert_text((72, 400), "以上为全部网点。", fontname="china-s", fontsize=11)
    document.save(str(tmp_path / "t.pdf"))
    parsed = parse(_source(tmp_path / "t.pdf"))
    assert [[cell.text for cell in row] for row in parsed.grids[0].rows] == rows
    assert [block.kind for block in parsed.blocks] == ["paragraph", "table", "paragraph"]
    assert not any("402535510938" in block.text for block in parsed.blocks)


def test_table_over_two_pages_keeps_its_header(tmp_path: Path) -> None:
    document = pymupdf.open()
    _ruled(document.new_page(), [["行名", "联行号"], ["甲支行", "402535510938"]], top=740)
    _ruled(document.new_page(), [["乙支行", "001100011002"], ["丙支行", "313164400027"]], top=60)
    document.save(str(tmp_path / "t.pdf"))
    second = parse(_source(tmp_path / "t.pdf")).grids[1]
    assert [cell.text for cell in second.rows[0]] == ["行名", "联行号"]
    assert [row[1].text for row in second.rows[1:]] == ["001100011002", "313164400027"]
    assert second.page == 2


def test_encrypted_and_damaged(tmp_path: Path) -> None:
    document = pymupdf.open()
    document.new_page().insert_text((72, 72), "secret")
    document.save(str(tmp_path / "e.pdf"), encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="o", user_pw="u")
    with pytest.raises(EncryptedError, match="remove the password"):
        parse(_source(tmp_path / "e.pdf"))
    with pytest.raises(UnreadableError, match="damaged"):
        parse(Source("x.pdf", b"%PDF-1.7 and nothing else", NO_OCR))


def test_scan_without_ocr_is_named(tmp_path: Path) -> None:
    parsed = parse(_source(samples.scan(tmp_path / "s.pdf", ["扫描件"])))
    assert not parsed.blocks
    assert "page 1 without text" in parsed.warnings[0]
    assert "ingest.ocr" in parsed.warnings[0]


@pytest.mark.skipif(not ocr.available(), reason="the ocr extra is not installed")
@pytest.mark.parametrize("rotate", [0, 90, 180])
def test_scan_is_read_upright_whatever_its_turn(tmp_path: Path, rotate: int) -> None:
    lines = ["印刷软件售后服务", "客户经理电话 13800138000", "每月第三周培训"]
    parsed = parse(_source(samples.scan(tmp_path / "s.pdf", lines, rotate=rotate), IngestSettings()))
    text = "".join(block.text for block in parsed.blocks).replace(" ", "")
    positions = [text.find(line.replace(" ", "")) for line in lines]
    assert -1 not in positions
    assert positions == sorted(positions)
    assert "read by OCR" in parsed.warnings[0]


def test_time_for_ocr_runs_out(tmp_path: Path) -> None:
    path = samples.scan(tmp_path / "s.pdf", ["扫描件"])
    parsed = parse(Source(path.name, path.read_bytes(), IngestSettings(), deadline=0.0))
    if ocr.available():
        assert "no time for more OCR" in parsed.warnings[-1]


def test_pdfminer_reads_the_same_words(tmp_path: Path) -> None:
    path = samples.pdf(tmp_path / "a.pdf", [["Account Manager 402535510938"], ["second page"]], font="helv")
    parsed = pdfminer.parse(_source(path))
    assert [(b.text, b.location.page) for b in parsed.blocks] == [
        ("Account Manager 402535510938", 1),
        ("second page", 2),
    ]


def test_pdfminer_takes_over_where_the_first_reader_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = samples.pdf(tmp_path / "a.pdf", [["only one reader can"]], font="helv")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("cannot open")

    monkeypatch.setattr(pdf.pymupdf, "open", broken)
    assert parse(_source(path)).blocks[0].text == "only one reader can"


def test_page_names() -> None:
    assert name_pages([3]) == "page 3"
    assert name_pages([1, 2, 3, 7]) == "pages 1-3, 7"


def test_notes_of_readers_and_attached_files_are_read(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((72, 300), "正文在此处。", fontname="china-s")
    page.add_text_annot((50, 120), "批注：请核对金额")
    page.add_highlight_annot(pymupdf.Rect(70, 285, 140, 305))
    document.embfile_add("1", "品名,价格\n管,12\n".encode(), filename="价格表.csv", ufilename="价格表.csv")
    document.embfile_add("2", b"PK\x03\x04", filename="bad.docx", ufilename="bad.docx")
    document.save(tmp_path / "a.pdf")
    parsed = parse(_source(tmp_path / "a.pdf"))
    assert [(b.kind, b.text) for b in parsed.blocks if b.text] == [
        ("paragraph", "正文在此处。"),
        ("notes", "批注：请核对金额"),
    ]
    assert parsed.grids[0].headings == ("价格表.csv",)
    assert parsed.warnings[0].startswith("attachment bad.docx is damaged")
