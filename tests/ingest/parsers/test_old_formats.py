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


def test_rich_text() -> None:
    data = rb"{\rtf1\ansi\ansicpg936 {\b \'bf\'cd\'bb\'a7\'be\'ad\'c0\'ed}\par 402535510938\par}"
    assert [block.text for block in parse_rtf(Source("a.rtf", data)).blocks] == ["客户经理", "402535510938"]


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
