"""Automatic numbers of Word."""

from __future__ import annotations

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from ingest.parsers.docx import parse
from ingest.parsers.source import Source
from ingest.parsers.wordnumbers import chinese, show_number
from tests.ingest.samples import saved

LEVELS = (
    ("chineseCountingThousand", "第%1章"),
    ("decimal", "%1.%2"),
    ("lowerLetter", "(%3)"),
)


def _document(paragraphs: list[tuple[str, int | None]], restart: bool = False) -> bytes:
    """Paragraphs with their depth in a list of three levels; None is no list."""
    document = docx.Document()
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{style}"/><w:lvlText w:val="{pattern}"/></w:lvl>'
        for depth, (style, pattern) in enumerate(LEVELS)
    )
    kind = parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{levels}</w:abstractNum>')
    numbering.insert(0, kind)
    start = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    for number, more in ((77, ""), (78, start if restart else "")):
        xml = f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="77"/>{more}</w:num>'
        numbering.append(parse_xml(xml))
    for position, (text, depth) in enumerate(paragraphs):
        paragraph = document.add_paragraph(text)
        if depth is not None:
            number = 78 if restart and position >= len(paragraphs) // 2 else 77
            paragraph._p.get_or_add_pPr().append(
                parse_xml(
                    f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>'
                )
            )
    return saved(document)


def _texts(data: bytes) -> list[str]:
    return [block.text for block in parse(Source("a.docx", data)).blocks]


def test_levels_count_and_start_anew_below_their_parent() -> None:
    data = _document(
        [("总则", 0), ("目的", 1), ("范围", 1), ("甲", 2), ("正文", None), ("职责", 0), ("销售", 1)]
    )
    assert _texts(data) == [
        "第一章 总则", "一.1 目的", "一.2 范围", "(a) 甲", "正文", "第二章 职责", "二.1 销售",
    ]  # fmt: skip


def test_a_list_that_starts_again() -> None:
    data = _document([("甲", 0), ("乙", 0), ("丙", 0), ("丁", 0)], restart=True)
    assert _texts(data) == ["第一章 甲", "第二章 乙", "第一章 丙", "第二章 丁"]


def test_bullets_have_no_number_and_list_styles_count() -> None:
    document = docx.Document()
    document.add_paragraph("点", style="List Bullet")
    document.add_paragraph("一步", style="List Number")
    document.add_paragraph("二步", style="List Number")
    assert _texts(saved(document)) == ["点", "1. 一步", "2. 二步"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "一"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (105, "一百零五"),
        (110, "一百一十"),
        (1001, "一千零一"),
        (9999, "九千九百九十九"),
    ],
)
def test_chinese_numbers(number: int, words: str) -> None:
    assert chinese(number) == words


@pytest.mark.parametrize(
    ("style", "shown"),
    [
        ("upperRoman", "XIV"), ("lowerLetter", "n"), ("decimalZero", "14"), ("decimalEnclosedCircleChinese", "⑭"),
        ("ideographDigital", "一四"), ("chineseLegalSimplified", "壹拾肆"), ("ideographTraditional", "14"),
    ],
)  # fmt: skip
def test_number_styles(style: str, shown: str) -> None:
    assert show_number(14, style) == shown
