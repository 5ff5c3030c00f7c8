"""Formats that nothing here can write: read from the shared collection, skipped where it is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.errors import EncryptedError, UnsupportedError
from ingest.parsers import ocr, registry
from ingest.parsers.image import parse as parse_image
from ingest.parsers.rtf import parse as parse_rtf
from ingest.parsers.source import Source
from ingest.settings import IngestSettings
from ingest.types import Parsed
from tests.ingest import samples

STRESS = Path(__file__).parents[3].parent / "shared" / "data" / "stress"
needs_collection = pytest.mark.skipif(not STRESS.exists(), reason="../shared/data/stress is missing")


def _read(name: str) -> Parsed:
    path = STRESS / name
    return registry.parse(Source(path.name, path.read_bytes(), IngestSettings(ocr=False)))


@needs_collection
def test_word_97() -> None:
    parsed = _read("doc/docling__doc__sources__greek_heading_styles.doc")
    assert parsed.blocks[0].text == "Überschriften in nicht‑englischer Sprache"
    with pytest.raises(EncryptedError):
        _read("doc/poi__document__password_tika_binaryrc4.doc")


@needs_collection
def test_powerpoint_97() -> None:
    parsed = _read("ppt/poi__slideshow__SampleShow.ppt")
    assert parsed.pages == 2
    assert [b.text for b in parsed.blocks if b.kind == "heading"] == [
        "Title of the first slide",
        "This is the second slide",
    ]
    notes = {block.location.slide: block.text for block in parsed.blocks if block.kind == "notes"}
    assert notes == {
        1: "I am the notes of the first slide",
        2: "These are the notes of the 2nd slide\nTHIS LINE IS BOLD",
    }


@needs_collection
def test_excel_97() -> None:
    grid = _read("xls/poi__spreadsheet__SimpleWithStyling.xls").grids[0]
    assert grid.sheet == "Sheet1"
    assert all(cell.text for row in grid.rows for cell in row)


@needs_collection
def test_outlook_message_with_attachments() -> None:
    parsed = _read("msg/poi__hsmf__attachment_test_msg.msg")
    assert parsed.title == "test pièce jointe 1"
    assert "nicolas1.23456@free.fr" in parsed.blocks[0].text
    assert any(block.location.headings for block in parsed.blocks)


def test_xml_spreadsheet_of_excel_2003() -> None:
    data = """<?xml version="1.0" encoding="UTF-8"?><?mso-application progid="Excel.Sheet"?>
    <Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
    <Styles><Style ss:ID="p"><NumberFormat ss:Format="Percent"/></Style></Styles><Worksheet ss:Name="价格"><Table>
    <Column/><Column ss:Hidden="1"/>
    <Row><Cell ss:MergeAcross="3"><Data ss:Type="String">价格表</Data></Cell></Row>
    <Row ss:Index="3"><Cell><Data ss:Type="String">品名</Data></Cell><Cell><Data ss:Type="String">编码</Data></Cell>
    <Cell ss:Index="4"><Data ss:Type="String">折扣</Data></Cell><Cell><Data ss:Type="String">日期</Data></Cell></Row>
    <Row><Cell><Data ss:Type="String">管</Data></Cell><Cell><Data ss:Type="String">001100011002</Data></Cell>
    <Cell ss:Index="4" ss:StyleID="p"><Data ss:Type="Number">0.125</Data></Cell>
    <Cell><Data ss:Type="DateTime">2026-03-05T00:00:00.000</Data></Cell></Row>
    </Table></Worksheet></Workbook>"""
    parsed = registry.parse(Source("a.xls", data.encode()))
    (grid,) = parsed.grids
    assert [[cell.text for cell in row] for row in grid.rows] == [
        ["价格表", "价格表", "价格表", "价格表", ""],
        ["品名", "编码", "", "折扣", "日期"],
        ["管", "001100011002", "", "12.50%", "2026-03-05"],
    ]
    assert grid.row_numbers == (1, 3, 4)
    assert parsed.warnings == ("sheet 价格: hidden columns (B) were read",)


def test_rich_text() -> None:
    data = rb"{\rtf1\ansi\ansicpg936 {\b \'bf\'cd\'bb\'a7\'be\'ad\'c0\'ed}\par 402535510938\par}"
    assert [block.text for block in parse_rtf(Source("a.rtf", data)).blocks] == ["客户经理", "402535510938"]


def test_rich_text_footnotes_stand_where_they_are_called() -> None:
    data = rb"{\rtf1\ansi Warranty{\super 1{\footnote\ftnalt three years}} as agreed.\par}"
    (block,) = parse_rtf(Source("a.rtf", data)).blocks
    assert "three years" in block.text
    assert block.text.endswith("as agreed.")


@pytest.mark.skipif(not ocr.available(), reason="the ocr extra is not installed")
def test_picture() -> None:
    parsed = parse_image(Source("a.png", samples.picture(["客户经理电话", "联行号 402535510938"])))
    text = "".join(block.text for block in parsed.blocks)
    assert "客户经理电话" in text
    assert "402535510938" in text
    assert parsed.warnings == ("read by OCR: check figures against the original",)


def test_picture_without_ocr_says_what_to_do() -> None:
    with pytest.raises(UnsupportedError, match="OCR is switched off"):
        parse_image(Source("a.png", b"", IngestSettings(ocr=False)))
