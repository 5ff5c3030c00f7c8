"""Word documents: order, headings, lists, tables, and what revisions and boxes hold."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
import openpyxl
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from ingest.errors import UnreadableError
from ingest.parsers.docx import parse
from ingest.parsers.source import Source
from tests.ingest.samples import saved


def _texts(document: Any) -> list[str]:
    return [block.text for block in parse(Source("流程.docx", saved(document))).blocks if block.text]


def test_body_order_headings_lists_and_tables() -> None:
    document = docx.Document()
    document.add_heading("售后流程", 1)
    document.add_paragraph("总则。")
    document.add_heading("职责", 2)
    document.add_paragraph("跟进客户", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        [c for row in table.rows for c in row.cells], ("职位", "职责", "AM", "回访"), strict=True
    ):
        cell.text = text
    document.add_paragraph("表后一段。")
    parsed = parse(Source("流程.docx", saved(document)))
    assert [(block.kind, block.level) for block in parsed.blocks] == [
        ("heading", 1), ("paragraph", 0), ("heading", 2), ("list", 1), ("table", 0), ("paragraph", 0),
    ]  # fmt: skip
    assert parsed.blocks[3].location.headings == ("售后流程", "职责")
    assert [[cell.text for cell in row] for row in parsed.grids[0].rows] == [["职位", "职责"], ["AM", "回访"]]
    assert parsed.grids[0].headings == ("售后流程", "职责")
    assert parsed.title == "售后流程"


def test_a_table_is_named_by_what_stands_right_above_it() -> None:
    document = docx.Document()
    document.add_heading("附表 岗位津贴标准", 2)
    document.add_table(rows=2, cols=2)
    document.add_paragraph("另见下表。")
    document.add_table(rows=2, cols=2)
    document.add_paragraph("差旅标准", style="Caption")
    document.add_table(rows=2, cols=2)
    for table in document.tables:
        for cell in [cell for row in table.rows for cell in row.cells]:
            cell.text = "x"
    names = [grid.name for grid in parse(Source("t.docx", saved(document))).grids]
    assert names == ["附表 岗位津贴标准", "表2", "差旅标准"]


def test_merged_cells_in_both_directions() -> None:
    document = docx.Document()
    table = document.add_table(rows=3, cols=3)
    for r, row in enumerate(table.rows):
        for c, cell in enumerate(row.cells):
            cell.text = f"{r}{c}"
    table.cell(0, 0).merge(table.cell(0, 1)).text = "宽"
    table.cell(1, 2).merge(table.cell(2, 2)).text = "高"
    grid = parse(Source("t.docx", saved(document))).grids[0]
    assert [[cell.text for cell in row] for row in grid.rows] == [
        ["宽", "宽", "02"],
        ["10", "11", "高"],
        ["20", "21", "高"],
    ]
    assert grid.rows[0][1].merged_from == "A1"
    assert grid.rows[2][2].merged_from == "C2"


def test_insertions_are_read_and_deletions_are_not() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("价格为")
    for tag, text_tag, text in (("w:ins", "w:t", "200"), ("w:del", "w:delText", "100")):
        change, run, words = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(text_tag)
        words.text = text
        run.append(words)
        change.append(run)
        paragraph._p.append(change)
    paragraph.add_run("元。")
    assert _texts(document) == ["价格为200元。"]


def test_text_boxes_content_controls_and_fields() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("正文")
    box = (
        f'<w:r {nsdecls("w")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">'
        "<mc:AlternateContent><mc:Choice><w:drawing><wps:txbx><w:txbxContent><w:p><w:r><w:t>框中文字</w:t></w:r></w:p>"
        "</w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent><w:p><w:r>"
        "<w:t>框中文字</w:t></w:r></w:p></w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    paragraph._p.append(parse_xml(box))
    control = f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>控件里的字</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    document.element.body.insert(1, parse_xml(control))
    field = document.add_paragraph("第")
    for kind, text in (("w:instrText", " PAGE "), ("w:t", "7")):
        run, words = OxmlElement("w:r"), OxmlElement(kind)
        words.text = text
        run.append(words)
        field._p.append(run)
    assert _texts(document) == ["正文", "框中文字", "控件里的字", "第7"]


def test_headers_and_footers_once_and_page_numbers_never() -> None:
    document = docx.Document()
    section = document.sections[0]
    section.header.paragraphs[0].text = "内部资料"
    section.footer.paragraphs[0].text = "3 / 10"
    document.add_paragraph("正文")
    assert _texts(document) == ["内部资料", "正文"]


def test_pages_are_counted_by_the_breaks_word_noted() -> None:
    document = docx.Document()
    document.add_paragraph("第一页")
    second = document.add_paragraph()
    run = second.add_run()
    run._r.append(OxmlElement("w:lastRenderedPageBreak"))
    second.add_run("第二页")
    parsed = parse(Source("p.docx", saved(document)))
    assert [block.location.page for block in parsed.blocks] == [1, 2]
    assert parsed.pages == 2


def test_outline_level_of_the_paragraph_makes_a_heading() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("自定样式的标题")
    level = OxmlElement("w:outlineLvl")
    level.set(qn("w:val"), "1")
    paragraph._p.get_or_add_pPr().append(level)
    block = parse(Source("o.docx", saved(document))).blocks[0]
    assert (block.kind, block.level) == ("heading", 2)


def test_numbered_lines_are_headings_where_no_style_is_used() -> None:
    document = docx.Document()
    for text in ("一、目的", "为规范流程。", "二、职责", "客户经理负责回访。"):
        document.add_paragraph(text)
    plain = parse(Source("a.docx", saved(document)))
    assert [block.kind for block in plain.blocks] == ["heading", "paragraph", "heading", "paragraph"]
    document.add_heading("附则", 1)
    styled = parse(Source("a.docx", saved(document)))
    assert [block.kind for block in styled.blocks][-1:] == ["heading"]
    assert styled.blocks[0].kind == "paragraph"


def test_package_without_a_body_is_damaged() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    with pytest.raises(UnreadableError, match="no document body"):
        parse(Source("x.docx", stream.getvalue()))


def test_a_table_that_only_sets_tables_side_by_side_is_none() -> None:
    document = docx.Document()
    outer = document.add_table(1, 2)
    outer.cell(0, 0).text = "左栏说明。"
    inner = outer.cell(0, 1).add_table(2, 2)
    for cell, text in zip(
        [c for row in inner.rows for c in row.cells], ("品名", "价格", "管", "12"), strict=True
    ):
        cell.text = text
    parsed = parse(Source("a.docx", saved(document)))
    assert [[cell.text for cell in row] for row in parsed.grids[0].rows] == [["品名", "价格"], ["管", "12"]]
    assert parsed.blocks[0].text == "左栏说明。"


RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _with_parts(document: Any, parts: dict[str, tuple[str, bytes]]) -> bytes:
    """The document with further parts, each by its name under `word/` and the kind of its relationship."""
    added = "".join(
        f'<Relationship Id="rIdX{place}" Type="{RELATIONS}/{kind}" Target="{name}"/>'
        for place, (name, (kind, _)) in enumerate(parts.items())
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved(document))) as whole, zipfile.ZipFile(packed, "w") as result:
        for name in whole.namelist():
            data = whole.read(name)
            if name == "word/_rels/document.xml.rels":
                data = data.replace(b"</Relationships>", f"{added}</Relationships>".encode())
            result.writestr(name, data)
        for name, (_, content) in parts.items():
            result.writestr(f"word/{name}", content)
    return packed.getvalue()


def test_files_inside_a_document_are_read() -> None:
    document = docx.Document()
    document.add_paragraph("正文。")
    book = openpyxl.Workbook()
    for row in (["参数", "值"], ["功率", "55kW"]):
        book.active.append(row)
    page = "<html><body><p>保修期三年。</p></body></html>".encode()
    data = _with_parts(
        document,
        {
            "embeddings/参数.xlsx": ("package", saved(book)),
            "afchunk.html": ("aFChunk", page),
            "embeddings/坏.docx": ("package", b"PK\x03\x04"),
            "embeddings/o.bin": ("oleObject", b"x"),
        },
    )
    parsed = parse(Source("a.docx", data))
    assert [block.text for block in parsed.blocks if block.text] == ["正文。", "保修期三年。"]
    assert [[cell.text for cell in row] for row in parsed.grids[0].rows] == [["参数", "值"], ["功率", "55kW"]]
    assert parsed.grids[0].headings == ("参数.xlsx",)
    assert "1 embedded objects were not read" in parsed.warnings[0]
    assert "attachment 坏.docx is damaged" in parsed.warnings[1]


def test_the_numbers_of_a_chart_are_a_table_as_shown() -> None:
    def points(kind: str, values: list[str], code: str = "") -> str:
        cached = "".join(f'<c:pt idx="{i}"><c:v>{value}</c:v></c:pt>' for i, value in enumerate(values))
        form = f"<c:formatCode>{code}</c:formatCode>" if code else ""
        return f"<c:{kind}Ref><c:{kind}Cache>{form}{cached}</c:{kind}Cache></c:{kind}Ref>"

    series = "".join(
        [
            f"<c:ser><c:tx>{points('str', ['收入'])}</c:tx>",
            f"<c:cat>{points('num', ['46086', '46087'], 'yyyy-mm-dd')}</c:cat>",
            f"<c:val>{points('num', ['4.4000000000000004', '0.125'])}</c:val></c:ser>",
        ]
    )
    space = 'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
    chart = f"<c:chartSpace {space}><c:chart><c:plotArea><c:barChart>{series}</c:barChart></c:plotArea></c:chart></c:chartSpace>"
    parts = {"charts/chart1.xml": ("chart", chart.encode())}
    parsed = parse(Source("a.docx", _with_parts(docx.Document(), parts)))
    assert [[cell.text for cell in row] for row in parsed.grids[0].rows] == [
        ["类别", "收入"], ["2026-03-05", "4.4"], ["2026-03-06", "0.125"],
    ]  # fmt: skip
